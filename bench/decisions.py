"""Local decisions: latency of each tier and of the cascade, throughput, cold start and memory.

The rival in the same run is the same encoder in plain scikit-learn: its vectors into
LogisticRegression, its TfidfVectorizer (words 1-2, characters 2-5) into another, joined at the
logits, and KNeighborsClassifier for the evidence: what a careful first version would do.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from pointsman.build import open_router, open_surroundings
from pointsman.config import intents
from pointsman.config.load import load
from pointsman.core.category import Catalogue
from pointsman.core.message import Message
from pointsman.providers.encoders import MiniLm
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.neighbours import Neighbours
from pointsman.tiers.patterns import Patterns
from pointsman.tiers.tasks import Tasks

TEXTS = (
    "draw me a cat",
    "hey!",
    "explain how TCP slow start works",
    "what's 23*19?",
    "could you tell me whether it is going to rain in Lisbon on Saturday afternoon or only on Sunday",
    "remember that my sister's birthday is on the third of May and that she likes dark chocolate",
    "write a function that merges two sorted lists and explain why it takes linear time",
    "an old lighthouse keeper feeding gulls at dawn, oil on canvas, thick brush strokes, warm light",
    "i feel a bit down today and do not really know why, any idea what i could do this evening",
    "who was the first person to sail around the world and how long did the whole voyage take them",
)
ROUNDS = 40
Decide = Callable[[str], object]


def main() -> None:
    """Prints the tables."""
    config = load().config
    catalogue = intents.load()
    head, surroundings = open_surroundings(config, catalogue, None)
    router = open_router(config, store=False)
    encoder = MiniLm()

    def fresh(decide: Callable[[Message], object]) -> Decide:
        """Each call sees a text it has not seen, so that no tier answers from memory."""
        return lambda text: decide(Message(text))

    loop = asyncio.new_event_loop()
    rows: dict[str, Decide] = {
        "tasks": fresh(Tasks(config.fallback).judge),
        "patterns": fresh(Patterns(catalogue).judge),
        "encoder alone": encoder.encode,
        "neighbours": fresh(Neighbours(surroundings, catalogue, head.neighbours).judge),
        "classifier": fresh(Classifier(head, surroundings, catalogue).judge),
        "whole cascade": fresh(lambda message: loop.run_until_complete(router.parts.cascade.decide(message))),
        "plain scikit-learn": scikit_learn(encoder, catalogue),
    }
    times = measure(rows)
    rival = float(np.median(times["plain scikit-learn"]))
    print(f"{'one thread, ms a message':<26}{'p50':>9}{'p95':>9}{'p99':>9}{'msg/s':>9}{'vs scikit-learn':>17}")
    for name, taken in times.items():
        p50, p95, p99 = np.percentile(taken, [50, 95, 99])
        rate = len(taken) / float(np.sum(taken)) * 1e3
        print(f"{name:<26}{p50:>9.3f}{p95:>9.3f}{p99:>9.3f}{rate:>9.0f}{rival / p50:>15.1f} x")
    print_start("first decision, new process", FIRST_DECISION)
    print_start("import scikit-learn alone", "import sklearn.linear_model, sklearn.neighbors")


def measure(rows: dict[str, Decide]) -> dict[str, list[float]]:
    """Milliseconds a call, the contestants taking turns so that a noisy moment hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for turn in range(ROUNDS):
        for text in TEXTS:
            varied = f"{text} {'!' * (turn % 3)}{turn}"
            for name, decide in rows.items():
                asked = f"{varied}{name[0]}"
                began = time.perf_counter()
                decide(asked)
                taken[name].append((time.perf_counter() - began) * 1e3)
    return taken


def scikit_learn(encoder: MiniLm, catalogue: Catalogue) -> Decide:
    """The rival, fitted on the catalogue's utterances."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_union

    texts = [utterance.text for utterance in catalogue.utterances]
    labels = [utterance.category for utterance in catalogue.utterances]
    vectors = np.stack([encoder.encode(text) for text in texts])
    grams = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    sparse = grams.fit_transform(texts)
    dense_head = LogisticRegression(max_iter=300).fit(vectors, labels)
    gram_head = LogisticRegression(max_iter=300).fit(sparse, labels)
    near = KNeighborsClassifier(7, metric="cosine").fit(vectors, labels)

    def decide(text: str) -> object:
        vector = encoder.encode(text)[None]
        logits = dense_head.decision_function(vector) + gram_head.decision_function(grams.transform([text]))
        return logits.argmax(), near.kneighbors(vector)

    return decide


FIRST_DECISION = """
import asyncio
from pointsman import Message, open_router
async def main():
    async with open_router(store=False) as router:
        await router.decide(Message("i feel a bit down today and do not know why"))
asyncio.run(main())
"""

# VmHWM and not getrusage: the latter starts from the parent's peak, which is this benchmark's own.
MEMORY = """
from pathlib import Path
status = Path("/proc/self/status")
peak = [line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line] if status.exists() else ["0"]
print(int(peak[0]) // 1024)
"""


def print_start(name: str, code: str, runs: int = 5) -> None:
    """Seconds and MB of a new process that does one thing."""
    seconds: list[float] = []
    memory: Sequence[str] = []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code + MEMORY], check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - began)
        memory = done.stdout.split()
    print(f"{name:<30} {np.median(seconds):.2f} s (best {min(seconds):.2f}), {memory[-1]} MB resident at most")


if __name__ == "__main__":
    main()
