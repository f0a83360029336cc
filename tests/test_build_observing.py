"""A router of a configuration, watched as that says: counted, logged, traced, and left alone again."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from tests.observe.happenings import ended, made

from pointsman.build.observing import logged, observe, privacy_of, providers_of, secrets_in, tenants_of
from pointsman.config.model import Config
from pointsman.core.errors import MissingExtra
from pointsman.core.happening import Leased, Made, Reloaded
from pointsman.testing.scripted_leases import ScriptedLeases

OLLAMA = {"provider": "ollama", "model": "qwen3:14b", "name": "main"}


class Card(ScriptedLeases):
    """An owner of the card that tells what happens on it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Callable[[dict[str, Any]], None]] = []

    def listen(self, record: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        self.records.append(record)
        return lambda: self.records.remove(record)


class Watchable:
    """As much of a router as can be watched."""

    models = ("main",)

    def __init__(self) -> None:
        self.card: Any = Card()
        self.watchers: list[Callable[[Any], None]] = []

    def watch(self, watcher: Callable[[Any], None], *kinds: type) -> Callable[[], None]:
        assert kinds  # nobody is told of what is no matter of his
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher)

    def tell(self, *happenings: Any) -> None:
        for happening in happenings:
            for watcher in list(self.watchers):
                watcher(happening)


def config_of(**given: Any) -> Config:
    return Config.model_validate({"models": {"main": OLLAMA}, **given})


def watched(router: Watchable, config: Config, **environ: str) -> Any:
    return observe(router, config, environ=environ)  # type: ignore[arg-type]


async def test_what_happens_is_counted_until_it_is_closed() -> None:
    router = Watchable()
    observing = watched(router, config_of())
    router.tell(made(), ended(), Leased("chat", "ollama:qwen3:14b", 0.5))
    router.card.records[0]({"t": 1.0, "kind": "load", "tenant": "ollama:qwen3:14b", "id": "w"})
    router.card.records[0]({"t": 3.0, "kind": "loaded", "tenant": "ollama:qwen3:14b"})
    text = observing.metrics.exposition()[0].decode()
    assert 'pointsman_decisions_total{route="general_chat",tier="neighbours"} 1.0' in text
    assert 'pointsman_swap_duration_seconds_sum{from="nobody",to="ollama:qwen3:14b"} 2.0' in text
    assert "pointsman_gpu_lease_wait_seconds_sum 0.5" in text
    await observing.close()
    assert not router.watchers
    assert not router.card.records


async def test_a_new_owner_of_the_card_is_listened_to_and_the_old_one_is_not() -> None:
    router = Watchable()
    observing = watched(router, config_of())
    old, router.card = router.card, Card()
    router.tell(Reloaded(("gpu",)))
    assert not old.records
    assert len(router.card.records) == 1
    router.card = None
    router.tell(Reloaded(("gpu",)))
    await observing.close()


async def test_metrics_can_be_switched_off() -> None:
    router = Watchable()
    observing = watched(router, config_of(observe={"metrics": False}))
    assert observing.metrics is None
    assert not router.card.records
    await observing.close()


async def test_spans_are_sent_where_a_variable_says_where_to_or_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Tracing:
        hears = (Made,)

        def __call__(self, _: Made) -> None: ...

        async def close(self, patience: float) -> None:
            opened.append(f"closed within {patience:g}")

    def open_otlp(endpoint: str, every: float, **_: Any) -> Any:
        opened.append(f"{endpoint or 'by the environment'} every {every:g}")
        return Tracing()

    monkeypatch.setattr("pointsman.observe.otlp.open_otlp", open_otlp)
    there = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    on = {"enabled": True, "endpoint": "http://127.0.0.1:9", "every": "10s", "patience": "1s"}
    for given, environ in (({}, {}), ({}, there), ({"enabled": False}, there), (on, {})):
        await watched(Watchable(), config_of(observe={"otel": given}), **environ).close()
    assert opened == [
        "by the environment every 60",
        "closed within 3",
        "http://127.0.0.1:9 every 10",
        "closed within 1",
    ]


async def test_a_missing_extra_is_an_error_where_the_file_wants_it_and_a_warning_where_a_variable_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.metrics", None)
    with pytest.raises(MissingExtra, match="otel"):
        watched(Watchable(), config_of(observe={"otel": {"enabled": True}}))
    await watched(Watchable(), config_of(), OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318").close()
    assert "no traces are sent" in caplog.text


def test_models_and_tenants_have_the_names_that_are_configured() -> None:
    config = config_of()
    assert providers_of(config) == {"main": "ollama", "z-image-turbo": "comfyui"}
    assert tenants_of(config) == ["ollama:qwen3:14b", "comfyui:z-image-turbo"]


def test_every_secret_of_a_configuration_is_hidden_in_the_log() -> None:
    tools = {"mcpServers": {"files": {"command": "x", "env": {"TOKEN": "of-a-server"}}}}
    config = config_of(server={"key": "open-sesame"}, cloud={"groq": {"key": "of-groq"}}, tools=tools)
    assert {"open-sesame", "of-groq", "of-a-server"} <= set(secrets_in(config))
    assert privacy_of(config).masked("open-sesame of-groq of-a-server") == "*** *** ***"


def test_the_log_is_as_the_configuration_has_it_and_learns_new_secrets() -> None:
    stream = io.StringIO()
    with logged(config_of(observe={"log": "json", "level": "warning"}), stream) as privacy:
        observing = observe(Watchable(), config_of(), privacy=privacy, environ={})  # type: ignore[arg-type]
        observing.took(config_of(server={"key": "a-new-key"}))
        logging.getLogger("pointsman.x").info("not this")
        logging.getLogger("pointsman.x").warning("a-new-key")
    assert [json.loads(it)["event"] for it in stream.getvalue().splitlines()] == ["***"]
