"""Tuning the encoder: what can be checked of it without the packages that tune."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pointsman.core.errors import InvalidInput
from pointsman.providers.encoders import HEAD_TOKENS, TAIL_TOKENS
from pointsman.training.joint import IGNORED, TOKENS_A_BATCH, Example, Tokens, batches, read_slots


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens(["prompt", "style"])


def test_a_slot_is_tagged_where_it_stands(tokens: Tokens) -> None:
    _, tags = tokens.tagged("draw a cat as watercolour", {"prompt": ["a cat"], "style": ["watercolour"]})
    names = [tokens.tags[tag] if tag != IGNORED else "-" for tag in tags]
    assert names[:6] == ["-", "O", "B-prompt", "I-prompt", "O", "B-style"]
    assert set(names[6:-1]) <= {"I-style"}
    assert names[-1] == "-"


def test_a_slot_that_is_not_in_the_text_is_left_out(tokens: Tokens) -> None:
    _, tags = tokens.tagged("draw a cat", {"prompt": ["a dog"]})
    assert set(tags) == {IGNORED, 0}


def test_a_long_message_keeps_its_head_and_tail(tokens: Tokens) -> None:
    assert len(tokens.ids("word " * 500)) == HEAD_TOKENS + TAIL_TOKENS


def test_every_message_is_in_one_batch_and_no_batch_is_too_large() -> None:
    order = random.Random(1)
    examples = [Example([0] * order.randint(3, 48), 0, 1.0) for _ in range(700)]
    made = list(batches(examples, order))
    assert sorted(index for batch in made for index in batch) == list(range(700))
    assert all(len(batch) * max(len(examples[i].ids) for i in batch) <= TOKENS_A_BATCH for batch in made)


def test_slots_are_read_as_lists(tmp_path: Path) -> None:
    line = {"text": "draw a cat", "category": "image_generation", "slots": {"prompt": "a cat", "style": ["x", "y"]}}
    (tmp_path / "slots.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    ((row, slots),) = read_slots(tmp_path / "slots.jsonl")
    assert row.text == "draw a cat"
    assert slots == {"prompt": ["a cat"], "style": ["x", "y"]}


@pytest.mark.parametrize("line", ["{", '{"text": "x"}', '{"text": "x", "category": "y", "slots": []}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "slots.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"slots\.jsonl:1: not a message with slots"):
        read_slots(tmp_path / "slots.jsonl")
