"""Spans and metrics for OpenTelemetry: made of what happened once it is over, with the times at which it did."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pointsman.core.happening import Ended, Happening, Made, Relayed, Went
from pointsman.core.reply import Failed, ToolUse
from pointsman.observe import genai
from pointsman.observe.buckets import DOUBLING, TOKENS
from pointsman.observe.request import current

SECOND: Final = 1_000_000_000  # nanoseconds, in which spans have their times
MOST: Final = 10_000  # replies at once; of more, the oldest are forgotten
CALLER: Final = TraceContextTextMapPropagator()


@dataclass(slots=True)
class Open:
    """A reply that is not over: what was decided in how many seconds, for whom, and which tools ended when."""

    made: Made
    caller: Context | None
    served: bool
    uses: list[tuple[ToolUse, int]] = field(default_factory=list)


class Tracing:
    """Watches a router. `providers` says who runs a model, `now` gives nanoseconds since the epoch.

    Nothing that people or models said goes along; names, numbers, times and codes do.
    """

    hears: Final[tuple[type[Happening], ...]] = (Made, Went, Ended, Relayed)

    def __init__(
        self,
        traces: TracerProvider,
        metrics: MeterProvider,
        *,
        providers: Mapping[str, str],
        version: str = "",
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self._traces = traces
        self._metrics = metrics
        self._providers = providers
        self._now = now
        self._tracer = traces.get_tracer("pointsman", version)
        self._open: dict[str, Open] = {}
        meter = metrics.get_meter("pointsman", version)

        def seconds(name: str) -> Any:
            return meter.create_histogram(name, "s", explicit_bucket_boundaries_advisory=DOUBLING)

        self._operation = seconds("gen_ai.client.operation.duration")
        self._first = seconds("gen_ai.client.operation.time_to_first_chunk")
        self._tool = seconds("gen_ai.execute_tool.duration")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", explicit_bucket_boundaries_advisory=TOKENS
        )

    def __call__(self, happening: Happening) -> None:
        """Notes what happened, and makes spans of what is over."""
        match happening:
            case Went(event=ToolUse(state=state) as use) if state != "running":
                if (known := self._open.get(happening.decision.id)) is not None:
                    known.uses.append((use, self._now()))
            case Made():
                self._made(happening)
            case Ended():
                self._ended(happening)
            case Relayed():
                self._relayed(happening)

    def _made(self, made: Made) -> None:
        caller, served = caller_of()
        if made.only:
            end = self._now()
            start = end - nanoseconds(made.seconds)
            self._decide(made, start, self._request(made, start, caller, served=served)).end(end)
            return
        self._open[made.decision.id] = Open(made, caller, served)
        if len(self._open) > MOST:
            del self._open[next(iter(self._open))]

    def _ended(self, ended: Ended) -> None:
        known = self._open.pop(ended.decision.id, None)
        if known is None:  # it began before anybody watched
            return
        end = self._now()
        start = end - nanoseconds(ended.seconds)
        request = self._request(known.made, start, known.caller, served=known.served)
        self._decide(known.made, start, request)
        inside = set_span_in_context(request)
        for use, at in known.uses:
            self._used(use, at, inside)
        if isinstance(ended.outcome, Failed):
            failed(request, ended.outcome.code)
        elif ended.outcome.model:
            self._answered(ended, known.made.seconds, start, end, inside)
        request.end(end)

    def _request(self, made: Made, start: int, caller: Context | None, *, served: bool) -> Span:
        return self._tracer.start_span(
            "pointsman.request",
            caller,
            SpanKind.SERVER if served else SpanKind.INTERNAL,
            genai.of_request(made.decision, made.message),
            start_time=start,
        )

    def _decide(self, made: Made, start: int, request: Span) -> Span:
        """The decision as a child of its request, with an event for each tier at the time of its verdict."""
        decision = made.decision
        known: genai.Attributes = {"pointsman.route": decision.category, "pointsman.tier": decision.tier}
        span = self._tracer.start_span(
            "pointsman.decide", set_span_in_context(request), attributes=known, start_time=start
        )
        at = start
        for line in decision.trace:
            at += nanoseconds(line.ms / 1e3)
            span.add_event(line.tier, genai.of_line(line), at)
        span.end(start + nanoseconds(made.seconds))
        return request

    def _answered(self, ended: Ended, decided: float, start: int, end: int, inside: Context) -> None:
        done = ended.outcome
        if isinstance(done, Failed):
            return
        known = genai.of_model(ended, done, self._provider(done.model))
        name = f"{known[genai.OPERATION]} {done.model}"
        counts: genai.Attributes = {"gen_ai.response.finish_reasons": (done.finish_reason,)}
        for kind, count in (("input", done.prompt_tokens), ("output", done.completion_tokens)):
            if count:
                counts[f"gen_ai.usage.{kind}_tokens"] = count
                self._tokens.record(count, {**known, genai.TOKEN_TYPE: kind})
        began = start + nanoseconds(decided)
        self._tracer.start_span(name, inside, SpanKind.CLIENT, {**known, **counts}, start_time=began).end(end)
        self._operation.record(max(0.0, ended.seconds - decided), known)
        if ended.first is not None:
            self._first.record(max(0.0, ended.first - decided), known)

    def _used(self, use: ToolUse, end: int, inside: Context) -> None:
        known = genai.of_tool(use)
        span = self._tracer.start_span(
            f"execute_tool {use.call.name[: genai.LONGEST]}",
            inside,
            attributes=known,
            start_time=end - nanoseconds(use.seconds),
        )
        if use.state == "failed":
            failed(span, "tool_failed")
        span.end(end)
        if use.state != "refused":  # the name of a tool that a model made up is no label
            self._tool.record(use.seconds, {genai.OPERATION: "execute_tool", "gen_ai.tool.name": use.call.name})

    def _relayed(self, relayed: Relayed) -> None:
        operation = genai.operation_of(relayed.path)
        if not operation:
            return
        known = genai.of_relayed(relayed, self._provider(relayed.model))
        caller, served = caller_of()
        end = self._now()
        start = end - nanoseconds(relayed.seconds)
        kind = SpanKind.SERVER if served else SpanKind.INTERNAL
        request = self._tracer.start_span("pointsman.request", caller, kind, start_time=start)
        inside = set_span_in_context(request)
        span = self._tracer.start_span(
            f"{operation} {known[genai.MODEL]}", inside, SpanKind.CLIENT, known, start_time=start
        )
        if error := known.get(genai.ERROR):
            failed(span, str(error))
            failed(request, str(error))
        span.end(end)
        request.end(end)
        self._operation.record(relayed.seconds, known)
        if relayed.first is not None and not error:
            self._first.record(relayed.first, known)

    def _provider(self, model: str) -> str:
        return self._providers.get(model, genai.OURSELVES)

    async def close(self, patience: float = 3.0) -> None:
        """Sends what waits, and gives up after `patience` seconds: a collector that is gone holds nobody up."""
        over = threading.Event()

        def end() -> None:
            try:
                self._traces.shutdown()
                self._metrics.shutdown(timeout_millis=patience * 1e3)
            finally:
                over.set()

        # A daemon, as the exporter may go on trying for a minute.
        threading.Thread(target=end, name="pointsman-otel-end", daemon=True).start()
        await asyncio.to_thread(over.wait, patience)


def caller_of() -> tuple[Context | None, bool]:
    """The caller's own trace, where a request of the gateway named one, and whether there is such a request."""
    request = current()
    return (CALLER.extract(request.trace) if request and request.trace else None), request is not None


def failed(span: Span, code: str) -> None:
    """Marks a span as one that did not go well."""
    span.set_attribute(genai.ERROR, code)
    span.set_status(Status(StatusCode.ERROR, code))


def nanoseconds(seconds: float) -> int:
    """Seconds as spans count them."""
    return int(seconds * SECOND)
