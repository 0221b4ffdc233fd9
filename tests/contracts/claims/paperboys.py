"""Paperboys that get one thing wrong each. The docstring says what."""

from __future__ import annotations

import json
import re
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.contracts.fakevendor import (
    BASE,
    CANCELLABLE,
    ENDED,
    STOPPING_TAKES,
    TOKENS,
    Answer,
    FakeVendor,
    Job,
    Question,
    Refused,
    User,
    moment,
)


class KeepsPrinting(FakeVendor):
    """A printing job cannot be cancelled."""

    def cancels_to(self, job: Job) -> str:
        if job.state == "PRINTING":
            raise self.not_cancellable(job)
        return super().cancels_to(job)


class EchoesAnotherJob(FakeVendor):
    """The reply to a cancel shows the newest job instead."""

    def cancel(self, question: Question, id: str) -> Answer:
        super().cancel(question, id)
        return Answer(200, self.shown(next(job for job in reversed(self.jobs.values()) if job.id != id)))


class EchoesTheOldState(FakeVendor):
    """The reply to a cancel shows the job as it was."""

    def cancel(self, question: Question, id: str) -> Answer:
        before = self.shown(self.find(question, id))
        super().cancel(question, id)
        return Answer(200, before)


class NodsOnly(FakeVendor):
    """A cancel is accepted and does nothing."""

    def cancel(self, question: Question, id: str) -> Answer:
        job = self.find(question, id)
        self.may_write(question)
        return Answer(200, {**self.shown(job), "status": self.cancels_to(job)})


class ForgetsCancelled(FakeVendor):
    """A cancelled job is gone."""

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        del self.jobs[id]
        return answer


class StopsAtOnce(FakeVendor):
    """A printing job is never CANCELLING but in the reply."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        if state == "CANCELLING":
            job.moves[-1] = (job.moves[-2][0] + 0.0001, "CANCELLED")


class NeverStops(FakeVendor):
    """A printing job stays CANCELLING."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        if state == "CANCELLING":
            job.moves.pop()


class StopsByJam(FakeVendor):
    """A stopping job ends JAMMED, which the vendor does not document."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        if state == "CANCELLING":
            job.moves[-1] = (job.moves[-1][0], "JAMMED")


class PrintsOnFirst(FakeVendor):
    """A stopping job goes back to PRINTING for a moment."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        if state == "CANCELLING":
            at = job.moves[-1][0]
            job.moves[-1:] = [(at, "PRINTING"), (at + 0.3, "CANCELLED")]


class RevivesLater(FakeVendor):
    """A cancelled job is printed after all."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        job.moves.append((job.moves[-1][0] + 0.3, "PRINTED"))


class RequeuesOnRefusal(FakeVendor):
    """A refused cancel of a cancelled job puts it back into the queue."""

    def not_cancellable(self, job: Job) -> Refused:
        refused = super().not_cancellable(job)
        if job.state == "CANCELLED":
            job.moves.append((time.time(), "QUEUED"))
        return refused


class CancelsTheEnded(FakeVendor):
    """Ended jobs accept a cancel, and stay what they are."""

    def cancels_to(self, job: Job) -> str:
        return job.state if job.state in {"PRINTED", "JAMMED"} else super().cancels_to(job)


class DeniesTheEnded(FakeVendor):
    """Ended jobs are said not to exist when they are to be cancelled."""

    def not_cancellable(self, job: Job) -> Refused:
        if job.state in ENDED:
            return Refused(404, "job_not_found", f"There is no job {job.id}.")
        return super().not_cancellable(job)


class AcceptsRepeats(FakeVendor):
    """A second cancel while the first is under way is accepted."""

    def cancels_to(self, job: Job) -> str:
        return "CANCELLING" if job.state == "CANCELLING" else super().cancels_to(job)


class NotesRefusals(FakeVendor):
    """A refused cancel leaves an entry in the history."""

    def not_cancellable(self, job: Job) -> Refused:
        refused = super().not_cancellable(job)
        job.moves.append((time.time(), job.state))
        return refused


class RenamesOnRefusal(FakeVendor):
    """A cancel refused for its role changes the title."""

    def may_write(self, question: Question) -> None:
        if not question.user.may_write:
            for job in self.jobs.values():
                if job.id in question.path:
                    job.title = f"{job.title} (refused)"
        super().may_write(question)


class ObeysLater(FakeVendor):
    """A cancel without credentials is refused and takes effect a little later."""

    def not_signed_in(self) -> Refused:
        job = self.jobs.get(self.log[-1].path.removesuffix("/cancel").rpartition("/")[2])
        if job and self.log[-1].method == "POST" and job.state in CANCELLABLE:
            job.moves = [*job.past(), (time.time() + 0.2, "CANCELLED")]
        return super().not_signed_in()


class CancelsANeighbour(FakeVendor):
    """The newest other job of the newsroom that can be cancelled is cancelled as well."""

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        for job in self.visible(question):
            if job.id != id and job.state in CANCELLABLE:
                self.turn(job, CANCELLABLE[job.state])
                break
        return answer


class RenumbersTheRest(FakeVendor):
    """A cancel changes the number of copies of every other job."""

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        for job in self.jobs.values():
            job.copies += job.id != id
        return answer


class LosesTheTitle(FakeVendor):
    """A cancelled job is called `cancelled`."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        job.title = "cancelled"


