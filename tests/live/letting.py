"""Takes a server that somebody named out of the guard that keeps tests on this machine."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest


def let_through(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Takes one server out of the guard, by the addresses of its name: those are what is connected to."""
    guarded = socket.socket.connect
    allowed = addresses(url)

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] in allowed:
            import _socket

            _socket.socket.connect(self, address)
        else:
            guarded(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def addresses(url: str) -> set[str]:
    """The addresses that a URL's host has."""
    parts = urlsplit(url)
    return {str(it[4][0]) for it in socket.getaddrinfo(parts.hostname, parts.port)} if parts.hostname else set()
