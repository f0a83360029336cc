"""GET /metrics: what Prometheus reads, when the card or a service is stuck, too."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from tests.observe.happenings import made

from pointsman.core.errors import ConfigError, StoreError
from pointsman.gpu.snapshot import CardNow, Snapshot
from pointsman.http.metrics import MetricsRoute
from pointsman.observe.metrics import Metrics

CARD = CardNow("gpu0", "A card", 24, 0, 1, 15, 14, 1, "fake", 0.1, "")


async def nobody() -> Sequence[Any]:
    return ()


def scraped(cards: Any = lambda: Snapshot((CARD,), (), ()), services: Any = nobody, accept: str = "") -> Any:
    metrics = Metrics()
    metrics(made())
    app = FastAPI()
    app.add_api_route("/metrics", MetricsRoute(metrics, cards, services, patience=0.01).metrics)
    with TestClient(app) as client:
        return client.get("/metrics", headers={"accept": accept})


def names(answer: Any) -> set[str]:
    assert answer.status_code == 200
    return {it.name for it in text_string_to_metric_families(answer.text)}


def test_it_has_what_was_counted_and_what_is_true_now() -> None:
    answer = scraped()
    assert names(answer) >= {"pointsman_decisions", "pointsman_gpu_memory_used_bytes", "pointsman_provider_up"}
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_prometheus_gets_openmetrics() -> None:
    answer = scraped(accept="application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


def broken() -> Snapshot:
    raise ConfigError("no card")


async def fails() -> Sequence[Any]:
    raise StoreError("locked")


async def hangs() -> Sequence[Any]:
    await asyncio.Event().wait()
    return ()


@pytest.mark.parametrize("services", [fails, hangs])
def test_a_service_that_cannot_say_how_it_stands_leaves_the_rest(services: Any) -> None:
    found = names(scraped(services=services))
    assert "pointsman_decisions" in found
    assert "pointsman_provider_up" not in found


@pytest.mark.parametrize("cards", [broken, lambda: None])
def test_so_does_a_card_that_nobody_owns(cards: Any) -> None:
    found = names(scraped(cards))
    assert "pointsman_decisions" in found
    assert "pointsman_gpu_memory_used_bytes" not in found


def test_the_gateway_serves_it_and_counts_its_own_answers(start: Any, post: Any) -> None:
    gateway = start(metrics=Metrics())
    post(gateway, "/v1/route", b'{"text": "hey! you"}')
    post(gateway, "/v1/route", b"{")
    reply = post(gateway, "/metrics", b"", method="GET")
    assert b'pointsman_http_responses_total{dialect="openai",status="2xx"} 1.0' in reply.body
    assert b'pointsman_http_responses_total{dialect="openai",status="4xx"} 1.0' in reply.body


def test_it_wants_the_key(start: Any, post: Any) -> None:
    gateway = start(metrics=Metrics(), key="sesame")
    assert post(gateway, "/metrics", b"", method="GET").status == 401
    assert post(gateway, "/metrics", b"", "Authorization: Bearer sesame", method="GET").status == 200


def test_without_metrics_there_is_nothing(gateway: Any, post: Any) -> None:
    assert post(gateway, "/metrics", b"", method="GET").status == 404
