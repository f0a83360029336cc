"""The sandbox: what comes of programs, many at once, and nothing that is left behind."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from pointsman.core.errors import MissingExtra, ToolFailed
from pointsman.tools.code import rlimits
from pointsman.tools.code.sandbox import MOST_CODE, MOST_VALUE, Outcome, Sandbox
from pointsman.tools.code.trouble import MODULES, Trouble

pytestmark = pytest.mark.skipif(find_spec("pydantic_monty") is None, reason="needs the [code] extra")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

ENDLESS = "while True:\n    pass"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    pool = Sandbox(seconds=5, output=100)
    yield pool
    await pool.close()


def workers() -> list[int]:
    """The processes of this one's sandboxes, but for those that are dead and only wait for being counted."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if name == "monty" and state != "Z" and int(parent) == os.getpid():
            found.append(int(status.parent.name))
    return found


async def no_workers() -> bool:
    """Whether there are none; a process that was ended a moment ago may still be on its way."""
    for _ in range(10_000):
        if not workers():
            return True
        await asyncio.sleep(0)
    return False


class Started:
    """Stands between the sandbox and the system's limits, and says when a program's process is there."""

    def __init__(self) -> None:
        self.pids: list[int] = []
        self.event = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def confine(self, pid: int, seconds: float, memory: int) -> bool:
        self.pids.append(pid)
        self._loop.call_soon_threadsafe(self.event.set)
        return rlimits.confine(pid, seconds, memory)


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        ("print(sum(range(10)))", Outcome("45\n")),
        ("1 + 1", Outcome(value="2")),
        ("print('a', end='')\nx = 3", Outcome("a")),
        ("x = 2\nx ** 10", Outcome(value="1024")),
        ("x = 2; x ** 10", Outcome(value="1024")),
        ("import math\r\nmath.factorial(5)\r\n", Outcome(value="120")),
        ("[\n  1,\n  'zwei',\n]", Outcome(value="[1, 'zwei']")),
        ("None", Outcome()),
        ("'None'", Outcome(value="'None'")),
        ("raise SystemExit", Outcome()),
        (
            "class P:\n    def __repr__(self):\n        print('asked')\n        return 'P!'\nP()",
            Outcome("asked\n", value="P!"),
        ),
        ("print('é€😀')", Outcome("é€😀\n")),
        ("import sys\nprint('to stderr', file=sys.stderr)", Outcome("to stderr\n")),
        ("async def f():\n    return 5\nawait f()", Outcome(value="5")),
        ("for i in range(100): print(i)", Outcome("".join(f"{i}\n" for i in range(100))[:100], cut=190)),
    ],
)
async def test_what_comes_of_a_program(program: str, outcome: Outcome, sandbox: Sandbox) -> None:
    assert replace(await sandbox.run(program), seconds=0) == outcome


async def test_a_long_value_is_cut(sandbox: Sandbox) -> None:
    value = (await sandbox.run("'x' * 100_000")).value
    assert value == f"'{'x' * (MOST_VALUE - 1)} ..."


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        ("x = 1\n1 / 0", Trouble("raised", "ZeroDivisionError: division by zero", 2)),
        (
            "def f(n):\n    return 1 / n\n\ndef g():\n    return f(0)\ng()",
            Trouble(
                "raised",
                "ZeroDivisionError: division by zero",
                2,
                ("line 6: g()", "line 5, in g: return f(0)", "line 2, in f: return 1 / n"),
            ),
        ),
        (
            "exec('1 / 0')",
            Trouble(
                "raised",
                "ZeroDivisionError: division by zero",
                1,
                ("line 1: exec('1 / 0')", "line 1, in a text for eval or exec"),
            ),
        ),
        ("print('a'", Trouble("syntax", "SyntaxError: unexpected EOF while parsing", 1)),
        ("if True:\nx = 1", Trouble("syntax", "SyntaxError: Expected an indented block after `if` statement", 2)),
        ("raise ValueError('one\\ntwo')", Trouble("raised", "ValueError: one\ntwo", 1)),
        (
            "input()",
            Trouble(
                "raised",
                "NameError: name 'input' is not defined",
                1,
                hint="nobody can type anything into it: write the values into the code",
            ),
        ),
        (
            "super()",
            Trouble("raised", "NameError: name 'super' is not defined", 1, hint="this sandbox does not have super"),
        ),
        ("nowhere", Trouble("raised", "NameError: name 'nowhere' is not defined", 1)),
        (
            "str.maketrans('a', 'b')",
            Trouble(
                "raised",
                "AttributeError: type object 'str' has no attribute 'maketrans'",
                1,
                hint="this sandbox does not have str.maketrans",
            ),
        ),
        (
            "print(\u201chi\u201d)",
            Trouble(
                "syntax",
                "SyntaxError: Got unexpected token \u201c",
                1,
                hint="curly quotes are no Python: type straight ones",
            ),
        ),
    ],
)
async def test_errors_have_their_line_and_what_to_do(program: str, trouble: Trouble, sandbox: Sandbox) -> None:
    assert (await sandbox.run(program)).trouble == trouble


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("def f():\n    yield 1", "yield expressions"),
        ("class A(dict):\n    pass", "class inheritance and metaclasses"),
        ("x = [1]\ndel x[0]", "the 'del' statement"),
    ],
)
async def test_what_this_python_does_not_know_is_said(program: str, what: str, sandbox: Sandbox) -> None:
    trouble = (await sandbox.run(program)).trouble
    assert trouble is not None
    assert (trouble.kind, trouble.text) == ("syntax", f"this sandbox does not know {what}")
    assert trouble.hint.startswith("it does not have yield, del,")


