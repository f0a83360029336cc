"""What can go wrong inside Ollama, and the words in which it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pointsman.testing.clouds.dialects import toolless


class Refusal(Exception):
    """Ollama answers with an error: a status, or a line where the reply has begun."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that goes wrong once, behind `after` pieces of a reply where it is one of those.

    A load: load_oom (the card is full after all; Ollama sends all others away and tries once more), load_crash,
    load_timeout. A reply: run_oom (all models are to go), run_crash, cut (the stream ends without its last line).
    A request: cancelled, cloud (a model that this Ollama may not pass on).
    """

    kind: Literal["load_oom", "load_crash", "load_timeout", "run_oom", "run_crash", "cut", "cancelled", "cloud"]
    after: int = 0

    @property
    def place(self) -> str:
        """Where it strikes: load, reply or request."""
        if self.kind.startswith("load_"):
            return "load"
        return "request" if self.kind in {"cancelled", "cloud"} else "reply"


OOM_LOAD = (
    "llama-server process has terminated: cudaMalloc failed: out of memory: "
    "ggml_gallocr_reserve_n: failed to allocate CUDA0 buffer of size 5905580032"
)
OOM_RUN = "CUDA error: out of memory - current device: 0, in function ggml_backend_cuda_buffer_type_alloc_buffer"
TEXTS = {
    "load_oom": (500, OOM_LOAD),
    "load_crash": (500, "llama-server process has terminated: exit status 2"),
    "load_timeout": (500, "timed out waiting for llama-server to start - progress 0.25 - "),
    "run_oom": (500, OOM_RUN),
    "run_crash": (500, "llama-server process has terminated: signal: segmentation fault"),
    "cancelled": (499, "request canceled"),
    "cloud": (403, "this model is unavailable because cloud features are disabled"),
}
BUSY = "server busy, please try again.  maximum pending requests exceeded"


def struck(mishap: Mishap) -> Refusal:
    """What Ollama says to a mishap."""
    return Refusal(*TEXTS[mishap.kind])


def missing(name: str) -> Refusal:
    """What Ollama says to a model that it has not."""
    return Refusal(404, f"model '{name}' not found")


def unable(name: str, what: str) -> Refusal:
    """What Ollama says to a model that cannot do what it is asked for."""
    if what == "tools":
        return Refusal(400, toolless(name))
    return Refusal(400, f'"{name}" does not support {what}')
