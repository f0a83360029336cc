"""Words and their parts as rows of a table."""

from __future__ import annotations

import zlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers import subwords


def test_case_and_digits_are_folded() -> None:
    assert subwords.words("What's 23*19?") == ["what", "'", "s", "00", "*", "00", "?"]


def test_chinese_is_read_by_the_character() -> None:
    assert subwords.words("画一只cat") == ["画", "一", "只", "cat"]


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    found = subwords.words(" ".join(f"w{letter}" for letter in "abcdefghij" * 30))
    assert len(found) <= subwords.HEAD_WORDS + subwords.TAIL_WORDS
    assert (found[0], found[-1]) == ("wa", "wj")


def test_a_typo_shares_most_parts_with_the_word() -> None:
    right, wrong, other = (set(subwords.parts(word)) for word in ("generate", "genarate", "tomorrow"))
    assert len(right & wrong) > 4 * len(right & other)


def test_the_order_of_words_makes_other_pairs() -> None:
    assert subwords.pairs(["draw", "cat"]) != subwords.pairs(["cat", "draw"])


@given(st.text(st.characters(max_codepoint=127), max_size=subwords.WORD_LETTERS))
def test_a_text_in_ascii_is_read_as_any_other(text: str) -> None:
    assert subwords.words(text) == subwords.WORD.findall(subwords.DIGIT.sub("0", text.lower()))


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=8))
def test_what_lies_between_words_has_the_buckets_that_training_gave_it(found: list[str]) -> None:
    assert zlib.crc32(b"a", subwords.PAIR) != zlib.crc32(b"a", subwords.FIRST)
    between = [subwords.bucket(f"{left} {right}", subwords.PAIR) for left, right in pairwise(found)]
    ends = [subwords.bucket(found[0], subwords.FIRST), subwords.bucket(found[-1], subwords.LAST)]
    assert subwords.pairs(found) == [*between, *ends, subwords.bucket(" ".join(found[:2]), subwords.OPENING)]


@given(st.text(max_size=300))
def test_every_text_falls_into_the_table(text: str) -> None:
    found = subwords.words(text)
    numbers = [subwords.bucket(word, subwords.WHOLE) for word in found]
    numbers += [number for word in found for number in subwords.parts(word)]
    numbers += subwords.pairs(found) if found else []
    assert all(0 <= number < subwords.BUCKETS for number in numbers)
