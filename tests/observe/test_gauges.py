from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.observe.gauges import of_cards, of_services

GB = 10**9


@dataclass
class Standing:
    service: str
    ready: bool
    calls_left: int | None
    per: str = "day"
    local: bool = False
    state: str = "ready"
    estimated: bool = False
    sent_today: int = 3
    more: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return self.more


def tenant(name: str, booked: int) -> TenantNow:
    return TenantNow(name, "resident", "gpu0", "", booked, None, None, 0, 0, False, 0.0)


def values(metrics: Any) -> dict[str, dict[tuple[str, ...], float]]:
    return {it.name: {tuple(s.labels.values()): s.value for s in it.samples} for it in metrics}


def test_cards_are_shown_in_bytes_with_who_holds_them_and_who_waits() -> None:
    card = CardNow("gpu0", "A card", 24 * GB, 0, GB, 15 * GB, 14 * GB, GB, "fake", 0.1, "")
    tenants = (tenant("ollama:qwen3:14b", 9 * GB), tenant("ollama:tiny", GB), tenant("comfyui:z", 4 * GB))
    queue = (WishNow(1, "image", "comfyui:z", "interactive", 1.0, 5.0, ""),)
    found = values(of_cards(Snapshot((card,), tenants, queue)))
    assert found["pointsman_gpu_memory_used_bytes"] == {("gpu0",): 15 * GB}
    assert found["pointsman_gpu_memory_total_bytes"] == {("gpu0",): 24 * GB}
    assert found["pointsman_gpu_memory_external_bytes"] == {("gpu0",): GB}
    assert found["pointsman_gpu_memory_held_bytes"] == {("gpu0", "ollama"): 10 * GB, ("gpu0", "comfyui"): 4 * GB}
    assert found["pointsman_gpu_waiting"][("image",)] == 1
    assert found["pointsman_gpu_waiting"][("chat",)] == 0


def test_services_are_up_or_not_and_those_with_a_limit_have_a_quota() -> None:
    found = values(
        of_services(
            [Standing("groq", True, 950), Standing("huggingface", False, 0, "month"), Standing("own", True, None)]
        )
    )
    assert found["pointsman_provider_up"] == {("groq",): 1, ("huggingface",): 0, ("own",): 1}
    assert found["pointsman_quota_remaining"] == {("groq", "day"): 950, ("huggingface", "month"): 0}