async def test_every_module_that_models_are_told_of_is_there_and_no_package(sandbox: Sandbox) -> None:
    program = "\n".join(f"import {name}" for name in MODULES.split(", "))
    assert (await sandbox.run(f"{program}\nprint('all')")).printed == "all\n"
    trouble = (await sandbox.run("import numpy")).trouble
    assert trouble is not None
    assert trouble.hint == f"no packages can be installed here; these modules are there: {MODULES}"


async def test_what_was_printed_before_an_error_or_a_limit_is_kept() -> None:
    sandbox = Sandbox(seconds=0.2)
    outcome = await sandbox.run(f"print('before')\n{ENDLESS}")
    assert outcome.printed == "before\n"
    assert outcome.trouble is not None
    assert outcome.trouble.text == "it was still computing after 0.2 s, and was stopped"
    assert outcome.seconds >= 0.2
    await sandbox.close()


async def test_no_run_sees_anything_of_another() -> None:
    started = Started()
    sandbox = Sandbox(workers=1, confine=started.confine)
    await sandbox.run("import json, math\nsecret = 'mine'\n_value_ = secret\nmath.pi = 3\nprint = None")
    outcome = await sandbox.run("import math\nprint(math.pi > 3)\nsecret")
    assert outcome.printed == "True\n"
    assert outcome.trouble is not None
    assert outcome.trouble.text == "NameError: name 'secret' is not defined"
    assert len(set(started.pids)) == 2  # a process each
    await sandbox.close()


async def test_twenty_at_once_on_two_workers_are_all_answered() -> None:
    sandbox = Sandbox(workers=2)
    outcomes = await asyncio.gather(*(sandbox.run(f"sum(range({n}))") for n in range(20)))
    assert [outcome.value for outcome in outcomes] == [str(sum(range(n))) for n in range(20)]
    await sandbox.close()


async def test_the_event_loop_stays_free_while_programs_compute() -> None:
    sandbox = Sandbox(seconds=0.3, workers=2)
    busy = asyncio.gather(*(sandbox.run(program) for program in (ENDLESS, "while True:\n    print('x' * 100)")))
    ticks = 0
    while not busy.done():
        await asyncio.sleep(0)
        ticks += 1
    assert ticks > 100  # some 10,000 where the machine has nothing else to do
    await sandbox.close()


@linux
async def test_a_cancelled_run_leaves_no_process_and_the_pool_usable() -> None:
    started = Started()
    sandbox = Sandbox(seconds=30, workers=1, confine=started.confine)
    running = asyncio.create_task(sandbox.run(ENDLESS))
    waiting = asyncio.create_task(sandbox.run(ENDLESS))
    await started.event.wait()
    for task in (waiting, running):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await sandbox.run("1 + 1")).value == "2"
    assert len(started.pids) == 2  # the one that waited never had a process
    assert await no_workers()
    await sandbox.close()


@linux
async def test_closing_ends_what_runs_and_what_waits() -> None:
    started = Started()
    sandbox = Sandbox(seconds=30, workers=1, confine=started.confine)
    tasks = [asyncio.create_task(sandbox.run(ENDLESS)) for _ in range(3)]
    await started.event.wait()
    assert workers() == started.pids
    await sandbox.close()
    assert await no_workers()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]
    for failed in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(failed, ToolFailed)
        assert failed.message == "the sandbox is being closed"
    await sandbox.close()
    with pytest.raises(ToolFailed, match="being closed"):  # a reply that is still made opens nothing again
        await sandbox.run("1")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]


async def test_a_program_that_is_no_ones_to_read_is_not_run() -> None:
    with pytest.raises(ToolFailed, match="more than 50,000 characters"):
        await Sandbox().run("1" * (MOST_CODE + 1))


async def test_a_sandbox_that_cannot_start_says_so_without_our_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTY_BIN", "/somewhere/of/ours/monty")
    sandbox = Sandbox()
    with pytest.raises(ToolFailed) as failed:
        await sandbox.run("1")
    assert "ours" not in str(failed.value)
    assert "pointsman[code]" in failed.value.cure
    await sandbox.close()


async def test_without_the_extra_it_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_monty", None)
    sandbox = Sandbox()
    with pytest.raises(MissingExtra, match=r"pointsman\[code\]"):
        await sandbox.run("1")
    await sandbox.close()
