"""Wires the parts of a router from a configuration; what a new configuration leaves as it was goes on in them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pointsman.build.gpu import Held, Ollamas, open_card
from pointsman.build.parts import Tell, name_of, open_models, open_store, open_surroundings
from pointsman.build.stages import open_cascade
from pointsman.build.tools import keeper_in, limits_of, open_persons, open_toolbox
from pointsman.build.upstreams import Servers
from pointsman.config import intents
from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel
from pointsman.config.tiers import NeighboursTier
from pointsman.config.values import EMBEDDED
from pointsman.core.category import Catalogue
from pointsman.core.house import is_outside
from pointsman.core.plan import Abilities
from pointsman.core.ports import ChatModel
from pointsman.core.sums.arithmetic import answer
from pointsman.core.tool import Toolset
from pointsman.engine.agreement import Agreements
from pointsman.engine.decisionlog import DecisionLog
from pointsman.engine.execute import Executor
from pointsman.engine.parts import Parts, Shared
from pointsman.engine.teaching import Categorise, Teaching
from pointsman.engine.toolbox import Toolbox
from pointsman.engine.workshop import Workshop
from pointsman.stores.memory import MemoryStore
from pointsman.tiers.cascade import Cascade
from pointsman.tiers.learned import LearnedNow

if TYPE_CHECKING:
    from pointsman.build.services import Services, Times
    from pointsman.build.standings import Standings
    from pointsman.providers.encoders import MiniLm
    from pointsman.tiers.head import Head
    from pointsman.tiers.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Making:
    """What models and the card are made of: the connections to Ollamas, the models, and who asks them."""

    ollamas: Ollamas
    models: Mapping[str, ChatModel]
    workshop: Workshop

    def leaves(self, name: str) -> bool:
        """Whether a model answers outside the house."""
        return is_outside(self.models[name])


@dataclass(frozen=True, slots=True)
class Knowing:
    """What the tiers know: the encoder with all utterances, and what was learned; opened when first needed."""

    learned: LearnedNow
    around: Callable[[], tuple[Head, Surroundings]]


@dataclass(frozen=True, slots=True)
class Deciding:
    """What finds out what a message wants."""

    catalogue: Catalogue
    cascade: Cascade
    categorise: Categorise
    standings: Standings | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that may outlive a configuration: `key` is all of the configuration that it depends on."""

    key: tuple[object, ...]
    it: Any
    shared: Shared | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The parts of a router as they were wired, and what of them the next configuration may go on with."""

    config: Config
    parts: Parts
    making: Kept
    knowing: Kept
    deciding: Kept
    toolbox: Kept
    log: Kept
    many: bool = False

    @property
    def pieces(self) -> tuple[Kept, ...]:
        """What of them may go on."""
        return (self.making, self.knowing, self.deciding, self.toolbox, self.log)


def open_parts(
    config: Config,
    before: Opened | None = None,
    *,
    store: bool = True,
    progress: Tell | None = None,
    times: Times | None = None,
    many: bool = False,
) -> Opened:
    """The parts of a router; those of `before` that this configuration does not change go on in them.

    With `many` callers at once, as a gateway has them, messages do not wait for one that the encoder reads.

    Raises ConfigError, ModelFileError, StoreError.
    """
    catalogue, many = intents.of(config), many or (before is not None and before.many)

    def go_on(name: str, key: tuple[object, ...], make: Callable[[], tuple[Any, Shared | None]]) -> Kept:
        old: Kept | None = getattr(before, name, None)
        return old if old is not None and old.key == key else Kept(key, *make())

    own = (catalogue.fingerprint, catalogue.names, config.intents, config.encoder, neighbours_of(config))
    place = (config.store.path, store)
    knowing = go_on("knowing", (*own, *place), lambda: (know(config, catalogue, progress), None))
    know_of: Knowing = knowing.it
    making = go_on("making", making_key(config), lambda: shared_making(config, before))
    made: Making = making.it
    toolbox = go_on(
        "toolbox",
        (*own, *place, config.tools, config.reply.language, content(config.tools.mcp_file)),
        lambda: with_shared(open_toolbox(config, lambda: know_of.around()[1].encoder, store=store)),
    )
    log = go_on("log", (config.store, store), lambda: with_shared(open_log(config, store=store)))
    deciding = go_on(
        "deciding",
        (*own, *place, making, config.tiers, config.safety, config.cloud, config.fallback, config.models),
        lambda: decide_with(config, catalogue, know_of, made, times, many=many),
    )
    judging: Deciding = deciding.it
    executor = Executor(
        made.workshop,
        answer=answer,
        clock=time.perf_counter,
        toolbox=toolbox.it,
        limits=limits_of(config),
        wordless=wordless(config),
        agreements=before.parts.executor.tools.agreements if before else Agreements(clock=time.perf_counter),
    )
    parts = Parts(
        catalogue=judging.catalogue,
        cascade=judging.cascade,
        log=log.it,
        executor=executor,
        abilities=abilities_of(config, toolbox.it, frozenset(filter(made.leaves, made.models))),
        chance=random.Random(),
        teaching=Teaching(
            log.it,
            judging.catalogue,
            judging.categorise,
            learned=know_of.learned,
            sketcher=lambda: know_of.around()[1],
        ),
        services=judging.standings,
        foresee=judging.categorise,
        define=define,
        passages=lambda: cast("MiniLm", know_of.around()[1].encoder),  # no other is built in
        keeper=lambda: keeper_in(toolbox.it),
        persons=(lambda: open_persons(config)) if store else None,
        owns=[it.shared for it in (making, toolbox, deciding, log) if it.shared is not None],
    )
    opened = Opened(config, parts, making, knowing, deciding, toolbox, log, many)
    hold(opened, before)
    return opened


def hold(opened: Opened, before: Opened | None) -> None:
    """Has what goes on outlive those before: only now, as nothing can fail any more."""
    if before is not None:
        for now, then in zip(opened.pieces, before.pieces, strict=True):
            if now is then and now.shared is not None:
                now.shared.hold()


def know(config: Config, catalogue: Catalogue, progress: Tell | None) -> Knowing:
    """What the tiers know; nothing is read yet."""
    learned = LearnedNow()
    return Knowing(learned, cache(lambda: open_surroundings(config, catalogue, progress, learned)))


def decide_with(
    config: Config, catalogue: Catalogue, knowing: Knowing, making: Making, times: Times | None, *, many: bool
) -> tuple[Deciding, Shared | None]:
    """The tiers, and the services that they ask. Raises ConfigError, ModelFileError."""
    services, standings = open_cloud(config, catalogue, times) if config.cloud.services else (None, None)
    held = Held(making.ollamas, making.workshop.owner)
    cascade, categorise = open_cascade(
        config, catalogue, knowing.around, knowing.learned, making.models, services=services, held=held, many=many
    )
    return Deciding(catalogue, cascade, categorise, standings), Shared(standings) if standings else None


def shared_making(config: Config, before: Opened | None) -> tuple[Making, Shared]:
    """The models and the card; they are not used before those of `before` have let go of it."""
    ollamas = Ollamas()
    models = open_models(config, ollamas)
    workshop = Workshop(
        models=models,
        clock=time.perf_counter,
        card=lambda: open_card(config, ollamas),
        upstreams=Servers(config, ollamas),
        before=before.making.it.workshop.gone if before else None,
    )
    return Making(ollamas, models, workshop), Shared(workshop)


def with_shared(it: Any) -> tuple[Any, Shared]:
    """Something that is closed when the last has let go of it."""
    return it, Shared(it)


def open_log(config: Config, *, store: bool) -> DecisionLog:
    """Where decisions are kept: in the store, or else in memory."""
    return open_store(config) if store else MemoryStore(keep_text=config.store.keep_text != 0)


def making_key(config: Config) -> tuple[object, ...]:
    """All that models and the card depend on, the content of the workflows' files too."""
    files = tuple(content(file) for file in config.images.comfyui.files)
    return (config.models, config.images, config.gpu, config.store.path, files)


