"""What a fetch does not follow: redirects into private networks, and names that change between two looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest
from yarl import URL

from pointsman.core.errors import ToolFailed
from pointsman.testing.website import HERE, HOST, Names, Website
from pointsman.tools.web.addresses import Address
from pointsman.tools.web.fetch import MOST_REDIRECTS, Fetcher, Pinned
from pointsman.tools.web.target import Target


def as_seen(address: Address) -> bool:
    """In these tests 127.0.0.1 is the public internet, and all else is private."""
    return address == ip_address(HERE)


def fetcher(site: Website, names: Names | None = None, **given: Any) -> Fetcher:
    return Fetcher(resolve=names or Names(), allowed=as_seen, ports={site.port, 80, 443}, **given)


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    async with Website() as site:
        site.page("/", "<p>public</p>")
        site.page("/secret", "<p>the secret</p>")
        yield site


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.2:{port}/secret",
        "//127.0.0.2:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433:{port}/secret",
        "http://0x7f.0.0.1:{port}/secret",
        "http://0177.0.0.1:{port}/secret",
        "http://127.1:{port}/secret",
        "http://private.test:{port}/secret",
        "http://localhost:{port}/secret",
        "http://user:word@site.test:{port}/secret",
        "http://site.test:22/secret",
        "file:///etc/passwd",
        "gopher://site.test:{port}/secret",
        "javascript:alert(1)",
        "http://[",
        "",
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(site: Website, to: str) -> None:
    names = Names()
    names.add("private.test", ["127.0.0.2"])
    site.redirect("/", to.format(port=site.port))
    with pytest.raises(ToolFailed):
        await fetcher(site, names).fetch(site.url())
    assert [visit.path for visit in site.visits] == ["/"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_every_kind_of_redirect_is_checked(site: Website, status: int) -> None:
    site.redirect("/", f"http://127.0.0.2:{site.port}/secret", status)
    with pytest.raises(ToolFailed, match="private network"):
        await fetcher(site).fetch(site.url())
    site.redirect("/", "/secret", status)
    assert (await fetcher(site).fetch(site.url())).body == b"<p>the secret</p>"


async def test_a_chain_is_checked_at_each_step(site: Website) -> None:
    names = Names()
    names.add("private.test", ["127.0.0.2"])
    site.redirect("/", "/second")
    site.redirect("/second", f"http://other.test:{site.port}/third")
    site.redirect("/third", f"http://private.test:{site.port}/secret")
    names.add("other.test", [HERE])
    with pytest.raises(ToolFailed, match=r"private\.test leads into a private network"):
        await fetcher(site, names).fetch(site.url())
    assert [visit.path for visit in site.visits] == ["/", "/second", "/third"]


async def test_a_redirect_that_never_ends_is_followed_five_times(site: Website) -> None:
    site.redirect("/loop", "/loop")
    with pytest.raises(ToolFailed, match="more than 5 times"):
        await fetcher(site).fetch(site.url("/loop"))
    assert len(site.visits) == MOST_REDIRECTS + 1


async def test_a_name_is_asked_once_and_the_checked_address_is_used(site: Website) -> None:
    """DNS rebinding: public when it is checked, private when it is connected to."""
    names = Names()
    names.add("rebinding.test", [HERE], ["127.0.0.2"])
    got = await fetcher(site, names).fetch(site.url(host="rebinding.test"))
    assert got.body == b"<p>public</p>"
    assert names.asked == ["rebinding.test"]


async def test_a_name_that_changes_between_two_steps_is_refused(site: Website) -> None:
    names = Names()
    names.add("rebinding.test", [HERE], ["127.0.0.2"])
    site.redirect("/", "/secret")
    with pytest.raises(ToolFailed, match="private network"):
        await fetcher(site, names).fetch(site.url(host="rebinding.test"))
    assert names.asked == ["rebinding.test", "rebinding.test"]
    assert [visit.path for visit in site.visits] == ["/"]


@pytest.mark.parametrize("answers", [[HERE, "127.0.0.2"], ["127.0.0.2", HERE], [HERE, "::1"], ["nonsense"], []])
async def test_one_private_address_among_them_is_one_too_many(site: Website, answers: list[str]) -> None:
    names = Names()
    names.add("mixed.test", answers)
    with pytest.raises(ToolFailed):
        await fetcher(site, names).fetch(site.url(host="mixed.test"))
    assert site.visits == []


async def test_without_being_told_otherwise_this_machine_is_never_fetched_from(site: Website) -> None:
    with pytest.raises(ToolFailed, match="private network"):
        await Fetcher(resolve=Names(), ports={site.port}).fetch(site.url())
    with pytest.raises(ToolFailed, match="private network"):
        await Fetcher(ports={site.port}).fetch(site.url(host=HERE))
    assert site.visits == []


async def test_behind_a_proxy_nothing_is_read(site: Website) -> None:
    names = Names()
    behind = fetcher(site, names, proxy_for=lambda url: "http://proxy.test:3128" if HOST in url else None)
    with pytest.raises(ToolFailed, match="proxy"):
        await behind.fetch(site.url())
    assert (names.asked, site.visits) == ([], [])


async def test_no_proxy_of_the_environment_is_used(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await fetcher(site).fetch(site.url())).body == b"<p>public</p>"


async def test_a_connection_is_told_no_address_that_was_not_checked() -> None:
    pinned = Pinned(Target(URL("http://site.test/"), ("127.0.0.1", "::1")))
    assert [it["host"] for it in await pinned.resolve("site.test", 80)] == ["127.0.0.1", "::1"]
    with pytest.raises(OSError, match="was not checked"):
        await pinned.resolve("other.test", 80)
