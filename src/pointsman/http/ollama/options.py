"""Reads how a reply is to be made: Ollama's options, its formats, whether to think, and the tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pointsman.core.errors import BadField
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.ollama.lists import entries_of

MOST_STOPS: Final = 16
# "max" is more than other servers know of.
THINKS: Final = {"low": "low", "medium": "medium", "high": "high", "max": "high"}
READ: Final = frozenset(
    {"num_predict", "temperature", "top_p", "seed", "stop", "frequency_penalty", "presence_penalty"}
)
NO_PARAMETERS: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}


def read_options(fields: Fields) -> ChatOptions:
    """The settings for the model; those that were not given are left to it. Raises BadField.

    Options of the load, such as num_ctx, are no wish of a routed message: which model answers it is not said.
    """
    given = fields.mapping("options")
    options = Fields({name: whole(value) for name, value in given.items()}, fields.path("options"))
    limit = options.whole("num_predict", -(2**31), 2**31 - 1)
    rest = {name: value for name, value in given.items() if name not in READ}
    form = fields.value("format")
    return ChatOptions(
        max_tokens=limit if limit is not None and limit > 0 else None,  # -1 and -2: as long as it likes
        temperature=options.number("temperature", 0, 2),
        top_p=options.number("top_p", 0, 1),
        seed=options.whole("seed", -(2**63), 2**63 - 1),
        stop=options.texts("stop", MOST_STOPS),
        tools=read_tools(fields),
        schema=form if isinstance(form, dict) else None,
        json=is_json(form),
        frequency_penalty=options.number("frequency_penalty", -2, 2),
        presence_penalty=options.number("presence_penalty", -2, 2),
        effort=read_think(fields),
        more={"options": rest} if rest else {},
    )


def whole(value: Any) -> Any:
    """A number such as 128.0 as the whole number that it is; Go reads them so, and anything else is left alone."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_json(form: Any) -> bool:
    """Whether any JSON object is wanted. Raises BadField for what is no format."""
    if form is None or form == "" or isinstance(form, dict):
        return False
    if form == "json":
        return True
    raise BadField("format", 'invalid format: expected "json" or a valid JSON Schema object', cure="leave it out")


def read_think(fields: Fields) -> str:
    """How much is to be thought first. Raises BadField."""
    match fields.value("think"):
        case None:
            return ""
        case bool(wanted):
            return "medium" if wanted else "none"
        case str(level) if level in THINKS:
            return THINKS[level]
    raise BadField("think", f"think is none of true, false, {', '.join(THINKS)}", cure="leave it to the model")


def read_tools(fields: Fields) -> tuple[ToolSpec, ...]:
    """The caller's own tools."""
    return tuple(
        read_tool(Fields(fields.object_at("tools", place, entry), f"tools.{place}"))
        for place, entry in enumerate(entries_of(fields, "tools"))
    )


def read_tool(fields: Fields) -> ToolSpec:
    """One of them."""
    kind = fields.text("type") or "function"
    if kind != "function":
        raise BadField(fields.path("type"), f"no tool is of the type {shown(kind)}", cure="use function")
    function = Fields(fields.mapping("function"), fields.path("function"))
    name = function.required_text("name")
    if not name:
        raise BadField(function.path("name"), "a tool has no name", cure="give it one")
    return ToolSpec(name, function.text("description"), function.mapping("parameters") or NO_PARAMETERS)
