"""Slots: the parts of a message that whoever serves it needs, such as the prompt of a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pointsman.core.decision import Slots, SlotValue
from pointsman.core.message import without_surrogates
from pointsman.tiers.slots import expression, memory, picture, query

FINDERS: Final[tuple[tuple[frozenset[str], Callable[[str], dict[str, SlotValue]]], ...]] = (
    (picture.NAMES, picture.find),
    (query.NAMES, query.find),
    (memory.NAMES, memory.find),
)


def find(category: str, text: str, names: Sequence[str]) -> Slots:
    """The slots that a category asks for by name, as far as the text says them, in the category's order.

    Categories are data: what is found depends on `names` alone, so a user's own category may ask for any of them.
    Takes time linear in the text and never raises.
    """
    del category
    if not names or not text or text.isspace():
        return {}
    text = without_surrogates(text)
    found: dict[str, SlotValue] = {}
    for known, finder in FINDERS:
        if not known.isdisjoint(names):
            found |= finder(text)
    if not expression.NAMES.isdisjoint(names):
        found |= expression.find(text, code="code" in names)
    return {name: found[name] for name in names if name in found}
