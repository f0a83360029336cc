"""Somebody says that a message was taken for the wrong thing: chosen, looked at, taught, and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.discord.button_stage import ButtonStage, Scripted, button_stage

from pointsman.core.correction import Conflict, Correction, Flip, Preview
from pointsman.core.errors import InvalidInput, StoreError

FLIPS = (
    Flip("d00000000001", "draw a fox", "image_generation", "general_chat"),
    Flip("other1", "my **secret** plan", "image_generation", "general_chat"),
    Flip("other2", "another secret", "image_generation", "general_chat"),
)


def preview(*flips: Flip, conflicts: int = 0) -> Preview:
    about = Correction("", "draw a fox", "general_chat")
    return Preview(about, flips, (Conflict(about, about, 1.0),) * conflicts, 200)


async def asked(stage: ButtonStage, picture: Any = None, who: Any = None) -> Any:
    """The menu that the button brings."""
    result = await (who or stage.ann).click(picture or await stage.drawn(), label="Wrong?")
    [menu] = result.followups or [result.response]
    return menu


async def read(stage: ButtonStage, message: Any) -> str:
    """What a private message says now."""
    return str(stage.env.backend.get_message(stage.channel.id, message.id).content)


async def test_all_the_way_chosen_taught_and_taken_back() -> None:
    async with button_stage(Scripted(flips=preview(*FLIPS))) as stage:
        menu = await asked(stage)
        assert menu.ephemeral
        assert "taken for **image_generation**" in menu.content
        [select] = menu.components[0]["components"]
        assert [it["label"] for it in select["options"]] == ["general_chat", "web_search"]
        assert [it["description"] for it in select["options"]] == ["Small talk.", "News and prices."]
        await stage.ann.select(menu, ["general_chat"])
        assert (await read(stage, menu)).startswith("Teach **general_chat**? That would change 3 of the last 200 decis")
        await stage.ann.click(menu, label="Teach")
        assert [(it.category, it.surface) for it in stage.service.taught.values()] == [("general_chat", "discord")]
        assert "Learned" in await read(stage, menu)
        await stage.ann.click(menu, label="Undo")
        assert not stage.service.taught
        assert "Taken back" in await read(stage, menu)
        assert not stage.env.backend.get_message(stage.channel.id, menu.id).components


async def test_each_step_works_after_a_restart() -> None:
    async with button_stage() as stage:
        menu = await asked(stage)
        await stage.restart()
        await stage.ann.select(menu, ["web_search"])
        await stage.restart()
        await stage.ann.click(menu, label="Teach")
        assert len(stage.service.taught) == 1
        await stage.restart()
        await stage.ann.click(menu, label="Undo")
        assert not stage.service.taught


async def test_never_mind_changes_nothing() -> None:
    async with button_stage() as stage:
        menu = await asked(stage)
        await stage.ann.select(menu, ["web_search"])
        await stage.ann.click(menu, label="Never mind")
        assert not stage.service.taught
        assert await read(stage, menu) == "Nothing was changed."


async def test_what_others_wrote_is_counted_and_not_told() -> None:
    async with button_stage(Scripted(flips=preview(*FLIPS, conflicts=1))) as stage:
        menu = await asked(stage)
        await stage.ann.select(menu, ["general_chat"])
        text = await read(stage, menu)
        assert "“draw a fox”: image_generation → general_chat" in text  # the message that it is about
        assert "secret" not in text
        assert "- 2 times image_generation → general_chat" in text
        assert "⚠️ Earlier corrections say otherwise (1)" in text


async def test_who_runs_the_bot_is_told_what_was_written() -> None:
    async with button_stage(Scripted(flips=preview(*FLIPS))) as stage:
        settings = stage.bot.settings
        stage.bot.gate._settings = settings.model_copy(
            update={"admins": settings.admins.model_copy(update={"users": (str(stage.bob.id),)})}
        )
        menu = await asked(stage, who=stage.bob)
        await stage.bob.select(menu, ["general_chat"])
        text = await read(stage, menu)
        assert "another secret" in text
        assert "**secret**" not in text  # and it formats nothing


async def test_only_who_asked_or_moderates_may_teach() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        refused = await stage.bob.click(picture, label="Wrong?")
        assert refused.response is not None
        assert refused.response.ephemeral
        assert "Only who asked" in refused.response.content
        menu = await asked(stage, picture, stage.mia)
        assert menu.components


async def test_where_texts_are_not_kept_they_come_from_the_channel() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw a fox")
        stage.service.forget_texts()
        menu = await asked(stage, picture)
        await stage.ann.select(menu, ["general_chat"])
        assert "texts are not kept" in await read(stage, menu)
        await stage.ann.click(menu, label="Teach")
        assert [it.text for it in stage.service.taught.values()] == ["draw a fox"]


async def test_where_nobody_knows_what_was_said_nothing_is_taught() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw a fox")
        stage.service.forget_texts()
        await stage.ann.delete(stage.channel.history()[0])
        menu = await asked(stage, picture)
        result = await stage.ann.select(menu, ["general_chat"])
        assert "text is not kept" in result.followups[0].content
        assert not stage.service.taught


async def test_a_forgotten_decision_is_said() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stage.service.decisions.clear()
        menu = await asked(stage, picture)
        assert "not on record any more" in menu.content
        assert not menu.components


@pytest.mark.parametrize("error", [InvalidInput("it rests on what was said before"), StoreError("the disk is full")])
async def test_a_refused_correction_is_said_and_can_be_tried_again(error: Exception) -> None:
    class Refusing(Scripted):
        async def correct(self, *_: Any, **__: Any) -> Correction:
            raise error

    async with button_stage(Refusing()) as stage:
        menu = await asked(stage)
        await stage.ann.select(menu, ["general_chat"])
        result = await stage.ann.click(menu, label="Teach")
        [told] = result.followups
        assert told.ephemeral
        assert told.content.startswith("⚠️ ")
        assert stage.env.backend.get_message(stage.channel.id, menu.id).components


async def test_a_correction_that_was_taken_back_elsewhere_is_said() -> None:
    async with button_stage() as stage:
        menu = await asked(stage)
        await stage.ann.select(menu, ["general_chat"])
        await stage.ann.click(menu, label="Teach")
        stage.service.taught.clear()
        result = await stage.ann.click(menu, label="Undo")
        assert "No correction" in result.followups[0].content


async def test_more_categories_than_a_menu_takes_come_in_several() -> None:
    many = {f"category_{it}": "x" * 300 for it in range(60)}
    async with button_stage(Scripted(categories=many)) as stage:
        menu = await asked(stage)
        menus = [row["components"][0] for row in menu.components]
        assert [len(it["options"]) for it in menus] == [25, 25, 10]
        await stage.ann.select(menu, ["category_59"], custom_id=menus[2]["custom_id"])
        assert "**category_59**" in await read(stage, menu)


async def test_a_category_of_the_longest_name_can_be_taught() -> None:
    name = "c" * 64
    async with button_stage(Scripted(categories={name: "Long."})) as stage:
        menu = await asked(stage)
        await stage.ann.select(menu, [name])
        await stage.ann.click(menu, label="Teach")
        assert [it.category for it in stage.service.taught.values()] == [name]
