"""Several processes on one database: whoever commits first wins, and nobody's change is lost."""

from __future__ import annotations

import json
import subprocess
import sys

from mockserver.state import Insert, Record
from mockserver.state.opening import open_storage

PROCESSES = 4
ROUNDS = 25

CONTEND = """
import json, sys
from mockserver.state import Conflict, Replace, transact
from mockserver.state.opening import open_storage

url, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
storage = open_storage(url)
store = storage.store("vendor")
print("ready", flush=True)
input()  # until everybody is there

def count_up():
    read = store.get("job", "counter")
    store.commit(Replace(read.holding({"n": read.data["n"] + 1})))

def win(id):
    read = store.get("job", id)
    if read.data["winner"]:
        return False
    try:
        store.commit(Replace(read.holding({"winner": name})))
    except Conflict:
        return False
    return True

won = []
for n in range(rounds):
    transact(count_up)
    won += [str(n)] if win(str(n)) else []
print(json.dumps(won))
storage.close()
"""


def let_go_at_once(contenders: list[subprocess.Popen[str]]) -> None:
    pipes = [(contender.stdin, contender.stdout) for contender in contenders]
    for _, output in pipes:
        assert output is not None
        assert output.readline() == "ready\n"
    for go, _ in pipes:
        assert go is not None
        go.write("go\n")
        go.flush()


def test_processes_that_contend_have_one_winner_each_and_lose_nothing(shared_url: str) -> None:
    storage = open_storage(shared_url)
    store = storage.store("vendor")
    jobs = [Record("job", str(n), "", {"winner": ""}) for n in range(ROUNDS)]
    store.commit(*map(Insert, [Record("job", "counter", "", {"n": 0}), *jobs]))
    contenders = [
        subprocess.Popen(
            [sys.executable, "-c", CONTEND, shared_url, str(n), str(ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(PROCESSES)
    ]

    let_go_at_once(contenders)
    outputs = [contender.communicate(timeout=120)[0] for contender in contenders]

    claimed = {id: str(n) for n, output in enumerate(outputs) for id in json.loads(output)}
    assert sum(len(json.loads(output)) for output in outputs) == len(claimed) == ROUNDS
    stored = {record.id: record for record in store.find("job")}
    counter = stored.pop("counter")
    assert {id: record.data["winner"] for id, record in stored.items()} == claimed
    assert {record.version for record in stored.values()} == {2}
    assert (counter.data["n"], counter.version) == (PROCESSES * ROUNDS, PROCESSES * ROUNDS + 1)
    storage.close()
