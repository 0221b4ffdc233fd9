"""Another small vendor: Paperboy with presses in its paths, HTTP Digest, and `envelope` and `pretty`.

Its jobs say when they changed, and its pages are as long as one likes. Its spec is the example's, changed here; its
server is the fake one with these on top. Wrong ones follow.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import yaml

import specs
from contracts.digest import fields_of
from contracts.identity import Identity
from contracts.secret import Secret
from contracts.target import SupplyPlan, Target
from specs.loading import load_file
from tests.contracts.fakevendor import BASE, Answer, FakeVendor, Job, Question, Refused, User, moment

PRESS = "city-1"
REALM = "Paperboy"
USERS = {"editor": ("editor-key-1", User("daily")), "guest": ("guest-key-22", User("daily", may_write=False))}
USERS["visitor"] = ("visitor-key-3", User("weekly"))


def city_spec(folder: Path) -> specs.Spec:
    """The example's spec with a press in every path, Digest, and two parameters more."""
    document = yaml.safe_load((Path(specs.__file__).parent / "example" / "openapi.yaml").read_text(encoding="utf-8"))
    press = {"name": "press", "in": "path", "required": True, "schema": {"type": "string"}, "example": PRESS}
    wrapping = [{"name": name, "in": "query", "schema": {"type": "boolean"}} for name in ("envelope", "pretty")]
    for item in document["paths"].values():
        item["parameters"] = [*item.get("parameters", []), press, *wrapping]
    document["paths"] = {f"/presses/{{press}}{path}": item for path, item in document["paths"].items()}
    size = {"name": "perPage", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 20}}
    document["paths"]["/presses/{press}/jobs"]["get"]["parameters"].append(size)
    job = document["components"]["schemas"]["Job"]
    job["properties"]["changedAt"] = {"type": "string"}
    job["x-contract"]["lifecycle"] |= {"times": ["createdAt", "changedAt", "finishedAt"], "dated": ["changedAt"]}
    document["components"]["securitySchemes"] = {"digest": {"type": "http", "scheme": "digest"}}
    document["components"]["headers"]["WWW-Authenticate"]["schema"] = {"type": "string", "pattern": "^Digest "}
    path = folder / "example" / "openapi.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_file(path)


def city_target(url: str) -> Target:
    """A target with the press as its scope, and jobs from create only."""
    names = dict(zip(("owner", "reader", "stranger"), USERS.items(), strict=True))
    return Target(
        name="city",
        system="example",
        url=url,
        settle_timeout=1.0,
        may=frozenset({"read", "create", "cancel"}),
        parameters={"press": PRESS},
        identities={
            name: Identity(name, "digest", username=user, password=Secret(key))
            for name, (user, (key, _)) in names.items()
        },
        supply=SupplyPlan(create_body={"title": "Extra", "pages": 4}),
    )


class CityPress(FakeVendor):
    """The correct one."""

    def __init__(self) -> None:
        super().__init__()
        self.nonces: dict[str, set[str]] = {}

    def authenticate(self, question: Question) -> User:
        """Digest with qop=auth; a count is good once."""
        scheme, _, rest = question.headers.get("authorization", "").partition(" ")
        fields = fields_of(rest)
        key, user = USERS.get(fields.get("username", ""), ("", None))
        if scheme.lower() != "digest" or user is None or not self.proves(fields, key, question):
            raise self.not_signed_in()
        self.count(fields)
        return user

    def proves(self, fields: dict[str, str], key: str, question: Question) -> bool:
        """Whether the response is right for this very request."""
        names = {"username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce"}
        if not names <= fields.keys() or fields["nonce"] not in self.nonces or not self.is_for(fields, question):
            return False
        secret = _md5(f"{fields['username']}:{REALM}:{key}")
        request = _md5(f"{question.method}:{fields['uri']}")
        middle = ":".join(fields[name] for name in ("nonce", "nc", "cnonce", "qop"))
        return fields["realm"] == REALM and fields["response"] == _md5(f"{secret}:{middle}:{request}")

    def is_for(self, fields: dict[str, str], question: Question) -> bool:
        """Whether the uri is that of the request."""
        return fields["uri"] == question.path + ("?" + question.query if question.query else "")

    def count(self, fields: dict[str, str]) -> None:
        """Each count of a nonce once."""
        if fields["nc"] in self.nonces[fields["nonce"]]:
            raise self.not_signed_in()
        self.nonces[fields["nonce"]].add(fields["nc"])

    def nonce(self) -> str:
        """A fresh one."""
        return secrets.token_hex(12)

    def not_signed_in(self) -> Refused:
        """The challenge."""
        nonce = self.nonce()
        self.nonces.setdefault(nonce, set())
        challenge = f'Digest realm="{REALM}", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale=false'
        return Refused(401, "not_signed_in", "Sign in.", {"WWW-Authenticate": challenge})

    def route(self, question: Question) -> Answer:
        """One press only."""
        prefix = f"{BASE}/presses/{PRESS}/"
        if not question.path.startswith(prefix):
            raise Refused(404, "job_not_found", "There is no such press.")
        question.path = f"{BASE}/{question.path.removeprefix(prefix)}"
        return super().route(question)

    def list(self, question: Question) -> Answer:
        """Pages as long as asked for."""
        asked = {name: int(values[-1]) for name, values in parse_qs(question.query).items() if values[-1].isdecimal()}
        mine = self.visible(question)
        page, size = asked.get("page", 1), asked.get("perPage", 20)
        start = self.start(page, size)
        shown = [self.entry(job) for job in mine[start : start + size]]
        return Answer(200, {"items": shown, "page": page, "total": len(mine)})

    def start(self, page: int, size: int) -> int:
        """Where a page begins."""
        return (page - 1) * size

    def shown(self, job: Job) -> dict[str, Any]:
        """With the moment of the last change."""
        return {**super().shown(job), "changedAt": moment(self.changed(job))}

    def changed(self, job: Job) -> float:
        """When the state changed last."""
        return job.past()[-1][0]

    def respond(self, question: Question) -> Answer:
        """Wrapped as asked for."""
        asked = {name: values[-1] for name, values in parse_qs(question.query).items()}
        return self.dressed(super().respond(question), asked)

    def dressed(self, answer: Answer, asked: dict[str, str]) -> Answer:
        """`envelope` and `pretty`."""
        if asked.get("envelope") == "true" and isinstance(answer.body, dict):
            lists = "items" in answer.body
            answer.body = {"status": answer.status, **(answer.body if lists else {"content": answer.body})}
        if asked.get("pretty") == "true" and isinstance(answer.body, dict):
            answer.body = json.dumps(answer.body, indent=2).encode()
        return answer


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class OneNonceARequest(CityPress):
    """Correct: a nonce is good for one request."""

    def count(self, fields: dict[str, str]) -> None:
        if self.nonces[fields["nonce"]]:
            raise self.not_signed_in()
        super().count(fields)


