"""Decision models: the format that several services share."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pointsman.core.faults import ServiceFailed
from pointsman.providers.openai_server import OpenAiServer, ollama
from pointsman.providers.remote.reading import Source
from pointsman.providers.systemone import DecisionOracle, body_for, shares_in

OPTIONS = {"image": "Create a picture", "chat": "Talk"}
SOURCE = Source("lab", "nimble")


def decided(probabilities: object) -> dict[str, Any]:
    return {"answers": {"intent": {"type": "choice", "choice": "image", "probabilities": probabilities}}}


def test_one_question_asks_for_one_of_the_options() -> None:
    body = body_for("nimble", "a fox", OPTIONS)
    assert (body["model"], body["state"]) == ("nimble", "a fox")
    assert list(body["questions"]) == ["intent"]
    question = body["questions"]["intent"]
    assert (question["type"], question["criteria"]) == ("choice", OPTIONS)
    assert question["instructions"], "an empty one is refused"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://localhost:1234/v1", "http://localhost:1234/v1/systemone"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/alpha/decisions"),
    ],
)
async def test_each_server_has_its_own_place_for_decisions(make: Any, url: str, asked: str) -> None:
    server = OpenAiServer("lab", url)
    calls = make.calls(server, make.reply(decided({"image": 0.75, "chat": 0.25})), models=("nimble",))
    shares = await DecisionOracle(calls, server).shares("a fox", OPTIONS)
    assert (shares.model, shares.shares) == ("nimble", {"image": 0.75, "chat": 0.25})
    assert calls.sent[0].url == asked


async def test_ollama_is_asked_beside_its_chat(make: Any) -> None:
    for url in ("http://host:11434", "http://host:11434/v1", "http://host:11434/"):
        server = ollama(url)
        calls = make.calls(server, make.reply(decided({"image": 0.75, "chat": 0.25})))
        await DecisionOracle(calls, server).shares("a fox", OPTIONS)
        assert calls.sent[0].url == "http://host:11434/v1/systemone"
        assert "Authorization" not in calls.sent[0].headers


async def test_the_next_model_is_asked_when_one_is_gone(make: Any) -> None:
    server = ollama()
    gone = make.reply({"error": "model 'nimble' not found"}, 404)
    calls = make.calls(server, gone, make.reply(decided({"image": 1, "chat": 0})), models=("nimble", "clef-flash"))
    assert (await DecisionOracle(calls, server).shares("a fox", OPTIONS)).model == "clef-flash"


async def test_what_has_no_extras_is_not_asked_twice(make: Any) -> None:
    server = ollama()
    calls = make.calls(server, make.reply({"error": "no"}, 400))
    with pytest.raises(ServiceFailed):
        await DecisionOracle(calls, server).shares("a fox", OPTIONS)
    assert len(calls.sent) == 1


@pytest.mark.parametrize("count", [0, 1, 256])
async def test_what_cannot_be_asked_is_not_sent(make: Any, count: int) -> None:
    server = ollama()
    calls = make.calls(server, make.reply(decided({})))
    with pytest.raises(ServiceFailed) as caught:
        await DecisionOracle(calls, server).shares("a fox", {str(number): "x" for number in range(count)})
    assert not caught.value.asked
    assert not calls.sent


@pytest.mark.parametrize(
    ("probabilities", "shares"),
    [
        ({"image": 0.9731, "chat": 0.0268}, {"image": 0.97320, "chat": 0.02680}),
        ({"image": 0.9, "chat": 0.1, "other": 0.0}, {"image": 0.9, "chat": 0.1}),
        ({"image": 0.9, "chat": 0.1, "other": "x"}, {"image": 0.9, "chat": 0.1}),
        ({"image": 1, "chat": 0}, {"image": 1.0, "chat": 0.0}),
    ],
)
def test_what_adds_up_to_about_one_is_made_to(probabilities: object, shares: dict[str, float]) -> None:
    assert shares_in(decided(probabilities), OPTIONS, SOURCE) == pytest.approx(shares, abs=1e-4)


@pytest.mark.parametrize(
    "probabilities",
    [
        None,
        [],
        {},
        {"image": 1.0},
        {"image": 0.5, "chat": 0.3},
        {"image": 0.3, "chat": 0.3, "other": 0.4},
        {"image": 1.1, "chat": -0.1},
        {"image": 1.02, "chat": -0.02},
        {"image": math.nan, "chat": 0.5},
        {"image": math.inf, "chat": 0.0},
        {"image": "1", "chat": "0"},
        {"image": True, "chat": False},
        {"image": 10**400, "chat": 0},
    ],
)
def test_what_is_no_distribution_over_the_options_is_refused(probabilities: object) -> None:
    with pytest.raises(ServiceFailed) as caught:
        shares_in(decided(probabilities), OPTIONS, SOURCE)
    assert (caught.value.kind, caught.value.model) == ("malformed", "nimble")


@example({"image": 1.7e308, "chat": 1.7e308})
@given(st.dictionaries(st.sampled_from(["image", "chat", "other"]), st.floats(0, 1) | st.floats() | st.integers()))
def test_whatever_is_read_is_a_distribution(probabilities: dict[str, float]) -> None:
    try:
        shares = shares_in(decided(probabilities), OPTIONS, SOURCE)
    except ServiceFailed:
        return
    assert shares.keys() == OPTIONS.keys()
    assert all(0 <= share <= 1 for share in shares.values())
    assert sum(shares.values()) == pytest.approx(1)
