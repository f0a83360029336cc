"""The shipped router on labelled messages that no model was fitted on: floors below which nobody may land."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pointsman.build import open_router
from pointsman.core.message import Message
from pointsman.observe.evaluation import Prediction, evaluate
from pointsman.observe.labelled import read_labelled

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = ROOT / ".." / "shared" / "data" / "intents" / "dev.jsonl"


def measured(file: Path) -> dict[str, Any]:
    """The evaluation of a labelled file, with the share answered and the languages' wrong paths among those."""
    router = open_router(store=False)
    rows = read_labelled(file, router.catalogue.names)
    path_of = {name: router.catalogue.path_of(name) for name in router.catalogue.names}

    async def decide() -> dict[str, Prediction]:
        decisions = await router.decide_many([Message(row.gold.text) for row in rows])
        return {row.gold.id: Prediction.of(decision) for row, decision in zip(rows, decisions, strict=True)}

    predictions = asyncio.run(decide())
    result = evaluate([row.gold for row in rows], predictions, path_of)
    answered, wrong = Counter[str](), Counter[str]()
    for row in rows:
        said = predictions[row.gold.id]
        if said.tier != "fallback":
            language = row.gold.id.split("-")[0]
            answered[language] += 1
            wrong[language] += path_of[said.category] != path_of[row.gold.category]
    return {**result.to_dict(), "coverage": result.coverage, "answered": answered, "wrong": wrong}


@pytest.fixture(scope="module")
def public() -> dict[str, Any]:
    if not PUBLIC.is_file():
        pytest.skip(f"no labelled messages at {PUBLIC}")
    return measured(PUBLIC)


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    return measured(ROOT / "labelled" / "messages.jsonl")


@pytest.fixture(scope="module")
def languages() -> dict[str, Any]:
    return measured(ROOT / "labelled" / "languages.jsonl")


def test_few_public_messages_take_a_wrong_path(public: dict[str, Any]) -> None:
    assert public["overall"]["path_error"] <= 0.045
    assert public["overall"]["accuracy"] >= 0.90


def test_a_picture_is_hardly_ever_made_by_mistake(public: dict[str, Any]) -> None:
    assert public["overall"]["image_fpr"] <= 0.005


def test_requests_for_a_picture_are_recognised(public: dict[str, Any]) -> None:
    for name, most in (("explicit", 0.03), ("indirect", 0.03), ("edit", 0.03), ("bare_prompt", 0.1)):
        assert public["slices"][f"image_{name}"]["image_fnr"] <= most, name


def test_confidence_means_what_it_says(public: dict[str, Any]) -> None:
    assert public["overall"]["ece"] <= 0.03


def test_hardly_a_message_needs_a_language_model_to_be_decided(public: dict[str, Any]) -> None:
    assert public["coverage"] >= 0.97


def test_other_languages_do_nearly_as_well_as_english(public: dict[str, Any]) -> None:
    slices = public["slices"]
    assert slices["multilingual"]["path_error"] <= slices["core"]["path_error"] + 0.05


def test_few_of_our_own_messages_take_a_wrong_path(own: dict[str, Any]) -> None:
    assert own["overall"]["path_error"] <= 0.035
    assert own["overall"]["accuracy"] >= 0.94
    assert own["overall"]["image_fpr"] <= 0.01
    assert own["overall"]["ece"] <= 0.05
    assert own["coverage"] >= 0.97


def test_every_language_takes_the_right_path_or_abstains(languages: dict[str, Any]) -> None:
    assert len(languages["answered"]) == 12
    for language, answered in languages["answered"].items():
        assert answered >= 48, language
        assert languages["wrong"][language] / answered <= 0.1, language
