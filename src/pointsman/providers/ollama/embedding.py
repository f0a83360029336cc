"""Vectors from Ollama's own /api/embed, which, unlike its /v1, lets us say how the model is loaded and for how long."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pointsman.core.faults import ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.ollama.said import plain
from pointsman.providers.openai_server import RULES
from pointsman.providers.remote import reading
from pointsman.providers.remote.asking import Ask, Metered
from pointsman.providers.remote.embeddings import Space
from pointsman.providers.remote.reading import Source
from pointsman.providers.remote.rules import Faults, Rule
from pointsman.providers.remote.wire import Reply, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Without it qwen3-embedding would take 32,768 tokens of context on a card of 24 GB, which is 3.7 GB for nothing.
CONTEXT: Final = 2048
DIMENSIONS: Final[Mapping[str, int]] = MappingProxyType({"all-minilm": 384, "qwen3-embedding:0.6b": 1024})
# Which status comes with it depends on who noticed: Ollama, or the llama.cpp beneath it.
NO_VECTORS: Final = Rule("model_gone", "it is no embedding model", {400, 500, 501}, words=("does not support embed",))


class OllamaEmbeddings:
    """Embedding models of an Ollama (`remote.embeddings.Embeds` and `remote.asking.Service`).

    `keep_alive` None leaves the model in memory as long as Ollama does by itself; `context` is in tokens.
    """

    extras = False

    def __init__(
        self,
        url: str,
        *,
        name: str = "ollama",
        key: str = "",
        context: int = CONTEXT,
        keep_alive: float | None = None,
        now: Clock = time.time,
    ) -> None:
        self.name = name
        self._url = f"{url.rstrip('/')}/api/embed"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._runner = RunnerOptions(context)
        self._keep_alive = keep_alive
        self._faults = Faults(name, NO_VECTORS, *RULES, now=now)

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        return self._faults.fault_of(reply, model)

    def metered(self, reply: Reply) -> Metered:  # noqa: ARG002 - a machine of one's own has no limits
        """Nothing: it costs nothing."""
        return Metered()

    def space_of(self, model: str) -> Space:
        """Where a model's vectors live; how long they are is known of few."""
        return Space(dims=DIMENSIONS.get(plain(model)))

    def vectors(self, model: str, texts: Sequence[str], dims: int | None) -> Ask[NDArray[np.float32]]:
        """The call that asks for a vector for each text; what is longer than the context is cut."""
        setup = Setup(model, self._runner, self._keep_alive)
        body = {**setup.body(), "input": list(texts), "truncate": True}
        read = Source(self.name, model).reader(
            lambda said, source: reading.unit_vectors(reading.at(said, "embeddings"), len(texts), dims, source)
        )
        return Ask(Request("POST", self._url, self._headers, body), read)
