"""What everybody asks "auto", through each client: a greeting, a question, a picture, a tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.clients.calls import SCHEMA, STRUCTURED, WEATHER, Call, user

AUTO: Final = {"model": "auto"}
GREETING: Final = user("hello!")
QUESTION: Final = user("why is the sky blue?")
PICTURE: Final = user("draw me a cat")
CONVERSATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "greeting": {"messages": GREETING},
    "question": {"messages": QUESTION},
    "picture": {"messages": PICTURE},
    "tool": {"messages": user("what is the weather in Rome?"), "tools": [WEATHER]},
}
USAGE: Final = {"stream_options": {"include_usage": True}}


def twice(method: str, bodies: Mapping[str, Mapping[str, Any]], more: Mapping[str, Any]) -> list[Call]:
    """Each asked for whole, and as a stream."""
    whole = [Call(name, method, {**AUTO, **body}) for name, body in bodies.items()]
    return whole + [
        Call(f"{name}, streamed", method, {**AUTO, **body, "stream": True, **more}, stream=True)
        for name, body in bodies.items()
    ]


OPENAI: Final[Sequence[Call]] = (
    *twice("chat.completions.create", CONVERSATIONS, USAGE),
    Call("schema", "chat.completions.create", {**AUTO, "messages": QUESTION, "response_format": STRUCTURED}),
    Call("two replies", "chat.completions.create", {**AUTO, "messages": QUESTION, "n": 2}),
    Call("picture as a part", "chat.completions.create", {**AUTO, "messages": PICTURE, "modalities": ["text", "image"]},
         only=("javascript",)),
    Call("drawn", "images.generate", {**AUTO, "prompt": "a red fox", "size": "512x512"}),
    Call("drawn and packed", "images.generate", {"model": "gpt-image-1", "prompt": "a red fox", "n": 2}),
    Call("nothing to draw", "images.generate", {**AUTO, "prompt": ""}),
    Call("vectors", "embeddings.create", {**AUTO, "input": ["a red fox", "a fox"]}),
    Call("models", "models.list"),
    Call("the model", "models.retrieve", placed=("auto",)),
    Call("bad field", "chat.completions.create", {**AUTO, "messages": QUESTION, "temperature": 9}),
    Call("nothing said", "chat.completions.create", {**AUTO, "messages": []}),
)  # fmt: skip
TEXTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"prompt": "why is the sky blue?"},
    "drawn text": {"prompt": "draw me a cat"},
}
OLLAMA: Final[Sequence[Call]] = (
    *twice("chat", CONVERSATIONS, {}),
    *twice("generate", TEXTS, {}),
    Call("schema", "chat", {**AUTO, "messages": QUESTION, "format": SCHEMA}),
    Call("load", "generate", {**AUTO, "prompt": ""}),
    Call("vectors", "embed", {**AUTO, "input": ["a red fox", "a fox"]}),
    Call("shown", "show", dict(AUTO)),
    Call("models", "list"),
    Call("memory", "ps"),
    Call("version", "version", only=("javascript",)),
    Call("download", "pull", {**AUTO, "stream": True}, stream=True),
)
