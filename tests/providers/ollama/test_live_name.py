"""A live Ollama may be named by its host: the guard of the tests then lets its address through, and no other."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest


def reach(address: str) -> None:
    """Connects as far as the guard: a datagram socket sends nothing."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.connect((address, 9))


def test_the_address_of_a_name_is_let_through(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    conftest: Any = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 11434))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [found])
    conftest.let_through(monkeypatch, "http://attic:11434")
    reach("192.0.2.7")
    with pytest.raises(AssertionError, match="tried to reach"):
        reach("192.0.2.8")
