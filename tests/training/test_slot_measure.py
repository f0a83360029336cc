"""How right found slots are."""

from __future__ import annotations

import pytest

from pointsman.core.decision import SlotValue
from pointsman.training.slot_labels import Marked, marked
from pointsman.training.slot_measure import score


def picture(text: str, **slots: object) -> Marked:
    return marked({"id": text, "text": text, "category": "image_generation", "slots": slots})


def test_values_are_right_but_for_case_and_loose_punctuation() -> None:
    one = picture("Draw a fox, 16:9", prompt="a fox", size="16:9")
    right: dict[str, SlotValue] = {"prompt": " A  fox. ", "width": 1344, "height": 768, "seed": 4}
    assert score([(one, right)]).all_right == 1.0
    found = score([(one, {"prompt": "fox", "width": 1344, "height": 768})])
    assert found.all_right == 0.0
    assert (found.micro.marked, found.micro.found, found.micro.right) == (2, 2, 1)
    assert found.by_slot["prompt"].f1 == 0.0
    assert found.by_slot["size"].f1 == 1.0


def test_what_was_not_found_costs_recall_and_what_is_not_there_costs_precision() -> None:
    one, two = picture("ink fox", prompt="ink fox", style="ink"), picture("draw a cat now", prompt="a cat")
    tally = score([(one, {"prompt": "ink fox"}), (two, {"prompt": "a cat", "style": "now"})]).by_slot["style"]
    assert (tally.precision, tally.recall, tally.f1) == (0.0, 0.0, 0.0)
    micro = score([(one, {"prompt": "ink fox"})]).micro
    assert (micro.precision, micro.recall) == (1.0, 0.5)
    assert micro.f1 == pytest.approx(2 / 3)


def test_a_whole_text_that_stands_in_for_nothing_is_no_find() -> None:
    one = picture("draw!")
    assert score([(one, {"prompt": "draw"})]).all_right == 1.0
    assert score([(picture("draw it"), {"prompt": "it"})]).all_right == 0.0


def test_an_action_counts_where_it_is_marked_and_not_in_the_sum() -> None:
    row = {"id": "1", "text": "forget tea", "category": "memory_operation", "slots": {"memory": "tea"}}
    acted = marked(row | {"values": {"action": "forget"}})
    found = score([(acted, {"memory": "tea", "action": "remember"})])
    assert (found.by_slot["action"].f1, found.micro.f1, found.all_right) == (0.0, 1.0, 0.0)
    assert score([(marked(row), {"memory": "tea", "action": "remember"})]).all_right == 1.0


def test_a_thing_on_a_list_is_named_with_it() -> None:
    row = {"id": "1", "text": "add tea to my list", "category": "memory_operation",
           "slots": {"memory": "tea", "list": "list"}}  # fmt: skip
    assert score([(marked(row), {"memory": "list: tea"})]).all_right == 1.0


def test_nothing_at_all_is_all_right() -> None:
    assert score([]).all_right == score([]).micro.f1 == 1.0
