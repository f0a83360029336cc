"""Holds the slots that were found against those that are marked: precision, recall and F1 by slot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.core.decision import Slots, SlotValue
from pointsman.tiers.slots.spans import values
from pointsman.tiers.slots.tagger import KINDS, placed
from pointsman.tiers.slots.words import words_of
from pointsman.training.slot_labels import Marked, tags_of

SIZE: Final = ("width", "height")
# What stands at the ends of a value and changes nothing.
LOOSE: Final = " .,;:!?\u3002\uff1f"
# These fall back to the whole text: whoever serves the message needs something. Where nothing is marked, that is
# no find.
STAND_IN: Final = frozenset({"prompt", "query"})


@dataclass(slots=True)
class Tally:
    """How many values are marked, found, and found right."""

    marked: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what is marked that was found; 1 when nothing is marked."""
        return self.right / self.marked if self.marked else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.marked + self.found
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """The tallies by slot, and the share of messages of which every slot is right."""

    by_slot: Mapping[str, Tally]
    all_right: float

    @property
    def micro(self) -> Tally:
        """All slots together, the `action` left out: it is no part of the text."""
        spans = [tally for slot, tally in self.by_slot.items() if slot != "action"]
        return Tally(*(sum(getattr(tally, part) for tally in spans) for part in ("marked", "found", "right")))


def score(answers: Iterable[tuple[Marked, Slots]]) -> Score:
    """How right the answers are; a value is right when it is the marked one but for case and loose punctuation.

    As conlleval does (Tjong Kim Sang and Buchholz, 2000), a value that is partly right is wrong.
    """
    tallies: dict[str, Tally] = {}
    perfect = total = 0
    for message, found in answers:
        right, given = wanted(message), compared(found)
        if message.action:
            right["action"] = message.action
        else:
            given.pop("action", None)
        for slot in STAND_IN & given.keys() - right.keys():
            if given[slot] == plain(message.text):
                del given[slot]
        for slot in right.keys() | given.keys():
            tally = tallies.setdefault(slot, Tally())
            tally.marked += slot in right
            tally.found += slot in given
            tally.right += slot in right and right[slot] == given.get(slot)
        total += 1
        perfect += right == given
    return Score(dict(sorted(tallies.items())), perfect / total if total else 1.0)


def wanted(message: Marked) -> dict[str, SlotValue]:
    """The marked values, made from their places as a tagger's are."""
    words = words_of(message.text)
    slots = {span.slot for span in message.spans}
    names = next((names for names in KINDS.values() if slots <= set(names)), ())
    return compared(values(message.text, placed(words, tags_of(message, words, names), names)))


def compared(found: Slots) -> dict[str, SlotValue]:
    """The values as they are compared: texts plain, both sides of a size as one, no seed."""
    known = {
        name: plain(value) if isinstance(value, str) else value
        for name, value in found.items()
        if name not in {*SIZE, "seed"}
    }
    if "width" in found:
        known["size"] = f"{found['width']}x{found['height']}"
    return known


def plain(text: str) -> str:
    """A text in small letters, without spare spaces and loose punctuation."""
    return " ".join(text.lower().split()).strip(LOOSE)
