"""Servers of the older kind, and such as do not start, do not answer, or do not want to end."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pointsman.core.errors import MissingExtra, ToolFailed, Unreachable
from pointsman.core.message import Message
from pointsman.core.tool import Occasion
from pointsman.testing.stepped_time import SteppedTime
from pointsman.tools.mcp import connection, process
from pointsman.tools.mcp.toolset import McpTools
from pointsman.tools.mcp.ways import Command

HERE = Occasion(Message("hello"))
ODD = str(Path(__file__).with_name("odd_server.py"))


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., McpTools]]:
    """Makes toolsets, and closes them."""
    made: list[McpTools] = []

    def make(way: Command, **settings: object) -> McpTools:
        made.append(McpTools("odd", way, **{"patience": 60.0, **settings}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for tools in made:
        await tools.close()


def odd(kind: str, **env: str) -> Command:
    return Command(sys.executable, (ODD, kind), env)


async def unreachable(tools: McpTools) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await tools.tools(HERE)
    assert caught.value.cure
    return caught.value


class TestTheOlderKind:
    async def test_its_list_is_read_again_when_it_says_so(self, opened: Callable[..., McpTools]) -> None:
        tools = opened(odd("older"))
        ask, swell = await tools.tools(HERE)
        assert (ask.spec.name, ask.spec.effect) == ("odd_ask", "destroys")
        assert (await swell.call({})).text == "done"
        names: list[str] = []
        while "odd_more" not in names:
            names = [it.spec.name for it in await tools.tools(HERE)]
            await asyncio.sleep(0)

    async def test_what_it_asks_of_us_is_refused(self, opened: Callable[..., McpTools]) -> None:
        ask, _ = await opened(odd("older")).tools(HERE)
        assert (await ask.call({})).text.split("\n\n") == [
            "sampling/createMessage: refused",
            "elicitation/create: refused",
            "roots/list: refused",
        ]


class TestBeginning:
    async def test_two_replies_at_once_start_one(self, opened: Callable[..., McpTools], tmp_path: Path) -> None:
        tools = opened(odd("noted", ODD_FILE=str(tmp_path / "starts")))
        both = await asyncio.gather(tools.tools(HERE), tools.tools(HERE))
        assert [len(it) for it in both] == [2, 2]
        assert len((tmp_path / "starts").read_text(encoding="utf-8").split()) == 1

    async def test_a_reply_that_is_given_up_meanwhile_leaves_the_server_to_others(
        self, opened: Callable[..., McpTools], tmp_path: Path
    ) -> None:
        tools = opened(odd("noted", ODD_FILE=str(tmp_path / "starts")))
        given_up = asyncio.create_task(tools.tools(HERE))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert len(await tools.tools(HERE)) == 2
        assert len((tmp_path / "starts").read_text(encoding="utf-8").split()) == 1

    async def test_closed_meanwhile_nothing_is_left(self, opened: Callable[..., McpTools], tmp_path: Path) -> None:
        tools = opened(odd("mute", ODD_FILE=str(tmp_path / "starts")), patience=0.0)
        while not (tmp_path / "starts").exists():
            with pytest.raises(Unreachable, match="still starting"):
                await tools.tools(HERE)
        await tools.close()
        assert not any(runs(int(pid)) for pid in (tmp_path / "starts").read_text(encoding="utf-8").split())


class TestOneThatDoesNotStart:
    async def test_no_such_program(self, opened: Callable[..., McpTools]) -> None:
        error = await unreachable(opened(Command("no-such-program-anywhere", ("--key", "secret"))))
        assert error.message == "the MCP server 'odd' did not start: there is no program no-such-program-anywhere"
        assert "whole path" in error.cure

    async def test_a_program_that_people_know(
        self, opened: Callable[..., McpTools], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        assert "Node.js" in (await unreachable(opened(Command("npx", ("-y", "some-server"))))).cure

    async def test_no_such_folder(self, opened: Callable[..., McpTools], tmp_path: Path) -> None:
        error = await unreachable(opened(Command(sys.executable, (), {}, tmp_path / "gone")))
        assert f"its folder {tmp_path / 'gone'} is not there" in error.message

    async def test_a_file_that_may_not_be_run(self, opened: Callable[..., McpTools], tmp_path: Path) -> None:
        (tmp_path / "server").write_text("#!/bin/sh\n", encoding="utf-8")
        assert "may not be run" in (await unreachable(opened(Command(str(tmp_path / "server"))))).message

    async def test_its_last_words_are_told_without_our_secrets(self, opened: Callable[..., McpTools]) -> None:
        script = (
            "import os, sys; print('so it begins', file=sys.stderr); sys.exit('bad key: ' + os.environ['DEMO_KEY'])"
        )
        error = await unreachable(opened(Command(sys.executable, ("-c", script), {"DEMO_KEY": "hunter2222"})))
        name = Path(sys.executable).name
        assert error.message == (
            f"the MCP server 'odd' did not start: {name}: it ended with exit code 1; it says: bad key: ***"
        )

    async def test_it_is_left_alone_for_a_while(self, opened: Callable[..., McpTools], tmp_path: Path) -> None:
        time = SteppedTime()
        script = f"open({str(tmp_path / 'starts')!r}, 'a').write('x')"
        tools = opened(Command(sys.executable, ("-c", script)), clock=time)
        for _ in range(3):
            await unreachable(tools)
        assert (tmp_path / "starts").read_text(encoding="utf-8") == "x"
        time.now += 31
        await unreachable(tools)
        assert (tmp_path / "starts").read_text(encoding="utf-8") == "xx"

    async def test_one_that_does_not_list_its_tools_is_left_alone_too(
        self, opened: Callable[..., McpTools], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connection, "LISTS_IN", 0.1)
        time = SteppedTime()
        tools = opened(odd("listless", ODD_FILE=str(tmp_path / "asked")), clock=time)
        errors = [await unreachable(tools) for _ in range(3)]
        assert {error.message for error in errors} == {
            "the MCP server 'odd' does not list its tools: no answer within 0.1 s"
        }
        assert len((tmp_path / "asked").read_text(encoding="utf-8").split()) == 1
        time.now += 31
        await unreachable(tools)
        assert len((tmp_path / "asked").read_text(encoding="utf-8").split()) == 2

    async def test_no_answer(self, opened: Callable[..., McpTools]) -> None:
        error = await unreachable(opened(odd("silent"), starts_in=0.05))
        assert "it does not answer as MCP servers do" in error.message

    async def test_a_reply_does_not_wait_for_one_that_takes_long(self, opened: Callable[..., McpTools]) -> None:
        tools = opened(odd("silent"), patience=0.0)
        assert "is still starting" in (await unreachable(tools)).message
        await tools.close()

    async def test_a_program_of_another_kind(
        self, opened: Callable[..., McpTools], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "ENDS_IN", 0.1)
        error = await unreachable(opened(odd("talkative")))
        assert "it writes other things than MCP messages" in error.message
        assert "I am not a server of that kind" in error.message

    async def test_a_line_without_end(self, opened: Callable[..., McpTools], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "LONGEST", 10_000)
        assert "at once" in (await unreachable(opened(odd("endless")))).message

    async def test_without_the_sdk(self, opened: Callable[..., McpTools], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "mcp", None)
        with pytest.raises(MissingExtra, match="using MCP servers") as caught:
            await opened(odd("older")).tools(HERE)
        assert "pointsman[mcp]" in caught.value.cure


class TestOneThatDoesNotWantToEnd:
    async def test_it_and_what_it_started_are_killed(
        self, opened: Callable[..., McpTools], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "ENDS_IN", 0.1)
        tools = opened(odd("stubborn", ODD_FILE=str(tmp_path / "pids")))
        await tools.tools(HERE)
        pids = [int(it) for it in (tmp_path / "pids").read_text(encoding="utf-8").split()]
        assert all(runs(pid) for pid in pids)
        await tools.close()
        assert not any(runs(pid) for pid in pids)

    async def test_also_when_its_ending_is_cut_short(
        self, opened: Callable[..., McpTools], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As a second Ctrl-C does: asyncio then cancels every task."""
        waits = asyncio.Event()

        async def never(_: object) -> bool:
            waits.set()
            return await asyncio.Future()

        monkeypatch.setattr(process, "has_ended", never)
        tools = opened(odd("stubborn", ODD_FILE=str(tmp_path / "pids")))
        await tools.tools(HERE)
        pids = [int(it) for it in (tmp_path / "pids").read_text(encoding="utf-8").split()]
        closing = asyncio.create_task(tools.close())
        await waits.wait()
        assert all(runs(pid) for pid in pids), "it takes its time"
        for task in asyncio.all_tasks():
            if task.get_name() == "mcp odd":
                task.cancel()
        await closing
        for pid in pids:
            await buried(pid)


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal, sys
from pointsman.core.message import Message
from pointsman.core.tool import Occasion
from pointsman.tools.mcp.toolset import McpTools
from pointsman.tools.mcp.ways import Command

