"""What a gateway is asked, as its own language has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pointsman.core.eventcodec import call_to_dict
from pointsman.core.message import Attachment, Message, Origin, Turn
from pointsman.core.ports import ChatOptions


def ask_of(message: Message, options: ChatOptions | None) -> dict[str, Any]:
    """The body of a request to answer a message."""
    command = message.command
    said: dict[str, Any] = {
        "history": turns_of(message.history),
        "attachments": files_of(message.attachments),
        "after": turns_of(message.after),
        "task": message.task,
        "local": message.local,
        "origin": origin_of(message.origin),
        "options": options_of(options or ChatOptions()),
    }
    if command is not None:
        named = {"category": command.category, "model": command.model, "name": command.name}
        said["command"] = {**named, "slots": dict(command.slots)}
    return {"text": message.text, **judged_of(message), **given(said)}


def turns_of(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """Lines of a conversation."""
    return [
        {"role": turn.role, "text": turn.text, **judged_of(turn)}
        | given(
            {
                "attachments": files_of(turn.attachments),
                "calls": [call_to_dict(call) for call in turn.calls],
                "tool": turn.tool,
                "call_id": turn.call_id,
            }
        )
        for turn in turns
    ]


def judged_of(said: Message | Turn) -> dict[str, str]:
    """What counts of it for what is wanted, where that is not the text; nothing is something here."""
    return {} if said.judged is None else {"judged": said.judged}


def files_of(files: Iterable[Attachment]) -> list[dict[str, str]]:
    """Files that came with a message."""
    return [{"media_type": it.media_type, "url": it.url, "name": it.name} for it in files]


def origin_of(origin: Origin) -> dict[str, Any]:
    """Where a message came from; the gateway knows by itself whose key it was sent with.

    Of one that nobody filled in, nothing is claimed: that takes no admin's key.
    """
    return (
        {}
        if origin == Origin()
        else given(
            {
                "surface": origin.surface,
                "user": origin.user,
                "channel": origin.channel,
                "session": origin.session,
                "direct": origin.direct,
                "guild": origin.guild,
            }
        )
    )


def origin_query(origin: Origin) -> dict[str, str | list[str]]:
    """The same for an address."""
    return {name: "true" if value is True else str(value) for name, value in origin_of(origin).items()}


def options_of(options: ChatOptions) -> dict[str, Any]:
    """How a model should answer. What a caller of another language sent on top (`more`) means nothing here."""
    return given(
        {
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "seed": options.seed,
            "stop": list(options.stop),
            "tools": [
                {"name": it.name, "description": it.description, "parameters": dict(it.parameters)}
                for it in options.tools
            ],
            "schema": None if options.schema is None else dict(options.schema),
            "choice": options.choice,
            "json": options.json,
            "frequency_penalty": options.frequency_penalty,
            "presence_penalty": options.presence_penalty,
            "effort": options.effort,
        },
    )


def given(said: Mapping[str, Any]) -> dict[str, Any]:
    """What says something; 0 does, though it is equal to False."""
    silent: tuple[object, ...] = ("", [], {})
    return {name: it for name, it in said.items() if it is not None and it is not False and it not in silent}
