"""The tagger: the best row of tags, the states of words, and its file."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.errors import ModelFileError
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.encoder import Reading
from pointsman.tiers.slots.evidence import WIDTH, evidence
from pointsman.tiers.slots.spans import Span
from pointsman.tiers.slots.tagger import (
    FORBIDDEN,
    KINDS,
    Chain,
    Tagger,
    placed,
    read,
    steps_allowed,
    word_states,
    write,
)
from pointsman.tiers.slots.words import BUCKETS, features, words_of

DIMENSIONS = 8


def chain(names: tuple[str, ...], *, words: float = 1.0, states: float = 0.0) -> Chain:
    steps, first = steps_allowed(names)
    return Chain(words, states, np.zeros((WIDTH, len(first)), np.float32), steps, first, np.zeros_like(first))


def tagger(names: tuple[str, ...]) -> Tagger:
    tags = 2 * len(names) + 1
    dense = np.zeros((3 * DIMENSIONS, tags), np.float32)
    table = np.zeros((BUCKETS, tags), np.int8)
    return Tagger(names, table, 0.5, chain(names), dense, np.zeros(tags, np.float32), chain(names, states=1.0))


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 1000))
def test_the_best_row_is_the_best_of_all_rows(words: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    links = chain(("memory", "list"))
    scores = chance.normal(size=(words, 5)).astype(np.float32)

    def total(row: tuple[int, ...]) -> float:
        steps = sum(float(links.steps[a, b]) for a, b in itertools.pairwise(row))
        return float(links.first[row[0]]) + steps + sum(float(scores[place, tag]) for place, tag in enumerate(row))

    best = max(itertools.product(range(5), repeat=words), key=total)
    assert tuple(links.best(scores)) == best


def test_a_slot_goes_on_only_after_itself_and_a_prompt_after_what_lies_in_it() -> None:
    steps, first = steps_allowed(("prompt", "style"))
    outside, begin_prompt, prompt, begin_style, style = range(5)
    assert first[prompt] == first[style] == FORBIDDEN
    assert first[begin_prompt] == first[begin_style] == first[outside] == 0
    assert steps[outside, prompt] == steps[outside, style] == steps[prompt, style] == FORBIDDEN
    assert steps[begin_prompt, prompt] == steps[style, prompt] == steps[begin_style, style] == 0


def test_tags_describe_spans() -> None:
    words = words_of("draw a big fox in oil now")
    assert placed(words, [0, 1, 2, 2, 0, 3, 0], ("prompt", "style")) == [Span("prompt", 5, 14), Span("style", 18, 21)]
    assert placed(words_of("a b"), [1, 1], ("query",)) == [Span("query", 0, 1), Span("query", 2, 3)]
    assert placed([], [], ("query",)) == []


def test_words_evidence_and_states_are_weighed() -> None:
    text = "find ferries"
    words = words_of(text)
    one = tagger(("query",))
    rules = evidence(text, words, {"query": "ferries"})
    assert one.spans(text, words, rules) == []
    one.table[features(text, words)[1, 2], 1] = 1
    assert one.spans(text, words, rules) == [Span("query", 5, 12)]
    reading = BagEncoder(DIMENSIONS).read(text)
    one.dense[:DIMENSIONS, 1] = 100 * reading.states[0]
    assert one.spans(text, words, rules, reading) == [Span("query", 0, 4), Span("query", 5, 12)]


def test_the_state_of_a_word_is_the_mean_of_its_tokens() -> None:
    states = np.array([[9.0], [1.0], [2.0], [4.0], [9.0]], np.float32)
    spans = ((0, 0), (0, 2), (3, 5), (5, 7), (0, 0))
    reading = Reading(states[0], states[0], states, spans)
    assert word_states(reading, [(0, 2), (3, 7), (8, 9)]).tolist() == [[1, 0, 3], [3, 1, 0], [0, 3, 0]]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "slots.npz"
    made = {kind: tagger(names) for kind, names in KINDS.items()}
    made["search"].table[7, 1] = 5
    write(file, made, "encoder-1")
    found = read(file, "encoder-1")
    assert {kind: one.names for kind, one in found.items()} == dict(KINDS)
    assert found["search"].table[7].tolist() == [0, 5, 0]
    assert found["search"].scale == 0.5
    assert (found["picture"].joint.states, found["picture"].alone.states) == (1.0, 0.0)
    assert np.array_equal(found["memory"].alone.steps, made["memory"].alone.steps)


def test_the_file_of_another_encoder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "slots.npz"
    write(file, {kind: tagger(names) for kind, names in KINDS.items()}, "encoder-1")
    with pytest.raises(ModelFileError, match="encoder-1, not on encoder-2") as caught:
        read(file, "encoder-2")
    assert "train slots" in caught.value.cure


def test_a_damaged_or_absent_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "slots.npz"
    write(file, {kind: tagger(names) for kind, names in KINDS.items()}, "encoder-1")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelFileError, match="cannot be read"):
        read(file, "encoder-1")
    with pytest.raises(ModelFileError, match="cannot be read"):
        read(tmp_path / "none.npz", "encoder-1")
    write(file, {"search": tagger(("query",))}, "encoder-1")
    with pytest.raises(ModelFileError, match="cannot be read"):
        read(file, "encoder-1")
