"""What a function's docstring tells a model: its first paragraph, and what it says of each parameter."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

SECTION: Final = re.compile(r"^(Args|Arguments|Parameters):\s*$")
NAMED: Final = re.compile(r"^\*{0,2}(\w+)(?:\s*\([^)]*\))?:\s*(.*)$")


def first_paragraph(function: Callable[..., Any]) -> str:
    """The docstring up to its first blank line or section, on one line; "" without one."""
    lines: list[str] = []
    for line in (inspect.getdoc(function) or "").splitlines():
        if (not line.strip() and lines) or SECTION.match(line):
            break
        lines.append(line.strip())
    return " ".join(filter(None, lines))


def parameters(function: Callable[..., Any]) -> dict[str, str]:
    """What the `Args:` section (Google's style) says of each parameter."""
    lines = (inspect.getdoc(function) or "").splitlines()
    begin = next((at for at, line in enumerate(lines, 1) if SECTION.match(line)), len(lines))
    return entries(section(lines[begin:]))


def section(lines: Sequence[str]) -> list[str]:
    """The indented lines that a section holds, up to the next text at the margin."""
    held: list[str] = []
    for line in lines:
        if line.strip() and not line[0].isspace():
            break
        held.append(line)
    return held


def entries(lines: Sequence[str]) -> dict[str, str]:
    """`name: text` and `name (type): text`; what is indented deeper goes on with the entry before."""
    found: dict[str, str] = {}
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    last = ""
    for line in lines:
        text = line.strip()
        is_entry = len(line) - len(line.lstrip()) == margin
        if is_entry and (named := NAMED.match(text)):
            last = named[1]
            found[last] = named[2]
        elif last and text:
            found[last] = f"{found[last]} {text}".strip()
    return found
