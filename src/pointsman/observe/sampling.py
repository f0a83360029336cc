"""Picks some labelled messages to measure on, when there are more than a quota allows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain, zip_longest

from pointsman.observe.labelled import Labelled


def balanced(rows: Sequence[Labelled], most: int, chance: random.Random) -> list[Labelled]:
    """At most so many messages, at random, in turn from every category: however few are asked, none is left out."""
    groups: dict[str, list[Labelled]] = {}
    for row in rows:
        groups.setdefault(row.gold.category, []).append(row)
    for group in groups.values():
        chance.shuffle(group)
    return [row for row in chain.from_iterable(zip_longest(*groups.values())) if row is not None][:most]
