"""How replies come: at once, growing, in parts or as a file, with what is waited for, and how they end."""

from __future__ import annotations

import re
from itertools import pairwise

import discord
from tests.discord.conftest import Staged
from tests.discord.stage import Stage

from pointsman.testing.ollama.mishaps import Mishap

SKY = "why is the sky blue?"
STORY = "Once upon a time there was a fox. " * 12


async def test_typing_is_seen_before_anything_else_and_not_after_the_end(stage: Stage) -> None:
    stage.service.pace = 6.0
    await stage.tell(SKY)
    assert [it.path.rsplit("/", 1)[-1] for it in stage.env.http_requests[-1:]] == ["typing"]
    await stage.advance(60)
    assert stage.read() == [f"You said: {SKY}"]

    before = len(stage.calls("POST", "/typing"))
    await stage.advance(60)
    assert len(stage.calls("POST", "/typing")) == before


async def test_a_reply_grows_by_edits_that_are_no_closer_than_is_configured(staged: Staged) -> None:
    async with staged(says=[STORY], edit_every=2.0) as stage:
        stage.service.pace = 0.1
        await stage.tell(SKY)
        edits, seen = [0], [""]
        while len(stage.bot.answers.running):
            await stage.advance(0.5)
            edits.append(len(stage.edits()))
            seen += [it for it in stage.read() if it != seen[-1] and not it.startswith("-# ")]

        assert seen[-1] == STORY.strip()
        assert len(seen) > 4
        assert all(later.startswith(earlier.rstrip()) for earlier, later in pairwise(seen))
        moments = [place for place, (before, now) in enumerate(pairwise(edits)) if now > before]
        assert all(later - earlier >= 4 for earlier, later in pairwise(moments[:-1]))  # the end does not wait


async def test_a_long_reply_comes_in_parts_that_follow_each_other(staged: Staged) -> None:
    text = "```python\n" + "print('all work and no play')\n" * 120 + "```"
    async with staged(says=[text]) as stage:
        asked = await stage.tell(SKY)

        first, second = stage.bots()
        assert all(len(it.content) <= 2000 for it in (first, second))
        assert first.content.endswith("```")
        assert second.content.startswith("```python\n")
        assert [it.reference.message_id for it in (first, second) if it.reference] == [asked.id, first.id]


async def test_a_very_long_reply_is_a_file(staged: Staged) -> None:
    text = "\n\n".join(f"{number}. {STORY}" for number in range(30)).strip()
    async with staged(says=[text]) as stage:
        await stage.tell(SKY)

        [reply] = stage.bots()
        [file] = reply.attachments
        assert file.filename == "reply.md"
        assert (await file.read()).decode() == text
        assert reply.content.startswith("0. Once upon a time")
        assert "in the file" in reply.content


async def test_the_whole_file_is_known_when_the_talk_goes_on(staged: Staged) -> None:
    text = "\n\n".join(f"{number}. {STORY}" for number in range(30)).strip()
    async with staged(says=[text], history={"characters": 20_000}) as stage:
        await stage.tell(SKY)
        await stage.ann.send(stage.channel, "why is that so?", reply_to=stage.bots()[0])

        assert stage.service.asked[-1].history[-1].text == text


async def test_what_is_waited_for_is_told_and_goes_when_the_text_begins(stage: Stage) -> None:
    stage.service.pace = 2.0
    await stage.tell(SKY)
    await stage.advance(7)
    [waiting] = stage.bots()
    assert waiting.content.startswith("-# ⏳ loading qwen3:14b: about")
    assert [it.label for it in stage.buttons(waiting)] == ["Cancel"]

    await stage.advance(60)
    [reply] = stage.bots()
    assert reply.id == waiting.id
    assert reply.content == f"You said: {SKY}"
    assert stage.buttons(reply) == []


async def test_a_picture_grows_in_its_message_and_takes_its_place(stage: Stage) -> None:
    await stage.tell("draw a fox in the snow")

    [reply] = stage.bots()
    [picture] = reply.attachments
    assert picture.filename.endswith(".png")
    assert "seed" in reply.content
    assert "⏳" not in reply.content


async def test_the_footer_is_shown_where_it_is_wanted(staged: Staged) -> None:
    async with staged(footer=True) as stage:
        await stage.tell(SKY)

        assert stage.read()[0].startswith(f"You said: {SKY}\n-# knowledge\\_question · qwen3")
        await stage.ann.send(stage.channel, "why is that so?", reply_to=stage.bots()[0])
        assert stage.service.asked[-1].history[-1].text == f"You said: {SKY}"


async def test_a_greeting_takes_no_model_and_no_time(stage: Stage) -> None:
    await stage.tell("hello")

    assert len(stage.bots()) == 1
    assert stage.house.asked == []
    assert stage.edits() == []


async def test_what_fails_is_said_with_the_decision_and_what_to_do(stage: Stage) -> None:
    stage.house.ollama.residency.mishaps += [Mishap("load_crash")] * 9
    await stage.tell(SKY)

    [told] = stage.read()
    assert told.startswith("⚠️ ")
    assert "llama-server process has terminated" in told
    assert f"#{(await stage.router.find()).id}" in told


