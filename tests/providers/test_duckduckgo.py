"""Public engines by ddgs: in a thread that nobody waits for too long, its exceptions in our words."""

from __future__ import annotations

import asyncio
import builtins
import threading
from typing import Any

import pytest

from pointsman.core.errors import MissingExtra
from pointsman.core.faults import ServiceFailed
from pointsman.core.search import Hit
from pointsman.providers import duckduckgo
from pointsman.providers.duckduckgo import MOST_THREADS, Duckduckgo, Rows


class RatelimitException(Exception):
    """As ddgs calls it."""


class TimeoutException(Exception):
    """As ddgs calls it."""


class DDGSException(Exception):
    """As ddgs calls it."""


class Raising:
    """A library that raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, query: str, count: int) -> Rows:
        raise self._error


class Hanging:
    """A library that hangs until `go` is set; then `ended` is."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.ended = threading.Event()

    def __call__(self, query: str, count: int) -> Rows:
        self.go.wait(60)
        self.ended.set()
        return []


async def test_results() -> None:
    asked: list[tuple[str, int, bool]] = []

    def look(query: str, count: int) -> Rows:
        asked.append((query, count, threading.current_thread() is threading.main_thread()))
        return [
            {"title": "A", "href": "https://a.example/", "body": "text"},
            {"title": "B", "href": "javascript:alert(1)", "body": ""},
            {"title": "C", "href": "https://c.example/"},
            {"href": "https://d.example/", "title": "D", "body": "beyond the count"},
        ]

    engine = Duckduckgo(look=look)
    assert await engine.search("tomatoes", 2) == (
        Hit("A", "https://a.example/", "text"),
        Hit("C", "https://c.example/"),
    )
    assert asked == [("tomatoes", 2, False)]
    await engine.close()


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (RatelimitException("https://x/?q=SECRET 202 Ratelimit"), "rate_limited", "refuse us for now"),
        (DDGSException("... 429 ..."), "rate_limited", "refuse us for now"),
        (TimeoutException("operation timed out"), "server", "no engine answered"),
        (DDGSException("TimeoutError: timed out"), "server", "no engine answered"),
        (DDGSException("No results found."), "malformed", "there may be nothing, or the engines refused it"),
        (DDGSException("ConnectError: https://x/?q=SECRET"), "server", "could not be reached"),
        (KeyError("SECRET"), "malformed", "(KeyError)"),
        (RuntimeError("SECRET"), "malformed", "(RuntimeError)"),
    ],
)
async def test_its_exceptions_in_our_words(error: Exception, kind: str, words: str) -> None:
    with pytest.raises(ServiceFailed) as failed:
        await Duckduckgo(look=Raising(error)).search("SECRET", 6)
    assert failed.value.kind == kind
    assert words in failed.value.message
    assert "SECRET" not in str(failed.value)
    assert failed.value.cure


async def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *given: Any, **named: Any) -> Any:
        if name.startswith("ddgs"):
            raise ImportError(name)
        return imported(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra) as missing:
        await Duckduckgo().search("x", 6)
    assert "pointsman[search]" in missing.value.cure


async def test_the_library_is_asked_as_it_wants_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    ddgs = pytest.importorskip("ddgs")
    told: list[object] = []

    class Asker:
        def __init__(self, **given: object) -> None:
            told.append(given)

        def text(self, query: str, **given: object) -> Rows:
            told.append((query, given))
            return [{"title": "A", "href": "https://a.example/", "body": ""}]

    monkeypatch.setattr(ddgs, "DDGS", Asker)
    assert len(await Duckduckgo(seconds=10, safe="strict", region="de-de").search("x", 3)) == 1
    assert told == [{"timeout": 5}, ("x", {"region": "de-de", "safesearch": "on", "max_results": 3})]


async def test_one_that_hangs_is_given_up_and_ends_by_itself() -> None:
    look = Hanging()
    engine = Duckduckgo(seconds=0.02, look=look)
    for _ in range(MOST_THREADS):
        with pytest.raises(ServiceFailed, match="no engine answered"):
            await engine.search("x", 6)
    with pytest.raises(ServiceFailed, match="still busy") as refused:
        await engine.search("x", 6)
    assert not refused.value.asked
    look.go.set()
    await engine.close()
    assert await engine.search("x", 6) == ()


async def test_closing_waits_for_its_threads() -> None:
    look = Hanging()
    engine = Duckduckgo(look=look)
    task = asyncio.ensure_future(engine.search("x", 6))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    closing = asyncio.ensure_future(engine.close())
    await asyncio.sleep(0)
    assert not closing.done()
    look.go.set()
    await closing
    assert look.ended.is_set()


async def test_closing_waits_for_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckduckgo, "CLOSING_SECONDS", 0.01)
    look = Hanging()
    engine = Duckduckgo(seconds=0.01, look=look)
    with pytest.raises(ServiceFailed):
        await engine.search("x", 6)
    await engine.close()
    assert [it.daemon for it in threading.enumerate() if it.name == "pointsman ddgs"] == [True]
    look.go.set()
    monkeypatch.undo()
    await engine.close()
