"""Mocks for the long runs."""

from tests.mockserver.workers.conftest import serve

__all__ = ["serve"]
