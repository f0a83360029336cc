"""What happens at the same moment: a change and a deletion, a click and the end, a reply taken away and asked anew."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import discord
import pytest
from tests.discord.button_stage import alone_told, button_stage
from tests.discord.conftest import Staged
from tests.discord.stage import Stage
from tests.discord.test_pictures import FOX

from pointsman.core.message import Message
from pointsman.discord import buttons
from pointsman.discord.running import Going, Running
from pointsman.discord.service import Service

SKY = "why is the sky blue?"
CATS = "why do cats purr?"


async def test_a_message_that_is_changed_after_its_reply_was_deleted_is_answered_anew(stage: Stage) -> None:
    asked = await stage.tell(SKY)
    [reply] = stage.bots()
    await stage.env.bot.http.delete_message(reply.channel.id, reply.id)
    await stage.ann.edit(asked, f"{stage.me} {CATS}")

    assert stage.read() == [f"You said: {CATS}"]


async def test_a_picture_in_the_place_of_a_deleted_reply_is_a_new_message(stage: Stage) -> None:
    asked = await stage.tell(SKY)
    [reply] = stage.bots()
    await stage.env.bot.http.delete_message(reply.channel.id, reply.id)
    await stage.ann.edit(asked, f"{stage.me} draw {FOX}")
    await stage.advance(5)

    [picture] = stage.bots()
    assert picture.attachments


async def test_what_is_deleted_while_a_changed_one_waits_is_not_answered() -> None:
    running: Running[str] = Running("nothing")
    begun: list[str] = []

    def work(name: str) -> Any:
        async def answer(going: Going) -> str:
            begun.append(name)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0)  # its end is written
            return f"{name} {going.why}"

        return answer

    first = asyncio.create_task(running.under(1, work("first")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(running.under(1, work("second")))
    await asyncio.sleep(0)
    assert running.stop(1, "deleted")

    async with asyncio.timeout(5):
        assert [await first, await second] == ["first deleted", "nothing"]
    assert begun == ["first"]
    assert 1 not in running


async def test_what_is_deleted_before_its_answer_begins_is_not_answered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear = stage.bot.conversation.heard
    late = asyncio.Event()

    async def slow(message: discord.Message) -> None:
        await stage.env.external_wait(late.wait(), reason="a slow machine")
        await hear(message)

    monkeypatch.setattr(stage.bot.conversation, "heard", slow)
    asked = await stage.tell(SKY)
    await stage.ann.delete(asked)
    late.set()
    await stage.advance(1)

    assert stage.bots() == []
    assert stage.service.asked == []


async def test_a_click_on_cancel_that_comes_after_the_end_leaves_the_buttons_of_the_reply() -> None:
    async with button_stage() as stage:
        waiting = await stage.drawn("wait")
        decision = stage.service.decided(Message("draw a fox"))
        channel: Any = stage.bot.get_channel(stage.channel.id)
        ours = await channel.fetch_message(waiting.id)

        change = await buttons.picture_view(decision, [], cast("Service", stage.service), asker=stage.ann.id)
        original = discord.InteractionResponse.defer

        stage.bot.answers.going.clear()

        # While the click is on its way, the reply comes to its end.
        async def late(self: Any, **more: Any) -> Any:
            await original(self, **more)
            await ours.edit(content="a picture", view=change)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(discord.InteractionResponse, "defer", late)
            result = await stage.ann.click(waiting, label="Cancel")
        assert "Nothing is under way" in alone_told(result).content
        [now] = [it for it in stage.bots() if it.id == waiting.id]
        assert now.components


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_the_end_of_a_picture_is_written_again_where_discord_failed(stage: Stage, method: str) -> None:
    path = "/channels/*/messages" if method == "POST" else "/channels/*/messages/*"
    stage.env.inject_error(method, path, status=500, times=3)
    await stage.tell(f"draw {FOX}")
    await stage.advance(60)

    [picture] = stage.bots()
    [file] = picture.attachments
    assert (await file.read()).startswith(b"\x89PNG")
    assert len(stage.house.drawn) == 1


async def test_two_forms_that_are_open_at_the_same_time_both_work(staged: Staged) -> None:
    async with staged(run_in_guilds=True, sections={"tools": {"code": {"shared": True}}}) as stage:
        anns = await stage.ann.slash(stage.channel, "run")
        bobs = await stage.bob.slash(stage.channel, "run")
        for who, form in ((stage.ann, anns), (stage.bob, bobs)):
            await who.submit_modal(form, {"code": "x = 6\nprint(x * 7)"})
            await stage.advance(5)

        assert len(stage.service.asked) == 2


@pytest.mark.parametrize(("code", "why"), [(50083, "This thread was closed"), (50035, "Discord did not take")])
async def test_who_cannot_be_told_the_end_where_he_asked_is_told_it_elsewhere(
    stage: Stage, code: int, why: str
) -> None:
    stage.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=code, message="No", times=None)
    stage.service.pace = 1.0
    await stage.tell(SKY)
    await stage.advance(60)

    [told] = stage.read(stage.ann.user.dm_channel)
    assert f"<#{stage.channel.id}>" in told
    assert why in told
    assert len(stage.bot.answers.running) == 0
