"""`pointsman serve` as those see it who watch it: Prometheus, a reader of its log, a collector of spans."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.forked import command

pytest.importorskip("opentelemetry.proto")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pointsman.cli import serve as verb

HANGS = 60  # seconds after which a process is given up
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
KEY = "open-sesame-1234"
TEXT = "thanks a lot, my dear Watson"


class Collector:
    """Takes what is sent to it by OTLP."""

    def __init__(self) -> None:
        collector = self
        self.spans: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/traces":
                    collector.take(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    it = Collector()
    yield it
    it.server.shutdown()
    it.server.server_close()


def asked(port: int, method: str, path: str, body: str | None = None, **headers: str) -> tuple[Any, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=HANGS)
    try:
        given = {"Authorization": f"Bearer {KEY}", **headers}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_a_message_is_one_line_one_trace_and_counted(tmp_path: Path, collector: Collector) -> None:
    observe = {"log": "json", "otel": {"enabled": True, "endpoint": collector.url}}
    (tmp_path / "pointsman.yaml").write_text(json.dumps({"observe": observe, "server": {"key": KEY}}))
    home = {name: str(tmp_path) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(Path(verb.__file__).parents[2]), **home}
    words = [*command(), "serve", "--port", "0", "--no-page"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, env=environ, cwd=tmp_path, text=True) as process:
        try:
            assert process.stderr is not None
            port = int(next(found[1] for it in process.stderr if (found := re.search(r"127\.0\.0\.1:(\d+) ", it))))
            trace = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "mine-1"}
            answer, _ = asked(port, "POST", "/v1/route", json.dumps({"text": TEXT}), **trace)
            assert answer.getheader("x-request-id") == "mine-1"
            decision = answer.getheader("x-pointsman-decision-id")
            assert asked(port, "POST", "/v1/route", "{", Authorization="Bearer wrong-key-98765")[0].status == 401
            answer, metrics = asked(port, "GET", "/metrics", Accept="application/openmetrics-text; version=1.0.0")
            assert answer.getheader("content-type").startswith("application/openmetrics-text")
            assert 'pointsman_decisions_total{route="simple_thanks"' in metrics
        finally:
            process.send_signal(signal.SIGTERM)
            written = process.communicate(timeout=HANGS)[1]
    lines = [json.loads(it) for it in written.splitlines() if it.startswith("{")]
    mine, refused = [it for it in lines if it["event"] == "request"]
    assert (mine["request_id"], mine["decision"], mine["category"]) == ("mine-1", decision, "simple_thanks")
    assert re.fullmatch("[0-9a-f]{8}", mine["text"])
    assert (refused["status"], refused["path"]) == (401, "/v1/route")
    assert "Watson" not in written
    assert KEY not in written
    assert "98765" not in written
    spans = {it.name: it for it in collector.spans}
    assert set(spans) == {"pointsman.request", "pointsman.decide"}
    assert {it.trace_id.hex() for it in collector.spans} == {TRACE}
    assert spans["pointsman.request"].parent_span_id.hex() == PARENT
