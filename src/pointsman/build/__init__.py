"""Wires a router from a configuration: the only place that knows every class."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pointsman.build.gpu import Held, Ollamas, open_card
from pointsman.build.parts import (
    Tell,
    fast_model,
    name_of,
    open_models,
    open_remote,
    open_store,
    open_surroundings,
    open_watch,
)
from pointsman.build.stages import curve_of, maps_of, open_bare, open_cascade, open_stages
from pointsman.build.tools import limits_of, open_toolbox
from pointsman.build.upstreams import Servers
from pointsman.config import intents, load
from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel
from pointsman.config.values import EMBEDDED
from pointsman.core.category import Catalogue
from pointsman.core.plan import Abilities
from pointsman.core.sums.arithmetic import answer
from pointsman.core.tool import Toolset
from pointsman.engine.execute import Executor
from pointsman.engine.router import Router
from pointsman.engine.teaching import Teaching
from pointsman.engine.toolbox import Toolbox
from pointsman.stores.memory import MemoryStore
from pointsman.tiers.learned import LearnedNow

if TYPE_CHECKING:
    from pointsman.build.services import Services, Times
    from pointsman.build.standings import Standings

__all__ = [
    "curve_of",
    "fast_model",
    "maps_of",
    "name_of",
    "open_bare",
    "open_models",
    "open_remote",
    "open_router",
    "open_stages",
    "open_store",
    "open_surroundings",
    "open_watch",
]


def open_router(
    config: Config | Path | None = None,
    *,
    flags: Mapping[str, object] | None = None,
    store: bool = True,
    progress: Tell | None = None,
    times: Times | None = None,
) -> Router:
    """A router from a configuration, a configuration file, or what is found (nothing is a good configuration).

    Use it with `async with`. Without `store`, decisions are kept in memory only; what services were asked still counts
    in their quota, which every process shares. `progress` is told what takes long; `times` is how the services tell
    time, where tests do. Raises ConfigError, ModelFileError, StoreError.
    """
    if not isinstance(config, Config):
        config = load.load(config, flags=flags).config
    catalogue = intents.of(config)
    ollamas = Ollamas()
    models = open_models(config, ollamas)
    learned = LearnedNow()
    known = cache(lambda: open_surroundings(config, catalogue, progress, learned))
    services, standings = open_cloud(config, catalogue, times) if config.cloud.services else (None, None)
    toolbox = open_toolbox(config, lambda: known()[1].encoder, store=store)
    executor = Executor(
        models=models,
        answer=answer,
        clock=time.perf_counter,
        card=lambda: open_card(config, ollamas),
        toolbox=toolbox,
        limits=limits_of(config),
        wordless=wordless(config),
        upstreams=Servers(config, ollamas),
    )
    held = Held(ollamas, executor.owner)
    cascade, categorise = open_cascade(config, catalogue, known, learned, models, services=services, held=held)
    log = open_store(config) if store else MemoryStore(keep_text=config.store.keep_text != 0)
    return Router(
        catalogue=catalogue,
        cascade=cascade,
        log=log,
        executor=executor,
        abilities=lambda: abilities_of(config, toolbox),
        chance=random.Random(),
        teaching=Teaching(log, catalogue, categorise, learned=learned, sketcher=lambda: known()[1]),
        services=standings,
        foresee=categorise,
        define=define,
    )


def open_cloud(config: Config, catalogue: Catalogue, times: Times | None) -> tuple[Services, Standings]:
    """The services, and what there is to tell of them; most people have none, and then this costs them no memory."""
    from pointsman.build.services import Times, open_services
    from pointsman.build.standings import Standings
    from pointsman.stores.shelf import SqliteShelf

    times = times or Times()
    services = open_services(config, SqliteShelf(config.store.path), times=times)
    return services, Standings(services, config, lambda: catalogue, now=times.now)


def abilities_of(config: Config, toolbox: Toolbox) -> Abilities:
    """What a plan may use with this configuration."""
    return Abilities(
        main=name_of(config.models.main),
        small=name_of(config.models.small),
        tools=toolbox.standing(),
        allowed=toolbox.allowed,
        added=toolbox.added,
        language="" if config.reply.language == "auto" else config.reply.language,
    )


def wordless(config: Config) -> frozenset[str]:
    """The models that are too small for tools: the embedded one that ships, which puts nothing into words rightly."""
    models = (config.models.main, config.models.small)
    return frozenset(name_of(it) for it in models if isinstance(it, EmbeddedModel) and it.file == EMBEDDED)


def define(function: Callable[..., Any], **how: Any) -> Toolset:
    """A Python function as a toolset. Raises ConfigError."""
    from pointsman.tools.functions.toolset import toolset_of

    return toolset_of(function, **how)
