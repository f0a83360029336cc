"""The guard that other journeys rely on: whoever leaves is noticed, whichever way they take."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NOWHERE = ("192.0.2.1", 9)  # reserved for documentation: nobody is there


@pytest.fixture(autouse=True)
def loopback_only() -> None:
    """Here the guard itself is tried, so the one of all tests stands aside."""


def datagram(**_: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.sendto(b"x", NOWHERE)


def connect_ex(**_: Any) -> None:
    with socket.socket() as opened:
        opened.connect_ex(NOWHERE)


def by_thread(**_: Any) -> None:
    def quietly() -> None:
        with suppress(OSError):
            socket.create_connection(NOWHERE, timeout=0.01)

    thread = threading.Thread(target=quietly)
    thread.start()
    thread.join()


async def by_loop(**_: Any) -> None:
    with socket.socket() as opened:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, NOWHERE)


async def by_aiohttp(**_: Any) -> None:
    async with aiohttp.ClientSession(trust_env=False) as session:
        await session.get("http://127.0.0.1:9/")


async def looked_up(**_: Any) -> None:
    await asyncio.get_running_loop().getaddrinfo("api.groq.com", 443)


WAYS: list[Callable[..., Any]] = [
    lambda: socket.create_connection(NOWHERE, timeout=0.01),
    lambda: socket.create_connection(("localhost", 9), timeout=0.01),
    connect_ex,
    datagram,
    by_thread,
    by_loop,
    by_aiohttp,
    looked_up,
    lambda: socket.gethostbyname("api.groq.com"),
    lambda: asyncio.open_connection(*NOWHERE),
    lambda: subprocess.run(["true"], check=True),  # noqa: S607 - it never starts
    lambda: os.system("true"),  # noqa: S605, S607 - it never starts
]


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_out_is_overlooked(guard: Any, way: Callable[..., Any]) -> None:
    with guard.up() as attempts, suppress(OSError, aiohttp.ClientError):
        gone = way()
        if isinstance(gone, Coroutine):
            await gone
    assert attempts


async def test_what_stays_here_is_let_be(guard: Any) -> None:
    with guard.up() as attempts:
        here, there = socket.socketpair()
        here.sendall(b"x")
        assert there.recv(1) == b"x"
        here.close()
        there.close()
        await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        server.close()
    assert attempts == []


def test_down_it_hinders_nobody(guard: Any) -> None:
    with guard.up():
        pass
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        pass
    assert guard.attempts == []


def test_another_process_is_guarded_from_its_start(tmp_path: Path, guarded: dict[str, str]) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=0.01)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **guarded}, capture_output=True, text=True, check=False
    )
    assert "Left: socket.connect" in done.stderr
    assert "192.0.2.1" in (tmp_path / "attempts").read_text()
