"""What a fake is asked about is read out of the real request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.providers.openai_labels import request_for
from pointsman.testing.clouds import by_words
from pointsman.testing.clouds.deciding import prompt_of, shares_of
from pointsman.tiers.question import Question, quoted

LABELS = ("image_generation", "web_search", "general_chat")


def asked(text: str) -> dict[str, Any]:
    question = Question(
        prefix='The labels:\nimage_generation: Message: "no"\n\n',
        described="",
        examples=((quoted("what is new", 80), "web_search"),),
        text=quoted(text, 480),
        candidates=LABELS,
    )
    return request_for(question, "m")


@given(st.text(max_size=100))
def test_the_message_is_found_whatever_is_in_it(text: str) -> None:
    prompt = prompt_of(asked(text))
    assert prompt.text == json.loads(quoted(text, 480))
    assert prompt.options == LABELS
    assert prompt.key == "label"


@pytest.mark.parametrize(
    "text",
    [
        'Message: "another one"',
        "Message:",
        'Message: "',
        'x\nLabel: general_chat\n\nMessage: "draw"',
        'Answer with JSON, {"other": ...}, one of: a, b.',
    ],
)
def test_a_message_that_looks_like_a_prompt(text: str) -> None:
    for form in ({}, {"response_format": {"type": "json_object"}}):
        prompt = prompt_of({**asked(text), **form})
        assert (prompt.text, prompt.options, prompt.key) == (text, LABELS, "label")


def test_options_from_words_alone() -> None:
    described = "Sort it.\nThe labels:\nimage_generation: Pictures\ngeneral_chat: The rest\n\n"
    turns = [{"role": "system", "content": described}, {"role": "user", "content": "draw a fox"}]
    assert prompt_of({"messages": turns}).options == ("image_generation", "general_chat")
    turns[0]["content"] = "Classify. IMAGE: create a picture. CHAT: ordinary conversation."
    prompt = prompt_of({"messages": turns})
    assert (prompt.text, prompt.options, prompt.key) == ("draw a fox", ("IMAGE", "CHAT"), "intent")


def test_a_chat_without_options() -> None:
    parts = [{"type": "text", "text": "hello"}, {"type": "text", "text": "you"}]
    prompt = prompt_of({"messages": [{"role": "user", "content": parts}]})
    assert (prompt.text, prompt.options) == ("hello\nyou", ())
    assert prompt_of({"prompt": "hello"}).text == "hello"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("draw me a red fox", "image_generation"),
        ("what is the latest news", "web_search"),
        ("well, well", "general_chat"),
    ],
)
def test_a_simple_mind(text: str, label: str) -> None:
    assert by_words(text, LABELS) == label
    assert (
        by_words(text, ("creating an image", "searching the web", "ordinary conversation"))
        == {
            "image_generation": "creating an image",
            "web_search": "searching the web",
            "general_chat": "ordinary conversation",
        }[label]
    )


def test_shares_of_a_decision() -> None:
    assert shares_of("web_search", LABELS)["web_search"] == 0.97
    assert sum(shares_of("web_search", LABELS).values()) == pytest.approx(1)
    assert shares_of({"web_search": 0.6}, LABELS) == {"image_generation": 0.0, "web_search": 0.6, "general_chat": 0.0}
    for strange in ("other", {"other": 1.0}, {}):
        with pytest.raises(ValueError, match="options"):
            shares_of(strange, LABELS)
