"""The rules' answer as evidence."""

from __future__ import annotations

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots.evidence import CUT, KINDS, LIST, NEGATIVE, NOTHING, STYLE, WHOLE, WIDTH, evidence
from pointsman.tiers.slots.words import words_of


def kinds(text: str, found: dict[str, SlotValue]) -> list[set[int]]:
    rows = evidence(text, words_of(text), found)
    assert rows.shape == (len(words_of(text)), WIDTH)
    return [{kind for kind in range(KINDS) if row[kind]} for row in rows]


def test_a_part_and_the_whole_are_different_evidence() -> None:
    assert kinds("draw a fox", {"prompt": "a fox"}) == [set(), {CUT}, {CUT}]
    assert kinds("a fox!", {"prompt": "a fox"}) == [{WHOLE}, {WHOLE}, set()]
    assert kinds("run it", {}) == [{NOTHING}, {NOTHING}]


def test_a_value_from_two_places_is_found_in_both() -> None:
    assert kinds("a bay without boats at noon", {"prompt": "a bay at noon", "negative": "boats"}) == [
        {CUT}, {CUT}, set(), {NEGATIVE}, {CUT}, {CUT},
    ]  # fmt: skip


def test_a_thing_on_a_list_is_found_with_its_list() -> None:
    assert kinds("add tea to my list", {"memory": "list: tea"}) == [set(), {CUT}, set(), set(), {LIST}]


def test_a_style_is_evidence_of_its_own() -> None:
    assert kinds("fox, manga", {"prompt": "fox", "style": "manga"}) == [{CUT}, set(), {STYLE}]


def test_neighbours_stand_beside_a_word() -> None:
    rows = evidence("draw a fox", words_of("draw a fox"), {"prompt": "a fox"})
    assert rows[1, KINDS + CUT] == 0  # the word before "a" is no part of it
    assert rows[2, KINDS + CUT] == 1
    assert rows[0, 2 * KINDS + CUT] == 1  # the word after "draw" is
    assert (rows[:, -1] == 1).all()


def test_a_value_that_is_nowhere_is_no_evidence() -> None:
    assert kinds("draw a fox", {"prompt": "zebra"}) == [set(), set(), set()]
