"""Puts environment variables into the texts of a configuration: ${NAME}, ${NAME:-default}, $$ for a dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pointsman.config.yamlfile import Document, Location, dotted
from pointsman.core.errors import ConfigError

REFERENCE: Final = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\{)")
# An alias in YAML may stand for a list of aliases, so a short file can describe more than memory holds.
MOST_VALUES: Final = 20_000
DEEPEST: Final = 50


class Expansion:
    """One pass over a document's data.

    It works on the parsed data, so a variable's value can be any text but never adds keys or lists.
    """

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self._values = 0
        self._problems: list[str] = []
        self._cures: dict[str, None] = {}

    def result(self) -> object:
        """The data with every reference replaced. Raises ConfigError with file:line for each that cannot be."""
        data = self._expand(self._document.data, ())
        if self._problems:
            raise ConfigError("\n".join(self._problems), cure="; ".join(self._cures))
        return data

    def _expand(self, data: object, at: tuple[str | int, ...]) -> object:
        self._values += 1
        if self._values > MOST_VALUES or len(at) > DEEPEST:
            raise ConfigError(f"{self._document.name}: holds too many values", cure="are there aliases of aliases?")
        if isinstance(data, str):
            return REFERENCE.sub(lambda found: self._value(found, at), data) if "$" in data else data
        if isinstance(data, dict):
            return {key: self._expand(value, (*at, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self._expand(value, (*at, index)) for index, value in enumerate(data)]
        return data

    def _value(self, found: re.Match[str], at: Location) -> str:
        if found["dollar"]:
            return "$"
        name, default = found["name"], found["default"]
        if not name:
            self._report(at, "${ begins no variable's name", "write ${NAME} or ${NAME:-default}, or $$ for a dollar")
            return ""
        value = self._environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            self._report(at, f"the environment variable {name} is not set", f"set it, or write ${{{name}:-a default}}")
            return ""
        return value

    def _report(self, at: Location, problem: str, cure: str) -> None:
        self._problems.append(f"{self._document.where(at)}: {dotted(at)}: {problem}")
        self._cures[cure] = None


def expand(document: Document, environ: Mapping[str, str]) -> object:
    """The document's data with every reference replaced. Raises ConfigError with file:line."""
    return Expansion(document, environ).result()
