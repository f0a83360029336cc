"""Bytes of a page as text, in whichever of the web's encodings they are."""

from __future__ import annotations

import codecs
import re
from typing import Final

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What https://encoding.spec.whatwg.org lists, by Python's names. Python knows others, which are no encodings of
# texts, or take quadratic time.
KNOWN: Final = frozenset(
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp874"}
    | {"gbk", "gb18030", "gb2312", "big5", "big5hkscs", "euc_jp", "shift_jis", "cp932", "iso2022_jp", "euc_kr", "cp949"}
    | {f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {f"cp{page}" for page in range(1250, 1259)}
)
# Where pages name the narrower, they mean the wider.
WIDER: Final = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
WIDER_ASIAN: Final = {"shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874"}
WITHIN: Final = 2048
DECLARED: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""")
USUAL: Final = "utf-8"
OLD: Final = "cp1252"


def decoded(body: bytes, told: str = "") -> str:
    """The text of a page: by the mark at its beginning, what its header `told`, what it declares itself, UTF-8.

    What cannot be read is replaced by U+FFFD; without any declaration, what is no UTF-8 is taken for Windows-1252,
    as browsers do.
    """
    for mark, name in MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    inside = DECLARED.search(body[:WITHIN])
    for label in (told, inside[1].decode("ascii") if inside else ""):
        if name := known(label):
            return body.decode(name, "replace")
    try:
        return body.decode(USUAL)
    except UnicodeDecodeError as error:
        # A page that was cut may end in the middle of a character.
        was_cut = error.reason == "unexpected end of data" and error.end == len(body)
        return body.decode(USUAL if was_cut else OLD, "replace")


def known(label: str) -> str:
    """The encoding that a label means; "" for none of the web's."""
    try:
        name = codecs.lookup(label.strip()).name if label else ""
    except (LookupError, ValueError):
        return ""
    name = WIDER.get(name) or WIDER_ASIAN.get(name) or name
    return name if name in KNOWN else ""
