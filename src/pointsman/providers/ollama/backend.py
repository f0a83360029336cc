"""Ollama as a holder of the card's memory, for the arbiter: load, unload, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.core.errors import ModelFailed, OutOfMemory, PointsmanError, UnknownModel, Unreachable
from pointsman.gpu.backend import Loaded
from pointsman.gpu.want import Rung
from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.detached import Detached
from pointsman.providers.ollama.keep_alive import FOREVER
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.ollama.said import Running, plain

NAME: Final = "ollama"


def tenant_of(model: str, backend: str = NAME) -> str:
    """A model's name as a tenant of the card: ollama:qwen3:14b."""
    return f"{backend}:{plain(model)}"


@dataclass(frozen=True, slots=True)
class Brought:
    """What we loaded: the options that were asked for, and the context that Ollama made of them."""

    runner: RunnerOptions
    context: int


class OllamaBackend:
    """An Ollama as the arbiter sees it (`gpu.backend.Backend`).

    A rung's variant names its load-time options (`options.RunnerOptions`). `keep_alive` is for ever by default, as
    the arbiter sends models away.
    """

    loads_on_use = False

    def __init__(
        self,
        ollama: Ollama,
        *,
        name: str = NAME,
        keep_alive: float = FOREVER,
    ) -> None:
        self.name = name
        self._ollama = ollama
        self._keep_alive = keep_alive
        self._brought: dict[str, Brought] = {}
        self._detached = Detached()

    async def load(self, rung: Rung, device: str) -> None:  # noqa: ARG002 - Ollama picks among its cards itself
        """Brings a rung into memory; returns when it is there. Being cancelled here does not end the load.

        Raises OutOfMemory, Unreachable, ModelFailed.
        """
        model = self._model_of(rung.tenant)
        try:
            runner = RunnerOptions.of_variant(rung.variant)
            await self._detached.run((model, runner), lambda: self._bring(model, runner))
        except PointsmanError as error:
            raise as_backend(error) from error

    async def unload(self, tenant: str, *, deep: bool = False) -> None:  # noqa: ARG002 - it has no caches on the card
        """Asks for the memory back, and returns before it is free. Raises Unreachable, ModelFailed."""
        try:
            await self._ollama.unload(self._model_of(tenant))
        except UnknownModel:
            return  # deleted meanwhile; what is not there holds nothing
        except PointsmanError as error:
            raise as_backend(error) from error

    async def loaded(self) -> tuple[Loaded, ...]:
        """The models that it holds or is loading, whoever asked for them. Raises Unreachable, ModelFailed."""
        try:
            running = await self._ollama.running()
        except PointsmanError as error:
            raise as_backend(error) from error
        return tuple(Loaded(tenant_of(it.name, self.name), it.on_card, it.size, self._variant_of(it)) for it in running)

    async def _bring(self, model: str, runner: RunnerOptions) -> None:
        """Loads a model, and notes what came of its options."""
        await self._ollama.preload(Setup(model, runner, self._keep_alive))
        running = await self._ollama.is_loaded(model)
        if running is not None:
            self._brought[model] = Brought(runner, running.context)

    async def close(self) -> None:
        """Closes the connections."""
        await self._ollama.close()

    def _model_of(self, tenant: str) -> str:
        """The model that a tenant is."""
        return plain(tenant.removeprefix(f"{self.name}:"))

    def _variant_of(self, running: Running) -> str:
        """The variant that a model is in: the one that we loaded, unless its context tells of another load since.

        Ollama does not tell how many layers were asked for, and cuts a context down to what the model was made for.
        """
        brought = self._brought.get(plain(running.name))
        if brought is not None and brought.context == running.context:
            return brought.runner.variant
        return RunnerOptions(running.context).variant if running.context else ""


def as_backend(error: PointsmanError) -> PointsmanError:
    """An error as backends raise them: out of memory, nobody there, or a model that failed."""
    if isinstance(error, OutOfMemory | Unreachable | ModelFailed):
        return error
    return ModelFailed(error.message, cure=error.cure)
