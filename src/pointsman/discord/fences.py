"""The code blocks of a Markdown text: which are open at a place, and what closes and opens them again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# A line that opens or closes a block; lists and quotes may stand before it, and white space of any depth.
FENCE: Final = re.compile(r"((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(`{3,32}|~{3,32})([^`\r\n]*)\r?\n?\Z")
# "Here it is: ```python" opens a block, too, for Discord and for the models that write it.
BEHIND: Final = re.compile(r"[ \t]*[^`\s][^`\r\n]*(`{3,32})([A-Za-z0-9_+.#-]{0,20})[ \t]*\r?\n\Z")
LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")  # only a line feed ends one
LANGUAGE: Final = 40  # characters of a language; longer ones are left out where a block is opened again
INDENT: Final = 40
MOST_CLOSING: Final = 2 * (1 + INDENT + 32)
"""Characters that it takes to close whatever is open."""


@dataclass(frozen=True, slots=True)
class Fence:
    """One block: its marks ("```"), what stands before them on a line that opens it again, and its language."""

    marks: str
    indent: str = ""
    language: str = ""


Fences = tuple[Fence, ...]
CLOSED: Final[Fences] = ()


def after(fences: Fences, text: str) -> Fences:
    """What is open behind a text, of which `fences` were open before it.

    A block of longer marks, or of tildes, may hold another of backticks, as an example of Markdown does. Within one
    of just three backticks, Discord takes any other such line for its end.
    """
    if "```" not in text and "~~~" not in text:
        return fences
    for line in LINE.findall(text):
        if "```" in line or "~~~" in line:
            fences = behind(fences, line)
    return fences


def behind(fences: Fences, line: str) -> Fences:
    """What is open behind one line."""
    match = FENCE.match(line)
    if match is None:
        inline = BEHIND.match(line) if not fences else None
        return (Fence(inline[1], "", inline[2]),) if inline else fences
    indent, marks, info = match.groups()
    if not info.strip():
        for place, fence in enumerate(fences):
            if marks[0] == fence.marks[0] and len(marks) >= len(fence.marks):
                return fences[:place]
    fence = Fence(marks, re.sub(r"[^>\s]", " ", indent)[-INDENT:], language_in(info))
    if not fences:
        return (fence,)
    top = fences[-1]
    if marks[0] == "~":
        return fences
    if len(fences) == 1 and (top.marks[0] == "~" or len(marks) < len(top.marks)):
        return (*fences, fence)
    return fences[:-1] if len(marks) >= len(top.marks) else fences


def language_in(info: str) -> str:
    """The language that a fence names."""
    words = info.split()
    return words[0] if words and len(words[0]) <= LANGUAGE else ""


def opening(fences: Fences) -> str:
    """The lines that open blocks again."""
    return "".join(f"{fence.indent}{fence.marks}{fence.language}\n" for fence in fences)


def closing(fences: Fences, body: str) -> str:
    """What closes blocks behind a text; the rest of a mark that the text has begun."""
    if not fences:
        return ""
    last = body[body.rfind("\n") + 1 :]
    inner = fences[-1]
    begun = last.lstrip(" \t>")
    if begun and inner.marks.startswith(begun):
        text = inner.marks[len(begun) :]
    else:
        text = ("\n" if last else "") + inner.indent + inner.marks
    return text + "".join(f"\n{fence.indent}{fence.marks}" for fence in reversed(fences[:-1]))
