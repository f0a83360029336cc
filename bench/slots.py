"""How right and how fast slots are found: by rules, with the tagger on words, and with the encoder's states.

Run it with `python bench/slots.py labelled/slots.jsonl`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pointsman.core.decision import Slots
from pointsman.providers.encoders import MiniLm
from pointsman.tiers import slots
from pointsman.tiers.encoder import Reading
from pointsman.tiers.slots.finder import SlotFinder
from pointsman.tiers.slots.tagger import KINDS, read
from pointsman.training.slot_labels import Marked, read_marked
from pointsman.training.slot_measure import Score, score
from pointsman.training.slots import ASKED, shipped

ROUNDS = 5
Find = Callable[[str, str, Sequence[str]], Slots]
NAMES = dict(ASKED.values())


class Counting:
    """The encoder, and how often it had to read."""

    def __init__(self) -> None:
        self.encoder = MiniLm()
        self.asked = 0

    def read(self, text: str) -> Reading:
        """The encoder's reading."""
        self.asked += 1
        return self.encoder.read(text)


def main(file: Path) -> None:
    """Prints the tables."""
    messages = [message for message in read_marked(file) if message.category in NAMES]
    counting = Counting()
    taggers = read(shipped(), counting.encoder.fingerprint)
    contestants: dict[str, Find] = {
        "rules": slots.find,
        "and words": SlotFinder(taggers),
        "and encoder": SlotFinder(taggers, counting.read),
    }
    scores = {name: answered(find, messages) for name, find in contestants.items()}
    print(f"{len(messages)} messages; encoder asked for {counting.asked / len(messages):.0%}")
    print(f"{'F1, exact values':<22}{'marked':>8}" + "".join(f"{name:>14}" for name in scores))
    for slot in ("micro", *scores["rules"].by_slot):
        tallies = [one.micro if slot == "micro" else one.by_slot[slot] for one in scores.values()]
        print(f"{slot:<22}{tallies[0].marked:>8}" + "".join(f"{tally.f1:>14.3f}" for tally in tallies))
    print(f"{'every slot right':<30}" + "".join(f"{one.all_right:>14.3f}" for one in scores.values()))
    for kind, (category, _) in zip(KINDS, ASKED.values(), strict=True):
        part = [message for message in messages if message.category == category]
        micros = [answered(find, part).micro for find in contestants.values()]
        print(f"{kind:<22}{micros[0].marked:>8}" + "".join(f"{tally.f1:>14.3f}" for tally in micros))
    for english, label in ((True, "English"), (False, "other languages")):
        part = [message for message in messages if (message.language == "en") == english]
        micros = [answered(find, part).micro for find in contestants.values()]
        print(f"{label:<22}{micros[0].marked:>8}" + "".join(f"{tally.f1:>14.3f}" for tally in micros))
    print_times({name: find for name, find in contestants.items() if name != "and encoder"}, messages)


def answered(find: Find, messages: Sequence[Marked]) -> Score:
    """How right a way of finding is."""
    return score((message, find(message.category, message.text, NAMES[message.category])) for message in messages)


def print_times(contestants: dict[str, Find], messages: Sequence[Marked]) -> None:
    """Prints microseconds a message, the best of some rounds, the contestants taking turns."""
    best = {name: np.full(len(messages), np.inf) for name in contestants}
    for _ in range(ROUNDS):
        for place, message in enumerate(messages):
            for name, find in contestants.items():
                began = time.perf_counter()
                find(message.category, message.text, NAMES[message.category])
                best[name][place] = min(best[name][place], time.perf_counter() - began)
    print(f"{'us a message':<22}{'p50':>10}{'p90':>10}{'p99':>10}")
    for name, seconds in best.items():
        print(f"{name:<22}" + "".join(f"{value * 1e6:>10.0f}" for value in np.percentile(seconds, [50, 90, 99])))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
