"""How fast the shipped patterns are: our tier on RE2 against the same patterns one by one with Python's `re`.

Run it with `python bench/patterns.py`; it takes about two minutes, most of them waiting for `re`.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from pointsman.config import intents
from pointsman.core.category import Catalogue
from pointsman.core.message import Message
from pointsman.tiers.patterns import Patterns, fold

WORDS = (8, 20, 60)
NEW = 2_000  # different messages of each kind
SAME = 3_000  # times that one message is judged again
HOSTILE = 100_000  # characters
PATIENCE = 5.0  # seconds before `re` is killed
ACCENTS = str.maketrans("aeiounc", "áéíöüñç")


class OneByOne:
    """The same patterns with Python's `re`, in a loop."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._patterns = [
            (
                re.compile(pattern.regex, re.IGNORECASE),
                re.compile(pattern.unless, re.IGNORECASE) if pattern.unless else None,
            )
            for category in catalogue
            for pattern in category.patterns
        ]

    def fired(self, text: str) -> list[int]:
        """The places of those that match."""
        text = fold(text.strip())
        return [
            place
            for place, (regex, unless) in enumerate(self._patterns)
            if regex.search(text) and not (unless and unless.search(text))
        ]


def messages(catalogue: Catalogue, words: int, chance: random.Random, *, accents: bool) -> Iterator[str]:
    """Different messages without end, of so many words, put together from the shipped utterances."""
    known = [utterance.text for utterance in catalogue.utterances if utterance.text.isascii()]
    while True:
        spoken: list[str] = []
        while len(spoken) < words:
            spoken += chance.choice(known).split()
        text = " ".join(spoken[:words])
        yield text.translate(ACCENTS) if accents else text


def percentiles(judge: Callable[[str], object], texts: Iterable[str]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th percentile of a call, in microseconds."""
    taken = []
    for text in texts:
        began = time.perf_counter_ns()
        judge(text)
        taken.append(time.perf_counter_ns() - began)
    taken.sort()
    return tuple(taken[int(len(taken) * share)] / 1000 for share in (0.5, 0.95, 0.99))  # type: ignore[return-value]


def typical(catalogue: Catalogue) -> None:
    """Prints times for messages as people send them."""
    ours, theirs = Patterns(catalogue), OneByOne(catalogue)

    def judge(text: str) -> object:
        return ours.judge(Message(text))

    chance = random.Random(1)
    for text, _ in zip(messages(catalogue, 20, chance, accents=False), range(NEW), strict=False):
        judge(text)  # as in a service that has run for a while
    print(f"{'message':<34}{'tier on RE2: p50, p95, p99 us':>32}{'re, one by one':>26}{'times':>7}")
    for accents in (False, True):
        for words in WORDS:
            source = messages(catalogue, words, chance, accents=accents)
            new = [next(source) for _ in range(NEW)]
            quiet = next(text for text in new if not ours.fired(text))
            kind = f"{words} words{', accented' if accents else ''}"
            for name, texts in ((f"{kind}, the same again", [quiet] * SAME), (f"{kind}, never seen before", new)):
                mine, other = percentiles(judge, texts), percentiles(theirs.fired, texts[:: max(1, len(texts) // 200)])
                print(f"{name:<34}{row(mine):>32}{row(other):>26}{other[0] / mine[0]:>7.0f}")


def row(times: tuple[float, float, float]) -> str:
    """Three times in a row."""
    return "".join(f"{one:9.1f}" for one in times)


def hostile(catalogue: Catalogue) -> dict[str, str]:
    """Texts made to be slow, by what they are."""
    chance = random.Random(2)
    bait = sorted(
        {
            word
            for category in catalogue
            for pattern in category.patterns
            for word in re.findall("[a-z]+", pattern.regex)
        }
    )

    def filled(piece: str) -> str:
        return (piece * (HOSTILE // len(piece) + 1))[:HOSTILE]

    return {
        "one letter": filled("a"),
        "white space": filled(" \t"),
        "line feeds": "draw" + filled("\n"),
        "an opening again and again": filled("draw me "),
        "nearly a match": filled("please make me a very nice pictur of "),
        "commas": filled("hi, "),
        "digits": filled("1+"),
        "letters by chance": "".join(chance.choices("abcdefghijklmnopqrstuvwxyz    ", k=HOSTILE)),
        "the patterns' words by chance": " ".join(chance.choices(bait, k=HOSTILE))[:HOSTILE],
        "the same, accented": " ".join(chance.choices(bait, k=HOSTILE)).translate(ACCENTS)[:HOSTILE],
        "accents": filled("é"),
        "Han": filled("画一只猫"),
        "emoji": filled("🦊"),
        "combining marks": filled("\u0301"),
    }


def against(catalogue: Catalogue) -> None:
    """Prints times for hostile texts, each on a fresh tier that has judged one message."""
    heading = f"{HOSTILE // 1000} kB that mean harm"
    print(f"\n{heading:<31}{'whole text, ms':>16}{'as judged (4 kB), ms':>22}{'re, one by one, ms':>22}")
    for name, text in hostile(catalogue).items():
        whole, judged = ready(catalogue), ready(catalogue)
        began = time.perf_counter()
        whole.fired(text)
        between = time.perf_counter()
        judged.judge(Message(text))
        times = (between - began) * 1000, (time.perf_counter() - between) * 1000
        print(f"{name:<31}{times[0]:>16.1f}{times[1]:>22.2f}{patiently(name):>22}", flush=True)


def ready(catalogue: Catalogue) -> Patterns:
    """A fresh tier that has judged one message."""
    tier = Patterns(catalogue)
    tier.judge(Message("is anybody there?"))
    return tier


def patiently(name: str) -> str:
    """What `re` takes for a hostile text, in a process of its own that is killed when it takes too long."""
    try:
        done = subprocess.run(
            [sys.executable, __file__, name], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except subprocess.TimeoutExpired:
        return f"> {PATIENCE * 1000:.0f} (killed)"
    return done.stdout.strip()


def one_hostile(name: str) -> None:
    """Prints what `re` takes for one hostile text, in milliseconds."""
    catalogue = intents.load()
    theirs, text = OneByOne(catalogue), hostile(catalogue)[name]
    began = time.perf_counter()
    theirs.fired(text)
    print(f"{(time.perf_counter() - began) * 1000:.0f}")


def main() -> None:
    """All tables, or what `re` takes for the hostile text that the command line names."""
    if len(sys.argv) > 1:
        one_hostile(sys.argv[1])
        return
    catalogue = intents.load()
    began = time.perf_counter()
    Patterns(catalogue)
    taken = (time.perf_counter() - began) * 1000
    print(f"{sum(len(category.patterns) for category in catalogue)} patterns, read and checked in {taken:.0f} ms\n")
    typical(catalogue)
    against(catalogue)


if __name__ == "__main__":
    main()
