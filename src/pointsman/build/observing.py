"""Has a router watched as its configuration says: metrics, the lines of the log, spans."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, runtime_checkable

from pydantic import BaseModel, SecretStr

from pointsman import __version__
from pointsman.build.gpu import backend_of, ollama_models
from pointsman.build.parts import name_of
from pointsman.config.model import Config
from pointsman.core.errors import MissingExtra
from pointsman.core.happening import Happening, Reloaded
from pointsman.engine.router import Router
from pointsman.observe.privacy import Privacy
from pointsman.observe.requestlines import RequestLines

if TYPE_CHECKING:
    from pointsman.gpu.trace import Record
    from pointsman.observe.metrics import Metrics
    from pointsman.observe.tracing import Tracing

logger = logging.getLogger(__name__)

# Who runs a model, as the GenAI conventions name such; what they do not know has a name of its own.
RUN_BY = {"embedded": "llama_cpp", "openai": "openai", "ollama": "ollama"}


@runtime_checkable
class Traced(Protocol):
    """An owner of the card that tells what happens on it."""

    def listen(self, record: Record) -> Callable[[], None]:
        """Tells somebody of everything; what is returned ends that."""
        ...


class Observing:
    """Everything that watches a router, whatever parts it gets. `metrics` is None where they are switched off."""

    def __init__(self, metrics: Metrics | None, privacy: Privacy, tracing: Tracing | None, patience: float) -> None:
        self.metrics = metrics
        self.privacy = privacy
        self._tracing = tracing
        self._patience = patience
        self._watchers = [it for it in (metrics, RequestLines(privacy), tracing) if it is not None]
        self._leaving: list[Callable[[], None]] = []
        self._router: Router | None = None
        self._card: object = None
        self._leave_card: Callable[[], None] = lambda: None

    def watch(self, router: Router) -> None:
        """Watches this router, and no other any more. Raises ConfigError where its card cannot be opened."""
        self.leave()
        self._router = router
        self._leaving = [router.watch(it, *it.hears) for it in self._watchers]
        self._leaving.append(router.watch(self._heard, Reloaded))
        self._watch_card(router.card)

    def took(self, config: Config) -> None:
        """Hides the secrets of a configuration that was read again, too."""
        self.privacy.hide(secrets_in(config))

    def leave(self) -> None:
        """Watches nobody."""
        for leave in (*self._leaving, self._leave_card):
            leave()
        self._leaving, self._leave_card = [], lambda: None
        self._router = self._card = None

    def _heard(self, happening: Happening) -> None:
        if isinstance(happening, Reloaded) and self._router is not None:
            self._watch_card(self._router.card)  # another owner, where what goes with the card was changed

    def _watch_card(self, card: object) -> None:
        if self.metrics is None or card is self._card:
            return
        self._leave_card()
        self._card = card
        self._leave_card = card.listen(self.metrics.card_event) if isinstance(card, Traced) else lambda: None

    async def close(self) -> None:
        """Watches nobody, sends the last spans, and has the last lines of the log written."""
        self.leave()
        if self._tracing is not None:
            await self._tracing.close(self._patience)
        await asyncio.to_thread(flush_log)


def observe(
    router: Router, config: Config, *, privacy: Privacy | None = None, environ: Mapping[str, str] | None = None
) -> Observing:
    """Has a router watched, until what is returned is closed; `privacy` is that of the log, where there is one.

    Raises MissingExtra, ConfigError.
    """
    wanted = config.observe
    metrics = None
    if wanted.metrics:
        from pointsman.observe.metrics import Metrics

        metrics = Metrics(models=models_of(config, router), tenants=tenants_of(config), version=__version__)
    tracing = open_tracing(config, os.environ if environ is None else environ)
    observing = Observing(metrics, privacy or privacy_of(config), tracing, wanted.otel.patience)
    observing.watch(router)
    return observing


@contextmanager
def logged(config: Config, stream: IO[str] | None = None) -> Iterator[Privacy]:
    """Has the loggers write to `stream` (stderr), as the configuration says; gives what hides secrets in it."""
    from pointsman.observe.logs import set_up

    privacy = privacy_of(config)
    end = set_up(config.observe.log, config.observe.level, privacy, stream)
    try:
        yield privacy
    finally:
        end()


def flush_log() -> None:
    """Waits for the last lines."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def privacy_of(config: Config) -> Privacy:
    """What of people's words, and which secrets, may be seen."""
    return Privacy(config.observe.text, secrets_in(config))


def secrets_in(value: object) -> Iterator[str]:
    """Every secret of a configuration."""
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from secrets_in(getattr(value, name))
        case Mapping():
            for inner in value.values():
                yield from secrets_in(inner)
        case tuple() | list():
            for inner in value:
                yield from secrets_in(inner)


def open_tracing(config: Config, environ: Mapping[str, str]) -> Tracing | None:
    """What sends spans, where that is wanted; where only a variable wants it, a missing extra is no error."""
    from pointsman.observe.otlp import is_wanted, open_otlp

    otel = config.observe.otel
    if not (is_wanted(environ) if otel.enabled is None else otel.enabled):
        return None
    try:
        return open_otlp(
            otel.endpoint or "", otel.every, providers=providers_of(config), environ=environ, version=__version__
        )
    except MissingExtra as error:
        if otel.enabled:
            raise
        logger.warning("no traces are sent: %s", error)
        return None


def chat_models(config: Config) -> Iterator[Any]:
    """The chat models that are configured, each role's."""
    models = config.models
    yield from (it for it in (models.main, models.small, models.spare) if it is not None)


def providers_of(config: Config) -> dict[str, str]:
    """Who runs each configured model, by what clients call it."""
    named = {name_of(it): RUN_BY.get(it.provider, it.provider) for it in chat_models(config)}
    return {**named, workflow_of(config): "comfyui"}


def models_of(config: Config, router: Router) -> set[str]:
    """The names of the models that are configured."""
    return {*providers_of(config), *router.models}


def tenants_of(config: Config) -> list[str]:
    """The names under which the models and the workflow that are configured hold memory of the card."""
    from pointsman.build import llamacpp
    from pointsman.providers.ollama.backend import tenant_of

    tenants = [tenant_of(it.model, backend_of(config, it.url)) for it in ollama_models(config)]
    tenants += [f"{llamacpp.backend_of(config, it)}:{it.ids[0]}" for it in llamacpp.routers(config)]
    return [*tenants, f"comfyui:{workflow_of(config)}"]


def workflow_of(config: Config) -> str:
    """What the configured workflow is called: one that ships by its name, another by its file's."""
    workflow = config.images.comfyui.workflow
    return workflow.stem if isinstance(workflow, Path) else workflow
