"""What the bot does on a Discord over real sockets, from one end to the other, while nothing goes wrong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.discord.wire import opened_wire

from pointsman.testing.fake_discord.pictures import plain, size_of

STORY = "Once upon a time there was a fox who lived at the edge of a wood. " * 4


async def test_it_connects_declares_its_commands_and_is_there(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        assert wire.discord.gateway.identified == 1
        assert wire.discord.commands.synced == 1
        names = {it["name"] for it in wire.discord.state.commands[""]}
        assert {"ask", "draw", "search", "remember", "memory", "run", "model", "why", "gpu", "quota"} <= names
        assert {"privacy", "settings"} <= names
        assert wire.discord.said() == []


async def test_a_reply_is_typed_streamed_and_rings_for_nobody(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, says=lambda _: f"{STORY} @everyone <@{1}>") as wire:
        asked = wire.ann.asks("tell me a story", wire.discord.channel)
        reply = await wire.begun(asked, "Once")
        begun = len(reply.revisions)
        wire.drip.stop(after=20)
        await wire.until(lambda: len(reply.revisions) > begun)
        wire.drip.go()
        await wire.until(lambda: "@everyone" in reply.content)
        assert reply.pinged == ()
        assert wire.discord.typed(wire.discord.channel)[0] <= reply.at
        words = [it.content for it in reply.revisions if it.content.startswith("Once")]
        assert all(later.startswith(sooner.rstrip("…")[:40]) for sooner, later in pairwise(words))
        assert wire.discord.doubled([asked]) == []


async def test_a_command_is_deferred_in_time_and_answered(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        used = await wire.discord.answered(wire.ann.uses("ask", wire.discord.channel, text="why is the sky blue?"))
        await wire.until(lambda: any("why is the sky blue" in it for it in used.said))
        assert len(used.said) == 1
        private = await wire.discord.answered(wire.bob.uses("memory list", wire.discord.channel))
        assert private.messages[0].ephemeral
        direct = await wire.discord.answered(wire.bob.uses("ask", text="and at night?"))
        await wire.until(lambda: any("at night" in it for it in direct.said))


async def test_a_picture_goes_up_byte_by_byte_and_its_buttons_work(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        asked = wire.ann.asks("draw a red fox in the snow", wire.discord.channel)
        reply = await wire.discord.replied(asked)
        await wire.until(lambda: reply.files and "seed" in reply.content)
        painted = list(wire.house.comfyui.files.values())
        assert [it.data for it in reply.files] == painted
        assert size_of(reply.files[0].data) is not None
        pressed = await wire.discord.answered(wire.ann.presses(reply, "🎲"))
        await wire.until(lambda: len([it for it in wire.discord.world.by_me() if it.files]) == 2)
        again = [it for it in wire.discord.world.by_me() if it.files][1]
        assert again.files[0].data in wire.house.comfyui.files.values()
        assert again.files[0].data != reply.files[0].data
        assert pressed.answered_at is not None


async def test_a_picture_comes_down_byte_by_byte(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        wire.ann.asks("what do you see?", wire.discord.channel, files={"cat.png": plain()})
        await wire.until(wire.discord.said)
        await wire.until(lambda: not wire.bot.answers.running)
        assert wire.discord.said()[0]


async def test_a_long_reply_is_split_and_a_longer_one_is_a_file(tmp_path: Path) -> None:
    long = {"text": "word " * 700}
    async with opened_wire(tmp_path, says=lambda _: long["text"]) as wire:
        asked = wire.ann.asks("write much", wire.discord.channel)
        await wire.until(lambda: sum(it.count("word") for it in wire.discord.said()) == 700)
        assert len(wire.discord.said()) == 2
        assert wire.discord.doubled([asked]) == []
        long["text"] = "word " * 3000
        wire.ann.asks("write more", wire.discord.channel)
        await wire.until(lambda: any(it.files for it in wire.discord.world.by_me()))
        file = next(it.files[0] for it in wire.discord.world.by_me() if it.files)
        assert file.data.decode().split() == ["word"] * 3000
