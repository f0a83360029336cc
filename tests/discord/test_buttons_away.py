"""Buttons that stop an answer or take it away, and what is said where a button does not work."""

from __future__ import annotations

import discord
import pytest
from tests.discord.button_stage import alone_told, button_stage, custom_id

from pointsman.core.errors import Unreachable


def alone(shown: list[discord.Message]) -> discord.Message:
    [message] = shown
    return message


@pytest.mark.parametrize("who", ["ann", "mia"])
async def test_asker_and_moderator_may_delete(who: str) -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        refused = await stage.bob.click(picture, custom_id=custom_id(picture, "delete"))
        assert refused.response is not None
        assert "Only who asked for it, or a moderator" in refused.response.content
        assert stage.bots()
        await getattr(stage, who).click(picture, custom_id=custom_id(picture, "delete"))
        assert not [it for it in stage.bots() if it.attachments]


async def test_what_is_gone_already_is_said_quietly() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stage.env.inject_error("DELETE", "/channels/*/messages/*", status=404, code=10008, message="Unknown Message")
        result = await stage.ann.click(picture, custom_id=custom_id(picture, "delete"))
        assert alone_told(result).content == "It is gone already."


async def test_a_message_that_may_not_be_deleted_is_said() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stage.env.inject_error(
            "DELETE", "/channels/*/messages/*", status=403, code=50013, message="Missing Permissions"
        )
        result = await stage.mia.click(picture, custom_id=custom_id(picture, "delete"))
        assert "does not let me" in alone_told(result).content


async def test_who_asked_may_cancel_and_others_may_not() -> None:
    async with button_stage() as stage:
        waiting = await stage.drawn("wait")
        refused = await stage.bob.click(waiting, label="Cancel")
        assert refused.response is not None
        assert "Only who asked" in refused.response.content
        assert stage.bot.answers.going
        await stage.ann.click(waiting, label="Cancel")
        assert not stage.bot.answers.going


async def test_cancelling_what_ended_with_an_earlier_process_says_so_and_takes_the_button_away() -> None:
    async with button_stage() as stage:
        waiting = await stage.drawn("wait")
        await stage.restart()
        result = await stage.ann.click(waiting, label="Cancel")
        assert "Nothing is under way" in alone_told(result).content
        assert not alone([it for it in stage.bots() if it.id == waiting.id]).components


async def test_a_gateway_that_is_gone_is_said() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stage.service.fails = Unreachable("the gateway does not answer", cure="start it: pointsman serve")
        result = await stage.bob.click(picture, label="Again")
        told = alone_told(result)
        assert told.ephemeral
        assert told.content.startswith("⚠️ The gateway does not answer.\n-# Start it")
        form = await stage.bob.click(picture, label="Edit prompt")
        assert form.modal is not None


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (400, 40060)])
async def test_a_click_that_comes_too_late_is_only_noted(
    status: int, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stage.env.inject_error("POST", "/interactions/*/*/callback", status=status, code=code)
        with caplog.at_level("INFO", logger="pointsman.discord.button_telling"):
            await stage.bob.click(picture, label="Again")
        assert len(stage.asks) == 1
        assert [it.levelname for it in caplog.records if it.name == "pointsman.discord.button_telling"] == ["INFO"]


async def test_what_goes_wrong_otherwise_is_said_without_details(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        monkeypatch.setattr(stage.bot.answers, "answer", broken)
        result = await stage.bob.click(picture, label="Again")
        assert "did not work" in alone_told(result).content
        assert "secret" not in alone_told(result).content
        assert "secret" in caplog.text


async def test_a_button_of_a_later_version_is_answered() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stored = stage.env.backend.get_message(stage.channel.id, picture.id)
        stored.components[0]["components"][0]["custom_id"] = "pm:newer:abc::"
        result = await stage.bob.click(picture, label="Again")
        assert "did not work" in (result.response.content if result.response else "")


async def broken(_: object) -> None:
    raise RuntimeError("secret")
