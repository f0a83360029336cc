"""The judge on Ollama: kept to the candidates, with probabilities, gone when it has answered."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from pointsman.core.errors import ModelFailed, UnknownModel
from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.labels import OllamaLabeller, mass_of, shares_in
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.testing.clouds import Trouble
from pointsman.tiers.judge import Labeller
from pointsman.tiers.question import Question


def token(text: str, chance: float, **others: float) -> dict[str, Any]:
    rows = {text: chance, **others}
    return {
        "token": text,
        "logprob": math.log(chance),
        "top_logprobs": [{"token": name, "logprob": math.log(share)} for name, share in rows.items()],
    }


@pytest.mark.parametrize("model", ["smollm2:135m", "granite4:350m", "qwen3:4b"])
async def test_a_label_with_its_probabilities(place: Any, question: Question, model: str) -> None:
    labeller: Labeller = OllamaLabeller.of(place.client, model)
    said = await labeller.label(question)
    assert said.label == "image"
    assert said.shares["image"] == pytest.approx(0.97, abs=0.01)
    assert sum(said.shares.values()) == pytest.approx(1)
    assert labeller.name == model
    assert not place.names


async def test_what_is_asked(place: Any, question: Question) -> None:
    labeller = OllamaLabeller.of(place.client, "smollm2:135m")
    await labeller.label(question)
    await labeller.label(question, sample=3)
    first, third = place.bodies
    assert first["format"]["properties"]["label"]["enum"] == ["image", "chat"]
    assert (first["keep_alive"], first["think"], first["logprobs"], first["top_logprobs"]) == (0, False, True, 20)
    assert (first["options"]["temperature"], "seed" in first["options"]) == (0, False)
    assert (third["options"]["temperature"] > 0, third["options"]["seed"]) == (True, 3)
    assert first["options"]["num_ctx"] == third["options"]["num_ctx"] == 4096
    assert first["messages"][0] == {"role": "system", "content": question.prefix}
    assert first["messages"] == third["messages"]


async def test_a_model_that_others_use_too_stays_as_it_is_set_up(place: Any, question: Question) -> None:
    setup = Setup("qwen3:4b", RunnerOptions(8192), -1.0)
    await place.client.preload(setup)
    await OllamaLabeller(place.client, setup, name="judge").label(question)
    assert place.names == {"qwen3:4b"}
    assert place.fake.residency.counts.loads == 1


async def test_a_model_that_is_not_there(place: Any, question: Question) -> None:
    with pytest.raises(UnknownModel):
        await OllamaLabeller.of(place.client, "nope").label(question)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"message": {"content": "a fox"}, "done": True}, "no candidate"),
        ({"message": {"content": ""}, "done": True}, "said nothing"),
        ({"message": {"content": ""}, "done": True, "done_reason": "length"}, "used up"),
    ],
)
async def test_what_is_no_label(place: Any, question: Question, line: dict[str, Any], words: str) -> None:
    place.fake._native.lines = lambda *_: lines_of(line)
    with pytest.raises(ModelFailed, match=words) as told:
        await OllamaLabeller.of(place.client, "smollm2:135m").label(question)
    assert told.value.cure


async def lines_of(line: dict[str, Any]) -> Any:
    yield line


async def test_a_label_without_probabilities(place: Any, question: Question) -> None:
    said = {"message": {"content": json.dumps({"label": "chat"})}, "done": True}
    place.fake._native.lines = lambda *_: lines_of(said)
    choice = await OllamaLabeller.of(place.client, "smollm2:135m").label(question)
    assert (choice.label, choice.shares) == ("chat", {})


async def test_trouble_is_an_error_and_no_label(place: Any, question: Question) -> None:
    place.fake.troubles.script(Trouble("error", name="load_crash"))
    with pytest.raises(ModelFailed):
        await OllamaLabeller.of(place.client, "smollm2:135m").label(question)


def test_probabilities_of_a_model_that_wanted_something_else_do_not_count() -> None:
    forced = [token('{"label": "', 1.0), token("chat", 0.001, I=0.9, We=0.09), token('"}', 1.0)]
    assert mass_of(forced, "chat", ("image", "chat")) == pytest.approx(0.001)
    assert shares_in(forced, "chat", ("image", "chat")) == {}
    meant = [token('{"label": "', 1.0), token("chat", 0.1, image=0.1, I=0.8), token('"}', 1.0)]
    assert shares_in(meant, "chat", ("image", "chat")) == pytest.approx({"image": 0.5, "chat": 0.5})


def test_the_mass_of_labels_in_several_tokens_and_behind_a_quotation_mark() -> None:
    tokens = [token('{"label":', 1.0), token(' "im', 0.6, **{' "ch': 0.3, " 7": 0.1}), token('age"}', 1.0)]
    assert mass_of(tokens, "image", ("image", "chat")) == pytest.approx(0.9)
    assert mass_of([], "image", ("image",)) == 0.0


@pytest.mark.parametrize("tokens", [[{}], [{"token": "chat", "logprob": "x"}], [{"token": 3, "logprob": 0}]])
def test_tokens_that_are_none(tokens: list[dict[str, Any]]) -> None:
    assert shares_in(tokens, "chat", ("image", "chat")) == {}
