"""Paths that only resemble that of a cancel cancel nothing. Sent byte for byte: client libraries would tidy them up."""

from __future__ import annotations

from collections.abc import Callable

from contracts.bench import Bench
from contracts.calls import Call
from contracts.claim import Claim
from contracts.supply.job import Job, NotAvailable


def check(bench: Bench) -> None:
    """One case a trick."""
    for kind, trick in TRICKS.items():
        with bench.case() as case:
            job = case.job()
            call = bench.call("cancel", job)
            target = trick(Path(call, job, bench))
            if target == call.target:
                raise NotAvailable(f"the path of cancel offers no place for {kind}")
            answer = case.left_alone(job, call.to(target), kind)
            if answer.ok:
                case.fails(answer, "a refusal or a redirect", f"{kind} accepted", job=job)


class Path:
    """The path of a cancel, taken apart."""

    def __init__(self, call: Call, job: Job, bench: Bench) -> None:
        self.whole = call.target
        self.base = bench.spec.base_path
        self.segments = call.target.removeprefix(self.base).strip("/").split("/")
        self.id = job.id if job.id in self.segments else ""
        self.values = {job.id, *job.parameters.values(), *bench.scope.values()}

    @property
    def before_last(self) -> str:
        """All but the last segment."""
        return self.base + "/" + "/".join(self.segments[:-1])

    @property
    def last(self) -> str:
        """The last segment."""
        return self.segments[-1]

    @property
    def shouting(self) -> str:
        """The words below the base path in upper case; ids and scopes as they are."""
        return "/" + "/".join(each if each in self.values else each.upper() for each in self.segments)


def _without_id(path: Path) -> str:
    return path.whole.replace(path.id, "") if path.id else path.whole


# Not among them, since sound servers take them for the same path: a doubled slash in front of everything (some HTTP
# libraries fold it before the server sees it) and `;v=1` (RFC 3986 section 3.3 leaves path parameters to the server).
TRICKS: dict[str, Callable[[Path], str]] = {
    "a trailing slash": lambda path: path.whole + "/",
    "two trailing slashes": lambda path: path.whole + "//",
    "a doubled slash inside": lambda path: f"{path.before_last}//{path.last}",
    "an encoded slash": lambda path: f"{path.before_last}%2F{path.last}",
    "a slash encoded twice": lambda path: f"{path.before_last}%252F{path.last}",
    "a dot segment": lambda path: f"{path.before_last}/./{path.last}",
    "an encoded dot segment": lambda path: f"{path.before_last}/%2e/{path.last}",
    "a way up and down again": lambda path: f"{path.before_last}/{path.last}/../{path.last}",
    "an encoded way up": lambda path: f"{path.before_last}/{path.last}/%2e%2e/{path.last}",
    "a backslash": lambda path: f"{path.before_last}%5C{path.last}",
    "upper case": lambda path: path.base + path.shouting,
    "upper case from the start": lambda path: path.base.upper() + path.shouting,
    "an encoded question mark": lambda path: f"{path.whole}%3F",
    "an encoded hash": lambda path: f"{path.whole}%23",
    "a NUL at the end": lambda path: f"{path.whole}%00",
    "the last word twice": lambda path: f"{path.whole}/{path.last}",
    "no id": _without_id,
}

CLAIM = Claim(
    id="path_tricks_never_cancel",
    meaning="trailing, doubled and encoded slashes, dot segments, changed case and an empty id cancel nothing",
    source="RFC 3986 section 6: such paths are other paths unless a server says otherwise, and no vendor does",
    check=check,
)
