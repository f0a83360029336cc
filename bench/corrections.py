"""How far a correction reaches: near repeats that follow it, look-alikes that must not, and what it costs.

`corrections.jsonl` holds 40 messages with near repeats (misspelt, politer, a word more or less)
and look-alikes that want something else, most of them made to be confused. With a file of labelled
messages as argument, every message of it is taught in turn, and it is counted how many of the
others that nearly repeat it have the same label; then some of those that went wrong are corrected,
and it is counted what that changes for all others.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from pointsman.build import open_router, open_surroundings
from pointsman.config import intents
from pointsman.config.load import load
from pointsman.core.correction import Correction
from pointsman.core.decision import Answer
from pointsman.core.message import Message
from pointsman.tiers.corrections import NOTHING_LEARNED, UNLIKE, Corrections
from pointsman.tiers.learned import Learned, LearnedNow, packed
from pointsman.tiers.surroundings import Surroundings
from pointsman.tiers.wording import key_of

PAIRS = Path(__file__).with_name("corrections.jsonl")
DRAWS, DRAWN = 5, 50
BARS = (0.80, 0.82, 0.84, 0.86, 0.88, 0.90, 1.00)


def main() -> None:
    """Prints the tables."""
    learned = LearnedNow()
    _, around = open_surroundings(load().config, intents.load(), None, learned)
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    print(f"{'near':>5} {'repeats that follow':>22} {'look-alikes that follow':>25}")
    for bar in BARS:
        tier = Corrections(learned, around, bar)
        followed, misled = counts(tier, learned, around, rows)
        print(f"{bar:>5.2f} {share(followed):>22} {share(misled):>25}")
    if len(sys.argv) > 1:
        public = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
        labelled(public, around)
        asyncio.run(consequences(public))
    texts = [text for row in rows for text in (row["said"], *row["repeats"], *row["look_alikes"])]
    cost(learned, around, texts[: len(texts) // 2], texts[len(texts) // 2 :])


def counts(
    tier: Corrections, learned: LearnedNow, around: Surroundings, rows: Iterable[dict[str, list[str]]]
) -> tuple[list[bool], list[bool]]:
    """Whether each near repeat, and each look-alike, is answered by the correction."""
    followed: list[bool] = []
    misled: list[bool] = []
    for row in rows:
        learned.become(Learned([correction(1, str(row["said"]), str(row["category"]), around)]))
        followed += [isinstance(tier.judge(Message(text)), Answer) for text in row["repeats"]]
        misled += [isinstance(tier.judge(Message(text)), Answer) for text in row["look_alikes"]]
    learned.become(Learned())
    return followed, misled


def labelled(rows: Sequence[dict[str, str]], around: Surroundings) -> None:
    """Near repeats among labelled messages: how many have the label of what they repeat."""
    taught = [correction(number, row["text"], row["category"], around) for number, row in enumerate(rows)]
    everything = Learned(taught)
    print(f"\n{len(rows)} labelled messages\n{'near':>5} {'near repeats':>13} {'of another label':>17}")
    keys = [key_of(row["text"]) for row in rows]
    pairs: list[tuple[float, bool]] = []
    for row, key, own in zip(rows, keys, taught, strict=True):
        vector = np.frombuffer(own.vector, "<f2").astype(np.float32)
        for other, wording in everything.worded_like(key, 0.65):
            if other.vector and own.vector and key_of(other.text) != key:
                cosine = float(np.frombuffer(other.vector, "<f2").astype(np.float32) @ vector)
                pairs.append(((cosine + wording) / 2, other.category == row["category"]))
    for bar in BARS[:-1]:
        same = [agrees for nearness, agrees in pairs if nearness >= bar]
        print(f"{bar:>5.2f} {len(same):>13} {share([not agrees for agrees in same]):>17}")


async def consequences(rows: Sequence[dict[str, str]]) -> None:
    """What correcting messages that went wrong changes for the others, in a few draws."""
    became = {True: 0, False: 0}
    for draw in range(DRAWS):
        router = open_router(store=False)
        path_of = router.catalogue.path_of
        before = [await router.decide(Message(row["text"])) for row in rows]
        wrong = [at for at, row in enumerate(rows) if before[at].path != path_of(row["category"])]
        taught = set(random.Random(draw).sample(wrong, min(DRAWN, len(wrong))))
        for at in taught:
            await router.teach(rows[at]["text"], rows[at]["category"])
        for at in set(range(len(rows))) - taught:
            right = (await router.decide(Message(rows[at]["text"]))).path == path_of(rows[at]["category"])
            became[right] += right == (at in wrong)
    print(f"\n{DRAWN} wrong ones corrected, {DRAWS} draws: {became[True]} others became right, {became[False]} wrong")


def cost(learned: LearnedNow, around: Surroundings, taught: Sequence[str], texts: Sequence[str]) -> None:
    """Microseconds for a message that is worded like no correction, by how many there are."""
    tier = Corrections(learned, around, 0.84)
    print(f"\n{'corrections':>11} {'p50':>7} {'p99':>7}  µs for a message that is passed on")
    for number in (0, 1, 50, 1000):
        learned.become(Learned(correction(it, f"{taught[it % len(taught)]} {it}", "a", around) for it in range(number)))
        taken = []
        for message in [Message(text) for text in texts] * 20:
            began = time.perf_counter()
            verdict = tier.judge(message)
            if verdict in (NOTHING_LEARNED, UNLIKE):
                taken.append((time.perf_counter() - began) * 1e6)
        print(f"{number:>11} {np.percentile(taken, 50):>7.1f} {np.percentile(taken, 99):>7.1f}")


def correction(number: int, text: str, category: str, around: Surroundings) -> Correction:
    """A correction with its vector."""
    vector = around.vector_of(text.strip())
    return Correction(f"k{number}", text, category, vector=b"" if vector is None else packed(vector))


def share(found: Sequence[bool]) -> str:
    """So many of so many."""
    return f"{sum(found)} of {len(found)} ({sum(found) / max(len(found), 1):.1%})"


if __name__ == "__main__":
    main()
