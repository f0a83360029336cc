"""Latencies side by side as a table for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from pointsman.observe.latency import Latencies, Row
from pointsman.observe.report import percent, sheet


def render(result: Latencies, console: Console) -> None:
    """Prints the table, and below it why calls failed and who was not asked."""
    table = sheet("", "kind", "calls", "first", "p50", "p95", "x cascade", "abstained")
    table.columns[1].justify = "left"
    table.add_column("errors", overflow="fold")
    for row in result.rows:
        said = (first_of(row), duration(row.p50), duration(row.p95), times(result.times_base(row)))
        table.add_row(row.name, row.kind, str(len(row.calls)), *said, percent(row.abstained_share), failures(row))
    console.print(table)
    for row in result.rows:
        for kind, words in row.reasons.items():
            # That local tiers abstain is how they work; a service that never answers has a reason worth reading.
            if kind != "abstained" or (row.kind not in {"tier", "cascade"} and row.abstained_share == 1):
                console.print(f"{row.name}: {kind}: {words}", markup=False, style="dim", soft_wrap=True)
    for name, reason in result.skipped.items():
        console.print(f"not asked: {escape(name)}: {escape(reason)}", style="dim", soft_wrap=True)


def first_of(row: Row) -> str:
    """How long the first call took, or how it failed."""
    if row.first is None:
        return "-"
    return row.first.fault if row.first.outcome == "failed" else duration(row.first.ms)


def failures(row: Row) -> str:
    """How many calls failed, and how."""
    if not row.calls:
        return "-"
    if not row.errors:
        return "none"
    kinds = ", ".join(f"{kind} {number}" for kind, number in row.errors.items())
    return f"{sum(row.errors.values())} of {len(row.calls)}: {kinds}"


def times(value: float | None) -> str:
    """A ratio as people read it: two digits that count."""
    return "-" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def duration(ms: float | None) -> str:
    """A time as people read it, to three digits."""
    if ms is None:
        return "-"
    if ms < 0.9995:
        return f"{ms * 1e3:.3g} µs"
    return f"{ms:.3g} ms" if ms < 999.5 else f"{ms / 1e3:.3g} s"
