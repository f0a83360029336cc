"""Pictures that are made of other pictures, on the way from a router to ComfyUI; and what surfaces are told of them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine.workbench import Paints, Wishing, executor, run

from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment
from pointsman.core.plan import Draw
from pointsman.core.reply import Done, Event, Failed, Picture
from pointsman.engine.drawing import STYLES, jobs_of
from pointsman.engine.leasing import Card
from pointsman.engine.router import Router
from pointsman.gpu.want import Want
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.comfyui.pictures import png, png_size
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.tiers.slots.style import styled

LARGER = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "upscale_method": "lanczos", "scale_by": 3}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "larger"}},
}


def picture(width: int = 40, height: int = 20) -> Attachment:
    data = base64.b64encode(png(width, height, (1, 2, 3))).decode()
    return Attachment("image/png", f"data:image/png;base64,{data}")


@pytest.fixture
async def comfyui() -> AsyncIterator[FakeComfyUi]:
    async with FakeComfyUi(FakeCard(24 * GIB, time.monotonic)) as fake:
        yield fake


def config(comfyui: FakeComfyUi, folder: Path, **jobs: Any) -> Config:
    images = {"enabled": True, "url": comfyui.url, "jobs": jobs}
    return Config.model_validate(
        {"images": {"comfyui": images}, "gpu": {"probe": "comfyui"}, "store": {"path": folder / "decisions.db"}}
    )


async def told(router: Router, draw: Draw) -> list[Event]:
    return [event async for event in router.draw(draw)]


async def test_a_picture_is_made_larger_under_a_lease(comfyui: FakeComfyUi, tmp_path: Path) -> None:
    file = tmp_path / "larger.json"
    file.write_text(json.dumps(LARGER))
    async with open_router(config(comfyui, tmp_path, upscale=str(file))) as router:
        assert router.picture_jobs == {"upscale"}
        assert router.styles == STYLES
        *_, made, done = await told(router, Draw("", job="upscale", source=picture()))
        assert isinstance(made, Picture)
        assert png_size(made.data) == (120, 60)
        assert isinstance(done, Done)
        assert done.model == "larger"
        (failed,) = await told(router, Draw("at night", job="edit", source=picture()))
        assert isinstance(failed, Failed)
        assert (failed.cause, failed.http_status) == ("no workflow is set for editing a picture", 400)
        assert "images.comfyui.jobs.edit" in failed.cure
    assert comfyui.held == 0


async def test_an_address_is_never_opened(comfyui: FakeComfyUi, tmp_path: Path) -> None:
    file = tmp_path / "larger.json"
    file.write_text(json.dumps(LARGER))
    async with open_router(config(comfyui, tmp_path, upscale=str(file))) as router:
        source = Attachment("image/png", f"{comfyui.url}/view?filename=secret.png")
        (failed,) = await told(router, Draw("", job="upscale", source=source))
    assert isinstance(failed, Failed)
    assert "came as an address" in failed.cause
    assert not comfyui.asked("GET", "/view")
    assert not comfyui.asked("POST", "/upload/image")


async def test_what_cannot_be_made_leases_nothing(big: ScriptedModel, small: ScriptedModel) -> None:
    class Particular(Wishing):
        async def picture(self, draw: Draw) -> Want | None:
            raise InvalidInput("no workflow is set for upscaling a picture", cure="set one")

    leases, painter = ScriptedLeases(), Paints()
    made = executor(leases, big=big, small=small, painter=painter, wishes=Particular())
    events = await run(made, Draw("", job="upscale", source=picture()))
    assert [type(it) for it in events] == [Failed]
    assert (leases.wanted, painter.drawn) == ([], [])


def test_where_nothing_draws_nothing_can_be_made_of_pictures() -> None:
    assert jobs_of(Card()) == frozenset()
    assert jobs_of(Card(studio=Paints())) == frozenset()


def test_every_style_to_choose_from_is_one_that_a_message_can_name() -> None:
    assert {it: styled(f"a fox, {it}") for it in STYLES} == {it: ("a fox", it) for it in STYLES}
    assert tuple(sorted(STYLES)) == STYLES
