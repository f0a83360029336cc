"""What kind of picture a file is, by its own first bytes, how large it is, and whether it moves; nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
GIFS: Final = (b"GIF87a", b"GIF89a")
# The markers of JPEG that begin a picture and hold its size: all of C0 to CF but tables (C4, C8, CC).
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers that nothing belongs to.
ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
ORIENTATION: Final = 0x0112
# So many parts of a file are looked at: a picture whose every byte is a part of its own would keep others waiting.
MOST_PARTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture file: its media type, the end of its name, width and height in pixels, whether it has several frames.

    Of a damaged one the sides are 0.
    """

    media_type: str
    suffix: str
    width: int
    height: int
    moves: bool = False


def read(data: bytes) -> ImageFile | None:
    """What a PNG, JPEG, WebP or GIF is; None for anything else, whatever it is called."""
    for media_type, suffix, is_one, reads in KINDS:
        if is_one(data):
            try:
                return ImageFile(media_type, suffix, *reads(data))
            except (IndexError, ValueError):
                return ImageFile(media_type, suffix, 0, 0)
    return None


def png(data: bytes) -> tuple[int, int, bool]:
    """Width, height and whether it is animated (a chunk acTL before its pixels). Raises ValueError, IndexError."""
    if part(data, 12, 4) != b"IHDR":
        raise ValueError("no header")
    at, moves = len(PNG), False
    for _ in range(MOST_PARTS):
        kind = part(data, at + 4, 4)
        if kind == b"IDAT":
            return big(data, 16, 4), big(data, 20, 4), moves
        moves = moves or kind == b"acTL"
        at += 12 + big(data, at, 4)
    raise ValueError("no pixels")


def jpeg(data: bytes) -> tuple[int, int, bool]:
    """Width and height, from the first frame, as it is shown: cameras that were turned say so beside it.

    Raises ValueError, IndexError.
    """
    at, turned = 2, False
    for _ in range(MOST_PARTS):
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker in FRAMES:
            width, height = big(data, at + 7, 2), big(data, at + 5, 2)
            return (height, width, False) if turned else (width, height, False)
        if marker == 0xFF:  # filling
            at += 1
        elif marker in ALONE:
            at += 2
        else:
            size = max(2, big(data, at + 2, 2))
            turned = turned or (marker == 0xE1 and lies_on_its_side(data[at + 4 : at + 2 + size]))
            at += 2 + size
    raise ValueError("no frame")


def lies_on_its_side(exif: bytes) -> bool:
    """Whether a part of a JPEG says that the picture is shown turned by a quarter: Exif's orientation 5 to 8."""
    if not exif.startswith(b"Exif\0\0"):
        return False
    tiff = exif[6:]
    number = big if tiff.startswith(b"MM") else little
    try:
        at = number(tiff, 4, 4)
        for n in range(number(tiff, at, 2)):
            entry = at + 2 + 12 * n
            if number(tiff, entry, 2) == ORIENTATION:
                return 5 <= number(tiff, entry + 8, 2) <= 8
    except IndexError:
        pass
    return False


def webp(data: bytes) -> tuple[int, int, bool]:
    """Width, height and whether it is animated. Raises ValueError, IndexError."""
    match part(data, 12, 4):
        case b"VP8X":
            return 1 + little(data, 24, 3), 1 + little(data, 27, 3), bool(data[20] & 0x02)
        case b"VP8L":
            bits = little(data, 21, 4)
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), False
        case b"VP8 ":
            return little(data, 26, 2) & 0x3FFF, little(data, 28, 2) & 0x3FFF, False
    raise ValueError("no picture in it")


def gif(data: bytes) -> tuple[int, int, bool]:
    """Width, height and whether it has more than one frame. Raises ValueError, IndexError for one that breaks off."""
    at, frames = 13 + colours(data[10]), 0
    inside = False  # whether what follows are the pieces of a frame or of an extension, each with its size before it
    for _ in range(MOST_PARTS):
        ends = not inside and at == len(data)  # many lack the mark of their end
        if frames > 1 or (frames and ends):
            return little(data, 6, 2), little(data, 8, 2), frames > 1
        kind = data[at]
        if inside:
            at, inside = at + 1 + kind, kind > 0
        elif kind == 0x3B:
            at = len(data)
        elif kind == 0x2C:
            at, inside, frames = at + 11 + colours(data[at + 9]), True, frames + 1
        else:
            at, inside = at + 2, True
    raise ValueError("no end")


def colours(flags: int) -> int:
    """The bytes of a table of colours that GIF's flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def part(data: bytes, at: int, size: int) -> bytes:
    """So many bytes. Raises IndexError where there are fewer."""
    found = data[at : at + size]
    if len(found) < size:
        raise IndexError("it ends before")
    return found


def big(data: bytes, at: int, size: int) -> int:
    """A number, its largest byte first."""
    return int.from_bytes(part(data, at, size), "big")


def little(data: bytes, at: int, size: int) -> int:
    """A number, its smallest byte first."""
    return int.from_bytes(part(data, at, size), "little")


Reads = Callable[[bytes], tuple[int, int, bool]]
KINDS: Final[tuple[tuple[str, str, Callable[[bytes], bool], Reads], ...]] = (
    ("image/png", "png", lambda data: data.startswith(PNG), png),
    ("image/jpeg", "jpg", lambda data: data.startswith(JPEG), jpeg),
    ("image/webp", "webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", webp),
    ("image/gif", "gif", lambda data: data.startswith(GIFS), gif),
)
