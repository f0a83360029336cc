"""The web sites for tests do what servers do."""

from __future__ import annotations

import aiohttp
import pytest

from pointsman.testing.hostile_pages import HOSTILE_PAGES
from pointsman.testing.website import BOMB_BYTES, HERE, Names, Website


async def test_pages_redirects_and_what_was_asked() -> None:
    async with Website() as site, aiohttp.ClientSession(auto_decompress=False) as session:
        site.page("/a", "text", "text/plain", X_Kind="plain")
        site.page("/untold", "text", None)
        site.redirect("/b", "/a", 301)
        site.bomb("/bomb")
        async with session.get(site.url("/a?x=1", HERE)) as response:
            assert (response.status, await response.text(), response.headers["X-Kind"]) == (200, "text", "plain")
        async with session.get(site.url("/untold", HERE)) as response:
            assert "Content-Type" not in response.headers
        async with session.get(site.url("/b", HERE), allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (301, "/a")
        async with session.get(site.url("/bomb", HERE)) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert len(await response.read()) < BOMB_BYTES / 500
        async with session.get(site.url("/none", HERE)) as response:
            assert response.status == 404
        assert [visit.path for visit in site.visits] == ["/a?x=1", "/untold", "/b", "/bomb", "/none"]


async def test_an_endless_page_ends_with_its_reader() -> None:
    async with Website() as site, aiohttp.ClientSession() as session:
        site.endless("/endless")
        async with session.get(site.url("/endless", HERE)) as response:
            assert len(await response.content.readexactly(200_000)) == 200_000
        assert site.sent >= 200_000


async def test_a_slow_page_waits() -> None:
    async with Website() as site, aiohttp.ClientSession() as session:
        site.slow("/slow")
        async with session.get(site.url("/slow", HERE)) as response:
            assert await response.content.readany() == b"<p>the first half"
            site.hold.set()
            assert await response.content.read() == b" and the second</p>"


async def test_names_answer_in_turn() -> None:
    names = Names()
    names.add("a.test", ["1.1.1.1"], ["10.0.0.1"])
    assert [await names("a.test", 80) for _ in range(3)] == [["1.1.1.1"], ["10.0.0.1"], ["10.0.0.1"]]
    with pytest.raises(OSError, match="no such name"):
        await names("b.test", 80)


async def test_hostile_pages_are_served() -> None:
    assert len(HOSTILE_PAGES) >= 10
    async with Website() as site, aiohttp.ClientSession() as session:
        for name, html in HOSTILE_PAGES.items():
            async with session.get(site.url(f"/hostile/{name}", HERE)) as response:
                assert await response.text() == html
