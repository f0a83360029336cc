"""/gpu, /quota, /settings; who may, what Discord is told of the commands, and that nobody is left without an answer."""

from __future__ import annotations

import logging
from typing import Any

import discord
import pytest
import simcord
from tests.discord.conftest import Staged
from tests.discord.stage import Stage
from tests.discord.test_commands_private import private, text_of

from pointsman.core.errors import StoreError
from pointsman.discord import commands
from pointsman.stores.shelf import MemoryShelf

TOLD = ("PUT", "/commands")


async def use(stage: Stage, command: str, /, *, by: Any = None, **options: Any) -> simcord.InteractionResult:
    result = await (by or stage.ann).slash(stage.channel, command, **options)
    await stage.env.settle()
    return result


async def admin_of(stage: Stage) -> simcord.MemberActor:
    """Somebody who manages the server."""
    role = stage.guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
    return stage.guild.add_member(stage.env.create_user("mia"), roles=[role])


async def test_gpu_shows_who_holds_the_card(stage: Stage) -> None:
    await stage.tell("why is the sky blue?")
    await stage.advance(5)
    result = await use(stage, "gpu")

    assert result.response is not None
    assert not result.ephemeral
    [card] = result.response.embeds
    said = text_of(card)
    assert "qwen3:14b" in said
    assert "█ ours" in said
    assert "Nobody waits." in said


async def test_quota_says_what_is_left_of_ones_own_share(staged: Staged) -> None:
    async with staged(limits={"user": {"messages": "20/10m"}}) as stage:
        await stage.tell("why is the sky blue?")
        await stage.advance(5)
        said = private(await use(stage, "quota"))

        assert "No service is asked what a message wants" in said
        assert "19 of 20 messages in 10 minutes left (yours), all of them again <t:" in said


async def test_settings_are_for_admins(stage: Stage) -> None:
    assert "settings show" not in stage.ann.available_commands(stage.channel)
    settings = stage.env.backend.find_command("settings", None, type=1)
    assert settings is not None
    stage.guild.set_command_permissions(int(settings["id"]), {stage.guild.default_role: True})
    for command, options in (("settings show", {}), ("settings when", {"answers": "always"}), ("settings prompt", {})):
        assert "can change settings" in private(await use(stage, command, **options))
    await stage.ann.send(stage.channel, "hello everybody")
    await stage.advance(5)
    assert stage.bots() == []


async def test_an_admin_has_every_message_answered_in_a_channel_and_takes_that_back(stage: Stage) -> None:
    mia = await admin_of(stage)
    said = private(await use(stage, "settings show", by=mia))
    assert "I answer **only where I am named or replied to** (the configuration, for every channel)." in said
    assert "The model is told nothing first here." in said

    said = private(await use(stage, "settings when", by=mia, answers="always"))
    assert "I answer **every message** (set here by /settings)." in said
    await stage.ann.send(stage.channel, "why is the sky blue?")
    await stage.advance(5)
    assert stage.read() == ["You said: why is the sky blue?"]

    said = private(await use(stage, "settings reset", by=mia))
    assert "I answer **only where I am named or replied to**" in said


async def test_the_prompt_of_a_channel_is_written_in_a_form(stage: Stage) -> None:
    mia = await admin_of(stage)
    shown = await use(stage, "settings prompt", by=mia)
    result = await mia.submit_modal(shown, {"prompt": "Speak like a pirate.\nBe brief."})
    await stage.env.settle()
    assert "The model is told first: Speak like a pirate. Be brief. (set here by /settings)." in private(result)

    await stage.tell("why is the sky blue?")
    await stage.advance(5)
    assert stage.service.asked[-1].history[0].text == "Speak like a pirate.\nBe brief."
    said = private(await use(stage, "settings prompt", by=mia, text="Be kind."))
    assert "The model is told first: Be kind." in said


async def test_discord_is_told_of_the_commands_once(stage: Stage) -> None:
    assert len(stage.calls(*TOLD)) == 1
    await stage.restart()
    assert len(stage.calls(*TOLD)) == 1

    stage.shelf._kept = {key: "others" for key in stage.shelf._kept if key.startswith(commands.ON_SHELF)}
    await stage.restart()
    assert len(stage.calls(*TOLD)) == 2


async def test_a_bot_whose_commands_are_refused_answers_all_the_same(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.shelf._kept.clear()
    stage.env.inject_error(TOLD[0], "/applications/*/commands", status=403, code=50001)
    with caplog.at_level(logging.WARNING, "pointsman.discord.commands"):
        await stage.restart()
    assert "could not be told to Discord" in caplog.text
    assert "applications.commands" in caplog.text

    await stage.tell("why is the sky blue?")
    await stage.advance(5)
    assert stage.read() == ["You said: why is the sky blue?"]


async def test_what_nobody_foresaw_is_answered_too(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async def breaks() -> None:
        raise ZeroDivisionError

    stage.bot.service.card = breaks  # type: ignore[assignment]
    result = await use(stage, "gpu")

    assert result.response is not None
    assert "That did not work. Whoever runs me finds why in the log." in result.response.content
    assert "/gpu failed" in caplog.text


async def test_a_shelf_that_fails_is_said_to_do_so(stage: Stage) -> None:
    class Full(MemoryShelf):
        async def change(self, key: str, change: Any) -> Any:
            raise StoreError("the disk is full", cure="make room on it")

    stage.bot.memo._shelf = Full()
    assert "The disk is full." in private(await use(stage, "privacy local", state="on"))


async def test_every_description_is_short_and_no_list_is_longer_than_discord_takes(stage: Stage) -> None:
    every = [it.to_dict(stage.bot.tree) for it in stage.bot.tree.get_commands()]
    seen = 0
    while every:
        it = every.pop()
        every += it.get("options", [])
        seen += 1
        assert len(it.get("description", "")) <= 60, it
        assert len(it.get("choices", ())) <= 25
    assert seen > 30
