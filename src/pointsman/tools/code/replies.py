"""What came of a program, in words for the person who wanted it and for the model that wrote it."""

from __future__ import annotations

import re
from typing import Final

from pointsman.tools.code.asking import PYTHON
from pointsman.tools.code.sandbox import Outcome
from pointsman.tools.code.trouble import Trouble

INLINE: Final = 120
# Colours and movements of a terminal, then what else no page shows.
ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def for_person(outcome: Outcome) -> str:
    """What came of it, as Markdown: what it printed, its value, what went wrong, and the time."""
    parts = []
    if outcome.printed:
        parts.append(block(outcome.printed.rstrip("\n")))
    if outcome.cut:
        parts.append(f"({outcome.cut:,} more characters were cut.)")
    if outcome.value:
        parts.append(f"Value: {quoted(outcome.value)}")
    if outcome.trouble is not None:
        parts.append(told(outcome.trouble))
    if not parts:
        parts.append("It ran, printed nothing, and has no value.")
    return "\n\n".join([*parts, f"*{PYTHON}, {duration(outcome.seconds)}*"])


def for_model(outcome: Outcome) -> str:
    """The same, plain."""
    parts = []
    if outcome.printed:
        parts.append(f"It printed:\n{outcome.printed.rstrip()}")
    if outcome.cut:
        parts.append(f"({outcome.cut:,} more characters were cut)")
    if outcome.value:
        parts.append(f"Value of the last expression: {outcome.value}")
    if outcome.trouble is not None:
        parts.append(f"It failed: {line_of(outcome.trouble)}")
        parts += outcome.trouble.calls
        if outcome.trouble.hint:
            parts.append(outcome.trouble.hint)
    elif not parts:
        parts.append("It ran and printed nothing. Print what you want to see.")
    return "\n".join([*parts, f"({duration(outcome.seconds)})"])


def told(trouble: Trouble) -> str:
    """What went wrong, as Markdown."""
    if trouble.kind == "limit":
        words = f"**Stopped:** {plain(trouble.text)}"
    else:
        where = f" in line {trouble.line}" if trouble.line else ""
        words = f"**Error{where}:** {quoted(trouble.text)}"
    if trouble.calls:
        words += "\n\n" + block("\n".join(trouble.calls))
    return f"{words}\n\n{sentence(trouble.hint)}" if trouble.hint else words


def line_of(trouble: Trouble) -> str:
    """What went wrong, and in which line."""
    return f"line {trouble.line}: {trouble.text}" if trouble.line else trouble.text


def only_python(language: str) -> str:
    """Why a program in another language is not run, and what to do."""
    return (
        f"I can run only {PYTHON} here, and this is {language}, so I have not run it. "
        f"Ask me to write it in {PYTHON}, or what it does."
    )


def block(text: str) -> str:
    """A text in a fenced block that nothing in it can end."""
    text = plain(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def quoted(text: str) -> str:
    """A short text in backticks, any other in a block of its own."""
    text = plain(text)
    if "`" in text or "\n" in text or len(text) > INLINE:
        return f"\n\n{block(text)}"
    return f"`{text}`"


def plain(text: str) -> str:
    """A text without what moves a terminal's cursor or colours it."""
    return UNSEEN.sub("\ufffd", ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))


def sentence(text: str) -> str:
    """A text that begins as a sentence does, and ends so."""
    return f"{text[:1].upper()}{text[1:]}."


def duration(seconds: float) -> str:
    """How long it took."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1_000 * seconds:.0f} ms" if seconds >= 0.001 else "under 1 ms"
