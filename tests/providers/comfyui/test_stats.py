"""What ComfyUI says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.errors import Unreachable
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.stats import Stats, stats_in
from pointsman.testing.card import FakeCard
from pointsman.testing.comfyui import FakeComfyUi


def stats(*argv: str, version: str = "0.8.0") -> Stats:
    return Stats(version, ("main.py", *argv), ())


@pytest.mark.parametrize(
    ("argv", "kept"),
    [
        ((), None),
        (("--reserve-vram", "1.5"), int(1.5 * 1024**3)),
        (("--reserve-vram", "1", "--vram-headroom", "2"), 2 * 1024**3),
        (("--vram-headroom=0.5",), 1024**3 // 2),
        (("--reserve-vram", "1", "--reserve-vram", "3"), 3 * 1024**3),
        (("--reserve-vram", "--lowvram"), None),
        (("--reserve-vram", "much"), None),
        (("--reserve-vram",), None),
    ],
)
def test_what_it_leaves_to_others(argv: tuple[str, ...], kept: int | None) -> None:
    assert stats(*argv).kept_free == kept


def test_flags() -> None:
    assert stats("--lowvram", "--port", "8188").flag("--lowvram") == ""
    assert stats("--lowvram", "--port", "8188").flag("--port") == "8188"
    assert stats().flag("--lowvram") is None


@pytest.mark.parametrize(
    ("version", "computes"),
    [
        ("0.8.0", False),
        ("0.26.9", False),
        ("0.27", True),
        ("v0.27.1", True),
        ("1.0", True),
        ("nightly", True),
        ("", True),
    ],
)
def test_int8_by_version(version: str, computes: bool) -> None:
    assert stats(version=version).computes_int8 is computes


@pytest.mark.parametrize("said", [None, [], {}, {"system": []}, {"devices": []}])
def test_what_are_no_stats(said: Any) -> None:
    assert stats_in(said) is None


def test_what_is_left_out_is_nothing() -> None:
    told = stats_in({"system": {"argv": "odd"}, "devices": [{"type": "cuda", "vram_total": "odd"}, 7]})
    assert told is not None
    assert (told.version, told.argv) == ("", ())
    assert [(it.kind, it.total, it.is_card) for it in told.devices] == [("cuda", 0, True)]


async def test_of_a_card_and_of_a_processor() -> None:
    card = FakeCard(24_000_000_000, lambda: 0.0)
    card.take("game", 3_000_000_000)
    for where, kind, total, held in ((card, "cuda", 24_000_000_000, 0), (None, "cpu", 24_000_000_000, 24_000_000_000)):
        async with FakeComfyUi(where) as fake:
            client = ComfyClient(fake.url)
            told = await client.system_stats()
            await client.close()
        (device,) = told.devices
        assert (device.kind, device.total, device.torch_total) == (kind, total, held)


async def test_another_api_is_not_comfyui(house: Any) -> None:
    house.fake.api._stats = lambda: {"hello": "world"}
    with pytest.raises(Unreachable, match="is not ComfyUI"):
        await house.client.system_stats()
