"""Public intent sets in one form: lines to learn from, to validate and to test on, and what is out of scope."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pointsman.core.errors import InvalidInput
from pointsman.observe import set_layouts
from pointsman.observe.set_layouts import OOS, Found, Line

HELD_OUT: Final = 1_000  # lines for validation where a set has none, or a tenth of it where that is less
SEED: Final = 0

Layout = Callable[[Path, str], Found | None]


@dataclass(frozen=True, slots=True)
class Known:
    """A public set: how many intents it has, the layouts that it is published in, and where."""

    intents: int
    layouts: tuple[Layout, ...]
    source: str


FOLDERS: Final = "train, valid and test folders with seq.in and label (github.com/jianguoz/Few-Shot-Intent-Detection)"
TABLES: Final = "train.csv and test.csv with the columns text,category"

SETS: Final = {
    "clinc150": Known(
        150,
        (set_layouts.clinc_json, set_layouts.folders, set_layouts.tables),
        f"data_full.json (github.com/clinc/oos-eval), or {FOLDERS}",
    ),
    "banking77": Known(
        77,
        (set_layouts.tables, set_layouts.folders),
        f"{TABLES} (github.com/PolyAI-LDN/task-specific-datasets), or {FOLDERS}",
    ),
    "hwu64": Known(
        64,
        (set_layouts.folders, set_layouts.tables, set_layouts.answers),
        f"{FOLDERS}, or {TABLES}, or the CSV of github.com/xliuhw/NLU-Evaluation-Data",
    ),
    "snips": Known(
        7,
        (set_layouts.snips_json, set_layouts.folders, set_layouts.tables),
        f"2017-06-custom-intent-engines (github.com/sonos/nlu-benchmark), or {FOLDERS}",
    ),
}


@dataclass(frozen=True, slots=True)
class IntentSet:
    """A set of labelled lines, split; `oos` are the test lines that no intent fits, and none such is anywhere else."""

    name: str
    train: tuple[Line, ...]
    val: tuple[Line, ...]
    test: tuple[Line, ...]
    oos: tuple[str, ...] = ()

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that are learnt, in order of name."""
        return tuple(sorted({line.intent for line in self.train}))

    def drawn(self, shots: int, seed: int) -> tuple[Line, ...]:
        """`shots` lines of every intent (all where it has fewer), drawn from the training lines by a seed."""
        chance = random.Random(seed)
        members: dict[str, list[Line]] = {intent: [] for intent in self.intents}
        for line in self.train:
            members[line.intent].append(line)
        return tuple(line for lines in members.values() for line in chance.sample(lines, min(shots, len(lines))))


def read_set(name: str, path: Path) -> IntentSet:
    """A public set from its published files, plain or gzip-compressed.

    Where it comes without validation lines, 1,000 are held out of the training lines; one that comes
    without a split is split 8:1:1. Both by a fixed seed. Raises InvalidInput for files that are
    missing, of another layout, or whose test lines have an intent that is not learnt.
    """
    known = SETS[name]
    if not path.exists():
        raise InvalidInput(f"{path}: no such file or folder", cure=f"give {known.source}")
    for layout in known.layouts:
        found = layout(path, name)
        if found is not None:
            return checked(split(name, found), path)
    raise InvalidInput(f"{path}: {name} is not there in any layout that is known", cure=f"give {known.source}")


def split(name: str, found: Found) -> IntentSet:
    """What was found, with lines held out for what is missing."""
    train, test, val = (in_scope(lines) for lines in (found.train, found.test, found.val))
    if not test:
        train, test = held_out(train, len(train) // 10)
    if not val:
        train, val = held_out(train, min(HELD_OUT, len(train) // 10))
    oos = (*found.oos, *(line.text for line in found.test if line.intent == OOS))
    return IntentSet(name, tuple(train), tuple(val), tuple(test), oos)


def in_scope(lines: Sequence[Line]) -> list[Line]:
    """The lines that an intent fits."""
    return [line for line in lines if line.intent != OOS]


def held_out(lines: Sequence[Line], count: int) -> tuple[list[Line], list[Line]]:
    """The lines without `count` that are drawn at random, and those."""
    drawn = set(random.Random(SEED).sample(range(len(lines)), count))
    rest = [line for place, line in enumerate(lines) if place not in drawn]
    return rest, [lines[place] for place in sorted(drawn)]


def checked(made: IntentSet, path: Path) -> IntentSet:
    """The set. Raises InvalidInput when there is too little of it, or a test line has an intent that is not learnt."""
    learnt = set(made.intents)
    strange = sorted({line.intent for line in made.test} - learnt)
    if strange:
        what = f"{path}: {len(strange)} intents of the test lines have no training lines, such as {strange[0]!r}"
        raise InvalidInput(what, cure="give the whole set")
    if len(learnt) < 2 or not made.test:
        raise InvalidInput(
            f"{path}: {len(made.train)} training lines of {len(learnt)} intents and {len(made.test)} test lines"
            " are too few",
            cure="give the whole set",
        )
    return replace(made, val=tuple(line for line in made.val if line.intent in learnt))
