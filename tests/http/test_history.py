"""Earlier turns reach the tiers, whichever shape they come in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.message import Turn


def ask(gateway: Any, post: Any, history: object) -> Any:
    return post(gateway, "/v1/route", json.dumps({"text": "again", "history": history}).encode())


@pytest.mark.parametrize(
    ("turn", "wanted"),
    [
        ({"role": "user", "text": "draw a cat"}, Turn("user", "draw a cat")),
        ({"role": "user", "content": "draw a cat"}, Turn("user", "draw a cat")),
        ({"role": "developer", "content": "be kind"}, Turn("system", "be kind")),
        ({"role": "assistant", "content": None}, Turn("assistant", "")),
        (
            {"role": "user", "content": [{"type": "text", "text": "draw"}, {"type": "text", "text": "a cat"}]},
            Turn("user", "draw\na cat"),
        ),
    ],
)
def test_our_shape_and_openais(gateway: Any, post: Any, turn: object, wanted: Turn) -> None:
    assert ask(gateway, post, [turn]).status == 200
    (message,) = gateway.words.judged
    assert message.history == (wanted,)


@pytest.mark.parametrize(
    ("turn", "field"),
    [
        ({"role": "user"}, "history.0.text"),
        ({"role": "user", "content": 5}, "history.0"),
        ({"role": "robot", "content": "hi"}, "history.0"),
        ({"content": "hi"}, "history.0"),
        ({"role": "user", "content": [{"type": "smell"}]}, "history.0"),
    ],
)
def test_a_wrong_turn_is_named(gateway: Any, post: Any, turn: object, field: str) -> None:
    reply = ask(gateway, post, [turn])
    assert reply.status == 400
    assert field in json.loads(reply.body)["error"]["message"]


def test_the_gateway_hands_the_whole_talk_to_the_tiers(gateway: Any, post: Any) -> None:
    said = [
        {"role": "user", "content": "draw a cat"},
        {"role": "assistant", "content": "![cat](cat.png)"},
        {"role": "user", "content": "now in blue"},
    ]
    body = json.dumps({"model": "auto", "messages": said}).encode()
    assert post(gateway, "/v1/chat/completions", body).status == 200
    (message,) = gateway.words.judged
    assert message.text == "now in blue"
    assert message.history == (Turn("user", "draw a cat"), Turn("assistant", "![cat](cat.png)"))
