"""The fast tier: a small network on hashed words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category, Pattern, Utterance
from pointsman.core.decision import Abstain, Answer
from pointsman.core.errors import ModelFileError
from pointsman.core.message import Message
from pointsman.tiers import subwords
from pointsman.tiers.fast import COMMON, LONG, MOST_TEXT, Fast, FastModel, Gate

NAMES = ("image_generation", "general_chat", "reasoning")
SURE = Gate(bias=0.0, belief=1.0, unknown=-4.0)


def catalogue(*more: Category) -> Catalogue:
    return Catalogue(
        [
            Category(name="image_generation", description="", path="image"),
            Category(name="general_chat", description="", path="llm"),
            Category(name="reasoning", description="", path="llm"),
            *more,
        ],
        "test",
    )


def model(words: dict[str, tuple[int, int, int]], gate: Gate = SURE) -> FastModel:
    """A model in which a word speaks for each category as much as is said."""
    table = np.zeros((subwords.BUCKETS, 3), dtype=np.int8)
    known = np.zeros(subwords.BUCKETS, dtype=bool)
    for word, scores in words.items():
        row = subwords.bucket(word, subwords.WHOLE)
        table[row], known[row] = scores, True
    eye, none = np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32)
    return FastModel(NAMES, table, 1.0, eye, none, eye, none, known, gate)


def judged(text: str, made: FastModel, *more: Category) -> Answer:
    verdict = Fast(made, catalogue(*more)).judge(Message(text))
    assert isinstance(verdict, Answer)
    return verdict


def test_a_known_word_decides() -> None:
    answer = judged("draw", model({"draw": (6, 0, 0)}))
    assert answer.category == "image_generation"
    assert answer.path_confidence > 0.9


def test_belief_is_summed_by_path() -> None:
    answer = judged("hmm", model({"hmm": (20, 20, 20)}))
    assert answer.category in {"general_chat", "reasoning"}


def test_unknown_words_make_it_less_sure() -> None:
    made = model({"draw": (9, 0, 0)})
    assert judged("draw draw", made).path_confidence > judged("draw xyzzy", made).path_confidence


def test_it_says_how_many_words_are_new() -> None:
    assert "50% of its words are new" in judged("draw xyzzy", model({"draw": (6, 0, 0)})).reason


@pytest.mark.parametrize("text", ["", "   ", "🙂", "?!"])
def test_without_words_it_abstains(text: str) -> None:
    assert isinstance(Fast(model({}), catalogue()).judge(Message(text)), Abstain)


def test_a_long_text_is_left_to_those_who_look_at_its_ends() -> None:
    said = [
        Fast(model({}), catalogue()).judge(Message("draw " * count)) for count in (MOST_TEXT // 5, MOST_TEXT // 5 + 1)
    ]
    assert isinstance(said[0], Answer)
    assert said[1] == LONG


def test_words_that_everybody_uses_are_left_to_nobody() -> None:
    lights = Category(name="lights", description="", path="llm", utterances=(Utterance("the lamp", "lights", "en"),))
    many = tuple(Utterance(f"the thing {number}", "general_chat", "en") for number in range(COMMON))
    known = Catalogue(
        [
            *(it for it in catalogue() if it.name != "general_chat"),
            lights,
            replace(catalogue()["general_chat"], utterances=many),
        ]
    )
    tier = Fast(model({"draw": (9, 0, 0)}), known)
    assert isinstance(tier.judge(Message("draw the cat")), Answer)
    assert isinstance(tier.judge(Message("draw the lamp")), Abstain)


def test_a_pattern_of_the_users_own_knows_better() -> None:
    mine = Pattern("sketch", r"\bsketch\b", 0.99)
    own = replace(catalogue()["reasoning"], patterns=(mine,))
    shipped = replace(catalogue()["general_chat"], patterns=(replace(mine, regex="draw"),))
    known = Catalogue([catalogue()["image_generation"], shipped, own], own=["reasoning"])
    tier = Fast(model({"draw": (9, 0, 0)}), known)
    assert isinstance(tier.judge(Message("draw a sketch")), Abstain)
    assert isinstance(tier.judge(Message("draw it")), Answer)


def test_what_a_users_own_category_may_mean_is_left_to_others() -> None:
    lights = Category(
        name="lights", description="", path="llm", utterances=(Utterance("dim the lamp", "lights", "en"),)
    )
    tier = Fast(model({"draw": (9, 0, 0), "lamp": (9, 0, 0)}), catalogue(lights))
    assert isinstance(tier.judge(Message("draw the lamp")), Abstain)
    assert isinstance(tier.judge(Message("draw cat")), Answer)


def test_a_category_that_was_removed_is_never_named() -> None:
    chat = Catalogue([Category(name="general_chat", description="", path="llm")], "test")
    verdict = Fast(model({"draw": (9, 0, 0)}), chat).judge(Message("draw"))
    assert isinstance(verdict, Answer)
    assert verdict.category == "general_chat"


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    made = model({"draw": (6, 1, 0)})
    made.write(tmp_path / "fast.npz")
    read = FastModel.read(tmp_path / "fast.npz")
    assert np.allclose(read.logits("draw me a cat")[0], made.logits("draw me a cat")[0])
    assert read.logits("draw xyzzy")[1] == 0.5
    assert read.gate == made.gate


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged"])
def test_a_damaged_file_is_told_with_its_cure(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fast.npz").write_bytes(content)
    with pytest.raises(ModelFileError, match="cannot be read") as caught:
        FastModel.read(tmp_path / "fast.npz")
    assert "pointsman train fast" in str(caught.value.cure)
