"""Spans and metrics as OpenTelemetry gets them, and that nothing that anybody said goes along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.observe.happenings import decided, done, ended, everything, made, message, used

from pointsman.core.happening import Relayed, Went
from pointsman.core.reply import Failed, Text
from pointsman.observe.request import CURRENT, Request
from pointsman.observe.tracing import Tracing

NOW = 1_700_000_000 * 10**9
SECOND = 10**9
SPOKEN = ("tell me of the sea", "a secret wish", "what was found", "in words of its own")


class Watched:
    """A Tracing with its spans and metrics in memory; it is always `NOW`."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        traces = TracerProvider(shutdown_on_exit=False)
        traces.add_span_processor(SimpleSpanProcessor(self.spans))
        self.reader = InMemoryMetricReader()
        metrics = MeterProvider([self.reader], shutdown_on_exit=False)
        self.tracing = Tracing(traces, metrics, providers={"main": "ollama"}, now=lambda: NOW)

    def __call__(self, *happenings: Any) -> dict[str, ReadableSpan]:
        for happening in happenings:
            self.tracing(happening)
        return {it.name: it for it in self.spans.get_finished_spans()}

    def points(self, name: str) -> list[Any]:
        data = self.reader.get_metrics_data()
        metrics = [it for r in data.resource_metrics for s in r.scope_metrics for it in s.metrics] if data else []
        return [point for it in metrics if it.name == name for point in it.data.data_points]


@pytest.fixture
def watched() -> Watched:
    return Watched()


@contextmanager
def asked(trace: Mapping[str, str]) -> Iterator[None]:
    token = CURRENT.set(Request("r1", trace))
    yield
    CURRENT.reset(token)


def test_a_reply_is_a_request_with_its_decision_its_tools_and_its_model(watched: Watched) -> None:
    said = message(session="s1")
    spans = watched(made(said=said), Went(decided(), used(), 1.5), ended(said=said))
    assert set(spans) == {"pointsman.request", "pointsman.decide", "execute_tool web_search", "chat main"}
    request = spans.pop("pointsman.request")
    assert request.parent is None
    assert (request.start_time, request.end_time) == (NOW - 2.5 * SECOND, NOW)
    assert {it.parent.span_id for it in spans.values() if it.parent} == {request.context.span_id}
    assert dict(request.attributes or {}) == {
        "pointsman.route": "general_chat",
        "pointsman.tier": "neighbours",
        "pointsman.confidence": 0.97,
        "pointsman.decision_id": "d1",
        "pointsman.surface": "http",
        "gen_ai.conversation.id": "s1",
    }


def test_the_model_has_what_the_conventions_ask_for(watched: Watched) -> None:
    span = watched(made(), ended())["chat main"]
    assert span.kind is SpanKind.CLIENT
    assert (span.start_time, span.end_time) == (NOW - 2.5 * SECOND + 4_000_000, NOW)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "ollama",
        "gen_ai.request.model": "main",
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 40,
        "gen_ai.response.finish_reasons": ("stop",),
    }


def test_the_decision_has_an_event_for_each_tier(watched: Watched) -> None:
    span = watched(made(), ended())["pointsman.decide"]
    assert [it.name for it in span.events] == ["fast", "neighbours"]
    first, second = (dict(it.attributes or {}) for it in span.events)
    assert first == {"pointsman.tier": "fast", "pointsman.verdict": "abstain", "pointsman.reason": "unsure"}
    assert (second["pointsman.verdict"], second["pointsman.route"]) == ("answer", "general_chat")
    assert [it.timestamp - span.start_time for it in span.events if span.start_time] == [200_000, 3_200_000]


def test_a_tool_has_its_own_time_and_its_failure(watched: Watched) -> None:
    spans = watched(made(), Went(decided(), used("fetch", "failed"), 1.0), ended())
    span = spans["execute_tool fetch"]
    assert (span.start_time, span.end_time) == (NOW - 0.8 * SECOND, NOW)
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["gen_ai.tool.call.id"] == "call-1"
    (point,) = watched.points("gen_ai.execute_tool.duration")
    assert (point.sum, point.attributes["gen_ai.tool.name"]) == (0.8, "fetch")


