"""The services that a configuration lets us ask: each with its account, and with its place in the cloud tier."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Protocol, TypeVar

import platformdirs

from pointsman.build.terms import digest_of, key_of, models_of, secret, terms_of
from pointsman.config import cloud
from pointsman.config.model import Config
from pointsman.config.tiers import CloudTier
from pointsman.core.category import Catalogue
from pointsman.core.decision import Verdict
from pointsman.core.faults import ServiceFailed
from pointsman.core.house import answers_in_house
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.providers import openai_server
from pointsman.providers.cloudflare import Cloudflare
from pointsman.providers.groq import Groq, PromptGuard
from pointsman.providers.huggingface import HUB, HuggingFace, ZeroShotOracle
from pointsman.providers.label_choice import ChatLabeller
from pointsman.providers.ollama.embedding import OllamaEmbeddings
from pointsman.providers.openai_server import OpenAiServer
from pointsman.providers.remote.caller import Caller
from pointsman.providers.remote.embeddings import RemoteEmbedder
from pointsman.providers.remote.ledger import Shelf
from pointsman.providers.remote.status import ServiceStatus
from pointsman.providers.remote.wire import Request, Wire
from pointsman.providers.sentiment import Sentiment
from pointsman.providers.systemone import DecisionOracle
from pointsman.stores.vectors import VectorLibrary
from pointsman.tiers.cascade import Bars, Tier
from pointsman.tiers.cloud import GRACE, Cloud, Member, Privacy, Sensor
from pointsman.tiers.decider import Decider
from pointsman.tiers.judge import Judge
from pointsman.tiers.remote_neighbours import RemoteNeighbours
from pointsman.tiers.surroundings import Surroundings

# A list is asked for once more without the key, to see whether it is for everybody.
KEYLESS_SECONDS: Final = 5.0

Spoken = Groq | Cloudflare | HuggingFace | OpenAiServer


@dataclass(frozen=True, slots=True)
class Times:
    """How time is told and chance drawn, where tests do both by themselves."""

    clock: Clock = time.monotonic
    now: Clock = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class Service:
    """One service: how it is configured, how it is spoken to, and who calls it."""

    settings: cloud.Service
    spoken: Spoken
    caller: Caller
    wire: Wire

    @property
    def name(self) -> str:
        """What it is called in traces and commands."""
        return self.settings.name

    @property
    def local(self) -> bool:
        """Whether what it is told stays here."""
        return cloud.is_local(self.settings)

    @property
    def at_home(self) -> bool:
        """Whether it is in the house: as it is configured, else by its address; its answers must be its own."""
        settings = self.settings
        if not isinstance(settings, cloud.Ollama | cloud.OpenAiServer) or settings.local is False:
            return False
        return self.local or answers_in_house(settings.url, settings.models)

    async def listing(self) -> tuple[str, ...]:
        """The models that it serves now. Raises ServiceFailed."""
        if isinstance(self.spoken, HuggingFace):
            return await self.spoken.listing(self.caller, self.caller.models)
        return await self.spoken.listing(self.caller)

    async def lets_in(self) -> bool:
        """Whether its list, which has just come, shows that it takes the key.

        Not where whoever has none is given it too, which is tried where that is not known. Where no key is sent, there
        is none that could be wrong.
        """
        spoken = self.spoken
        if not isinstance(spoken, HuggingFace | OpenAiServer) or not spoken.lists_to_all or not key_of(self.settings):
            return True
        try:
            reply = await self.wire.send(Request("GET", spoken.listed_at), KEYLESS_SECONDS)
        except ServiceFailed:
            return False
        fault = spoken.fault_of(reply, "")
        return fault is not None and fault.kind == "auth"


class Closable(Protocol):
    """Something that holds connections or files."""

    async def close(self) -> None:
        """Lets go of them."""
        ...


class Services:
    """All services that may be asked, in their order; a stage waits `grace` seconds longer than its tier that asks."""

    grace: ClassVar[float] = GRACE

    def __init__(self, services: Sequence[Service], shelf: Closable, times: Times) -> None:
        self._services = tuple(services)
        self._shelf = shelf
        self._times = times
        self._tiers: list[Closable] = []

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def tier(
        self,
        tier: CloudTier,
        config: Config,
        catalogue: Catalogue,
        surroundings: Callable[[], Surroundings],
        *,
        leaning: Callable[[Message], Verdict] | None,
    ) -> Cloud:
        """The tier that asks them; what the local tiers lean to backs what they say."""
        rules = config.cloud.privacy
        return Cloud(
            self.members(tier, config, catalogue, surroundings),
            catalogue,
            bars=Bars(tier.accept, tier.accept_by_category),
            privacy=Privacy(rules.direct_messages, rules.surfaces, rules.categories, rules.redact),
            leaning=leaning,
            sensors=self.sensors,
            deadline=tier.deadline,
            hedge=tier.hedge,
            clock=self._times.clock,
            sleep=self._times.sleep,
        )

    def members(
        self, tier: CloudTier, config: Config, catalogue: Catalogue, surroundings: Callable[[], Surroundings]
    ) -> tuple[Member, ...]:
        """Their places in the cloud tier; `surroundings` is asked for only where chat models are shown examples."""
        made = []
        for service in self._services:
            asking = tier_of(service, tier, config, catalogue, surroundings)
            if isinstance(asking, RemoteNeighbours):
                self._tiers.append(asking)
            made.append(Member(service.name, asking, service.local, service.caller.p95, service.at_home))
        return tuple(made)

    @property
    def sensors(self) -> tuple[Sensor, ...]:
        """What else is asked about messages that leave this machine."""
        return tuple(sensor for service in self._services for sensor in sensors_of(service))

    async def statuses(self) -> list[ServiceStatus]:
        """How each stands: what is left in calls, circuits, counts, times."""
        return [await service.caller.status() for service in self._services]

    async def close(self) -> None:
        """Ends what goes on in the background, and lets go of connections and files."""
        for part in (*self._tiers, *(service.caller for service in self._services), self._shelf):
            await part.close()


def open_services(
    config: Config, shelf: Any, *, only: str = "", patience: float = 10.0, times: Times | None = None
) -> Services:
    """The services that are switched on and have a key, or the one named `only`; nothing is sent yet."""
    times = times or Times()
    chosen = [settings for settings in config.cloud.services if only in {"", settings.name}]
    return Services([open_service(settings, shelf, patience, times) for settings in chosen], shelf, times)


def open_service(settings: cloud.Service, shelf: Shelf, patience: float, times: Times) -> Service:
    """One service."""
    limits, recovery = terms_of(settings)
    spoken = spoken_to(settings, times.now)
    # What stays here is not handed to a proxy either.
    wire = Wire(settings.name, clock=times.clock, directly=cloud.is_local(settings))
    caller = Caller(
        embeds_of(settings, spoken, times.now),
        wire,
        shelf,
        models=models_of(settings),
        limits=limits,
        credential_digest=digest_of(settings),
        recovery=recovery,
        clock=times.clock,
        now=times.now,
        sleep=times.sleep,
        chance=times.chance,
        patience=patience,
    )
    return Service(settings, spoken, caller, wire)


def spoken_to(settings: cloud.Service, now: Clock) -> Spoken:
    """How a service is spoken to."""
    match settings:
        case cloud.Groq():
            return Groq(secret(settings.key), url=settings.url, now=now)
        case cloud.Cloudflare():
            return Cloudflare(
                settings.account or "", secret(settings.token), url=settings.url, pooling=settings.pooling, now=now
            )
        case cloud.HuggingFace():
            own = settings.url != cloud.HuggingFace.model_fields["url"].default
            # A key for somebody else's gateway is not for the hub.
            return HuggingFace(secret(settings.token), url=settings.url, hub="" if own else HUB, now=now)
        case cloud.Ollama():
            return openai_server.ollama(settings.url, now=now)
        case cloud.OpenAiServer():
            form = None if settings.format == "auto" else settings.format
            key = secret(settings.key)
            return OpenAiServer(settings.name, settings.url, key, form=form, logprobs=settings.logprobs, now=now)


S = TypeVar("S", bound=Spoken)


def embeds_of(settings: cloud.Service, spoken: S, now: Clock) -> S | OllamaEmbeddings:
    """Who is asked for vectors: Ollama in its own language, in which the context is said and so the memory bounded."""
    if isinstance(settings, cloud.Ollama) and settings.asks == "embeddings":
        return OllamaEmbeddings(settings.url, now=now)
    return spoken


def tier_of(
    service: Service,
    tier: CloudTier,
    config: Config,
    catalogue: Catalogue,
    surroundings: Callable[[], Surroundings],
) -> Tier:
    """How a service is asked what a message wants."""
    caller = service.caller
    match service.settings.asks, service.spoken:
        case "zero_shot", HuggingFace() as spoken:
            return Decider(ZeroShotOracle(caller, spoken), catalogue, name=service.name)
        case "decisions", Cloudflare() | OpenAiServer() as spoken:
            return Decider(DecisionOracle(caller, spoken), catalogue, name=service.name)
        case "embeddings", Cloudflare() | HuggingFace() | OpenAiServer() as spoken:
            library = VectorLibrary(platformdirs.user_cache_path("pointsman") / "services")
            embedder = RemoteEmbedder(caller, embeds_of(service.settings, spoken, time.time), caller.models[0])
            return RemoteNeighbours(embedder, library, catalogue, k=tier.k, name=service.name)
    return Judge(
        surroundings(),
        ChatLabeller(caller, service.spoken),
        catalogue,
        fallback=config.fallback,
        k=tier.k,
        trust=service.settings.trust,
        shows_corrections=service.local,
        name=service.name,
    )


def sensors_of(service: Service) -> list[Sensor]:
    """The sensors that a service has, where they are switched on."""
    match service.settings, service.spoken:
        case cloud.Groq(prompt_guard=str(model)), Groq() as groq:
            return [PromptGuard(service.caller, groq, model)]
        case cloud.Cloudflare(sentiment=True), Cloudflare() as cloudflare:
            return [Sentiment(service.caller, cloudflare)]
    return []
