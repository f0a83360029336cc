"""The judge with a small local model: is it right where the local tiers are not sure, and what does it cost?

    python bench/judge.py LABELLED.jsonl [--file MODEL.gguf] [--raw] [--others 60] [--most 200]

Beside it stand two witnesses that cost nothing: the majority of the nearest utterances, and the classifier's own
confidence. The judge earns its place when the leanings that it backs are wrong less often than the fallback, and
than as many leanings that either of these two would have picked.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pointsman.build import open_router, open_surroundings
from pointsman.config.load import load
from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer, Decision, Verdict
from pointsman.core.message import Message
from pointsman.observe.labelled import read_labelled
from pointsman.providers.embedded import Embedded
from pointsman.providers.embedded_labeller import EmbeddedLabeller
from pointsman.tiers.cascade import FALLBACK
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.judge import Judge
from pointsman.tiers.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled message: what the cascade decided, what it leaned to and was near, and what the judge says."""

    gold: str
    decision: Decision
    leaning: Answer | None
    nearest: str
    judged: Answer | None


class Counted:
    """The embedded model, with a note of the tokens that each prompt took to read and of those that were kept."""

    def __init__(self, model: Embedded) -> None:
        self.name = model.name
        self.tokens: list[tuple[int, int]] = []
        self._model = model

    async def complete(self, request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The completion."""
        events = await self._model.complete(request)
        timings = events[-1]["timings"]
        self.tokens.append((timings["prompt_n"], timings["cache_n"]))
        return events


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--file", type=Path, help="a GGUF model; SmolLM2 without it")
    parser.add_argument("--raw", action="store_true", help="without dividing by the answer to no message at all")
    parser.add_argument("--others", type=int, default=60, help="how many messages that the local tiers decide")
    parser.add_argument("--most", type=int, default=200, help="at most so many about which they are not sure")
    asyncio.run(measure(parser.parse_args()))


async def measure(given: argparse.Namespace) -> None:
    """Runs the cascade over all messages, and the judge over those on which it abstains and a few others."""
    config = load().config
    async with open_router(config, store=False) as router:
        catalogue = router.catalogue
        labelled = read_labelled(given.labelled, catalogue.names)
        decided = [(line.gold.category, line.message, await router.decide(line.message)) for line in labelled]
    head, surroundings = open_surroundings(config, catalogue, None)
    classifier = Classifier(head, surroundings, catalogue)
    random.Random(5).shuffle(decided)
    left = [case for case in decided if case[2].tier == FALLBACK and not case[1].wordless]
    others = [case for case in decided if case[2].tier != FALLBACK]
    print(f"{len(decided)} messages; on {len(left)} that hold words the local tiers abstain")
    model = Embedded(given.file, name="the model", context=2048, parallel=1)
    counted = Counted(model)
    labeller = EmbeddedLabeller(counted, neutral=not given.raw)
    judge = Judge(surroundings, labeller, catalogue, fallback=config.fallback)
    began = time.perf_counter()
    await judge.judge(Message("is anybody there?"))
    print(f"cold, with the model's loading: {time.perf_counter() - began:.2f} s\n", flush=True)
    for name, cases in (("local tiers abstain", left[: given.most]), ("local tiers decide", others[: given.others])):
        taken: list[float] = []
        met: list[Case] = []
        first = len(counted.tokens)
        for gold, message, decision in cases:
            began = time.perf_counter()
            said = await judge.judge(message)
            taken.append((time.perf_counter() - began) * 1e3)
            met.append(case_of(gold, decision, said, classifier.judge(message), nearest(surroundings, message)))
        report(name, met, catalogue)
        p50, p95 = np.percentile(taken, [50, 95])
        read, kept = np.sum(counted.tokens[first:], axis=0) / len(met)
        prompts = (len(counted.tokens) - first) / len(met)
        print(f"  warm p50 {p50:.0f} ms, p95 {p95:.0f} ms; a question is {prompts:.1f} prompts: {read:.0f} tokens are")
        print(f"  read, {kept:.0f} kept from the prompts before\n", flush=True)
    await model.close()


def case_of(gold: str, decision: Decision, said: Verdict, leaning: Verdict, near: str) -> Case:
    """What is known of a message."""
    leant = leaning if isinstance(leaning, Answer) else None
    return Case(gold, decision, leant, near, said if isinstance(said, Answer) else None)


def nearest(surroundings: Surroundings, message: Message) -> str:
    """The category that most of the nearest utterances have; "" when none is near."""
    shares = surroundings.of(message.look.strip()).shares
    return max(shares, key=lambda name: shares[name], default="")


def report(name: str, cases: Sequence[Case], catalogue: Catalogue) -> None:
    """One table: each way of answering, on the messages that it answers, beside the decision as it is."""
    path_of = catalogue.path_of

    def row(title: str, some: Sequence[Case], answer: Callable[[Case], str]) -> None:
        if some:
            right = np.mean([answer(case) == case.gold for case in some])
            wrong = np.mean([path_of(answer(case)) != path_of(case.gold) for case in some])
            now = np.mean([case.decision.path != path_of(case.gold) for case in some])
            print(f"  {title:<46}{len(some):>5}{right:>10.3f}{wrong:>12.3f}{now:>14.3f}")

    print(f"{name:<48}{'n':>5}{'accuracy':>10}{'path error':>12}{'without it':>14}")
    row("the judge alone", [case for case in cases if case.judged], lambda case: category(case.judged))
    row("the nearest utterances' majority", [case for case in cases if case.nearest], lambda case: case.nearest)
    leant = sorted((case for case in cases if case.leaning), key=lambda case: -belief(case.leaning))
    row("the classifier's answer below its bar", leant, lambda case: category(case.leaning))

    def backed(by: Callable[[Case], str]) -> list[Case]:
        return [case for case in leant if by(case) and path_of(by(case)) == path_of(category(case.leaning))]

    judged = backed(lambda case: category(case.judged))
    for title, some in (
        ("  backed by the judge", judged),
        ("  backed by the nearest utterances' majority", backed(lambda case: case.nearest)),
        ("  as many, the surest first", leant[: len(judged)]),
    ):
        row(title, some, lambda case: category(case.leaning))
    for trust in (0.5, 0.7, 0.9):
        sure = [case for case in judged if together(case, trust) >= 0.8]
        row(f"  backed to 0.8 by a judge trusted to {trust}", sure, lambda case: category(case.leaning))


def category(answer: Answer | None) -> str:
    """An answer's category; "" without one."""
    return answer.category if answer else ""


def belief(answer: Answer | None) -> float:
    """How sure an answer is of its path; 0 without one."""
    return answer.path_confidence if answer else 0.0


def together(case: Case, trust: float) -> float:
    """How probable it is that the leaning or the judge is right, if each errs by itself."""
    return 1 - (1 - belief(case.leaning)) * (1 - trust * belief(case.judged))


if __name__ == "__main__":
    main()
