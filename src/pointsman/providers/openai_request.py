"""How a chat is asked for on servers that speak OpenAI's language, each with gaps of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.providers.llama_wire import messages_of
from pointsman.providers.openai_tools import TOOLS, choice_of, tools_of
from pointsman.providers.remote.wire import Reply

# What a server may refuse by name, and what is sent in its place ("": nothing). The reply is as good without: older
# servers count no tokens in a stream, Mistral calls its seed otherwise, and OpenAI's newer models their limit; those
# that think take no temperature, and many give no probabilities.
REFUSABLE: Final = {
    "stream_options": "",
    "seed": "",
    "max_tokens": "max_completion_tokens",
    "temperature": "",
    "top_p": "",
    "frequency_penalty": "",
    "presence_penalty": "",
    "reasoning_effort": "",
    "top_logprobs": "",
    "logprobs": "",
}
# Of these a server may also refuse the number, and that is for whoever set it to hear.
RANGED: Final = frozenset({"temperature", "top_p", "frequency_penalty", "presence_penalty"})
UNKNOWN: Final = r"support|unknown|unrecognized|not permitted"
# What makes no sense without the other.
TOGETHER: Final = {"logprobs": frozenset({"top_logprobs"})}
REFUSING: Final = frozenset({400, 422})
# The forms of answer that follow a schema, the strictest first; what a server refuses is not asked for again.
SCHEMA: Final = "json_schema"
OBJECT: Final = "json_object"
# A model that is not held to a schema has to be told of it; OpenAI wants the word JSON to be in it, too.
TOLD_SCHEMA: Final = "Answer with JSON only: one value that follows this JSON Schema.\n"
TOLD_OBJECT: Final = "Answer with JSON only: one object."
# What only callers of Ollama say, in its own language.
FOREIGN: Final = frozenset({"options"})


def is_listed(model: str, listed: Sequence[str]) -> bool:
    """Whether a server has a model, going by its list, in which some write ids otherwise than they take them.

    Ollama adds :latest, Gemini's endpoint models/, and Hugging Face's router leaves out :cheapest.
    """
    return not {model, f"{model}:latest", f"models/{model}", model.rpartition(":")[0] or model}.isdisjoint(listed)


def request_of(
    model: str, turns: Sequence[Turn], options: ChatOptions, unknown: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The body that asks for a streamed reply, without the parts that are `unknown` to the server."""
    form = form_of(options.schema, unknown, json_only=options.json)
    told = told_form(turns, options, unknown)
    request: dict[str, Any] = {
        "model": model,
        "messages": messages_of(turns, told),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "seed": options.seed,
        "frequency_penalty": options.frequency_penalty,
        "presence_penalty": options.presence_penalty,
        "reasoning_effort": options.effort or None,
        "stop": [text for text in options.stop if text] or None,
        TOOLS: tools_of(options.tools) or None,
        "tool_choice": choice_of(options),
        "response_format": form or None,
    }
    more = {name: value for name, value in options.more.items() if name not in request and name not in FOREIGN}
    request = {**more, **request}
    return without({part: value for part, value in request.items() if value is not None}, unknown)


def told_form(turns: Sequence[Turn], options: ChatOptions, unknown: frozenset[str]) -> str:
    """What a model is told of the form of its answer, where its server does not hold it to that; "" for nothing."""
    if options.schema is not None:
        return TOLD_SCHEMA + json.dumps(options.schema) if SCHEMA in unknown else ""
    if options.json and (OBJECT in unknown or not any("json" in turn.text.lower() for turn in turns)):
        return TOLD_OBJECT
    return ""


def form_of(schema: Mapping[str, Any] | None, unknown: frozenset[str], *, json_only: bool = False) -> dict[str, Any]:
    """The form of answer to ask for: the strictest that the server is not known to refuse; empty for none."""
    if schema is None:
        return {"type": OBJECT} if json_only and OBJECT not in unknown else {}
    if {SCHEMA, OBJECT} <= unknown:
        return {}
    if SCHEMA in unknown:
        return {"type": OBJECT}
    return {"type": SCHEMA, SCHEMA: {"name": "reply", "strict": is_closed(schema), "schema": dict(schema)}}


def is_closed(schema: Any) -> bool:
    """Whether OpenAI would take a schema as strict: all objects in it have just the fields that are required."""
    if isinstance(schema, list):
        return all(map(is_closed, schema))
    if not isinstance(schema, dict):
        return True
    fields = schema.get("properties")
    if fields is not None or schema.get("type") == "object":
        named = set(fields) if isinstance(fields, dict) else set()
        if schema.get("additionalProperties") is not False or set(schema.get("required") or ()) != named:
            return False
    return all(map(is_closed, schema.values()))


def refused_form(fault: ServiceFailed, body: Mapping[str, Any]) -> str:
    """The form of answer that a server refuses, where a simpler one can be asked for; "" when it is no such fault."""
    return str(body["response_format"]["type"]) if fault.degrade and "response_format" in body else ""


def without(body: Mapping[str, Any], unknown: frozenset[str]) -> dict[str, Any]:
    """A body without the parts that are `unknown` to the server, and with what stands in their place."""
    said = dict(body)
    for part in unknown & body.keys():
        value = said.pop(part)
        if instead := REFUSABLE[part]:
            said[instead] = value
        for other in TOGETHER.get(part, ()):
            said.pop(other, None)
    return said


def refused_part(reply: Reply, body: Mapping[str, Any]) -> str:
    """The part of a request that a server refuses by name and that can be done without; "" when it is none."""
    return next((part for part in named_parts(reply) if part in body), "")


def named_parts(reply: Reply) -> tuple[str, ...]:
    """The parts that can be done without and that a refusal names, whether they were sent or not."""
    if reply.status not in REFUSING:
        return ()
    text = reply.text
    named = [part for part in REFUSABLE if re.search(rf"\b{part}\b", text)]
    return tuple(part for part in named if part not in RANGED or re.search(UNKNOWN, text, re.IGNORECASE))


def in_parts(fault: ServiceFailed | None, reply: Reply) -> ServiceFailed | None:
    """A fault with the parts that it names, where the request is refused for some that can be done without."""
    if fault is not None and fault.kind == "bad_request" and not fault.degrade and fault.scope == "model":
        fault.parts = named_parts(reply)
    return fault
