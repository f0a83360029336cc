"""Which addresses a reply may open, and how pages are numbered."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.message import Message, Turn
from pointsman.core.tool import Source
from pointsman.tools.web.provenance import Known, key_of, meant, written_in

PAGE = "https://example.org/a/b?c=d"


def known(text: str, *history: Turn) -> Known:
    return Known(Message(text, history=history))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"read {PAGE}", PAGE),
        (f"read {PAGE}, please", PAGE),
        (f"Is it in <{PAGE}>?", PAGE),
        (f"see [this]({PAGE}).", PAGE),
        (f'"{PAGE}"', PAGE),
        (f"请总结{PAGE}这个页面", PAGE),
        (f"请总结{PAGE}。", PAGE),
        (f"*{PAGE}*", PAGE),
        ("https://en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)"),
        ("(https://en.wikipedia.org/wiki/Foo_(bar))", "https://en.wikipedia.org/wiki/Foo_(bar)"),
        ("what does example.org say", "https://example.org/"),
        ("what does example.org say", "http://example.org"),
        ("what does example.org/news. say", "https://example.org/news"),
        ("on EXAMPLE.org:8080/x?", "https://example.org:8080/x"),
        ("HTTPS://Example.ORG", "https://example.org"),
        ("https://example.org:443/", "https://example.org"),
        ("https://example.org/a%20b", "https://example.org/a b".replace(" ", "%20")),
        ("https://bücher.example/", "https://bücher.example"),
    ],
)
def test_what_the_person_wrote_is_known(text: str, asked: str) -> None:
    assert known(text).address(asked)


@pytest.mark.parametrize(
    "asked",
    [
        "https://example.org/other",
        "https://example.org/a/b?c=e",
        "https://example.org/a/b?c=d&e=f",
        "https://example.org/a/b",
        "https://example.org/A/B?c=d",
        "https://www.example.org/a/b?c=d",
        "https://example.org:8443/a/b?c=d",
        "https://secret.example.org/a/b?c=d",
        "https://example.org.evil.example/a/b?c=d",
        "https://user@example.org/a/b?c=d",
        "https://collect.example/?d=SECRET",
        "file:///etc/passwd",
        "1",
        "0",
        "-1",
        "99999999999999999999",
        "",
        "https://",
        "https://example.org:99999999/a/b?c=d",
    ],
)
def test_whatever_else_is_not(asked: str) -> None:
    assert known(f"read {PAGE}").address(asked) == ""


def test_only_the_person_counts() -> None:
    talk = (
        Turn("user", "earlier: https://user.example/"),
        Turn("assistant", "try https://assistant.example/"),
        Turn("tool", "read https://tool.example/"),
        Turn("system", "https://system.example/"),
    )
    found = known("and now?", *talk)
    assert found.address("https://user.example/")
    for who in ("assistant", "tool", "system"):
        assert not found.address(f"https://{who}.example/")


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_what_is_opened_is_the_address_as_it_was_written(bits: list[bool]) -> None:
    """However a model writes a known address, nothing of that reaches its server: no bit leaks."""
    letters = "a" * len(bits)
    asked = "".join(f"%{ord('a'):02x}" if bit else "a" for bit in bits)
    found = known(f"https://example.org/{letters}")
    assert found.address(f"http://EXAMPLE.org/{asked}#{asked}") == f"https://example.org/{letters}"


def test_results_are_known_by_their_address_and_their_number() -> None:
    found = known("anything")
    assert found.source("One", "https://one.example/") == (1, Source("One", "https://one.example/"))
    assert found.source("Two", "https://two.example/x") == (2, Source("Two", "https://two.example/x"))
    assert found.source("One again", "http://one.example") == (1, Source("One", "https://one.example/"))
    assert found.address("https://two.example/x") == "https://two.example/x"
    assert found.address("2") == found.address("[2]") == "https://two.example/x"
    assert found.address("3") == ""


async def test_numbers_follow_the_order_of_the_calls() -> None:
    """Calls are made side by side, and their results are told in the order of the calls."""
    found = known("")
    slow = asyncio.Event()

    async def first() -> str:
        await slow.wait()
        return "https://one.example/"

    async def second() -> str:
        slow.set()
        return "https://two.example/"

    async def third() -> str:
        raise ValueError("breaks")

    numbers = await asyncio.gather(
        *(found.in_turn(work, lambda url: found.source(url, url)[0]) for work in (first(), third(), second())),
        return_exceptions=True,
    )
    assert [numbers[0], numbers[2]] == [1, 2]


async def test_a_call_that_is_cancelled_holds_nobody_up() -> None:
    found = known("")
    stuck = asyncio.ensure_future(found.in_turn(asyncio.Event().wait(), lambda _: 0))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(found.in_turn(asyncio.sleep(0, "https://two.example/"), lambda url: url))
    await asyncio.sleep(0)
    stuck.cancel()
    assert await second == "https://two.example/"


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        (f"{PAGE}).", PAGE),
        ("https://a.example/Foo_(bar).", "https://a.example/Foo_(bar)"),
        ("https://a.example/Foo_(bar)", "https://a.example/Foo_(bar)"),
    ],
)
def test_meant(url: str, plain: str) -> None:
    assert meant(url) == plain


@given(st.text(max_size=300))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert all(key_of(url) == key for key, url in written_in(Message(text)).items())


def test_a_very_long_message_has_so_many_addresses_at_most() -> None:
    text = " ".join(f"a{number}.example" for number in range(5_000)) + "a." * 100_000
    assert len(written_in(Message(text))) == 200
