"""Who takes part in `pointsman bench`: the local tiers, the cascade of them, a small model, the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from pointsman.build.services import Services
    from pointsman.config.cloud import Service
    from pointsman.config.model import Config
    from pointsman.config.tiers import Tier as TierConfig
    from pointsman.core.category import Catalogue, Utterance
    from pointsman.core.decision import Decision, Verdict
    from pointsman.core.message import Message
    from pointsman.core.ports import ChatModel
    from pointsman.observe.latency import Kind
    from pointsman.tiers.cascade import Stage
    from pointsman.tiers.cloud import Member
    from pointsman.tiers.surroundings import Surroundings

CASCADE: Final = "cascade"
MODEL: Final = "model"
CLOUD: Final = "cloud"
LOCAL_CALLS: Final = 200
# Seconds that a service may take: the cloud tier waits 2, and how slow a slow one is shows only in more.
PATIENCE: Final = 10.0
KEYS: Final = {"groq": "GROQ_API_KEY", "cloudflare": "CLOUDFLARE_API_TOKEN and _ACCOUNT_ID", "huggingface": "HF_TOKEN"}

Said = Callable[["Message"], "Verdict | Decision | Awaitable[Verdict | Decision]"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who is asked `calls` messages.

    `shown` makes a message what it is for the contestant when its turn comes, which is not timed. `ready` comes
    before the first call, sends more than the messages, and says what keeps it from being asked ("": nothing); `warm`
    comes after it. With `waits`, what `ask` gives is awaited.
    """

    name: str
    kind: Kind
    ask: Said
    calls: int
    waits: bool = False
    shown: Callable[[Message], Message] = lambda message: message
    ready: Callable[[], Awaitable[str]] | None = None
    warm: Callable[[], Awaitable[None]] | None = None


@dataclass(slots=True)
class Field:
    """The contestants: those that are quick and in this process, and the `slow` ones; with what is to be closed.

    `skipped` says of others why they do not take part; `services` are asked by some.
    """

    local: list[Contestant] = field(default_factory=list)
    slow: list[Contestant] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    services: Services | None = None
    models: dict[str, ChatModel] = field(default_factory=dict)

    async def close(self) -> None:
        """Lets go of models, connections and files."""
        for model in self.models.values():
            await model.close()
        if self.services:
            await self.services.close()


def names_in(config: Config) -> tuple[str, ...]:
    """Whom `--only` can name."""
    from pointsman.config.cloud import SERVICES

    tiers = [tier.kind for tier in local_tiers(config)]
    services = [*SERVICES, *(server.name for server in config.cloud.servers)]
    return tuple(dict.fromkeys((*tiers, CASCADE, MODEL, *services, CLOUD)))


def local_tiers(config: Config) -> list[TierConfig]:
    """The tiers that are on and ask nobody; the cache is none of them, as it only repeats what others answered."""
    from pointsman.config.tiers import CacheTier, CloudTier, JudgeTier

    return [tier for tier in config.tiers if tier.enabled and not isinstance(tier, CloudTier | CacheTier | JudgeTier)]


def open_field(config: Config, catalogue: Catalogue, only: Collection[str], calls: int | None) -> Field:
    """Everybody who can be asked, or those that are named. Raises ConfigError, ModelFileError."""

    def wanted(name: str) -> bool:
        return not only or name in only

    made = Field()
    tiers = local_tiers(config)
    made.local = [tier_alone(tier, tiers, config, catalogue) for tier in tiers if wanted(tier.kind)]
    if wanted(CASCADE):
        made.local.append(whole_cascade(tiers, config, catalogue))
    known = shared_surroundings(config, catalogue)
    if wanted(MODEL):
        add_model(made, config, catalogue, known, 5 if calls is None else calls)
    names = {name for name in names_in(config) if wanted(name)}
    add_services(made, config, catalogue, known, names=names, calls=10 if calls is None else calls)
    if CLOUD in only and not any(it.kind == "cloud" for it in made.slow):
        made.skipped[CLOUD] = "there are no two services that may be asked"
    return made


