"""Vectors from remote models: texts in batches that the model takes, vectors of one length and one kind out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from pointsman.providers.remote.asking import Ask, Calls

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# 96 vectors of 1,024 numbers take 2.1 MB as JSON, 100 of 4,096 numbers 9 MB.
MOST_BODY: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class Space:
    """Where a model's vectors live, and what it takes at once.

    `pooling` is how it makes one vector of many tokens' ("own" where that is not for us to choose); `dims` how many
    numbers a vector has, None where that is not known before the first. `most_each` characters of a text are sent.
    """

    pooling: str = "own"
    dims: int | None = None
    most_texts: int = 100
    most_characters: int = 60_000
    most_each: int = 2000


class Embeds(Protocol):
    """A service that has embedding models."""

    name: str

    def space_of(self, model: str) -> Space:
        """What is known of a model."""
        ...

    def vectors(self, model: str, texts: Sequence[str], dims: int | None) -> Ask[NDArray[np.float32]]:
        """The call that asks for a vector for each text; `dims` is how many numbers each has to have."""
        ...


class RemoteEmbedder:
    """Turns texts into vectors by one model of one service.

    `fingerprint` names the space that the latest vectors live in: service, model, pooling and dimensions ("any" where
    those were not known beforehand). It changes when the model begins to give vectors of another length; within one
    call they all have the same.
    """

    def __init__(self, calls: Calls, service: Embeds, model: str, *, name: str = "") -> None:
        self.name = name or service.name
        self.model = model
        self._calls = calls
        self._service = service
        self._space = service.space_of(model)
        self._expected = self._space.dims
        self._place = f"{self.name}/{model}/{self._space.pooling}"
        self.fingerprint = f"{self._place}/{self._expected or 'any'}"
        self._own = self.fingerprint

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, float32 [texts, dims]. Raises ServiceFailed, also when one batch of several failed."""
        import numpy as np

        found: list[NDArray[np.float32]] = []
        for batch in batches(texts, self._space):
            found.append(await self._batch(batch, found[0].shape[1] if found else None))
        if not found:
            return np.zeros((0, self._expected or 0), dtype=np.float32)
        dims = int(found[0].shape[1])
        # Where nothing was known beforehand, the first answer tells what to expect.
        self._expected = self._expected or dims
        self.fingerprint = self._own if dims == self._expected else f"{self._place}/{dims}"
        return np.concatenate(found)

    async def _batch(self, texts: Sequence[str], dims: int | None) -> NDArray[np.float32]:
        def ask(model: str) -> Ask[NDArray[np.float32]]:
            made = self._service.vectors(model, texts, dims)
            return replace(made, request=replace(made.request, most_body=MOST_BODY))

        return (await self._calls.call(ask, (self.model,))).value


def batches(texts: Sequence[str], space: Space) -> Iterator[list[str]]:
    """The texts in their order, cut to what is sent of each, as many together as the model takes."""
    batch: list[str] = []
    size = 0
    for text in texts:
        sent = text[: space.most_each] or " "  # some models refuse a text that is empty
        if batch and (len(batch) == space.most_texts or size + len(sent) > space.most_characters):
            yield batch
            batch, size = [], 0
        batch.append(sent)
        size += len(sent)
    if batch:
        yield batch
