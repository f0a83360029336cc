"""The scripted labeller keeps to its script."""

from __future__ import annotations

import pytest

from pointsman.core.errors import ModelFailed
from pointsman.testing.scripted_labeller import ScriptedLabeller
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

QUESTION = Question("prefix", "", (), '"hi"', ("image", "chat"))


async def test_it_says_its_script_and_then_the_last_for_ever() -> None:
    labeller = ScriptedLabeller(Choice("image", {"image": 0.9, "chat": 0.1}), "chat")
    said = [await labeller.label(QUESTION, sample) for sample in range(3)]
    assert [choice.label for choice in said] == ["image", "chat", "chat"]
    assert said[0].shares == {"image": 0.9, "chat": 0.1}
    assert said[1].shares == {}
    assert labeller.asked == [(QUESTION, 0), (QUESTION, 1), (QUESTION, 2)]


async def test_it_raises_what_it_was_told_to() -> None:
    labeller = ScriptedLabeller(ModelFailed("broke off"))
    with pytest.raises(ModelFailed, match="broke off"):
        await labeller.label(QUESTION)
