"""Vendors for generated requests: one that validates everything it is documented to, and ones with a fault each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from tests.contracts.fakevendor import Answer, FakeVendor, Job, Question, Refused

STATES = {"QUEUED", "PRINTING", "CANCELLING", "CANCELLED", "PRINTED", "JAMMED"}
LIMITS = {"pages": 500, "copies": 10000}


class StrictVendor(FakeVendor):
    """Refuses every parameter, body and media type that the document rules out."""

    def list(self, question: Question) -> Answer:
        for name, value in parse_qsl(question.query, keep_blank_values=True):
            self.check_parameter(name, value)
        return super().list(question)

    def check_parameter(self, name: str, value: str) -> None:
        if name == "status" and value not in STATES:
            raise self.bad_request(name)
        if name == "page" and not (value.isascii() and value.isdecimal() and 1 <= int(value) <= 1000):
            raise self.bad_request(name)

    def bad_request(self, name: str) -> Refused:
        return Refused(400, "bad_request", f"{name} is malformed.")

    def new_job_facts(self, question: Question) -> Mapping[str, Any]:
        if question.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refused(415, "not_json", "JSON, please.")
        facts = super().new_job_facts(question)
        if not 1 <= len(facts["title"]) <= 80 or not all(is_count(facts.get(name, 1), LIMITS[name]) for name in LIMITS):
            raise Refused(422, "invalid_job", "That is no job.")
        return facts


def is_count(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


class ForgetsHistory(StrictVendor):
    def shown(self, job: Job) -> dict[str, Any]:
        return {name: value for name, value in super().shown(job).items() if name != "history"}


class SaysTeapot(StrictVendor):
    def not_cancellable(self, job: Job) -> Refused:
        return Refused(418, "job_not_cancellable", "short and stout")


class FallsOverPages(StrictVendor):
    def check_parameter(self, name: str, value: str) -> None:
        if name == "page" and not value.isdecimal():
            raise Refused(500, "out_of_order", "ValueError")
        super().check_parameter(name, value)


class HangsUpOnOddBodies(StrictVendor):
    def new_job_facts(self, question: Question) -> Mapping[str, Any]:
        try:
            json.loads(question.body)["title"].strip()
        except Exception as error:
            raise ConnectionAbortedError from error
        return super().new_job_facts(question)


class TakesAnything(StrictVendor):
    def new_job_facts(self, question: Question) -> Mapping[str, Any]:
        return {"title": "Whatever", "pages": 1}


class DislikesSecondPages(StrictVendor):
    def check_parameter(self, name: str, value: str) -> None:
        super().check_parameter(name, value)
        if name == "page" and value != "1":
            raise self.bad_request(name)


class KnowsNobody(StrictVendor):
    def authenticate(self, question: Question) -> Any:
        raise self.not_signed_in()
