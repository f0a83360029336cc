"""Buttons under a picture, as people press them: again, another prompt, much like it, larger."""

from __future__ import annotations

import discord
import pytest
from tests.discord.button_stage import Scripted, alone_told, button_stage, custom_id

from pointsman.core.errors import BadField
from pointsman.discord.modals import size_in

ABLE = frozenset({"edit", "vary", "upscale"})


async def test_again_draws_the_same_with_a_new_seed_for_whoever_asks() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw a fox")
        result = await stage.bob.click(picture, label="Again")
        assert result.acknowledged
        asked = stage.asks[-1]
        assert asked.message.text == "a fox"
        assert asked.message.command is not None
        assert asked.message.command.slots == {"prompt": "a fox"}  # no seed: the painter takes another
        assert asked.message.origin.user == str(stage.bob.id)  # so that it counts against his share
        assert asked.message.origin.surface == "discord"
        first, second = stage.bots()
        assert first.attachments  # the old one stays
        assert second.reference is not None
        assert second.reference.message_id == picture.id
        assert second.content.startswith(f"-# 🎲 again, after <@{stage.ann.id}>'s picture, for <@{stage.bob.id}>\n")
        assert "seed 107" in second.content
        body = [it for it in stage.env.http_requests if it.method == "POST" and it.path.endswith("/messages")][-1].json
        assert body is not None
        assert body["allowed_mentions"] == {"parse": [], "replied_user": False}  # nobody is pinged by it


async def test_an_old_button_works_after_a_restart() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw a fox")
        await stage.restart()
        await stage.bob.click(picture, label="Again")
        assert [it.message.text for it in stage.asks] == ["a fox"]
        newest = stage.bots()[-1]
        assert f"<@{stage.ann.id}>'s picture" in newest.content
        # It is Bob's picture now, and so his to take away; Ann may not.
        await stage.ann.click(newest, label=None, custom_id=custom_id(newest, "delete"))
        assert len(stage.bots()) == 2
        await stage.bob.click(newest, custom_id=custom_id(newest, "delete"))
        assert len(stage.bots()) == 1


async def test_who_is_not_let_in_may_not_press_either() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        stage.bot.gate._settings = stage.bot.settings.model_copy(
            update={"block": stage.bot.settings.block.model_copy(update={"users": (str(stage.bob.id),)})}
        )
        for label in ("Again", "Edit prompt"):
            result = await stage.bob.click(picture, label=label)
            assert result.response is not None
            assert result.response.ephemeral
            assert "not allowed to answer you" in result.response.content
        assert len(stage.asks) == 1


async def test_edit_shows_the_prompt_and_draws_what_was_written() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw a fox")
        form = await stage.ann.click(picture, label="Edit prompt")
        assert form.modal is not None
        fields = {it["component"]["custom_id"]: it["component"].get("value") for it in form.modal["components"]}
        assert fields["prompt"] == "a fox"
        assert fields["seed"] == "7"  # what the new prompt does not change stays as it is
        await stage.ann.submit_modal(form, {"prompt": "a red fox", "size": "64 X 32", "steps": "12", "seed": "9"})
        command = stage.asks[-1].message.command
        assert command is not None
        assert command.slots == {"prompt": "a red fox", "width": 64, "height": 32, "steps": 12, "seed": 9}
        newest = stage.bots()[-1]
        assert newest.content.startswith(f"-# ✏️ with another prompt, after <@{stage.ann.id}>'s picture\n> a red fox\n")


async def test_what_cannot_be_read_in_the_form_is_said() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        for values, said in (({"size": "large"}, "no whole number"), ({"steps": "-3"}, "no whole number")):
            form = await stage.ann.click(picture, label="Edit prompt")
            result = await stage.ann.submit_modal(form, {"prompt": "a red fox", **values})
            assert said in alone_told(result).content
        assert len(stage.asks) == 1


@pytest.mark.parametrize(
    ("text", "size"),
    [("", (None, None)), ("512", (512, 512)), ("640x480", (640, 480)), ("640 \u00d7 480", (640, 480)), ("8*9", (8, 9))],
)
def test_sizes_are_read_as_people_write_them(text: str, size: tuple[int | None, int | None]) -> None:
    assert size_in(text) == size


