"""Asking a model by its name on the page, wherever it is served."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pointsman.core.errors import NoRoom, UnknownModel
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Done, Event, Failed, Status, Text
from pointsman.dashboard.named import asked


class Served:
    """As much of a router as asking by name needs; `pieces` is what a server answers."""

    models = ("tiny",)

    def __init__(self, dialect: str = "ollama", pieces: Sequence[Any] = ()) -> None:
        self.dialect = dialect
        self.pieces = pieces
        self.forwarded: list[Forward] = []

    async def place(self, model: str) -> Place:
        if model == "nobody":
            raise UnknownModel("there is no model 'nobody'", cure="ask for another")
        return Place(model, self.dialect)  # type: ignore[arg-type]

    async def chat(self, model: str, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        yield Delta(f"{model} heard {turns[-1].text}")
        yield Delta("", "length", 7, 3)

    async def relay(self, place: Place, forward: Forward, *, key: str) -> AsyncGenerator[Any, None]:
        self.forwarded.append(forward)
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


async def told(router: Served, model: str) -> list[Event]:
    return [it async for it in asked(router, model, [Turn("user", "hello")], lambda: 0.0)]  # type: ignore[arg-type]


def line(**data: Any) -> bytes:
    return json.dumps(data).encode() + b"\n"


async def test_a_configured_model_is_asked_here() -> None:
    assert await told(Served(), "tiny") == [Text("tiny heard hello"), Done(None, "tiny", 0.0, 7, 3, "length")]


async def test_a_model_of_an_ollama_is_asked_in_its_language_however_its_lines_are_cut() -> None:
    answer = line(message={"content": "Grüß"}) + line(message={"content": " Gott"})
    answer += line(message={"content": ""}, done=True, done_reason="stop", prompt_eval_count=7, eval_count=3)
    pieces = [Status("loading"), Opened(200), *(answer[at : at + 5] for at in range(0, len(answer), 5))]
    router = Served(pieces=pieces)
    assert await told(router, "qwen") == [
        Status("loading"),
        Text("Grüß"),
        Text(" Gott"),
        Done(None, "qwen", 0.0, 7, 3, "stop"),
    ]
    assert router.forwarded[0].path == "/api/chat"
    assert router.forwarded[0].body["messages"] == [{"role": "user", "content": "hello"}]


async def test_a_model_of_another_server_is_asked_in_openais_language() -> None:
    pieces = [
        Opened(200, "text/event-stream"),
        b"data: " + line(choices=[{"delta": {"content": "Hi"}}]) + b"\n: a comment\n",
        b"data: " + line(choices=[{"delta": {}, "finish_reason": "stop"}]) + b"\ndata: [DONE]\n\n",
    ]
    router = Served("openai", pieces)
    assert await told(router, "gpt") == [Text("Hi"), Done(None, "gpt", 0.0, 0, 0, "stop")]
    assert router.forwarded[0].path == "/chat/completions"


@pytest.mark.parametrize(
    ("pieces", "cause"),
    [
        ([Opened(404), line(error="model not found")], "model not found"),
        ([Opened(500), line(error={"message": "out of memory"})], "out of memory"),
        ([Opened(502), b"<html>"], "qwen: status 502"),
        ([Opened(200), line(message={"content": ""})], "qwen stopped without ending its reply"),
        ([NoRoom("the card is full")], "the card is full"),
    ],
)
async def test_what_goes_wrong_ends_the_reply(pieces: Sequence[Any], cause: str) -> None:
    last = (await told(Served(pieces=pieces), "qwen"))[-1]
    assert isinstance(last, Failed)
    assert last.cause == cause


async def test_a_name_that_nobody_has_is_told() -> None:
    (failed,) = await told(Served(), "nobody")
    assert isinstance(failed, Failed)
    assert failed.cure == "ask for another"


def test_a_model_is_chosen_on_the_page(page: Page, site: Any) -> None:
    page.get_by_label("Who answers").select_option("tiny")
    page.fill("textarea", "draw me a cat")
    page.press("textarea", "Enter")
    expect(page.locator(".pm-reply")).to_contain_text("Hello from the model")
    expect(page.locator(".pm-reply")).to_contain_text("tiny · ")
    expect(page.locator(".pm-decision")).to_be_hidden()
    assert site.model.asked == 1
