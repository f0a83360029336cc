"""What a request that is passed on to an Ollama means for the memory of the card: a load, an unload, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pointsman.core.relay import Forward

CHAT: Final = "/api/chat"
GENERATE: Final = "/api/generate"
LOADING: Final = frozenset({CHAT, GENERATE, "/api/embed", "/api/embeddings"})
# A duration of nothing, as Go reads it: 0, "0s", "0h0m", "-0.0ms".
NOTHING: Final = re.compile(r"[+-]?(?:0|(?:(?:0+\.?0*|\.0+)(?:h|ms|m|us|µs|ns|s))+)")


def loads(forward: Forward) -> bool:
    """Whether a request brings its model into memory where it is not; lists, downloads and unloads do not."""
    return forward.path in LOADING and not unloads(forward)


def unloads(forward: Forward) -> bool:
    """Whether a request only sends its model away."""
    return asks_nothing(forward) and is_nothing(forward.body.get("keep_alive"))


def asks_nothing(forward: Forward) -> bool:
    """Whether a chat has no messages, or a completion no prompt: then a model is loaded, or sent away."""
    said = {CHAT: "messages", GENERATE: "prompt"}.get(forward.path)
    return said is not None and not forward.body.get(said)


def is_nothing(keep_alive: object) -> bool:
    """Whether a model is to stay for no time at all."""
    if isinstance(keep_alive, str):
        return bool(NOTHING.fullmatch(keep_alive))
    return isinstance(keep_alive, int | float) and not isinstance(keep_alive, bool) and keep_alive == 0


def named(body: Mapping[str, Any]) -> str:
    """The model that a body names, which older clients write as its name; "" for none."""
    return next((it for it in (body.get("model"), body.get("name")) if isinstance(it, str) and it), "")
