"""Commands that are answered as messages are: /ask, /draw, /search and /run."""

from __future__ import annotations

from typing import Any

import simcord
from tests.discord.conftest import Staged
from tests.discord.stage import Stage

from pointsman.discord.service import Known
from pointsman.testing.comfyui.pictures import png


async def use(stage: Stage, command: str, /, *, by: Any = None, **options: Any) -> simcord.InteractionResult:
    """Somebody (Ann) uses a command; all of the answer is there when this returns."""
    result = await (by or stage.ann).slash(stage.channel, command, **options)
    await stage.advance(5)
    return result


async def test_ask_is_answered_where_everybody_reads_it(stage: Stage) -> None:
    result = await use(stage, "ask", text="why is the sky blue?")

    assert result.response is not None
    assert result.response.content == "You said: why is the sky blue?"
    assert not result.ephemeral
    assert stage.service.asked[-1].origin.owner == f"discord:{stage.ann.id}"


async def test_ask_takes_a_text_file_along_and_the_prompt_of_the_channel(staged: Staged) -> None:
    async with staged(prompt="Speak like a pirate.") as stage:
        await use(stage, "ask", text="what is in it?", attachment=("notes.txt", b"the cat is called Tom"))

        message = stage.service.asked[-1]
        assert "the cat is called Tom" in message.text
        assert [(turn.role, turn.text) for turn in message.history] == [("system", "Speak like a pirate.")]


async def test_draw_passes_on_all_that_was_chosen(stage: Stage) -> None:
    result = await use(stage, "draw", prompt="a red fox", size="512 x 768", steps=4, seed=42, style="anime")

    assert result.response is not None
    assert [it.content_type for it in result.response.attachments] == ["image/png"]
    assert "seed 42" in result.response.content
    command = stage.service.asked[-1].command
    assert command is not None
    assert command.category == "image_generation"
    assert dict(command.slots) == {
        "prompt": "a red fox", "width": 512, "height": 768, "steps": 4, "seed": 42, "style": "anime"
    }  # fmt: skip


async def test_a_size_that_is_none_and_a_file_that_is_no_picture_are_said_to_be_so_in_private(stage: Stage) -> None:
    wrong = await use(stage, "draw", prompt="a fox", size="huge")
    text = await use(stage, "draw", prompt="make it blue", picture=("a.txt", b"words"))

    for result, cause in ((wrong, "'huge' is no size"), (text, "a.txt is no picture")):
        assert result.response is not None
        assert cause in result.response.content
        assert result.ephemeral
    assert stage.service.asked == []


async def test_draw_suggests_sizes_and_styles(stage: Stage) -> None:
    sizes = await stage.ann.autocomplete(stage.channel, "draw", "size", "port", prompt="a fox")
    own = await stage.ann.autocomplete(stage.channel, "draw", "size", "640x480", prompt="a fox")

    assert [it["value"] for it in sizes] == ["832x1216"]
    assert [it["value"] for it in own] == ["640x480"]


async def test_a_model_that_was_chosen_answers_searches_and_runs_code_too(stage: Stage) -> None:
    await use(stage, "model", name="smollm2:135m")
    await use(stage, "search", query="tulip prices")
    command = stage.service.asked[-1].command
    assert command is not None
    assert (command.category, command.model) == ("web_search", "smollm2:135m")


async def test_search_leaves_nothing_to_guess(stage: Stage) -> None:
    result = await use(stage, "search", query="tulip prices")

    assert result.response is not None
    assert result.response.content
    decision = await stage.router.find()
    assert (decision.category, decision.tier, dict(decision.slots)) == (
        "web_search", "command", {"query": "tulip prices"}
    )  # fmt: skip


