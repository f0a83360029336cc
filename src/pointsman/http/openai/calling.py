"""Reads the tools that a caller offers to the model, and how the model may choose among them."""

from __future__ import annotations

import re
from typing import Final

from pointsman.core.errors import BadField
from pointsman.core.tool import ToolSpec
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import named

MOST_TOOLS: Final = 128
NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
CHOICES: Final = frozenset({"none", "auto", "required"})
NOTHING: Final = {"type": "object", "properties": {}}


def read_tools(fields: Fields) -> tuple[ToolSpec, ...]:
    """The tools of a request. Raises BadField."""
    for older, newer in (("functions", "tools"), ("function_call", "tool_choice")):
        if fields.value(older) is not None:
            raise BadField(older, f"{older} is the language of 2023", cure=f"send {newer}")
    entries = fields.value("tools")
    if entries is None:
        return ()
    if not isinstance(entries, list) or len(entries) > MOST_TOOLS:
        what = f"has {len(entries)} entries" if isinstance(entries, list) else f"is {named(entries)}"
        raise BadField("tools", f"tools {what}", cure=f"send a list of {MOST_TOOLS} at most")
    return tuple(
        read_tool(Fields(fields.object_at("tools", place, entry), f"tools.{place}"))
        for place, entry in enumerate(entries)
    )


def read_tool(fields: Fields) -> ToolSpec:
    """One tool."""
    if (kind := fields.required_text("type")) != "function":
        raise BadField(fields.path("type"), f"no tool can be a {shown(kind)} here", cure='use "function"')
    function = Fields(fields.mapping("function"), fields.path("function"))
    name = function.required_text("name")
    if not NAME.fullmatch(name):
        path = function.path("name")
        raise BadField(path, f"{path} is {shown(name)}", cure="use 1 to 64 letters of English, digits, _ and -")
    return ToolSpec(name, function.text("description"), function.mapping("parameters") or NOTHING)


def read_choice(fields: Fields, tools: tuple[ToolSpec, ...]) -> str:
    """How the model may choose: none, auto, required, the name of a tool, or "" for what the server does."""
    given = fields.value("tool_choice")
    if given is None:
        return ""
    if isinstance(given, dict):
        choice = Fields(fields.mapping("tool_choice"), "tool_choice")
        function = Fields(choice.mapping("function"), choice.path("function"))
        name = function.required_text("name")
        if name not in {tool.name for tool in tools}:
            raise BadField(function.path("name"), f"no tool is called {shown(name)}", cure="name one of tools")
        return name
    if given not in CHOICES:
        said = shown(given) if isinstance(given, str) else named(given)
        raise BadField("tool_choice", f"tool_choice is {said}", cure=f"use {', '.join(sorted(CHOICES))}, or name one")
    if not tools:
        if given == "required":
            raise BadField("tool_choice", "a tool is required, and none is offered", cure="send tools")
        return ""
    return str(given)
