"""Looking things up on the web: a search, and reading a page that it found or that the person named."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import ToolFailed
from pointsman.core.message import ToolCall
from pointsman.core.search import Hit
from pointsman.core.tool import First, Occasion, Tool, ToolResult, ToolSpec
from pointsman.engine.toolwords import UNSEEN
from pointsman.tools.web.pages import Page, Pages
from pointsman.tools.web.provenance import Known, addresses_in, meant
from pointsman.tools.web.search import MOST_QUERY, SET_UP, Searches

NAME: Final = "web_search"
READ: Final = "read_page"
RESULTS: Final = 6
MOST_RESULTS: Final = 20
# A longer message tells more than what is to be looked up; a model then finds the words for it.
SHORT: Final = 200
# Beside what is waited for: our own work, and a thread that is slow to come.
SLACK: Final = 2.0
MOST_SAID: Final = 1_500
# What would make something else of a stranger's words where Markdown is shown.
MARKDOWN: Final = re.compile(r"[\[\]<>`*_~|#@\\]+")

QUERY: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "description": "what to search for: a few words, as typed into a search engine"},
        "count": {"type": "integer", "minimum": 1, "maximum": MOST_RESULTS, "description": "how many results"},
    },
    "required": ["query"],
    "additionalProperties": False,
}
URL: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"url": {"type": "string", "description": "the address of a search result, or one the person gave"}},
    "required": ["url"],
    "additionalProperties": False,
}


class WebSearch:
    """The toolset `web_search`: `searches` and `pages` do the work, `results` are read of one search.

    `seconds` is how long one engine, or one page with the reading of it, may take.
    """

    name = NAME

    def __init__(
        self,
        searches: Searches,
        pages: Pages,
        *,
        results: int = RESULTS,
        seconds: float = 10.0,
        reading: float = 6.0,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._searches = searches
        self._pages = pages
        self._results = results
        # The same for both, as one that is called beside the other may wait for it with its numbers.
        self._seconds = max(len(searches.names) * seconds, seconds + reading) + SLACK
        self._close = close

    def refusal(self, occasion: Occasion) -> str:
        """That no engine is set up, with the cure; "" when one is."""
        del occasion
        return "" if self._searches.names else f"nothing can be looked up, as no search engine is set up: {SET_UP}"

    async def tools(self, occasion: Occasion) -> Sequence[Tool]:
        """Both tools for one reply, which number what they find together."""
        known = Known(occasion.message)
        return (
            SearchTool(self._searches, known, results=self._results, seconds=self._seconds),
            ReadTool(self._pages, known, seconds=self._seconds),
        )

    def first(self, occasion: Occasion) -> First | None:
        """Reading the page that the message names; else the search for the slot `query`, or for a short message.

        An address is looked for in the message itself, as a slot is cut out of it as if it were words.
        """
        text = occasion.message.text.strip()
        slot = occasion.slots.get("query")
        query = str(slot).strip() if slot else ""
        named = text if "://" in text else query  # what goes on from earlier has it in the slot
        pages = tuple(addresses_in(named)) if "://" in named else ()
        if len(pages) == 1:
            return First(ToolCall(READ, {"url": meant(pages[0])}))
        if pages or (not query and (len(text) > SHORT or occasion.message.wordless)):
            return None
        return First(ToolCall(NAME, {"query": (query or text)[:MOST_QUERY]}))

    async def close(self) -> None:
        """Closes the engines, and what else was given to be closed."""
        try:
            await self._searches.close()
        finally:
            if self._close is not None:
                await self._close()


class SearchTool:
    """Searches the web."""

    def __init__(self, searches: Searches, known: Known, *, results: int, seconds: float) -> None:
        self.spec = ToolSpec(
            NAME,
            "Searches the web. Gives numbered results with title, address and excerpt.",
            QUERY,
            seconds=seconds,
        )
        self._searches = searches
        self._known = known
        self._results = results

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """The pages found, numbered over the whole reply. Raises ToolFailed."""
        query = text_in(arguments, "query", f'{NAME}({{"query": "..."}})')
        count = count_in(arguments.get("count"), self._results)
        return await self._known.in_turn(self._searches.search(query, count), lambda hits: self._numbered(query, hits))

    def _numbered(self, query: str, hits: Sequence[Hit]) -> ToolResult:
        if not hits:
            nothing = f"Nothing was found for {query[:MOST_QUERY]!r}."
            return ToolResult(f"{nothing} Say so; other words may find more.", nothing, empty=True)
        rows = [(*self._known.source(hit.title, hit.url), hit) for hit in hits]
        return ToolResult(
            "\n\n".join(row_for_model(number, hit) for number, _, hit in rows),
            "\n".join(row_for_person(number, hit) for number, _, hit in rows),
            tuple(source for _, source, _ in rows),
            numbered=True,
        )


class ReadTool:
    """Reads a page."""

    def __init__(self, pages: Pages, known: Known, *, seconds: float) -> None:
        self.spec = ToolSpec(
            READ,
            "Reads the text of a page: of a search result, or of an address that the person wrote.",
            URL,
            seconds=seconds,
        )
        self._pages = pages
        self._known = known

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """The text of the page. Raises ToolFailed, also for an address that nobody named."""
        asked = text_in(arguments, "url", f'{READ}({{"url": "https://..."}})')
        url = self._known.address(asked)
        if not url:
            raise ToolFailed(
                "this address is not opened: it stands neither in the person's messages nor among the search results",
                cure="take the address of a result as it is written there, or search first",
            )
        return await self._known.in_turn(self._pages.read(url), lambda page: self._shown(url, page))

    def _shown(self, url: str, page: Page) -> ToolResult:
        number, source = self._known.source(page.title or url, url)
        head = f"[{number}] {page.title or source.title}\n{url}"
        if not page.text:
            nothing = "There is no text on this page; it may need a browser."
            return ToolResult(f"{head}\n{nothing}", f"{nothing} {url}", (source,), empty=True, numbered=True)
        tail = "\n[only the beginning of the page was read]" if page.cut else ""
        said = page.text if len(page.text) <= MOST_SAID else f"{page.text[:MOST_SAID]}…"
        return ToolResult(
            f"{head}\n\n{page.text}{tail}", f"{calm(page.title)}\n{url}\n\n{calm(said)}", (source,), numbered=True
        )


def row_for_model(number: int, hit: Hit) -> str:
    """A result as a model reads it."""
    lines = (f"[{number}] {hit.title}", hit.url, f"{hit.published} {hit.snippet}".strip())
    return "\n".join(line for line in lines if line)


def row_for_person(number: int, hit: Hit) -> str:
    """A result as a person reads it, in plain text as in Markdown."""
    snippet = f"\n   {calm(hit.snippet)}" if hit.snippet else ""
    return f"{number}. {calm(hit.title)}\n   {hit.url}{snippet}"


def calm(text: str) -> str:
    """A stranger's words without what Markdown, a chat or a terminal would make something of."""
    return MARKDOWN.sub(" ", UNSEEN.sub("", text)).strip()


def text_in(arguments: Mapping[str, Any], name: str, form: str) -> str:
    """A text among the arguments. Raises ToolFailed where it is missing, or no text."""
    value = arguments.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ToolFailed(f"`{name}` is missing, or no text", cure=f"call {form}")
    return value.strip()


def count_in(value: object, usual: int) -> int:
    """How many results are wanted, at most as many as are usual. Raises ToolFailed for what is no number."""
    if value is None or value == "":
        return usual
    try:
        number = int(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0
    except (ValueError, OverflowError):
        number = 0
    if number < 1:
        raise ToolFailed("`count` is no number from 1 on", cure="leave it out")
    return min(number, usual)
