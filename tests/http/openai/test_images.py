"""Pictures: asked for as such, and where a message in a chat wants one."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from tests.http.openai.speaking import client_of, config_of, gateway, served

from pointsman.build import open_router
from pointsman.http.app import create_app
from pointsman.testing.comfyui import FakeComfyUi

FOX: Any = [{"role": "user", "content": "draw a red fox in the snow"}]
PNG = b"\x89PNG"
LINK = re.compile(r"!\[picture\]\((\S+)\)")
ODD: Sequence[tuple[dict[str, Any], str]] = (
    ({"prompt": " "}, "prompt"),
    ({"n": 0}, "n"),
    ({"size": "large"}, "size"),
    ({"size": "9999x9999"}, "size"),
    ({"response_format": "gif"}, "response_format"),
    ({"output_format": "webp"}, "output_format"),
    ({"background": "transparent"}, "background"),
    ({"stream": True}, "stream"),
    ({"seed": -1}, "seed"),
)


@asynccontextmanager
async def house(folder: Path, **images: Any) -> AsyncIterator[tuple[FakeComfyUi, AsyncOpenAI, str]]:
    """ComfyUI, the client at the gateway in front of it, and the gateway's address; a key is needed."""
    async with FakeComfyUi() as comfyui:
        config = config_of(folder, images={"comfyui": {"url": comfyui.url}, **images})
        async with open_router(config, store=False) as router:
            app = create_app(router, close_router=False, key="any", now=lambda: 1234.5)
            async with served(app) as url, client_of(url) as client:
                yield comfyui, client, url


def drawn(comfyui: FakeComfyUi) -> dict[str, Any]:
    """What ComfyUI was sent last, by the class of each node."""
    graph = comfyui.asked("POST", "/prompt")[-1]["prompt"]
    return {node["class_type"]: node["inputs"] for node in graph.values()}


async def test_pictures_come_as_links_and_as_bytes(tmp_path: Path) -> None:
    async with house(tmp_path) as (comfyui, client, url), httpx.AsyncClient() as browser:
        linked = await client.images.generate(prompt="a red fox", model="dall-e-3", size="512x768", n=2)
        links = [it.url for it in linked.data or ()]
        shown = [await browser.get(str(link)) for link in links]  # without a key
        latent = next(it for name, it in drawn(comfyui).items() if "Latent" in name and "width" in it)
        packed = await client.images.generate(
            prompt="a fox", model="gpt-image-1", size="auto", quality="high", extra_body={"seed": 5}
        )
        raw = await client.images.with_raw_response.generate(
            prompt="x", model="z-image-turbo", response_format="b64_json"
        )
        seeds = [it["seed"] for it in drawn_before(comfyui) if "seed" in it]
    assert all(str(link).startswith(f"{url}/v1/pictures/") for link in links)
    assert [(it.status_code, it.headers["content-type"], it.content[:4]) for it in shown] == [
        (200, "image/png", PNG)
    ] * 2
    assert (latent["width"], latent["height"]) == (512, 768)
    assert linked.created == 1234
    assert packed.data is not None
    (picture,) = packed.data
    assert base64.b64decode(picture.b64_json or "").startswith(PNG)
    assert picture.url is None
    assert 5 in seeds
    assert raw.headers["x-pointsman-model"] == "z-image-turbo"


def drawn_before(comfyui: FakeComfyUi) -> list[dict[str, Any]]:
    """The inputs of every node that ComfyUI was ever sent."""
    return [node["inputs"] for it in comfyui.asked("POST", "/prompt") for node in it["prompt"].values()]


async def test_what_is_wrong_or_not_wanted_here_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path, refuse=["dragon"]) as (comfyui, client, _):
        for said, field in ODD:
            with pytest.raises(openai.BadRequestError) as caught:
                await client.images.generate(prompt="a fox", extra_body=said)
            assert field in f"{caught.value.param} {caught.value.message}", said
        with pytest.raises(openai.BadRequestError) as refused:
            await client.images.generate(prompt="a small Dragon")
        with pytest.raises(openai.NotFoundError) as unknown:
            await client.images.generate(prompt="a fox", model="flux-9")
        assert comfyui.asked("POST", "/prompt") == []
    assert refused.value.code == "content_policy_violation"
    assert "z-image-turbo" in unknown.value.message


async def test_without_a_picture_server_the_cure_is_said(tmp_path: Path) -> None:
    async with gateway(config_of(tmp_path)) as client:
        with pytest.raises(openai.InternalServerError) as caught:
            await client.images.generate(prompt="a fox")
    assert caught.value.status_code == 503
    assert "start ComfyUI" in caught.value.message


async def test_a_chat_shows_its_picture_by_a_link_and_as_a_part_to_who_reads_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, client, url), httpx.AsyncClient() as browser:
        said: Any = {"model": "auto", "messages": FOX}
        plain = await client.chat.completions.create(**said)
        both = await client.chat.completions.create(**said, extra_body={"modalities": ["text", "image"]})
        stream = await client.chat.completions.create(**said, stream=True, extra_body={"modalities": ["image", "text"]})
        deltas = [part.choices[0].delta.to_dict() async for part in stream]
        text = plain.choices[0].message.content or ""
        found = LINK.search(text)
        assert found
        reply = await browser.get(found[1])
        cut = await browser.get(found[1].partition("&")[0])
    assert found[1].startswith(f"{url}/v1/pictures/")
    assert (reply.status_code, reply.content[:4], cut.status_code) == (200, PNG, 403)
    assert "images" not in plain.choices[0].message.to_dict()
    message: Any = both.choices[0].message.to_dict()
    (part,) = message["images"]
    assert part["type"] == "image_url"
    assert part["image_url"]["url"].startswith("data:image/png;base64,")
    assert LINK.search(message["content"])
    streamed: list[Any] = [it["images"] for it in deltas if "images" in it]
    assert [it["index"] for rows in streamed for it in rows] == [0]
    assert LINK.search("".join(str(it.get("content") or "") for it in deltas))
