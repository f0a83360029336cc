"""Every operation of the gateway: what it is for, what it takes and gives, and an example that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman.http import shapes
from pointsman.http.shapes import ANYTHING, FLAG, NUMBER, TEXT, WHOLE, Schema, listed, some

EVENTS: Final = ("text/event-stream",)
LINES: Final = ("application/x-ndjson",)
PLAIN: Final = ("text/plain",)
METRICS: Final = ("text/plain", "application/openmetrics-text")
IMAGES: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/octet-stream")
HELLO: Final = [{"role": "user", "content": "hello"}]
# A server that is asked for one of its models has errors of its own, which are passed on.
MODELS: Final = (404, 429, 501, 502)


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of a method at an address.

    `gives` is the shape of its answer where that is JSON, `kinds` are other media types that it can have. `fails` are
    the errors that not every address has. `takes` is the shape of its body where the route itself does not say it.
    """

    summary: str
    gives: Schema | None = None
    kinds: tuple[str, ...] = ()
    fails: tuple[int, ...] = ()
    takes: Schema | None = None
    example: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] | None = None
    query: tuple[Mapping[str, Any], ...] = ()


def query(name: str, schema: Schema, about: str) -> Mapping[str, Any]:
    """A part of the address behind its question mark."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": about}


LINK: Final = (
    query("expires", {"type": "string"}, "until when the link opens, in seconds since the epoch"),
    query("signature", {"type": "string"}, "what makes the link one of this server"),
)
DECISION_ID: Final = {"description": "the id of a decision, or a beginning of it", "example": "1f2e3d4c5b6a"}
CORRECTIONS: Final = (400, 404)
OWNER: Final = {"description": "whose: surface:user, or local", "example": "discord:80351110224678912"}
ORIGIN: Final = (
    *(query(name, TEXT, "for whom the request speaks, where its key may") for name in ("surface", "user", "guild")),
    query("channel", TEXT, "where it was said, with others reading along"),
    query("direct", FLAG, "whether nobody reads along"),
)
IDS: Final = query("id", listed(TEXT), "the id of a memory; several may stand one after the other")

OPENAI: Final[Mapping[tuple[str, str], Operation]] = {
    ("GET", "/v1/models"): Operation("List models", shapes.MODELS, fails=(502,)),
    ("GET", "/v1/models/{name}"): Operation(
        "Look at a model", shapes.MODEL, fails=(404, 502), parameters={"description": "its name", "example": "auto"}
    ),
    ("POST", "/v1/chat/completions"): Operation(
        "Chat", shapes.COMPLETION, EVENTS, MODELS, shapes.CHAT, {"model": "auto", "messages": HELLO}
    ),
    ("POST", "/v1/embeddings"): Operation(
        "Make vectors of texts", shapes.VECTORS, (), MODELS, shapes.EMBED, {"model": "auto", "input": ["a red fox"]}
    ),
    ("POST", "/v1/images/generations"): Operation(
        "Draw pictures", shapes.PICTURES, (), MODELS, shapes.DRAW, {"prompt": "a red fox in the snow", "n": 1}
    ),
    ("GET", "/v1/pictures/{name}"): Operation(
        "Open the link to a picture", None, IMAGES, (404, 410), query=LINK,
        parameters={"description": "the name in the link", "example": "Zm94"},
    ),
}  # fmt: skip
OLLAMA: Final[Mapping[tuple[str, str], Operation]] = {
    ("GET", "/"): Operation("Ask whether somebody is there", None, PLAIN),
    ("GET", "/api/version"): Operation("Ask for the version", some(version=TEXT)),
    ("GET", "/api/tags"): Operation("List models", shapes.OLLAMA_MODELS),
    ("GET", "/api/ps"): Operation("List models in memory", some(models=listed(ANYTHING))),
    ("POST", "/api/show"): Operation("Look at a model", shapes.OLLAMA_SHOWN, (), MODELS, None, {"model": "auto"}),
    ("POST", "/api/chat"): Operation(
        "Chat, by Ollama's rules", shapes.OLLAMA_CHAT, LINES, MODELS, None, {"model": "auto", "messages": HELLO}
    ),
    ("POST", "/api/generate"): Operation(
        "Go on with a text; without one, load a model or send it away", shapes.OLLAMA_TEXT, LINES, MODELS, None,
        {"model": "auto", "prompt": "hello", "stream": False},
    ),
    ("POST", "/api/embed"): Operation(
        "Make vectors of texts", shapes.OLLAMA_VECTORS, (), MODELS, None, {"model": "auto", "input": ["a red fox"]}
    ),
    ("POST", "/api/embeddings"): Operation(
        "Make the vector of a text", shapes.OLLAMA_VECTOR, (), MODELS, None, {"model": "auto", "prompt": "a red fox"}
    ),
    ("POST", "/api/pull"): Operation(
        "Have an Ollama download a model", some(status=TEXT), LINES, MODELS, None, {"model": "auto", "stream": False}
    ),
}  # fmt: skip
NATIVE: Final[Mapping[tuple[str, str], Operation]] = {
    ("GET", "/healthz"): Operation("Ask whether it is well", some(status=TEXT, version=TEXT, models=listed(TEXT))),
    ("GET", "/readyz"): Operation("Ask whether messages may be sent", some(status=TEXT)),
    ("GET", "/metrics"): Operation("Read the metrics", None, METRICS),
    ("POST", "/v1/config/reload"): Operation(
        "Read the configuration again", some(changed=listed(TEXT), restart=listed(TEXT), loaded_at=NUMBER),
        fails=(400, 422),
    ),
    ("POST", "/v1/route"): Operation(
        "Decide, and do nothing", shapes.DECISION, (), (502,), None, {"text": "draw me a cat"}
    ),
    ("GET", "/v1/decisions/{decision_id}"): Operation(
        "Look a decision up", shapes.DECISION, fails=(400, 404), parameters=DECISION_ID
    ),
    ("POST", "/v1/decisions/{decision_id}/correction"): Operation(
        "Correct a decision", shapes.CORRECTED, (), CORRECTIONS, None,
        {"category": "general_chat", "preview": True}, DECISION_ID,
    ),
    ("DELETE", "/v1/decisions/{decision_id}/correction"): Operation(
        "Take a correction back", shapes.CORRECTED, fails=CORRECTIONS, parameters=DECISION_ID
    ),
    ("GET", "/v1/decisions/{decision_id}/tools"): Operation(
        "Look at the tools that a reply called", some(tools=listed(ANYTHING)), fails=(400, 404), parameters=DECISION_ID
    ),
    ("POST", "/v1/ask"): Operation(
        "Have a message answered", None, LINES, MODELS, None, {"text": "hello", "origin": {"session": "one"}}
    ),
    ("GET", "/v1/known"): Operation("See what can be chosen", shapes.KNOWN),
    ("GET", "/v1/memories"): Operation(
        "List memories", some(memories=listed(shapes.MEMORY)), fails=(400,), query=ORIGIN
    ),
    ("POST", "/v1/memories"): Operation(
        "Remember something", some(known=FLAG), (), (), None, {"text": "my bike is in the blue shed"}
    ),
    ("DELETE", "/v1/memories"): Operation(
        "Forget memories", some(forgotten=listed(shapes.MEMORY)), fails=(400,), query=(IDS, *ORIGIN)
    ),
    ("GET", "/v1/persons/{owner}"): Operation(
        "Hand over all that is kept of a person", shapes.PERSON, fails=(400,), parameters=OWNER
    ),
    ("DELETE", "/v1/persons/{owner}"): Operation(
        "Erase all that is kept of a person", shapes.ERASED, fails=(400,), parameters=OWNER
    ),
    ("GET", "/v1/quota"): Operation("Ask what services allow", some(services=listed(ANYTHING)), fails=(502,)),
    ("GET", "/v1/gpu"): Operation(
        "Look at the cards", some(managed=FLAG, cards=listed(ANYTHING), tenants=listed(ANYTHING)), fails=(502,)
    ),
    ("POST", "/v1/gpu/free"): Operation(
        "Give memory back", some(managed=FLAG, freed=WHOLE, still=listed(TEXT)), (), (502,), None, {"deep": False}
    ),
}  # fmt: skip
OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {**OPENAI, **OLLAMA, **NATIVE}
