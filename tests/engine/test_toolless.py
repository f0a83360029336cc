"""Where tools are missing, or the model is too small for them: nothing is made up."""

from __future__ import annotations

from tests.engine.talking import Table, text_of

from pointsman.core.errors import Unreachable
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Done, Status
from pointsman.core.tool import First, ToolResult
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.testing.scripted_tools import ScriptedTool, ScriptedToolset, call


async def test_a_toolset_that_may_not_be_used_is_said_and_the_model_answers_without() -> None:
    model = ScriptedModel(["Without."])
    events = await Table(model, ScriptedToolset(ScriptedTool(), refuses="not in a channel")).say("look")
    assert Status("not in a channel") in events
    assert text_of(events) == "Without."
    assert [turn.role for turn in model.asked[0][0]] == ["system", "user"]
    assert "box" in model.asked[0][0][0].text
    done = events[-1]
    assert isinstance(done, Done)
    assert done.footer == "not in a channel"


async def test_a_toolset_that_does_not_open_does_not_take_the_others_with_it() -> None:
    broken = ScriptedToolset(name="broken", error=Unreachable("its server is gone", cure="start it"))
    model = ScriptedModel(rounds=[[call()], ["Yes."]])
    events = await Table(model, broken, ScriptedToolset(ScriptedTool())).say("look")
    assert Status("broken cannot be used now: its server is gone (start it)") in events
    assert text_of(events) == "Yes."
    assert "broken" in model.asked[0][0][0].text
    assert "its server is gone" not in model.asked[0][0][0].text  # nobody's words but ours stand in a system text


class TestWithAModelThatIsTooSmall:
    async def test_what_was_found_is_told_as_it_is(self) -> None:
        model = ScriptedModel(["never"], name="tiny")
        tool = ScriptedTool("look", ToolResult("for a model", said="for you"))
        table = Table(model, ScriptedToolset(tool, first=First(call())), wordless=frozenset({"tiny"}))
        events = await table.say("look")
        assert text_of(events) == "for you"
        assert model.asked == []

    async def test_a_failure_is_told_and_nothing_made_up(self) -> None:
        model = ScriptedModel(["never"], name="tiny")
        tool = ScriptedTool("look", Unreachable("the engine is down", cure="start it"))
        table = Table(model, ScriptedToolset(tool, first=First(call())), wordless=frozenset({"tiny"}))
        assert text_of(await table.say("look")) == "the engine is down. start it"
        assert model.asked == []

    async def test_it_is_given_no_tools_to_choose_from(self) -> None:
        model = ScriptedModel(["Hello."], name="tiny")
        events = await Table(model, ScriptedToolset(ScriptedTool()), wordless=frozenset({"tiny"})).say("look")
        assert text_of(events) == "Hello."
        ((_, options),) = model.asked
        assert options == ChatOptions()

    async def test_without_the_tool_it_makes_nothing_up(self) -> None:
        model = ScriptedModel(["never"], name="tiny")
        table = Table(model, wordless=frozenset({"tiny"}))
        events = [event async for event in table.stream("look", notice="not set up here: web_search (set it up)")]
        assert text_of(events) == "not set up here: web_search (set it up)"
        assert model.asked == []


async def test_a_model_is_told_what_is_missing_and_so_is_the_reader() -> None:
    model = ScriptedModel(["I cannot look."])
    events = [event async for event in Table(model).stream("look", notice="not set up here: web_search (set it up)")]
    assert "web_search (set it up)" in model.asked[0][0][0].text
    done = events[-1]
    assert isinstance(done, Done)
    assert done.footer == "not set up here: web_search (set it up)"
