"""Requests that leave at one moment, and whether some order of them explains what came back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import cache, partial

from contracts.answer import Answer
from contracts.bench import Bench
from contracts.calls import Call
from contracts.case import Case
from contracts.exchange import Reply
from contracts.identity import OWNER
from contracts.supply.job import NotAvailable
from contracts.wire import Held, NoAnswer
from specs.lifecycle import accepts, next_states, open_to_refusal, reachable_by_itself

SLOW_DOWN = 429
KNOCKS_APART = 0.003  # seconds between two connections


def at_once(
    case: Case,
    calls: Sequence[Call],
    *also: Callable[[], None],
    after: float = 0.0,
    at: float = 0.0,
    identities: Sequence[str] = (),
) -> list[Answer]:
    """Send calls over connections of their own, all let go at one moment; `also` is done `after` seconds before that.

    `at`: that moment, on the clock of time.monotonic, if it is still to come. `identities` go with the calls; by
    default all are the owner's. Every answer is held against the spec; one that does not come has the status 0.
    """
    who = identities or [OWNER] * len(calls)
    held = [_held(case, call, identity) for call, identity in zip(calls, who, strict=True)]
    replies: dict[int, Reply | NoAnswer] = {}

    def release(number: int) -> None:
        time.sleep(max(after, at - time.monotonic()))
        try:
            replies[number] = held[number].release()
        except NoAnswer as error:
            replies[number] = error

    _together([*(partial(release, number) for number in range(len(held))), *also])
    return [_answer(case, call, who[number], held[number], replies[number]) for number, call in enumerate(calls)]


def _held(case: Case, call: Call, identity: str) -> Held:
    """A small server has few places for those who knock at once: whom it overlooks knocks again a second later."""
    time.sleep(KNOCKS_APART)
    return case.bench.sender.hold(call, identity)


def _together(actions: Sequence[Callable[[], None]]) -> None:
    """Do everything at one moment, each in a thread of its own, and wait for all of it."""
    barrier = threading.Barrier(len(actions))

    def start(action: Callable[[], None]) -> None:
        barrier.wait()
        action()

    threads = [threading.Thread(target=start, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _answer(case: Case, call: Call, identity: str, held: Held, reply: Reply | NoAnswer) -> Answer:
    sender, outgoing = case.bench.sender, held.exchange.outgoing
    case.bench.notebook.page.send(outgoing, identity)
    if isinstance(reply, NoAnswer):
        return sender.unanswered(call, identity, outgoing, reply)
    answer = sender.answer(call, identity, outgoing, reply)
    sender.observe(answer)
    return answer


def explainable(case: Case, answers: Sequence[Answer]) -> bool:
    """Judge that every answer of a race is a success or a refusal; nothing else has an order that explains it.

    NotAvailable where the target wants fewer requests: that says nothing about the race.
    """
    if any(answer.status == SLOW_DOWN for answer in answers):
        raise NotAvailable("simultaneous requests were answered 429: the target wants fewer of them")
    for answer in answers:
        if not (answer.ok or answer.refused):
            case.fails(answer, "a success or a refusal", f"answered {answer.status or 'nothing'}")
            return False
    return True


def ends(bench: Bench, start: str, accepted: int, refused: int, *, moving: bool) -> frozenset[str]:
    """Every state a job may be in after so many accepted and refused cancels, in whatever order they came.

    `moving`: the job may also have gone on by itself in between. Empty where no order explains the answers.
    """
    lifecycle = bench.lifecycle
    effect = bench.cancel_effect

    @cache
    def after(state: str, yes: int, no: int) -> frozenset[str]:
        found: set[str] = set()
        for now in reachable_by_itself(bench.spec, lifecycle, state) if moving else {state}:
            if not yes and not no:
                found.add(now)
            if yes:
                found.update(*(after(each, yes - 1, no) for each in next_states(lifecycle, now, "cancel")))
            if no and (not accepts(lifecycle, now, "cancel") or open_to_refusal(lifecycle, effect, now)):
                found |= after(now, yes, no - 1)
        return frozenset(found)

    return after(start, accepted, refused)
