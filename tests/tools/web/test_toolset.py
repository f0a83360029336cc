"""The toolset for the web: what a message asks for first, what models and people read, what is not opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pointsman.core.errors import PointsmanError, ToolFailed
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message, ToolCall, Turn
from pointsman.core.search import Hit
from pointsman.core.tool import First, Occasion, Source, Tool
from pointsman.testing.hostile_pages import EXFILTRATION, HOSTILE_PAGES
from pointsman.tools.web.fetch import Fetched
from pointsman.tools.web.pages import Pages
from pointsman.tools.web.plaintext import plain_text
from pointsman.tools.web.search import Searches
from pointsman.tools.web.toolset import WebSearch

FOUND: Mapping[str, Sequence[Hit]] = {
    "tomatoes": (
        Hit("Growing [tomatoes]", "https://one.example/a", "Water *them*.", "2026-05-01"),
        Hit("Shade", "https://two.example/b"),
    ),
    "cucumbers": (Hit("Shade", "https://two.example/b"), Hit("Pickles", "https://three.example/c", "Salt.")),
}


class Web:
    """An engine and a fetch for tests; `fetched` are the addresses that were opened."""

    name = "scripted"

    def __init__(self, pages: Mapping[str, str] | None = None, error: PointsmanError | None = None) -> None:
        self.fetched: list[str] = []
        self.closed = 0
        self._pages = pages or {}
        self._error = error

    async def search(self, query: str, count: int) -> Sequence[Hit]:
        if self._error:
            raise self._error
        return FOUND.get(query, ())[:count]

    async def fetch(self, url: str) -> Fetched:
        self.fetched.append(url)
        await asyncio.sleep(0)
        return Fetched(url, "text/html", "", self._pages.get(url, "<title>T</title><p>text").encode())

    async def close(self) -> None:
        self.closed += 1

    def toolset(self, **given: Any) -> WebSearch:
        async def text_of(html: str) -> str:
            return plain_text(html)

        return WebSearch(Searches([self]), Pages(self.fetch, text_of), **given)


def said(text: str = "look it up", *history: Turn, **slots: str) -> Occasion:
    return Occasion(Message(text, history=history), slots)


async def laid(web: Web, occasion: Occasion | None = None) -> tuple[Tool, Tool]:
    search, read = await web.toolset().tools(occasion or said())
    return search, read


@pytest.mark.parametrize(
    ("occasion", "call"),
    [
        (
            said("what's the weather in Paris", query="weather Paris"),
            ToolCall("web_search", {"query": "weather Paris"}),
        ),
        (said("weather in Paris"), ToolCall("web_search", {"query": "weather in Paris"})),
        (said("word " * 100), None),
        (said("?!"), None),
        (said("word " * 100, query="x"), ToolCall("web_search", {"query": "x"})),
        (said("sum up https://a.example/b."), ToolCall("read_page", {"url": "https://a.example/b"})),
        (said("sum it up", query="https://a.example/b"), ToolCall("read_page", {"url": "https://a.example/b"})),
        (said("read https://a.example/", query="//a.example/"), ToolCall("read_page", {"url": "https://a.example/"})),
        (said("compare https://a.example/ and https://b.example/", query="a and b"), None),
    ],
)
def test_what_the_message_asks_for(occasion: Occasion, call: ToolCall | None) -> None:
    assert Web().toolset().first(occasion) == (First(call) if call else None)


async def test_what_is_asked_for_first_can_be_read() -> None:
    web = Web()
    occasion = said("sum up https://a.example/Foo_(bar).")
    first = web.toolset().first(occasion)
    assert first is not None
    _, read = await laid(web, occasion)
    await read.call(first.call.arguments)
    assert web.fetched == ["https://a.example/Foo_(bar)"]


async def test_results_as_a_model_and_a_person_read_them() -> None:
    search, _ = await laid(Web())
    result = await search.call({"query": " tomatoes "})
    assert result.text == (
        "[1] Growing [tomatoes]\nhttps://one.example/a\n2026-05-01 Water *them*.\n\n[2] Shade\nhttps://two.example/b"
    )
    assert result.shown == (
        "1. Growing  tomatoes\n   https://one.example/a\n   Water  them .\n2. Shade\n   https://two.example/b"
    )
    assert result.sources == (
        Source("Growing [tomatoes]", "https://one.example/a"),
        Source("Shade", "https://two.example/b"),
    )
    assert (result.empty, result.trusted) == (False, False)


async def test_a_second_search_goes_on_counting() -> None:
    search, read = await laid(Web())
    await search.call({"query": "tomatoes"})
    result = await search.call({"query": "cucumbers"})
    assert result.text.startswith("[2] Shade\n")
    assert "[3] Pickles" in result.text
    page = await read.call({"url": "https://two.example/b"})
    assert page.text == "[2] T\nhttps://two.example/b\n\nT\ntext"
    assert page.sources == (Source("Shade", "https://two.example/b"),)


async def test_each_reply_counts_from_one_and_knows_only_its_own() -> None:
    toolset = Web().toolset()
    search, _ = await toolset.tools(said())
    await search.call({"query": "tomatoes"})
    search, read = await toolset.tools(said())
    with pytest.raises(ToolFailed, match="not opened"):
        await read.call({"url": "https://one.example/a"})
    assert (await search.call({"query": "cucumbers"})).text.startswith("[1]")


async def test_nothing_found_is_said() -> None:
    search, _ = await laid(Web())
    result = await search.call({"query": "xyzzy"})
    assert result.empty
    assert result.shown == "Nothing was found for 'xyzzy'."
    assert result.sources == ()


async def test_a_failed_search_is_a_failed_tool() -> None:
    search, _ = await laid(Web(error=ServiceFailed("server", "is down", service="searxng", cure="start it")))
    with pytest.raises(ToolFailed, match="searxng: is down") as failed:
        await search.call({"query": "tomatoes"})
    assert failed.value.cure == "start it"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [({}, 2), ({"count": 1}, 1), ({"count": "1"}, 1), ({"count": 1.0}, 1), ({"count": None}, 2), ({"count": 99}, 2)],
)
async def test_how_many(arguments: Mapping[str, Any], count: int) -> None:
    search, _ = await laid(Web())
    assert len((await search.call({"query": "tomatoes", **arguments})).sources) == count


WRONG_COUNTS: Sequence[Any] = (0, -1, "many", [], {}, True, float("nan"), float("inf"))
WRONG: Sequence[Mapping[str, Any]] = (
    *({}, {"query": ""}, {"query": " "}, {"query": None}, {"query": 3}, {"query": ["a"]}, {"q": "a"}),
    *({"query": "a", "count": wrong} for wrong in WRONG_COUNTS),
)


@pytest.mark.parametrize("arguments", WRONG)
async def test_a_wrong_search_is_told_how_it_goes(arguments: Mapping[str, Any]) -> None:
    search, _ = await laid(Web())
    with pytest.raises(ToolFailed) as failed:
        await search.call(arguments)
    assert failed.value.cure


@pytest.mark.parametrize("arguments", [{}, {"url": ""}, {"url": None}, {"url": 7}, {"url": ["https://a.example/"]}])
async def test_a_wrong_address_is_told_how_it_goes(arguments: Mapping[str, Any]) -> None:
    _, read = await laid(Web())
    with pytest.raises(ToolFailed, match="`url` is missing"):
        await read.call(arguments)


async def test_what_the_person_wrote_is_opened() -> None:
    web = Web()
    earlier = Turn("user", "it is at https://earlier.example/x")
    _, read = await laid(web, said("read https://a.example/b please", earlier))
    result = await read.call({"url": "https://a.example/b"})
    assert result.text == "[1] T\nhttps://a.example/b\n\nT\ntext"
    assert result.sources == (Source("T", "https://a.example/b"),)
    await read.call({"url": "https://earlier.example/x"})
    assert web.fetched == ["https://a.example/b", "https://earlier.example/x"]


@pytest.mark.parametrize("name", HOSTILE_PAGES)
async def test_no_page_gets_another_address_opened(name: str) -> None:
    """What a page says is read, and an address that stands only there is not opened, whoever asks for it."""
    url = "https://one.example/a"
    web = Web({url: HOSTILE_PAGES[name]})
    search, read = await laid(web)
    await search.call({"query": "tomatoes"})
    assert "Tomatoes need water" in (await read.call({"url": url})).text
    for asked in (
        EXFILTRATION,
        EXFILTRATION.replace("SECRET", "what+was+said"),
        f"{url}?d=SECRET",
        "https://x.example",
    ):
        with pytest.raises(ToolFailed, match="not opened"):
            await read.call({"url": asked})
    assert web.fetched == [url]


async def test_an_empty_page_is_said_and_a_cut_one_too() -> None:
    web = Web({"https://a.example/": "<script>app()</script>"})
    _, read = await laid(web, said("read https://a.example/ and https://b.example/"))
    result = await read.call({"url": "https://a.example/"})
    assert result.empty
    assert "no text on this page" in result.text


async def test_without_an_engine_it_is_refused_with_the_cure() -> None:
    toolset = WebSearch(Searches([]), Pages(Web().fetch, lambda html: asyncio.sleep(0, html)))
    assert "tools.web_search.searxng" in toolset.refusal(said())
    assert Web().toolset().refusal(said()) == ""


async def test_specs() -> None:
    search, read = await Web().toolset(seconds=10.0, reading=6.0).tools(said())
    assert (search.spec.name, read.spec.name) == ("web_search", "read_page")
    assert (search.spec.effect, read.spec.effect) == ("reads", "reads")
    assert search.spec.seconds == read.spec.seconds == 18.0


async def test_closing() -> None:
    web, also = Web(), Web()
    await web.toolset(close=also.close).close()
    assert (web.closed, also.closed) == (1, 1)
