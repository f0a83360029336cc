"""How a chat is asked for on servers that speak OpenAI's language, each with gaps of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.providers.llama_wire import messages_of
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
    "top_logprobs": "",
    "logprobs": "",
}
# Of these a server may also refuse the number, and that is for whoever set it to hear.
RANGED: Final = frozenset({"temperature", "top_p"})
UNKNOWN: Final = r"support|unknown|unrecognized|not permitted"
# What makes no sense without the other.
TOGETHER: Final = {"logprobs": frozenset({"top_logprobs"})}
REFUSING: Final = frozenset({400, 422})


def is_listed(model: str, listed: Sequence[str]) -> bool:
    """Whether a server has a model, going by its list, in which some write ids otherwise than they take them.

    Ollama adds :latest, Gemini's endpoint models/, and Hugging Face's router leaves out :cheapest.
    """
    return not {model, f"{model}:latest", f"models/{model}", model.rpartition(":")[0] or model}.isdisjoint(listed)


def request_of(
    model: str, turns: Sequence[Turn], options: ChatOptions, unknown: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The body that asks for a streamed reply, without the parts that are `unknown` to the server."""
    request: dict[str, Any] = {
        "model": model,
        "messages": messages_of(turns, ""),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "seed": options.seed,
        "stop": [text for text in options.stop if text] or None,
    }
    return without({part: value for part, value in request.items() if value is not None}, unknown)


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
