"""Wires a router from a configuration: the only place that knows every class."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from pointsman.config import intents, load
from pointsman.config.model import (
    ClassifierTier,
    Config,
    NeighboursTier,
    PatternsTier,
    TasksTier,
)
from pointsman.config.model import Tier as TierConfig
from pointsman.core.arithmetic import evaluate
from pointsman.core.category import Catalogue
from pointsman.core.plan import Abilities
from pointsman.core.ports import ChatModel
from pointsman.engine.execute import Executor
from pointsman.engine.router import DecisionLog, Router
from pointsman.providers.embedded import Embedded, name_of
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.stores.memory import MemoryStore
from pointsman.stores.sqlite import SqliteStore
from pointsman.tiers import slots
from pointsman.tiers.cascade import Cascade, Stage, Tier
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.neighbours import Neighbours
from pointsman.tiers.patterns import Patterns
from pointsman.tiers.surroundings import Surroundings, legible
from pointsman.tiers.tasks import Tasks

Tell = Callable[[str], None]


def open_router(
    config: Config | Path | None = None,
    *,
    flags: Mapping[str, object] | None = None,
    store: bool = True,
    progress: Tell | None = None,
) -> Router:
    """A router from a configuration, a configuration file, or what is found (nothing is a good configuration).

    Use it with `async with`. Without `store`, decisions are kept in memory only. `progress` is
    told what takes long. Raises ConfigError, ModelFileError, StoreError.
    """
    if not isinstance(config, Config):
        config = load.load(config, flags=flags).config
    catalogue = intents.load(config.intents.folder)
    models = open_models(config)
    return Router(
        catalogue=catalogue,
        cascade=open_cascade(config, catalogue, progress),
        log=open_store(config) if store else MemoryStore(keep_text=config.store.keep_text != 0),
        executor=Executor(models=models, evaluate=evaluate, clock=time.perf_counter),
        abilities=lambda: abilities_of(config),
        chance=random.Random(),
    )


def abilities_of(config: Config) -> Abilities:
    """What a plan may use with this configuration."""
    language = "" if config.reply.language == "auto" else config.reply.language
    return Abilities(main=name_of(config.models.main), small=name_of(config.models.small), language=language)


def open_store(config: Config) -> DecisionLog:
    """The decision store."""
    return SqliteStore(config.store.path, keep_text_seconds=config.store.keep_text)


def open_models(config: Config) -> dict[str, ChatModel]:
    """The chat models by name; none is loaded before it is asked."""
    return {name_of(model): Embedded.from_config(model) for model in (config.models.small, config.models.main)}


def open_cascade(config: Config, catalogue: Catalogue, progress: Tell | None = None) -> Cascade:
    """The tiers in their order; the encoder and the utterances' vectors are shared by those that need them."""
    shared: list[tuple[Head, Surroundings]] = []

    def known() -> tuple[Head, Surroundings]:
        if not shared:
            shared.append(open_surroundings(config, catalogue, progress))
        return shared[0]

    stages = [stage_for(tier, catalogue, config.fallback, known) for tier in config.tiers if tier.enabled]
    return Cascade(stages, catalogue, fallback=config.fallback, find_slots=slots.find)


def stage_for(
    tier: TierConfig, catalogue: Catalogue, fallback: str, known: Callable[[], tuple[Head, Surroundings]]
) -> Stage:
    """A tier and its bars."""
    made: Tier
    match tier:
        case TasksTier():
            made = Tasks(fallback)
        case PatternsTier():
            made = Patterns(catalogue)
        case NeighboursTier():
            head, surroundings = known()
            made = Neighbours(surroundings, catalogue, head.neighbours)
        case ClassifierTier():
            head, surroundings = known()
            made = Classifier(head, surroundings, catalogue)
    # What a pattern saw is no part of what the encoder saw, so below its bar it still counts as a second witness.
    votes = isinstance(tier, PatternsTier)
    return Stage(made, tier.accept, tier.accept_by_category, tier.margin, tier.deadline, votes)


def open_surroundings(config: Config, catalogue: Catalogue, progress: Tell | None) -> tuple[Head, Surroundings]:
    """The head, and the utterances with their vectors: shipped, cached, or embedded now."""
    encoder = MiniLm(threads=config.encoder.threads)
    head = Head.read(models_folder() / HEAD_FILE, encoder.fingerprint)
    utterances = legible(catalogue.utterances, encoder)

    def tell(done: int, total: int) -> None:
        if progress and (done == total or done % 100 == 1):
            progress(f"embedding utterances that are new here: {done} of {total}")

    found = vectors.vectors_for(
        [utterance.text for utterance in utterances],
        encoder,
        shipped=models_folder() / vectors.SHIPPED,
        cache_folder=platformdirs.user_cache_path("pointsman"),
        progress=tell,
    )
    k = next((tier.k for tier in config.tiers if isinstance(tier, NeighboursTier)), NeighboursTier().k)
    return head, Surroundings(encoder, utterances, found, k=k)
