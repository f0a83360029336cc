"""The effective configuration as plain values, with every secret masked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from pointsman.config.model import Config
from pointsman.config.yamlfile import Location, dotted

MASK: Final = "***"


def plain(value: object) -> Any:
    """What JSON can hold: secrets masked, paths as text."""
    match value:
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case SecretStr():
            return MASK
        case Path():
            return str(value)
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [plain(inner) for inner in value]
        case _:
            return value


def leaves(config: Config) -> dict[str, tuple[Location, object]]:
    """Every single value by its dotted key, with its location."""
    found: dict[str, tuple[Location, object]] = {}

    def visit(value: object, at: tuple[str | int, ...]) -> None:
        if value and isinstance(value, dict):
            for key, inner in value.items():
                visit(inner, (*at, key))
        elif value and isinstance(value, list):
            for index, inner in enumerate(value):
                visit(inner, (*at, index))
        else:
            found[dotted(at)] = (at, value)

    visit(plain(config), ())
    return found
