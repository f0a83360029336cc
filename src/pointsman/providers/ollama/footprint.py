"""How much memory a model will take, before anybody has measured it: weights, context, and what the work needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pointsman.providers.remote.reading import number

F16_BYTES: Final = 2.0
"""Bytes of a number in the cache; q8_0, which OLLAMA_KV_CACHE_TYPE sets, takes about half."""
# A CUDA context is 0.3 to 0.6 GB, and /api/ps does not count it; the rest is what llama.cpp computes in.
OVERHEAD: Final = 700_000_000
# Grows with the context: attention's own buffers, where flash attention is off.
WORKING_BYTES_A_TOKEN: Final = 16_384
# For a model that tells nothing of its shape: that of a 14B model (40 layers, 8 heads of 128, f16).
UNKNOWN_BYTES_A_TOKEN: Final = 163_840


def estimate(
    show: Mapping[str, Any],
    size: int,
    context: int,
    parallel: int = 1,
    *,
    num_gpu: int | None = None,
    cache_bytes: float = F16_BYTES,
) -> int:
    """The bytes that a model takes on the card, rather too many than too few.

    `show` is what /api/show told, `size` the bytes of its files (/api/tags), `context` the tokens of each of
    `parallel` conversations. `num_gpu` is how many of its layers go on the card, None for all.
    """
    info = show.get("model_info")
    shape = Shape(info if isinstance(info, dict) else {})
    tokens = min(context, shape.longest or context) * max(1, parallel)
    # What Ollama loads is never less than its file: the vision part and the output layer are in there too.
    whole = size + tokens * shape.bytes_a_token(cache_bytes)
    share = 1.0
    if num_gpu is not None and num_gpu >= 0 and shape.layers:
        share = min(1.0, num_gpu / (shape.layers + 1))  # the output counts as one more layer
    if share == 0.0:
        return 0
    return int(whole * share) + OVERHEAD + tokens * WORKING_BYTES_A_TOKEN


class Shape:
    """What a model's own description says of its shape; 0 where it says nothing.

    Sliding windows, layers without attention and shared caches only make the cache smaller, so they do not count:
    every layer is taken for one with full attention.
    """

    def __init__(self, info: Mapping[str, Any]) -> None:
        architecture = str(info.get("general.architecture") or "")
        self._info = {
            name.removeprefix(f"{architecture}."): value for name, value in info.items() if isinstance(name, str)
        }
        self.layers = self._number("block_count")
        self.longest = self._number("context_length")

    def bytes_a_token(self, cache_bytes: float = F16_BYTES) -> int:
        """What a token of context takes, keys and values of all layers."""
        heads = self._number("attention.head_count")
        kv_heads = self._kv_heads(heads)
        if not self.layers or not kv_heads:
            return int(UNKNOWN_BYTES_A_TOKEN * cache_bytes / F16_BYTES)
        # Not embedding_length / heads, which is half of it for Qwen3's mixtures.
        key = self._number("attention.key_length") or (self._number("embedding_length") // heads if heads else 0)
        value = self._number("attention.value_length") or key
        if not key:
            return int(UNKNOWN_BYTES_A_TOKEN * cache_bytes / F16_BYTES)
        return int(kv_heads * (key + value) * cache_bytes)

    def _kv_heads(self, heads: int) -> int:
        """The heads of keys and values of all layers together; where layers differ, Ollama may not tell how."""
        told = self._info.get("attention.head_count_kv")
        if isinstance(told, list):
            return max(1, sum(int(number(it) or 0) for it in told))
        return (int(number(told) or 0) or heads) * self.layers

    def _number(self, name: str) -> int:
        told = self._info.get(name)
        if isinstance(told, list):  # one for each layer: the largest, to be safe
            return max((int(number(it) or 0) for it in told), default=0)
        return max(0, int(number(told) or 0))