class KnowsEveryJob(FakeVendor):
    """A cancel of an unknown job is accepted."""

    def cancel(self, question: Question, id: str) -> Answer:
        if id not in self.jobs and re.fullmatch(r"pj-[0-9a-f]{12}", id):
            return Answer(200, self.shown(next(iter(self.jobs.values()))) | {"id": id, "status": "CANCELLED"})
        return super().cancel(question, id)


class CancelsTheNewest(FakeVendor):
    """A cancel of an unknown job is refused, and cancels the newest."""

    def cancel(self, question: Question, id: str) -> Answer:
        if id not in self.jobs:
            for job in self.visible(question):
                if job.state in CANCELLABLE:
                    self.turn(job, CANCELLABLE[job.state])
        return super().cancel(question, id)


class GuessesIds(FakeVendor):
    """The beginning of an id will do."""

    def well_formed(self, id: str) -> None:
        if not id.startswith("pj-"):
            super().well_formed(id)

    def find(self, question: Question, id: str) -> Job:
        return super().find(question, next((known for known in self.jobs if known.startswith(id)), id))


class StumblesOverIds(FakeVendor):
    """A malformed id breaks the server."""

    def well_formed(self, id: str) -> None:
        if not re.fullmatch(r"pj-[0-9a-f]{12}", id):
            raise Refused(500, "out_of_order", "ValueError")


class OpenToAll(FakeVendor):
    """Cancels need no credentials."""

    def authenticate(self, question: Question) -> User:
        if question.path.endswith("/cancel") and "authorization" not in question.headers:
            return User("daily")
        return super().authenticate(question)


class ListsToAll(FakeVendor):
    """The list needs no credentials."""

    def authenticate(self, question: Question) -> User:
        if question.path == f"{BASE}/jobs" and question.method == "GET" and "authorization" not in question.headers:
            return User("daily")
        return super().authenticate(question)


class Forbids(FakeVendor):
    """No credentials: 403 instead of 401."""

    def not_signed_in(self) -> Refused:
        return Refused(403, "read_only_token", "This token can only read.")


class IgnoresCase(FakeVendor):
    """Tokens are compared without regard to case."""

    def authenticate(self, question: Question) -> User:
        scheme, _, token = question.headers.get("authorization", "").partition(" ")
        return super().authenticate(_signed(question, f"{scheme} {token.lower()}"))


class ComparesTheStart(FakeVendor):
    """The beginning of a token will do."""

    def authenticate(self, question: Question) -> User:
        _, _, given = question.headers.get("authorization", "").partition(" ")
        token = next((each for each in TOKENS if given and each.startswith(given)), given)
        return super().authenticate(_signed(question, f"Bearer {token}"))


def _signed(question: Question, authorization: str) -> Question:
    return Question(question.method, question.path, question.query, {"authorization": authorization}, question.body)


class CancelsByGet(FakeVendor):
    """GET on the path of cancel cancels."""

    def route(self, question: Question) -> Answer:
        if question.method == "GET" and question.path.endswith("/cancel"):
            return self.cancel(question, question.path.split("/")[-2])
        return super().route(question)