async def main():
    tools = McpTools("odd", Command(sys.executable, ({ODD!r}, "stubborn"), {{"ODD_FILE": {str(tmp_path / "pids")!r}}}))
    await tools.tools(Occasion(Message("hello")))
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(60)

from pointsman.tools.mcp import process
process.ENDS_IN = 0.1
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -2 or "KeyboardInterrupt" in done.stderr
    pids = [int(it) for it in (tmp_path / "pids").read_text(encoding="utf-8").split()]
    assert not any(runs(pid) for pid in pids)


def test_a_server_that_nobody_uses_costs_nothing() -> None:
    program = "import sys; from pointsman.tools.mcp import toolset, ways; print('mcp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


async def test_a_call_to_one_that_is_gone(opened: Callable[..., McpTools], monkeypatch: pytest.MonkeyPatch) -> None:
    tools = opened(odd("older"))
    ask, _ = await tools.tools(HERE)
    held = tools._connection
    assert held is not None
    held.heard.end("it was unplugged")
    monkeypatch.setattr(tools, "_way", Command("no-such-program-anywhere"))
    with pytest.raises(ToolFailed, match="odd_ask: the MCP server 'odd' did not start: there is no program"):
        await ask.call({})


def test_no_logger_of_the_sdk_writes_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    asyncio.run(connection.loaded())
    for name in connection.LOGGERS:
        assert any(isinstance(it, logging.Handler) for it in logging.getLogger(name).handlers)
    assert not any(capfd.readouterr())


async def buried(pid: int) -> None:
    """Waits until a process that was killed is gone; the system takes a moment for that."""
    for _ in range(1000):
        if not runs(pid):
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"{pid} still runs")


def runs(pid: int) -> bool:
    """Whether a process is there and no mere entry that waits for its parent to read it."""
    try:
        os.kill(pid, 0)
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (ProcessLookupError, FileNotFoundError):
        return False
