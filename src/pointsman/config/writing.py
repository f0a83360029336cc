"""Writes a configuration for the first time: YAML with a comment on every line that matters."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.config.schema import CONFIG_FILE

WIDEST: Final = 34  # where comments begin, if the value is shorter
PLAIN: Final = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+@-]*(:[A-Za-z0-9_./+@-]+)*")
# What YAML reads as something else than a text.
SPECIAL: Final = re.compile(
    r"(?i)true|false|yes|no|on|off|y|n|null|[-+.]?[0-9][0-9_.:e]*|0[xo][0-9a-f_]+|[0-9]{4}-.*|\.inf|\.nan"
)
ADDRESS: Final = re.compile(r"[0-9]+(\.[0-9]+){3}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is taken from the environment, so that it does not stand in the file."""

    name: str


Scalar = str | int | float | bool | Variable | None


@dataclass(frozen=True, slots=True)
class Line:
    """A key with its value, or with the lines of a section, and what to say about it."""

    key: str
    value: Scalar | tuple[Line, ...]
    comment: str = ""


def commented(lines: Sequence[Line], heading: Sequence[str], *, schema: str = "") -> str:
    """The text of a YAML file; editors find the `schema` at its address, without one in the installed package."""
    address = schema or CONFIG_FILE.as_uri()
    head = [f"# yaml-language-server: $schema={address}", "#", *(f"# {it}".rstrip() for it in heading)]
    body: list[str] = []
    for line in lines:
        body += ["", *drawn(line, 0)] if isinstance(line.value, tuple) else drawn(line, 0)
    return "\n".join([*head, "", *body]).replace("\n\n\n", "\n\n") + "\n"


def drawn(line: Line, depth: int) -> list[str]:
    """A key with all that belongs to it, as lines."""
    start = f"{'  ' * depth}{line.key}:"
    if isinstance(line.value, tuple):
        above = [f"{'  ' * depth}# {line.comment}"] if line.comment else []
        return [*above, start, *(text for it in line.value for text in drawn(it, depth + 1))]
    said = f"{start} {scalar(line.value)}"
    return [f"{said:<{WIDEST}} # {line.comment}" if line.comment else said]


def scalar(value: Scalar) -> str:
    """A value as YAML; a dollar in a text is doubled, as it would begin a variable."""
    if isinstance(value, Variable):
        return f"${{{value.name}}}"
    if not isinstance(value, str):
        return json.dumps(value)
    text = value.replace("$", "$$")
    is_plain = ADDRESS.fullmatch(text) or (PLAIN.fullmatch(text) and not SPECIAL.fullmatch(text))
    return text if is_plain else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes; what cannot be seen is written by its number, as YAML takes some of it for line ends."""
    shown = (json.dumps(it, ensure_ascii=False)[1:-1] if it.isprintable() else f"\\U{ord(it):08X}" for it in text)
    return f'"{"".join(shown)}"'
