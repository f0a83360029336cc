"""The decision cache: how often messages come again, how often near repeats want something else, what a hit costs.

    python bench/cache.py [LABELLED.jsonl ...] [--draws 20000]

Without files it takes ../shared/data/intents where that is present, the package's own labelled messages, and its
utterances where it has nothing else. Repeats are looked for among all of them, and among those that the local tiers
leave to the cloud. The stream is drawn by Zipf's law, the message of rank r 1 / r^s as often as the first, as if the
local tiers were sure of none. One draw in four comes with other letters in upper case and without its full stop, one
in ten with its first word at its end: how people really repeat themselves no data set says.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.config.tiers import CacheTier, CloudTier, JudgeTier
from pointsman.core.decision import Answer
from pointsman.core.message import Message, Origin
from pointsman.engine.router import Router
from pointsman.observe.labelled import read_labelled
from pointsman.providers.encoders import MiniLm
from pointsman.tiers.cache import Cache
from pointsman.tiers.cascade import FALLBACK
from pointsman.tiers.encoder import Vector
from pointsman.tiers.subwords import WORD
from pointsman.tiers.wording import fold, key_of

ROOT = Path(__file__).parents[1]
SHARED = [ROOT.parent / "shared/data/intents" / name for name in ("dev.jsonl", "train.jsonl")]
OWN = [ROOT / "labelled" / name for name in ("messages.jsonl", "languages.jsonl")]
NEAR = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.99)
SHOWN = 0.90
ROWS = 256  # of cosines at once
# Articles and politeness of the languages that Latin letters write, but for those that mean something else in another.
PLAIN = frozenset(
    WORD.findall(
        "a an the please pls plz kindly just der das den dem ein eine einen einem einer bitte mal el la los las un una "
        "por favor le les une des sil te vous plaît il lo gli uno per favore o os as um uma de het een alsjeblieft "
        "proszę"
    )
)
Words = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Known:
    """A labelled message with its vector; `left` when the local tiers are not sure of it."""

    message: Message
    category: str
    path: str
    vector: Vector
    left: bool


def all_words(text: str) -> list[str]:
    """What the cache compares: every word, in whatever order."""
    return sorted(WORD.findall(fold(text)))


GATES: dict[str, Words | None] = {
    "no gate": None,
    "the same words": all_words,
    "... but for articles and please": lambda text: [word for word in all_words(text) if word not in PLAIN],
    "the same words in the same order": lambda text: WORD.findall(fold(text)),
}


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", nargs="*", type=Path)
    parser.add_argument("--draws", type=int, default=20_000)
    given = parser.parse_args()
    asyncio.run(measure(given.labelled, given.draws))


async def measure(files: Sequence[Path], draws: int) -> None:
    """Decides every message once, then looks for repeats, then draws the stream."""
    config = load().config
    local = tuple(tier for tier in config.tiers if not isinstance(tier, CacheTier | CloudTier | JudgeTier))
    async with open_router(config.model_copy(update={"tiers": local}), store=False) as router:
        name, first, known = await read(files, router)
        left = [it for it in known if it.left]
        print_repeats(f"{first} messages of {name} among all {len(known)}", known, first)
        print_repeats(f"all {len(known)} messages among each other", known, len(known))
        print_repeats(f"the {len(left)} that the local tiers leave, among each other", left, len(left))
        print_stream(known, draws)
        await print_times(router, known[:first])


async def read(files: Sequence[Path], router: Router) -> tuple[str, int, list[Known]]:
    """The labelled messages, with the name of the first file and how many are from there."""
    encoder, catalogue = MiniLm(), router.catalogue
    shared = [path for path in SHARED if path.is_file()]
    found = list(files) or [*shared, *OWN]
    rows = [(path.name, it.message, it.gold.category) for path in found for it in read_labelled(path, catalogue.names)]
    if not shared and not files:
        rows += [("utterances", Message(it.text), it.category) for it in catalogue.utterances]
    rows = [row for row in rows if not row[1].wordless and not row[1].history]
    known = []
    for _, message, category in rows:
        left = (await router.parts.cascade.decide(message)).tier == FALLBACK
        vector = encoder.encode(message.look.strip())
        known.append(Known(message, category, catalogue.path_of(category), vector, left))
    return rows[0][0], sum(row[0] == rows[0][0] for row in rows), known


def print_repeats(title: str, known: Sequence[Known], first: int) -> None:
    """One line a gate: of the first so many, how many have a repeat, and of these, whose wants something else."""
    keys = [key_of(it.message.text) for it in known]
    groups = grouped(keys)
    exact = [
        (one, next(it for it in groups[keys[one]] if it != one)) for one in range(first) if len(groups[keys[one]]) > 1
    ]
    print(f"\n{title}: found / of another category / on another path")
    print(f"{'exactly repeated':<36}{cell(known, exact)}")
    print(f"{'near, cosine at least':<36}" + "".join(f"{near:>18.2f}" for near in NEAR))
    vectors = np.stack([it.vector for it in known])
    for gate, words in GATES.items():
        best = nearest(vectors, keys, [" ".join(words(it.message.look)) for it in known] if words else None, first)
        cells = (cell(known, [(one, other) for one, (other, near) in best.items() if near >= least]) for least in NEAR)
        print(f"{gate:<36}" + "".join(f"{text:>18}" for text in cells), flush=True)


def cell(known: Sequence[Known], pairs: Sequence[tuple[int, int]]) -> str:
    """How many pairs there are, and how many of them disagree."""
    other = sum(known[one].category != known[two].category for one, two in pairs)
    return f"{len(pairs)} / {other} / {sum(known[one].path != known[two].path for one, two in pairs)}"


def nearest(
    vectors: NDArray[np.float32], keys: Sequence[str], words: Sequence[str] | None, first: int
) -> dict[int, tuple[int, float]]:
    """The nearest other message, with the same words where these are given, and its cosine; exact repeats aside."""
    same, groups = grouped(keys), grouped(words or keys)
    found = {}
    for start in range(0, first, ROWS):
        cosines = vectors[start : min(start + ROWS, first)] @ vectors.T
        for one, row in enumerate(cosines, start):
            row[same[keys[one]]] = -1
            others = np.array(groups[words[one]]) if words else None
            place = int(row.argmax()) if others is None else int(others[row[others].argmax()])
            found[one] = place, float(row[place])
    return found


def grouped(names: Sequence[str]) -> dict[str, list[int]]:
    """The places of each name."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        groups[name].append(place)
    return groups


