"""Vectors from remote models: texts in batches that the model takes, vectors of one length and one kind out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pointsman.providers.remote.asking import Ask, Calls
from pointsman.providers.remote.reading import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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

    `fingerprint` names the space that the vectors live in: service, model, pooling and dimensions ("any" where those
    are not known beforehand; they still have to be the same every time).
    """

    def __init__(self, calls: Calls, service: Embeds, model: str, *, dims: int | None = None, name: str = "") -> None:
        self.name = name or service.name
        self.model = model
        self._calls = calls
        self._service = service
        self._space = service.space_of(model)
        self._dims = dims or self._space.dims
        self.fingerprint = f"{self.name}/{model}/{self._space.pooling}/{self._dims or 'any'}"

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, float32 [texts, dims]. Raises ServiceFailed, also when one batch of several failed."""
        import numpy as np

        found = [await self._batch(batch) for batch in batches(texts, self._space)]
        return np.concatenate(found) if found else np.zeros((0, self._dims or 0), dtype=np.float32)

    async def _batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        called = await self._calls.call(lambda model: self._service.vectors(model, texts, self._dims), (self.model,))
        dims = int(called.value.shape[1])
        if self._dims not in {None, dims}:  # two batches at once, before either was the first
            raise Source(self._service.name, self.model).unusable("gave vectors of different lengths", retry=False)
        self._dims = dims
        return called.value


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
