"""SearXNG's JSON API, and what is said when it is not switched on, limits, breaks or finds nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pointsman.core.faults import ServiceFailed
from pointsman.core.search import Hit
from pointsman.providers.searxng import Searxng, is_own
from pointsman.testing.searxng import FakeSearxng, Spoilt, result


@pytest.fixture
async def fake() -> AsyncIterator[FakeSearxng]:
    async with FakeSearxng([result(1), result(2, publishedDate="2026-05-01T00:00:00"), result(3)]) as fake:
        yield fake


async def asked(fake: FakeSearxng, query: str = "tomatoes", count: int = 6, **given: Any) -> tuple[Hit, ...]:
    engine = Searxng(fake.url, **given)
    try:
        return await engine.search(query, count)
    finally:
        await engine.close()


async def failed(fake: FakeSearxng, **given: Any) -> ServiceFailed:
    with pytest.raises(ServiceFailed) as error:
        await asked(fake, **given)
    assert error.value.service == "searxng"
    assert error.value.cure
    return error.value


async def test_results(fake: FakeSearxng) -> None:
    hits = await asked(fake)
    assert hits[:2] == (
        Hit("Title 1", "https://site1.example/page", "Content 1."),
        Hit("Title 2", "https://site2.example/page", "Content 2.", "2026-05-01"),
    )
    assert len(hits) == 3
    assert len(await asked(fake, count=2)) == 2


async def test_what_is_sent(fake: FakeSearxng) -> None:
    await asked(fake, "käse & brot?", safe="strict")
    assert fake.asked == [{"q": "käse & brot?", "format": "json", "safesearch": "2", "language": "auto", "pageno": "1"}]
    assert "text/html" in fake.headers[0]["accept"]
    assert fake.headers[0]["accept-language"]


@pytest.mark.parametrize("path", ["", "/", "/search"])
async def test_its_address_may_end_in_several_ways(fake: FakeSearxng, path: str) -> None:
    engine = Searxng(f"{fake.url}{path}")
    assert len(await engine.search("x", 6)) == 3
    await engine.close()


async def test_where_json_is_off_the_setting_is_named() -> None:
    async with FakeSearxng(formats=("html",)) as fake:
        error = await failed(fake)
    assert (error.kind, error.treatment.opens_after) == ("bad_request", 0)
    assert "403" in error.message
    assert "search.formats" in error.cure
    assert "json" in error.cure


async def test_the_limiter_is_named(fake: FakeSearxng) -> None:
    fake.limiter = True
    for _ in range(4):
        assert len(await asked(fake)) == 3
    error = await failed(fake)
    assert (error.kind, error.wait) == ("rate_limited", 300.0)
    assert "limiter: false" in error.cure
    assert "pass_ip" in error.cure


@pytest.mark.parametrize(
    ("spoilt", "kind", "words"),
    [
        ("html", "malformed", "a page in place of JSON"),
        ("cut", "malformed", "no list of results"),
        ("list", "malformed", "no list of results"),
        ("no_results", "malformed", "no list of results"),
        ("elsewhere", "bad_request", "sends us elsewhere"),
        ("broken", "server", "failed (500)"),
        ("huge", "malformed", "sent more than 2,000,000 bytes"),
    ],
)
async def test_what_cannot_be_used(fake: FakeSearxng, spoilt: Spoilt, kind: str, words: str) -> None:
    fake.spoilt = spoilt
    error = await failed(fake)
    assert error.kind == kind
    assert words in error.message


async def test_malformed_rows_are_left_out(fake: FakeSearxng) -> None:
    good = result(7)
    wrong: list[Any] = [None, 7, "x", [], {}, {"url": None}, {"title": "no address"}, result(url="javascript:alert(1)")]
    wrong += [result(url="ftp://a.example/"), result(url="https://["), result(url="/relative"), result(url=7)]
    fake.find = lambda _: [*wrong, good, good, {"url": "https://bare.example/", "title": None, "content": 7}]
    assert await asked(fake) == (
        Hit("Title 7", "https://site7.example/page", "Content 7."),
        Hit("bare.example", "https://bare.example/"),
    )


async def test_nothing_found(fake: FakeSearxng) -> None:
    fake.find = lambda _: []
    assert await asked(fake) == ()


async def test_nothing_found_by_engines_that_did_not_answer_is_no_nothing(fake: FakeSearxng) -> None:
    fake.unresponsive = [("google", "CAPTCHA"), ("brave", "timeout"), *((f"e{it}", "x") for it in range(9))]
    assert len(await asked(fake)) == 3  # others answered
    fake.find = lambda _: []
    error = await failed(fake)
    assert error.kind == "server"
    assert "brave (timeout)" in error.message
    assert error.message.endswith("and others")


async def test_a_slow_one_is_given_up(fake: FakeSearxng) -> None:
    fake.hold = asyncio.Event()
    error = await failed(fake, seconds=0.05)
    assert (error.kind, "no answer within 0.05 s" in error.message) == ("server", True)


async def test_a_search_can_be_cancelled(fake: FakeSearxng) -> None:
    fake.hold = asyncio.Event()
    engine = Searxng(fake.url)
    task = asyncio.ensure_future(engine.search("x", 6))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await engine.close()


async def test_one_that_is_not_there() -> None:
    async with FakeSearxng() as fake:
        pass
    error = await failed(fake)
    assert "cannot be reached" in error.message
    assert "is it running?" in error.cure


async def test_a_query_that_no_encoding_takes(fake: FakeSearxng) -> None:
    assert len(await asked(fake, "a\ud800b")) == 3


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8888", True),
        ("http://localhost:8888", True),
        ("http://192.168.1.5:8888", True),
        ("http://[fd00::1]:8888", True),
        ("http://searxng:8080", True),
        ("http://search.home.arpa", True),
        ("http://nas.local/searxng", True),
        ("https://searx.example.org", False),
        ("http://93.184.215.14", False),
    ],
)
def test_no_proxy_leads_into_the_owners_own_network(url: str, own: bool) -> None:
    assert is_own(url) is own


async def test_a_proxy_is_asked_only_for_an_address_elsewhere(
    fake: FakeSearxng, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake stands for the proxy; a connection to the private address fails, as tests do not leave this machine."""
    monkeypatch.setenv("http_proxy", fake.url)
    elsewhere, own = Searxng("http://203-0-113-1.example:80"), Searxng("http://10.0.0.1:80", seconds=5)
    assert len(await elsewhere.search("x", 6)) == 3
    await elsewhere.close()
    with pytest.raises((AssertionError, ServiceFailed), match=r"tried to reach|cannot be reached"):
        await own.search("x", 6)
    await own.close()
    assert len(fake.asked) == 1
