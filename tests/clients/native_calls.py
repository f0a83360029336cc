"""The calls that Ollama's clients make, in an order in which models are loaded, listed and sent away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.clients.calls import HELLO, PIXEL, PLAIN, SCHEMA, TEXT, THINKS, VECTORS, WEATHER, Call, user

PULLED: Final = "tiny-new:latest"
ASKED: Final = user("the weather in <Rome> & Paris")
WITH_RESULT: Final = [
    *ASKED,
    {"role": "assistant", "content": "", "tool_calls": [
        {"function": {"name": "get_weather", "arguments": {"city": "Rome"}}}]},
    {"role": "tool", "tool_name": "get_weather", "content": '{"celsius": 21}'},
]  # fmt: skip
LOOK: Final = [{"role": "user", "content": "what is this?", "images": [PIXEL]}]
CHATS: Final[Mapping[str, dict[str, Any]]] = {
    "chat": {"model": PLAIN, "messages": HELLO},
    "thinking by itself": {"model": THINKS, "messages": HELLO},
    "thinking": {"model": THINKS, "messages": HELLO, "think": True},
    "no thinking": {"model": THINKS, "messages": HELLO, "think": False},
    "thinking much": {"model": THINKS, "messages": HELLO, "think": "high"},
    "no thoughts here": {"model": PLAIN, "messages": HELLO, "think": True},
    "tools": {"model": THINKS, "messages": ASKED, "tools": [WEATHER]},
    "results of tools": {"model": THINKS, "messages": WITH_RESULT, "tools": [WEATHER]},
    "no tools here": {"model": TEXT, "messages": HELLO, "tools": [WEATHER]},
    "json": {"model": PLAIN, "messages": HELLO, "format": "json"},
    "schema": {"model": PLAIN, "messages": HELLO, "format": SCHEMA},
    "picture": {"model": THINKS, "messages": LOOK},
    "settings": {"model": PLAIN, "messages": HELLO, "options": {"num_predict": 2, "temperature": 0, "seed": 1}},
    "another context": {"model": PLAIN, "messages": HELLO, "options": {"num_ctx": 2048}},
    "kept for a while": {"model": PLAIN, "messages": HELLO, "keep_alive": "7m"},
    "kept for seconds": {"model": PLAIN, "messages": HELLO, "keep_alive": 90},
    "kept for ever": {"model": PLAIN, "messages": HELLO, "keep_alive": -1},
    "kept oddly": {"model": PLAIN, "messages": HELLO, "keep_alive": "soon"},
    "probabilities": {"model": PLAIN, "messages": HELLO, "logprobs": True, "top_logprobs": 2},
    "unknown model": {"model": "nobody-has-this", "messages": HELLO},
    "not for chats": {"model": VECTORS, "messages": HELLO},
    "load": {"model": PLAIN, "messages": []},
    "unload": {"model": PLAIN, "messages": [], "keep_alive": 0},
}
TEXTS: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"model": PLAIN, "prompt": "once upon a time"},
    "text with a system": {"model": PLAIN, "prompt": "once", "system": "be brief", "raw": False},
    "text with a picture": {"model": THINKS, "prompt": "what is this?", "images": [PIXEL]},
    "text as json": {"model": PLAIN, "prompt": "once", "format": "json"},
    "text by schema": {"model": PLAIN, "prompt": "once", "format": SCHEMA},
    "text with thoughts": {"model": THINKS, "prompt": "once", "think": True},
    "text of no model": {"model": "nobody-has-this", "prompt": "once"},
    "load by text": {"model": PLAIN, "prompt": "", "keep_alive": "5m"},
    "load by text alone": {"model": TEXT},
    "unload by text": {"model": PLAIN, "prompt": "", "keep_alive": 0},
    "unload by a duration": {"model": TEXT, "keep_alive": "0s"},
    "vectors are no text": {"model": VECTORS, "prompt": "once"},
}


def chats() -> list[Call]:
    """Every chat and every text, whole and streamed, with a look at what is in memory after each."""
    found = []
    for method, bodies in (("chat", CHATS), ("generate", TEXTS)):
        for name, body in bodies.items():
            found += [
                Call(name, method, body),
                Call(f"{name}, streamed", method, {**body, "stream": True}, stream=True),
                Call(f"memory after: {name}", "ps"),
            ]
    return found


NATIVE: Final = (
    Call("nothing in memory", "ps"),
    *chats(),
    Call("models", "list"),
    Call("version", "version", only=("javascript",)),
    Call("vector", "embed", {"model": VECTORS, "input": "a red fox"}),
    Call("vectors", "embed", {"model": VECTORS, "input": ["a red fox", "ü"], "truncate": True, "keep_alive": "1m"}),
    Call("shorter vector", "embed", {"model": VECTORS, "input": "a", "dimensions": 8}),
    Call("no text for a vector", "embed", {"model": VECTORS, "input": []}),
    Call("no vectors here", "embed", {"model": PLAIN, "input": "a"}),
    Call("vector of no model", "embed", {"model": "nobody-has-this", "input": "a"}),
    Call("vector as it once was", "embeddings", {"model": VECTORS, "prompt": "a red fox"}),
    Call("no text as it once was", "embeddings", {"model": VECTORS, "prompt": ""}),
    Call("memory after vectors", "ps"),
    Call("a model", "show", {"model": THINKS}),
    Call("a model without its tag", "show", {"model": f"{VECTORS}:latest"}),
    Call("no model", "show", {"model": "nobody-has-this"}),
    Call("download", "pull", {"model": PULLED}),
    Call("download, streamed", "pull", {"model": PULLED, "stream": True}, stream=True),
    Call("models after a download", "list"),
    Call("download of nothing", "pull", {"model": "nobody-has-this"}),
    Call("download of nothing, streamed", "pull", {"model": "nobody-has-this", "stream": True}, stream=True),
    Call("chat with what was downloaded", "chat", {"model": PULLED, "messages": HELLO}),
    Call("is it there", "GET /"),
    Call("is it there at all", "HEAD /"),
    Call("no body", "POST /api/chat", body=""),
    Call("no json", "POST /api/chat", body="{"),
    Call("no model named", "POST /api/chat", body="{}"),
    Call("no model named for a text", "POST /api/generate", body='{"prompt": "a"}'),
    Call("shown by its older name", "POST /api/show", body='{"name": "smollm2:135m"}'),
    Call("wrong method", "GET /api/chat"),
)
