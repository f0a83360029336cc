"""Commands that only who uses them sees: memories, choices, why, privacy."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import discord
import simcord
from tests.discord.conftest import Staged
from tests.discord.stage import Stage

from pointsman.core.errors import Unreachable
from pointsman.core.reply import Event
from pointsman.discord.command_latest import ON_SHELF


async def use(stage: Stage, command: str, /, *, by: Any = None, **options: Any) -> str:
    """Somebody (Ann) uses a command, and is answered in private; what it says."""
    result = await (by or stage.ann).slash(stage.channel, command, **options)
    await stage.env.settle()
    return private(result)


def private(result: simcord.InteractionResult) -> str:
    """What an answer says that nobody else sees, with its card."""
    assert result.response is not None
    assert result.response.ephemeral
    cards = [text_of(it) for it in result.response.embeds]
    return "\n".join([result.response.content, *cards])


def text_of(card: discord.Embed) -> str:
    fields = [f"{it.name}: {it.value}" for it in card.fields]
    return "\n".join([card.title or "", card.description or "", *fields, card.footer.text or ""])


async def file_of(result: simcord.InteractionResult) -> Any:
    assert result.response is not None
    assert result.response.ephemeral
    [file] = result.response.attachments
    return json.loads(await file.read())


class Dead:
    """A service that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        async def call(*_: Any, **__: Any) -> Any:
            raise Unreachable("the gateway does not answer", cure="start it: pointsman serve")

        return call

    async def stream(self, *_: Any, **__: Any) -> AsyncGenerator[Event, None]:
        raise Unreachable("the gateway does not answer", cure="start it: pointsman serve")
        yield


def forgotten(stage: Stage) -> None:
    """The bot itself does not know any more whose decisions they were, as it keeps only each person's latest."""
    for key in [it for it in stage.shelf._kept if it.startswith(ON_SHELF)]:
        del stage.shelf._kept[key]


async def test_what_is_remembered_is_listed_and_forgotten_by_its_owner_alone(stage: Stage) -> None:
    said = await use(stage, "remember", text="my cat is called Tom")
    assert "I'll remember: my cat is called Tom" in said
    assert "only you, anywhere" in said
    assert "I know that already" in await use(stage, "remember", text="My cat is called Tom.")
    await use(stage, "remember", by=stage.bob, text="Bob likes tea", scope="guild")

    listed = await use(stage, "memory list")
    assert "1 memory of yours" in listed
    assert "my cat is called Tom" in listed
    assert "Bob likes tea" not in listed

    offered = await stage.ann.autocomplete(stage.channel, "memory forget", "memory", "cat")
    assert [it["name"] for it in offered] == ["my cat is called Tom"]
    assert await stage.ann.autocomplete(stage.channel, "memory forget", "memory", "tea") == []
    assert "I remember nothing of yours" in await use(stage, "memory forget", memory="Bob likes tea")
    assert "Forgotten: my cat is called Tom" in await use(stage, "memory forget", memory=offered[0]["value"])
    assert "I remember nothing of yours yet" in await use(stage, "memory list")


async def test_memories_are_handed_over_as_a_file(stage: Stage) -> None:
    assert "I remember nothing of yours yet" in await use(stage, "memory export")
    await use(stage, "remember", text="my cat is called Tom", scope="private")
    result = await stage.ann.slash(stage.channel, "memory export")

    data = await file_of(result)
    assert [it["text"] for it in data["memories"]] == ["my cat is called Tom"]
    assert data["owner"] == f"discord:{stage.ann.id}"


async def test_a_memory_for_a_server_needs_one(stage: Stage) -> None:
    result = await stage.ann.user.slash("remember", text="we meet on Monday", scope="guild")
    await stage.env.settle()

    assert "not said in a server" in private(result)


