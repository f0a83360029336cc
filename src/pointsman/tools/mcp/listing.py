"""A server's list of tools as specs: every word of it is a stranger's, and so is kept short and harmless."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Final

from pointsman.core.tool import Effect, ToolSpec
from pointsman.engine.toolwords import harmless
from pointsman.tools.schema import bounded

if TYPE_CHECKING:
    from mcp_types import Tool, ToolAnnotations

# Each tool is read by the model in every round; a server with hundreds would fill a small context by itself.
MOST_TOOLS: Final = 50
LONGEST_NAME: Final = 64
MOST_DESCRIPTION: Final = 600
MOST_OF_ONE: Final = 200
MOST_SCHEMA: Final = 4_000
UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
TAG: Final = re.compile(r"<(?=[/!?\w])")


def specs_of(server: str, tools: Sequence[Tool], *, seconds: float, unmarked: Effect) -> list[tuple[str, ToolSpec]]:
    """Each tool's own name, and what a model is told of it; `unmarked` is the effect of one that says nothing of it."""
    made: list[tuple[str, ToolSpec]] = []
    taken: set[str] = set()
    for tool in tools:
        name = safe_name(server, tool.name, taken)
        taken.add(name)
        about = tool.description or tool.title or tool.name
        spec = ToolSpec(
            name,
            told(about, MOST_DESCRIPTION) or name,
            bounded(tool.input_schema, lambda text: told(text, MOST_OF_ONE), MOST_SCHEMA),
            effect_of(tool.annotations, unmarked),
            seconds,
        )
        made.append((tool.name, spec))
    return made


def safe_name(server: str, tool: str, taken: Container[str]) -> str:
    """`server_tool`, so that no server's tool can pass for another's or for ours.

    What a name may not hold becomes _; a name that was cut, or is taken, ends in six digits of the whole one's hash.
    """
    plain = UNFIT.sub("_", tool).strip("_")
    name = plain if plain.startswith(f"{server}_") else f"{server}_{plain}".rstrip("_")
    if len(name) <= LONGEST_NAME and name not in taken:
        return name
    marks = (blake2b(f"{tool}{again or ''}".encode(), digest_size=3).hexdigest() for again in count())
    return next(marked for mark in marks if (marked := f"{name[: LONGEST_NAME - 7]}_{mark}") not in taken)


def effect_of(marks: ToolAnnotations | None, unmarked: Effect) -> Effect:
    """What a call does, by the server's own word.

    Only a tool that says so reads, and only one that says that it destroys nothing is taken for one that changes;
    what MCP takes a tool for that says neither, is up to `unmarked`.
    """
    if marks is not None and marks.read_only_hint:
        return "reads"
    if marks is None or marks.destructive_hint is None:
        return unmarked
    return "destroys" if marks.destructive_hint else "changes"


def told(text: str, most: int) -> str:
    """A stranger's words as a model may read them in a description: one line, short, without anything that acts."""
    line = " ".join(TAG.sub("< ", harmless(text[: most * 4])).split())
    return line if len(line) <= most else f"{line[:most].rstrip()}..."
