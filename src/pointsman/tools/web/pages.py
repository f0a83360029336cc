"""Pages as texts: fetched, decoded, without their menus, and kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from pointsman.core.ports import Clock
from pointsman.tools.web.charset import decoded
from pointsman.tools.web.fresh import Fresh
from pointsman.tools.web.plaintext import plain_text, title_of

CACHE_SECONDS: Final = 600.0
# With texts of at most so many characters, some 10 MB.
MOST_KEPT: Final = 32
MOST_TEXT: Final = 100_000
MOST_XML: Final = 1_000_000
HTML: Final = frozenset({"text/html", "application/xhtml+xml", ""})


class Got(Protocol):
    """What was fetched, as `fetch.Fetched` has it."""

    @property
    def url(self) -> str:
        """Where it was in the end."""
        ...

    @property
    def media_type(self) -> str:
        """What it is."""
        ...

    @property
    def charset(self) -> str:
        """What its header says of its encoding."""
        ...

    @property
    def body(self) -> bytes:
        """The bytes."""
        ...

    @property
    def cut(self) -> bool:
        """Whether there was more."""
        ...


Fetch = Callable[[str], Awaitable[Got]]
"""Fetches a page. Raises ToolFailed."""
TextOf = Callable[[str], Awaitable[str]]
"""The text in HTML."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a text; `url` is where it was in the end, `cut` whether there was more."""

    url: str
    title: str
    text: str = field(repr=False)
    cut: bool = False


class Pages:
    """Reads pages, and uses what it read again for `cache` seconds."""

    def __init__(
        self, fetch: Fetch, text_of: TextOf, *, cache: float = CACHE_SECONDS, clock: Clock = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._text_of = text_of
        self._kept: Fresh[str, Page] = Fresh(cache, MOST_KEPT, clock=clock)

    async def read(self, url: str) -> Page:
        """The page at an address. Raises ToolFailed."""
        page = self._kept.get(url)
        if page is None:
            page = await self._page_of(await self._fetch(url))
            self._kept.put(url, page)
        return page

    async def _page_of(self, got: Got) -> Page:
        text = decoded(got.body, got.charset)
        title = ""
        if got.media_type in HTML:
            title, text = title_of(text), await self._text_of(text)
        elif got.media_type.endswith("xml"):
            title, text = title_of(text), await asyncio.to_thread(plain_text, text[:MOST_XML])
        return Page(got.url, title, text[:MOST_TEXT].strip(), got.cut or len(text) > MOST_TEXT)
