"""Sends spans and metrics by OTLP over HTTP, as the configuration, or else the standard OTEL_* variables, have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pointsman.core.errors import MissingExtra

if TYPE_CHECKING:
    from pointsman.observe.tracing import Tracing

ENDPOINTS: Final = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the standard variables say where to send, and do not switch it off."""
    off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not off and any(environ.get(name, "").strip() for name in ENDPOINTS)


def open_otlp(
    endpoint: str, every: float, *, providers: Mapping[str, str], environ: Mapping[str, str], version: str = ""
) -> Tracing:
    """What watches and sends, metrics every so many seconds. Raises MissingExtra.

    Its providers are its own: a program that embeds Pointsman keeps those that it set for itself.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise MissingExtra("otel", "observe.otel") from None
    from pointsman.observe.tracing import Tracing

    at = endpoint.rstrip("/")
    named = "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "") or environ.get("OTEL_SERVICE_NAME")
    resource = Resource.create({} if named else {"service.name": "pointsman"})
    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{at}/v1/traces" if at else None)))
    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(f"{at}/v1/metrics" if at else None), export_interval_millis=every * 1e3
    )
    metrics = MeterProvider([reader], resource, shutdown_on_exit=False)
    return Tracing(traces, metrics, providers=providers, version=version)