def print_stream(known: Sequence[Known], draws: int) -> None:
    """Hits and errors of caches of several sizes on streams, drawn by one user and by fifty."""
    print(f"\n{draws} draws of {len(known)} messages by Zipf's law, in percent")
    print(f"{'':<44}{'exact':>9}{'near':>9}{'wrong':>9}{'asked':>9}{'new':>9}")
    vectors = {it.message.look.strip(): it.vector for it in known}
    encoder = MiniLm()

    def vector_of(text: str) -> Vector:
        if text not in vectors:
            vectors[text] = encoder.encode(text)
        return vectors[text]

    for exponent, users in ((1.0, 1), (1.0, 50), (0.7, 1)):
        stream = drawn(known, draws, exponent, users)
        new = len({id(it) for _, it in stream}) / draws
        for near in (None, SHOWN):
            for size in (256, 4096):
                cache = Cache(vector_of, size=size, age=86_400.0, near=near)
                wrong = sum(not right(cache, message, it) for message, it in stream)
                counts = cache.counts
                name = f"s {exponent}, users {users}, near {near}, size {size}"
                shares = [count / draws for count in (counts.exact, counts.near, wrong, counts.misses)]
                print(f"{name:<44}" + "".join(f"{share:>9.2%}" for share in [*shares, new]), flush=True)


def drawn(known: Sequence[Known], draws: int, exponent: float, users: int) -> list[tuple[Message, Known]]:
    """Messages by Zipf's law, as people say them again, with what they are."""
    chance = random.Random(7)
    order = chance.sample(known, len(known))
    weights = [rank**-exponent for rank in range(1, len(order) + 1)]
    return [
        (Message(said_again(it.message.text, chance), origin=Origin("bench", user=str(chance.randrange(users)))), it)
        for it in chance.choices(order, weights, k=draws)
    ]


def said_again(text: str, chance: random.Random) -> str:
    """A text as it is, or with other letters and marks, or with its first word at its end."""
    way = chance.random()
    if way < 0.25:
        return text.swapcase().rstrip(" .?!")
    return said_last(text) if way < 0.35 else text


def right(cache: Cache, message: Message, known: Known) -> bool:
    """Whether the cache answers as the message is labelled; what it abstains from, it is told."""
    said = cache.judge(message)
    if isinstance(said, Answer):
        return said.category == known.category
    cache.keep(message, "cloud", Answer(known.category, 1.0, 1.0, "as labelled"))
    return True


async def print_times(router: Router, known: Sequence[Known]) -> None:
    """Milliseconds of a hit, of a miss and of the local tiers, taking turns; texts are new to the local tiers."""
    some = [Message(f"{it.message.text} {place}", origin=Origin("bench", user="one")) for place, it in enumerate(known)]
    encoder = MiniLm()
    cache = Cache(encoder.encode, size=4096, age=86_400.0)
    nearby = Cache(encoder.encode, size=4096, age=86_400.0, near=0.5)
    turned = [Message(said_last(it.text), origin=it.origin) for it in some]
    taken: dict[str, list[float]] = defaultdict(list)
    for message, other in zip(some[:2000], turned, strict=False):
        with timed(taken["the local tiers"]):
            await router.parts.cascade.decide(message)
        with timed(taken["the cache, a miss"]):
            cache.judge(message)
        for one in (cache, nearby):
            one.judge(message)
            one.keep(message, "cloud", Answer("x", 1.0, 1.0, "as labelled"))
        with timed(taken["the cache, an exact hit"]):
            cache.judge(message)
        encoder.encode(other.look.strip())  # the tiers before it have had its vector made
        with timed(taken["the cache, a near hit"]):
            nearby.judge(other)
    local = float(np.median(taken["the local tiers"]))
    print(f"\n{'ms a message':<36}{'p50':>9}{'p99':>9}{'of the local tiers':>20}")
    for name, times in taken.items():
        p50, p99 = np.percentile(times, [50, 99])
        print(f"{name:<36}{p50:>9.4f}{p99:>9.4f}{p50 / local:>20.4f}")


def said_last(text: str) -> str:
    """A text with its first word at its end."""
    first, _, rest = text.partition(" ")
    return f"{rest} {first}".strip()


@contextmanager
def timed(taken: list[float]) -> Iterator[None]:
    """Adds the milliseconds that its body took."""
    began = time.perf_counter()
    yield
    taken.append((time.perf_counter() - began) * 1e3)


if __name__ == "__main__":
    main()
