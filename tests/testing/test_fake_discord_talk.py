"""Messages at the fake Discord, through a real client: written, changed, refused, with files and threads."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
from tests.testing.discord_client import Client, pair

from pointsman.testing.fake_discord import FORUM
from pointsman.testing.fake_discord.pictures import plain


async def test_a_client_gets_ready_and_knows_where_it_is() -> None:
    async with pair() as (fake, client):
        assert client.user is not None
        assert str(client.user.id) == fake.me.id
        assert [it.name for it in client.guilds] == [fake.guild.name]
        channel = client.get_channel(int(fake.channel.id))
        assert isinstance(channel, discord.TextChannel)
        assert channel.permissions_for(channel.guild.me).send_messages
        assert client.application is not None
        assert client.application.flags.gateway_message_content_limited
        assert fake.gateway.identified == 1


async def test_a_reply_is_written_changed_and_taken_back() -> None:
    async with pair() as (fake, client):

        async def answer(message: discord.Message) -> None:
            async with message.channel.typing():
                reply = await message.reply("one")
            await reply.edit(content="one two")
            await reply.edit(content="one two three")

        client.handler = answer
        ann = fake.person("Ann")
        asked = ann.asks("count", fake.channel)
        reply = await fake.replied(asked)
        await fake.until(lambda: reply.content == "one two three")
        assert [it.content for it in reply.revisions] == ["one", "one two", "one two three"]
        assert len(fake.typed(fake.channel)) == 1
        assert fake.lost([asked]) == fake.doubled([asked]) == []
        assert client.heard[0].mentions == [client.user]
        assert reply.pinged == (ann.id,)
        channel = client.get_channel(int(fake.channel.id))
        assert isinstance(channel, discord.TextChannel)
        await (await channel.fetch_message(int(reply.id))).delete()
        assert fake.lost([asked]) == [asked]


async def test_people_edit_delete_and_reply() -> None:
    async with pair() as (fake, client):
        seen: list[str] = []

        @client.event
        async def on_message_edit(before: discord.Message, after: discord.Message) -> None:
            seen.append(f"{before.content} -> {after.content}")

        @client.event
        async def on_message_delete(message: discord.Message) -> None:
            seen.append(f"gone: {message.content}")

        ann, bob = fake.person("Ann"), fake.person("Bob")
        first = ann.says("first", fake.channel)
        bob.says("second", reply_to=first)
        await fake.until(lambda: len(client.heard) == 2)
        reference = client.heard[1].reference
        assert reference is not None
        assert isinstance(reference.resolved, discord.Message)
        assert reference.resolved.content == "first"
        ann.edits(first, "better")
        ann.deletes(first)
        await fake.until(lambda: len(seen) == 2)
        assert seen == ["first -> better", "gone: better"]
        channel = client.heard[0].channel
        assert [it.content async for it in channel.history(limit=5)] == ["second"]


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ({"content": "x" * 2001}, 400, 50035),
        ({"content": " "}, 400, 50006),
        ({"embed": discord.Embed(description="x" * 4097)}, 400, 50035),
        ({"content": "x", "file": discord.File(io.BytesIO(b"x" * 65), "large.bin")}, 413, 40005),
    ],
)
async def test_what_is_too_long_empty_or_too_large_is_refused(what: dict[str, Any], status: int, code: int) -> None:
    async with pair(upload_limit=64) as (fake, client):
        fake.person("Ann").says("hello", fake.channel)
        await fake.until(lambda: client.heard)
        with pytest.raises(discord.HTTPException) as refused:
            await client.heard[0].channel.send(**what)
        assert (refused.value.status, refused.value.code) == (status, code)
        assert fake.said() == []


async def test_who_may_not_is_told_why() -> None:
    async with pair() as (fake, client):
        ann = fake.person("Ann")
        asked = ann.says("hello", fake.channel)
        other = fake.add_channel("hidden")
        await fake.until(lambda: client.heard)
        message = client.heard[0]

        async def code(send: object) -> int:
            with pytest.raises(discord.HTTPException) as refused:
                await send  # type: ignore[misc]
            return refused.value.code

        fake.deny(fake.channel, "send_messages", quietly=True)
        assert await code(message.channel.send("hi")) == 50013
        fake.allow(fake.channel)
        fake.deny(fake.channel, "attach_files")
        assert await code(message.channel.send(file=discord.File(io.BytesIO(b"x"), "x"))) == 50013
        fake.deny(other, "view_channel")
        assert await code(client.http.send_message(int(other.id), params=discord.http.MultipartParameters({"content": "hi"}, None, None))) == 50001  # fmt: skip  # noqa: E501
        assert await code(message.channel.fetch_message(1)) == 10008
        assert await code(message.edit(content="mine")) == 50005
        assert await code(message.delete()) == 50013
        ann.deletes(asked)
        assert await code(message.reply("hi")) == 50035
        ann.user.reachable = False
        assert await code(message.author.send("psst")) == 50007


async def test_bytes_go_up_and_come_down() -> None:
    async with pair() as (fake, client):
        picture = plain(12, 7)
        ann = fake.person("Ann")
        ann.says("look", fake.channel, files={"cat.png": picture})
        await fake.until(lambda: client.heard)
        attachment = client.heard[0].attachments[0]
        assert (attachment.width, attachment.height, attachment.content_type) == (12, 7, "image/png")
        assert await attachment.read() == picture
        files = [discord.File(io.BytesIO(it), name) for it, name in ((picture, "SPOILER_a.png"), (b"text", "b.txt"))]
        sent = await client.heard[0].channel.send("two", files=files)
        assert [it.is_spoiler() for it in sent.attachments] == [True, False]
        kept = await sent.edit(attachments=[sent.attachments[1], discord.File(io.BytesIO(b"new"), "c.txt")])
        assert [(it.filename, await it.read()) for it in kept.attachments] == [("b.txt", b"text"), ("c.txt", b"new")]
        assert await client.heard[0].author.display_avatar.read()


async def test_threads_forums_and_direct_messages() -> None:
    async with pair() as (fake, client):
        ann = fake.person("Ann")
        forum = fake.add_channel("help", FORUM)
        post = ann.posts(forum, "It does not draw", "Why?")
        thread = ann.opens_thread("aside", ann.says("hm", fake.channel))
        ann.says("in it", thread)
        ann.says("psst")
        await fake.until(lambda: len(client.heard) == 4)
        places = [it.channel for it in client.heard]
        assert isinstance(places[0], discord.Thread)
        assert isinstance(places[0].parent, discord.ForumChannel)
        assert places[0].id == int(post.id)
        assert isinstance(places[2], discord.Thread)
        assert isinstance(places[3], discord.DMChannel)
        await client.heard[3].reply("yes?")
        with pytest.raises(discord.HTTPException) as refused:
            await client.heard[1].create_thread(name="mine")
        assert refused.value.code == 160004  # there is one already
        ann.says("another", fake.channel)
        await fake.until(lambda: len(client.heard) == 5)
        made = await client.heard[4].create_thread(name="mine")
        await made.send("here")
        assert fake.said() == ["yes?", "here"]


async def test_the_same_nonce_says_it_once() -> None:
    async with pair() as (fake, client):
        fake.person("Ann").says("hello", fake.channel)
        await fake.until(lambda: client.heard)
        ids = {(await client.heard[0].channel.send("once", nonce="n")).id for _ in range(2)}
        assert len(ids) == 1
        assert fake.said() == ["once"]


async def test_content_is_hidden_from_who_did_not_ask_for_it() -> None:
    async with pair(client=Client(content=False), granted=()) as (fake, client):
        ann = fake.person("Ann")
        ann.says("among us", fake.channel)
        ann.asks("for you", fake.channel)
        ann.says("direct")
        await fake.until(lambda: len(client.heard) == 3)
        assert [it.clean_content for it in client.heard] == ["", f"@{fake.me.name} for you", "direct"]
