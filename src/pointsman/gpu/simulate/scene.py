"""What a simulation takes for granted: the card, what is put on it, and how long everything takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.gpu.simulate.trace import Event

GB: Final = 10**9

LLM: Final = "ollama:main"
SMALL: Final = "ollama:small"
TINY: Final = "ollama:tiny"
IMAGE: Final = "comfyui:image"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, each with where the figure is from; "assumed" means that nobody has measured it.

    Times are in seconds. They are one plausible card of 24 GB, not yours: put in your own, and compare again.
    """

    disk_bytes_per_s: float = 2 * GB
    """A load from disk. NVMe drives are sold as 2 to 7 GB/s; loads of models were reported at 1.2 to 1.3."""
    cache_bytes_per_s: float = 6 * GB
    """A load of a file that the system still has in memory; 1 to 2 s were reported for a whole model."""
    load_overhead: float = 1.25
    """What a load takes beside its bytes: a process, a context, a first run. Assumed, between 1 and 1.5."""
    page_cache_bytes: int = 48 * GB
    """Files that the system keeps in memory, those used last: a computer with 64 GB. Assumed."""
    release: float = 1.0
    """Until Ollama's memory is back. Its source speaks of 0.5 to 1.5 s as typical."""
    image_release: float = 0.6
    """Until ComfyUI's memory is back after /free. Measured on an idle server: 0.4 to 0.8."""
    spill_least: float = 2.0
    """How many times longer a run takes as soon as a part of it is off the card. Assumed."""
    spill_most: float = 6.0
    """The same with all of it off the card. Assumed; with 9 GB of 24 held by others, 8 was reported."""
    chat_first: float = 0.5
    """Until the main model's first token. Assumed."""
    chat_tokens_per_s: float = 60.0
    """Its tokens a second: 936 GB/s (an RTX 3090) through 14.5 GB of weights allow 64."""
    small_first: float = 0.2
    """Until the first token of the small model that answers where the main one has no room. Assumed."""
    small_tokens_per_s: float = 150.0
    """Its tokens a second. Assumed; a model with 3 billion active weights reaches 141 on an RTX 3090."""
    tiny: float = 0.3
    """A decision by a tiny LLM. Assumed, between 0.1 and 0.5."""
    image_fixed: float = 1.2
    """A picture's text encoding, decoding and writing. Assumed."""
    image_step: float = 0.62
    """One of its steps, so that 8 of them take 6.2 s with the rest. Warm runs of 3 to 8 s were reported."""
    route_tokens: int = 150
    """What a main LLM writes to say where a message goes. Assumed."""
    rewrite_tokens: int = 150
    """What it writes to word a picture's prompt anew. Assumed."""
    unit_start: float = 3.0
    """Starting a stopped server for an LLM, where one is stopped to make room (gpu-broker). Assumed."""
    keep_alive: float = 300.0
    """How long Ollama keeps an idle model: its documented default."""
    look: float = 1.0
    """Between two looks at the card: what our arbiter does while nothing changes."""

    def load(self, size: int, *, cached: bool) -> float:
        """Bringing so many bytes onto the card."""
        return self.load_overhead + size / (self.cache_bytes_per_s if cached else self.disk_bytes_per_s)

    def freed(self, tenant: str) -> float:
        """Until a released tenant's memory is back."""
        return self.image_release if tenant.startswith("comfyui:") else self.release

    def answer(self, event: Event) -> float:
        """A chat's answer by the main model."""
        return event.seconds or self.chat_first + event.tokens / self.chat_tokens_per_s

    def small_answer(self, event: Event) -> float:
        """The same by the small model; of one that was measured, the same share."""
        tokens = event.tokens or max(0.0, event.seconds - self.chat_first) * self.chat_tokens_per_s
        return self.small_first + tokens / self.small_tokens_per_s

    def picture(self, event: Event) -> float:
        """A picture."""
        return event.seconds or self.image_fixed + event.steps * self.image_step

    def writing(self, tokens: int) -> float:
        """So many tokens of the main model."""
        return self.chat_first + tokens / self.chat_tokens_per_s

    def slower(self, short: int, held: int) -> float:
        """How many times longer a run takes while the card is `short` of so many bytes of what tenants hold."""
        if short <= 0:
            return 1.0
        share = min(1.0, short / max(1, held))
        return self.spill_least + (self.spill_most - self.spill_least) * share


@dataclass(frozen=True, slots=True)
class Scene:
    """A card, what takes how much of it, in bytes, and how long things take."""

    card: int = 24 * GB
    llm: int = 14_500_000_000
    image: int = 7 * GB
    small: int = 2 * GB
    tiny: int = GB // 2
    timing: Timing = field(default_factory=Timing)

    def sizes(self, trace: Sequence[Event]) -> Mapping[str, int]:
        """What each tenant takes: the most that a line of the trace says, else as this scene says."""
        sizes = {LLM: self.llm, IMAGE: self.image, SMALL: self.small, TINY: self.tiny}
        told: dict[str, int] = {}
        for event in trace:
            if event.kind != "external":
                tenant = tenant_of(event)
                told[tenant] = max(told.get(tenant, 0), event.bytes)
                sizes.setdefault(tenant, self.llm if event.kind == "chat" else self.image)
        return sizes | {tenant: size for tenant, size in told.items() if size}


def tenant_of(event: Event) -> str:
    """What serves a request at its best."""
    if not event.name:
        return LLM if event.kind == "chat" else IMAGE
    if ":" in event.name and event.name.partition(":")[0] in {"ollama", "comfyui", "llamacpp"}:
        return event.name
    return f"{'ollama' if event.kind == 'chat' else 'comfyui'}:{event.name}"