class CancelsByOptions(FakeVendor):
    """OPTIONS on the path of cancel cancels, whoever asks."""

    def respond(self, question: Question) -> Answer:
        if question.method == "OPTIONS" and question.path.endswith("/cancel"):
            job = self.jobs[question.path.split("/")[-2]]
            self.turn(job, CANCELLABLE.get(job.state, job.state))
            return Answer(204)
        return super().respond(question)


class CancelsByPut(FakeVendor):
    """PUT is as good as POST."""

    def route(self, question: Question) -> Answer:
        if question.method == "PUT":
            question.method = "POST"
        return super().route(question)


class ObeysOverrides(FakeVendor):
    """A header decides about the method."""

    def route(self, question: Question) -> Answer:
        question.method = question.headers.get("x-http-method-override", question.method)
        return super().route(question)


class AllowsNothing(FakeVendor):
    """A 405 does not say which methods there are."""

    def by_method(self, question: Question, *arguments: str, **handlers: Any) -> Answer:
        try:
            return super().by_method(question, *arguments, **handlers)
        except Refused as refused:
            refused.answer.headers.pop("Allow", None)
            raise


class TrustsReaders(FakeVendor):
    """Read-only tokens may cancel."""

    def may_write(self, question: Question) -> None:
        if not question.path.endswith("/cancel"):
            super().may_write(question)


class RefusesReadersTooLate(FakeVendor):
    """A read-only token is refused once the job is cancelled."""

    def cancel(self, question: Question, id: str) -> Answer:
        may, question.user = question.user.may_write, User(question.user.newsroom)
        answer = super().cancel(question, id)
        question.user = User(question.user.newsroom, may)
        self.may_write(question)
        return answer


class SharesJobs(FakeVendor):
    """Any newsroom may cancel any job."""

    def find(self, question: Question, id: str) -> Job:
        if question.path.endswith("/cancel") and id in self.jobs:
            return self.jobs[id]
        return super().find(question, id)


class ShowsJobs(FakeVendor):
    """Any newsroom may read any job."""

    def find(self, question: Question, id: str) -> Job:
        if question.method == "GET" and id in self.jobs:
            return self.jobs[id]
        return super().find(question, id)


class ListsAllJobs(FakeVendor):
    """The list shows the jobs of every newsroom."""

    def visible(self, question: Question) -> list[Job]:
        return list(reversed(self.jobs.values()))


class AdmitsJobs(FakeVendor):
    """A job of another newsroom is said to be another's."""

    def find(self, question: Question, id: str) -> Job:
        if id in self.jobs and self.jobs[id].newsroom != question.user.newsroom:
            raise Refused(404, "job_not_found", f"Job {id} belongs to another newsroom.")
        return super().find(question, id)


class TrimsSlashes(FakeVendor):
    """A slash at the end does not matter."""

    def route(self, question: Question) -> Answer:
        question.path = question.path.rstrip("/")
        return super().route(question)


class DecodesSlashes(FakeVendor):
    """An encoded slash is a slash."""

    def route(self, question: Question) -> Answer:
        question.path = question.path.replace("%2F", "/")
        return super().route(question)


class IgnoresPathCase(FakeVendor):
    """Paths are compared without regard to case."""

    def route(self, question: Question) -> Answer:
        question.path = question.path.lower()
        return super().route(question)


class CancelsAllWithoutAnId(FakeVendor):
    """An empty id cancels every job of the newsroom."""

    def route(self, question: Question) -> Answer:
        if question.path == f"{BASE}/jobs//cancel":
            for job in self.visible(question):
                if job.state in CANCELLABLE:
                    self.turn(job, CANCELLABLE[job.state])
            return Answer(204)
        return super().route(question)


class ChecksThenActs(FakeVendor):
    """Between looking at the state and changing it lies a moment."""

    def cancel(self, question: Question, id: str) -> Answer:
        job = self.find(question, id)
        self.may_write(question)
        state = self.cancels_to(job)
        time.sleep(0.05)
        self.turn(job, state)
        return Answer(200, self.shown(job))


class Fleeting(FakeVendor):
    """Correct, and quick: jobs are printed within half a second."""

    queue_takes = 0.2
    printing_takes = 0.3


class LosesTheRace(Fleeting):
    """A cancel that comes in a job's last moments is accepted, and the job printed all the same."""

    def turn(self, job: Job, state: str) -> None:
        planned = job.moves
        super().turn(job, state)
        if planned[-1][0] - time.time() < 0.25:
            job.moves = planned


