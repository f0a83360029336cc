"""What a router is made of beside its tiers: models, the store, the guard, the slots, the encoder and what it read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import platformdirs
from numpy.typing import NDArray

from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel, Model, OpenAiModel
from pointsman.config.ollama import OllamaModel
from pointsman.config.tiers import NeighboursTier
from pointsman.core.category import Catalogue, Utterance
from pointsman.core.errors import ConfigError
from pointsman.core.ports import ChatModel
from pointsman.engine.decisionlog import DecisionLog
from pointsman.providers import embedded
from pointsman.providers.embedded import Embedded
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.stores.sqlite import SqliteStore
from pointsman.tiers import slots
from pointsman.tiers.cascade import FindSlots
from pointsman.tiers.encoder import Reading
from pointsman.tiers.fast import FAST_FILE, FastModel
from pointsman.tiers.guard.guard import Guard
from pointsman.tiers.guard.head import GUARD_FILE, GuardHead
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.slots.finder import SlotFinder
from pointsman.tiers.slots.tagger import SLOTS_FILE, Tagger
from pointsman.tiers.slots.tagger import read as read_taggers
from pointsman.tiers.surroundings import Surroundings, legible
from pointsman.tiers.watch import Watch

if TYPE_CHECKING:
    from pointsman.build.gpu import Ollamas
    from pointsman.providers.ollama.chat import OllamaChat
    from pointsman.providers.openai_chat import OpenAiChat

Tell = Callable[[str], None]


def open_models(config: Config, ollamas: Ollamas | None = None) -> dict[str, ChatModel]:
    """The chat models by name; none is loaded, and no server asked, before it is needed. Raises ConfigError."""
    main, small = config.models.main, config.models.small
    if main != small and name_of(main) == name_of(small):
        raise ConfigError(f"models.main and models.small are both called {name_of(main)}", cure="give one a `name`")
    return {name_of(model): open_model(model, ollamas, arbiter=config.gpu.enabled) for model in (small, main)}


def open_model(settings: Model, ollamas: Ollamas | None, *, arbiter: bool) -> ChatModel:
    """One chat model; with an `arbiter`, an Ollama keeps it until the arbiter sends it away."""
    match settings:
        case EmbeddedModel():
            return Embedded.from_config(settings)
        case OpenAiModel():
            return open_remote(settings)
        case OllamaModel():
            return open_ollama_chat(settings, ollamas, arbiter=arbiter)


def open_ollama_chat(settings: OllamaModel, ollamas: Ollamas | None, *, arbiter: bool) -> OllamaChat:
    """A chat model of an Ollama. Raises ConfigError."""
    from pointsman.build.gpu import Ollamas
    from pointsman.providers.ollama.chat import OllamaChat

    return OllamaChat.from_config(settings, (ollamas or Ollamas()).of(settings), arbiter=arbiter)


def open_remote(settings: OpenAiModel) -> OpenAiChat:
    """A chat model on a server."""
    from pointsman.providers.openai_chat import OpenAiChat
    from pointsman.providers.openai_server import OpenAiServer

    return OpenAiChat.from_config(settings, OpenAiServer(urlsplit(settings.url).netloc, settings.url))


def name_of(settings: Model) -> str:
    """What clients call a chat model."""
    match settings:
        case EmbeddedModel():
            return embedded.name_of(settings)
        case OpenAiModel():
            from pointsman.providers import openai_settings

            return openai_settings.name_of(settings)
        case OllamaModel():
            return settings.name or settings.model


def open_store(config: Config) -> DecisionLog:
    """The decision store."""
    return SqliteStore(config.store.path, keep_text_seconds=config.store.keep_text)


def open_watch(config: Config, catalogue: Catalogue) -> Watch | None:
    """Who looks at messages before the tiers do, if anybody."""
    if not config.safety.enabled:
        return None
    return Guard(guard_head(stamped(models_folder() / GUARD_FILE)), catalogue.names, config.safety.threshold)


def open_slots(known: Callable[[], tuple[Head, Surroundings]]) -> FindSlots:
    """What finds slots: the rules and the shipped taggers; the rules alone where no tagger was shipped."""
    file = models_folder() / SLOTS_FILE
    if not file.is_file():
        return slots.find

    def reading(text: str) -> Reading:
        return known()[1].reading(text)  # opened only when it is asked for

    return SlotFinder(taggers(stamped(file), encoder_of(models_folder(), 1).fingerprint), reading)


@dataclass(frozen=True, slots=True)
class Stamped:
    """A model file, as it was when it was looked at: what was read from it is read again when it has changed."""

    path: Path
    changed: int
    size: int


def stamped(path: Path) -> Stamped:
    """A file as it is now; whoever reads one that is not there says so."""
    try:
        found = path.stat()
    except OSError:
        return Stamped(path, 0, 0)
    return Stamped(path, found.st_mtime_ns, found.st_size)


# A reload, or a second router, goes on with what was read from these files: each is in memory once.
@cache
def fast_model() -> FastModel:
    """The fast tier's network, which the shipped head looks at too."""
    return FastModel.read(models_folder() / FAST_FILE)