def test_a_picture_is_content_that_is_generated(watched: Watched) -> None:
    decision = decided(category="image_generation", path="image")
    spans = watched(made(decision), ended(done("z", prompt_tokens=0, completion_tokens=0), decision=decision))
    assert (spans["generate_content z"].attributes or {})["gen_ai.output.type"] == "image"
    assert not watched.points("gen_ai.client.token.usage")


def test_a_reply_that_broke_off_is_marked_with_its_code(watched: Watched) -> None:
    spans = watched(made(), ended(Failed("in words of its own", code="no_room")))
    assert set(spans) == {"pointsman.request", "pointsman.decide"}
    request = spans["pointsman.request"]
    assert (request.status.status_code, request.status.description) == (StatusCode.ERROR, "no_room")


def test_a_decision_alone_is_a_request_of_its_own(watched: Watched) -> None:
    spans = watched(made(only=True))
    assert set(spans) == {"pointsman.request", "pointsman.decide"}
    assert spans["pointsman.request"].end_time == NOW


def test_a_request_that_is_passed_on_is_one_too(watched: Watched) -> None:
    spans = watched(
        Relayed("main", "/api/chat", 200, 2.0, 0.25),
        Relayed("main", "/api/embed", 503, 0.1, code="unreachable"),
        Relayed("main", "/api/pull", 200, 9.0),
    )
    assert set(spans) == {"pointsman.request", "chat main", "embeddings main"}
    assert spans["embeddings main"].status.description == "unreachable"
    assert {it.attributes["gen_ai.operation.name"] for it in watched.points("gen_ai.client.operation.duration")} == {
        "chat",
        "embeddings",
    }


def test_the_callers_trace_goes_on(watched: Watched) -> None:
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    with asked({"traceparent": f"00-{trace}-{parent}-01"}):
        spans = watched(made(), ended())
    request = spans["pointsman.request"]
    assert request.kind is SpanKind.SERVER
    assert format(request.context.trace_id, "032x") == trace
    assert request.parent
    assert format(request.parent.span_id, "016x") == parent
    assert {format(it.context.trace_id, "032x") for it in spans.values()} == {trace}


@pytest.mark.parametrize("given", ["00-x-y-01", "", "00-0-0-00", "\x00" * 500])
def test_a_trace_that_is_none_is_left_out(watched: Watched, given: str) -> None:
    with asked({"traceparent": given}):
        spans = watched(made(), ended())
    assert spans["pointsman.request"].parent is None


def test_a_caller_who_wants_no_trace_gets_none(watched: Watched) -> None:
    with asked({"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}):
        assert not watched(made(), ended())


def test_metrics_have_the_buckets_and_the_labels_of_the_conventions(watched: Watched) -> None:
    watched(made(), ended())
    (seconds,) = watched.points("gen_ai.client.operation.duration")
    assert seconds.sum == pytest.approx(2.496)
    assert seconds.explicit_bounds[0] == 0.01
    assert seconds.explicit_bounds[-1] == pytest.approx(81.92)
    (first,) = watched.points("gen_ai.client.operation.time_to_first_chunk")
    assert first.sum == pytest.approx(0.496)
    tokens = watched.points("gen_ai.client.token.usage")
    assert {it.attributes["gen_ai.token.type"]: it.sum for it in tokens} == {"input": 11, "output": 40}
    assert tokens[0].explicit_bounds[-1] == 67_108_864


def test_nothing_that_anybody_said_goes_along(watched: Watched) -> None:
    said = message(user="somebody", channel="a channel", key="a key")
    decision = decided(slots={"prompt": "tell me of the sea"})
    happenings = (made(decision, said), Went(decision, Text("what was found"), 1.0), Went(decision, used(), 1.0))
    spans = watched(*happenings, ended(said=said, decision=decision), Relayed("m", "/api/chat", 200, 1.0, key="a key"))
    everything = "".join(it.to_json() for it in spans.values()) + str(watched.reader.get_metrics_data())
    for words in (*SPOKEN, "somebody", "a channel", "a key"):
        assert words not in everything


def test_what_never_ends_is_forgotten(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.observe.tracing.MOST", 10)
    for number in range(100):
        watched.tracing(made(decided(f"d{number}")))
    assert len(watched.tracing._open) == 10
    assert not watched(ended(decision=decided("d1")))


def test_what_is_not_heard_leaves_nothing(watched: Watched) -> None:
    unheard = [it for it in everything() if type(it) not in watched.tracing.hears]
    assert unheard
    assert not watched(*unheard)
    assert not watched.tracing._open
