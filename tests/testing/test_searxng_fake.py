"""The fake SearXNG does what the real one is documented, and was read, to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from pointsman.testing.searxng import API_MOST, FakeSearxng, result
from pointsman.testing.stepped_time import SteppedTime

BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def get(session: aiohttp.ClientSession, url: str, **query: str) -> tuple[int, str, str]:
    async with session.get(url, params=query, headers=BROWSER) as response:
        return response.status, response.content_type, await response.text()


async def test_formats(session: aiohttp.ClientSession) -> None:
    async with FakeSearxng([result()]) as fake:
        url = f"{fake.url}/search"
        assert (await get(session, url, q="x", format="json"))[:2] == (200, "application/json")
        assert (await get(session, url, q="x", format="csv"))[:2] == (403, "text/html")
        assert (await get(session, url, q="x", format="bogus"))[:2] == (200, "text/html")
        assert (await get(session, url, q="x"))[:2] == (200, "text/html")
        assert (await get(session, url, format="json"))[0] == 400
        assert (await get(session, url, format="json", q="x", safesearch="3"))[0] == 400
        assert (await get(session, url, format="json", q="x", pageno="0"))[0] == 400
        assert (await get(session, f"{fake.url}/healthz"))[2] == "OK"


async def test_it_takes_forms_as_well(session: aiohttp.ClientSession) -> None:
    async with FakeSearxng([result()]) as fake:
        async with session.post(fake.url, data={"q": "x", "format": "json"}) as response:
            body = await response.json()
        assert [row["title"] for row in body["results"]] == ["Title 1"]
        assert {"answers", "suggestions", "infoboxes", "unresponsive_engines"} <= set(body)
        assert fake.asked == [{"q": "x", "format": "json"}]


async def test_the_limiter_gives_four_answers_an_hour(session: aiohttp.ClientSession) -> None:
    time = SteppedTime()
    async with FakeSearxng([result()], limiter=True, clock=time) as fake:
        url = f"{fake.url}/search"
        seen = [(await get(session, url, q="x", format="json"))[0] for _ in range(API_MOST + 1)]
        assert seen == [200] * API_MOST + [429]
        time.now = 3_601.0
        assert (await get(session, url, q="x", format="json"))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "application/json"}, {"Accept-Language": ""}, {"User-Agent": "curl/8"}, {"Accept-Encoding": "br"}],
)
async def test_the_limiter_knows_programs(session: aiohttp.ClientSession, headers: Mapping[str, str]) -> None:
    async with (
        FakeSearxng(limiter=True) as fake,
        session.get(f"{fake.url}/search?q=x", headers={**BROWSER, **headers}) as response,
    ):
        assert response.status == 429
