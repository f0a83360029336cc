"""The card of a box elsewhere, as ComfyUI tells it."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.errors import Unreachable
from pointsman.gpu.reading import Process
from pointsman.providers.comfyui.stats import Stats, stats_in
from pointsman.providers.probes.comfyui import ComfyProbe

GIB = 2**30
CARD: dict[str, Any] = {
    "name": "cuda:0 NVIDIA GeForce RTX 3090 : cudaMallocAsync",
    "type": "cuda",
    "index": 0,
    "vram_total": 24 * GIB,
    "vram_free": 15 * GIB,
    "torch_vram_total": 6 * GIB,
    "torch_vram_free": 2 * GIB,
}


def probe(answer: Any) -> ComfyProbe:
    async def fetch() -> Stats:
        if isinstance(answer, Exception):
            raise answer
        found = stats_in(answer)
        assert found
        return found

    return ComfyProbe(fetch, clock=lambda: 7.0)


def stats(*devices: dict[str, Any]) -> dict[str, Any]:
    return {"system": {}, "devices": list(devices)}


async def test_what_torch_keeps_for_itself_is_not_free_for_others() -> None:
    (card,) = await probe(stats(CARD)).sample()
    assert card.free == 13 * GIB
    assert card.used == 11 * GIB
    assert (card.device, card.name, card.source, card.at) == ("gpu0", "NVIDIA GeForce RTX 3090", "comfyui", 7.0)
    assert card.processes == (Process(0, "ComfyUI", 6 * GIB),)


async def test_cards_have_the_numbers_that_comfyui_gives_them() -> None:
    devices = [{**CARD, "index": 3}, {**CARD, "index": None, "torch_vram_total": 0, "torch_vram_free": 0}]
    first, second = await probe(stats(*devices)).sample()
    assert (first.device, second.device) == ("gpu3", "gpu1")
    assert second.processes == ()


@pytest.mark.parametrize("kind", ["cpu", "mps", None])
async def test_the_computers_memory_is_no_card(kind: str) -> None:
    sensor = probe(stats({**CARD, "type": kind}))
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert "without a card" in sensor.trouble.what


async def test_nobody_there_is_no_reading_and_is_told() -> None:
    sensor = probe(Unreachable("ComfyUI does not answer", cure="start it"))
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert (sensor.trouble.what, sensor.trouble.cure) == ("ComfyUI does not answer", "start it")
    await sensor.close()


async def test_what_it_fetches_with_is_closed() -> None:
    closed = []

    async def fetch() -> Stats:
        raise AssertionError("nobody looks")

    async def close() -> None:
        closed.append(True)

    await ComfyProbe(fetch, clock=lambda: 7.0, close=close).close()
    assert closed == [True]


async def test_without_any_device_there_is_no_reading() -> None:
    sensor = probe(stats())
    assert await sensor.sample() == ()
    assert sensor.trouble is not None


async def test_a_card_whose_size_is_not_told_is_passed_over_and_said() -> None:
    sensor = probe(stats({**CARD, "vram_total": None}, {**CARD, "index": 1, "name": None}))
    assert [(it.device, it.name) for it in await sensor.sample()] == [("gpu1", "")]
    assert sensor.trouble is not None
    assert "system_stats" in sensor.trouble.what


async def test_what_is_not_told_to_be_free_is_not() -> None:
    (card,) = await probe(stats({**CARD, "vram_free": None})).sample()
    assert card.free == 0


async def test_a_negative_number_frees_nothing() -> None:
    (card,) = await probe(stats({**CARD, "vram_free": -5})).sample()
    assert card.free == 0


async def test_more_free_than_there_is_is_not_believed() -> None:
    (card,) = await probe(stats({**CARD, "vram_free": 99 * GIB})).sample()
    assert (card.used, card.free) == (0, 24 * GIB)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
async def test_a_number_that_is_none_is_no_reading(number: float) -> None:
    sensor = probe(stats({**CARD, "vram_total": number}))
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert "system_stats" in sensor.trouble.what
