"""Tools, calls of them and what came of those, as OpenAI's language and its relatives write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

from pointsman.core.message import ToolCall, Turn, without_surrogates
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.providers.remote.wire import Reply

TOOLS: Final = "tools"
CHOICES: Final = frozenset({"auto", "none", "required"})
NO_RESULT: Final = "(nothing came of this call)"
NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]")
MOST_NAME: Final = 64
# What is refused, and how that is said: "No endpoints found that support tool use" (OpenRouter, 404), '"auto" tool
# choice requires --enable-auto-tool-choice' (vLLM, 400), "tools param requires --jinja flag" (llama.cpp, 500),
# "m does not support tools" (Ollama, 400), "Function calling is not enabled for models/m" (Gemini, 400), "Tool calling
# is not supported for model: m" (DeepInfra, 405), "Unsupported parameter: 'tools'" (OpenAI, 400).
SUBJECT: Final = re.compile(
    r"\btools?\b|\btool[ _-]?(?:use|calls?|calling|choice)\b|\bfunction[ _-]?call", re.IGNORECASE
)
VERDICT: Final = re.compile(
    r"\bsupport|unsupported|not enabled|requires? --|unknown|unrecognized|not permitted|not allowed|not available",
    re.IGNORECASE,
)
# A tool, its schema or a message that is wrong is another matter: that no other way of asking cures.
OURS: Final = re.compile(
    r"""(?:tools?|messages?)(?:\[|\.|",\s*)\d|schema for function|role '?tool|tool_call_id""", re.IGNORECASE
)
REFUSING: Final = frozenset({400, 404, 405, 422, 500, 501})


def tools_of(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Tools as a request describes them."""
    return [
        {
            "type": "function",
            "function": {"name": it.name, "description": it.description, "parameters": dict(it.parameters)},
        }
        for it in specs
    ]


def choice_of(options: ChatOptions) -> str | dict[str, Any] | None:
    """Which of the tools is to be called, as a request says it; None where nothing is said of that."""
    if not options.tools or not options.choice:
        return None
    if options.choice in CHOICES:
        return options.choice
    return {"type": "function", "function": {"name": options.choice}}


def offered(options: ChatOptions) -> Sequence[ToolSpec]:
    """The tools for a server that cannot be told which to call: none of them, or the one alone that is to be."""
    if options.choice == "none":
        return ()
    named = [it for it in options.tools if it.name == options.choice]
    return named if options.choice not in {"", *CHOICES} and named else options.tools


def message_of(turn: Turn) -> dict[str, Any]:
    """A turn as a message."""
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": turn.call_id, "content": turn.text}
    message: dict[str, Any] = {"role": turn.role, "content": content_of(turn)}
    return {**message, "tool_calls": [wire_of(call) for call in turn.calls]} if turn.calls else message


def content_of(turn: Turn) -> str | list[dict[str, Any]]:
    """What a turn says: its text, or that and the pictures of a user, whose addresses are those that came."""
    pictures = [it for it in turn.attachments if it.is_image and turn.role == "user"]
    if not pictures:
        return turn.text
    text = [{"type": "text", "text": turn.text}] if turn.text else []
    return [*text, *({"type": "image_url", "image_url": {"url": it.url}} for it in pictures)]


def wire_of(call: ToolCall) -> dict[str, Any]:
    """A call as a message holds it: the arguments are a JSON text."""
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": written(call.arguments)},
    }


def written(arguments: Mapping[str, Any]) -> str:
    """A call's arguments as a JSON text."""
    return without_surrogates(json.dumps(dict(arguments), ensure_ascii=False))


def refuses_tools(reply: Reply, body: Mapping[str, Any]) -> bool:
    """Whether a server refuses a request because it, or the model, can call no tools."""
    if TOOLS not in body or reply.status not in REFUSING:
        return False
    text = reply.text
    return bool(SUBJECT.search(text) and VERDICT.search(text) and not OURS.search(text))


def arranged(turns: Sequence[Turn], system: str) -> list[Turn]:
    """The turns as chat templates take them: one system text first, then user and assistant in turn.

    A caller's own system texts follow ours; turns of the same role are joined, because many models' templates refuse
    them; calls and what came of them stand by themselves, as `paired` leaves them. Lone surrogates become U+FFFD.
    """
    systems = [system, *(turn.text for turn in turns if turn.role == "system")]
    first = "\n\n".join(without_surrogates(text) for text in systems if text)
    done = [Turn("system", first)] if first else []
    for turn in paired([turn for turn in turns if turn.role != "system"]):
        text = without_surrogates(turn.text)
        clean = turn if text is turn.text else replace(turn, text=text)
        if done and turn.role == done[-1].role != "tool" and not turn.calls and not done[-1].calls:
            done[-1] = joined(done[-1], clean)
        else:
            done.append(clean)
    return done


def joined(first: Turn, second: Turn) -> Turn:
    """Two turns of the same role as one, with the files of both."""
    texts = (first.text, second.text)
    text = "\n\n".join(filter(None, texts) if first.attachments or second.attachments else texts)
    return replace(first, text=text, attachments=(*first.attachments, *second.attachments))


def paired(turns: Sequence[Turn]) -> list[Turn]:
    """The turns with what came of each call right behind it, as OpenAI's own server insists on.

    A call without an id gets one, the same in every request; one of which nothing came is told so. What no call asked
    for becomes the user's text.
    """
    taken = {call.id for turn in turns for call in turn.calls}
    # Nine letters and digits: Mistral takes no other ids.
    fresh = (name for number in count(1) if (name := f"call{number:05d}") not in taken)
    done: list[Turn] = []
    place = 0
    while place < len(turns):
        turn = turns[place]
        place += 1
        if turn.role == "tool":
            done.append(Turn("user", turn.text, attachments=turn.attachments))
        elif turn.role == "assistant" and turn.calls:
            results = []
            while place < len(turns) and turns[place].role == "tool":
                results.append(turns[place])
                place += 1
            done += answered(turn, results, fresh)
        else:
            done.append(replace(turn, calls=()) if turn.calls else turn)
    return done


def answered(turn: Turn, results: list[Turn], fresh: Iterator[str]) -> list[Turn]:
    """A turn with calls, what came of them in their order, and what is left as the user's text."""
    left = list(results)
    calls: list[ToolCall] = []
    told: list[Turn] = []
    for call in turn.calls:
        named = replace(
            call,
            id=call.id if call.id and call.id not in {it.id for it in calls} else next(fresh),
            name=NOT_IN_NAMES.sub("_", call.name)[:MOST_NAME] or "unnamed",
        )
        calls.append(named)
        # By the id where both have one, else by the name, else by the order.
        found = (
            next((it for it in left if it.call_id and it.call_id == call.id), None)
            or next((it for it in left if not (it.call_id and call.id) and it.tool == call.name), None)
            or next((it for it in left if not it.call_id and not it.tool), None)
        )
        if found is not None:
            left.remove(found)
        files = found.attachments if found else ()
        told.append(Turn("tool", found.text if found else NO_RESULT, (), named.name, named.id, files))
    return [
        replace(turn, calls=tuple(calls)),
        *told,
        *(Turn("user", it.text, attachments=it.attachments) for it in left),
    ]


def in_words(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Messages for a model whose template knows no tools: calls, and what came of them, are told as text."""
    names = {call["id"]: call["function"]["name"] for it in messages for call in it.get("tool_calls", ())}
    return [message_of(turn) for turn in arranged([told_in_words(it, names) for it in messages], "")]


def told_in_words(message: Mapping[str, Any], names: Mapping[str, str]) -> Turn:
    """A message as a turn without calls; what came of one is the user's text."""
    if message["role"] == "tool":
        return Turn("user", f"{names[message['tool_call_id']]} said:\n{message['content']}")
    wishes = (call["function"] for call in message.get("tool_calls", ()))
    said = [message["content"], *(f"I call {it['name']}({it['arguments']})" for it in wishes)]
    return Turn(message["role"], "\n".join(filter(None, said)))