class PrintsRegardless(FakeVendor):
    """Jobs wait two seconds; a cancel just before they are printed is accepted, and they are printed all the same."""

    queue_takes = 2.0

    def turn(self, job: Job, state: str) -> None:
        planned = job.moves
        super().turn(job, state)
        if 0 < planned[1][0] - time.time() < 0.3:
            job.moves = planned


class CountsResends(FakeVendor):
    """Whoever asks again right after a refused cancel finds the transition twice."""

    def not_cancellable(self, job: Job) -> Refused:
        refused = super().not_cancellable(job)
        if job.state == "CANCELLED" and job.moves[-2][1] != "CANCELLED":
            job.moves.append((time.time(), "CANCELLED"))
        return refused


class ListsOldStates(FakeVendor):
    """The list shows jobs as they were first."""

    def entry(self, job: Job) -> dict[str, Any]:
        return {**self.shown(job), "status": job.moves[0][1]}


class HidesCancelled(FakeVendor):
    """Cancelled jobs are in no list."""

    def visible(self, question: Question) -> list[Job]:
        return [job for job in super().visible(question) if job.state != "CANCELLED"]


class Miscounts(FakeVendor):
    """The list counts the page, not the jobs, and one too many."""

    def list(self, question: Question) -> Answer:
        answer = super().list(question)
        answer.body["total"] = len(answer.body["items"]) + 1
        return answer


class TellsBackwards(FakeVendor):
    """The history is newest first."""

    def shown(self, job: Job) -> dict[str, Any]:
        shown = super().shown(job)
        return {**shown, "history": shown["history"][::-1]}


class ForgetsThePast(FakeVendor):
    """A cancelled job has no history but its end."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        job.moves = job.moves[-1:] if job.moves[-1][0] <= time.time() else job.moves


class DatesBack(FakeVendor):
    """A cancel is noted at the time of the state before."""

    def turn(self, job: Job, state: str) -> None:
        before = job.past()[-1][0]
        super().turn(job, state)
        job.moves = [(before, name) if name == state else (at, name) for at, name in job.moves]


class ForgetsTheEnd(FakeVendor):
    """When a job ended is forgotten after a few looks."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Counter[str] = Counter()

    def read(self, question: Question, id: str) -> Answer:
        answer = super().read(question, id)
        self.told[id] += answer.body["finishedAt"] is not None
        if self.told[id] > 2:
            answer.body["finishedAt"] = None
        return answer


class Mumbles(FakeVendor):
    """Errors are plain text."""

    def respond(self, question: Question) -> Answer:
        answer = super().respond(question)
        if answer.status >= 400:
            return Answer(answer.status, b"error", answer.headers, "text/plain")
        return answer


class Unnamed(FakeVendor):
    """Errors have no code."""

    def respond(self, question: Question) -> Answer:
        answer = super().respond(question)
        if answer.status == 404:
            answer.body = {"problem": {"message": answer.body["problem"]["message"]}}
        return answer


class ShowsItsStack(FakeVendor):
    """A refusal shows where in the code it was raised."""

    def not_cancellable(self, job: Job) -> Refused:
        refused = super().not_cancellable(job)
        trace = 'Traceback (most recent call last):\n  File "/srv/press/jobs.py", line 41, in cancel\nNotCancellable'
        refused.answer.body["problem"]["message"] = trace
        return refused


class ShowsTokens(FakeVendor):
    """A refusal repeats the token."""

    def not_cancellable(self, job: Job) -> Refused:
        refused = super().not_cancellable(job)
        refused.answer.body["problem"]["message"] = self.log[-1].headers["authorization"]
        return refused


class WantsNoBody(FakeVendor):
    """A cancel with a body is refused."""

    def cancel(self, question: Question, id: str) -> Answer:
        if question.body or "content-type" in question.headers:
            raise Refused(400, "bad_request", "No body, please.")
        return super().cancel(question, id)


class QueuesRefused(FakeVendor):
    """A job that is refused is in the queue nevertheless."""

    def new_job_facts(self, question: Question) -> dict[str, Any]:
        try:
            return dict(super().new_job_facts(question))
        except Refused:
            self.new_job({"title": "Refused", "pages": 1}, question.user.newsroom)
            raise


