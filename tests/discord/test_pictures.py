"""Pictures over the whole product: drawn, watched while they grow, drawn again, and what is said of them taught."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import discord
import pytest
from tests.discord.conftest import Staged
from tests.discord.stage import Stage
from tests.journeys import card_house

FOX = "a fox in the snow"
LARGER = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "upscale_method": "lanczos", "scale_by": 2}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "larger"}},
}


async def drawn(stage: Stage, text: str = f"draw {FOX}", **more: Any) -> discord.Message:
    """Ann has something drawn; the bot's message."""
    await stage.tell(text, **more)
    await stage.advance(5)
    return stage.bots()[-1]


def graph_says(stage: Stage, text: str) -> bool:
    """Whether that stands in what ComfyUI was sent last."""
    return text in json.dumps(stage.house.drawn[-1])


def pressable(message: discord.Message, action: str) -> str:
    """The custom_id of a button."""
    every = [
        str(getattr(child, "custom_id", "")) for row in message.components for child in getattr(row, "children", ())
    ]
    return next(it for it in every if it.startswith(f"pm:{action}:"))


async def test_a_picture_comes_with_seed_size_time_and_the_buttons_that_are_of_use(stage: Stage) -> None:
    picture = await drawn(stage)
    [file] = picture.attachments
    assert file.filename.endswith(".png")
    assert (await file.read()).startswith(b"\x89PNG")
    assert file.description == FOX
    decision = await stage.router.find()
    said = rf"-# 🎨 seed \d+ · 1024 x 1024 · \d+\.\d s · z-image-turbo-int8 · #{decision.id}"
    assert re.fullmatch(said, picture.content)
    labels = [getattr(child, "label", "") for row in picture.components for child in getattr(row, "children", ())]
    assert labels == ["Again", "Edit prompt", None, "Wrong?"]


async def test_a_growing_picture_is_seen(stage: Stage) -> None:
    stage.service.pace = 1.0
    await stage.tell(f"draw {FOX}")
    seen: dict[str, list[str]] = {}
    for _ in range(40):
        await stage.advance(1)
        for it in stage.bots():
            seen[it.content] = [file.filename for file in it.attachments]
        if any(line.startswith("-# 🎨 seed") for line in seen):
            break
    steps = [line for line in seen if " of " in line and "step" in line]
    assert len(steps) > 2
    assert any(seen[line] and seen[line][0].startswith("preview.") for line in steps)
    [last] = stage.bots()
    assert [it.filename.startswith("picture-") for it in last.attachments] == [True]  # the preview made way


async def test_several_pictures_come_in_one_message(stage: Stage) -> None:
    picture = await drawn(stage, "draw three pictures of a fox")
    assert len(picture.attachments) == 3
    assert len(stage.bots()) == 1


async def test_a_drawing_is_cancelled_by_who_asked_and_nobody_else(stage: Stage) -> None:
    stage.house.comfyui.mishaps.hang = True
    stage.service.pace = 1.0
    await stage.tell(f"draw {FOX}")
    for _ in range(20):
        await stage.advance(1)
        if stage.bots() and stage.bots()[-1].components:
            break
    waiting = stage.bots()[-1]
    refused = await stage.bob.click(waiting, label="Cancel")
    assert refused.response is not None
    assert "Only who asked" in refused.response.content
    await stage.ann.click(waiting, label="Cancel")
    await stage.advance(5)
    [last] = stage.bots()
    assert "Stopped, as you asked." in last.content
    assert not last.components


async def test_a_button_from_before_a_restart_draws_again_for_whoever_clicks(stage: Stage) -> None:
    picture = await drawn(stage)
    await stage.restart()
    await stage.bob.click(picture, label="Again")
    await stage.advance(5)
    first, second = stage.bots()
    assert f"<@{stage.ann.id}>'s picture, for <@{stage.bob.id}>" in second.content
    assert second.reference is not None
    assert second.reference.message_id == first.id
    assert [len(it.attachments) for it in (first, second)] == [1, 1]
    assert first.attachments[0].filename != second.attachments[0].filename  # another seed
    assert len(stage.house.drawn) == 2
    assert graph_says(stage, FOX)
    decision = await stage.router.find()
    assert decision.reason == "asked for by the button again"


