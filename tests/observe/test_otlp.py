"""Spans and metrics over HTTP, to a collector on loopback, and to one that does not answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http")

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.observe.happenings import ended, made

from pointsman.observe.otlp import is_wanted, open_otlp


class Collector:
    """Takes what is sent, or holds every request until it is let go."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.go = threading.Event()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if stuck:
                    collector.go.wait(30)
                collector.got.append((self.path, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    it = Collector()
    yield it
    it.close()


@pytest.fixture
def stuck() -> Iterator[Collector]:
    it = Collector(stuck=True)
    yield it
    it.close()


def decompressed(body: bytes) -> bytes:
    import gzip

    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


async def test_spans_and_metrics_arrive_and_the_last_at_the_end(collector: Collector) -> None:
    tracing = open_otlp(collector.url, 60.0, providers={"main": "ollama"}, environ={})
    for happening in (made(), ended()):
        tracing(happening)
    await tracing.close(20.0)
    got = dict(collector.got)
    traces = ExportTraceServiceRequest.FromString(decompressed(got["/v1/traces"]))
    (resource,) = traces.resource_spans
    assert {it.key: it.value.string_value for it in resource.resource.attributes}["service.name"] == "pointsman"
    assert {it.name for it in resource.scope_spans[0].spans} == {"pointsman.request", "pointsman.decide", "chat main"}
    metrics = ExportMetricsServiceRequest.FromString(decompressed(got["/v1/metrics"]))
    names = {it.name for it in metrics.resource_metrics[0].scope_metrics[0].metrics}
    assert names >= {"gen_ai.client.operation.duration", "gen_ai.client.token.usage"}


async def test_a_collector_that_does_not_answer_holds_the_end_up_no_longer_than_that(stuck: Collector) -> None:
    tracing = open_otlp(stuck.url, 60.0, providers={}, environ={})
    tracing(made(only=True))
    async with asyncio.timeout(10):  # the collector itself would hold it for 30
        await tracing.close(0.05)
    assert not stuck.got


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "True"}, False),
        ({"OTEL_SERVICE_NAME": "mine"}, False),
    ],
)
def test_it_is_wanted_where_the_standard_variables_say_where_to(environ: dict[str, str], wanted: bool) -> None:
    assert is_wanted(environ) is wanted
