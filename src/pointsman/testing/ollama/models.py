"""Models as Ollama has them on its disk: their shapes, what it tells of them, and what they take in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from pointsman.testing.card import GIB

LATEST: Final = ":latest"
MODIFIED: Final = "2026-10-01T09:00:00.123456789Z"
# llama.cpp's own buffers, where the batch is the usual 512.
COMPUTE: Final = 300_000_000
# What Ollama adds for a larger batch when it reckons.
SURCHARGE: Final = ((2048, 2 * GIB), (1024, 768 * 1024**2))
# Without a context of its own choice, by the memory of the card: at least so much, so many tokens.
TIERS: Final = ((47 * GIB, 262_144), (23 * GIB, 32_768), (0, 4096))


@dataclass(frozen=True, slots=True)
class OllamaFile:
    """A model on the disk: `size` bytes, and its shape; `abilities` as /api/tags tells them.

    `dimensions` is how long an embedding model's vectors are. `listed_heads` writes the heads of each layer as a
    list, which /api/show then leaves out.
    """

    name: str
    size: int
    family: str = "qwen3"
    layers: int = 28
    heads: int = 16
    kv_heads: int = 8
    key_length: int = 128
    embedding: int = 1024
    context: int = 40_960
    abilities: frozenset[str] = field(default_factory=lambda: frozenset({"completion"}))
    parameters: str = "0.6B"
    quantization: str = "Q4_K_M"
    dimensions: int = 0
    listed_heads: bool = False

    @property
    def full_name(self) -> str:
        """The name with its tag."""
        return self.name if ":" in self.name.rpartition("/")[2] else self.name + LATEST

    @property
    def digest(self) -> str:
        """What tells it from other files."""
        return hashlib.sha256(self.full_name.encode()).hexdigest()

    @property
    def details(self) -> dict[str, Any]:
        """What every list says of it."""
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameters,
            "quantization_level": self.quantization,
        }

    def tag(self) -> dict[str, Any]:
        """Its row in /api/tags."""
        named = {"name": self.full_name, "model": self.full_name, "modified_at": MODIFIED}
        details = {**self.details, "context_length": self.context, "embedding_length": self.embedding}
        return {
            **named,
            "size": self.size,
            "digest": self.digest,
            "details": details,
            "capabilities": sorted(self.abilities),
        }

    def show(self) -> dict[str, Any]:
        """What /api/show says of it."""
        family = self.family
        info = {
            "general.architecture": family,
            "general.parameter_count": 1_000_000,
            f"{family}.block_count": self.layers,
            f"{family}.context_length": self.context,
            f"{family}.embedding_length": self.embedding,
            f"{family}.attention.head_count": self.heads,
            f"{family}.attention.head_count_kv": None if self.listed_heads else self.kv_heads,
            f"{family}.attention.key_length": self.key_length,
            f"{family}.attention.value_length": self.key_length,
        }
        return {
            "license": "Apache License 2.0",
            "modelfile": f"FROM {self.full_name}\n",
            "parameters": 'stop                           "<|im_end|>"',
            "template": "{{ .Prompt }}",
            "details": self.details,
            "model_info": info,
            "tensors": [],
            "capabilities": sorted(self.abilities),
            "modified_at": MODIFIED,
        }

    def predicted(self, context: int, parallel: int, batch: int = 512) -> int:
        """The bytes that Ollama reckons with before it loads; for some shapes it counts half of the cache."""
        cache = 2 * self.layers * self.kv_heads * (self.embedding // self.heads) * context * parallel * 2
        return self.size + cache + next((more for least, more in SURCHARGE if batch >= least), 0)

    def taken(self, context: int, parallel: int) -> int:
        """The bytes that it really takes, on the card and beside it."""
        return self.size + 2 * self.layers * self.kv_heads * self.key_length * context * parallel * 2 + COMPUTE


CHAT: Final = frozenset({"completion"})
TOOLS: Final = frozenset({"completion", "tools"})
THINKING: Final = frozenset({"completion", "tools", "thinking"})
EMBEDDING: Final = frozenset({"embedding"})

LIBRARY: Final[Mapping[str, OllamaFile]] = MappingProxyType(
    {
        it.name: it
        for it in (
            OllamaFile(
                "smollm2:135m", 271_000_000, "llama", 30, 9, 3, 64, 576, 8192, TOOLS, "134.52M", "F16"
            ),
            OllamaFile(
                "granite4:350m", 708_000_000, "granite", 28, 16, 4, 64, 1024, 32_768, TOOLS, "352M", "BF16"
            ),
            OllamaFile("qwen3:4b", 2_500_000_000, "qwen3", 36, 32, 8, 128, 2560, 262_144, THINKING, "4.0B"),
            OllamaFile("qwen3:14b", 9_300_000_000, "qwen3", 40, 40, 8, 128, 5120, 40_960, THINKING, "14.8B"),
            OllamaFile("qwen3:30b", 18_556_000_000, "qwen3moe", 48, 32, 4, 128, 2048, 262_144, THINKING, "30.5B"),
            OllamaFile(
                "all-minilm", 46_000_000, "bert", 6, 12, 12, 32, 384, 512, EMBEDDING, "23M", "F16", dimensions=384
            ),
            OllamaFile(
                "qwen3-embedding:0.6b",
                639_000_000,
                "qwen3",
                28,
                16,
                8,
                128,
                1024,
                32_768,
                EMBEDDING,
                "595.78M",
                "Q8_0",
                dimensions=1024,
            ),
        )
    }
)  # fmt: skip


def default_context(total: int) -> int:
    """The context that Ollama takes on a card of so many bytes where nobody says."""
    return next(tokens for least, tokens in TIERS if total >= least)
