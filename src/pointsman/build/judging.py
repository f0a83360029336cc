"""Wires the judge: an embedded model, or one of an Ollama under a lease of the card."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from pointsman.build.gpu import Held, backend_of
from pointsman.build.parts import name_of
from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel
from pointsman.config.ollama import OllamaModel
from pointsman.config.tiers import JudgeTier
from pointsman.core.category import Catalogue
from pointsman.core.decision import Verdict
from pointsman.core.errors import ConfigError
from pointsman.core.house import answers_in_house
from pointsman.core.message import Message
from pointsman.core.ports import ChatModel
from pointsman.engine.leasing import Leases
from pointsman.gpu.want import Rung, Want
from pointsman.providers.embedded import Embedded
from pointsman.providers.embedded_labeller import EmbeddedLabeller
from pointsman.tiers.judge import Choice, Judge, Labeller
from pointsman.tiers.question import Question
from pointsman.tiers.surroundings import Surroundings

# A message waits for its judge; a load of a tiny model takes one or two seconds, and for more nobody waits.
JUDGE_WAITS: Final = 3.0
JUDGE_SECONDS: Final = 0.5


def judge_for(
    tier: JudgeTier,
    config: Config,
    catalogue: Catalogue,
    *,
    surroundings: Surroundings,
    models: Mapping[str, ChatModel],
    held: Held,
    leaning: Callable[[Message], Verdict] | None,
) -> Judge:
    """The judge; unless it decides by itself, it backs `leaning`. Raises ConfigError."""
    return Judge(
        surroundings,
        labeller_for(tier, config, models, held),
        catalogue,
        fallback=config.fallback,
        k=tier.k,
        trust=tier.trust,
        leaning=leaning,
        remote=is_elsewhere(tier, config),
    )


def is_elsewhere(tier: JudgeTier, config: Config) -> bool:
    """Whether the judge's model answers outside the house."""
    settings = config.models.small if tier.model == "small" else config.models.main
    return isinstance(settings, OllamaModel) and not answers_in_house(settings.url, settings.ids)


def labeller_for(tier: JudgeTier, config: Config, models: Mapping[str, ChatModel], held: Held) -> Labeller:
    """Who names labels for the judge. Raises ConfigError for a model on a server of another kind."""
    settings = config.models.small if tier.model == "small" else config.models.main
    if isinstance(settings, OllamaModel):
        return ollama_labeller(settings, config, held)
    model = models[name_of(settings)]
    if not isinstance(settings, EmbeddedModel) or not isinstance(model, Embedded):
        raise ConfigError(
            f"the judge is to ask models.{tier.model}, which is on a server; it can ask an embedded one or an Ollama",
            cure="set `model` of the judge to the other, or have the server asked by the cloud tier: cloud.servers",
        )
    return EmbeddedLabeller(model)


def ollama_labeller(settings: OllamaModel, config: Config, held: Held) -> Labeller:
    """A model of an Ollama as the judge: the main model as it is loaded for chats, any other gone after its answer."""
    from pointsman.build.ladders import OllamaTrack
    from pointsman.providers.ollama.asking import Setup
    from pointsman.providers.ollama.keep_alive import FOREVER
    from pointsman.providers.ollama.labels import OllamaLabeller

    ollama = held.ollamas.of(settings)
    track = OllamaTrack(settings, ollama, backend_of(config, settings.url), {})
    kept = settings.judge_keep_alive if settings != config.models.main else settings.keep_alive
    labeller = OllamaLabeller(
        ollama, Setup(settings.model, track.runner, FOREVER if kept is None else kept), name=track.name
    )
    return LeasedLabeller(labeller, track, held.owner)


class Rungs(Protocol):
    """Who knows what a model takes of the card."""

    async def rung(self) -> Rung:
        """The rung at which it is asked. Raises UnknownModel, Unreachable."""
        ...


class LeasedLabeller:
    """Asks a model for labels while it holds a lease of the card (tiers.judge.Labeller)."""

    def __init__(self, labeller: Labeller, track: Rungs, owner: Callable[[], Awaitable[Leases | None]]) -> None:
        self.name = labeller.name
        self._labeller = labeller
        self._track = track
        self._owner = owner

    async def label(self, question: Question, sample: int = 0) -> Choice:
        """The label. Raises NoRoom where the card is taken, and what the labeller raises."""
        leases = await self._owner()
        if leases is None:
            return await self._labeller.label(question, sample)
        rung = await self._track.rung()
        ticket = leases.request(Want("decide", (rung,), deadline=JUDGE_WAITS, seconds=JUDGE_SECONDS, evicts=False))
        try:
            await ticket.lease()
            return await self._labeller.label(question, sample)
        finally:
            ticket.give_back()
