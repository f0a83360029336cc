"""The calls that every official client makes, as data: two servers that are the same answer them the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

Client = Literal["openai", "ollama"]
THINKS: Final = "qwen3:4b"
PLAIN: Final = "smollm2:135m"
TEXT: Final = "written"  # no tools, no thoughts
VECTORS: Final = "all-minilm"
PIXEL: Final = "iVBORw0KGgo="


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client's method with `given` by name, or `placed` by place where the method takes it so.

    `stream` collects what comes in pieces. A method with a slash is a plain request: its method and its path, with
    `body` as it is. `only` names the clients' languages where not all have the method.
    """

    name: str
    method: str
    given: Mapping[str, Any] = field(default_factory=dict)
    placed: tuple[Any, ...] = ()
    stream: bool = False
    body: str | None = None
    only: tuple[str, ...] = ("python", "javascript")

    def to_dict(self) -> dict[str, Any]:
        """The call as JSON."""
        return asdict(self)


def user(text: Any) -> list[dict[str, Any]]:
    """A conversation that begins."""
    return [{"role": "user", "content": text}]


HELLO: Final = user("say <something> & more, in 'quotes' or ünïcödé ☂")
PARAMETERS: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER: Final = {
    "type": "function",
    "function": {"name": "get_weather", "description": "the weather of a city", "parameters": PARAMETERS},
}
ASKED: Final = user("the weather in <Rome> & Paris")
WITH_RESULT: Final = [
    *ASKED,
    {"role": "assistant", "content": "", "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'}}]},
    {"role": "tool", "tool_call_id": "call_1", "content": '{"celsius": 21}'},
]  # fmt: skip
SCHEMA: Final = {"type": "object", "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"]}
STRUCTURED: Final = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}
PICTURE: Final = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
LOOK: Final = user([{"type": "text", "text": "what is this?"}, PICTURE])
FAR: Final = user([{"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}])


def openai_calls(chat: str, plain: str, vectors: str, own: tuple[Call, ...]) -> tuple[Call, ...]:
    """What OpenAI's clients call: `chat` calls tools, `plain` does not think, `vectors` makes vectors."""
    completion = "chat.completions.create"
    bodies: Mapping[str, dict[str, Any]] = {
        "chat": {"model": plain, "messages": HELLO},
        "chat of the main kind": {"model": chat, "messages": HELLO},
        "system and history": {"model": plain, "messages": [
            {"role": "system", "content": "be kind"}, *HELLO, {"role": "assistant", "content": "no"}, *user("why?")]},
        "settings": {"model": plain, "messages": HELLO, "temperature": 0.3, "top_p": 0.5, "seed": 4, "stop": ["end"],
                     "max_tokens": 3, "frequency_penalty": 0.1, "presence_penalty": 0.2, "user": "me"},
        "one stop": {"model": plain, "messages": HELLO, "stop": "end"},
        "two wanted": {"model": plain, "messages": HELLO, "n": 2},
        "seed": {"model": plain, "messages": HELLO, "seed": 7},
        "tools": {"model": chat, "messages": ASKED, "tools": [WEATHER]},
        "tools that are not wanted": {"model": chat, "messages": HELLO, "tools": [WEATHER]},
        "results of tools": {"model": chat, "messages": WITH_RESULT, "tools": [WEATHER]},
        "picture": {"model": chat, "messages": LOOK},
        "json": {"model": plain, "messages": HELLO, "response_format": {"type": "json_object"}},
        "schema": {"model": plain, "messages": HELLO, "response_format": STRUCTURED},
        "probabilities": {"model": plain, "messages": HELLO, "logprobs": True, "top_logprobs": 2},
        "unknown fields": {"model": plain, "messages": HELLO, "metadata": {"a": "b"}, "store": False},
        "nothing said": {"model": plain, "messages": []},
        "unknown model": {"model": "nobody-has-this", "messages": HELLO},
        "not for chats": {"model": vectors, "messages": HELLO},
    }  # fmt: skip
    usage = {"stream_options": {"include_usage": True}}
    chats = [Call(name, completion, body) for name, body in bodies.items()]
    streams = [
        Call(f"{name}, streamed", completion, {**body, "stream": True, **(usage if number % 2 else {})}, stream=True)
        for number, (name, body) in enumerate(bodies.items())
    ]
    embed = "embeddings.create"
    return (
        *chats,
        *streams,
        *own,
        Call("models", "models.list"),
        Call("a model", "models.retrieve", placed=(plain,)),
        Call("no model", "models.retrieve", placed=("nobody-has-this",)),
        Call("vector", embed, {"model": vectors, "input": "a red fox"}),
        Call("vectors", embed, {"model": vectors, "input": ["a red fox", "a fox", "ü"], "encoding_format": "float"}),
        Call("packed vectors", embed, {"model": vectors, "input": ["a", "b"], "encoding_format": "base64"}),
        Call("shorter vector", embed, {"model": vectors, "input": "a", "dimensions": 8, "encoding_format": "float"}),
        Call("vector of no model", embed, {"model": "nobody-has-this", "input": "a"}),
    )


OF_OLLAMA: Final = (
    Call("thinking", "chat.completions.create", {"model": THINKS, "messages": HELLO, "reasoning_effort": "high"}),
    Call("no thinking", "chat.completions.create", {"model": THINKS, "messages": HELLO, "reasoning_effort": "none"}),
    Call("odd effort", "chat.completions.create", {"model": THINKS, "messages": HELLO, "reasoning_effort": "odd"}),
    Call("no tools here", "chat.completions.create", {"model": TEXT, "messages": HELLO, "tools": [WEATHER]}),
    Call("no thoughts here", "chat.completions.create", {"model": PLAIN, "messages": HELLO, "reasoning_effort": "low"}),
    Call("far picture", "chat.completions.create", {"model": THINKS, "messages": FAR}),
    Call("a number said", "chat.completions.create", {"model": PLAIN, "messages": user(2)}),
    Call("a part of no kind", "chat.completions.create", {"model": PLAIN, "messages": user([{"type": "smell"}])}),
    Call("no text for a vector", "embeddings.create", {"model": VECTORS, "input": []}),
    Call("odd packing", "embeddings.create", {"model": VECTORS, "input": "a", "encoding_format": "zip"}),
)
ON_OLLAMA: Final = openai_calls(THINKS, PLAIN, VECTORS, OF_OLLAMA)
ON_SERVER: Final = openai_calls("m", "m", "m-embed", ())
