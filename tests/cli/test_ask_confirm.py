"""The person in front of the terminal is asked whether a tool may do what cannot be undone."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pointsman.cli.ask import confirming
from pointsman.core.message import ToolCall
from pointsman.core.tool import ToolSpec

pty = pytest.importorskip("pty", reason="this system has no terminals of that kind")
SPEC = ToolSpec("wipe", "Wipes.", {}, "destroys")
CALL = ToolCall("wipe", {"what": "all\x1b[1A\x1b[2Knothing"})


@contextmanager
def keyboard() -> Iterator[int]:
    """What is written there is typed into the terminal. Used in a test's body, as pytest sets both streams before."""
    there, here = pty.openpty()
    with os.fdopen(here, "r") as terminal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", terminal)
        patch.setattr(sys.stderr, "isatty", lambda: True)
        yield there
    os.close(there)


@pytest.mark.parametrize(
    ("typed", "agrees"), [(b"y\n", True), (b"Yes\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)]
)
async def test_only_a_yes_lets_it(capsys: pytest.CaptureFixture[str], typed: bytes, *, agrees: bool) -> None:
    with keyboard() as keys:
        os.write(keys, b"y\n")  # typed before the question was there
        asking = asyncio.ensure_future(confirming()(CALL, SPEC))
        await asyncio.sleep(0)
        os.write(keys, typed)
        assert await asyncio.wait_for(asking, 20) is agrees
    shown = capsys.readouterr().err
    assert "This cannot be undone." in shown
    assert r"all\x1b[1A\x1b[2Knothing" in shown  # nothing that it holds hides what it is


async def test_who_goes_away_before_the_answer_is_not_waited_for() -> None:
    before = threading.active_count()
    with keyboard():
        asking = asyncio.ensure_future(confirming()(CALL, SPEC))
        for _ in range(5):
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert threading.active_count() == before


async def test_where_nobody_sits_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert not await confirming()(CALL, SPEC)
    assert "nothing was done" in capsys.readouterr().err
