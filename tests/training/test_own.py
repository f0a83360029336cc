"""Somebody's own categories: trained from their utterances alone, then routed by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pointsman import Message, open_router
from pointsman.cli.train import train
from pointsman.config.check import check
from pointsman.config.intents import load as load_intents
from pointsman.config.load import load
from pointsman.core.errors import ConfigError, InvalidInput
from pointsman.providers.encoders import MiniLm
from pointsman.stores import vectors
from pointsman.tiers.fast import FastModel
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.training.own import make

INTENTS = {
    "order_status": [
        "where is my order", "has my parcel been sent", "when will my package arrive", "track my delivery",
        "my order still has not come", "is the parcel on its way", "how long until it is delivered",
        "what is the status of my order", "did you ship it yet", "delivery is late, where is it",
    ],
    "refund": [
        "i want my money back", "how do i get a refund", "please refund this purchase", "refund the last payment",
        "can i return it and be paid back", "you charged me twice, pay it back", "send the money back to my card",
        "when do i receive my refund", "i would like to be reimbursed", "the refund has not reached my account",
    ],
    "opening_hours": [
        "when do you open", "are you open on sunday", "what are your opening hours", "how late is the shop open",
        "is the store closed today", "do you open on holidays", "until when can i come by tonight",
        "what time do you close", "at what time does the shop open tomorrow", "are you open right now",
    ],
}  # fmt: skip


def write(folder: Path, intents: dict[str, list[str]] = INTENTS) -> Path:
    """A folder of categories, all answered by the main model."""
    folder.mkdir()
    for name, utterances in intents.items():
        file = {"name": name, "description": f"The user asks about {name}.", "path": "llm", "utterances": {}}
        if utterances:
            file["utterances"] = {"en": utterances}
        (folder / f"{name}.yaml").write_text(json.dumps(file))
    return folder


CONFIG = "fallback: order_status\nintents: {folder: intents, shipped: false, trained: models}\n"


def no_fast_model() -> FastModel:
    """The shipped head stands on the fast tier's network; one of a user's own must not need it."""
    raise AssertionError("it was opened")


async def test_utterances_alone_make_a_router(tmp_path: Path) -> None:
    folder, out = write(tmp_path / "intents"), tmp_path / "models"
    result = CliRunner().invoke(train, ["own", str(folder), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    assert "3 categories" in result.stdout
    assert "intents.trained" in result.stderr
    assert {file.name for file in out.iterdir()} == {HEAD_FILE, vectors.SHIPPED}
    head = Head.read(out / HEAD_FILE, MiniLm().fingerprint, no_fast_model)
    assert head.categories == ("opening_hours", "order_status", "refund")

    (tmp_path / "pointsman.yaml").write_text(CONFIG)
    config = tmp_path / "pointsman.yaml"
    loaded = load(config)
    check(loaded, load_intents(loaded.config.intents.folder, shipped=False))
    async with open_router(config, store=False) as router:
        assert set(router.catalogue.names) == set(INTENTS)
        asked = {
            "my package was supposed to be here by now": "order_status",
            "could you give me back what i paid": "refund",
            "will the shop be open this evening": "opening_hours",
        }
        for text, category in asked.items():
            decision = await router.decide(Message(text))
            assert (decision.category, decision.tier != "fallback") == (category, True), decision.explain()
        strange = await router.decide(Message("who painted the ceiling of the sistine chapel"))
        assert strange.tier == "fallback", strange.explain()


def test_labelled_messages_teach_and_are_not_searched(tmp_path: Path) -> None:
    folder, data = write(tmp_path / "intents"), tmp_path / "data.jsonl"
    lines = [{"id": str(number), "text": f"gimme cash back {number}", "category": "refund"} for number in range(12)]
    data.write_text("\n".join(json.dumps(line) for line in lines))
    told: list[str] = []
    make(folder, tmp_path / "with", data=data, tell=told.append)
    make(folder, tmp_path / "without")
    used = MiniLm()
    stored = [vectors.read(tmp_path / name / vectors.SHIPPED, used.fingerprint) for name in ("with", "without")]
    assert set(stored[0]) == set(stored[1])
    with_data, without = (
        Head.read(tmp_path / name / HEAD_FILE, used.fingerprint, no_fast_model) for name in ("with", "without")
    )
    column, text = without.categories.index("refund"), "gimme cash"
    assert with_data.logits(used.read(text), text)[column] > without.logits(used.read(text), text)[column]
    assert told


def test_the_packages_own_head_is_not_written_over_by_leaving_something_out(tmp_path: Path) -> None:
    result = CliRunner().invoke(train, ["own", str(write(tmp_path / "intents"))])
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_the_shipped_categories_can_be_learnt_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "intents")
    learnt: list[set[str]] = []
    head = make(folder, tmp_path / "own")

    def fit(_: list[str], labels: list[str], *__: object, **___: object) -> Head:
        learnt.append(set(labels))
        return head

    monkeypatch.setattr("pointsman.training.own.fit", fit)
    make(folder, tmp_path / "models", shipped=True)
    assert learnt[0] == {*INTENTS, *load_intents().names}


@pytest.mark.parametrize(
    ("intents", "what"),
    [
        ({"refund": []}, "no utterances"),
        ({"refund": ["pay me back", "a refund"]}, "fewer than two categories"),
        ({}, "no utterances"),
    ],
)
def test_too_little_to_learn_from_is_said(tmp_path: Path, intents: dict[str, list[str]], what: str) -> None:
    folder = write(tmp_path / "intents", intents)
    with pytest.raises(InvalidInput, match=what):
        make(folder, tmp_path / "models")


def test_a_folder_of_models_that_is_not_there_is_found_by_the_check(tmp_path: Path) -> None:
    write(tmp_path / "intents")
    (tmp_path / "pointsman.yaml").write_text(CONFIG)
    loaded = load(tmp_path / "pointsman.yaml")
    with pytest.raises(ConfigError, match=r"pointsman.yaml:2.*intents.trained.*models: no such folder"):
        check(loaded, load_intents(loaded.config.intents.folder, shipped=False))
