"""A JSON Schema as a model is given it: whole in itself, bounded, and without what no model reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pointsman.engine.toolwords import harmless

# What says something of a value to a model or to a grammar; titles, examples and comments cost context and say less.
SCALARS: Final = frozenset(
    {
        "type", "const", "default", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
MANY: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
ONE: Final = ("items", "additionalProperties")
DEEPEST: Final = 12
MOST_NODES: Final = 500
MOST_CHOICES: Final = 100
LONGEST_VALUE: Final = 300
LONGEST_NAME: Final = 64

Describe = Callable[[str], str]


class Plain:
    """One reading of a schema; `describe` makes of a description what a model may read of it.

    References within the schema are replaced by what they name, as a model is shown several schemas in one, where
    "#/$defs" would lead elsewhere. A reference to another document, and a type that holds itself, become "anything".
    """

    def __init__(self, schema: Mapping[str, Any], describe: Describe) -> None:
        self._root = schema
        self._describe = describe
        self._left = MOST_NODES

    def result(self) -> dict[str, Any]:
        """The schema of an object."""
        read = self._read(self._root, ())
        properties = read.get("properties")
        rest = {key: value for key, value in read.items() if key not in {"type", "properties"}}
        return {"type": "object", "properties": properties if isinstance(properties, dict) else {}, **rest}

    def _read(self, node: Any, inside: tuple[str, ...]) -> dict[str, Any]:
        self._left -= 1
        if not isinstance(node, Mapping) or self._left < 0 or len(inside) > DEEPEST:
            return {}
        if isinstance(name := node.get("$ref"), str):
            found = {} if name in inside else self._read(self._named(name), (*inside, name))
            beside = self._read({key: value for key, value in node.items() if key != "$ref"}, inside)
            return {**found, **beside}
        read = {key: node[key] for key in node if key in SCALARS and is_short(node[key])}
        if isinstance(text := node.get("description"), str) and (told := self._describe(text)):
            read["description"] = told
        choices = node.get("enum")
        if isinstance(choices, list) and (kept := [it for it in choices[:MOST_CHOICES] if is_short(it)]):
            read["enum"] = kept
        deeper = (*inside, "")
        self._put_properties(node, read, deeper)
        for key in MANY:
            if isinstance(members := node.get(key), list):
                read[key] = [self._read(member, deeper) for member in members[:MOST_CHOICES]]
        for key in ONE:
            if key in node:
                read[key] = node[key] if isinstance(node[key], bool) else self._read(node[key], deeper)
        return without_null(read)

    def _put_properties(self, node: Mapping[str, Any], read: dict[str, Any], inside: tuple[str, ...]) -> None:
        if not isinstance(members := node.get("properties"), Mapping):
            return
        names = [name for name in members if isinstance(name, str) and is_name(name)]
        read["properties"] = {name: self._read(members[name], inside) for name in names}
        if isinstance(required := node.get("required"), list):
            read["required"] = [name for name in names if name in required]

    def _named(self, name: str) -> Any:
        """What a reference within the schema names; None where there is nothing."""
        node: Any = self._root if name.startswith("#") else None
        for part in name[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, Mapping) else None
        return node


def plain(schema: Mapping[str, Any], describe: Describe = str) -> dict[str, Any]:
    """A schema of an object as a model is given it, with no reference in it."""
    return Plain(schema, describe).result()


def bounded(schema: Mapping[str, Any], describe: Describe, most: int) -> dict[str, Any]:
    """The same in at most so many characters of JSON: without descriptions, then without depth, where it is longer."""
    read = plain(schema, describe)
    if size(read) > most:
        read = plain(schema, lambda _: "")
    if size(read) > most:
        flat = {
            name: {"type": it["type"]} if isinstance(it.get("type"), str) else {}
            for name, it in read["properties"].items()
        }
        read = {"type": "object", "properties": flat, "required": read.get("required", [])}
    return read if size(read) <= most else {"type": "object", "properties": {}}


def size(schema: Mapping[str, Any]) -> int:
    """How many characters a schema has as JSON."""
    return len(json.dumps(schema, ensure_ascii=False))


def without_null(read: dict[str, Any]) -> dict[str, Any]:
    """`X or null, by default null` as X, as what may be left out need not be null."""
    choices = read.get("anyOf")
    if "default" not in read or read["default"] is not None or not isinstance(choices, list):
        return read
    others = [choice for choice in choices if choice.get("type") != "null"]
    rest = {key: value for key, value in read.items() if key not in {"anyOf", "default"}}
    return {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others}


def is_name(name: str) -> bool:
    """Whether a property's name is one that can be shown and written."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and harmless(name) == name


def is_short(value: Any) -> bool:
    """Whether a value can stand in a schema that a model reads: one with a model's own signs cannot, nor be changed."""
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and value.isprintable() and harmless(value) == value
    if isinstance(value, list | dict):
        text = json.dumps(value, default=str, ensure_ascii=False)
        return len(text) <= LONGEST_VALUE and harmless(text) == text
    return value is None or isinstance(value, bool | int | float)
