"""What an MCP tool answered, as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.errors import ToolFailed
from pointsman.core.tool import Source, ToolResult
from pointsman.tools.mcp.listing import told

if TYPE_CHECKING:
    from mcp_types import CallToolResult

DONE: Final = "done"
# The engine cuts what a model reads; this only keeps a flood out of it.
MOST_TEXT: Final = 200_000
MOST_BLOCKS: Final = 200
MOST_SOURCES: Final = 20
MOST_LEAVES: Final = 200
MOST_REASON: Final = 300
MOST_LINE: Final = 120
PAGE: Final = re.compile(r"https?://[^\s<>\"'()\[\]`]{1,500}")


def result_of(tool: str, answer: CallToolResult) -> ToolResult:
    """The text of an answer, never trusted, with the pages that it links to. Raises ToolFailed where it is an error."""
    blocks = answer.content[:MOST_BLOCKS]
    text = "\n\n".join(filter(None, map(text_of, blocks)))[:MOST_TEXT]
    if answer.is_error:
        raise ToolFailed(
            f"{tool} failed: {told(text, MOST_REASON) or 'it does not say why'}",
            cure="correct the arguments, or answer without it",
            trusted=False,
        )
    if answer.structured_content is not None and not holds(text, answer.structured_content):
        data = json.dumps(answer.structured_content, ensure_ascii=False)
        text = f"{text}\n\n{data}"[:MOST_TEXT].strip()
    links = [
        Source(told(block.title or block.name, MOST_LINE), block.uri)
        for block in blocks
        if block.type == "resource_link" and PAGE.fullmatch(block.uri)
    ]
    return ToolResult(text or DONE, sources=tuple(links[:MOST_SOURCES]))


def text_of(block: Any) -> str:
    """One block of an answer; pictures and sounds are named, as no text model reads them."""
    match block.type:
        case "text":
            return str(block.text)
        case "image" | "audio":
            return f"[{media(block.mime_type)}, {amount(block.data)}]"
        case "resource_link":
            about = f": {told(block.description, MOST_LINE)}" if block.description else ""
            return f"[{told(block.title or block.name, MOST_LINE)}]({told(block.uri, MOST_REASON)}){about}"
        case "resource":
            held = block.resource
            if (text := getattr(held, "text", None)) is not None:
                return f"{told(held.uri, MOST_REASON)}:\n{text}"
            return f"[{told(held.uri, MOST_REASON)}: {media(held.mime_type)}, {amount(held.blob)}]"
        case _:
            return ""


def media(kind: str | None) -> str:
    """A media type, short."""
    return told(kind or "data", 60)


def amount(base64: str) -> str:
    """How much data a base64 text holds."""
    size = len(base64) * 3 // 4
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.0f} kB" if size < 10**6 else f"{size / 10**6:.1f} MB"


def holds(text: str, data: Any) -> bool:
    """Whether a text says all that structured data does, as servers repeat it there for older clients."""
    lower = text.lower()
    return bool(text) and all(leaf in lower for leaf in leaves(data, [MOST_LEAVES]))


def leaves(data: Any, left: list[int]) -> Iterator[str]:
    """The values in structured data, as they are written in JSON; as many as are `left`."""
    if isinstance(data, Mapping | list):
        for value in data.values() if isinstance(data, Mapping) else data:
            yield from leaves(value, left)
    elif left[0] > 0:
        left[0] -= 1
        yield (data if isinstance(data, str) else json.dumps(data)).lower()
