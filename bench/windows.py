"""Long messages seen through a head and a tail: what that costs, and what it saves.

    python bench/windows.py [LABELLED.jsonl ...]

The local tiers decide long messages once as a whole and once through windows of several sizes, which are what
`Message.look` shows. The tiers have limits of their own: the encoder reads 24 tokens of the head and 12 of the tail,
the fast network 600 characters; patterns, the guard and the n-grams of the head look at all they are shown.

The messages are labelled ones of more than 200 characters: the package's own, which nothing was fitted on, and
../shared/data/intents where that is present, which the shipped models learnt from, so that only the agreement counts
there. To these come requests with a long text behind, before and around them. Where the request stands in the middle,
no window shows it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np

from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.config.tiers import CacheTier, CloudTier, JudgeTier
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.engine.router import Router
from pointsman.observe.labelled import read_labelled
from pointsman.tiers.cascade import FALLBACK
from pointsman.tiers.question import MOST_TEXT

ROOT = Path(__file__).parents[1]
SHARED = [ROOT.parent / "shared/data/intents" / name for name in ("dev.jsonl", "train.jsonl")]
OWN = [ROOT / "labelled" / name for name in ("messages.jsonl", "languages.jsonl")]
LONG: Final = 200  # characters
WHOLE: Final = (10**9, 0)
# The first is what the judge sees of a message (question.MOST_TEXT), the last what the local tiers do.
JUDGE: Final = (MOST_TEXT - MOST_TEXT // 4, MOST_TEXT // 4)
WINDOWS: Final = (WHOLE, (120, 40), (240, 80), JUDGE, (480, 160), (1000, 300), (1500, 500), (3000, 1000))
LENGTHS: Final = (600, 2000, 8000, 24_000)  # characters of text about a request

BEFORE: Final[Mapping[str, Sequence[str]]] = {
    "general_chat": (
        "Summarise this for me:",
        "Please shorten the following text to three sentences.",
        "Translate this into French:",
        "Can you rewrite this so that it sounds friendlier?",
        "What do you think of this draft?",
        "Fasse das bitte kurz zusammen:",
    ),
    "image_generation": (
        "Draw the scene that is described here:",
        "Make a picture of this:",
        "Create an illustration for the following text.",
        "Please paint what this describes, in watercolour:",
        "Zeichne mir ein Bild zu diesem Text:",
    ),
    "memory_operation": (
        "Remember this for me:",
        "Save the following to my notes:",
        "Add this to my list of things to read:",
    ),
    "code_execution": ("Run this and show me the output:", "Execute the following and tell me what it prints:"),
    "web_search": (
        "Search the web for news about this:",
        "Look up online whether any of this is still true today:",
    ),
    "reasoning": (
        "Find the flaw in this argument and explain it step by step:",
        "Work out a plan for a week from these notes:",
    ),
}
AFTER: Final[Mapping[str, Sequence[str]]] = {
    "general_chat": (
        "Summarise the above.",
        "Can you rewrite that in a friendlier tone?",
        "Now translate that into Spanish, please.",
        "tl;dr?",
        "Fass das bitte zusammen.",
    ),
    "image_generation": (
        "Now draw that.",
        "Please make a picture of this scene.",
        "Can you paint this for me?",
        "Create a poster from the text above.",
        "Mal mir bitte ein Bild davon.",
    ),
    "memory_operation": ("Remember all of that.", "Save that to my notes, please.", "Put this on my reading list."),
    "code_execution": ("Run that and show me the output.", "Execute this code."),
    "web_search": ("Search the web for news about that.", "Look up online whether this is still true today."),
    "reasoning": ("Find the mistake in this reasoning step by step.", "Make a plan for the week from that."),
}
TEXTS: Final = (
    (
        "The ferry left the harbour a little after six, when the fog had lifted far enough to show the second buoy. ",
        "On the upper deck a woman sorted letters into three heaps and never looked at the water. ",
        "Nobody could say afterwards who had rung the bell, or why the engineer had gone below so early. ",
        "In the village they spoke of the year in which the river froze, and of the cattle that were led across it. ",
        "The old house had nine windows, of which four were painted on the wall so that the front looked even. ",
        "He had learned the trade from his aunt, who repaired clocks, and who held that patience was a kind of tool. ",
        "Towards evening the wind turned, and with it the smell of the salt works came up the valley. ",
    ),
    (
        "Item 4: the budget for the hall was approved with two votes against; the heating stays until spring. ",
        "Marta reported that the suppliers deliver on Tuesdays now, which leaves a day for checking the boxes. ",
        "It was agreed that the newsletter goes out in the first week of a month, and that Tom keeps the addresses. ",
        "The roof over the bicycle stand leaks; an offer of 1,240 was received and a second one has been asked for. ",
        "Questions from the floor: whether the key can be left with the neighbours, and who waters the plants. ",
        "Next steps: tidy the archive, count the chairs, and write to the insurance before the end of the quarter. ",
    ),
    (
        "def totals(rows):\n    result = {}\n    for name, amount in rows:\n",
        "        result[name] = result.get(name, 0) + amount\n",
        "    return dict(sorted(result.items(), key=lambda item: -item[1]))\n\n",
        "class Shelf:\n    def __init__(self, width):\n        self.width = width\n        self.books = []\n\n",
        "    def add(self, book):\n        if sum(b.width for b in self.books) + book.width > self.width:\n",
        "            raise ValueError('the shelf is full')\n        self.books.append(book)\n\n",
        "print(totals([('pears', 3), ('plums', 5), ('pears', 4)]))\n\n",
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A long message, what it wants, and of which group it is."""

    text: str
    category: str
    group: str


