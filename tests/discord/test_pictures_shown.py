"""How pictures look on Discord: what is said of them, what fits, and what they look like while they grow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from tests.discord.button_stage import RED, Scripted

from pointsman.core.decision import Decision
from pointsman.core.errors import Unreachable
from pointsman.core.message import Command, Message
from pointsman.core.reply import Picture, Progress
from pointsman.discord.button_items import BUTTON, LONGEST, Mark, decision_of, marks_of
from pointsman.discord.picturing import MOST_FILES, ROOM, PictureMessage, ProgressPicture, room_for, show
from pointsman.discord.service import Known, Service
from pointsman.testing.comfyui.pictures import jpeg, png

PROMPT = "a fox in the snow"


def ask(*, command: bool = False, prompt: str = PROMPT) -> Any:
    message = Message(prompt, command=Command("image_generation", {"prompt": prompt}) if command else None)
    return SimpleNamespace(message=message, source=None, asker=SimpleNamespace(id=42))


def decision(**slots: str | int) -> Decision:
    return Decision("a" * 12, "image_generation", "image", 1.0, "command", (), {"prompt": PROMPT, **slots})


def pictures(*sizes: tuple[int, int]) -> list[Picture]:
    return [Picture(png(width, height, RED), seed=7 + it) for it, (width, height) in enumerate(sizes)]


async def shown(drawn: list[Picture], service: Any = None, **more: Any) -> PictureMessage:
    made = more.pop("decided", decision())
    asked = more.pop("asked", ask())
    return await show(asked, made, drawn, 3.21, "z-image", service=cast("Service", service or Scripted()), **more)


def labels(message: PictureMessage) -> list[str]:
    return [getattr(it, "label", None) or str(getattr(it, "emoji", "")) for it in items(message)]


def items(message: PictureMessage) -> list[Any]:
    return [getattr(it, "item", it) for it in message.view.children]


async def test_caption_says_seed_size_steps_time_model_and_decision() -> None:
    message = await shown(pictures((64, 32)), decided=decision(steps=8))
    assert message.content == f"-# 🎨 seed 7 · 64 x 32 · 8 steps · 3.2 s · z-image · #{'a' * 12}"
    assert [it.filename for it in message.files] == ["picture-7-1.png"]


async def test_several_pictures_are_one_message_with_all_seeds() -> None:
    message = await shown(pictures((8, 8), (8, 8), (16, 8)))
    assert "seeds 7, 8, 9 · 8 x 8, 16 x 8" in message.content
    assert len(message.files) == 3
    assert len({it.filename for it in message.files}) == 3


async def test_no_more_files_than_discord_takes_and_it_says_so() -> None:
    message = await shown(pictures(*[(8, 8)] * 12))
    assert len(message.files) == MOST_FILES
    assert "⚠️ Only the first 10 of 12 pictures fit" in message.content


async def test_what_is_too_large_is_left_out_and_said() -> None:
    small, large = pictures((8, 8), (8, 8))
    large = Picture(large.data + b"\0" * 300_000, seed=9)
    message = await shown([small, large], room=200_000)
    assert len(message.files) == 1
    assert "⚠️ 1 of the 2 pictures are larger (0.3 MB) than files may be here (0.2 MB)" in message.content
    alone = await shown([large], room=200_000)
    assert not alone.files
    assert "⚠️ The picture is larger" in alone.content
    assert "seed 9" in alone.content


def test_the_server_says_how_large_files_may_be() -> None:
    guild = object.__new__(discord.Guild)
    guild.premium_tier = 2
    asked = ask()
    assert room_for(asked) == ROOM
    asked.asker.guild = guild  # by a command
    assert room_for(asked) == guild.filesize_limit > ROOM
    asked.source = SimpleNamespace(guild=None)  # by a direct message
    assert room_for(asked) == ROOM


async def test_the_prompt_is_beside_the_picture_and_quoted_after_a_command() -> None:
    plain = await shown(pictures((8, 8)))
    assert not plain.content.startswith(">")
    assert plain.files[0].description == PROMPT
    command = await shown(pictures((8, 8)), asked=ask(command=True))
    assert command.content.startswith(f"> {PROMPT}\n")


async def test_a_prompt_neither_formats_nor_mentions() -> None:
    prompt = "@everyone **loud**\n# title"
    asked = ask(command=True, prompt=prompt)
    message = await shown(pictures((8, 8)), asked=asked, decided=decision(prompt=prompt))
    first = message.content.split("\n")[0]
    assert "@everyone" not in first
    assert "**loud**" not in first
    assert len(message.content.split("\n")) == 2


async def test_a_spoiler_hides_picture_and_prompt() -> None:
    message = await shown(pictures((8, 8)), asked=ask(command=True), spoiler=True)
    assert message.files[0].filename.startswith("SPOILER_")
    assert message.content.startswith(f"> ||{PROMPT}||")


async def test_a_prompt_longer_than_discord_takes_beside_a_picture_is_cut() -> None:
    message = await shown(pictures((8, 8)), asked=ask(command=True), decided=decision(prompt="x" * 3000))
    assert len(message.files[0].description or "") == 1024
    assert len(message.content) < 2000


async def test_buttons_are_those_that_there_is_something_for() -> None:
    assert labels(await shown(pictures((8, 8)))) == ["Again", "Edit prompt", "🗑️", "Wrong?"]
    able = Scripted(jobs=frozenset({"vary", "upscale"}))
    every = await shown(pictures((8, 8)), able)
    assert labels(every) == ["Again", "Edit prompt", "Vary", "Upscale", "🗑️", "Wrong?"]
    larger = await shown(pictures((8, 8)), decided=decision(job="upscale"))
    assert labels(larger) == ["🗑️", "Wrong?"]
    assert "Upscale" not in labels(await shown([Picture(b"x" * 99)], able, room=9))


async def test_a_gateway_that_is_gone_costs_only_the_buttons_it_would_tell_of() -> None:
    class Gone(Scripted):
        async def known(self) -> Known:
            raise Unreachable("the gateway is gone", cure="start it")

    assert labels(await shown(pictures((8, 8)), Gone())) == ["Again", "Edit prompt", "🗑️", "Wrong?"]


async def test_custom_ids_carry_action_decision_seed_and_asker_in_100_characters() -> None:
    message = await shown([Picture(png(8, 8, RED), seed=2**64 - 1)])
    custom_ids = [it.custom_id for it in items(message)]
    assert f"pm:again:{'a' * 12}:{2**64 - 1}:42" in custom_ids
    assert all(len(it) <= LONGEST and BUTTON.fullmatch(it) for it in custom_ids)


@pytest.mark.parametrize(
    "custom_id", ["", "pm:", "other", "pm:again:x", "pm:again:x:y:z", "pm:Again:x::", "pm:a:b c::1"]
)
def test_what_is_not_ours_is_not_read(custom_id: str) -> None:
    assert Mark.read(custom_id) is None


def test_a_mark_is_read_as_it_was_written() -> None:
    for mark in (Mark("again", "abc", "7", 12), Mark("teach", "abc", "image_generation"), Mark("cancel", "123456")):
        assert Mark.read(f"pm:{mark}") == mark
        assert Mark.read(f"pmm:{mark}") == mark


def test_the_decision_of_a_message_is_found_under_it() -> None:
    buttons = [SimpleNamespace(custom_id=it) for it in ("else", "pm:cancel:99::1", "pm:wrong:abc::1", None)]
    message: Any = SimpleNamespace(components=[SimpleNamespace(children=buttons), SimpleNamespace()])
    assert decision_of(message) == "abc"
    assert len(marks_of(message)) == 2
    nothing: Any = SimpleNamespace(components=[])
    assert not decision_of(nothing)


def test_a_growing_picture_says_how_far_it_is_and_shows_each_preview_once() -> None:
    growing = ProgressPicture()
    growing.went(Progress(4, 8, jpeg(8, 90), "image/jpeg"))
    assert "4 of 8" in growing.content
    first = growing.dress(growing.content)
    assert [it.filename for it in first["attachments"]] == ["preview.jpg"]
    assert "attachments" not in growing.dress(growing.content)
    growing.went(Progress(5, 8, jpeg(8, 90), "image/jpeg"))  # the same preview again
    assert "attachments" not in growing.dress(growing.content)
    growing.went(Progress(6, 8, jpeg(8, 10), "image/jpeg"))
    assert "attachments" in growing.dress(growing.content)


def test_a_preview_is_not_shown_of_what_is_hidden_nor_where_it_does_not_fit() -> None:
    for growing in (ProgressPicture(spoiler=True), ProgressPicture(room=5)):
        growing.went(Progress(4, 8, jpeg(8, 90), "image/jpeg"))
        assert "attachments" not in growing.dress("so far")
