"""The sdk's own server over standard input and output: everything that one connection has to do."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

import pointsman
from pointsman.core.errors import ToolFailed
from pointsman.core.message import Message
from pointsman.core.tool import Occasion, ToolResult
from pointsman.tools.mcp.toolset import McpTool, McpTools
from pointsman.tools.mcp.ways import Command

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Occasion(Message("what do my notes say?"))
SOURCE = str(Path(pointsman.__file__).parents[1])
DEMO = ("-m", "pointsman.testing.mcp_server", "--trouble", "--rubbish")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[McpTools]:
    """One server for all tests here: it takes 2 s to start."""
    way = Command(sys.executable, DEMO, {"PYTHONPATH": SOURCE, "DEMO_KEY": "a-secret-key"}, Path(SOURCE))
    tools = McpTools("demo", way, patience=60)
    yield tools
    await tools.close()


async def tool(tools: McpTools, own: str) -> McpTool:
    return next(it for it in await tools.tools(HERE) if it.own == own)


async def call(tools: McpTools, own: str, **arguments: object) -> ToolResult:
    return await (await tool(tools, own)).call(arguments)


async def process_of(tools: McpTools) -> dict[str, str]:
    lines = (await call(tools, "process")).text.splitlines()
    rows = [line.strip(' ,"').split('": "') for line in lines if ":" in line]
    return {row[0]: row[1] for row in rows}


async def test_it_lists_its_tools_with_what_they_do(demo: McpTools) -> None:
    effects = {it.spec.name: it.spec.effect for it in await demo.tools(HERE)}
    assert effects["demo_echo"] == "reads"
    assert effects["demo_add_note"] == "changes"
    assert effects["demo_delete_note"] == effects["demo_unmarked"] == "destroys"
    add = (await tool(demo, "add")).spec
    assert add.description == "Adds two numbers."
    assert add.parameters == {
        "type": "object",
        "properties": {"a": {"type": "integer", "description": "the first number"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
    }
    assert add.seconds == 30


async def test_calls_and_their_results(demo: McpTools) -> None:
    assert await call(demo, "add", a=2, b=3) == ToolResult("5")
    assert (await call(demo, "echo", text="Zürich 🚂 \ud800")).text == "Zürich 🚂 ?"
    weather = await call(demo, "weather", city="Bern")
    assert '"degrees": 21.5' in weather.text
    assert weather.text.count("21.5") == 1, "data and its text for older clients are not told twice"
    assert not weather.trusted
    await call(demo, "add_note", title="eggs", text="six")
    await call(demo, "delete_note", title="eggs")
    assert "eggs" not in (await call(demo, "list_notes")).text


async def test_failures_are_told_in_the_server_s_words(demo: McpTools) -> None:
    with pytest.raises(ToolFailed, match=r"demo_fail failed: .*no ink") as caught:
        await call(demo, "fail", why="no ink")
    assert caught.value.cure
    with pytest.raises(ToolFailed, match="a Input should be a valid integer"):
        await call(demo, "add", a="x", b=1)
    with pytest.raises(ToolFailed, match="JSON object"):
        await call(demo, "echo", text=object())


async def test_its_words_are_a_stranger_s(demo: McpTools) -> None:
    page = await tool(demo, "read_page")
    assert "<IMPORTANT>" not in page.spec.description
    result = await page.call({})
    assert "IMPORTANT" in result.text
    assert not result.trusted


async def test_it_gets_only_a_safe_environment(demo: McpTools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "not for servers")
    runs = await process_of(demo)
    names = set(runs["environment"].split())
    assert {"DEMO_KEY", "PATH", "PYTHONPATH"} <= names
    assert names <= {
        "DEMO_KEY", "PYTHONPATH", "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LC_ALL", "LC_CTYPE",
        "TMPDIR", "TZ",
    }  # fmt: skip
    assert runs["folder"] == SOURCE


async def test_replies_share_it(demo: McpTools) -> None:
    before = await process_of(demo)
    both = await asyncio.gather(call(demo, "echo", text="one"), call(demo, "echo", text="two"))
    assert [it.text for it in both] == ["one", "two"]
    assert (await process_of(demo))["pid"] == before["pid"]


async def test_a_call_that_is_given_up_is_given_up_there_too(demo: McpTools) -> None:
    before = int((await call(demo, "count_given_up")).text)
    slow = await tool(demo, "slow")
    task = asyncio.create_task(slow.call({}))
    while not task.done() and (await call(demo, "echo", text="still here")).text:
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert int((await call(demo, "count_given_up")).text) == before + 1


async def test_what_takes_too_long_is_given_up(demo: McpTools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_timeout", 0.05)
    with pytest.raises(ToolFailed, match=r"demo_slow: no answer within 0\.05 s"):
        await call(demo, "slow")
    assert (await call(demo, "echo", text="on we go")).text == "on we go"


async def test_a_changed_list_is_read_again(demo: McpTools) -> None:
    assert "demo_echo_again" not in {it.spec.name for it in await demo.tools(HERE)}
    await call(demo, "grow")
    names: Sequence[str] = ()
    for _ in range(100):  # the news comes on another stream than the answer
        names = [it.spec.name for it in await demo.tools(HERE)]
        if "demo_echo_again" in names:
            break
        await asyncio.sleep(0.01)
    assert "demo_echo_again" in names


async def test_what_it_writes_beside_goes_into_the_log(
    demo: McpTools, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    before = await process_of(demo)
    with caplog.at_level(logging.INFO, "pointsman.tools.mcp"):
        with pytest.raises(ToolFailed, match="nobody knows whether it was done") as caught:
            await call(demo, "die_changing")
        assert "demo_die_changing: the server ended during the call: it ended with exit code 3" in str(caught.value)
        after = await process_of(demo)  # it was started again
    assert "demo: I cannot go on" in caplog.messages
    assert "demo: warming up" in caplog.messages
    assert "a-secret-key" not in caplog.text
    assert not any(capfd.readouterr())
    assert after["pid"] != before["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(before["pid"]), 0)


async def test_a_call_that_reads_is_made_once_more_and_no_more(demo: McpTools) -> None:
    before = await process_of(demo)
    with pytest.raises(ToolFailed, match="demo_die: the server ended twice"):
        await call(demo, "die")
    assert (await process_of(demo))["pid"] != before["pid"]


async def test_nothing_is_left_of_it(demo: McpTools) -> None:
    echo = await tool(demo, "echo")
    runs = await process_of(demo)
    await demo.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(runs["pid"]), 0)
    with pytest.raises(ToolFailed, match="was closed"):
        await echo.call({"text": "x"})
