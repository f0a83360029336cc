"""The fake ComfyUI's share of a card, and the pictures that it makes."""

from __future__ import annotations

import io

import pytest

from pointsman.testing.card import CardOutOfMemory, FakeCard
from pointsman.testing.comfyui.memory import CardShare, Weights
from pointsman.testing.comfyui.pictures import jpeg, png, png_colour, png_size


def test_a_share_makes_room_with_its_own_and_no_more() -> None:
    card = FakeCard(10, lambda: 0.0)
    share = CardShare(card, "me", context=1)
    assert share.use(Weights("a", 4))
    assert not share.use(Weights("a", 4))
    assert share.use(Weights("b", 4))
    assert list(share.models) == ["a", "b"]
    assert not share.use(Weights("a", 4))
    assert share.use(Weights("c", 5))
    assert list(share.models) == ["a", "c"]
    with share.working(2, "c"):
        assert list(share.models) == ["c"]
        assert card.used == 8
    with pytest.raises(CardOutOfMemory):
        share.use(Weights("d", 10))
    assert not share.use(Weights("e", 10, on_processor=True))


@pytest.mark.parametrize("shade", [0, 1, 100, 127, 128, 129, 200, 255])
def test_previews_and_pictures_are_real(shade: int) -> None:
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(jpeg(64, shade))) as preview:
        assert (preview.format, preview.size) == ("JPEG", (64, 64))
        assert all(abs(value - shade) <= 1 for value in preview.convert("L").getextrema())
    data = png(48, 32, (shade, 2, 3), {"prompt": "{}"})
    with image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert (picture.size, picture.getpixel((47, 31)), picture.text) == ((48, 32), (shade, 2, 3), {"prompt": "{}"})
    assert png_size(data) == (48, 32)
    assert png_colour(data) == (shade, 2, 3)


def test_what_is_no_png() -> None:
    with pytest.raises(ValueError, match="no PNG"):
        png_size(b"\xff\xd8")
