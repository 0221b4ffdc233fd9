"""An address at which nobody is."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture
def free_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