async def test_a_form_changes_prompt_and_size(stage: Stage) -> None:
    picture = await drawn(stage)
    form = await stage.ann.click(picture, label="Edit prompt")
    await stage.ann.submit_modal(form, {"prompt": "a red fox", "size": "512x256", "seed": "11"})
    await stage.advance(5)
    newest = stage.bots()[-1]
    assert "> a red fox" in newest.content
    assert "seed 11 · 512 x 256" in newest.content
    assert graph_says(stage, "a red fox")


async def test_where_no_text_is_kept_a_picture_is_drawn_again_from_what_stands_in_the_channel(
    staged: Staged, tmp_path: Path
) -> None:
    async with staged(sections={"store": {"path": tmp_path / "d.db", "keep_text": 0}}) as stage:
        picture = await drawn(stage)
        assert (await stage.router.find()).slots["prompt"] == "***"
        await stage.bob.click(picture, label="Again")
        await stage.advance(5)
        assert len(stage.house.drawn) == 2
        assert graph_says(stage, FOX)


async def test_again_counts_against_the_share_of_whoever_clicks(staged: Staged) -> None:
    async with staged(limits={"user": {"pictures": "1/1h"}}) as stage:
        picture = await drawn(stage)
        await stage.bob.click(picture, label="Again")
        await stage.advance(5)
        assert len(stage.house.drawn) == 2
        await stage.bob.click(picture, label="Again")
        await stage.advance(5)
        assert len(stage.house.drawn) == 2
        assert "<t:" in stage.bots()[-1].content  # it says when there is more


async def test_what_is_not_for_everybody_is_hidden_where_it_is_drawn(stage: Stage) -> None:
    refused = await drawn(stage, "draw a nude statue")
    assert "I don't draw" in refused.content
    assert not stage.house.drawn
    place = stage.bot.get_channel(stage.channel.id)
    assert isinstance(place, discord.TextChannel)
    place.nsfw = True  # which SimCord knows nothing of
    picture = await drawn(stage, "draw a nude statue")
    assert [it.filename.startswith("SPOILER_") for it in picture.attachments] == [True]


async def test_a_picture_is_made_larger_where_there_is_a_workflow_for_it(
    staged: Staged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = tmp_path / "larger.json"
    workflow.write_text(json.dumps(LARGER))
    monkeypatch.setattr(card_house, "LIGHT", {**card_house.LIGHT, "jobs": {"upscale": str(workflow)}})
    async with staged() as stage:
        picture = await drawn(stage)
        await stage.bob.click(picture, label="Upscale")
        await stage.advance(5)
        newest = stage.bots()[-1]
        assert newest.content.startswith(f"-# 🔍 larger: <@{stage.ann.id}>'s picture, for <@{stage.bob.id}>\n")
        assert "2048 x 2048" in newest.content
        with pytest.raises(StopIteration):
            pressable(newest, "again")  # the same, larger, would come out the same again


async def test_wrong_teaches_and_undo_takes_it_back(stage: Stage) -> None:
    text = f"draw {FOX}"
    picture = await drawn(stage, text)
    result = await stage.ann.click(picture, label="Wrong?")
    menu = result.followups[0] if result.followups else result.response
    assert menu is not None
    assert menu.ephemeral
    await stage.ann.select(menu, ["general_chat"])
    shown = stage.env.backend.get_message(stage.channel.id, menu.id)
    assert "Teach **general_chat**?" in shown.content
    await stage.ann.click(menu, label="Teach")
    assert "Learned" in shown.content
    assert (await drawn(stage, text)).content == f"You said: {text}"
    await stage.ann.click(menu, label="Undo")
    assert "Taken back" in shown.content
    assert (await drawn(stage, text)).attachments


async def test_a_picture_is_deleted_by_who_asked_for_it(stage: Stage) -> None:
    picture = await drawn(stage)
    await stage.bob.click(picture, custom_id=pressable(picture, "delete"))
    assert picture.id in [it.id for it in stage.bots()]
    await stage.ann.click(picture, custom_id=pressable(picture, "delete"))
    assert picture.id not in [it.id for it in stage.bots()]


async def test_in_a_direct_message_everything_is_the_persons_own(stage: Stage) -> None:
    await stage.ann.send_dm(f"draw {FOX}")
    await stage.advance(5)
    channel = stage.ann.user.dm_channel
    [picture] = [it for it in channel.history() if it.attachments]
    await stage.ann.user.click(picture, label="Again")
    await stage.advance(5)
    assert len([it for it in channel.history() if it.attachments]) == 2
