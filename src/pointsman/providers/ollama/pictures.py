"""Pictures that come with a message, as Ollama takes them: their bytes, and nothing that would have to be fetched."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment

BASE64: Final = ";base64"
BLANK: Final = re.compile(r"\s+")


def picture_of(attachment: Attachment) -> bytes:
    """The bytes of a picture. Raises InvalidInput for an address: who fetches those can be sent anywhere."""
    head, comma, data = attachment.url.partition(",")
    if not (comma and head[:5].lower() == "data:"):
        raise InvalidInput(
            "a picture came as an address, and those are not fetched here", cure="send the picture as a data: URL"
        )
    if not head.lower().endswith(BASE64):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode(BLANK.sub("", data), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("a picture's data: URL is not base64", cure="encode its bytes as base64") from None
