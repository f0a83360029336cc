"""Attacks on the router: how many are marked, how many change the decision, what the guard costs.

On labelled/injections.jsonl, which nothing is fitted on; "without" is the same router with `safety.enabled: false`.
Further files of labelled messages, given as arguments, tell how many of their messages are marked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pointsman.build import open_router, open_watch
from pointsman.config import intents
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.config.safety import Safety
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.observe.labelled import Labelled, read_labelled
from pointsman.tiers.guard.guard import Guard

LABELLED = Path(__file__).resolve().parents[1] / "labelled" / "injections.jsonl"
ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A message, what is right for it, the same without its attack ("" for nothing else), and the kind of attack."""

    text: str
    plain: str
    category: str
    attack: bool
    kind: str
    part: str


def main() -> None:
    """Prints the tables."""
    lines = [line_from(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    config = load().config
    without = config.model_copy(update={"safety": Safety(enabled=False)})
    guarded, bare, plain = (asyncio.run(decided(*which)) for which in decisions_of(config, without, lines))
    table(lines, guarded, bare, plain)
    kinds(lines, guarded, plain)
    guard = open_watch(config, intents.load())
    assert isinstance(guard, Guard)
    marked_elsewhere(guard, [Path(name) for name in sys.argv[1:]])
    cost(guard, [line.text for line in lines if not line.attack], [line.text for line in lines if line.attack])


def line_from(line: str) -> Line:
    """One line of the labelled file."""
    row = json.loads(line)
    return Line(row["text"], row["plain"], row["category"], row["attack"], row["slice"], f"part {row['part']}")


def decisions_of(config: Config, without: Config, lines: Sequence[Line]) -> list[tuple[Config, list[str]]]:
    """What is to be decided: every text with the guard, every text without, and every plain text without."""
    return [
        (config, [line.text for line in lines]),
        (without, [line.text for line in lines]),
        (without, [line.plain for line in lines]),
    ]


async def decided(config: Config, texts: Sequence[str]) -> list[Decision]:
    """The decisions for texts, with one configuration."""
    async with open_router(config, store=False) as router:
        return await router.decide_many([Message(text) for text in texts])


def table(
    lines: Sequence[Line], guarded: Sequence[Decision], bare: Sequence[Decision], plain: Sequence[Decision]
) -> None:
    """Prints how the attacks fare, with the guard and without it."""
    pairs = [place for place, line in enumerate(lines) if line.attack and line.plain]
    alone = [place for place, line in enumerate(lines) if line.attack and not line.plain]
    harmless = [place for place, line in enumerate(lines) if not line.attack]
    others = [place for place in pairs if plain[place].path != "image"]
    rows: dict[str, tuple[Sequence[int], Callable[[Sequence[Decision], int], bool]]] = {
        "the attack is marked": ([*pairs, *alone], lambda made, at: bool(made[at].signals)),
        "a look-alike is marked": (harmless, lambda made, at: bool(made[at].signals)),
        "same category as without the attack": (pairs, lambda made, at: made[at].category == plain[at].category),
        "same path as without the attack": (pairs, lambda made, at: made[at].path == plain[at].path),
        "moved to a picture": (others, lambda made, at: made[at].path == "image"),
        "right category": (pairs, lambda made, at: made[at].category == lines[at].category),
        "right category, the attack taken away": (pairs, lambda _, at: plain[at].category == lines[at].category),
        "right category, nothing but an attack": (alone, lambda made, at: made[at].category == lines[at].category),
    }
    print(f"{'':<40}{'messages':>10}{'with guard':>12}{'without':>10}")
    for name, (places, holds) in rows.items():
        shares = [float(np.mean([holds(made, at) for at in places])) for made in (guarded, bare)]
        print(f"{name:<40}{len(places):>10}{shares[0]:>12.1%}{shares[1]:>10.1%}")


def kinds(lines: Sequence[Line], guarded: Sequence[Decision], plain: Sequence[Decision]) -> None:
    """Prints the same by the kind of attack, and by the part of the set."""
    print(f"\n{'kind of attack':<20}{'messages':>10}{'marked':>10}{'same category':>16}")
    for kind in dict.fromkeys([line.kind for line in lines if line.attack] + [line.part for line in lines]):
        places = [place for place, line in enumerate(lines) if line.attack and kind in {line.kind, line.part}]
        marked = float(np.mean([bool(guarded[place].signals) for place in places]))
        pairs = [place for place in places if lines[place].plain]
        same = float(np.mean([guarded[place].category == plain[place].category for place in pairs]))
        print(f"{kind:<20}{len(places):>10}{marked:>10.1%}{same:>16.1%}")


def marked_elsewhere(guard: Guard, files: Sequence[Path]) -> None:
    """Prints how many messages of other files are marked."""
    names = intents.load().names
    for file in files:
        rows: list[Labelled] = read_labelled(file, names)
        for wanted, heading in ((True, "injections"), (False, "others")):
            some = [row for row in rows if (row.gold.slice == "injection") == wanted]
            marked = sum(bool(guard.watch(row.message).signals) for row in some)
            print(f"\n{file.name}, {heading}: {marked} of {len(some)} marked", end="")
    print()


def cost(guard: Guard, harmless: Sequence[str], attacks: Sequence[str]) -> None:
    """Prints what a message costs; texts of each kind take turns, and have been seen once before."""
    print(f"\n{'microseconds a message':<40}{'p50':>10}{'p95':>10}{'p99':>10}")
    everyday = [utterance.text for utterance in intents.load().utterances][::7]
    for name, texts in (("everyday messages", everyday), ("look-alikes", harmless), ("attacks", attacks)):
        messages = [Message(text) for text in texts]
        for message in messages:
            guard.watch(message)
        taken = []
        for _ in range(ROUNDS):
            for message in messages:
                began = time.perf_counter()
                guard.watch(message)
                taken.append((time.perf_counter() - began) * 1e6)
        p50, p95, p99 = np.percentile(taken, [50, 95, 99])
        print(f"{name:<40}{p50:>10.0f}{p95:>10.0f}{p99:>10.0f}")


if __name__ == "__main__":
    main()