class ForgetsNonces(CityPress):
    """Correct, but for saying so: a nonce is good for a second."""

    def __init__(self) -> None:
        super().__init__()
        self.born: dict[str, float] = {}

    def nonce(self) -> str:
        nonce = super().nonce()
        self.born[nonce] = time.monotonic()
        return nonce

    def count(self, fields: dict[str, str]) -> None:
        if time.monotonic() - self.born[fields["nonce"]] > 1.0:
            raise self.not_signed_in()
        super().count(fields)


class CancelsBeforeAsking(CityPress):
    """A cancel without credentials is challenged, and done already."""

    def respond(self, question: Question) -> Answer:
        if question.path.endswith("/cancel") and "authorization" not in question.headers:
            job = self.jobs.get(question.path.split("/")[-2])
            if job:
                self.turn(job, "CANCELLED")
        return super().respond(question)


class SkipsTheSignIn(CityPress):
    """Nobody is asked for credentials."""

    def authenticate(self, question: Question) -> User:
        return User("daily")


class RepeatsNonces(CityPress):
    """Every challenge has the same nonce."""

    def nonce(self) -> str:
        return "0123456789abcdef"


class WantsQuotesGone(CityPress):
    """A quoted qop is not understood."""

    def authenticate(self, question: Question) -> User:
        if 'qop="' in question.headers.get("authorization", ""):
            raise self.not_signed_in()
        return super().authenticate(question)


class CountsNothing(CityPress):
    """A header may be sent again."""

    def count(self, fields: dict[str, str]) -> None:
        """Not at all."""


class RemembersTheLastCount(CityPress):
    """A header is only refused right after it was used."""

    def count(self, fields: dict[str, str]) -> None:
        super().count(fields)
        self.nonces[fields["nonce"]] = {fields["nc"]}


class TrustsTheUri(CityPress):
    """The uri of the header is not compared with that of the request."""

    def is_for(self, fields: dict[str, str], question: Question) -> bool:
        return True


class WrapsTwice(CityPress):
    """The envelope holds the job as a list of one."""

    def dressed(self, answer: Answer, asked: dict[str, str]) -> Answer:
        answer = super().dressed(answer, asked)
        if isinstance(answer.body, dict) and "content" in answer.body:
            answer.body["content"] = [answer.body["content"]]
        return answer


class PrettyIsShort(CityPress):
    """Pretty answers leave the history out."""

    def dressed(self, answer: Answer, asked: dict[str, str]) -> Answer:
        if asked.get("pretty") == "true" and isinstance(answer.body, dict):
            answer.body = {name: value for name, value in answer.body.items() if name != "history"}
        return super().dressed(answer, asked)


class EnvelopeOnlyAsks(CityPress):
    """A cancel that wants an envelope is not done."""

    def cancel(self, question: Question, id: str) -> Answer:
        if "envelope=true" in question.query:
            return Answer(200, {**self.shown(self.find(question, id)), "status": "CANCELLED"})
        return super().cancel(question, id)


class AnyPress(CityPress):
    """The press in the path does not matter."""

    def route(self, question: Question) -> Answer:
        parts = question.path.split("/")
        if parts[3:4] == ["presses"] and len(parts) > 5:
            parts[4] = PRESS
        question.path = "/".join(parts)
        return super().route(question)


class LosesBetweenPages(CityPress):
    """Between two pages a job is lost."""

    def start(self, page: int, size: int) -> int:
        return (page - 1) * (size + 1)


class RepeatsBetweenPages(CityPress):
    """A page begins with the last job of the one before."""

    def start(self, page: int, size: int) -> int:
        return (page - 1) * max(1, size - 1)


class NeverDates(CityPress):
    """When a job changed is always when it was created."""

    def changed(self, job: Job) -> float:
        return job.moves[0][0]