async def test_code_is_not_run_in_a_server_unless_that_is_switched_on(staged: Staged) -> None:
    async with staged() as stage:
        refused = await use(stage, "run", code="print(2**100)")
        assert refused.response is not None
        assert "run_in_guilds: true" in refused.response.content
        assert refused.ephemeral
        assert stage.service.asked == []

        direct = await stage.ann.user.slash("run", code="```python\nprint(2**100)\n```")
        await stage.advance(5)
        assert direct.response is not None
        assert "1267650600228229401496703205376" in direct.response.content


async def test_code_of_several_lines_is_asked_for_by_a_form(staged: Staged) -> None:
    async with staged(run_in_guilds=True, sections={"tools": {"code": {"shared": True}}}) as stage:
        shown = await use(stage, "run")
        assert shown.modal is not None
        result = await stage.ann.submit_modal(shown, {"code": "x = 6\nprint(x * 7)"})
        await stage.advance(5)

        assert result.response is not None
        assert "42" in result.response.content
        assert stage.service.asked[-1].command is not None
        assert stage.service.asked[-1].command.slots["code"] == "x = 6\nprint(x * 7)"


async def test_whoever_is_blocked_is_told_so_by_every_command(staged: Staged) -> None:
    async with staged() as stage:
        blocked = str(stage.bob.id)
    async with staged(block={"users": [blocked]}) as stage:
        assert str(stage.bob.id) == blocked
        for name, options in (("ask", {"text": "hi"}), ("gpu", {}), ("privacy show", {})):
            result = await use(stage, name, by=stage.bob, **options)
            assert result.response is not None
            assert "not allowed to answer you" in result.response.content
            assert result.ephemeral
        assert stage.service.asked == []
        assert await stage.bob.autocomplete(stage.channel, "model", "name", "a") == []


async def test_a_share_that_is_used_up_says_when_there_is_more(staged: Staged) -> None:
    async with staged(limits={"user": {"messages": "1/10m"}}) as stage:
        await use(stage, "ask", text="why is the sky blue?")
        result = await use(stage, "ask", text="why is the sea blue?")

        assert result.response is not None
        assert "1 message in 10 minutes" in result.response.content
        assert ":R>" in result.response.content


async def test_commands_are_there_in_servers_and_in_direct_messages(stage: Stage) -> None:
    every = {
        "ask", "draw", "search", "remember", "memory list", "memory forget", "memory export", "run", "model", "why",
        "gpu", "quota", "privacy show", "privacy local", "privacy export", "privacy erase",
    }  # fmt: skip
    assert set(stage.ann.available_commands(stage.channel)) == every
    assert set(stage.ann.user.available_commands()) == every


async def test_a_picture_is_changed_where_there_is_a_workflow_for_it(stage: Stage) -> None:
    picture = ("fox.png", png(8, 8, (200, 0, 0)))
    refused = await use(stage, "draw", prompt="make it blue", picture=picture)
    assert refused.response is not None
    assert "there is no workflow for it" in refused.response.content
    assert refused.ephemeral

    async def known() -> Known:
        return Known(picture_jobs=frozenset({"edit"}), styles=("anime", "oil"))

    vars(stage.service)["known"] = known
    await stage.advance(6)  # as what can be chosen is asked for anew after five seconds
    assert [it["value"] for it in await stage.ann.autocomplete(stage.channel, "draw", "style", "o")] == ["oil"]
    unknown = await use(stage, "draw", prompt="make it blue", style="cubist")
    assert unknown.response is not None
    assert "There is no style 'cubist' here." in unknown.response.content
    await use(stage, "draw", prompt="make it blue", picture=picture, style="OIL")
    message = stage.service.asked[-1]
    assert message.command is not None
    assert dict(message.command.slots) == {"prompt": "make it blue", "job": "edit", "style": "oil"}
    assert message.attachments[0].url.startswith("data:image/png;base64,")


async def test_a_command_that_the_bot_has_no_more_is_answered(stage: Stage) -> None:
    stage.bot.tree.remove_command("gpu")
    result = await use(stage, "gpu")

    assert result.response is not None
    assert "This command has changed." in result.response.content
    assert result.ephemeral