def main(files: Sequence[str]) -> None:
    """Prints the tables."""
    asyncio.run(measure([Path(name) for name in files] or [path for path in (*OWN, *SHARED) if path.is_file()]))


async def measure(files: Sequence[Path]) -> None:
    """Decides every message through every window."""
    config = load().config
    local = tuple(tier for tier in config.tiers if not isinstance(tier, CacheTier | CloudTier | JudgeTier))
    async with open_router(config.model_copy(update={"tiers": local}), store=False) as router:
        await router.warm()
        names = router.catalogue.names
        rows = [(path, row) for path in files for row in read_labelled(path, names) if len(row.message.text) > LONG]
        cases = [
            Case(it.message.text, it.gold.category, band(path, len(it.message.text))) for path, it in rows
        ] + built()
        seen = {window: await through(window, router, cases) for window in WINDOWS}
        for group in dict.fromkeys(case.group for case in cases):
            print_group(group, cases, seen, router)
        print_deciders(cases, seen[WHOLE], router)
        await print_times(router, [case for case in cases if len(case.text) >= LENGTHS[2]])


def band(path: Path, length: int) -> str:
    """Which labelled messages are shown together."""
    if path in OWN:
        return "labelled, our own, more than 200 characters"
    return f"labelled, learnt from, {'201 to 400' if length <= 400 else 'more than 400'} characters"


def built() -> list[Case]:
    """Requests with long texts behind, before and around them."""
    cases = []
    for length in LENGTHS:
        for sentences in TEXTS:
            text = filled(sentences, length)
            half = length // 2
            for category, requests in BEFORE.items():
                cases += [Case(f"{it}\n\n{text}", category, f"the request first, {length} behind") for it in requests]
            for category, requests in AFTER.items():
                cases += [Case(f"{text}\n\n{it}", category, f"the request last, {length} before") for it in requests]
                middle = [f"{text[:half]}\n\n{it}\n\n{text[half:]}" for it in requests]
                cases += [Case(it, category, f"the request amid {length}") for it in middle]
    return cases


def filled(sentences: Sequence[str], length: int) -> str:
    """So many characters of text, the sentences over and over."""
    text = ""
    for sentence in cycle(sentences):
        text += sentence
        if len(text) >= length:
            return text[:length]
    return text


async def through(window: tuple[int, int], router: Router, cases: Sequence[Case]) -> list[Decision]:
    """What is decided when no more than a head and a tail of so many characters are seen."""
    with looking(window):
        return [await router.parts.cascade.decide(Message(case.text)) for case in cases]


def looking(window: tuple[int, int]) -> AbstractContextManager[object]:
    """Inside, tiers are shown no more than a head and a tail of so many characters."""
    head, tail = window
    return patch.multiple("pointsman.core.message", LOOK_HEAD=head, LOOK_TAIL=tail)


def print_group(
    group: str, cases: Sequence[Case], seen: Mapping[tuple[int, int], Sequence[Decision]], router: Router
) -> None:
    """One line a window: agreement with the whole, errors and coverage."""
    places = [place for place, case in enumerate(cases) if case.group == group]
    path_of = router.catalogue.path_of
    print(f"\n{group}: {len(places)}")
    print(f"{'head/tail':<14}{'as the whole':>14}{'wrong path':>12}{'covered':>10}")
    for window, decisions in seen.items():
        agree = np.mean([decisions[place].path == seen[WHOLE][place].path for place in places])
        wrong = np.mean([decisions[place].path != path_of(cases[place].category) for place in places])
        covered = np.mean([decisions[place].tier != FALLBACK for place in places])
        print(f"{named(window):<14}{agree:>14.1%}{wrong:>12.1%}{covered:>10.1%}", flush=True)


def named(window: tuple[int, int]) -> str:
    """A window in words."""
    return "whole" if window == WHOLE else f"{window[0]}/{window[1]}"


async def print_times(router: Router, cases: Sequence[Case]) -> None:
    """Milliseconds a message that is longer than every window, the windows taking turns; no text comes twice."""
    taken: dict[tuple[int, int], list[float]] = {window: [] for window in WINDOWS}
    for turn, case in enumerate(cases):
        for place, window in enumerate(WINDOWS[turn % len(WINDOWS) :] + WINDOWS[: turn % len(WINDOWS)]):
            with looking(window):
                began = time.perf_counter()
                await router.parts.cascade.decide(Message(f"{case.text} {place}"))
                taken[window].append((time.perf_counter() - began) * 1e3)
    whole = float(np.mean(taken[WHOLE]))
    print(f"\n{f'{len(cases)} messages of 8,000 and more':<34}{'mean ms':>9}{'p50':>9}{'p95':>9}{'of the whole':>14}")
    for window, times in taken.items():
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{named(window):<34}{np.mean(times):>9.2f}{p50:>9.2f}{p95:>9.2f}{np.mean(times) / whole:>14.2f}")


def print_deciders(cases: Sequence[Case], whole: Sequence[Decision], router: Router) -> None:
    """Which tiers decide the requests with long texts, and how often wrongly."""
    print(f"\n{'requests with long texts, as a whole':<40}{'decided':>9}{'wrong path':>12}")
    long = [(case, it) for case, it in zip(cases, whole, strict=True) if case.group.startswith("the request")]
    for tier in sorted({decision.tier for _, decision in long}):
        wrong = [made.path != router.catalogue.path_of(case.category) for case, made in long if made.tier == tier]
        print(f"{tier:<40}{len(wrong):>9}{np.mean(wrong):>12.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
