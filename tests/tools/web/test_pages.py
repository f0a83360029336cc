"""Pages as texts, kept for a while."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.core.errors import ToolFailed
from pointsman.testing.stepped_time import SteppedTime
from pointsman.tools.web.fetch import Fetched
from pointsman.tools.web.pages import MOST_KEPT, MOST_TEXT, Page, Pages

URL = "https://example.org/"


class Source:
    """Fetches what it was told to, and counts."""

    def __init__(self, *answers: Fetched | ToolFailed) -> None:
        self.asked: list[str] = []
        self._answers = answers

    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if isinstance(answer, ToolFailed):
            raise answer
        return answer


async def article(html: str) -> str:
    return f"the article of {len(html)}"


def pages(source: Source, time: SteppedTime | None = None, cache: float = 600.0) -> Pages:
    return Pages(source.fetch, article, cache=cache, clock=time or SteppedTime())


def html(body: str = "<title>T</title><p>text", kind: str = "text/html", **given: bool) -> Fetched:
    return Fetched(URL, kind, "", body.encode(), **given)


@pytest.mark.parametrize(
    ("got", "page"),
    [
        (html(), Page(URL, "T", "the article of 23")),
        (html(kind=""), Page(URL, "T", "the article of 23")),
        (html(kind="application/xhtml+xml"), Page(URL, "T", "the article of 23")),
        (html("<a>1</a> ", kind="text/plain"), Page(URL, "", "<a>1</a>")),
        (html('{"a": 1}', kind="application/json"), Page(URL, "", '{"a": 1}')),
        (html("<rss><title>F</title><item>x</item></rss>", "application/rss+xml"), Page(URL, "F", "F\nx")),
        (html("x", "text/plain", cut=True), Page(URL, "", "x", cut=True)),
        (html("x" * (MOST_TEXT + 1), "text/plain"), Page(URL, "", "x" * MOST_TEXT, cut=True)),
    ],
)
async def test_read(got: Fetched, page: Page) -> None:
    assert await pages(Source(got)).read(URL) == page


async def test_a_page_is_fetched_once_in_ten_minutes() -> None:
    source, time = Source(html(), html("<p>new")), SteppedTime()
    read = pages(source, time)
    first = await read.read(URL)
    time.now = 599.0
    assert await read.read(URL) == first
    time.now = 600.0
    assert await read.read(URL) != first
    assert source.asked == [URL, URL]


async def test_without_a_cache_it_is_fetched_each_time() -> None:
    source = Source(html())
    read = pages(source, cache=0)
    await read.read(URL)
    await read.read(URL)
    assert len(source.asked) == 2


async def test_a_failure_is_not_kept() -> None:
    read = pages(Source(ToolFailed("no", cure="later"), html()))
    with pytest.raises(ToolFailed):
        await read.read(URL)
    assert (await read.read(URL)).title == "T"


async def test_the_cache_is_bounded() -> None:
    source = Source(html())
    read = pages(source)
    for number in range(MOST_KEPT + 1):
        await read.read(f"{URL}{number}")
    await read.read(f"{URL}{MOST_KEPT}")
    await read.read(f"{URL}0")
    assert source.asked[-1] == f"{URL}0"
    assert len(source.asked) == MOST_KEPT + 2


async def test_reading_can_be_cancelled() -> None:
    async def never(url: str) -> Fetched:
        del url
        await asyncio.Event().wait()
        raise AssertionError("never")

    task = asyncio.ensure_future(Pages(never, article).read(URL))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