async def test_what_was_said_until_it_broke_off_is_kept(staged: Staged) -> None:
    async with staged(says=[STORY]) as stage:
        stage.house.ollama.residency.mishaps.append(Mishap("run_crash", after=25))
        await stage.tell(SKY)

        [told] = stage.read()
        said, warned = told.split("\n⚠️ ")
        assert STORY.startswith(said)
        assert said
        assert "what was said until then stands above" in warned


async def test_a_reply_is_stopped_by_its_button(stage: Stage) -> None:
    stage.service.pace = 2.0
    asked = await stage.tell(SKY)
    await stage.advance(7)
    [waiting] = stage.bots()
    await stage.ann.click(waiting, label="Cancel")

    assert stage.read() == ["-# Stopped, as you asked."]
    assert asked.id not in stage.bot.answers.running
    assert await stage.idle()


async def test_a_reply_that_a_moderator_deletes_meanwhile_ends(stage: Stage) -> None:
    stage.service.pace = 2.0
    await stage.tell(SKY)
    await stage.advance(8)
    [waiting] = stage.bots()
    await stage.env.bot.http.delete_message(waiting.channel.id, waiting.id)
    await stage.advance(60)

    assert stage.bots() == []
    assert len(stage.bot.answers.running) == 0
    assert await stage.idle()


async def test_where_it_may_not_write_nothing_is_computed_and_the_person_is_told(stage: Stage) -> None:
    nobody = discord.PermissionOverwrite(send_messages=False)
    assert stage.bot.user is not None
    quiet = stage.guild.create_text_channel("quiet", overwrites={stage.bot.user: nobody})
    await stage.ann.send(quiet, f"{stage.me} {SKY}")
    await stage.ann.send(quiet, f"{stage.me} {SKY}")

    assert stage.service.asked == []
    [told] = stage.read(stage.ann.user.dm_channel)
    assert "Send Messages" in told
    assert f"<#{quiet.id}>" in told


async def test_where_no_file_may_be_sent_nothing_is_drawn_and_long_replies_come_in_parts(staged: Staged) -> None:
    async with staged(says=[STORY * 20]) as stage:
        assert stage.bot.user is not None
        plain = stage.guild.create_text_channel(
            "plain", overwrites={stage.bot.user: discord.PermissionOverwrite(attach_files=False)}
        )
        await stage.ann.send(plain, f"{stage.me} {SKY}")
        assert len(stage.bots(plain)) > 3
        await stage.ann.send(plain, f"{stage.me} draw a fox")

        assert "Attach Files" in stage.read(plain)[-1]
        assert stage.house.drawn == []


async def test_a_permission_that_is_lost_on_the_way_ends_the_reply(stage: Stage) -> None:
    stage.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions")
    await stage.tell(SKY)

    assert stage.bots() == []
    [told] = stage.read(stage.ann.user.dm_channel)
    assert "permission" in told


async def test_the_end_of_a_reply_is_written_again_where_discord_failed(stage: Stage) -> None:
    stage.env.inject_error("PATCH", "/channels/*/messages/*", status=500)
    await stage.tell(SKY)
    await stage.advance(30)

    assert stage.read() == [f"You said: {SKY}"]


async def test_at_the_end_of_the_process_a_reply_may_finish(stage: Stage) -> None:
    stage.service.pace = 1.0
    await stage.tell(SKY)
    ending = await stage.drained(60)
    await stage.advance(30)
    await ending

    assert stage.read() == [f"You said: {SKY}"]
    await stage.tell("hello")
    assert "restarted" in stage.read()[-1]


async def test_what_is_not_finished_by_then_says_how_to_ask_again(staged: Staged) -> None:
    async with staged(says=[STORY]) as stage:
        stage.service.pace = 1.0
        await stage.tell(SKY)
        ending = await stage.drained(12)
        await stage.advance(13)
        await ending

        [told] = stage.read()
        said, warned = told.split("\n⚠️ ")
        assert STORY.startswith(said)
        assert "Ask again" in warned
        assert f"#{(await stage.router.find()).id}" in warned
        assert await stage.idle()


async def test_whoever_has_used_up_his_share_is_told_when_there_is_more(staged: Staged) -> None:
    async with staged(limits={"user": {"messages": ["1/10m"]}}) as stage:
        await stage.tell("hello")
        await stage.tell("hello")
        await stage.tell("hello", by=stage.bob)

        assert len(stage.service.asked) == 2
        told = re.search(r"used up your 1 message in 10 minutes\. .*<t:(\d+):R>", stage.read()[1])
        assert told is not None
        assert 600 <= int(told[1]) - stage.time() <= 620


async def test_a_picture_that_is_not_for_everybody_is_drawn_for_nobody(stage: Stage) -> None:
    await stage.tell("draw a nude in oil")

    [told] = stage.read()
    assert "I don't draw" in told
    assert stage.house.drawn == []
