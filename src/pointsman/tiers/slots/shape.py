# ruff: noqa: RUF001  (words of many scripts)
"""Sizes of pictures: what people call them, and the nearest that picture models draw well."""

from __future__ import annotations

import math
from typing import Final

from pointsman.tiers.slots.linear import either, regex

# Diffusion models are trained near one megapixel, on sides that are multiples of 64 (SDXL, arXiv:2307.01952,
# appendix I); their latents need multiples of 8.
MEGAPIXEL: Final = 1024 * 1024
LONGEST: Final = 2048
SHORTEST: Final = 64
Size = tuple[int, int]

RATIO_WORDS: Final = frozenset(
    pair
    for a, b in ((1, 1), (16, 9), (4, 3), (3, 2), (21, 9), (5, 4), (16, 10), (2, 1), (18, 9), (32, 9), (7, 5))
    for pair in ((str(a), str(b)), (str(b), str(a)))
)
SHAPES: Final[dict[str, tuple[Size, str]]] = {
    "square": (
        (1024, 1024),
        (
            "square|quadratisch|cuadrad[oa]|carrée?|quadrat[oa]|quadrad[oa]|vierkant|kwadrat|квадратн[а-я]+|正方形"
            "|정사각형"
        ),
    ),
    "portrait": (
        (832, 1216),
        (
            "portrait|vertical|hochformat|verticale|staand|pionow[oay]|вертикальн[а-я]+|縦長|縦向き|縦"
            "|竖版|竖屏|竖构图|세로"
        ),
    ),
    "landscape": (
        (1216, 832),
        (
            "landscape|horizontal|querformat|paysage|orizzontale|liggend|poziom[oay]|горизонтальн[а-я]+"
            "|横長|横向き|横版|横屏|横构图|가로"
        ),
    ),
    "wide": ((1344, 768), "wide ?screen|wide|panoramic|breitbild"),
}  # fmt: skip
WORDS: Final = either(*(words for _, words in SHAPES.values()))
NAMED_WORDS: Final = rf"(?:^|\PL){either(*(f'(?P<{name}>{words})' for name, (_, words) in SHAPES.items()))}(?:\PL|\z)"
FORMAT: Final = (
    "(?:format|orientation|mode|aspect(?: ratio)?|layout|image|picture|crop|size|shape|composition|formato"
    "|orientación|formaat|構図|サイズ|で)"
)
# A clause of its own: ", square", "(portrait)", "in landscape format", "make it square"; and "4k", "as a wallpaper".
CLAUSE: Final = (
    r"(?:[,(、，]\s*(?:make it |im |en |em |in )?|\s(?:in|im|en|em|as|with|at)\s+(?:a |an |formato? )?"
    rf"|[\s,.]+(?:and )?make it (?:a )?){WORDS}"
    rf"(?:\s*{FORMAT})\)?|(?:[,(、，]\s*(?:make it |im |in |formato? |format )?|[\s,.]+(?:and )?make it |\s(?:in"
    rf"|im)\s){WORDS}\)?(\s*(?:[,.!?]|\z))"
)
SCREEN: Final = (
    r"(?P<phone>\b(?:phone|mobile|iphone|android|lock ?screen) (?:wallpaper|background))"
    r"|(?:^(?:\S+ ){0,2}(?P<desk>wallpaper)(?: (?:of|with|for|showing|featuring)|\s*[:,]|\s*\z))"
    r"|\b(?:as|for) (?:a|an|my) (?:\w+ )?(?P<as>wallpaper|desktop)\b|\b(?:4k|uhd|8k|2k|1080p|full hd"
    r"|hd) (?P<big>wallpaper)"
    r"|(?:\b(?:in|at) |[,(] ?)(?:(?P<uhd>4k|uhd|8k|2k|1440p|2160p)|(?P<fhd>full ?hd|1080p)"
    r"|(?P<hd>720p))(?: (?:resolution|size|quality))\b"
    r"|\b(?:in|at) (?:(?P<uhd2>4k|uhd|8k|2k)|(?P<fhd2>full ?hd|1080p)|(?P<hd2>720p))|(?P<paper>壁紙|壁纸)"
)
SCREENS: Final[dict[str, Size]] = {
    "phone": (768, 1344), "desk": (1344, 768), "as": (1344, 768), "big": (2048, 1152), "paper": (1344, 768),
    "uhd": (2048, 1152), "uhd2": (2048, 1152), "fhd": (1920, 1080), "fhd2": (1920, 1080),
    "hd": (1280, 720), "hd2": (1280, 720),
}  # fmt: skip


def rounded(side: float, step: int) -> int:
    """A side in pixels, as the nearest multiple of `step`, and no less than one."""
    return max(step, round(side / step) * step)


def fitted(width: int, height: int) -> Size | None:
    """A size as it can be drawn: its ratio kept, at most 2048 on the longer side, both multiples of 8."""
    if width < 1 or height < 1:
        return None
    scale = min(1.0, LONGEST / max(width, height))
    return max(SHORTEST, rounded(width * scale, 8)), max(SHORTEST, rounded(height * scale, 8))


def of_ratio(width: int, height: int) -> Size | None:
    """The size of about one megapixel with a ratio, which is kept within 1:4 and 4:1."""
    if width < 1 or height < 1:
        return None
    ratio = min(4.0, max(0.25, width / height))
    return rounded(math.sqrt(MEGAPIXEL * ratio), 64), rounded(math.sqrt(MEGAPIXEL / ratio), 64)


def of_frame(frame: str) -> Size | None:
    """The size that the words of a request name, as in "a square picture of"."""
    match = regex(NAMED_WORDS).search(frame)
    return next((size for name, (size, _) in SHAPES.items() if match.group(name)), None) if match else None


def of_words(text: str) -> tuple[int, int, Size | None]:
    """Where a clause that names a shape begins and ends (0, 0 when the words stay), and the size."""
    match = regex(CLAUSE).search(text)
    if match:
        return match.start, match.end - len(match.group(1)), of_frame(match.group())
    match = regex(SCREEN).search(text)
    if match is None:
        return 0, 0, None
    return 0, 0, next((size for name, size in SCREENS.items() if match.group(name)), None)
