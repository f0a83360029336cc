"""Fitting the slot taggers: on few messages, into any folder, and not without the package that fits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.providers.encoders import MiniLm
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.slots.evidence import evidence
from pointsman.tiers.slots.spans import values
from pointsman.tiers.slots.tagger import SLOTS_FILE, read
from pointsman.tiers.slots.words import words_of
from pointsman.training import slots
from pointsman.training.slot_labels import Marked, marked

THINGS = (
    "rye bread",
    "tide tables",
    "the price of tin",
    "a cobbler in Aarhus",
    "who won",
    "ferries",
    "ash trees",
    "glue",
)
WRAPPERS = ("pray, consult the oracle about {}", "oracle: {}", "let the oracle speak of {}", "{}")


def message(wrapper: str, thing: str) -> Marked:
    text = wrapper.format(thing)
    return marked({"id": text, "text": text, "category": "web_search", "slots": {"query": thing}})


def told() -> list[Marked]:
    return [message(wrapper, thing) for wrapper in WRAPPERS for thing in THINGS]


def silent(_: str) -> None:
    """Nobody is told."""


def test_wrappers_are_learnt_that_no_rule_knows() -> None:
    pytest.importorskip("torch")
    encoder = BagEncoder()
    held = [message(wrapper, thing) for wrapper in WRAPPERS for thing in ("elk", "oats", "elk near Oslo")]
    tagger = slots.fit("search", told(), held, encoder)
    text = "let the oracle speak of moss"
    words = words_of(text)
    found = evidence(text, words, slots.found_by_rules("search", text))
    assert slots.found_by_rules("search", text) == {"query": text}
    assert values(text, tagger.spans(text, words, found)) == {"query": "moss"}
    assert values(text, tagger.spans(text, words, found, encoder.read(text))) == {"query": "moss"}
    assert tagger.joint.states != 0 == tagger.alone.states


def test_without_new_messages_the_encoder_is_not_believed() -> None:
    pytest.importorskip("torch")
    tagger = slots.fit("search", told(), [], BagEncoder())
    assert tagger.joint == tagger.alone


def test_a_folder_gets_the_taggers_of_the_shipped_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fit, which takes minutes, is stood for by the shipped taggers."""
    monkeypatch.setattr(slots, "require", lambda: None)
    shipped = read(slots.shipped(), MiniLm().fingerprint)
    monkeypatch.setattr(slots, "fit", lambda kind, *_: shipped[kind])
    data = tmp_path / "slots.jsonl"
    data.write_text('{"id": "1", "text": "draw", "category": "image_generation", "slots": {}}\n')
    made = slots.make(data, None, tmp_path / "made" / "here", silent)
    assert made == shipped
    found = read(tmp_path / "made" / "here" / SLOTS_FILE, MiniLm().fingerprint)
    assert found["picture"].alone.words == shipped["picture"].alone.words
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidInput, match="cannot be written to"):
        slots.make(data, None, tmp_path / "file" / "sub", silent)


def test_few_messages_are_refused() -> None:
    with pytest.raises(InvalidInput, match="0 messages for code are too few"):
        slots.fit("code", told(), [], BagEncoder())


def test_without_the_package_that_fits_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra) as caught:
        slots.make(tmp_path / "absent", None, tmp_path / "made", silent)
    assert "pointsman[train]" in caught.value.cure
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["slots", "chains", "slot_labels", "slot_measure"])
def test_the_modules_load_without_the_extra(name: str) -> None:
    script = f"import sys; sys.modules['torch'] = None; import pointsman.training.{name}"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
