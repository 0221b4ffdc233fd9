"""What a test holds: a running mock, its jobs, time, faults and journal. The pytest fixture is a `Mockserver`."""

from mockserver.journal import Entry
from mockserver.testing.control import ControlError
from mockserver.testing.identities import Identities, Identity
from mockserver.testing.jobs import Job, MockedSystem
from mockserver.testing.journal import Journal
from mockserver.testing.mock import Clock, Faults, Mockserver

__all__ = [
    "Clock",
    "ControlError",
    "Entry",
    "Faults",
    "Identities",
    "Identity",
    "Job",
    "Journal",
    "MockedSystem",
    "Mockserver",
]
