"""Takes pictures out of a text that comes in pieces: fetching one tells its server what the address says."""

from __future__ import annotations

import re
from typing import Final

# "![x](https://there/?what=was+said)" in Markdown, and the same in HTML. A link does nothing before somebody opens it.
PICTURE: Final = re.compile(
    r"!+(?=\[)|<(?=\s{0,3}(?:img|image|input|video|audio|i?frame|object|embed|source|link|style|script|body|table|t[dhr])\b)",
    re.IGNORECASE,
)
LONGEST: Final = len("<   iframe ")


class Imageless:
    """Makes links of pictures, however a text is cut; what may become one is held back until it is sure."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """As much of the text as can be said now."""
        text = self._held + piece
        begins, tag = len(text.rstrip("!")), text.rfind("<", -LONGEST)
        if tag >= 0 and ">" not in text[tag:]:
            begins = min(begins, tag)
        self._held = text[begins:]
        return without_pictures(text[: len(text) - len(self._held)])

    def end(self) -> str:
        """What was held back."""
        text, self._held = self._held, ""
        return without_pictures(text)


def without_pictures(text: str) -> str:
    """The text with links in place of its pictures."""
    return PICTURE.sub(lambda sign: "\u2039" if sign.group() == "<" else "", text)
