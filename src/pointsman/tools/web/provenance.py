"""Which addresses a reply may open: those that the person wrote, and those that its own searches found.

A page may tell a model to open an address with what it knows written into it; so what a model, or a page, makes up is
not opened, and what is opened is the address as it was written there, to the letter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar
from urllib.parse import quote, unquote, urlsplit

from pointsman.core.message import TOLD, Message
from pointsman.core.search import MOST_URL, is_web
from pointsman.core.tool import Source

T = TypeVar("T")
R = TypeVar("R")

BREAKS: Final = re.compile(r"[\s<>\"'`|\\]+")
BARE: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?::\d{2,5})?(?:[/?#].*)?", re.IGNORECASE
)
ASCII: Final = re.compile(r"[\x21-\x7e]*")
ENDS: Final = ".,;:!?)]}>*_~»”’。、，）」』】！？…"  # noqa: RUF001 - those of other languages, too
OPENING: Final = "([{*_~«“„"
MOST_ENDS: Final = 8
MOST_WRITTEN: Final = 200
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Known:
    """The addresses that one reply may open, and the pages that it cites, numbered from 1 as they were found."""

    def __init__(self, message: Message) -> None:
        self._written = written_in(message)
        self._found: dict[str, int] = {}
        self._sources: list[Source] = []
        self._under_way: list[asyncio.Event] = []

    def address(self, asked: str) -> str:
        """The known address that is meant: by itself, or by a result's number; "" where none is."""
        asked = asked.strip().strip("<>[]")
        if asked.isdecimal() and len(asked) < 4:
            number = int(asked)
            return self._sources[number - 1].url if 0 < number <= len(self._sources) else ""
        key = key_of(asked)
        if key in self._found:
            return self._sources[self._found[key] - 1].url
        return self._written.get(key, "")

    def source(self, title: str, url: str) -> tuple[int, Source]:
        """The number under which a page is cited, and the page as it is cited."""
        number = self._found.setdefault(key_of(url) or url, len(self._sources) + 1)
        if number > len(self._sources):
            self._sources.append(Source(title, url))
        return number, self._sources[number - 1]

    async def in_turn(self, work: Awaitable[T], number: Callable[[T], R]) -> R:
        """What work brings, numbered after that of every call that began before, as their results stand before it."""
        earlier = tuple(self._under_way)
        mine = asyncio.Event()
        self._under_way.append(mine)
        try:
            brought = await work
            for event in earlier:
                await event.wait()
            return number(brought)
        finally:
            mine.set()
            self._under_way.remove(mine)


def written_in(message: Message) -> dict[str, str]:
    """The addresses in what the person wrote, now and before, by their keys."""
    written: dict[str, str] = {}
    texts = (message.text, *(turn.text for turn in reversed(message.history) if turn.role == "user"))
    for text in texts:
        for url in (form for found in addresses_in(text) for form in endings(found)):
            if len(written) >= MOST_WRITTEN:
                return written
            if key := key_of(url):
                written.setdefault(key, url)
    return written


def addresses_in(text: str) -> Iterable[str]:
    """The addresses in a text, also those without https://, as far as the next space or quotation mark."""
    for word in BREAKS.split(text[:TOLD]):
        begin = word.lower().find("http")
        if "://" in word and begin >= 0:
            yield word[begin : begin + MOST_URL]
        elif "." in word and "@" not in word:
            plain = in_ascii(word.lstrip(OPENING)).rstrip(ENDS)
            if len(plain) < MOST_URL and BARE.fullmatch(plain):
                yield f"https://{plain}"


def endings(url: str) -> Iterable[str]:
    """An address, and the same without what may belong to the sentence around it."""
    for form in dict.fromkeys((url, in_ascii(url))):
        for left_out in range(MOST_ENDS):
            rest = form[: len(form) - left_out]
            if is_web(rest):
                yield rest
            if not rest.endswith(tuple(ENDS)):
                break


def meant(url: str) -> str:
    """An address as people mean it: without the end of the sentence, with a bracket that was opened in it."""
    plain = in_ascii(url).rstrip(ENDS)
    return f"{plain})" if "(" in plain and url.startswith(f"{plain})") else plain


def in_ascii(text: str) -> str:
    """What stands before the first letter that no address has; some languages leave no space before it."""
    found = ASCII.match(text)
    return found.group() if found else ""


def key_of(url: str) -> str:
    """What is the same for addresses that mean the same page to a person; "" for what is no address."""
    if "://" not in url:
        url = f"https://{url}"
    if not is_web(url):
        return ""
    parts = urlsplit(url)
    try:
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except ValueError:
        return ""
    if parts.username is not None:
        return ""
    shown = "" if port == DEFAULT_PORTS[parts.scheme] else f":{port}"
    path = quote(unquote(parts.path).rstrip("/"), errors="replace")
    query = f"?{quote(unquote(parts.query), errors='replace')}" if parts.query else ""
    return f"{(parts.hostname or '').rstrip('.')}{shown}{path}{query}"
