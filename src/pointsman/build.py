"""Wires a router from a configuration: the only place that knows every class."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import cast

import platformdirs

from pointsman.config import intents, load
from pointsman.config.calibration import CalibrationSection, CurveSection
from pointsman.config.model import Config
from pointsman.config.tiers import (
    ClassifierTier,
    CorrectionsTier,
    FastTier,
    FollowUpsTier,
    JudgeTier,
    NeighboursTier,
    PatternsTier,
    TasksTier,
)
from pointsman.config.tiers import Tier as TierConfig
from pointsman.core.arithmetic import evaluate
from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Verdict
from pointsman.core.message import Message
from pointsman.core.plan import Abilities
from pointsman.engine.execute import Executor
from pointsman.engine.foresight import foresee
from pointsman.engine.router import DecisionLog, Router
from pointsman.engine.teaching import Categorise, Teaching
from pointsman.providers.embedded import Embedded, name_of
from pointsman.providers.embedded_labeller import EmbeddedLabeller
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.stores.memory import MemoryStore
from pointsman.stores.sqlite import SqliteStore
from pointsman.tiers import slots
from pointsman.tiers.calibration import Calibrated, Curve, Knots, LocalTier, Logistic, Maps
from pointsman.tiers.cascade import Cascade, FindSlots, Stage, Tier
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.corrections import Corrections
from pointsman.tiers.encoder import Reading
from pointsman.tiers.fast import FAST_FILE, Fast, FastModel
from pointsman.tiers.followups import FollowUps, decided_by
from pointsman.tiers.guard.guard import Guard
from pointsman.tiers.guard.head import GUARD_FILE, GuardHead
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.judge import Judge
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.neighbours import Neighbours
from pointsman.tiers.patterns import Patterns
from pointsman.tiers.slots.finder import SlotFinder
from pointsman.tiers.slots.tagger import SLOTS_FILE
from pointsman.tiers.slots.tagger import read as read_taggers
from pointsman.tiers.surroundings import Surroundings, legible
from pointsman.tiers.tasks import Tasks
from pointsman.tiers.watch import Watch

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
    catalogue = intents.load(config.intents.folder, shipped=config.intents.shipped)
    models = open_models(config)
    learned = LearnedNow()
    known = cache(lambda: open_surroundings(config, catalogue, progress, learned))
    cascade, categorise = open_cascade(config, catalogue, known, learned, models)
    log = open_store(config) if store else MemoryStore(keep_text=config.store.keep_text != 0)
    return Router(
        catalogue=catalogue,
        cascade=cascade,
        log=log,
        executor=Executor(models=models, evaluate=evaluate, clock=time.perf_counter),
        abilities=lambda: abilities_of(config),
        chance=random.Random(),
        teaching=Teaching(log, catalogue, categorise, learned=learned, sketcher=lambda: known()[1]),
    )


def abilities_of(config: Config) -> Abilities:
    """What a plan may use with this configuration."""
    language = "" if config.reply.language == "auto" else config.reply.language
    return Abilities(main=name_of(config.models.main), small=name_of(config.models.small), language=language)


def open_store(config: Config) -> DecisionLog:
    """The decision store."""
    return SqliteStore(config.store.path, keep_text_seconds=config.store.keep_text)


def open_models(config: Config) -> dict[str, Embedded]:
    """The chat models by name; none is loaded before it is asked."""
    return {name_of(model): Embedded.from_config(model) for model in (config.models.small, config.models.main)}


def open_cascade(
    config: Config,
    catalogue: Catalogue,
    known: Callable[[], tuple[Head, Surroundings]],
    learned: LearnedNow,
    models: Mapping[str, Embedded],
) -> tuple[Cascade, Categorise]:
    """The tiers in their order, and their foresight; `known` is shared by those that need it."""
    stages = open_stages(config, catalogue, known, learned, models)
    watch = open_watch(config, catalogue)
    find_slots = open_slots(known)
    cascade_of = partial(Cascade, catalogue=catalogue, fallback=config.fallback, find_slots=find_slots, watch=watch)
    return cascade_of(stages), foresee(stages, cascade_of)


def open_slots(known: Callable[[], tuple[Head, Surroundings]]) -> FindSlots:
    """What finds slots: the rules and the shipped taggers; the rules alone where no tagger was shipped."""
    file = models_folder() / SLOTS_FILE
    if not file.is_file():
        return slots.find

    def reading(text: str) -> Reading:
        return known()[1].reading(text)  # opened only when it is asked for

    return SlotFinder(read_taggers(file, MiniLm().fingerprint), reading)


def open_watch(config: Config, catalogue: Catalogue) -> Watch | None:
    """Who looks at messages before the tiers do, if anybody."""
    if not config.safety.enabled:
        return None
    return Guard(GuardHead.read(models_folder() / GUARD_FILE), catalogue.names, config.safety.threshold)


def open_stages(
    config: Config,
    catalogue: Catalogue,
    known: Callable[[], tuple[Head, Surroundings]],
    learned: LearnedNow,
    models: Mapping[str, Embedded],
) -> list[Stage]:
    """The tiers that are switched on, with their bars, in their order."""
    stages: list[Stage] = []
    single: list[Stage] = []  # those that say what a message wants by itself, which follow-ups lean on
    for tier in config.tiers:
        if tier.enabled and isinstance(tier, FollowUpsTier):
            followups = FollowUps(decided_by(single, catalogue), catalogue, config.fallback, slots.find)
            stages.append(Stage(followups, tier.accept, tier.accept_by_category, tier.margin, tier.deadline))
        elif tier.enabled and isinstance(tier, JudgeTier):
            judge = judge_for(tier, config, catalogue, surroundings=known()[1], models=models, earlier=stages)
            stages.append(Stage(judge, tier.accept, tier.accept_by_category, tier.margin, tier.deadline))
        elif tier.enabled:
            stages.append(stage_for(tier, catalogue, config.fallback, known, learned))
    local = [stage for stage in stages if not iscoroutinefunction(stage.tier.judge)]
    single += [stage for stage in local if not isinstance(stage.tier, Tasks | FollowUps)]
    return stages


def judge_for(
    tier: JudgeTier,
    config: Config,
    catalogue: Catalogue,
    *,
    surroundings: Surroundings,
    models: Mapping[str, Embedded],
    earlier: Sequence[Stage],
) -> Judge:
    """The judge; unless it decides by itself, it backs the last tier before it that answers in this process."""
    model = models[name_of(config.models.small if tier.model == "small" else config.models.main)]
    local = [stage.tier for stage in earlier if not iscoroutinefunction(stage.tier.judge)]

    def leaning(message: Message) -> Verdict:
        return cast("LocalTier", local[-1]).judge(message) if local else Abstain("no tier stands before it")

    return Judge(
        surroundings,
        EmbeddedLabeller(model),
        catalogue,
        fallback=config.fallback,
        k=tier.k,
        trust=tier.trust,
        leaning=None if tier.decides else leaning,
    )


def open_bare(config: Config, catalogue: Catalogue, progress: Tell | None = None) -> list[tuple[TierConfig, Stage]]:
    """The tiers that answer in this process, to be measured: nothing is learned, and no confidence mapped."""
    learned = LearnedNow()
    known = cache(lambda: open_surroundings(config, catalogue, progress, learned))
    stages = open_stages(config, catalogue, known, learned, open_models(config))
    made = zip((tier for tier in config.tiers if tier.enabled), map(without_maps, stages), strict=True)
    return [(tier, stage) for tier, stage in made if not iscoroutinefunction(stage.tier.judge)]


def without_maps(stage: Stage) -> Stage:
    """The stage with its tier's confidence as the tier gives it."""
    return replace(stage, tier=stage.tier.bare) if isinstance(stage.tier, Calibrated) else stage


