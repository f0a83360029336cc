"""The text and the title of HTML, by its tags alone: in linear time, whatever stands in it."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

# What stands inside is no text of the page.
UNREAD: Final = frozenset({"script", "style", "noscript", "template", "svg", "head", "iframe", "textarea", "select"})
# What goes on in the same line; every other tag begins another one.
INLINE: Final = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span", "strong"}
    | {"sub", "sup", "time", "u", "var", "wbr", "label"}
)
ENDS: Final = {name: re.compile(rf"</{name}\b", re.IGNORECASE | re.ASCII) for name in UNREAD}
TITLE: Final = re.compile(r"<title\b", re.IGNORECASE | re.ASCII)
END_OF_TITLE: Final = re.compile(r"</title\b", re.IGNORECASE | re.ASCII)
NAME: Final = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:-]*")
BLANK: Final = re.compile(r"[ \t\xa0]+")
MOST_TITLE: Final = 200


def plain_text(html: str) -> str:
    """The text of a page, a line for each block. Linear: what is not closed ends the page."""
    parts: list[str] = []
    at = 0
    while (start := html.find("<", at)) >= 0:
        parts.append(html[at:start])
        at, gap = after(html, start)
        parts.append(gap)
    parts.append(html[at:])
    lines = (BLANK.sub(" ", line).strip() for line in unescape("".join(parts)).splitlines())
    return "\n".join(line for line in lines if line)


def after(html: str, start: int) -> tuple[int, str]:
    """Where the text goes on after the "<" at a place, and what stands for what was left out."""
    if html.startswith("<!--", start):
        return end_of(html, "-->", start + 4), ""
    match = NAME.match(html, start + 1)
    if match is None:
        # A lone "<" is text; "<!doctype" and "<?xml" are not.
        return (end_of(html, ">", start), "") if html.startswith(("<!", "<?"), start) else (start + 1, "<")
    name = match.group().lower()
    if name in UNREAD:
        end = ENDS[name].search(html, start)
        return end_of(html, ">", end.end() if end else len(html)), "\n"
    return end_of(html, ">", start), "" if name.removeprefix("/") in INLINE else "\n"


def end_of(text: str, sign: str, start: int) -> int:
    """The place behind the next sign; the end where there is none."""
    found = text.find(sign, start)
    return len(text) if found < 0 else found + len(sign)


def title_of(html: str) -> str:
    """What a page calls itself, on one line; "" where it does not."""
    start = TITLE.search(html)
    begin = end_of(html, ">", start.end()) if start else len(html)
    end = END_OF_TITLE.search(html, begin)
    title = " ".join(unescape(html[begin : end.start()]).split()) if end else ""
    return title if len(title) <= MOST_TITLE else f"{title[: MOST_TITLE - 1]}…"
