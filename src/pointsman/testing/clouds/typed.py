"""Whether a body has the types that a server reads it with, as servers look before they do anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# What stands for the types: a class, [a kind] for lists of it, {name: kind} for objects, None for anything at all.
Kind = Any
NUMBERS: Final = (int, float)
GO: Final[Mapping[type, str]] = {str: "string", bool: "bool", int: "int", float: "float64", dict: "map[string]any"}
JSON: Final[Mapping[type, str]] = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}


def misfit(value: Any, kind: Kind, path: str = "") -> tuple[str, str, str] | None:
    """The first field that is of another kind: its path, what it is, and what it should be; null is of any kind."""
    if value is None or kind is None:
        return None
    if isinstance(kind, list):
        if not isinstance(value, list):
            return path, told(value), "[]" + expected(kind[0])
        return next((it for entry in value if (it := misfit(entry, kind[0], path))), None)
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            return path, told(value), expected(kind)
        inner = ((value.get(name), part, f"{path}.{name}".lstrip(".")) for name, part in kind.items())
        return next((it for entry in inner if (it := misfit(*entry))), None)
    return None if fits(value, kind) else (path, told(value), expected(kind))


def fits(value: Any, kind: type) -> bool:
    """Whether a value is of a class; true is no number."""
    if kind in NUMBERS:
        return isinstance(value, int if kind is int else NUMBERS) and not isinstance(value, bool)
    return isinstance(value, kind)


def told(value: Any) -> str:
    """What a value is, as errors call it."""
    return JSON.get(type(value), "object")


def expected(kind: Kind) -> str:
    """What a value should be, as Go calls it."""
    return GO.get(kind, "struct") if isinstance(kind, type) else "struct"
