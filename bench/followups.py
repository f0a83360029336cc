"""Follow-ups: how often the path is right on labelled conversations, with the tier and without it.

labelled/conversations.jsonl is split in halves by a hash of the ids: the tier was made with an eye on one half, and
the other was only measured on. It was also made with labelled/conversations-dev.jsonl, which is in 13 languages. A
prompt is compared as what is drawn: prompt, style and what to leave out, joined. With `--measure` it prints how often
each kind of follow-up was right on what the tier was made with (tiers/followups/measured.py); with `--errors` what went
wrong there.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.config.tiers import FollowUpsTier
from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer, Decision, Slots
from pointsman.core.message import Message, Turn

FOLDER = Path(__file__).parents[1] / "labelled"
FILES = (FOLDER / "conversations.jsonl", FOLDER / "conversations-dev.jsonl")
TIER = "followups"
# What is left out stands in a slot of its own; in a labelled prompt one of these words says so.
WITHOUT = frozenset({"without", "no", "ohne", "sin", "sans", "senza", "sem", "zonder", "bez", "без"})


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled conversation."""

    id: str
    message: Message
    category: str
    follows: bool
    kind: str
    language: str
    slots: Slots

    @property
    def made_with(self) -> bool:
        """Whether the tier was made with it."""
        return self.development or hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0

    @property
    def development(self) -> bool:
        """Whether it was written for the tier to be made with."""
        return self.id.startswith("conv-dev-")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a conversation."""

    case: Case
    decision: Decision
    path: str

    @property
    def wrong_path(self) -> bool:
        """Whether the path is wrong."""
        return self.decision.path != self.path

    @property
    def wrongly_inherited(self) -> bool:
        """Whether a message that stands by itself was given another category by this tier than is right."""
        return not self.case.follows and self.inherited and self.decision.category != self.case.category

    @property
    def inherited(self) -> bool:
        """Whether this tier decided."""
        return self.decision.tier == TIER


GROUPS: dict[str, Callable[[Case], bool]] = {
    "conversations.jsonl": lambda case: not case.development,
    "of it, the half that the tier was made with": lambda case: case.made_with and not case.development,
    "of it, the other half": lambda case: not case.made_with,
    "conversations-dev.jsonl": lambda case: case.development,
}


def main(arguments: Sequence[str]) -> None:
    """Prints the tables."""
    cases = [case_of(json.loads(line)) for path in FILES for line in path.read_text().splitlines() if line]
    config = load().config
    without = config.model_copy(update={"tiers": tuple(it for it in config.tiers if not isinstance(it, FollowUpsTier))})
    results = {"without the tier": outcomes(without, cases), "with the tier": outcomes(config, cases)}
    for name, chosen in GROUPS.items():
        print(f"\n{name}")
        print_head()
        for label, found in results.items():
            print_row(label, [it for it in found if chosen(it.case)])
    found = results["with the tier"]
    for title, key in (("kind", lambda case: case.kind), ("language", lambda case: case.language)):
        print_groups(title, found, key)
    print_times(config, [case for case in cases if not case.development])
    if "--measure" in arguments:
        print_measured([it for it in found if it.case.made_with])
    if "--errors" in arguments:
        print_errors([it for it in found if it.case.made_with])


def case_of(row: dict[str, Any]) -> Case:
    """One line of the file."""
    history = tuple(Turn(turn["role"], turn["text"]) for turn in row["history"])
    message = Message(row["text"], history=history)
    return Case(
        row["id"],
        message,
        row["category"],
        row["follows"],
        row["kind"],
        row.get("language", "en"),
        row.get("slots", {}),
    )


def outcomes(config: Config, cases: Iterable[Case]) -> list[Outcome]:
    """What a router of that configuration decides."""

    async def decided() -> list[Outcome]:
        async with open_router(config, store=False) as router:
            catalogue: Catalogue = router.catalogue
            return [
                Outcome(case, await router.decide(case.message), catalogue.path_of(case.category)) for case in cases
            ]

    return asyncio.run(decided())


def print_head() -> None:
    """The head of a table."""
    print(
        f"  {'':<22}{'n':>5}{'category':>10}{'path err':>10}{'inherited wrongly':>19}"
        f"{'prompts':>9}{'exact':>7}{'F1':>7}{'queries':>9}{'exact':>7}{'F1':>7}"
    )


def print_row(label: str, found: Sequence[Outcome]) -> None:
    """One row: shares in percent, the wrongly inherited among the messages that stand by themselves."""
    if not found:
        return
    right = sum(it.decision.category == it.case.category for it in found) / len(found)
    wrong = sum(it.wrong_path for it in found) / len(found)
    single = [it for it in found if not it.case.follows]
    inherited = sum(it.wrongly_inherited for it in single) / len(single) if single else 0.0
    cells = [
        f"{right:>9.1%}",
        f"{wrong:>9.1%}",
        f"{sum(it.wrongly_inherited for it in single)}/{len(single)} {inherited:>6.1%}".rjust(18),
    ]
    for slot in ("prompt", "query"):
        pairs = [(str(it.case.slots[slot]), said(it.decision.slots, slot)) for it in found if slot in it.case.slots]
        exact = sum(words(one) == words(other) for one, other in pairs) / len(pairs) if pairs else 0.0
        f1 = sum(token_f1(words(one), words(other)) for one, other in pairs) / len(pairs) if pairs else 0.0
        cells += [f"{len(pairs):>8}", f"{exact:>6.0%}", f"{f1:>6.3f}"]
    print(f"  {label:<22}{len(found):>5} {' '.join(cells)}")


def print_groups(title: str, found: Sequence[Outcome], key: Callable[[Case], str]) -> None:
    """One row a kind or language."""
    print(f"\nwith the tier, both files by {title}")
    print_head()
    for group in sorted({key(it.case) for it in found}):
        print_row(group, [it for it in found if key(it.case) == group])


def said(slots: Slots, name: str) -> str:
    """What a slot says; a prompt as it is drawn: with its style and what to leave out."""
    text = str(slots.get(name, ""))
    if name == "prompt":
        style, negative = str(slots.get("style", "")), str(slots.get("negative", ""))
        text += f", {style}" if style and style.lower() not in text.lower() else ""
        text += f", without {negative}" if negative else ""
    return text


def words(text: str) -> list[str]:
    """The words of a text; accents and case do not matter, and Chinese and Japanese give their characters."""
    plain = "".join(it for it in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(it))
    return [word for word in re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+", plain) if word not in WITHOUT]


def token_f1(wanted: Sequence[str], found: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of the words."""
    shared = sum((Counter(wanted) & Counter(found)).values())
    return 2 * shared / (len(wanted) + len(found)) if shared else 0.0


