"""Links to pictures: signed, for a while, and never more than fit."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from pointsman.core.reply import Picture
from pointsman.http.pictures import PATH, Pictures

BASE = "http://here"


class House:
    """A shelf that is served, and its clock."""

    def __init__(self, **settings: object) -> None:
        self.time = 1000.0
        self.pictures = Pictures(now=lambda: self.time, **settings)  # type: ignore[arg-type]
        app = FastAPI()
        app.add_api_route(f"{PATH}{{name}}", self.pictures.show, methods=["GET", "HEAD"])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE)

    def link(self, data: bytes = b"png", kind: str = "image/png") -> str:
        return self.pictures.link(Picture(data, kind), BASE)

    async def get(self, url: str) -> httpx.Response:
        return await self.client.get(url)


async def test_a_link_opens_until_it_expires() -> None:
    house = House(ttl=60)
    url = house.link()
    reply = await house.get(url)
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (200, b"png", "image/png")
    assert reply.headers["cache-control"] == "private, max-age=60, immutable"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert (await house.client.head(url)).status_code == 200
    house.time += 59
    assert (await house.get(url)).status_code == 200
    house.time += 1
    late = await house.get(url)
    assert (late.status_code, late.json()["error"]["code"]) == (410, "link_expired")


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("expires=4", "expires=5"),
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.partition("&")[0],
        lambda url: url.partition("?")[0],
        lambda url: url.replace("signature=", "signature=%ff"),
        lambda url: url.replace("expires=", "expires=x"),
        lambda url: url.replace(PATH, f"{PATH}other-"),
    ],
)
async def test_no_other_link_opens(change: object) -> None:
    house = House()
    assert callable(change)
    reply = await house.get(change(house.link()))
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "signature_invalid")


async def test_another_process_has_another_secret() -> None:
    first, second = House(new_id=lambda: "one"), House(new_id=lambda: "one")
    url = first.link()
    assert second.link() != url
    assert (await second.get(url)).status_code == 403


async def test_the_oldest_make_room() -> None:
    few = House(most=2)
    urls = [few.link() for _ in range(3)]
    gone = await few.get(urls[0])
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "picture_gone")
    assert [(await few.get(url)).status_code for url in urls[1:]] == [200, 200]
    small = House(most_bytes=10)
    urls = [small.link(b"12345678"), small.link(b"1234")]
    assert [(await small.get(url)).status_code for url in urls] == [404, 200]
    assert small.link(b"x" * 11).startswith("data:image/png;base64,")
    assert (await small.get(urls[1])).status_code == 200


async def test_what_has_expired_does_not_take_the_place_of_others() -> None:
    house = House(ttl=10, most_bytes=10)
    house.link(b"12345678")
    house.time += 10
    fresh = house.link(b"1234567890")
    assert (await house.get(fresh)).status_code == 200


async def test_what_is_no_picture_is_not_shown_as_a_page() -> None:
    house = House()
    reply = await house.get(house.link(b"<script>", "text/html"))
    assert reply.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in reply.headers["content-security-policy"]


def test_links_begin_where_callers_reach_us() -> None:
    house = House(public_url="https://chat.example.org/p/")
    assert house.link().startswith(f"https://chat.example.org/p{PATH}")
    plain = House(ttl=5)
    assert urlsplit(plain.link()).netloc == "here"
    assert "expires=1005&" in plain.link()