async def test_a_model_is_chosen_by_its_name_and_answers_from_then_on(stage: Stage) -> None:
    offered = [it["value"] for it in await stage.ann.autocomplete(stage.channel, "model", "name", "")]
    assert offered[0] == "auto"
    assert "smollm2:135m" in offered
    assert "There is no model 'gpt-9' here" in await use(stage, "model", name="gpt-9")
    assert "`smollm2:135m` answers you." in await use(stage, "model", name="SmolLM2:135m")

    await stage.ann.slash(stage.channel, "ask", text="why is the sky blue?")
    await stage.advance(5)
    command = stage.service.asked[-1].command
    assert command is not None
    assert command.model == "smollm2:135m"

    assert "I choose the model" in await use(stage, "model", name="auto")
    assert "`qwen3:14b`" in await use(stage, "model")


async def test_why_shows_the_last_decision_here_to_whoever_it_was_made_for(stage: Stage) -> None:
    assert "I have not answered anything of yours here yet" in await use(stage, "why")
    await stage.tell("what is 12 * 12?")
    await stage.advance(5)
    decision = await stage.router.find()

    shown = await use(stage, "why")
    assert f"{decision.category} · {decision.confidence:.0%} sure" in shown
    assert f"#{decision.id} · decided by patterns" in shown
    assert all(line.tier in shown for line in decision.trace)
    assert "Plan: compute" in shown

    assert f"#{decision.id}" in await use(stage, "why", id=f"#{decision.id[:8]}")
    other = await use(stage, "why", by=stage.bob, id=decision.id)
    assert "No decision of yours has the id" in other
    assert decision.category not in other
    assert "No decision of yours has the id `nonsense`" in await use(stage, "why", id="nonsense")


async def test_an_old_decision_is_known_to_be_ones_own_by_the_record(stage: Stage) -> None:
    await stage.tell("what is 12 * 12?")
    await stage.advance(5)
    decision = await stage.router.find()
    forgotten(stage)

    assert f"#{decision.id}" in await use(stage, "why", id=decision.id)


async def test_an_admin_of_the_bot_sees_every_decision(staged: Staged) -> None:
    async with staged() as first:
        admin = str(first.bob.id)
    async with staged(admins={"users": [admin]}) as stage:
        await stage.tell("what is 12 * 12?")
        await stage.advance(5)
        decision = await stage.router.find()

        assert f"#{decision.id}" in await use(stage, "why", by=stage.bob, id=decision.id)


async def test_the_menu_of_a_reply_says_why_and_asks_what_it_should_have_been(stage: Stage) -> None:
    asked = await stage.tell("what is 12 * 12?")
    await stage.advance(5)
    [reply] = stage.bots()
    decision = await stage.router.find()

    for message in (asked, reply):
        result = await stage.ann.context_menu(stage.channel, "Why this?", message)
        await stage.env.settle()
        assert f"#{decision.id}" in private(result)
    other = await stage.bob.context_menu(stage.channel, "Why this?", reply)
    await stage.env.settle()
    assert decision.id not in private(other)

    wrong = await stage.ann.context_menu(stage.channel, "Wrong?", reply)
    await stage.env.settle()
    assert f"It was taken for **{decision.category}**" in private(wrong)


async def test_the_buttons_of_a_picture_know_its_decision_when_the_bot_does_not(stage: Stage) -> None:
    result = await stage.ann.slash(stage.channel, "draw", prompt="a red fox")
    await stage.advance(5)
    assert result.response is not None
    decision = await stage.router.find()
    forgotten(stage)

    own = await stage.ann.context_menu(stage.channel, "Why this?", result.response)
    await stage.env.settle()
    assert f"#{decision.id}" in private(own)
    assert "prompt: a red fox" in private(own)
    other = await stage.bob.context_menu(stage.channel, "Why this?", result.response)
    await stage.env.settle()
    assert "I don't know any more which decision" in private(other)


async def test_why_still_knows_after_a_restart(stage: Stage) -> None:
    await stage.tell("what is 12 * 12?")
    await stage.advance(5)
    decision = await stage.router.find()
    [reply] = stage.bots()
    await stage.restart()

    assert f"#{decision.id}" in await use(stage, "why")
    result = await stage.ann.context_menu(stage.channel, "Why this?", reply)
    await stage.env.settle()
    assert f"#{decision.id}" in private(result)