def tier_alone(tier: TierConfig, tiers: Iterable[TierConfig], config: Config, catalogue: Catalogue) -> Contestant:
    """A tier by itself, with an encoder of its own: what another one has read of a message does not help it."""
    from pointsman.config.tiers import FollowUpsTier
    from pointsman.core.message import Message
    from pointsman.tiers.asking import ask

    others: list[TierConfig] = [tier]
    if isinstance(tier, FollowUpsTier):
        others = list(tiers)  # which it leans on
    stage = stages_of(others, config, catalogue)[others.index(tier)]

    async def rehearse() -> None:
        for utterance in rehearsed(catalogue):
            await ask(stage, Message(utterance.text))

    warm = rehearse if stage.rehearses else None
    return Contestant(tier.kind, "tier", stage.tier.judge, LOCAL_CALLS, warm=warm)


def rehearsed(catalogue: Catalogue) -> tuple[Utterance, ...]:
    """The utterances that whoever builds as it goes what words need is warmed with, as in a server that starts."""
    from pointsman.tiers.rehearsal import REHEARSED

    return catalogue.utterances[::REHEARSED]


def stages_of(tiers: Iterable[TierConfig], config: Config, catalogue: Catalogue) -> list[Stage]:
    """These tiers, as if there were no others and nothing had been learned."""
    from pointsman.build import open_stages, open_surroundings, open_watch
    from pointsman.cli.session import tell
    from pointsman.tiers.learned import LearnedNow

    learned = LearnedNow()
    known = cache(lambda: open_surroundings(config, catalogue, tell, learned))
    shown = config.model_copy(update={"tiers": tuple(tiers)})
    return open_stages(shown, catalogue, known, learned, {}, watch=open_watch(config, catalogue))


def whole_cascade(tiers: Iterable[TierConfig], config: Config, catalogue: Catalogue) -> Contestant:
    """All local tiers in their order, with the watch before and the slots after them."""
    from pointsman.build import open_surroundings
    from pointsman.build.stages import open_cascade
    from pointsman.cli.session import tell
    from pointsman.tiers.learned import LearnedNow

    learned = LearnedNow()
    known = cache(lambda: open_surroundings(config, catalogue, tell, learned))
    shown = config.model_copy(update={"tiers": tuple(tiers)})
    cascade, _ = open_cascade(shown, catalogue, known, learned, {})
    return Contestant(CASCADE, "cascade", cascade.decide, LOCAL_CALLS, waits=True, warm=cascade.warm)


def shared_surroundings(config: Config, catalogue: Catalogue) -> Callable[[], Surroundings]:
    """Where messages lie, opened when it is first asked for: models are shown what is near."""
    from pointsman.build import open_surroundings
    from pointsman.cli.session import tell

    return cache(lambda: open_surroundings(config, catalogue, tell)[1])


def reading(known: Callable[[], Surroundings], message: Message) -> Message:
    """The message, read by the encoder: before a model is asked, the local tiers have always done so."""
    known().of(message.look.strip())
    return message


def add_model(made: Field, config: Config, catalogue: Catalogue, known: Callable[[], Surroundings], calls: int) -> None:
    """The small chat model in this process, asked what each message wants; or why it cannot be."""
    from pointsman.build import open_models
    from pointsman.build.gpu import Held
    from pointsman.build.judging import judge_for
    from pointsman.cli.models import of_file
    from pointsman.config.models import EmbeddedModel, OpenAiModel
    from pointsman.config.tiers import JudgeTier
    from pointsman.core.errors import MissingExtra, ModelFileError

    small = config.models.small
    if isinstance(small, OpenAiModel):
        made.skipped[MODEL] = "models.small is on a server; list it under cloud.servers"
        return
    try:
        if isinstance(small, EmbeddedModel):
            of_file(small)
    except (MissingExtra, ModelFileError) as error:
        made.skipped[MODEL] = f"{error.message}; {error.cure}"
        return
    set_up = next((tier for tier in config.tiers if isinstance(tier, JudgeTier)), JudgeTier())
    tier = set_up.model_copy(update={"model": "small", "decides": True})
    made.models = open_models(config)
    judge = judge_for(tier, config, catalogue, surroundings=known(), models=made.models, held=Held(), leaning=None)
    shown = cast("Callable[[Message], Message]", lambda message: reading(known, message))
    made.slow.append(Contestant(MODEL, "model", judge.judge, calls, waits=True, shown=shown))


