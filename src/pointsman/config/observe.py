"""What is to be seen of Pointsman from outside: metrics, logs, traces, and how much of what people said."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pointsman.config.addresses import Url
from pointsman.config.strict import Section, Strict
from pointsman.config.values import Seconds


class Otel(Strict):
    """Traces and metrics for OpenTelemetry, by the GenAI conventions (the [otel] extra)."""

    enabled: bool | None = Field(
        default=None,
        description="Whether they are sent; null: where OTEL_EXPORTER_OTLP_ENDPOINT says where to.",
    )
    endpoint: Url | None = Field(
        default=None,
        description="The collector's address for OTLP over HTTP, such as http://127.0.0.1:4318; null: as the standard "
        "OTEL_* variables have it.",
    )
    every: Annotated[Seconds, Field(ge=1)] = Field(default=60.0, description="How often metrics are sent.")
    patience: Seconds = Field(default=3.0, description="How long the last of them may hold up the end.")


class Observe(Section):
    """Metrics, logs and traces."""

    metrics: bool = Field(default=True, description="Whether /metrics is there, for Prometheus.")
    log: Literal["text", "json"] = Field(default="text", description="How `serve` writes its log: text or json.")
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="From which level on it writes; info has one line for every request."
    )
    text: Literal["none", "hash", "full"] = Field(
        default="hash",
        description="What the log shows of messages: nothing, 8 digits by which the same text is known again until "
        "Pointsman is restarted, or all of it. What is stored is up to store.keep_text.",
    )
    otel: Otel = Field(default_factory=Otel, description="OpenTelemetry.")
