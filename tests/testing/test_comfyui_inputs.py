"""The fake ComfyUI takes pictures as the real one does (its server.py), and refuses those that it was never sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.comfyui.pictures import jpeg, png, png_size

RED, BLUE = png(48, 32, (255, 0, 0)), png(48, 32, (0, 0, 255))


@pytest.fixture
async def fake() -> AsyncIterator[FakeComfyUi]:
    async with FakeComfyUi() as made:
        yield made


async def upload(fake: FakeComfyUi, data: bytes | None = RED, name: str = "a.png", **fields: str) -> tuple[int, Any]:
    form = aiohttp.FormData(fields, quote_fields=False)
    if data is not None:
        form.add_field("image", data, filename=name, content_type="image/png")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{fake.url}/upload/image", data=form) as response,
    ):
        return response.status, await response.json() if response.status == 200 else None


async def submit(fake: FakeComfyUi, image: str) -> tuple[int, Any]:
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{fake.url}/prompt", json={"prompt": graph, "prompt_id": image}) as response,
    ):
        said = response.status, await response.json()
    if said[0] == 200:
        await fake.until(lambda: image in fake.prompts.ended)
    return said


async def test_where_it_lies_is_told(fake: FakeComfyUi) -> None:
    assert await upload(fake) == (200, {"name": "a.png", "subfolder": "", "type": "input"})
    told = {"name": "a.png", "subfolder": "ours/deep", "type": "temp"}
    assert await upload(fake, subfolder="ours/deep", type="temp") == (200, told)
    assert fake.files == {("input", "", "a.png"): RED, ("temp", "ours/deep", "a.png"): RED}


async def test_a_name_that_is_taken(fake: FakeComfyUi) -> None:
    names = []
    for data, overwrite in ((RED, "false"), (RED, "false"), (BLUE, "false"), (BLUE, "0"), (BLUE, "true")):
        names.append((await upload(fake, data, overwrite=overwrite))[1]["name"])
    assert names == ["a.png", "a.png", "a (1).png", "a (1).png", "a.png"]
    assert fake.files["input", "", "a.png"] == BLUE


@pytest.mark.parametrize(
    ("data", "name", "fields"),
    [
        (None, "a.png", {}),
        (RED, "", {}),
        (RED, "a.png", {"subfolder": "../x"}),
        (RED, "../../a.png", {}),
        (RED, "a.png", {"subfolder": "/etc"}),
    ],
)
async def test_what_is_not_stored(fake: FakeComfyUi, data: bytes | None, name: str, fields: dict[str, str]) -> None:
    assert await upload(fake, data, name, **fields) == (400, None)
    assert fake.files == {}


@pytest.mark.parametrize("image", ["b.png", "a.png [temp]", "ours/a.png", "a.png [output]", "../a.png"])
async def test_a_picture_that_was_never_sent_is_refused(fake: FakeComfyUi, image: str) -> None:
    await upload(fake)
    status, said = await submit(fake, image)
    assert status == 400
    (error,) = said["node_errors"]["1"]["errors"]
    assert error == {
        "type": "custom_validation_failed",
        "message": "Custom validation failed for node",
        "details": f"image - Invalid image file: {image}",
        "extra_info": {"input_name": "image"},
    }
    assert said["error"]["type"] == "prompt_outputs_failed_validation"


@pytest.mark.parametrize(
    ("image", "fields"), [("a.png", {}), ("a.png [input]", {}), ("x/a.png [temp]", {"type": "temp", "subfolder": "x"})]
)
async def test_a_picture_that_was_sent_is_drawn(fake: FakeComfyUi, image: str, fields: dict[str, str]) -> None:
    await upload(fake, RED, "a.png", **fields)
    assert (await submit(fake, image))[0] == 200
    assert png_size(fake.files["output", "", "x_00001_.png"]) == (48, 32)


async def test_a_picture_under_the_same_name_is_drawn_anew(fake: FakeComfyUi) -> None:
    for data in (RED, jpeg(16, 9)):
        fake.prompts.ended.clear()
        await upload(fake, data, overwrite="true")
        await submit(fake, "a.png")
    sizes = [png_size(it) for (kind, _, _), it in fake.files.items() if kind == "output"]
    assert sizes == [(48, 32), (16, 16)]


async def test_what_is_no_picture_breaks_off(fake: FakeComfyUi) -> None:
    await upload(fake, b"%PDF-1.7")
    assert (await submit(fake, "a.png"))[0] == 200
    status = fake.prompts.ended["a.png"]["status"]
    assert status["messages"][-1][1]["exception_type"] == "PIL.UnidentifiedImageError"


async def test_it_offers_what_lies_in_input_and_forgets_what_is_temporary(fake: FakeComfyUi) -> None:
    await upload(fake)
    await upload(fake, type="temp", name="b.png")
    await upload(fake, subfolder="x", name="c.png")
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{fake.url}/object_info/LoadImage") as response:
            info = await response.json()
        async with session.get(f"{fake.url}/view?filename=a.png&type=input") as response:
            assert (await response.read(), response.content_type) == (RED, "image/png")
    assert info["LoadImage"]["input"]["required"]["image"][0] == ["a.png", "corrupt.png"]
    await fake.restart()
    assert set(fake.files) == {("input", "", "a.png"), ("input", "x", "c.png")}
