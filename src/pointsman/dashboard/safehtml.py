"""HTML out of texts that nobody has checked: everything is escaped unless it was made here."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# Markdown is rendered again with every piece that streams in, and hostile texts take up to 30 us a character.
LONGEST_MARKDOWN = 20_000
ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)


class Safe(str):
    """HTML that `tag` or `markdown` made."""

    __slots__ = ()


def tag(name: str, classes: str, *inner: str, **attributes: str) -> Safe:
    """An element; what is inside is escaped unless it is Safe. An underscore in an attribute's name is a hyphen."""
    given = "".join(f' {key.strip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Safe(f'<{name} class="{escape(classes)}"{given}>{joined(*inner)}</{name}>')


def joined(*parts: str) -> Safe:
    """The parts one after the other, escaped unless they are Safe."""
    return Safe("".join(part if isinstance(part, Safe) else escape(part) for part in parts))


def link(text: str, address: str) -> Safe:
    """A link that opens in a new tab; only the text where the address is not one of the web."""
    if not ADDRESS.fullmatch(address):
        return joined(text)
    return tag("a", "", text, href=address, rel="noopener noreferrer", target="_blank")


def markdown(text: str) -> Safe:
    """A reply as HTML. HTML in the reply is shown as it is written; pictures from elsewhere become links to them."""
    if len(text) > LONGEST_MARKDOWN:
        return tag("pre", "pm-plain", text)
    return Safe(reader().render(text))


@cache
def reader() -> MarkdownIt:
    """CommonMark with tables, without HTML; it refuses javascript: and other dangerous links by itself."""
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    made.add_render_rule("image", image)
    return made


def image(renderer: RendererHTML, tokens: list[Token], place: int, options: Any, env: Any) -> str:
    """A picture that the reply holds, or a link to one that would have to be fetched."""
    token = tokens[place]
    source = str(token.attrGet("src") or "")
    if source.startswith("data:image/"):
        return renderer.image(tokens, place, options, env)
    return tag("a", "", token.content or source, href=source)
