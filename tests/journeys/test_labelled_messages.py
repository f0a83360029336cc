"""The shipped router on labelled messages that no model was fitted on: floors below which nobody may land."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pointsman.build import open_router
from pointsman.observe.evaluation import Evaluation, Prediction, evaluate
from pointsman.observe.labelled import read_labelled

LABELLED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "intents" / "dev.jsonl"


@pytest.fixture(scope="module")
def measured() -> Evaluation:
    if not LABELLED.is_file():
        pytest.skip(f"no labelled messages at {LABELLED}")
    router = open_router(store=False)
    rows = read_labelled(LABELLED, router.catalogue.names)

    async def decide() -> dict[str, Prediction]:
        return {row.gold.id: Prediction.of(await router.decide(row.message)) for row in rows}

    path_of = {name: router.catalogue.path_of(name) for name in router.catalogue.names}
    return evaluate([row.gold for row in rows], asyncio.run(decide()), path_of)


def test_few_messages_take_a_wrong_path(measured: Evaluation) -> None:
    assert measured.to_dict()["overall"]["path_error"] <= 0.07


def test_a_picture_is_hardly_ever_made_by_mistake(measured: Evaluation) -> None:
    assert measured.to_dict()["overall"]["image_fpr"] <= 0.01


def test_requests_for_a_picture_are_recognised(measured: Evaluation) -> None:
    slices = measured.to_dict()["slices"]
    for name in ("image_explicit", "image_indirect"):
        assert slices[name]["image_fnr"] <= 0.10


def test_confidence_means_what_it_says(measured: Evaluation) -> None:
    assert measured.to_dict()["overall"]["ece"] <= 0.05