def neighbours_of(config: Config) -> int:
    """How many neighbours vote, which the surroundings are made for."""
    return next((tier.k for tier in config.tiers if isinstance(tier, NeighboursTier)), 0)


def content(file: Path | None) -> bytes:
    """What is in a file; nothing where it cannot be read, which whoever needs it will say."""
    try:
        return file.read_bytes() if file is not None else b""
    except OSError:
        return b""


def open_cloud(config: Config, catalogue: Catalogue, times: Times | None) -> tuple[Services, Standings]:
    """The services, and what there is to tell of them; most people have none, and then this costs them no memory."""
    from pointsman.build.services import Times, open_services
    from pointsman.build.standings import Standings
    from pointsman.stores.shelf import SqliteShelf

    times = times or Times()
    services = open_services(config, SqliteShelf(config.store.path), times=times)
    return services, Standings(services, config, lambda: catalogue, now=times.now)


def abilities_of(config: Config, toolbox: Toolbox, outside: frozenset[str]) -> Callable[[], Abilities]:
    """Says what a plan may use with this configuration; some models are `outside` the house.

    Every message asks, and only the toolsets change, when one is offered: what holds is made anew only then.
    """
    holds = Abilities(
        main=name_of(config.models.main),
        small=name_of(config.models.small),
        mode=config.mode,
        tools=toolbox.standing(),
        allowed=toolbox.allowed,
        added=toolbox.added,
        language="" if config.reply.language == "auto" else config.reply.language,
        outside=outside,
        reaching=toolbox.reaching,
    )

    def abilities() -> Abilities:
        nonlocal holds
        standing = toolbox.standing()
        if standing != holds.tools:
            holds = replace(holds, tools=standing)
        return holds

    return abilities


def wordless(config: Config) -> frozenset[str]:
    """The models that are too small for tools: the embedded one that ships, which puts nothing into words rightly."""
    models = (config.models.main, config.models.small)
    return frozenset(name_of(it) for it in models if isinstance(it, EmbeddedModel) and it.file == EMBEDDED)


def define(function: Callable[..., Any], **how: Any) -> Toolset:
    """A Python function as a toolset. Raises ConfigError."""
    from pointsman.tools.functions.toolset import toolset_of

    return toolset_of(function, **how)
