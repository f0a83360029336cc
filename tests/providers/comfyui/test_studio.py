"""The ways in which a ComfyUI draws, with what each takes on the card, and what it holds for the arbiter."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from pointsman.config.images import ComfyUi
from pointsman.core.errors import BadField, PictureFailed, WorkflowError
from pointsman.core.plan import Draw
from pointsman.core.reply import Picture
from pointsman.gpu.backend import Backend
from pointsman.gpu.want import Rung
from pointsman.providers.comfyui import footprints
from pointsman.providers.comfyui.backend import ComfyBackend
from pointsman.providers.comfyui.studio import Studio
from pointsman.providers.comfyui.workflow import load, of_graph

FOX = Draw("a red fox")
SMALL = Draw("a red fox", width=256, height=256)


def studio(house: Any, workflow: str = "z-image-turbo", **more: Any) -> Studio:
    return Studio(house.client, load(workflow), **more)


def told(ladder: tuple[Rung, ...]) -> list[tuple[str, str, float]]:
    return [(it.serve, it.variant.partition(",")[2], it.bytes / 1e9) for it in ladder]


async def test_the_ladder_with_the_lighter_files(house: Any) -> None:
    house.fake.api._version = "0.27.0"
    made = studio(house)
    assert len(made.ladder(FOX)) == 3
    await made.survey()
    ladder = made.ladder(FOX)
    assert told(ladder) == [
        ("z-image-turbo", "mp=1", 20.17),
        ("z-image-turbo", "encoder=cpu,mp=1", 12.68),
        ("z-image-turbo-int8", "encoder=cpu,mp=1", 7.0),
        ("z-image-turbo-int8", "encoder=cpu,side=768,mp=0.6", 6.84),
    ]
    assert {it.tenant for it in ladder} == {"comfyui:z-image-turbo"}
    assert [bool(it.note) for it in ladder] == [False, True, True, True]
    assert len({it.footprint for it in ladder}) == 4


@pytest.mark.parametrize(("version", "remove"), [("0.8.0", ""), ("0.27.0", "z_image_turbo_int8_convrot.safetensors")])
async def test_without_the_lighter_files_or_too_old_for_them(house: Any, version: str, remove: str) -> None:
    house.fake.api._version = version
    there = house.fake.world.classes["UNETLoader"].required["unet_name"][0]
    there[:] = [it for it in there if it != remove]
    made = studio(house)
    await made.survey()
    assert [it.serve for it in made.ladder(FOX)] == ["z-image-turbo"] * 3
    assert made.ladder(FOX)[-1].variant == "z-image-turbo,encoder=cpu,side=768,mp=0.6"


async def test_a_survey_says_what_is_missing(house: Any) -> None:
    house.fake.world.classes["VAELoader"].required["vae_name"][0].remove("ae.safetensors")
    with pytest.raises(WorkflowError, match=r"ae\.safetensors"):
        await studio(house).survey()


async def test_each_rung_is_drawn_as_it_says(house: Any) -> None:
    house.fake.api._version = "0.27.0"
    made = studio(house)
    await made.survey()
    seen = []
    for rung in made.ladder(FOX):
        await house.drawn(made.painter(rung), FOX)
        seen.append((house.sent("1", "unet_name"), house.sent("2", "device"), house.sent("6", "width")))
    bf16, int8 = "z_image_turbo_bf16.safetensors", "z_image_turbo_int8_convrot.safetensors"
    assert seen == [(bf16, "default", 1024), (bf16, "cpu", 1024), (int8, "cpu", 1024), (int8, "cpu", 768)]
    assert made.painter(made.ladder(FOX)[0]) is made.painter(made.ladder(FOX)[0])
    await made.close()


async def test_what_is_guessed_is_what_the_fake_card_holds_at_most(house: Any) -> None:
    """The fake's sizes are the published ones, so that the guesses are checked against them."""
    house.fake.api._version = "0.27.0"
    made = studio(house)
    await made.survey()
    for rung in made.ladder(FOX):
        house.fake.world.share.unload()
        house.fake.world.cache = {}
        house.card.most_used = 0
        await house.drawn(made.painter(rung), FOX)
        assert rung.bytes * 0.99 <= house.card.most_used <= rung.bytes * 1.01


