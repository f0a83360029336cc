"""The shapes of bodies on the wire, as JSON Schema: what the OpenAPI document says of them."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
NAME: Final[Schema] = {"type": "string", "minLength": 1}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
ANYTHING: Final[Schema] = {"type": "object"}


def listed(entry: Schema, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": entry, **more}


def some(**fields: Schema) -> Schema:
    """An object that has all of these fields, and may have others."""
    return {"type": "object", "required": list(fields), "properties": fields}


def optional(shape: Schema, **fields: Schema) -> Schema:
    """The object with fields that may be left out, or be null."""
    kinds = {name: {"anyOf": [field, {"type": "null"}]} for name, field in fields.items()}
    return {**shape, "properties": {**shape["properties"], **kinds}}


def between(low: float, high: float, kind: str = "number") -> Schema:
    """A number with its bounds."""
    return {"type": kind, "minimum": low, "maximum": high}


NULL_OR_TEXT: Final[Schema] = {"type": ["string", "null"]}
TOKENS: Final = between(1, 2**31 - 1, "integer")
PART: Final[Schema] = {
    "oneOf": [
        some(type={"const": "text"}, text=TEXT),
        some(
            type={"const": "image_url"}, image_url=some(url={"type": "string", "pattern": "^(data:image/|https?://)"})
        ),
    ]
}
ROLES: Final[Schema] = {"enum": ["system", "developer", "user", "assistant", "tool"]}
MESSAGE: Final = optional(
    some(role=ROLES), content={"anyOf": [TEXT, listed(PART)]}, tool_calls=listed(ANYTHING), tool_call_id=TEXT
)
TOOL: Final = some(
    type={"const": "function"},
    function=optional(
        some(name={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"}), description=TEXT, parameters=ANYTHING
    ),
)
FORM: Final[Schema] = {
    "oneOf": [
        some(type={"enum": ["text", "json_object"]}),
        some(type={"const": "json_schema"}, json_schema=some(name=NAME, schema=ANYTHING)),
    ]
}
CHAT: Final = optional(
    some(model=NAME, messages=listed(MESSAGE, minItems=1)),
    stream=FLAG,
    stream_options=optional(some(), include_usage=FLAG),
    n=between(1, 8, "integer"),
    max_tokens=TOKENS,
    max_completion_tokens=TOKENS,
    temperature=between(0, 2),
    top_p=between(0, 1),
    seed=between(-(2**63), 2**63 - 1, "integer"),
    stop={"anyOf": [NAME, listed(NAME, maxItems=16)]},
    tools=listed(TOOL, maxItems=128),
    tool_choice={"anyOf": [{"enum": ["none", "auto", "required"]}, some(type=TEXT, function=some(name=NAME))]},
    parallel_tool_calls=FLAG,
    response_format=FORM,
    frequency_penalty=between(-2, 2),
    presence_penalty=between(-2, 2),
    reasoning_effort={"enum": ["none", "minimal", "low", "medium", "high", "xhigh", "max"]},
    modalities=listed({"enum": ["text", "image", "audio"]}),
    logprobs=FLAG,
    top_logprobs=between(0, 20, "integer"),
    user=TEXT,
)
USAGE: Final = some(prompt_tokens=WHOLE, completion_tokens=WHOLE, total_tokens=WHOLE)
CHOICE: Final = some(
    index=WHOLE,
    message=optional(some(role={"const": "assistant"}, content=NULL_OR_TEXT), tool_calls=listed(ANYTHING)),
    finish_reason=NULL_OR_TEXT,
)
COMPLETION: Final = some(
    id=TEXT, object={"const": "chat.completion"}, created=WHOLE, model=TEXT, choices=listed(CHOICE), usage=USAGE
)
MODEL: Final = some(id=TEXT, object={"const": "model"}, created=WHOLE, owned_by=TEXT)
MODELS: Final = some(object={"const": "list"}, data=listed(MODEL))
TEXTS: Final[Schema] = {"anyOf": [TEXT, listed(TEXT, minItems=1, maxItems=2048)]}
EMBED: Final = optional(
    some(model=NAME, input=TEXTS),
    encoding_format={"enum": ["float", "base64"]},
    dimensions=between(1, 65_536, "integer"),
    user=TEXT,
)  # fmt: skip
VECTOR: Final = some(
    object={"const": "embedding"}, index=WHOLE, embedding={"anyOf": [listed(NUMBER), {"type": "string"}]}
)
VECTORS: Final = some(
    object={"const": "list"}, data=listed(VECTOR), model=TEXT, usage=some(prompt_tokens=WHOLE, total_tokens=WHOLE)
)
DRAW: Final = optional(
    some(prompt={"type": "string", "minLength": 1, "maxLength": 32_000}),
    model=TEXT,
    n=between(1, 64, "integer"),
    size={"type": "string", "pattern": "^(auto|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$"},
    response_format={"enum": ["url", "b64_json"]},
    seed=between(0, 2**63 - 1, "integer"),
    style=TEXT,
    negative_prompt=TEXT,
)
PICTURES: Final = some(created=WHOLE, data=listed({"anyOf": [some(url=TEXT), some(b64_json=TEXT)]}), output_format=TEXT)
OLLAMA_MODELS: Final = some(models=listed(some(name=TEXT, model=TEXT, size=WHOLE, digest=TEXT, details=ANYTHING)))
OLLAMA_CHAT: Final = some(model=TEXT, created_at=TEXT, message=some(role=TEXT, content=TEXT), done=FLAG)
OLLAMA_TEXT: Final = some(model=TEXT, created_at=TEXT, response=TEXT, done=FLAG)
OLLAMA_VECTORS: Final = some(model=TEXT, embeddings=listed(listed(NUMBER)))
OLLAMA_VECTOR: Final = some(embedding=listed(NUMBER))
OLLAMA_SHOWN: Final = some(details=ANYTHING, model_info=ANYTHING, capabilities=listed(TEXT))
DECISION: Final = some(id=TEXT, category=TEXT, path=TEXT, tier=TEXT, confidence=between(0, 1), trace=listed(ANYTHING))
CORRECTED: Final = some(applied=FLAG)
KNOWN: Final = some(categories=ANYTHING, models=listed(TEXT), styles=listed(TEXT), picture_jobs=listed(TEXT))
MEMORY: Final = some(id=TEXT, text=TEXT, owner=TEXT, scope=TEXT, guild=TEXT, at=NUMBER, surface=TEXT, own=FLAG)
PERSON: Final = some(owner=TEXT, memories=listed(MEMORY), decisions=listed(ANYTHING), corrections=listed(ANYTHING))
ERASED: Final = some(memories=WHOLE, decisions=WHOLE, corrections=WHOLE, log_emptied=FLAG)
