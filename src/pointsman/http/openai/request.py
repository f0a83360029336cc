"""Reads a chat completion request; fields that we do not know pass, those that we know must make sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pointsman.core.errors import BadField
from pointsman.core.message import Message, Origin, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.openai.calling import read_choice, read_tools
from pointsman.http.openai.messages import read_messages
from pointsman.http.origin import origin_of, task_of

MOST_STOPS: Final = 16
MOST_TOKENS: Final = 2**31 - 1  # what the libraries behind the models count with
MOST_COPIES: Final = 8
EFFORTS: Final[Mapping[str, str]] = {
    "none": "none",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}
PLAIN: Final = frozenset({"model", "messages", "stream"})
UNSET: Final = ChatOptions()
READ: Final = frozenset(
    {
        "model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens", "temperature",
        "top_p", "seed", "stop", "tools", "tool_choice", "functions", "function_call", "response_format",
        "frequency_penalty", "presence_penalty", "reasoning_effort", "reasoning", "logprobs", "top_logprobs", "user",
        "modalities",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """A chat completion request, read.

    `copies` are the choices that are wanted. `sees_pictures` is set where the caller takes pictures beside the text,
    and `one_call` where a model may call no more than one tool at a time.
    """

    model: str
    turns: tuple[Turn, ...]
    options: ChatOptions
    stream: bool = False
    include_usage: bool = False
    copies: int = 1
    sees_pictures: bool = False
    one_call: bool = False
    origin: Origin = field(default_factory=Origin)
    task: str = ""

    @property
    def structured(self) -> bool:
        """Whether a program reads the reply, so that nothing may be added to it."""
        return self.options.json or self.options.schema is not None or bool(self.options.tools)

    @property
    def message(self) -> Message:
        """The last thing that the user said, with what stands before it as history, and what followed it."""
        turns = self.turns
        last = len(turns) - 1
        while turns[last].role != "user":  # `read_messages` has seen to it that there is one
            last -= 1
        said, after = turns[last], turns[last + 1 :]
        return Message(said.text, turns[:last], said.attachments, self.origin, self.task, after=after)

    def copy(self, number: int) -> ChatOptions:
        """The options of one of the copies: a seed that all had would make them all alike."""
        seed = self.options.seed
        return replace(self.options, seed=seed + number) if number and seed is not None else self.options


def read_ask(data: Mapping[str, Any], headers: Mapping[str, str], *, key: str = "") -> Ask:
    """The request in `data`, sent with the `key` of that name. Raises BadField with the field's name."""
    fields = Fields(data)
    if data.keys() <= PLAIN:
        return Ask(
            model=fields.required_text("model"),
            turns=read_messages(fields),
            options=UNSET,
            stream=fields.flag("stream"),
            origin=origin_of(headers, key=key),
            task=task_of(headers),
        )
    if fields.flag("logprobs"):
        raise BadField(
            "logprobs",
            "what is routed, and what a model of this process says, comes without probabilities",
            cure="leave logprobs out, or name a model of a server",
        )
    parallel = fields.value("parallel_tool_calls")
    return Ask(
        model=fields.required_text("model"),
        turns=read_messages(fields),
        options=read_options(fields, read_tools(fields)),
        stream=fields.flag("stream"),
        include_usage=Fields(fields.mapping("stream_options"), "stream_options").flag("include_usage"),
        copies=fields.whole("n", 1, MOST_COPIES) or 1,
        sees_pictures="image" in fields.texts("modalities", MOST_STOPS),
        one_call=parallel is not None and not fields.flag("parallel_tool_calls"),
        origin=origin_of(headers, fields.text("user"), key=key),
        task=task_of(headers),
    )


def read_options(fields: Fields, tools: tuple[ToolSpec, ...]) -> ChatOptions:
    """The settings for the model, with the caller's `tools`; those that were not given are left to it."""
    older, newer = (fields.whole(name, 1, MOST_TOKENS) for name in ("max_tokens", "max_completion_tokens"))
    schema, as_json = read_form(Fields(fields.mapping("response_format"), "response_format"))
    return ChatOptions(
        max_tokens=newer if newer is not None else older,
        temperature=fields.number("temperature", 0, 2),
        top_p=fields.number("top_p", 0, 1),
        seed=fields.whole("seed", -(2**63), 2**63 - 1),
        stop=fields.texts("stop", MOST_STOPS),
        tools=tools,
        choice=read_choice(fields, tools),
        schema=schema,
        json=as_json,
        frequency_penalty=fields.number("frequency_penalty", -2, 2),
        presence_penalty=fields.number("presence_penalty", -2, 2),
        effort=read_effort(fields),
        more=fields.others(READ),
    )


def read_form(fields: Fields) -> tuple[Mapping[str, Any] | None, bool]:
    """The JSON Schema that the reply has to follow, and whether it has to be JSON at all."""
    match kind := fields.text("type"):
        case "" | "text":
            return None, False
        case "json_object":
            return None, True
        case "json_schema":
            told = Fields(fields.mapping("json_schema"), fields.path("json_schema"))
            if told.value("schema") is None:
                raise BadField(told.path("schema"), f"{told.path('schema')} is missing", cure="send a JSON Schema")
            return told.mapping("schema"), False
    known = "text, json_object, json_schema"
    raise BadField(fields.path("type"), f"no form is called {shown(kind)}", cure=f"use one of: {known}")


def read_effort(fields: Fields) -> str:
    """How much the model thinks before it answers; "" leaves it to the model."""
    outer = Fields(fields.mapping("reasoning"), "reasoning")
    path = "reasoning_effort" if fields.value("reasoning_effort") is not None else "reasoning.effort"
    given = fields.text("reasoning_effort") or outer.text("effort")
    if given and given not in EFFORTS:
        raise BadField(path, f"{path} is {shown(given)}", cure=f"use one of: {', '.join(EFFORTS)}")
    return EFFORTS.get(given, "")
