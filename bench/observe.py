"""What it costs to watch: telling the metrics, the log and the spans of a message, beside deciding about it.

    python bench/observe.py [--messages 2000] [--words 100]

Decisions are made once, by the local tiers, in memory. Then the same happenings are told again and again: a decision,
a reply of so many words, its end. The log is written to nowhere, and spans are made and thrown away, as the sending
goes on in a thread of its own. A scrape is of all that was counted.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

from pointsman.build import open_router
from pointsman.build.observing import logged
from pointsman.config.load import load
from pointsman.core.happening import Ended, Happening, Made, Watcher, Went
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Done, Text
from pointsman.observe.metrics import Metrics
from pointsman.observe.privacy import Privacy
from pointsman.observe.requestlines import RequestLines

TEXTS = (
    "hi there",
    "draw a fox in the snow at night",
    "who is the mayor of Oslo these days?",
    "what is 17 * 23?",
    "remember that my sister's birthday is in May",
    "write a short story about a lighthouse keeper who is afraid of the dark",
    "explain why the sky is blue, and then why sunsets are red",
    "thanks, bye!",
)
ROUNDS = 9
Told = Sequence[Sequence[Happening]]


def spans() -> Watcher | None:
    """What makes spans, where its extra is installed."""
    try:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError:
        return None
    from pointsman.observe.tracing import Tracing

    return Tracing(TracerProvider(shutdown_on_exit=False), MeterProvider(shutdown_on_exit=False), providers={})


async def decided(number: int, words: int) -> tuple[Told, float]:
    """What is told of so many messages, and how many seconds one takes to be decided (median)."""
    texts = list(islice(cycle(TEXTS), number))
    messages = [Message(f"{text} ({place})", origin=Origin("http")) for place, text in enumerate(texts)]
    told: list[list[Happening]] = []
    taken: list[float] = []
    async with open_router(load(environ={}).config, store=False) as router:
        await router.warm()
        for message in messages:
            began = time.perf_counter()
            decision = await router.decide(message)
            taken.append(time.perf_counter() - began)
            said = [Went(decision, Text("word "), 0.1) for _ in range(words)]
            done = Done(decision, "main", 1.0, 20, words)
            made = Made(decision, message, taken[-1])
            told.append([made, *said, Ended(decision, message, done, 1.0, 0.1)])
    return told, statistics.median(taken)


def cost(watcher: Watcher, told: Told) -> float:
    """Seconds a message takes to be told, in the median of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for happenings in told:
            for happening in happenings:
                watcher(happening)
        rounds.append((time.perf_counter() - began) / len(told))
    return statistics.median(rounds)


def report(name: str, seconds: float, decision: float) -> None:
    """One line of the table."""
    print(f"{name:<42} {seconds * 1e6:8.1f} us   {seconds / decision:7.2%} of a decision")


async def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--words", type=int, default=100)
    given = parser.parse_args()
    told, decision = await decided(given.messages, given.words)
    bare = [[it for it in happenings if not isinstance(it, Went)] for happenings in told]
    metrics, config = Metrics(), load(environ={}).config
    report("a decision of the local tiers", decision, decision)
    report("the metrics of a decision and its reply", cost(metrics, bare), decision)
    report(f"the same with a reply of {given.words} words", cost(metrics, told), decision)
    lines = RequestLines(Privacy())
    for shape in ("text", "json"):
        wanted = config.model_copy(update={"observe": config.observe.model_copy(update={"log": shape})})
        with logged(wanted, io.StringIO()):
            report(f"its line in the log, as {shape}", cost(lines, bare), decision)
    tracing = spans()
    if tracing is not None:
        report("its spans and their metrics", cost(tracing, bare), decision)
    scrape: Callable[[], object] = metrics.exposition
    began = time.perf_counter()
    for _ in range(ROUNDS):
        scrape()
    print(f"{'a scrape, in a thread of its own':<42} {(time.perf_counter() - began) / ROUNDS * 1e3:8.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
