"""What is true at the moment of a scrape: the cards, the queue, the services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from pointsman.engine.asked import Standing
from pointsman.gpu.snapshot import Snapshot

USED = "pointsman_gpu_memory_used_bytes"
TOTAL = "pointsman_gpu_memory_total_bytes"
EXTERNAL = "pointsman_gpu_memory_external_bytes"
HELD = "pointsman_gpu_memory_held_bytes"
QUEUE = "pointsman_gpu_waiting"
UP = "pointsman_provider_up"
QUOTA = "pointsman_quota_remaining"


def of_cards(snapshot: Snapshot) -> Iterator[Metric]:
    """The gauges of the cards; `kind` of what is held is the server that holds it (ollama, comfyui, llamacpp)."""
    used = GaugeMetricFamily(USED, "Memory of the card that is in use, as measured", labels=["device"])
    total = GaugeMetricFamily(TOTAL, "Memory of the card", labels=["device"])
    external = GaugeMetricFamily(EXTERNAL, "Memory that programs hold which Pointsman does not lead", labels=["device"])
    for card in snapshot.cards:
        used.add_metric([card.device], card.used)
        total.add_metric([card.device], card.total)
        external.add_metric([card.device], card.external)
    yield from (used, total, external)
    holding: Counter[tuple[str, str]] = Counter()
    for tenant in snapshot.tenants:
        holding[tenant.device, tenant.name.partition(":")[0]] += tenant.booked
    held = GaugeMetricFamily(HELD, "Memory that is booked for models and workflows", labels=["device", "kind"])
    for (device, kind), size in holding.items():
        held.add_metric([device, kind], size)
    yield held
    waiting = GaugeMetricFamily(QUEUE, "Wishes that wait for the card", labels=["kind"])
    queued = Counter(wish.kind for wish in snapshot.queue)
    for kind in ("chat", "image", "decide", "embed", "preload"):
        waiting.add_metric([kind], queued[kind])
    yield waiting


def of_services(standings: Sequence[Standing]) -> Iterator[Metric]:
    """The gauges of the services that are asked what a message wants; one without a limit has no quota."""
    up = GaugeMetricFamily(UP, "Whether the service may be asked now", labels=["provider"])
    quota = GaugeMetricFamily(QUOTA, "Calls that the service allows for now", labels=["provider", "window"])
    for standing in standings:
        up.add_metric([standing.service], float(standing.ready))
        if standing.calls_left is not None:
            quota.add_metric([standing.service, standing.per], standing.calls_left)
    yield from (up, quota)
