"""What is known of Workers AI's models: what they cost in neurons, and what they have to be told.

Source: Cloudflare's pricing, model and changelog pages, September and October 2026; `cf-ai-neurons` says what a call
really took.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pointsman.providers.remote.embeddings import Space

MILLION: Final = 1e6
# Neurons for a million tokens in, and for a million tokens out.
NEURONS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "@cf/cloudflare/clef-flash": (3_455, 0),
        "@cf/cloudflare/clef-omni": (13_636, 0),
        "@cf/cloudflare/clef": (21_818, 0),
        "@cf/ibm-granite/granite-4.0-h-micro": (1_542, 10_158),
        "@cf/meta/llama-3.2-1b-instruct": (2_457, 18_252),
        "@cf/meta/llama-3.2-3b-instruct": (4_625, 30_475),
        "@cf/meta/llama-3.1-8b-instruct-fp8-fast": (4_119, 34_868),
        "@cf/zai-org/glm-4.7-flash": (5_500, 36_400),
        "@cf/google/gemma-4-26b-a4b-it": (9_091, 27_273),
        "@cf/openai/gpt-oss-20b": (18_182, 27_273),
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast": (26_668, 204_805),
        "@cf/qwen/qwen3-30b-a3b-fp8": (4_625, 30_475),
        "@cf/baai/bge-small-en-v1.5": (1_841, 0),
        "@cf/baai/bge-base-en-v1.5": (6_058, 0),
        "@cf/baai/bge-large-en-v1.5": (18_582, 0),
        "@cf/baai/bge-m3": (1_075, 0),
        "@cf/qwen/qwen3-embedding-0.6b": (1_075, 0),
        # Not on the page of prices; taken to cost what others of its kind do.
        "@cf/google/embeddinggemma-300m": (1_075, 0),
        "@cf/huggingface/distilbert-sst-2-int8": (2_394, 0),
    }
)
# A model that is not known may be the dearest: of those that are, that is the 70B one.
DEAREST: Final = (30_000.0, 205_000.0)

# Only these keep to a schema; of the documented list, the other models are gone, or answer 5025.
KEEPS_TO_SCHEMA: Final = frozenset({"@cf/meta/llama-3.3-70b-instruct-fp8-fast"})
# These think before they answer, so they need more room. Gemma 4 can be told not to, in OpenAI's language.
THINKS: Final = ("@cf/openai/gpt-oss", "@cf/qwen/qwen3", "@cf/qwen/qwq", "@cf/zai-org/glm", "@cf/deepseek-ai/")
OPENAI_SPOKEN: Final = ("@cf/google/gemma-4",)
NOT_THINKING: Final[Mapping[str, Any]] = MappingProxyType({"chat_template_kwargs": {"enable_thinking": False}})
ROOM: Final = 32
ROOM_TO_THINK: Final = 512
# About 900 tokens of thought were seen for one label; where they do not fit, no label comes at all.
THINKS_LONG: Final = ("@cf/qwen/qwen3", "@cf/qwen/qwq", "@cf/deepseek-ai/")
ROOM_TO_THINK_LONG: Final = 1_500

BGE_ENGLISH: Final[Mapping[str, int]] = MappingProxyType(
    {"@cf/baai/bge-small-en-v1.5": 384, "@cf/baai/bge-base-en-v1.5": 768, "@cf/baai/bge-large-en-v1.5": 1024}
)
BGE_M3: Final = "@cf/baai/bge-m3"
SPACES: Final[Mapping[str, Space]] = MappingProxyType(
    {
        # It takes 60,000 tokens in one batch; no text has many more tokens than characters.
        BGE_M3: Space("own", 1024, most_texts=100, most_characters=40_000, most_each=4000),
        "@cf/qwen/qwen3-embedding-0.6b": Space("own", 1024, most_texts=32),
        "@cf/google/embeddinggemma-300m": Space("own", 768),
    }
)


def neurons(model: str, tokens_in: float, tokens_out: float = 0.0) -> float:
    """About how many neurons a call takes."""
    into, out = NEURONS.get(model, DEAREST)
    return (into * tokens_in + out * tokens_out) / MILLION


def space(model: str, pooling: str) -> Space:
    """Where a model's vectors live; `pooling` counts for the English bge models, whose two poolings never meet."""
    if model in BGE_ENGLISH:
        return Space(pooling, BGE_ENGLISH[model])
    return SPACES.get(model, Space())


def embedding_body(model: str, texts: list[str], pooling: str) -> dict[str, Any]:
    """What an embedding model is sent; what it does not know, it refuses."""
    if model in BGE_ENGLISH:
        return {"text": texts, "pooling": pooling}
    return {"text": texts, "truncate_inputs": True} if model == BGE_M3 else {"text": texts}


def room(model: str) -> int:
    """How many tokens an answer of one label may have."""
    if model.startswith(THINKS_LONG):
        return ROOM_TO_THINK_LONG
    return ROOM_TO_THINK if model.startswith(THINKS) else ROOM
