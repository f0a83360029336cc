"""Fetching a page: what is sent, how much of it is read, and what is refused in words."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest

from pointsman.core.errors import ToolFailed
from pointsman.testing.website import HERE, HOST, Names, Website
from pointsman.tools.web.fetch import Fetcher, Unpacking

WORDS = b"<p>Gr\xc3\xbc\xc3\x9fe aus der Ferne</p>" * 20


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    async with Website() as site:
        yield site


def fetcher(site: Website, **given: Any) -> Fetcher:
    return Fetcher(resolve=Names(), allowed=lambda it: it == ip_address(HERE), ports={site.port}, **given)


async def test_a_page_and_what_is_sent_for_it(site: Website) -> None:
    site.page("/a", WORDS, "text/html; charset=ISO-8859-2", Set_Cookie="who=you")
    got = await fetcher(site).fetch(f"{site.url('/a')}?x=1#part")
    assert (got.body, got.media_type, got.charset, got.cut) == (WORDS, "text/html", "ISO-8859-2", False)
    assert got.url == f"http://{HOST}:{site.port}/a?x=1"
    visit = site.visits[0]
    assert (visit.host, visit.path) == (f"{HOST}:{site.port}", "/a?x=1")
    assert visit.headers["user-agent"].startswith("pointsman/")
    assert not {"cookie", "referer", "authorization"} & set(visit.headers)


async def test_no_cookie_goes_along_with_a_redirect(site: Website) -> None:
    site.page("/a", b"", status=302, Location="/b", Set_Cookie="who=you")
    site.page("/b", WORDS)
    got = await fetcher(site).fetch(site.url("/a"))
    assert got.url == site.url("/b")
    assert "cookie" not in site.visits[1].headers


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(WORDS)),
        ("X-GZIP", gzip.compress(WORDS)),
        ("deflate", zlib.compress(WORDS)),
        ("deflate", zlib.compress(WORDS)[2:-4]),  # without its header, as some servers send it
        ("identity", WORDS),
    ],
    ids=["gzip", "x-gzip", "deflate", "deflate without header", "identity"],  # gzip's bytes tell the time
)
async def test_packed_pages(site: Website, encoding: str, packed: bytes) -> None:
    site.page("/a", packed, Content_Encoding=encoding)
    assert (await fetcher(site).fetch(site.url("/a"))).body == WORDS


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_unpacked_as_far_as_is_read(site: Website, encoding: str) -> None:
    site.bomb("/bomb", encoding=encoding)
    got = await fetcher(site, most=100_000).fetch(site.url("/bomb"))
    assert (len(got.body), got.cut) == (100_000, True)


def test_a_piece_is_never_unpacked_further_than_there_is_room() -> None:
    packed = gzip.compress(b"a" * 10_000_000)
    assert len(Unpacking("gzip").feed(packed, 1_000)) == 1_000


async def test_a_page_that_never_ends_is_read_up_to_the_limit(site: Website) -> None:
    site.endless("/endless")
    got = await fetcher(site, most=300_000).fetch(site.url("/endless"))
    assert (len(got.body), got.cut) == (300_000, True)


@pytest.mark.parametrize(("size", "cut"), [(999, False), (1_000, False), (1_001, True)])
async def test_what_fits_is_not_cut(site: Website, size: int, cut: bool) -> None:
    site.page("/a", b"a" * size, "text/plain")
    got = await fetcher(site, most=1_000).fetch(site.url("/a"))
    assert (len(got.body), got.cut) == (min(size, 1_000), cut)


async def test_a_slow_page_is_given_up(site: Website) -> None:
    site.slow("/slow")
    with pytest.raises(ToolFailed, match=r"did not come within 0\.05 s"):
        await fetcher(site, seconds=0.05).fetch(site.url("/slow"))


async def test_a_fetch_can_be_cancelled(site: Website) -> None:
    site.slow("/slow")
    task = asyncio.ensure_future(fetcher(site).fetch(site.url("/slow")))
    await site.visited.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "video/mp4", "application/octet-stream"])
async def test_what_is_no_text_is_refused(site: Website, kind: str) -> None:
    site.page("/a", b"\x89PNG", kind)
    with pytest.raises(ToolFailed, match="no text") as refused:
        await fetcher(site).fetch(site.url("/a"))
    assert kind in refused.value.message


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/html",
        "text/markdown",
        "application/xhtml+xml",
        "application/json",
        "application/rss+xml",
        "application/xml",
        "application/ld+json",
        "TEXT/HTML",
        None,
    ],
)
async def test_texts_are_read(site: Website, kind: str | None) -> None:
    site.page("/a", WORDS, kind)
    got = await fetcher(site).fetch(site.url("/a"))
    assert got.media_type == (kind or "").lower()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "no such page"),
        (410, "no such page"),
        (403, "lets no programs"),
        (429, "lets no programs"),
        (500, "failed"),
        (503, "failed"),
        (304, "failed"),
        (300, "failed"),
    ],
)
async def test_a_refusal_is_said(site: Website, status: int, words: str) -> None:
    site.page("/a", b"", status=status)
    with pytest.raises(ToolFailed, match=words) as refused:
        await fetcher(site).fetch(site.url("/a"))
    assert str(status) in refused.value.message


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "bogus"])
async def test_other_packings_are_refused(site: Website, encoding: str) -> None:
    site.page("/a", b"whatever", Content_Encoding=encoding)
    with pytest.raises(ToolFailed, match="packed"):
        await fetcher(site).fetch(site.url("/a"))


async def test_what_only_says_that_it_is_packed_is_refused(site: Website) -> None:
    site.page("/a", b"plain", Content_Encoding="gzip")
    with pytest.raises(ToolFailed, match="could not be read"):
        await fetcher(site).fetch(site.url("/a"))


async def test_a_server_that_is_not_there_is_said() -> None:
    async with Website() as site:
        gone = site.port
    with pytest.raises(ToolFailed, match="cannot be reached"):
        await Fetcher(resolve=Names(), allowed=lambda _: True, ports={gone}).fetch(f"http://{HOST}:{gone}/")


async def test_the_name_and_not_the_address_is_told_to_a_server_with_tls() -> None:
    """Its certificate is for the name; the handshake ends there, as this server has none."""
    told: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def noted(_socket: object, name: str | None, _context: object) -> int:
        told.append(name)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = noted
    server = await asyncio.start_server(lambda _, writer: writer.close(), HERE, 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        strict = Fetcher(resolve=Names(), allowed=lambda it: it == ip_address(HERE), ports={port})
        with pytest.raises(ToolFailed, match="cannot be reached"):
            await strict.fetch(f"https://{HOST}:{port}/")
    assert told == [HOST]
