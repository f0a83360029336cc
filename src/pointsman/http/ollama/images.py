"""Reads pictures as Ollama's clients send them: base64 without a word on what they are."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from pointsman.core.errors import BadField
from pointsman.core.message import Attachment
from pointsman.http.fields import Fields
from pointsman.http.ollama.lists import entries_of

# How base64 of each kind begins; models read no others, and those that are none of these fail there.
KINDS: Final = {
    "iVBOR": "image/png",
    "/9j/": "image/jpeg",
    "R0lG": "image/gif",
    "UklGR": "image/webp",
    "Qk": "image/bmp",
}
OTHERWISE: Final = "image/png"


def images_of(fields: Fields) -> tuple[Attachment, ...]:
    """The pictures of a message. Raises BadField."""
    return tuple(
        picture(f"{fields.path('images')}.{place}", entry) for place, entry in enumerate(entries_of(fields, "images"))
    )


def picture(path: str, given: Any) -> Attachment:
    """One picture as a data: URL."""
    if not isinstance(given, str) or not given:
        raise BadField(path, f"{path} is no picture", cure="send its bytes as base64")
    if given.startswith("data:"):  # Ollama itself takes none, but it is meant well
        media_type = given[5:105].partition(";")[0].partition(",")[0]
        return Attachment(media_type or OTHERWISE, given)
    try:
        base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise BadField(path, f"{path} is not base64", cure="send the bytes of the picture as base64") from None
    media_type = next((kind for beginning, kind in KINDS.items() if given.startswith(beginning)), OTHERWISE)
    return Attachment(media_type, f"data:{media_type};base64,{given}")
