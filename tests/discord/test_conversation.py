"""Who is answered, and what of the conversation before is known then."""

from __future__ import annotations

from tests.discord.conftest import Staged
from tests.discord.stage import Stage

from pointsman.core.message import Message
from pointsman.testing.comfyui.pictures import png

SKY = "why is the sky blue?"


def talk(message: Message) -> list[tuple[str, str]]:
    """A conversation as the engine was given it: who, and what."""
    return [(turn.role, turn.text) for turn in (*message.history, message.turn)]


def said(message: Message) -> list[str]:
    """What people and the bot said in it."""
    return [text for role, text in talk(message) if role != "system"]


async def test_a_mention_is_answered_by_a_reply_that_pings_nobody(stage: Stage) -> None:
    asked = await stage.tell(SKY)

    [reply] = stage.bots()
    assert reply.content == f"You said: {SKY}"
    assert reply.reference is not None
    assert reply.reference.message_id == asked.id
    assert stage.sent()[0]["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert talk(stage.service.asked[0]) == [("user", SKY)]


async def test_what_is_not_said_to_it_is_left_alone(stage: Stage) -> None:
    first = await stage.ann.send(stage.channel, "good morning everybody")
    await stage.bob.send(stage.channel, "why is the sky blue?", reply_to=first)
    await stage.ann.send(stage.channel, "@everyone look at this")

    assert stage.bots() == []
    assert stage.service.asked == []


async def test_bots_and_webhooks_are_not_answered(stage: Stage) -> None:
    robot = stage.guild.add_member(stage.env.create_user("robot", bot=True))
    await robot.send(stage.channel, f"{stage.me} hello")
    await stage.guild.create_webhook(stage.channel).send(f"{stage.me} hello")

    assert stage.bots() == []


async def test_a_direct_message_goes_on_where_the_last_one_ended(stage: Stage) -> None:
    await stage.ann.send_dm("my cat is called Tom")
    await stage.ann.send_dm("why do cats purr?")

    assert len(stage.bots(stage.ann.user.dm_channel)) == 2
    asked = stage.service.asked[-1]
    assert asked.origin.direct
    assert talk(asked)[0] == ("user", "my cat is called Tom")
    assert talk(asked)[1][0] == "assistant"
    assert talk(asked)[2:] == [("user", "why do cats purr?")]


async def test_direct_messages_may_be_switched_off(staged: Staged) -> None:
    async with staged(direct=False) as stage:
        await stage.ann.send_dm("hello")

        [told] = stage.read(stage.ann.user.dm_channel)
        assert "direct messages" in told
        assert stage.service.asked == []


async def test_a_chain_of_replies_is_the_context_with_the_names_of_several(stage: Stage) -> None:
    await stage.tell("explain how rainbows form")
    [first] = stage.bots()
    await stage.bob.send(stage.channel, "and why is the red outside?", reply_to=first)

    assert said(stage.service.asked[-1]) == [
        "ann: explain how rainbows form",
        "You said: explain how rainbows form",
        "bob: and why is the red outside?",
    ]
    assert stage.service.asked[-1].judged == "and why is the red outside?"


async def test_talks_in_one_channel_are_kept_apart(stage: Stage) -> None:
    await stage.tell("explain how rainbows form")
    [rainbows] = stage.bots()
    await stage.tell("why do cats purr?", by=stage.bob)
    await stage.ann.send(stage.channel, "why is that so?", reply_to=rainbows)

    last = stage.service.asked[-1]
    assert said(last) == ["explain how rainbows form", "You said: explain how rainbows form", "why is that so?"]
    assert stage.service.asked[0].origin.session != stage.service.asked[1].origin.session
    assert stage.service.asked[0].origin.session == stage.service.asked[2].origin.session


async def test_a_chain_ends_at_a_message_that_is_gone(stage: Stage) -> None:
    first = await stage.bob.send(stage.channel, "the bridge was built in 1894")
    second = await stage.ann.send(stage.channel, "by whom?", reply_to=first)
    await stage.bob.delete(first)
    await stage.bob.send(stage.channel, f"{stage.me} do you know?", reply_to=second)

    assert said(stage.service.asked[-1]) == ["ann: by whom?", "bob: do you know?"]


async def test_a_long_chain_is_cut_and_says_so(staged: Staged) -> None:
    async with staged(history={"messages": 2}) as stage:
        await stage.tell("explain how rainbows form")
        for text in ("why is that so?", "explain that in more detail"):
            await stage.ann.send(stage.channel, text, reply_to=stage.bots()[-1])

        assert len(stage.service.asked[-1].history) == 2
        assert "Only the last 2 messages" in stage.bots()[-1].content
        assert "Only the last" not in stage.bots()[0].content


async def test_a_thread_is_one_conversation_with_the_message_that_it_began_with(stage: Stage) -> None:
    start = await stage.bob.send(stage.channel, "the bridge was built in 1894")
    thread = stage.thread("bridge", about=start.id)
    await stage.ann.send(thread, "I never knew that")
    await stage.ann.send(thread, f"{stage.me} how do bridges carry so much?")

    asked = stage.service.asked[-1]
    assert said(asked) == [
        "bob: the bridge was built in 1894",
        "ann: I never knew that",
        "ann: how do bridges carry so much?",
    ]
    assert asked.origin.session == asked.origin.channel == str(thread.id)
    assert stage.read(thread) != []
    assert stage.read() == []


async def test_a_forum_of_its_own_has_every_post_answered_with_its_title(staged: Staged) -> None:
    async with staged(when="always") as stage:
        forum = stage.guild.create_forum_channel("garden")
        post = stage.thread("Roses in winter", of=forum)
        await stage.ann.send(post, "how do I get them through the frost?")

        [asked] = stage.service.asked
        assert talk(asked)[0][0] == "system"
        assert "Roses in winter" in talk(asked)[0][1]
        assert talk(asked)[1:] == [("user", "how do I get them through the frost?")]
        assert len(stage.bots(post)) == 1


async def test_a_channel_of_its_own_needs_no_mention_and_keeps_people_apart(staged: Staged) -> None:
    async with staged() as plain:
        channel = str(plain.channel.id)
    async with staged(channels={channel: {"when": "always", "prompt": "You are a pirate."}}) as stage:
        assert str(stage.channel.id) == channel
        await stage.ann.send(stage.channel, "explain how rainbows form")
        await stage.bob.send(stage.channel, "why do cats purr?")
        await stage.ann.send(stage.channel, "why is that so?")

        assert len(stage.bots()) == 3
        assert talk(stage.service.asked[-1]) == [
            ("system", "You are a pirate."),
            ("user", "explain how rainbows form"),
            ("assistant", "You said: explain how rainbows form"),
            ("user", "why is that so?"),
        ]


async def test_a_picture_is_seen_and_that_of_the_message_replied_to(stage: Stage) -> None:
    data = png(8, 8, (200, 30, 30))
    shown = await stage.bob.send(stage.channel, "my cat", attachments=[("cat.png", data)])
    await stage.ann.send(stage.channel, f"{stage.me} what is on it?", reply_to=shown)

    asked = stage.service.asked[-1]
    assert asked.attachments == ()
    [attachment] = asked.history[-1].attachments
    assert attachment.media_type == "image/png"
    assert attachment.url.startswith("data:image/png;base64,")


async def test_a_mention_without_words_is_asked_what_it_wants(stage: Stage) -> None:
    await stage.ann.send(stage.channel, stage.me)

    [told] = stage.read()
    assert "What can I do for you?" in told
    assert stage.service.asked == []


async def test_what_comes_twice_after_a_lost_connection_is_answered_once(stage: Stage) -> None:
    asked = await stage.tell("why do cats purr?")
    stage.bot.dispatch("message", asked)
    stage.bot.dispatch("ready")
    await stage.env.settle()

    assert len(stage.bots()) == 1


async def test_the_name_alone_below_what_somebody_said_asks_to_answer_that(stage: Stage) -> None:
    asked = await stage.bob.send(stage.channel, "why do cats purr?")
    await stage.ann.send(stage.channel, stage.me, reply_to=asked)

    assert said(stage.service.asked[-1]) == ["why do cats purr?"]


async def test_a_channel_where_it_is_blocked_is_left_alone(staged: Staged) -> None:
    async with staged() as plain:
        channel = str(plain.channel.id)
    async with staged(block={"channels": [channel]}) as stage:
        await stage.tell("why do cats purr?")

        assert stage.env.http_requests[-1].path.endswith("/commands")  # nobody was even seen to be typing
        assert stage.bots() == []
