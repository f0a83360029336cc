"""A router that can be taught, with a log that is given: the bench of the tests of corrections."""

from __future__ import annotations

import itertools
import random

import numpy as np

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.core.decision import Abstain, Answer, Decision, Verdict
from pointsman.core.message import Message
from pointsman.core.plan import Abilities
from pointsman.engine.execute import Executor
from pointsman.engine.foresight import foresee
from pointsman.engine.parts import Parts
from pointsman.engine.router import Router
from pointsman.engine.teaching import Teaching
from pointsman.engine.workshop import Workshop
from pointsman.stores.memory import MemoryStore
from pointsman.stores.sqlite import SqliteStore
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.cascade import Cascade, Stage, Tier
from pointsman.tiers.corrections import Corrections
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.neighbours import Calibration, Neighbours
from pointsman.tiers.surroundings import Surroundings

CATALOGUE = Catalogue(
    [
        Category("image", "pictures", "image", utterances=(Utterance("draw a cat", "image", "en"),)),
        Category("search", "news", "llm+tools", utterances=(Utterance("any news today", "search", "en"),)),
        Category("general_chat", "talk", "llm"),
    ]
)
BINS = "my bins go out on thursdays"


class Drawer:
    """Takes whatever begins with "draw" for a picture."""

    name = "drawer"

    def judge(self, message: Message) -> Verdict:
        return Answer("image", 0.99, 1.0, "draws") if message.text.startswith("draw") else Abstain("does not draw")


class Remote:
    """Somebody outside, who has an opinion about everything and takes money for it."""

    name = "remote"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def judge(self, message: Message) -> Verdict:
        self.asked.append(message.text)
        return Answer("search", 0.9, 1.0, "says so")


Log = MemoryStore | SqliteStore


def router(
    log: Log | None = None,
    *,
    encoder: BagEncoder | None = None,
    extra: tuple[Tier, ...] = (),
    catalogue: Catalogue = CATALOGUE,
) -> Router:
    log, encoder, learned = log or MemoryStore(), encoder or BagEncoder(), LearnedNow()
    vectors = np.stack([encoder.encode(utterance.text) for utterance in CATALOGUE.utterances])
    around = Surroundings(encoder, CATALOGUE.utterances, vectors, learned=learned)
    neighbours = Neighbours(around, catalogue, Calibration(-8.0, 8.0, 4.0))
    tiers: list[Stage] = [Stage(Corrections(learned, around, 0.84), 0.0), Stage(Drawer(), 0.5), Stage(neighbours, 0.9)]
    stages = [*tiers, *(Stage(tier, 0.5) for tier in extra)]

    def cascade_of(some: object) -> Cascade:
        return Cascade(some, catalogue, find_slots=lambda *_: {})  # type: ignore[arg-type]

    return Router(
        Parts(
            catalogue=catalogue,
            cascade=cascade_of(stages),
            log=log,
            executor=Executor(Workshop(models={}, clock=lambda: 0.0), answer=str, clock=lambda: 0.0),
            abilities=lambda: Abilities(main="", small=""),
            chance=random.Random(1),
            teaching=Teaching(
                log,
                catalogue,
                foresee(stages, cascade_of),
                learned=learned,
                sketcher=lambda: around,
                clock=itertools.count().__next__,
            ),
        )
    )


async def decided(using: Router, text: str) -> Decision:
    return await using.decide(Message(text))
