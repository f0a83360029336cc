"""The picture that another one is made of: taken from its data: URL, and refused where it is too large or is none."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final
from urllib.parse import unquote_to_bytes

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment
from pointsman.providers.comfyui import imagefiles

BASE64: Final = ";base64"
KINDS: Final = "send a PNG, JPEG, WebP or GIF"


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How large a picture may be that another one is made of: bytes of its file, pixels along a side."""

    most_bytes: int = 16_000_000
    most_side: int = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """A picture as it is sent to ComfyUI, with its size in pixels."""

    data: bytes = field(repr=False)
    media_type: str
    suffix: str
    width: int
    height: int

    @property
    def filename(self) -> str:
        """A name that only the same picture has: sent again, it takes no more room, and is not read anew."""
        return f"{blake2b(self.data, digest_size=16).hexdigest()}.{self.suffix}"


def source_of(attachment: Attachment, limits: SourceLimits) -> Source:
    """The picture in an attachment; what it says of itself counts for nothing, its bytes say what it is.

    Raises InvalidInput for an address (whoever opens those can be sent anywhere), for what is no picture, for one that
    moves, of which every frame would be drawn, and for one that is too large.
    """
    head, comma, text = attachment.url.partition(",")
    if not (comma and head[:5].lower() == "data:"):
        raise InvalidInput(
            "the picture came as an address, and those are not opened here", cure="send the picture as a data: URL"
        )
    # Four characters are three bytes, and those of an encoded address one each at the most.
    if len(text) > 4 * limits.most_bytes:
        raise too_many_bytes(limits)
    data = decoded(text, in_base64=head.lower().endswith(BASE64))
    if len(data) > limits.most_bytes:
        raise too_many_bytes(limits)
    found = imagefiles.read(data)
    if found is None:
        raise InvalidInput("what was sent is no picture that is known here", cure=KINDS)
    if not (found.width and found.height):
        raise InvalidInput(f"the picture ({found.media_type}) is damaged: it does not tell its size", cure=KINDS)
    if max(found.width, found.height) > limits.most_side:
        raise InvalidInput(
            f"the picture has {found.width} x {found.height} pixels; a side may have {limits.most_side}",
            cure="send a smaller one, or raise images.comfyui.most_source_side",
        )
    if found.moves:
        raise InvalidInput("the picture moves, and each of its frames would be drawn", cure="send one of its frames")
    return Source(data, found.media_type, found.suffix, found.width, found.height)


def too_many_bytes(limits: SourceLimits) -> InvalidInput:
    """That the file is too large."""
    return InvalidInput(
        f"the picture's file has more than {limits.most_bytes:,} bytes",
        cure="send a smaller one, or raise images.comfyui.most_source",
    )


def decoded(text: str, *, in_base64: bool) -> bytes:
    """The bytes behind a data: URL's comma. Raises InvalidInput."""
    try:
        return base64.b64decode(text) if in_base64 else unquote_to_bytes(text)
    except (binascii.Error, ValueError):
        raise InvalidInput("the picture's data: URL is not base64", cure="encode its bytes as base64") from None
