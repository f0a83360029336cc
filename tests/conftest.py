"""Every test has a home of its own and no network but loopback."""

from __future__ import annotations

import signal
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from pointsman.config.load import VARIABLES

# A shell starts what it runs in the background with Ctrl-C ignored, and so would be every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

FOLDERS = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that the tests of one run share: what is derived from content alone."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; no variable of the developer's reaches a test."""
    for name in FOLDERS:
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that tries to leave this machine fails at once, and says where it wanted to go."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host and host != "localhost" and not ip_address(host).is_loopback:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
