"""The tiers of a configuration: each with its bars, in their order, and what follow-ups and the judge lean on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, cast

from pointsman.build.gpu import Held
from pointsman.build.judging import judge_for
from pointsman.build.parts import (
    Tell,
    fast_model,
    open_slots,
    open_surroundings,
    open_watch,
)
from pointsman.config.calibration import CalibrationSection, CurveSection
from pointsman.config.model import Config
from pointsman.config.tiers import (
    CacheTier,
    ClassifierTier,
    CloudTier,
    CorrectionsTier,
    FastTier,
    FollowUpsTier,
    JudgeTier,
    NeighboursTier,
    PatternsTier,
    TasksTier,
)
from pointsman.config.tiers import Tier as TierConfig
from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Verdict
from pointsman.core.message import Message
from pointsman.core.ports import ChatModel
from pointsman.engine.foresight import foresee
from pointsman.engine.teaching import Categorise
from pointsman.tiers import slots
from pointsman.tiers.aside import Aside
from pointsman.tiers.cache import Cache
from pointsman.tiers.calibration import Calibrated, Curve, Knots, LocalTier, Logistic, Maps
from pointsman.tiers.cascade import Cascade, GoesBy, Stage, Tier
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.corrections import Corrections
from pointsman.tiers.fast import Fast
from pointsman.tiers.followups import FollowUps, Remembering, decided_by
from pointsman.tiers.head import Head
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.neighbours import Neighbours
from pointsman.tiers.patterns import Patterns
from pointsman.tiers.surroundings import Surroundings
from pointsman.tiers.tasks import Tasks
from pointsman.tiers.watch import Watch

if TYPE_CHECKING:
    # Imported where a service is set up: what calls them takes 4 MB.
    from pointsman.build.services import Services


def open_cascade(
    config: Config,
    catalogue: Catalogue,
    known: Callable[[], tuple[Head, Surroundings]],
    learned: LearnedNow,
    models: Mapping[str, ChatModel],
    *,
    services: Services | None = None,
    held: Held | None = None,
    many: bool = False,
) -> tuple[Cascade, Categorise]:
    """The tiers in their order, and their foresight; `known` is shared by those that need it.

    For `many` callers at once, the encoder reads beside the loop, which takes 10 MB more.
    """
    watch = open_watch(config, catalogue)
    stages = open_stages(config, catalogue, known, learned, models, watch=watch, services=services, held=held)
    find_slots = open_slots(known)
    cascade_of = partial(Cascade, catalogue=catalogue, fallback=config.fallback, find_slots=find_slots, watch=watch)
    live = [beside(stage, known) for stage in stages] if many else stages
    return cascade_of(live), foresee(stages, cascade_of)


def beside(stage: Stage, known: Callable[[], tuple[Head, Surroundings]]) -> Stage:
    """The stage; the one that is the first to need the encoder has it read beside the loop."""
    bare = stage.tier.bare if isinstance(stage.tier, Calibrated) else stage.tier
    if not isinstance(bare, Neighbours):
        return stage
    return replace(stage, tier=Aside(cast("LocalTier", stage.tier), known()[1]))


def open_stages(
    config: Config,
    catalogue: Catalogue,
    known: Callable[[], tuple[Head, Surroundings]],
    learned: LearnedNow,
    models: Mapping[str, ChatModel],
    *,
    watch: Watch | None = None,
    services: Services | None = None,
    held: Held | None = None,
) -> list[Stage]:
    """The tiers that are switched on, with their bars, in their order; without `services`, none outside is asked."""
    stages: list[Stage] = []
    single: list[Stage] = []  # those that say what a message wants by itself, which follow-ups lean on
    for tier in config.tiers:
        if not tier.enabled:
            continue
        match tier:
            case FollowUpsTier():
                decide = Remembering(decided_by(single, catalogue), lambda: learned.now)
                followups = FollowUps(decide, catalogue, config.fallback, slots.find, watch=watch)
                stages.append(staged(followups, tier))
            case CloudTier() if services:
                leaning = leaning_of(stages) if stages else None
                cloud = services.tier(tier, config, catalogue, lambda: known()[1], leaning=leaning)
                stages.append(replace(staged(cloud, tier), deadline=tier.deadline + services.grace))
            case CacheTier() if services or asks_a_model(config):
                stages.append(staged(cache_for(tier, lambda: known()[1], learned), tier))
            case JudgeTier() if not services or config.cloud.fallback_local:
                judge = judge_for(
                    tier,
                    config,
                    catalogue,
                    surroundings=known()[1],
                    models=models,
                    held=held or Held(),
                    leaning=None if tier.decides else leaning_of(stages),
                )
                stages.append(staged(judge, tier))
            case CloudTier() | CacheTier() | JudgeTier():
                continue  # nobody whom it could ask, or whose answers it could keep
            case _:
                stages.append(stage_for(tier, catalogue, config.fallback, known, learned))
    single += by_letter_first(stages)
    return stages


def by_letter_first(stages: Sequence[Stage]) -> list[Stage]:
    """Those that find in this process what a message wants by itself.

    By the letter first: the fast tier also has an answer to "great, thanks!", and only a pattern makes it thanks.
    """
    local = [stage for stage in stages if not iscoroutinefunction(stage.tier.judge)]
    alone = [stage for stage in local if not isinstance(stage.tier, Tasks | FollowUps | Cache)]
    return sorted(alone, key=lambda stage: stage.goes_by != "letter")


def cache_for(tier: CacheTier, surroundings: Callable[[], Surroundings], learned: LearnedNow) -> Cache:
    """What remembers the answers of those after it; all is let go of when something else has been learned."""
    return Cache(
        lambda text: surroundings().vector_of(text),
        size=tier.size,
        age=tier.age,
        near=tier.near,
        revision=lambda: learned.now,
    )


def leaning_of(earlier: Sequence[Stage]) -> Callable[[Message], Verdict]:
    """What the last tier leans to of those that look at a message in this process."""
    looking = [stage.tier for stage in earlier if not iscoroutinefunction(stage.tier.judge)]
    looking = [tier for tier in looking if not isinstance(tier, Cache)]

    def leaning(message: Message) -> Verdict:
        return cast("LocalTier", looking[-1]).judge(message) if looking else Abstain("no tier stands before it")

    return leaning


def asks_a_model(config: Config) -> bool:
    """Whether a model in this process is asked what a message wants."""
    return any(tier.enabled and isinstance(tier, JudgeTier) for tier in config.tiers)


def open_bare(config: Config, catalogue: Catalogue, progress: Tell | None = None) -> list[tuple[TierConfig, Stage]]:
    """The tiers that answer in this process, to be measured: nothing is learned, and no confidence mapped."""
    learned = LearnedNow()
    known = cache(lambda: open_surroundings(config, catalogue, progress, learned))
    tiers = [tier for tier in config.tiers if tier.enabled and not isinstance(tier, CacheTier | CloudTier | JudgeTier)]
    local = config.model_copy(update={"tiers": tuple(tiers)})
    stages = open_stages(local, catalogue, known, learned, {}, watch=open_watch(config, catalogue))
    return list(zip(tiers, map(without_maps, stages), strict=True))


def stage_for(
    tier: TierConfig,
    catalogue: Catalogue,
    fallback: str,
    known: Callable[[], tuple[Head, Surroundings]],
    learned: LearnedNow,
) -> Stage:
    """A tier that needs no other, and its bars."""
    made: Tier
    match tier:
        case TasksTier():
            made = Tasks(fallback)
        case CorrectionsTier():
            made = Corrections(learned, known()[1], tier.near, catalogue)
        case PatternsTier():
            made = catalogue.derived(Patterns)
        case FastTier():
            made = Fast(fast_model(), catalogue)
        case NeighboursTier():
            head, surroundings = known()
            made = Neighbours(surroundings, catalogue, head.neighbours)
        case ClassifierTier():
            head, surroundings = known()
            made = Classifier(head, surroundings, catalogue, fallback)
    if is_calibrated(tier):
        made = Calibrated(cast("LocalTier", made), maps_of(getattr(tier, "calibration", None)))
    return staged(made, tier)


def staged(made: Tier, tier: TierConfig) -> Stage:
    """A tier with its bars, and with what its kind asks of the cascade."""
    return Stage(
        made,
        tier.accept,
        tier.accept_by_category,
        tier.margin,
        tier.deadline,
        # What a pattern saw is no part of what the encoder saw: below its bar it still counts as a second witness.
        votes=isinstance(tier, PatternsTier),
        whole=isinstance(tier, TasksTier | CorrectionsTier),
        rehearses=isinstance(tier, FollowUpsTier | PatternsTier | FastTier),
        goes_by=goes_by_of(tier),
    )


def goes_by_of(tier: TierConfig) -> GoesBy:
    """What a tier's answers rest on."""
    match tier:
        case CorrectionsTier() | PatternsTier():
            return "letter"
        case FastTier():
            return "words"
    return "meaning"


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
