"""The utterances that a service embeds: which ones, where their vectors are kept, and how the missing ones come in."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Utterance
from pointsman.core.deadline import within
from pointsman.core.errors import PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import digest_of
from pointsman.tiers.encoder import Vector

BATCH: Final = 96  # texts; the services take 100
BATCH_SECONDS: Final = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0  # seconds after a failure that says nothing of how long to wait
OWN_REST: Final = 30.0  # after something failed on this machine
LONG_REST: Final = 90.0  # seconds: a limit of a minute is there again sooner
# Where so many single texts in a row are refused, and none is taken, the texts are not what is wrong.
MOST_REFUSED: Final = 3

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class Embedder(Protocol):
    """A service's model that turns texts into vectors.

    `fingerprint` names the space that its latest ones live in: service, model, pooling, dimensions. It may change with
    any answer.
    """

    fingerprint: str

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, float32 [texts, dimensions]. Raises ServiceFailed."""
        ...


class Library(Protocol):
    """Where vectors are kept between two starts, by fingerprint and then by the digests of their texts."""

    def load(self, fingerprint: str) -> dict[str, Vector]:
        """What is kept; nothing where that cannot be read."""
        ...

    def save(self, fingerprint: str, vectors: Mapping[str, Vector]) -> dict[str, Vector]:
        """Adds to what is kept, and gives all of it as `load` would: rounded, and of the length of the new ones.

        That it cannot be written is no error.
        """
        ...


class Exemplars:
    """The utterances that messages are compared with, and their vectors as far as they are known.

    A text that the service refuses by itself, or finds too long, is left out, and that is logged once.
    `trouble` is what failed last, and `rests_long` set while the next try is more than 90 s after that.
    """

    def __init__(
        self,
        utterances: Iterable[Utterance],
        embedder: Embedder,
        library: Library,
        *,
        sleep: Sleep,
    ) -> None:
        self._utterances = {digest_of(utterance.text).hex(): utterance for utterance in utterances}
        self._embedder = embedder
        self._library = library
        self._sleep = sleep
        self._vectors: dict[str, Vector] = {}
        self._left_out: set[str] = set()
        self._told: set[str] = set()
        self._dimensions: int | None = None
        self._loaded = False
        self.trouble = ""
        self.rests_long = asyncio.Event()

    def __len__(self) -> int:
        return len(self._utterances) - len(self._left_out)

    @property
    def known(self) -> int:
        """Of how many the vectors are known."""
        return len(self._vectors)

    async def fill(self) -> None:
        """Embeds what the library does not hold, however long that takes; `trouble` says what keeps it."""
        if not self._loaded:
            self._take(await asyncio.to_thread(self._library.load, self._embedder.fingerprint))
            self._loaded = True
        pause, most = FIRST_PAUSE, BATCH
        refused: list[str] = []
        while missing := self._missing:
            batch = missing[:most]
            try:
                await self._embed(batch)
            except PointsmanError as error:
                if is_about_texts(error) and len(refused) < MOST_REFUSED:
                    if len(batch) > 1:
                        most = len(batch) // 2
                        continue
                    # The text by itself: it is left out, and the others go together again.
                    self._leave_out(batch[0], error)
                    refused.append(batch[0])
                    most = BATCH
                    continue
                self._left_out.difference_update(refused)
                refused = []
                self.trouble = error.message
                await self._rest(max(pause, rest_after(error)))
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                pause, self.trouble, refused = FIRST_PAUSE, "", []

    def matrix(self) -> tuple[list[Utterance], NDArray[np.float32]]:
        """The utterances whose vectors are known, and those, float32 [utterances, dimensions]."""
        utterances = [utterance for key, utterance in self._utterances.items() if key in self._vectors]
        vectors = [self._vectors[key] for key in self._utterances if key in self._vectors]
        return utterances, np.stack(vectors) if vectors else np.empty((0, 0), np.float32)

    def begin_anew(self, dimensions: int) -> None:
        """Has vectors of so many numbers found, in the library or by the service, in the place of those known."""
        self._vectors = {}
        self._dimensions = dimensions
        self._loaded = False

    @property
    def _missing(self) -> list[str]:
        return [key for key in self._utterances if key not in self._vectors and key not in self._left_out]

    def _leave_out(self, key: str, error: PointsmanError) -> None:
        self._left_out.add(key)
        if key not in self._told:
            self._told.add(key)
            # Without the text itself, as that may be a user's own.
            logger.warning(
                "an utterance of %s cannot be embedded and is left out: %s",
                self._utterances[key].category,
                error.message,
            )

    async def _rest(self, seconds: float) -> None:
        if seconds > LONG_REST:
            self.rests_long.set()
        try:
            await self._sleep(seconds)
        finally:
            self.rests_long.clear()

    async def _embed(self, keys: Sequence[str]) -> None:
        # A batch is in nobody's way, so it has a deadline of its own and not that of a message.
        with within(BATCH_SECONDS):
            made = await self._embedder.embed([self._utterances[key].text for key in keys])
        # A model may change under its name; then what it made before compares with nothing any more.
        known = {key: vector for key, vector in self._vectors.items() if vector.shape == made.shape[1:]}
        known.update(zip(keys, made, strict=True))
        self._dimensions = made.shape[1]
        self._take(await asyncio.to_thread(self._library.save, self._embedder.fingerprint, known))

    def _take(self, kept: Mapping[str, Vector]) -> None:
        # Without the service's word there is no telling which length is right: the first message tells it.
        wanted = None if self._dimensions is None else (self._dimensions,)
        self._vectors = {
            key: kept[key] for key in self._utterances if key in kept and wanted in {None, kept[key].shape}
        }


def is_about_texts(error: PointsmanError) -> bool:
    """Whether other texts, or fewer, may be taken where these were not."""
    if not isinstance(error, ServiceFailed) or not error.asked:
        return False
    return error.kind == "too_large" or (error.kind == "bad_request" and error.scope == "model")


def rest_after(error: PointsmanError) -> float:
    """How many seconds to leave a service alone after it failed; an hour where only somebody else can mend it."""
    if not isinstance(error, ServiceFailed):
        return OWN_REST
    if error.wait is not None:
        return error.wait
    rest = error.treatment.rest
    return rest if 0 < rest < math.inf else LONGEST_PAUSE


def spread(utterances: Iterable[Utterance], most: int) -> list[Utterance]:
    """At most so many utterances, one by one from every category in every language, each text once.

    Within these they are taken in the order of their digests: a new one takes the place of hardly any other.
    """
    groups: dict[tuple[str, str], list[Utterance]] = {}
    for utterance in {it.text: it for it in utterances if any(map(str.isalnum, it.text))}.values():
        groups.setdefault((utterance.category, utterance.language), []).append(utterance)
    for group in groups.values():
        group.sort(key=lambda utterance: digest_of(utterance.text))
    ranked = [(rank, place, it) for place, group in enumerate(groups.values()) for rank, it in enumerate(group)]
    return [utterance for _, _, utterance in sorted(ranked, key=lambda found: found[:2])[:most]]