@lru_cache(maxsize=1)
def guard_head(file: Stamped) -> GuardHead:
    """The guard's weights. Raises ModelFileError."""
    return GuardHead.read(file.path)


@lru_cache(maxsize=1)
def taggers(file: Stamped, fingerprint: str) -> dict[str, Tagger]:
    """The slot taggers of an encoder. Raises ModelFileError."""
    return read_taggers(file.path, fingerprint)


@lru_cache(maxsize=2)
def encoder_of(folder: Path, threads: int) -> MiniLm:
    """The encoder whose files are in a folder; nothing is opened yet."""
    return MiniLm(folder, threads=threads)


@dataclass(frozen=True, slots=True)
class Known:
    """What the tiers that look at meanings start from: `vectors` are the utterances', float32 [utterances, 384]."""

    encoder: MiniLm
    head: Head
    utterances: tuple[Utterance, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """All that this depends on, and who hears how far it is."""

    catalogue: Catalogue
    encoder: MiniLm
    head: Stamped
    shipped: Stamped
    cache_folder: Path
    progress: Tell | None = field(compare=False)

    def tell(self, done: int, total: int) -> None:
        """So many utterances of all that are new have been embedded."""
        if self.progress and (done == total or done % 100 == 1):
            self.progress(f"embedding utterances that are new here: {done} of {total}")


@lru_cache(maxsize=1)
def known_of(asked: Asked) -> Known:
    """The head, and the vectors of all utterances that the encoder can read. Raises ModelFileError."""
    encoder = asked.encoder
    head = Head.read(asked.head.path, encoder.fingerprint, fast_model)
    utterances = legible(asked.catalogue.utterances, encoder)
    found = vectors.vectors_for(
        [utterance.text for utterance in utterances],
        encoder,
        shipped=asked.shipped.path,
        cache_folder=asked.cache_folder,
        progress=asked.tell,
    )
    return Known(encoder, head, utterances, found)


def open_surroundings(
    config: Config, catalogue: Catalogue, progress: Tell | None, learned: LearnedNow | None = None
) -> tuple[Head, Surroundings]:
    """The head, and the utterances with their vectors: shipped, cached, or embedded now."""
    trained = config.intents.trained or models_folder()
    known = known_of(
        Asked(
            catalogue,
            encoder_of(models_folder(), config.encoder.threads),
            stamped(trained / HEAD_FILE),
            stamped(trained / vectors.SHIPPED),
            platformdirs.user_cache_path("pointsman"),
            progress,
        )
    )
    k = next((tier.k for tier in config.tiers if isinstance(tier, NeighboursTier)), NeighboursTier().k)
    return known.head, Surroundings(known.encoder, known.utterances, known.vectors, k=k, learned=learned)