class OmitsCopies(FakeVendor):
    """A job does not say how many copies."""

    def shown(self, job: Job) -> dict[str, Any]:
        shown = super().shown(job)
        del shown["copies"]
        return shown


class SpeaksHtml(FakeVendor):
    """A job is shown as text/html."""

    def read(self, question: Question, id: str) -> Answer:
        answer = super().read(question, id)
        answer.media_type = "text/html"
        return answer


class Breaks(FakeVendor):
    """A cancel of an ended job breaks the server."""

    def not_cancellable(self, job: Job) -> Refused:
        return Refused(500, "out_of_order", "Try again later.")


class HangsUp(FakeVendor):
    """A cancel of an ended job is never answered."""

    def not_cancellable(self, job: Job) -> Refused:
        raise ConnectionAbortedError


class CountsInText(FakeVendor):
    """Numbers are texts in the reply to a cancel."""

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        answer.body = json.loads(json.dumps(answer.body)) | {"pages": str(answer.body["pages"])}
        return answer


class BeginsElsewhere(FakeVendor):
    """The reply to a create shows the job as being printed."""

    def create(self, question: Question) -> Answer:
        answer = super().create(question)
        answer.body = {**answer.body, "status": "PRINTING"}
        return answer


class GivesOldIds(FakeVendor):
    """The reply to a create names the oldest job."""

    def create(self, question: Question) -> Answer:
        answer = super().create(question)
        answer.body = {**answer.body, "id": self.visible(question)[-1].id}
        return answer


class Linking(FakeVendor):
    """Correct: jobs have links to themselves and, while possible, to their cancel."""

    def shown(self, job: Job) -> dict[str, Any]:
        links: dict[str, Any] = {"self": {"href": f"http://press.example{BASE}/jobs/{self.linked(job)}"}}
        if self.offers(job):
            links["cancel"] = {"href": f"{BASE}/jobs/{job.id}/cancel", "method": "POST"}
        return {**super().shown(job), "links": links}

    def linked(self, job: Job) -> str:
        """The id in the link to the job itself."""
        return job.id

    def offers(self, job: Job) -> bool:
        """Whether there is a link to cancel."""
        return job.state in CANCELLABLE


class FleetingLinking(Linking, Fleeting):
    """Correct, quick, and with links."""


class LinksAstray(Linking):
    """A job's link leads to the oldest job."""

    def linked(self, job: Job) -> str:
        return next(iter(self.jobs))


class OffersCancelForEver(Linking):
    """The link to cancel stays."""

    def offers(self, job: Job) -> bool:
        return True


class MixesUpCallers(FakeVendor):
    """Who asks is kept where the next request overwrites it."""

    def __init__(self) -> None:
        super().__init__()
        self.caller = User("nobody")

    def authenticate(self, question: Question) -> User:
        self.caller = super().authenticate(question)
        time.sleep(0.05)
        return self.caller


class EndsBeforeTheBeginning(FakeVendor):
    """A cancelled job ended an hour before it was created."""

    def shown(self, job: Job) -> dict[str, Any]:
        shown = super().shown(job)
        if shown["finishedAt"]:
            shown["finishedAt"] = moment(job.moves[0][0] - 3600)
        return shown


class BeginsAnew(FakeVendor):
    """A refused cancel of a stopping job makes it stop from the beginning, and slower."""

    def not_cancellable(self, job: Job) -> Refused:
        if job.state == "CANCELLING":
            job.moves[-1] = (time.time() + 3 * STOPPING_TAKES, "CANCELLED")
        return super().not_cancellable(job)


class SkipsTheSignIn(FakeVendor):
    """Nobody has to sign in."""

    def authenticate(self, question: Question) -> User:
        return User("daily")


class LosesItsHead(FakeVendor):
    """An unknown job breaks the server."""

    def find(self, question: Question, id: str) -> Job:
        try:
            return super().find(question, id)
        except Refused:
            raise Refused(500, "out_of_order", "Try again later.") from None


