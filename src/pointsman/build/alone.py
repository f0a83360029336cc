"""Opens one tier or one service by itself, so that every answer counts: to be measured."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import Final

from pointsman.build.asked_alone import PATIENCE, Alone, Asked, Known, Noting, Waits
from pointsman.build.parts import Tell, open_models, open_surroundings, open_watch
from pointsman.build.services import Times, open_services
from pointsman.build.stages import open_stages
from pointsman.build.standings import Standings
from pointsman.config import cloud, intents
from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel
from pointsman.config.tiers import (
    CacheTier,
    CertainTier,
    CloudTier,
    CorrectionsTier,
    FollowUpsTier,
    JudgeTier,
    default_tiers,
)
from pointsman.config.tiers import Tier as TierConfig
from pointsman.core.category import Catalogue
from pointsman.core.errors import ConfigError, MissingExtra
from pointsman.core.plan import Abilities
from pointsman.core.ports import ChatModel
from pointsman.core.sums.arithmetic import answer
from pointsman.engine.execute import Executor
from pointsman.engine.parts import Parts
from pointsman.engine.router import Router
from pointsman.engine.workshop import Workshop
from pointsman.providers import embedded
from pointsman.stores.memory import MemoryStore
from pointsman.stores.shelf import SqliteShelf
from pointsman.tiers.cascade import Bars, Cascade, Stage
from pointsman.tiers.cloud import Cloud, Member, Privacy
from pointsman.tiers.learned import LearnedNow

# How a service is let in that has no key yet.
KEYS: Final = {
    "groq": "GROQ_API_KEY",
    "cloudflare": "CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID",
    "huggingface": "HF_TOKEN",
}
# Why some tiers cannot be measured by themselves.
UNMEASURED: Final = {
    "cache": "the cache only repeats what others have answered",
    "cloud": "the cloud tier asks several services: measure each by its name",
    "corrections": "corrections answer what you taught, and nothing that was taught counts here",
}
# A margin may be below 0 where the likeliest path does not have the likeliest category.
ALL: Final = Bars(0.0, margin=-1.0)


def open_alone(config: Config, name: str, *, progress: Tell | None = None, times: Times | None = None) -> Alone:
    """A tier, by its kind, or a service, by its name, by itself: no bar, no deadline, no cache, nobody else.

    What a service is asked counts in its real quota. Nothing that was taught counts, and nothing is recorded.
    Raises ConfigError, MissingExtra, ModelFileError.
    """
    catalogue = intents.of(config)
    known = cache(lambda: open_surroundings(config, catalogue, progress, LearnedNow()))
    times = times or Times()
    waits = Waits(times.sleep, progress)
    asked: Asked | None = None
    models: Mapping[str, ChatModel] = {}
    bar_key = "`accept` of the cloud tier"
    if name in {service.name for service in everyone(config)}:
        stage, asked = service_alone(config, catalogue, name, known, replace(times, sleep=waits))
    else:
        tier = tier_named(config, name)
        models = models_for(tier, config)
        stage = tier_alone(tier, config, catalogue, known, models)
        bar_key = "" if isinstance(tier, CertainTier) else f"`accept` of the {name} tier"
    router = Router(
        Parts(
            catalogue=catalogue,
            cascade=Cascade(
                [replace(stage, accept=ALL.accept, accept_by_category={}, margin=ALL.margin, deadline=math.inf)],
                catalogue,
                fallback=config.fallback,
                find_slots=lambda *_: {},
                watch=open_watch(config, catalogue),
            ),
            log=MemoryStore(keep_text=False),
            executor=Executor(Workshop(models=models, clock=time.perf_counter), answer=answer, clock=time.perf_counter),
            abilities=Abilities,  # nothing is done but deciding
            chance=random.Random(),
            services=asked.standings if asked else None,
        )
    )
    return Alone(stage.tier.name, router, config, asked=asked, waits=waits, bar_key=bar_key)


def tier_named(config: Config, name: str) -> TierConfig:
    """The tier of a kind as it is configured, or as it would be; switched on. Raises ConfigError for other names."""
    tiers = {tier.kind: tier for tier in (*default_tiers(), *config.tiers)}
    if name in UNMEASURED:
        raise ConfigError(f"{UNMEASURED[name]}", cure=f"give one of: {', '.join(names_in(config))}")
    if name not in tiers:
        raise ConfigError(
            f"there is no tier and no service {name!r}", cure=f"give one of: {', '.join(names_in(config))}"
        )
    tier = tiers[name]
    changed = {"decides": True} if isinstance(tier, JudgeTier) else {}
    return tier.model_copy(update={"enabled": True, **changed})


def names_in(config: Config) -> list[str]:
    """Whom `open_alone` knows."""
    kinds = [tier.kind for tier in default_tiers() if tier.kind not in UNMEASURED]
    return list(dict.fromkeys((*kinds, *(service.name for service in everyone(config)))))


def models_for(tier: TierConfig, config: Config) -> dict[str, ChatModel]:
    """The chat models that a tier may ask. Raises MissingExtra, ModelFileError where the one it asks is not here."""
    if not isinstance(tier, JudgeTier):
        return {}
    settings = config.models.small if tier.model == "small" else config.models.main
    if isinstance(settings, EmbeddedModel):
        if find_spec("xllamacpp") is None:
            raise MissingExtra("local", "asking a model in this process what messages want")
        embedded.check_file(settings)
    return open_models(config)


def tier_alone(
    tier: TierConfig, config: Config, catalogue: Catalogue, known: Known, models: Mapping[str, ChatModel]
) -> Stage:
    """The stage of a tier in this process; follow-ups lean on the others that say what a message wants by itself."""
    tiers = [tier]
    if isinstance(tier, FollowUpsTier):
        others = [it for it in config.tiers if it.enabled and not isinstance(it, CacheTier | CloudTier | JudgeTier)]
        tiers = [tier, *(it for it in others if not isinstance(it, FollowUpsTier | CorrectionsTier))]
    shown = config.model_copy(update={"tiers": tuple(tiers)})
    return open_stages(shown, catalogue, known, LearnedNow(), models, watch=open_watch(config, catalogue))[0]


def service_alone(config: Config, catalogue: Catalogue, name: str, known: Known, times: Times) -> tuple[Stage, Asked]:
    """The cloud tier with one service and no sensor. What is to be hidden in messages is. Raises ConfigError."""
    tier = cloud_tier(config, name)
    shelf = SqliteShelf(config.store.path)
    services = open_services(config, shelf, only=name, patience=PATIENCE, times=times)
    (service,) = services
    (member,) = services.members(tier, config, catalogue, lambda: known()[1])
    noting = Noting(member.tier)
    alone = Cloud(
        [Member(name, noting, member.local, member.p95)],
        catalogue,
        bars=ALL,
        privacy=Privacy(redact=config.cloud.privacy.redact),
        deadline=math.inf,
        name=name,
    )
    standings = Standings(services, config, lambda: catalogue)
    return Stage(alone, ALL.accept), Asked(service, standings, shelf, noting, known)


def cloud_tier(config: Config, name: str) -> CloudTier:
    """The cloud tier as it is configured. Raises ConfigError where it, or one service of it, is not to be asked."""
    settings = {service.name: service for service in everyone(config)}[name]
    where = f"cloud.{name}.enabled" if name in cloud.SERVICES else f"`enabled` of {name} in cloud.servers"
    tier = next((tier for tier in config.tiers if tier.enabled and isinstance(tier, CloudTier)), None)
    if not config.cloud.enabled:
        raise ConfigError(
            f"{name} is not asked: the cloud is switched off (ROUTER_USE_CLOUD or cloud.enabled)",
            cure="set ROUTER_USE_CLOUD=true",
        )
    if tier is None:
        raise ConfigError(f"{name} is not asked: the cloud tier is off", cure="add `- kind: cloud` to `tiers`")
    if not settings.enabled:
        raise ConfigError(f"{name} is not asked: it is switched off", cure=f"set {where} to true")
    if not cloud.has_key(settings):
        raise ConfigError(f"{name} is not asked: it has no key", cure=f"set {KEYS[name]}")
    if not cloud.is_local(settings) and not config.cloud.privacy.surfaces.get("cli", True):
        raise ConfigError(
            f"{name} is not asked: messages from the command line stay on this machine",
            cure="set cloud.privacy.surfaces.cli to true",
        )
    return tier


def everyone(config: Config) -> tuple[cloud.Service, ...]:
    """All services that there are, asked or not."""
    known = config.cloud
    return (known.groq, known.cloudflare, known.huggingface, known.ollama, *known.servers)