def is_calibrated(tier: TierConfig) -> bool:
    """Whether a tier's confidence is mapped."""
    return bool(maps_of(getattr(tier, "calibration", None)))


def maps_of(section: CalibrationSection | None) -> Maps:
    """The maps that a configuration describes."""
    return Maps() if section is None else Maps(curve_of(section.category), curve_of(section.path))


def curve_of(section: CurveSection | None) -> Curve | None:
    """One curve that a configuration describes."""
    if section is None:
        return None
    return Knots(section.knots) if section.knots else Logistic(section.temperature, section.offset)


@cache
def fast_model() -> FastModel:
    """The fast tier's network, which the shipped head looks at too."""
    return FastModel.read(models_folder() / FAST_FILE)


def stage_for(
    tier: TierConfig,
    catalogue: Catalogue,
    fallback: str,
    known: Callable[[], tuple[Head, Surroundings]],
    learned: LearnedNow,
) -> Stage:
    """A tier and its bars."""
    made: Tier
    match tier:
        case TasksTier():
            made = Tasks(fallback)
        case CorrectionsTier():
            made = Corrections(learned, known()[1], tier.near)
        case PatternsTier():
            made = Patterns(catalogue)
        case FastTier():
            made = Fast(fast_model(), catalogue)
        case NeighboursTier():
            head, surroundings = known()
            made = Neighbours(surroundings, catalogue, head.neighbours)
        case ClassifierTier():
            head, surroundings = known()
            made = Classifier(head, surroundings, catalogue, fallback)
    # What a pattern saw is no part of what the encoder saw, so below its bar it still counts as a second witness.
    votes = isinstance(tier, PatternsTier)
    if is_calibrated(tier):
        made = Calibrated(cast("LocalTier", made), maps_of(getattr(tier, "calibration", None)))
    whole = isinstance(tier, TasksTier | CorrectionsTier)
    rehearses = isinstance(tier, PatternsTier | FastTier)
    return Stage(made, tier.accept, tier.accept_by_category, tier.margin, tier.deadline, votes, whole, rehearses)


def open_surroundings(
    config: Config, catalogue: Catalogue, progress: Tell | None, learned: LearnedNow | None = None
) -> tuple[Head, Surroundings]:
    """The head, and the utterances with their vectors: shipped, cached, or embedded now."""
    encoder = MiniLm(threads=config.encoder.threads)
    trained = config.intents.trained or models_folder()
    head = Head.read(trained / HEAD_FILE, encoder.fingerprint, fast_model)
    utterances = legible(catalogue.utterances, encoder)

    def tell(done: int, total: int) -> None:
        if progress and (done == total or done % 100 == 1):
            progress(f"embedding utterances that are new here: {done} of {total}")

    found = vectors.vectors_for(
        [utterance.text for utterance in utterances],
        encoder,
        shipped=trained / vectors.SHIPPED,
        cache_folder=platformdirs.user_cache_path("pointsman"),
        progress=tell,
    )
    k = next((tier.k for tier in config.tiers if isinstance(tier, NeighboursTier)), NeighboursTier().k)
    return head, Surroundings(encoder, utterances, found, k=k, learned=learned)