class HoldsGrudges(FakeVendor):
    """A job that a reader tried to cancel can be cancelled by nobody."""

    def may_write(self, question: Question) -> None:
        job = next((job for job in self.jobs.values() if job.id in question.path), None)
        if job and question.path.endswith("/cancel"):
            job.title += "" if question.user.may_write else "\N{ZERO WIDTH SPACE}"
        super().may_write(question)

    def cancels_to(self, job: Job) -> str:
        if job.title.endswith("\N{ZERO WIDTH SPACE}"):
            raise self.not_cancellable(job)
        return super().cancels_to(job)

    def shown(self, job: Job) -> dict[str, Any]:
        return {**super().shown(job), "title": job.title.rstrip("\N{ZERO WIDTH SPACE}")}


class ListsLate(FakeVendor):
    """The list is a second old."""

    def entry(self, job: Job) -> dict[str, Any]:
        old = [move for move in job.moves if move[0] <= time.time() - 1] or job.moves[:1]
        return {**self.shown(job), "status": old[-1][1]}


class CancelsTheNext(FakeVendor):
    """After a cancel the next job is cancelled from the start."""

    due = False

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        self.due = True
        return answer

    def new_job(self, facts: Mapping[str, Any], newsroom: str) -> Job:
        job = super().new_job(facts, newsroom)
        if self.due:
            job.moves, self.due = [(time.time(), "CANCELLED")], False
        return job


class TrimsIds(FakeVendor):
    """Blanks around an id do not matter."""

    def cancel(self, question: Question, id: str) -> Answer:
        return super().cancel(question, unquote(id).strip())


class TakesWildcards(FakeVendor):
    """An id is looked up with LIKE."""

    def cancel(self, question: Question, id: str) -> Answer:
        pattern = re.escape(unquote(id)).replace("%", ".*").replace("_", ".")
        found = [job.id for job in self.visible(question) if re.fullmatch(pattern, job.id)]
        return super().cancel(question, found[0] if len(found) == 1 else id)


class LetsStatesBeWritten(FakeVendor):
    """PATCH writes a job, its state included."""

    def route(self, question: Question) -> Answer:
        facts = json.loads(question.body) if question.method == "PATCH" and question.body else {}
        if isinstance(facts, dict) and "status" in facts:
            self.turn(self.find(question, question.path.split("/")[-1]), facts["status"])
            return Answer(204)
        return super().route(question)


