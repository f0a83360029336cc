"""What llama.cpp is sent for a chat, and what its events mean; it speaks OpenAI's language with additions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import InputTooLarge, ModelFailed, PointsmanError
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.providers.openai_tools import CHOICES, TOOLS, arranged, message_of, offered, tools_of

# Without a limit llama.cpp generates until the model ends by itself, which a small one may never do.
MAX_TOKENS: Final = 512
DEFAULTS: Final = ChatOptions(max_tokens=MAX_TOKENS)

# Settings of llama.cpp that OpenAI's language has no word for.
SAMPLING: Final = (
    "top_k",
    "min_p",
    "typical_p",
    "repeat_last_n",
    "repeat_penalty",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
)
SEEDS: Final = 2**32 - 1  # the seed after the last one means "any" to llama.cpp


def request_of(turns: Sequence[Turn], options: ChatOptions, defaults: ChatOptions, system: str) -> dict[str, Any]:
    """A chat as llama.cpp takes it: OpenAI's request, with a limit on the tokens in any case."""
    request: dict[str, Any] = {
        "messages": messages_of(turns, system),
        "max_tokens": MAX_TOKENS,
        "stop": [text for text in options.stop or defaults.stop if text],
        "cache_prompt": True,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,  # an event for every batch of the prompt, and with it a chance to stop
    }
    for name in ("max_tokens", "temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"):
        asked = getattr(options, name)
        value = getattr(defaults, name) if asked is None else asked
        if value is not None:
            request[name] = value
    request["max_tokens"] = max(1, request["max_tokens"])  # -1 would mean no limit
    if "seed" in request:
        request["seed"] %= SEEDS
    if options.tools:
        request[TOOLS] = tools_of(offered(options))
        if options.choice:  # it takes no name, and is given that tool alone
            request["tool_choice"] = options.choice if options.choice in CHOICES else "required"
    if options.schema is not None:  # llama.cpp makes a grammar of it, which the model cannot but follow
        request["response_format"] = {"type": "json_schema", "json_schema": {"schema": dict(options.schema)}}
    elif options.json:
        request["response_format"] = {"type": "json_object"}
    return sampling_of(options.more) | request


def sampling_of(more: Mapping[str, Any]) -> dict[str, float]:
    """What llama.cpp, and Ollama over it, knows of a caller's further fields, or of the `options` among them."""
    own = more.get("options")
    given = {**more, **own} if isinstance(own, dict) else more
    found = {name: given[name] for name in SAMPLING if name in given}
    return {it: value for it, value in found.items() if isinstance(value, int | float) and not isinstance(value, bool)}


def messages_of(turns: Sequence[Turn], system: str) -> list[dict[str, Any]]:
    """The turns as messages, with one system text first; `openai_tools.arranged` says in which order."""
    return [message_of(turn) for turn in arranged(turns, system)]


def without_error(heard: Mapping[str, Any] | PointsmanError) -> Mapping[str, Any]:
    """The event that was heard; raises it when it is an error."""
    if isinstance(heard, PointsmanError):
        raise heard
    error = heard.get("error")
    if error is None:
        return heard
    if error.get("type") == "exceed_context_size_error":
        raise InputTooLarge(
            f"the conversation takes {error['n_prompt_tokens']} tokens, and the model's context holds {error['n_ctx']}",
            cure="shorten the message or what was said before it, or set models.main.context to a larger number",
        )
    raise ModelFailed(f"llama.cpp says: {error.get('message', error)}", cure="pointsman doctor")
