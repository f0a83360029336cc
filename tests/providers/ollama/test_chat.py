"""The chat model: one set of options, keep-alive by who owns the card, spills told, loads not lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.config.ollama import OllamaModel
from pointsman.core.errors import ConfigError, InputTooLarge, InvalidInput, UnknownModel
from pointsman.core.message import Turn
from pointsman.core.ports import ChatModel, ChatOptions, Delta
from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.chat import OllamaChat, spill_note
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.ollama.said import Running
from pointsman.testing.card import GIB
from pointsman.testing.clouds import Trouble

HI = [Turn("user", "hi")]
SETUP = Setup("qwen3:4b", RunnerOptions(4096), -1.0)


async def talk(chat: OllamaChat, turns: list[Turn] | None = None, options: ChatOptions | None = None) -> list[Delta]:
    return [it async for it in chat.chat(turns or HI, options or ChatOptions())]


async def test_a_reply_without_thoughts(place: Any) -> None:
    chat: ChatModel = OllamaChat(place.client, SETUP, name="main", think=True)
    deltas = [it async for it in chat.chat(HI, ChatOptions())]
    assert "".join(it.text for it in deltas) == "You said: hi"
    assert (deltas[-1].finish_reason, deltas[-1].prompt_tokens > 0, deltas[-1].completion_tokens > 0) == (
        "stop",
        True,
        True,
    )
    assert chat.name == "main"
    assert chat.note == ""


async def test_every_request_has_the_same_options_of_the_load(place: Any) -> None:
    setup = Setup("qwen3:4b", RunnerOptions(4096, num_gpu=36), -1.0)
    chat = OllamaChat(place.client, setup, options={"temperature": 0.3})
    await talk(chat)
    await talk(chat, options=ChatOptions(max_tokens=5, temperature=1.0, stop=("x",), seed=3))
    assert {(it["options"]["num_ctx"], it["options"]["num_gpu"], it["keep_alive"]) for it in place.bodies} == {
        (4096, 36, -1)
    }
    assert [it["options"].get("temperature") for it in place.bodies if it["messages"]] == [0.3, 1.0]
    assert place.fake.residency.counts.loads == 1


async def test_a_conversation_as_models_take_it(place: Any) -> None:
    turns = [
        Turn("system", "Be kind."),
        Turn("user", "a"),
        Turn("user", "b"),
        Turn("assistant", "c"),
        Turn("tool", "d"),
    ]
    await talk(OllamaChat(place.client, SETUP), turns)
    assert [(it["role"], it["content"]) for it in place.bodies[-1]["messages"]] == [
        ("system", "Be kind."),
        ("user", "a\n\nb"),
        ("assistant", "c"),
        ("user", "d"),
    ]


async def test_who_owns_the_card_says_how_long_it_stays(place: Any) -> None:
    settings = OllamaModel(provider="ollama", model="qwen3:4b", url=place.fake.url, context=4096)
    ours = OllamaChat.from_config(settings, place.client, arbiter=True)
    alone = OllamaChat.from_config(settings, place.client, arbiter=False)
    assert (ours.setup.keep_alive, alone.setup.keep_alive) == (-1.0, 300.0)
    said = OllamaChat.from_config(settings.model_copy(update={"keep_alive": 60.0}), place.client, arbiter=True)
    assert said.setup.keep_alive == 60.0
    await talk(ours)
    assert [bool(it["messages"]) for it in place.bodies] == [True]
    await talk(alone)
    assert [bool(it["messages"]) for it in place.bodies] == [True, False, True]


async def test_a_variant_of_the_ladder(place: Any) -> None:
    options = {"num_thread": 4, "temperature": 0.1}
    settings = OllamaModel.model_validate({"provider": "ollama", "model": "qwen3:4b", "options": options})
    chat = OllamaChat.from_config(settings, place.client, arbiter=True, variant="ctx=2048,gpu=10")
    assert chat.setup.runner == RunnerOptions(2048, 10, num_thread=4)
    with pytest.raises(ConfigError):
        OllamaChat.from_config(settings, place.client, arbiter=True, variant="nonsense")


async def test_a_reply_is_never_longer_than_the_context(place: Any) -> None:
    await talk(OllamaChat(place.client, SETUP))
    assert place.bodies[-1]["options"]["num_predict"] == 4096
    deltas = await talk(OllamaChat(place.client, SETUP, think=False), options=ChatOptions(max_tokens=1))
    assert deltas[-1].finish_reason == "length"


async def test_a_conversation_that_is_too_long_is_refused_rather_than_cut(place: Any) -> None:
    with pytest.raises(InputTooLarge) as told:
        await talk(OllamaChat(place.client, SETUP), [Turn("user", "x" * 40_000)])
    assert "context" in told.value.cure


async def test_nothing_to_answer(place: Any) -> None:
    with pytest.raises(InvalidInput):
        [it async for it in OllamaChat(place.client, SETUP).chat([], ChatOptions())]
    assert not place.bodies


async def test_a_model_that_is_not_there(place: Any) -> None:
    with pytest.raises(UnknownModel) as told:
        await talk(OllamaChat(place.client, Setup("nope")))
    assert told.value.cure == "ollama pull nope"


async def test_a_spill_is_told_until_a_load_without_one(place: Any) -> None:
    game = place.card.take("game", 22 * GIB)
    chat = OllamaChat(place.client, SETUP, name="main", note="a note")
    await talk(chat)
    assert chat.note.startswith("a note; only ")
    assert "main fitted on the card" in chat.note
    asked = len(place.fake.requests)
    await talk(chat)
    assert [it.path for it in place.fake.requests[asked:]] == ["/api/chat", "/api/chat"]
    place.card.give_back(game)
    await place.client.unload("qwen3:4b")
    chat = OllamaChat(place.client, SETUP, name="main", note="a note")
    await talk(chat)
    assert chat.note == "a note"


@pytest.mark.parametrize(("on_card", "words"), [(10, ""), (0, "processor alone"), (4, "only 40%")])
def test_what_is_told_of_a_spill(on_card: int, words: str) -> None:
    note = spill_note("main", Running("main", 10, on_card))
    assert words in note
    assert bool(words) == bool(note)


@pytest.mark.parametrize("preloads", [True, False])
async def test_where_a_model_lies_is_looked_at_after_cold_loads_alone(slow: Any, preloads: bool) -> None:
    chat = OllamaChat(slow.client, SETUP, preloads=preloads)
    looks = []
    for away in (False, False, True):
        if away:
            await slow.client.unload("qwen3:4b")
            await slow.time.go_on(5.0)
        await slow.time.until(asyncio.create_task(talk(chat)))
        looks.append(sum(it.path == "/api/ps" for it in slow.fake.requests))
    assert looks == [1, 1, 2]


async def test_losing_patience_does_not_drop_the_load(slow: Any) -> None:
    chat = OllamaChat(slow.client, SETUP)
    waiting = asyncio.create_task(talk(chat))
    await slow.fake.until(lambda: bool(slow.names))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await slow.time.go_on(30.0)
    assert slow.names == {"qwen3:4b"}
    assert slow.fake.residency.counts.aborted == 0


async def test_keep_alive_zero_needs_no_load_of_its_own(place: Any) -> None:
    await talk(OllamaChat(place.client, SETUP.kept(0.0)))
    assert [it["keep_alive"] for it in place.bodies] == [0]
    assert not place.names


async def test_a_list_that_cannot_be_had_does_not_spoil_the_reply(place: Any) -> None:
    place.fake.troubles.script(None, None, Trouble("html"))
    chat = OllamaChat(place.client, SETUP)
    assert (await talk(chat))[-1].finish_reason == "stop"
    await talk(chat)
    assert chat.note == ""
    await chat.close()
