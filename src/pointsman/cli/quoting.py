"""What people said, as a terminal may show it."""

from __future__ import annotations

from typing import Final

SHOWN_TEXT: Final = 70
SHOWN_LINE: Final = 100
SHOWN_LINES: Final = 4


def quoted(text: str) -> str:
    """A text as one line shows it: in quotes, its beginning only, nothing that a terminal acts on."""
    line = " ".join(text[: 4 * SHOWN_TEXT].split())
    return "'" + harmless(clipped(line, SHOWN_TEXT)) + "'"


def beginning(text: str) -> list[str]:
    """The first lines of a text, as far as they go, and how long all of it is when that is more."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    shown = [clipped(line, SHOWN_LINE) for line in lines[:SHOWN_LINES]]
    if shown == lines:
        return [harmless(line) for line in shown]
    return [*(harmless(line) for line in shown), f"({len(text):,} characters in all)"]


def clipped(line: str, longest: int) -> str:
    """The beginning of a line."""
    return line if len(line) <= longest else f"{line[:longest]}…"


def harmless(line: str) -> str:
    """A line without what a terminal would act on."""
    return "".join(it if it.isprintable() else "?" for it in line)