class GivesIn(FakeVendor):
    """The second cancel of a printed job is accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def cancels_to(self, job: Job) -> str:
        self.asked[job.id] += 1
        return job.state if job.state == "PRINTED" and self.asked[job.id] > 1 else super().cancels_to(job)


class ShowsTheEnded(FakeVendor):
    """Any newsroom may read jobs that have ended."""

    def find(self, question: Question, id: str) -> Job:
        job = self.jobs.get(id)
        return job if job and question.method == "GET" and job.state in ENDED else super().find(question, id)


class ListsTheCancelled(FakeVendor):
    """The list shows the cancelled jobs of every newsroom."""

    def visible(self, question: Question) -> list[Job]:
        others = [job for job in self.jobs.values() if job.state == "CANCELLED"]
        return list({job.id: job for job in [*super().visible(question), *others]}.values())


class DecodesTwice(FakeVendor):
    """A path is decoded by a proxy and once more behind it."""

    def route(self, question: Question) -> Answer:
        question.path = unquote(unquote(question.path)) if "%25" in question.path else question.path
        return super().route(question)


class TakesWideLetters(FakeVendor):
    """Ids are compared in their compatibility form."""

    def cancel(self, question: Question, id: str) -> Answer:
        return super().cancel(question, unicodedata.normalize("NFKC", unquote(id)))


class CountsIds(FakeVendor):
    """An id that is a number too large for the database breaks the server."""

    def well_formed(self, id: str) -> None:
        if id.isdecimal() and int(id) >= 2**63:
            raise Refused(500, "out_of_order", "OverflowError")
        super().well_formed(id)


class ObeysTheQuery(FakeVendor):
    """An id in the query takes the place of the one in the path."""

    def cancel(self, question: Question, id: str) -> Answer:
        named = next((each for each in self.jobs if each in question.query), id)
        return super().cancel(question, named)


class ObeysTheBody(FakeVendor):
    """An id in the body takes the place of the one in the path."""

    def cancel(self, question: Question, id: str) -> Answer:
        named = next((each for each in self.jobs if each.encode() in question.body), id)
        return super().cancel(question, named)


class CancelsANeighbourLater(FakeVendor):
    """A while after a cancel the newest job that can be cancelled is cancelled as well."""

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        others = [job for job in self.visible(question) if job.state in CANCELLABLE]
        if others:
            threading.Timer(0.3, self.turn, [others[0], "CANCELLED"]).start()
        return answer


class StopsStopping(FakeVendor):
    """A refused cancel of a stopping job keeps it from ever stopping."""

    def not_cancellable(self, job: Job) -> Refused:
        if job.state == "CANCELLING":
            job.moves = job.past()
        return super().not_cancellable(job)


class Tagging(FakeVendor):
    """Correct: a job has an ETag, and who asks with it need not be told again."""

    def read(self, question: Question, id: str) -> Answer:
        answer = super().read(question, id)
        answer.headers["ETag"] = self.tag(self.jobs[id])
        return Answer(304, None) if question.headers.get("if-none-match") == answer.headers["ETag"] else answer

    def tag(self, job: Job) -> str:
        """One for each state."""
        return f'"{job.id}-{job.state}"'


class KeepsItsTag(Tagging):
    """The ETag of a job is always the same."""

    def tag(self, job: Job) -> str:
        return f'"{job.id}"'


class RefusesTooLate(FakeVendor):
    """What cannot be answered as wished is refused once it is done."""

    def cancel(self, question: Question, id: str) -> Answer:
        answer = super().cancel(question, id)
        return self.refusal(question) or answer

    def refusal(self, question: Question) -> Answer | None:
        """The refusal that comes too late."""
        if "json" not in question.headers.get("accept", "json"):
            return Refused(406, "bad_request", "That is not spoken here.").answer
        return None


class ChecksTooLate(RefusesTooLate):
    """A condition is looked at once the job is cancelled."""

    def refusal(self, question: Question) -> Answer | None:
        wrong = "if-match" in question.headers
        return Refused(412, "bad_request", "It has changed.").answer if wrong else None


class KnowsNoCapitals(FakeVendor):
    """An id in capital letters is not found, but by the database, which cancels."""

    def cancel(self, question: Question, id: str) -> Answer:
        job = self.jobs.get(id.lower())
        if job and id != job.id and job.state in CANCELLABLE:
            self.turn(job, "CANCELLED")
        return super().cancel(question, id)


class Sorting(FakeVendor):
    """Correct: the list can be asked for one status."""

    def list(self, question: Question) -> Answer:
        answer = super().list(question)
        if match := re.search(r"status=(\w+)", question.query):
            found = [job for job in self.visible(question) if self.filed(job) == match[1]]
            answer.body = {"items": [self.entry(job) for job in found], "page": 1, "total": len(found)}
        return answer

    def filed(self, job: Job) -> str:
        """The status that a job is found by."""
        return job.state


class FilesCancelledWrongly(Sorting):
    """Whoever asks for jobs in the queue gets the cancelled ones as well."""

    def filed(self, job: Job) -> str:
        return job.moves[0][1] if job.state == "CANCELLED" else job.state


class DatesTheBeginningAnew(FakeVendor):
    """A cancelled job was created just now."""

    def turn(self, job: Job, state: str) -> None:
        super().turn(job, state)
        now = time.time()
        job.moves = [(max(at, now), name) for at, name in job.moves]


class EndsTomorrow(FakeVendor):
    """When a cancelled job ended is told in another time zone."""

    def shown(self, job: Job) -> dict[str, Any]:
        shown = super().shown(job)
        if job.state == "CANCELLED":
            shown["finishedAt"] = moment(job.past()[-1][0] + 7200)
        return shown


class ComplainsInRuby(FakeVendor):
    """A refusal says what the language says of it."""

    def not_cancellable(self, job: Job) -> Refused:
        refused = super().not_cancellable(job)
        refused.answer.body["problem"]["message"] = "undefined method `cancel!' for nil:NilClass"
        return refused


class WantsFewer(FakeVendor):
    """Correct: more than a few cancels at once are told to come again."""

    def __init__(self) -> None:
        super().__init__()
        self.places = threading.Semaphore(2)

    def cancel(self, question: Question, id: str) -> Answer:
        if not self.places.acquire(blocking=False):
            return Answer(429, None, {"Retry-After": "0"})
        try:
            time.sleep(0.02)
            return super().cancel(question, id)
        finally:
            self.places.release()
