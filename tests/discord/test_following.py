"""What becomes of a reply when the message that it answers is changed, or deleted; after a restart, too."""

from __future__ import annotations

from tests.discord.conftest import Staged
from tests.discord.stage import Stage

SKY = "why is the sky blue?"
CATS = "why do cats purr?"


async def test_a_changed_message_is_answered_anew_in_the_same_place(stage: Stage) -> None:
    asked = await stage.tell(SKY)
    [first] = stage.bots()
    await stage.ann.edit(asked, f"{stage.me} {CATS}")

    [reply] = stage.bots()
    assert reply.id == first.id
    assert reply.content == f"You said: {CATS}"


async def test_a_link_that_discord_looks_into_is_no_change(stage: Stage) -> None:
    asked = await stage.tell(SKY)
    await stage.ann.edit(asked, asked.content)

    assert len(stage.service.asked) == 1


async def test_a_message_that_is_changed_while_it_is_answered_has_one_reply(stage: Stage) -> None:
    stage.service.pace = 1.0
    asked = await stage.tell(SKY)
    await stage.advance(2.5)
    await stage.ann.edit(asked, f"{stage.me} {CATS}")
    await stage.advance(30)

    assert stage.read() == [f"You said: {CATS}"]
    assert len(stage.bot.answers.running) == 0


async def test_an_old_message_is_not_answered_anew(stage: Stage) -> None:
    asked = await stage.tell(SKY)
    await stage.advance(601)
    await stage.ann.edit(asked, f"{stage.me} {CATS}")

    assert stage.read() == [f"You said: {SKY}"]


async def test_a_mention_that_is_added_is_heard_and_one_that_is_taken_back_too(stage: Stage) -> None:
    asked = await stage.ann.send(stage.channel, SKY)
    assert stage.bots() == []
    await stage.ann.edit(asked, f"{stage.me} {SKY}")
    assert stage.read() == [f"You said: {SKY}"]
    await stage.ann.edit(asked, SKY)
    assert stage.bots() == []


async def test_the_reply_goes_with_what_it_answers(stage: Stage) -> None:
    asked = await stage.tell(SKY)
    await stage.ann.delete(asked)

    assert stage.bots() == []


async def test_a_reply_that_is_under_way_is_stopped_and_its_model_let_go(stage: Stage) -> None:
    stage.service.pace = 1.0
    asked = await stage.tell(SKY)
    await stage.advance(4)
    assert stage.bots() != []
    await stage.ann.delete(asked)

    assert stage.bots() == []
    assert len(stage.bot.answers.running) == 0
    assert await stage.idle()


async def test_after_a_restart_a_reply_of_several_parts_is_found_and_removed(staged: Staged) -> None:
    async with staged(says=["word " * 700]) as stage:
        asked = await stage.tell(SKY)
        assert len(stage.bots()) == 2
        await stage.restart()
        await stage.ann.delete(asked)

        assert stage.bots() == []


async def test_after_a_restart_a_changed_message_is_answered_in_the_same_place(staged: Staged) -> None:
    async with staged(says=["word " * 700]) as stage:
        asked = await stage.tell(SKY)
        first = stage.bots()[0]
        await stage.restart()
        await stage.ann.edit(asked, f"{stage.me} {CATS}")

        [reply] = stage.bots()
        assert reply.id == first.id
        assert reply.content == f"You said: {CATS}"


async def test_what_others_delete_is_not_looked_into(stage: Stage) -> None:
    said = await stage.ann.send(stage.channel, "good morning everybody")
    before = len(stage.env.http_requests)
    await stage.ann.delete(said)

    assert len(stage.env.http_requests) == before