def add_services(
    made: Field,
    config: Config,
    catalogue: Catalogue,
    known: Callable[[], Surroundings],
    *,
    names: AbstractSet[str],
    calls: int,
) -> None:
    """Each service that may be asked, as the cloud tier asks it, and that tier when it has several."""
    from pointsman.build.services import open_services
    from pointsman.config.tiers import CloudTier
    from pointsman.stores.shelf import SqliteShelf

    made.skipped |= {name: why for name, why in unasked(config).items() if name in names}
    tier = next((tier for tier in config.tiers if tier.enabled and isinstance(tier, CloudTier)), None)
    asked = [service.name for service in config.cloud.services]
    if tier is None or not names & {*asked, *([CLOUD] if len(asked) > 1 else [])}:
        return
    made.services = open_services(config, SqliteShelf(config.store.path))
    patient = tier.model_copy(update={"deadline": max(tier.deadline, PATIENCE)})
    cloud = made.services.tier(patient, config, catalogue, known, leaning=None)
    made.slow += [service_of(member, known, calls) for member in cloud.members if member.name in names]
    if CLOUD in names and len(cloud.members) > 1:
        made.slow.append(Contestant(CLOUD, "cloud", cloud.judge, calls, waits=True))


def service_of(member: Member, known: Callable[[], Surroundings], calls: int) -> Contestant:
    """One service by itself: it sees what the cloud tier would show it, for as long as it takes."""
    from pointsman.core.deadline import within
    from pointsman.tiers.cloud import Privacy
    from pointsman.tiers.cloud.privacy import staying
    from pointsman.tiers.judge import Judge
    from pointsman.tiers.remote_neighbours import RemoteNeighbours

    tier = member.tier
    privacy = Privacy()

    def shown(message: Message) -> Message:
        sent = staying(message) if member.local else privacy.leaving(message)
        return reading(known, sent) if isinstance(tier, Judge) else sent

    async def ask(message: Message) -> Any:
        with within(PATIENCE):
            return await member.say(message)

    ready = tier.ready if isinstance(tier, RemoteNeighbours) else None
    return Contestant(member.name, "service", ask, calls, waits=True, shown=shown, ready=ready)


def unasked(config: Config) -> dict[str, str]:
    """Why a service that there is may not be asked."""
    from pointsman.config.cloud import SERVICES
    from pointsman.config.tiers import CloudTier

    cloud = config.cloud
    everyone = [*SERVICES, *(server.name for server in cloud.servers)]
    may = {service.name for service in cloud.services}
    if not any(tier.enabled and isinstance(tier, CloudTier) for tier in config.tiers):
        return dict.fromkeys(may, "the cloud tier is off")
    if not cloud.enabled:
        return dict.fromkeys(everyone, "cloud.enabled is false, or ROUTER_USE_CLOUD")
    sections: tuple[Service, ...] = (cloud.groq, cloud.cloudflare, cloud.huggingface, cloud.ollama, *cloud.servers)
    on = {settings.name: settings.enabled for settings in sections}
    return {
        name: f"no key: set {KEYS[name]}" if on[name] else f"it is switched off: cloud.{name}.enabled"
        for name in everyone
        if name not in may
    }
