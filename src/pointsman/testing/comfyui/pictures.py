"""Real pictures without a library: PNG of one colour, and gray JPEG for previews."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
Colour = tuple[int, int, int]


def png(width: int, height: int, colour: Colour, texts: Mapping[str, str] | None = None) -> bytes:
    """A picture of one colour; `texts` lie beside it, as ComfyUI puts the graph there."""
    row = b"\0" + bytes(colour) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    beside = [chunk(b"tEXt", key.encode("latin-1") + b"\0" + said.encode()) for key, said in (texts or {}).items()]
    return b"".join(
        (
            SIGNATURE,
            chunk(b"IHDR", header),
            *beside,
            chunk(b"IDAT", zlib.compress(row * height, 1)),
            chunk(b"IEND", b""),
        )
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG. Raises ValueError for what is none."""
    if not data.startswith(SIGNATURE) or data[12:16] != b"IHDR":
        raise ValueError("no PNG")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def png_colour(data: bytes) -> Colour:
    """The colour of the first pixel of a PNG that `png` made."""
    start = data.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", data[start - 8 : start - 4])
    pixels = zlib.decompress(data[start : start + size])
    return pixels[1], pixels[2], pixels[3]


def jpeg(side: int, shade: int) -> bytes:
    """A gray square (shade 0 to 255, side a multiple of 8): baseline JPEG with the least of tables."""
    # Nine codes of four bits for the DC categories 0 to 8, one of one bit for "the rest of this block is 0".
    dc = bytes([0x00, 0, 0, 0, 9, *[0] * 12, *range(9)])
    ac = bytes([0x10, 1, *[0] * 15, 0x00])
    difference = shade - 128  # the table divides by 8, which is what a flat block is multiplied with
    category = abs(difference).bit_length()
    extra = difference if difference >= 0 else difference + (1 << category) - 1
    bits = f"{category:04b}" + (f"{extra:0{category}b}" if category else "") + "0"
    bits += "00000" * ((side // 8) ** 2 - 1)
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xDB, b"\0" + b"\x08" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\0"),
            segment(0xC4, dc),
            segment(0xC4, ac),
            segment(0xDA, b"\x01\x01\0\0\x3f\0"),
            scan,
            b"\xff\xd9",
        )
    )


def segment(kind: int, data: bytes) -> bytes:
    """A part of a JPEG file."""
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data