def print_times(config: Config, cases: Sequence[Case]) -> None:
    """What the tier costs: a message without earlier turns, and with them once they are known."""
    router = open_router(config, store=False)
    tier = next(stage.tier for stage in router.parts.cascade._stages if stage.tier.name == TIER)  # noqa: SLF001
    for label, messages in (
        ("without earlier turns", [Message(case.message.text) for case in cases]),
        ("with earlier turns", [case.message for case in cases]),
    ):
        for message in messages:
            tier.judge(message)
        taken = []
        for message in messages:
            began = time.perf_counter()
            tier.judge(message)
            taken.append((time.perf_counter() - began) * 1e6)
        taken.sort()
        print(f"\n{label}: p50 {taken[len(taken) // 2]:.1f} us, p95 {taken[len(taken) * 95 // 100]:.1f} us", end="")
    print()


def print_measured(found: Sequence[Outcome]) -> None:
    """How often each kind of follow-up took the right path."""
    print("\nmeasured on what it was made with")
    hits: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for it in found:
        if it.inherited:
            kind = kind_of(it.decision)
            hits[kind] += 1
            right[kind] += not it.wrong_path
    for kind in sorted(hits):
        print(f'    "{kind}": Measured({right[kind]}, {hits[kind]}),')


def kind_of(decision: Decision) -> str:
    """Which kind of follow-up this tier saw."""
    verdict = next(line.verdict for line in decision.trace if line.tier == TIER)
    assert isinstance(verdict, Answer)
    return verdict.evidence[0].text


def print_errors(found: Sequence[Outcome]) -> None:
    """What went wrong, in one line each."""
    for it in found:
        earlier = " / ".join(f"{turn.role[0]}: {turn.text}" for turn in it.case.message.history)
        where = f"{it.case.id} {it.case.kind} [{earlier}] {it.case.message.text!r}:"
        if it.wrong_path or it.decision.category != it.case.category:
            print(f"{where} {it.decision.category} by {it.decision.tier}, not {it.case.category}")
        for slot in ("prompt", "query"):
            got = said(it.decision.slots, slot)
            if slot in it.case.slots and token_f1(words(str(it.case.slots[slot])), words(got)) < 0.9:
                print(f"{where} {got!r}, not {it.case.slots[slot]!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