async def test_small_pictures_need_no_smaller_rung_and_sizes_are_learned_in_steps(house: Any) -> None:
    made = studio(house)
    assert [it.variant for it in made.ladder(SMALL)] == ["z-image-turbo,mp=0.6", "z-image-turbo,encoder=cpu,mp=0.6"]
    assert made.ladder(Draw("x", width=1152, height=896))[0].variant == "z-image-turbo,mp=1"
    assert made.ladder(Draw("x", count=3))[0].variant == "z-image-turbo,mp=4"
    with pytest.raises(BadField):
        made.ladder(Draw("x", width=100_000))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 64, 1), 0.6), ((768, 768, 1), 0.6), ((1024, 1024, 1), 1), ((1024, 1040, 1), 2), ((2048, 2048, 8), 32)],
)
def test_megapixels_in_steps(size: tuple[int, int, int], expected: float) -> None:
    assert footprints.megapixels(*size) == expected


async def test_settings_of_ones_own(house: Any) -> None:
    made = studio(house, encoder_on_processor=True, footprint=9_000_000_000, device="gpu1")
    first, *others = made.ladder(FOX)
    assert (first.variant, first.bytes, first.devices) == ("z-image-turbo,encoder=cpu,mp=1", 9_000_000_000, ("gpu1",))
    assert [it.variant for it in others] == ["z-image-turbo,encoder=cpu,side=768,mp=0.6"]


async def test_a_workflow_of_ones_own_is_told_apart_by_what_is_in_it(house: Any) -> None:
    flow = load("z-image-turbo")
    own = Studio(house.client, of_graph(flow.graph, "own"))
    first, *_ = own.ladder(FOX)
    assert own.tenant == "comfyui:own"
    assert first.variant == f"own#{own.workflow.fingerprint[:6]},mp=1"
    assert first.bytes == footprints.UNKNOWN.card + 900_000_000


async def test_the_model_less_one_takes_nothing(house: Any) -> None:
    (rung,) = studio(house, "connection").ladder(Draw(""))
    assert rung.bytes == 0


async def test_from_a_configuration(house: Any) -> None:
    settings = ComfyUi.model_validate(
        {"url": house.fake.url, "workflow": "connection", "bindings": {"batch": []}, "width": 128, "most_pictures": 2}
    )
    made = Studio.from_config(settings)
    (rung,) = made.ladder(Draw(""))
    pictures = [it for it in await house.drawn(made.painter(rung), Draw("", count=2)) if isinstance(it, Picture)]
    assert len(pictures) == 2
    assert [it["1"]["inputs"]["width"] for it in house.graphs] == [128, 128]
    with pytest.raises(BadField):
        await house.drawn(made.painter(rung), Draw("", count=3))
    await made.close()


# --- what the arbiter sees


async def test_the_backend_holds_what_was_drawn_with_until_it_lets_go(house: Any) -> None:
    made = studio(house)
    backend: Backend = made.backend
    assert isinstance(backend, ComfyBackend)
    assert (backend.name, backend.loads_on_use) == ("comfyui", True)
    rung = made.ladder(SMALL)[0]
    await backend.load(rung, "gpu0")
    assert await backend.loaded() == ()
    await house.drawn(made.painter(rung), SMALL)
    (loaded,) = await backend.loaded()
    assert (loaded.tenant, loaded.on_card, loaded.spilled) == ("comfyui:z-image-turbo", house.fake.held, False)
    assert loaded.on_card == 19_270_000_000
    await backend.unload(made.tenant)
    await house.fake.until(lambda: house.fake.frees == 1)
    assert house.fake.held == loaded.on_card
    house.time.now += 1.0
    assert await backend.loaded() == ()
    assert house.fake.asked("POST", "/free") == [{"unload_models": True}]
    await backend.unload(made.tenant, deep=True)
    assert house.fake.asked("POST", "/free")[-1] == {"unload_models": True, "free_memory": True}


async def test_on_a_processor_it_holds_nothing_of_a_card(house: Any) -> None:
    house.fake.world.share.card = None
    assert await studio(house).backend.loaded() == ()


async def test_an_unload_that_fails_is_said(house: Any) -> None:
    house.fake.api._posted = broken
    with pytest.raises(PictureFailed):
        await studio(house).backend.unload("comfyui:x")


async def broken(*_: Any) -> web.Response:
    return web.Response(text="500 Internal Server Error", status=500)
