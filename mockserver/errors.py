"""What goes wrong on our side. A vendor's refusals are `VendorError`s; the two never mix."""

from __future__ import annotations


class MockserverError(Exception):
    """Something of ours is wrong. The message says where, what, and what to do."""


class UsageError(MockserverError):
    """The mock was asked for something it cannot do: an unknown system, a busy port, a file that is not there."""


class SpecViolation(MockserverError):
    """A reply of a handler that the spec does not allow: a bug of ours, answered with 501."""


class MalformedJson(ValueError):
    """Bytes that are not JSON as RFC 8259 has it, or nested too deep."""


class TooLarge(Exception):
    """A body bigger than the mock takes. Nothing was changed."""


class ClientGone(Exception):
    """The client went away before its request was complete: nobody is left to answer."""
