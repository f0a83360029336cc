"""What a search of the web finds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urlsplit

MOST_TITLE: Final = 160
MOST_SNIPPET: Final = 400
# No browser takes a longer address, and a model would have to read it.
MOST_URL: Final = 2_000
# What search engines set around the words that were searched for; no other "<" of a snippet is one.
MARKS: Final = re.compile(r"</?(?:b|em|strong|span|mark|i|br)(?: [a-z-]+=[^<>]{0,100})? ?/?>", re.IGNORECASE)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that a search engine found; `published` is the day (YYYY-MM-DD), "" where it is not known."""

    title: str
    url: str
    snippet: str = ""
    published: str = ""


def hit_of(title: object, url: object, snippet: object, published: object = "") -> Hit | None:
    """A row of a search engine as a hit, each text on one line; None where it has no address on the web."""
    if not isinstance(url, str) or not is_web(url):
        return None
    day = DAY.match(published) if isinstance(published, str) else None
    return Hit(
        plain(title, MOST_TITLE) or (urlsplit(url).hostname or ""),
        url,
        plain(snippet, MOST_SNIPPET),
        day.group() if day else "",
    )


def hits_of(rows: Iterable[Hit | None], most: int) -> tuple[Hit, ...]:
    """The first hits among rows, each address once."""
    found: dict[str, Hit] = {}
    for row in rows:
        if row is not None and len(found) < most:
            found.setdefault(row.url, row)
    return tuple(found.values())


def is_web(url: str) -> bool:
    """Whether an address is one of a page on the web, as it is written."""
    if len(url) > MOST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def plain(text: object, most: int) -> str:
    """A text of a row on one line, without the marks around words that were found, at most so many characters."""
    if not isinstance(text, str):
        return ""
    line = " ".join(unescape(MARKS.sub("", text[: 4 * most])).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
