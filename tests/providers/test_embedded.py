"""The embedded model, for real: SmolLM2 through xllamacpp."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from pointsman.config.models import EmbeddedModel
from pointsman.core.errors import InputTooLarge, MissingExtra, ModelFailed, ModelFileError
from pointsman.core.message import Turn
from pointsman.core.ports import ChatModel, ChatOptions, Delta
from pointsman.providers import embedded, llama_wire, modelfiles
from pointsman.providers.embedded import BUILT_IN_DEFAULTS, BUILT_IN_NAME, BUILT_IN_NOTE, Embedded, Listener

FOX = Turn("user", "Write a very long story about a fox.")
# Two characters of Japanese take the model two or three tokens each, so that most tokens end inside a character.
JAPANESE = Turn("user", "日本語で答えてください。こんにちは、元気ですか。")


@pytest.fixture(scope="module")
def gguf() -> Path:
    pytest.importorskip("xllamacpp", reason="the [local] extra is not installed")
    try:
        return modelfiles.smollm2()
    except ModelFileError as error:
        pytest.skip(f"no SmolLM2 on this machine: {error}")


@pytest.fixture(scope="module")
def model(gguf: Path) -> Iterator[Embedded]:
    made = Embedded(gguf, defaults=BUILT_IN_DEFAULTS, context=512)
    yield made
    asyncio.run(made.close())


@pytest.fixture(scope="module")
def narrow(gguf: Path) -> Iterator[Embedded]:
    """A model that answers one chat at a time."""
    made = Embedded(gguf, context=256, parallel=1)
    yield made
    asyncio.run(made.close())


async def deltas_of(model: ChatModel, *turns: Turn, **options: Any) -> list[Delta]:
    async with aclosing(model.chat(turns, ChatOptions(**options))) as deltas:
        return [delta async for delta in deltas]


async def reply_of(model: ChatModel, *turns: Turn, **options: Any) -> str:
    return "".join(delta.text for delta in await deltas_of(model, *turns, **options))


async def test_a_reply_comes_in_pieces_and_ends_with_its_counts(model: Embedded) -> None:
    deltas = await deltas_of(model, Turn("user", "What is the capital of France?"), max_tokens=32, temperature=0.0)
    assert "Paris" in "".join(delta.text for delta in deltas)
    assert len(deltas) > 3
    assert all(delta.text and not delta.finish_reason for delta in deltas[:-1])
    assert deltas[-1].finish_reason == "stop"
    assert deltas[-1].prompt_tokens > 15
    assert len(deltas) - 1 <= deltas[-1].completion_tokens <= 32


async def test_max_tokens_ends_a_reply(model: Embedded) -> None:
    last = (await deltas_of(model, FOX, max_tokens=5))[-1]
    assert (last.finish_reason, last.completion_tokens) == ("length", 5)


async def test_a_full_context_ends_a_reply(narrow: Embedded) -> None:
    last = (await deltas_of(narrow, Turn("user", "fox " * 218), max_tokens=200, temperature=0.0))[-1]
    assert last.finish_reason == "length"
    assert last.prompt_tokens + last.completion_tokens <= 257


async def test_a_stop_text_ends_a_reply_and_is_not_part_of_it(narrow: Embedded) -> None:
    whole = await reply_of(narrow, FOX, max_tokens=24, temperature=0.0)
    stop = whole.split()[6]
    deltas = await deltas_of(narrow, FOX, max_tokens=24, temperature=0.0, stop=(stop, ""))
    assert "".join(delta.text for delta in deltas) == whole[: whole.index(stop)]
    assert deltas[-1].finish_reason == "stop"


async def test_the_same_seed_gives_the_same_reply(narrow: Embedded) -> None:
    replies = [await reply_of(narrow, FOX, max_tokens=8, temperature=1.5, seed=seed) for seed in (7, 7, 7, 8, -1)]
    assert replies[1] == replies[2]
    assert len(set(replies[1:])) == 3


async def test_characters_are_never_split(model: Embedded) -> None:
    letters = ""
    for max_tokens in range(1, 9):
        pieces = [delta.text for delta in await deltas_of(model, JAPANESE, max_tokens=max_tokens, temperature=0.0)]
        assert "\ufffd" not in "".join(pieces)
        letters += "".join(pieces)
    assert not letters.isascii()


@pytest.mark.parametrize("text", ["", "   ", "\0", "\ud83d", "🦊" * 20, "<|im_end|>", "שלום مرحبا"], ids=ascii)
async def test_strange_texts_are_answered(model: Embedded, text: str) -> None:
    assert (await deltas_of(model, Turn("user", text), max_tokens=2))[-1].finish_reason


async def test_chats_at_the_same_time_stay_separate(model: Embedded) -> None:
    async def number(word: str) -> tuple[str, int]:
        turns = (Turn("user", f"Say {word}."), Turn("assistant", f"{word}!"), Turn("user", f"Again: {word}, {word}."))
        deltas = await deltas_of(model, *turns, max_tokens=6, temperature=0.0)
        return "".join(delta.text for delta in deltas), deltas[-1].prompt_tokens

    words = ("banana", "thunder", "pencil", "Monday")
    together = await asyncio.gather(*map(number, words))
    for word, (reply, _) in zip(words, together, strict=True):
        assert word.casefold() in reply.casefold()
    assert [tokens for _, tokens in together] == [(await number(word))[1] for word in words]


async def test_closing_the_iterator_stops_the_model(narrow: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Listener] = []
    hear = Listener.hear

    def count(self: Listener, event: dict[str, Any]) -> bool:
        heard.append(self)
        return hear(self, event)

    monkeypatch.setattr(Listener, "hear", count)
    story = narrow.chat([FOX], ChatOptions(max_tokens=200))
    assert (await anext(story)).text
    first = heard[0]
    await story.aclose()
    # There is one thread, so that this one is answered after the story has really ended.
    assert await reply_of(narrow, Turn("user", "Hello!"), max_tokens=2)
    assert heard.count(first) < 60


async def test_a_chat_that_is_cancelled_while_it_waits_never_starts(
    narrow: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[object] = []
    loaded = narrow._loaded

    def counted() -> Any:
        starts.append(object())
        return loaded()

    monkeypatch.setattr(narrow, "_loaded", counted)
    story = narrow.chat([FOX], ChatOptions(max_tokens=100))
    await anext(story)
    waiting = asyncio.ensure_future(reply_of(narrow, Turn("user", "Hello!")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await story.aclose()
    await reply_of(narrow, Turn("user", "Hello!"), max_tokens=1)
    assert len(starts) == 2


async def test_the_event_loop_goes_on_while_the_model_loads_and_reads(gguf: Path) -> None:
    model = Embedded(gguf, context=512, parallel=1)
    reply = asyncio.ensure_future(reply_of(model, Turn("user", "fox " * 300), max_tokens=1))
    turns_of_the_loop = 0
    while not reply.done():
        await asyncio.sleep(0)
        turns_of_the_loop += 1
    await reply
    await model.close()
    assert turns_of_the_loop > 1000


async def test_it_loads_at_the_first_chat_once_and_again_after_it_was_closed(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Embedded(gguf, context=256)
    load = model._load
    loads: list[object] = []

    def counted() -> Any:
        loads.append(object())
        return load()

    monkeypatch.setattr(model, "_load", counted)
    await model.close()
    assert not loads
    hello = Turn("user", "Hello!")
    await asyncio.gather(*(reply_of(model, hello, max_tokens=1) for _ in range(4)))
    assert len(loads) == 1
    await model.close()
    await reply_of(model, hello, max_tokens=1)
    assert len(loads) == 2
    await model.close()


async def test_closing_the_model_frees_it_and_breaks_its_replies_off(gguf: Path) -> None:
    model = Embedded(gguf, context=256, parallel=1)
    story = model.chat([FOX], ChatOptions(max_tokens=200))
    await anext(story)
    waiting = asyncio.ensure_future(reply_of(model, FOX))
    await asyncio.sleep(0)
    server = model._server
    await model.close()
    with pytest.raises(ModelFailed, match="closed"):
        await reply_of_rest(story)
    with pytest.raises(ModelFailed, match="closed"):
        await waiting
    del story, waiting
    gc.collect()
    assert sys.getrefcount(server) == 2, "the model is still held by more than this test and this call"


async def reply_of_rest(deltas: Any) -> str:
    return "".join([delta.text async for delta in deltas])


async def test_too_long_a_conversation_is_refused_with_the_numbers(narrow: Embedded) -> None:
    with pytest.raises(InputTooLarge, match=r"takes \d{3} tokens.* holds 256") as caught:
        await reply_of(narrow, Turn("user", "fox " * 400))
    assert "models.main.context" in caught.value.cure
    assert await reply_of(narrow, Turn("user", "Hello!"), max_tokens=2)


async def test_other_refusals_of_llama_cpp_are_the_models_failure(narrow: Embedded) -> None:
    with pytest.raises(ModelFailed, match="temperature"):
        await reply_of(narrow, FOX, temperature="hot")


async def test_llama_cpp_is_silent(gguf: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = Embedded(gguf, context=256)
    await reply_of(model, Turn("user", "Hello!"), max_tokens=2)
    with pytest.raises(InputTooLarge):
        await reply_of(model, Turn("user", "fox " * 400))
    await model.close()
    with pytest.raises(ModelFileError):
        await reply_of(Embedded(cut_short(gguf, tmp_path)), FOX)
    assert capfd.readouterr() == ("", "")


def cut_short(gguf: Path, folder: Path) -> Path:
    """A copy of the model that lacks its end."""
    with gguf.open("rb") as whole, (folder / "cut.gguf").open("wb") as short:
        short.write(whole.read(3_000_000))
    return folder / "cut.gguf"


async def test_a_damaged_file_is_named_with_the_cure(gguf: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"cut\.gguf: llama\.cpp cannot load it") as caught:
        await reply_of(Embedded(cut_short(gguf, tmp_path), name="mine"), FOX)
    assert "models.main.file" in caught.value.cure


async def test_a_file_that_was_repaired_is_loaded(gguf: Path, tmp_path: Path) -> None:
    file = cut_short(gguf, tmp_path)
    model = Embedded(file, context=256)
    with pytest.raises(ModelFileError):
        await reply_of(model, FOX)
    shutil.copyfile(gguf, file)
    assert await reply_of(model, FOX, max_tokens=1)
    await model.close()


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "empty"])
async def test_what_is_no_gguf_is_named_with_the_cure(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("xllamacpp", reason="the [local] extra is not installed")
    file = tmp_path / "model.gguf"
    match kind:
        case "folder":
            file.mkdir()
        case "text":
            file.write_text("<html>not found</html>")
        case "empty":
            file.touch()
    with pytest.raises(ModelFileError, match=r"model\.gguf") as caught:
        await reply_of(Embedded(file), FOX)
    assert "models.main.file" in caught.value.cure
    with pytest.raises(ModelFileError, match=r"model\.gguf"):
        embedded.check_file(EmbeddedModel(file=file))


async def test_without_xllamacpp_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra) as caught:
        await reply_of(Embedded(tmp_path / "any.gguf"), FOX)
    assert "pointsman[local]" in caught.value.cure


def test_a_configuration_names_the_model_and_its_limits() -> None:
    built_in = Embedded.from_config(EmbeddedModel())
    assert (built_in.name, built_in.note) == (BUILT_IN_NAME, BUILT_IN_NOTE)
    own = Embedded.from_config(EmbeddedModel(file=Path("/models/large.Q4.gguf")))
    assert (own.name, own.note) == ("large.Q4", "")
    named = Embedded.from_config(EmbeddedModel(file=Path("/models/large.Q4.gguf"), name="mine"))
    assert named.name == "mine"


def test_the_built_in_model_has_a_remark_for_the_doctor(gguf: Path) -> None:
    assert embedded.check_file(EmbeddedModel()) == BUILT_IN_NOTE
    assert embedded.check_file(EmbeddedModel(file=gguf)) == ""


def test_a_request_always_limits_its_tokens_and_leaves_open_what_nobody_set() -> None:
    request = llama_wire.request_of([FOX], ChatOptions(), ChatOptions(), "")
    assert request["max_tokens"] == 512
    assert not request.keys() & {"temperature", "top_p", "seed"}
    assert llama_wire.request_of([FOX], ChatOptions(max_tokens=-1), ChatOptions(), "")["max_tokens"] == 1


def test_a_callers_options_go_before_the_defaults() -> None:
    asked = ChatOptions(temperature=0.0, seed=2**32, stop=("a",))
    request = llama_wire.request_of(
        [FOX], asked, ChatOptions(max_tokens=9, temperature=0.2, top_p=0.9, stop=("b",)), ""
    )
    chosen = {name: request[name] for name in ("max_tokens", "temperature", "top_p", "seed", "stop")}
    assert chosen == {"max_tokens": 9, "temperature": 0.0, "top_p": 0.9, "seed": 1, "stop": ["a"]}


def test_turns_become_one_system_text_and_alternating_roles() -> None:
    turns = [
        Turn("user", "one"),
        Turn("tool", "two"),
        Turn("system", "be kind"),
        Turn("assistant", "three"),
        Turn("user", "fo\ud83dur"),
    ]
    assert llama_wire.messages_of(turns, "be brief") == [
        {"role": "system", "content": "be brief\n\nbe kind"},
        {"role": "user", "content": "one\n\ntwo"},
        {"role": "assistant", "content": "three"},
        {"role": "user", "content": "fo\ufffdur"},
    ]
    assert llama_wire.messages_of([FOX], "") == [{"role": "user", "content": FOX.text}]