async def test_whoever_stays_local_is_asked_about_nowhere_else(stage: Stage) -> None:
    assert "You are kept local" in await use(stage, "privacy local", state="on")
    await stage.tell("why is the sky blue?")
    await stage.advance(5)
    assert stage.service.asked[-1].local
    assert "keep me local" in await use(stage, "privacy show")

    assert "not kept local" in await use(stage, "privacy local", state="off")
    await stage.tell("why is the sea blue?")
    await stage.advance(5)
    assert not stage.service.asked[-1].local

    async def quota() -> list[dict[str, Any]]:
        return [{"service": "groq", "local": False}, {"service": "ollama", "local": True}]

    vars(stage.service)["quota"] = quota
    assert "Where it is unclear what one wants, `groq` may be asked." in await use(stage, "privacy show")


async def test_all_that_is_kept_is_handed_over(stage: Stage) -> None:
    await stage.tell("what is 12 * 12?")
    await stage.advance(5)
    await use(stage, "remember", text="my cat is called Tom")
    await use(stage, "privacy local", state="on")
    data = await file_of(await stage.ann.slash(stage.channel, "privacy export"))

    assert [it["text"] for it in data["memories"]] == ["my cat is called Tom"]
    assert len(data["decisions"]) == 1
    assert data["chosen"]["local"] is True
    assert [it["decision"] for it in data["replies"]] == [data["decisions"][0]["id"]]


async def test_nothing_is_erased_before_a_second_word_and_then_everything(stage: Stage) -> None:
    await stage.tell("what is 12 * 12?")
    await stage.advance(5)
    await use(stage, "remember", text="my cat is called Tom")
    await use(stage, "privacy local", state="on")
    kept = await stage.ann.slash(stage.channel, "privacy erase")
    assert "It cannot be undone" in private(kept)
    assert kept.response is not None
    await stage.ann.click(kept.response, label="Keep it")
    assert "Nothing was erased" in private(kept)

    asked = await stage.ann.slash(stage.channel, "privacy erase")
    assert asked.response is not None
    await stage.ann.click(asked.response, label="Erase all of it")
    assert "Erased: 1 memory, 1 decision, 0 corrections, and what you chose here." in private(asked)
    assert asked.response.components == []
    data = await file_of(await stage.ann.slash(stage.channel, "privacy export"))
    assert data["memories"] == data["decisions"] == data["replies"] == []
    assert data["chosen"] == {}
    assert str(stage.ann.id) not in "".join(stage.shelf._kept.values())


async def test_a_question_that_nobody_answers_erases_nothing(stage: Stage) -> None:
    asked = await stage.ann.slash(stage.channel, "privacy erase")
    await stage.advance(301)

    assert "that was five minutes ago" in private(asked)
    assert asked.response is not None
    assert asked.response.components == []


async def test_a_service_that_is_gone_is_said_to_be_so(stage: Stage) -> None:
    stage.bot.service = Dead()
    every: list[tuple[str, dict[str, str]]] = [
        ("remember", {"text": "my cat is called Tom"}), ("memory list", {}), ("memory forget", {"memory": "m1"}),
        ("memory export", {}), ("model", {"name": "x"}), ("quota", {}), ("privacy export", {}),
    ]  # fmt: skip
    for command, options in every:
        said = await use(stage, command, **options)
        assert "The gateway does not answer." in said, command
        assert "pointsman serve" in said, command
    asked = await stage.ann.slash(stage.channel, "privacy erase")
    assert asked.response is not None
    await stage.ann.click(asked.response, label="Erase all of it")
    assert "The gateway does not answer." in private(asked)
    result = await stage.ann.slash(stage.channel, "ask", text="why is the sky blue?")
    await stage.advance(5)
    assert result.response is not None
    assert "The gateway does not answer." in result.response.content


async def test_a_share_that_is_used_up_leaves_ones_own_choices(staged: Staged) -> None:
    async with staged(limits={"user": {"messages": "1/10m"}}) as stage:
        await use(stage, "remember", text="my cat is called Tom")
        for command, options in (("remember", {"text": "I like tea"}), ("memory list", {}), ("why", {})):
            assert "You have used up your 1 message in 10 minutes" in await use(stage, command, **options)
        assert "0 of 1 messages" in await use(stage, "quota")
        assert "Forgotten" in await use(stage, "memory forget", memory="my cat is called Tom")
