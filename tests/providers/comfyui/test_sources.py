"""Pictures that come to have another one made of them: told by their bytes, and refused with a reason."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment
from pointsman.providers.comfyui import imagefiles
from pointsman.providers.comfyui.imagefiles import ImageFile
from pointsman.providers.comfyui.sources import SourceLimits, source_of
from pointsman.testing.comfyui.pictures import SIGNATURE, chunk, jpeg, png

LIMITS = SourceLimits(100_000, 512)


def sent(data: bytes, kind: str = "image/png") -> Attachment:
    return Attachment(kind, f"data:{kind};base64,{base64.b64encode(data).decode()}")


def gif(width: int, height: int, frames: int, *, ends: bool = True) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    extension = b"\x21\xf9\x04\x00\x00\x00\x00\x00"
    start = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return start + (extension + frame) * frames + (b"\x3b" if ends else b"")


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


def extended(width: int, height: int, *, moves: bool = False) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X", bytes([2 * moves, 0, 0, 0]) + sides)


MOVING_PNG = SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)) + chunk(b"acTL", bytes(8))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(3, 2, (1, 2, 3), {"prompt": "{}"}), ("image/png", "png", 3, 2, False)),
        (MOVING_PNG + chunk(b"IDAT", b""), ("image/png", "png", 3, 2, True)),
        (jpeg(16, 100), ("image/jpeg", "jpg", 16, 16, False)),
        (b"\xff\xd8\xff\xff" + jpeg(8, 1)[3:], ("image/jpeg", "jpg", 8, 8, False)),  # filled up between its parts
        (gif(5, 4, 1), ("image/gif", "gif", 5, 4, False)),
        (gif(5, 4, 1, ends=False), ("image/gif", "gif", 5, 4, False)),
        (gif(5, 4, 2), ("image/gif", "gif", 5, 4, True)),
        (extended(300, 200), ("image/webp", "webp", 300, 200, False)),
        (extended(300, 200, moves=True), ("image/webp", "webp", 300, 200, True)),
        (webp(b"VP8L", b"\x2f" + (299 | 199 << 14).to_bytes(4, "little")), ("image/webp", "webp", 300, 200, False)),
        (webp(b"VP8 ", bytes(6) + struct.pack("<HH", 300, 200)), ("image/webp", "webp", 300, 200, False)),
    ],
)
def test_what_a_file_is_and_how_large(data: bytes, expected: tuple[Any, ...]) -> None:
    assert imagefiles.read(data) == ImageFile(*expected)


@pytest.mark.parametrize(
    ("kind", "frames"), [("PNG", 1), ("JPEG", 1), ("WEBP", 1), ("GIF", 1), ("PNG", 3), ("WEBP", 3), ("GIF", 3)]
)
def test_it_reads_what_others_write(kind: str, frames: int) -> None:
    image = pytest.importorskip("PIL.Image")
    drawn = [image.new("RGB", (37, 21), (n * 60, 20, 30)) for n in range(frames)]
    file = io.BytesIO()
    more = {"save_all": True, "append_images": drawn[1:]} if frames > 1 else {}
    drawn[0].save(file, kind, **more)
    found = imagefiles.read(file.getvalue())
    assert found is not None
    assert (found.media_type, found.width, found.height) == (f"image/{kind.lower()}", 37, 21)
    assert found.moves is (frames > 1)


@pytest.mark.parametrize(("orientation", "size"), [(1, (37, 21)), (3, (37, 21)), (6, (21, 37)), (8, (21, 37))])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_of_a_turned_camera_has_the_sides_that_are_seen(
    orientation: int, size: tuple[int, int], order: str
) -> None:
    image = pytest.importorskip("PIL.Image")
    ops = pytest.importorskip("PIL.ImageOps")
    entries = struct.pack(f"{order}HHHIIHHIHH", 2, 0x0100, 4, 1, 37, 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0" + (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8) + entries + bytes(4)
    file = io.BytesIO()
    image.new("RGB", (37, 21)).save(file, "JPEG", exif=exif)
    found = imagefiles.read(file.getvalue())
    assert found is not None
    assert (found.width, found.height) == size == ops.exif_transpose(image.open(file)).size


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"BM", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"GIF90a", b"\xff\xd8"])
def test_what_is_no_picture_that_is_known(data: bytes) -> None:
    assert imagefiles.read(data) is None


@settings(deadline=None)
@given(st.sampled_from([png(3, 2, (1, 2, 3)), jpeg(16, 9), gif(5, 4, 1), extended(9, 9)]), st.data())
def test_whatever_is_broken_off_or_changed_ends_well(whole: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(whole)))
    tail = data.draw(st.binary(max_size=40))
    found = imagefiles.read(whole[:end] + tail)
    assert found is None or (found.width >= 0 and found.height >= 0)


@pytest.mark.parametrize(
    "parted",
    [
        lambda parts: b"\xff\xd8" + b"\xff" * parts + jpeg(16, 1)[2:],
        lambda parts: png(3, 2, (1, 2, 3))[:33] + chunk(b"note", b"") * parts + png(3, 2, (1, 2, 3))[33:],
        lambda parts: gif(5, 4, 0, ends=False) + b"\x21\xf9" + b"\x01\x01" * parts + b"\0" + gif(5, 4, 1)[19:],
    ],
    ids=["jpeg", "png", "gif"],
)
def test_a_file_of_nothing_but_parts_is_not_read_to_its_end(parted: Callable[[int], bytes]) -> None:
    few, many = imagefiles.read(parted(1000)), imagefiles.read(parted(imagefiles.MOST_PARTS))
    assert few is not None
    assert few.width
    assert many == ImageFile(few.media_type, few.suffix, 0, 0)


def test_a_source() -> None:
    data = png(30, 20, (1, 2, 3))
    source = source_of(sent(data, "text/plain"), LIMITS)
    assert (source.data, source.media_type, source.width, source.height) == (data, "image/png", 30, 20)
    assert source.filename == source_of(sent(data), LIMITS).filename
    assert source.filename.endswith(".png")
    assert source.filename != source_of(sent(png(30, 20, (1, 2, 4))), LIMITS).filename
    assert "data" not in repr(source)


def test_a_source_whose_bytes_are_written_out() -> None:
    written = "".join(f"%{it:02x}" for it in gif(5, 4, 1))
    assert source_of(Attachment("image/gif", f"DATA:image/gif,{written}"), LIMITS).media_type == "image/gif"


@pytest.mark.parametrize(
    ("attachment", "says"),
    [
        (Attachment("image/png", "https://example.invalid/a.png"), "came as an address"),
        (Attachment("image/png", "http://127.0.0.1:8188/view"), "came as an address"),
        (Attachment("image/png", "file:///etc/passwd"), "came as an address"),
        (Attachment("image/png", ""), "came as an address"),
        (Attachment("image/png", "data:image/png;base64"), "came as an address"),
        (Attachment("image/png", "data:image/png;base64,abcde"), "is not base64"),
        (Attachment("image/png", "data:image/png;base64,äöü"), "is not base64"),
        (sent(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"), "is no picture that is known"),
        (sent(b"", "image/png"), "is no picture that is known"),
        (sent(png(3, 2, (1, 2, 3))[:14]), r"\(image/png\) is damaged"),
        (sent(png(513, 2, (1, 2, 3))), "has 513 x 2 pixels; a side may have 512"),
        (sent(extended(16_000_000, 9)), "has 16000000 x 9 pixels"),
        (sent(gif(5, 4, 2)), "moves"),
        (sent(png(3, 2, (1, 2, 3)) + bytes(100_000)), "more than 100,000 bytes"),
        (sent(bytes(400_000)), "more than 100,000 bytes"),
    ],
)
def test_what_cannot_be_taken(attachment: Attachment, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        source_of(attachment, LIMITS)
    assert caught.value.cure
    assert attachment.url[:20] not in caught.value.message or not attachment.url