@pytest.mark.parametrize("text", ["large", "1x2x3", "x512", "512x", "-1x5", "1.5", "\u00b2"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadField):
        size_in(text)


async def test_a_prompt_that_is_not_kept_is_found_beside_the_picture() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw a fox")
        stage.service.forget_texts()
        await stage.bob.click(picture, label="Again")
        assert stage.asks[-1].message.text == "a fox"


async def test_a_prompt_too_long_to_stand_there_is_found_in_what_was_asked() -> None:
    async with button_stage() as stage:
        prompt = "a fox " * 200 + "in the snow"
        picture = await stage.drawn(f"draw {prompt}")
        stage.service.decisions.clear()  # forgotten altogether
        await stage.bob.click(picture, label="Again")
        assert stage.asks[-1].message.text == prompt


async def test_a_prompt_that_is_nowhere_is_said_to_be_lost() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn("draw " + "a fox " * 200)
        stage.service.forget_texts()
        await stage.ann.delete(stage.channel.history()[0])
        result = await stage.bob.click(picture, label="Again")
        assert "not kept, and not to be found" in alone_told(result).content
        form = await stage.bob.click(picture, label="Edit prompt")
        assert form.modal is not None  # it can still be written anew
        assert "prompt is not kept" in form.modal["components"][0]["component"]["placeholder"]
        assert len(stage.asks) == 1


async def test_vary_and_upscale_are_made_of_the_picture_itself() -> None:
    async with button_stage(Scripted(jobs=ABLE)) as stage:
        picture = await stage.drawn("draw a fox")
        for label, job in (("Vary", "vary"), ("Upscale", "upscale")):
            await stage.bob.click(picture, label=label)
            asked = stage.asks[-1].message
            assert asked.command is not None
            assert asked.command.slots == {"prompt": "a fox", "job": job}
            source = asked.attachments[0]
            assert source.is_image
            assert source.url.startswith("data:image/png;base64,iVBORw0KGgo")
        assert "🔍 larger" in stage.bots()[-1].content


async def test_of_several_pictures_one_is_chosen_first() -> None:
    async with button_stage(Scripted(jobs=ABLE)) as stage:
        stage.bot.answers.pictures = 3
        picture = await stage.drawn("draw a fox")
        stage.bot.answers.pictures = 1
        result = await stage.bob.click(picture, label="Vary")
        question = alone_told(result)
        assert question.ephemeral
        assert len(stage.asks) == 1
        await stage.restart()
        await stage.bob.select(question, ["2"])
        second = stage.asks[-1].message.attachments[0]
        assert second.name == "picture-8-2.png"
        assert stage.bots()[-1].reference is not None


async def test_a_variation_of_a_picture_is_drawn_again_from_that_picture() -> None:
    async with button_stage(Scripted(jobs=ABLE)) as stage:
        picture = await stage.drawn("draw a fox")
        await stage.bob.click(picture, label="Vary")
        variation = stage.bots()[-1]
        await stage.bob.click(variation, label="Again")
        asked = stage.asks[-1].message
        assert asked.command is not None
        assert asked.command.slots["job"] == "vary"
        assert asked.attachments[0].name == picture.attachments[0].filename
        await stage.ann.click(picture, custom_id=custom_id(picture, "delete"))
        result = await stage.bob.click(variation, label="Again")
        assert "made of is gone" in alone_told(result).content


async def test_a_variation_of_one_of_several_is_not_drawn_again_from_another_of_them() -> None:
    async with button_stage(Scripted(jobs=ABLE)) as stage:
        stage.bot.answers.pictures = 3
        picture = await stage.drawn("draw a fox")
        stage.bot.answers.pictures = 1
        await stage.bob.select(alone_told(await stage.bob.click(picture, label="Vary")), ["2"])
        result = await stage.bob.click(stage.bots()[-1], label="Again")
        assert "made of one of several pictures" in alone_told(result).content
        assert len(stage.asks) == 2


async def test_what_comes_of_a_private_picture_stays_private() -> None:
    async with button_stage(Scripted(jobs=ABLE)) as stage:
        picture = (await stage.ann.slash(stage.channel, "private")).response
        assert picture is not None
        assert picture.ephemeral
        for label in ("Again", "Vary"):
            result = await stage.ann.click(picture, label=label)
            [another] = result.followups
            assert another.ephemeral
            assert another.attachments
            assert stage.asks[-1].message.origin.direct  # nobody reads along
        assert not stage.bots()
        await stage.ann.click(another, custom_id=custom_id(another.message, "delete"))
        assert not result.followups


async def test_where_the_bot_may_not_write_it_answers_the_click(monkeypatch: pytest.MonkeyPatch) -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        backend = stage.env.backend
        before = backend.compute_permissions

        def without_writing(guild: int, user: int, channel: int) -> int:
            writes = discord.Permissions(send_messages=True).value
            return int(before(guild, user, channel)) & ~(writes if user == backend.bot_user.id else 0)

        monkeypatch.setattr(backend, "compute_permissions", without_writing)
        result = await stage.bob.click(picture, label="Again")
        assert [bool(it.attachments) for it in result.followups] == [True]
