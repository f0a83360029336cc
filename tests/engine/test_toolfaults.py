"""What tools, models and servers do that nobody foresaw: the reply still ends, and ends well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import pytest
from tests.engine.talking import Table, text_of

from pointsman.core.errors import ToolFailed, Unreachable
from pointsman.core.message import ToolCall
from pointsman.core.reply import Done, Failed, Status, ToolUse
from pointsman.core.tool import First, Occasion, Source, Tool, ToolResult
from pointsman.core.toolcodec import uses_from_json, uses_to_json
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.testing.scripted_tools import ScriptedTool, ScriptedToolset, call

PICTURE = "![x](https://there.test/?d=secret)\x1b[2J"
LINK = "[x](https://there.test/?d=secret)[2J"
DOWN = Unreachable("the server is down", cure="start it")


class Broken(ScriptedToolset):
    """A plugin that raises what it likes."""

    async def tools(self, occasion: Occasion) -> Sequence[Tool]:
        raise LookupError(occasion.language)


async def test_a_plugin_that_breaks_takes_nothing_with_it() -> None:
    model = ScriptedModel(rounds=[[call()], ["Yes."]])
    events = await Table(model, Broken(name="broken"), ScriptedToolset(ScriptedTool())).say("look")
    assert Status("broken cannot be used now: LookupError") in events
    assert text_of(events) == "Yes."


async def test_a_tool_that_brings_something_else_has_failed() -> None:
    brought: Any = 3
    model = ScriptedModel(rounds=[[call()], ["Without."]])
    events = await Table(model, ScriptedToolset(ScriptedTool("look", lambda _: brought))).say("look")
    assert [event.state for event in events if isinstance(event, ToolUse)] == ["running", "failed"]
    assert text_of(events) == "Without."


@pytest.mark.parametrize("first", [First(call()), First(call(), answers=True)])
async def test_what_strangers_wrote_is_shown_without_pictures_where_no_model_answers(first: First) -> None:
    model = ScriptedModel([], fail_after=0, error=DOWN)
    for result, shown in ((ToolResult(PICTURE), LINK), (ToolResult(PICTURE, trusted=True), PICTURE)):
        events = await Table(model, ScriptedToolset(ScriptedTool("look", result), first=first)).say("look")
        assert text_of(events).endswith(shown)


async def test_a_model_that_says_nothing_after_a_failure_leaves_the_failure() -> None:
    model = ScriptedModel(rounds=[["\n", call()], ["\n"]])
    tool = ScriptedTool("look", ToolFailed("it is broken", cure="mend it"))
    failed = (await Table(model, ScriptedToolset(tool)).say("look"))[-1]
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.cure) == ("it is broken", "mend it")


async def test_empty_lines_are_no_answer() -> None:
    model = ScriptedModel(rounds=[["\n", call()], ["\n\n"]])
    events = await Table(model, ScriptedToolset(ScriptedTool("look", "found it"))).say("look")
    assert text_of(events).strip() == "found it"


async def test_a_call_that_waits_is_made_by_the_toolset_that_was_meant() -> None:
    mine, theirs = (ScriptedTool("wipe", name, effect="destroys") for name in ("mine", "theirs"))
    model = ScriptedModel(rounds=[[call("b_wipe")], ["I asked you."]])
    table = Table(model, ScriptedToolset(mine, name="a"), ScriptedToolset(theirs, name="b"))
    code = text_of(await table.say("wipe")).rpartition("confirm ")[2]
    assert text_of(await table.say(f"confirm {code}")) == "theirs"
    assert mine.called == []


async def test_a_call_whose_toolset_has_gone_says_why() -> None:
    tools = ScriptedToolset(ScriptedTool("wipe", effect="destroys"))
    table = Table(ScriptedModel(rounds=[[call("wipe")], ["I asked you."]]), tools)
    code = text_of(await table.say("wipe")).rpartition("confirm ")[2]
    tools._error = Unreachable("its server is gone", cure="start it")
    failed = (await table.say(f"confirm {code}"))[-1]
    assert isinstance(failed, Failed)
    assert "its server is gone" in failed.cause


@pytest.mark.parametrize(("long", "told"), [(1_000, "then='all of it'"), (9_000, "more characters")])
async def test_a_person_sees_what_he_agrees_to(long: int, told: str) -> None:
    tool = ScriptedTool("wipe", effect="destroys")
    model = ScriptedModel(rounds=[[call("wipe", what="x" * long, then="all of it")], ["I asked you."]])
    assert told in text_of(await Table(model, ScriptedToolset(tool)).say("wipe"))


async def test_pages_keep_their_numbers_beside_the_links_of_another_tool() -> None:
    other = ScriptedTool("other", ToolResult("a note", sources=(Source("Note", "http://note.test/"),)))
    found = ToolResult("[1] One", sources=(Source("One", "http://one.test/"),), numbered=True)
    model = ScriptedModel(rounds=[[call("other")], [call("look")], ["It says so [1]."]])
    said = text_of(await Table(model, ScriptedToolset(other, ScriptedTool("look", found))).say("look"))
    assert said == "It says so [1].\n\nSources:\n- [1] One <http://one.test/>"


@pytest.mark.parametrize(
    "choice",
    [
        '{"tool": "l\\ud800k", "arguments": {"\\udfff": "\\ud800"}}',
        *('{"tool": "look", "arguments": ' + '{"a":' * levels + "1" + "}" * levels + "}" for levels in range(960, 980)),
    ],
)
async def test_a_choice_that_cannot_be_written_down_harms_nobody(choice: str) -> None:
    model = ScriptedModel(rounds=[[choice], ['{"tool": "answer"}'], ["So."]], tools=False)
    events = await Table(model, ScriptedToolset(ScriptedTool())).say("look")
    uses = [event for event in events if isinstance(event, ToolUse)]
    "".join(use.line for use in uses).encode()
    assert len(uses_from_json(uses_to_json(uses))) == len(uses)
    assert isinstance(events[-1], Done | Failed)


def test_the_line_of_a_use_moves_no_cursor() -> None:
    use = ToolUse(ToolCall("\x1b[2Jrm", {"\x1b]0;a": "b\x07"}), "failed", "no \x9b1A \u202eway")
    assert use.line.isprintable()


async def test_who_goes_away_while_a_model_comes_up_is_not_kept() -> None:
    table = Table(ScriptedModel(["never"]), ScriptedToolset(ScriptedTool(), first=First(call())))
    tasks: list[asyncio.Task[Any]] = []

    async def reluctant(_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tasks[0].cancel()  # just when the reply waits for this to end
            await asyncio.sleep(0)

    object.__setattr__(table.executor.tools, "expect", reluctant)

    async def reading() -> None:
        async with aclosing(table.stream("look")) as events:  # type: ignore[type-var]
            async for _ in events:
                await asyncio.sleep(0)

    tasks.append(asyncio.create_task(reading()))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]


async def test_a_model_that_cannot_be_loaded_ahead_spoils_no_reply() -> None:
    table = Table(ScriptedModel(["Yes."]), ScriptedToolset(ScriptedTool(), first=First(call())))

    async def failing(_: object) -> None:
        raise OSError("the driver is gone")

    object.__setattr__(table.executor.tools, "expect", failing)
    assert text_of(await table.say("look")) == "Yes."


async def test_a_reply_that_outlives_the_router_asks_no_model_any_more() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(rounds=[[call()], ["never"]])
    table = Table(model, ScriptedToolset(ScriptedTool("look", ToolResult(""), hold=hold)))
    events = table.stream("look")
    async for event in events:
        if isinstance(event, ToolUse):
            await table.executor.close()
            hold.set()
    assert isinstance(event, Failed)
    assert event.cause == "the router was closed"
    assert len(model.asked) == 1
