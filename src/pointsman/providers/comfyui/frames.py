"""The frames of ComfyUI's WebSocket as values: events in JSON, previews in binary."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

PREVIEW: Final = 1
PREVIEW_WITH_METADATA: Final = 4
MEDIA_TYPES: Final = {1: "image/jpeg", 2: "image/png"}
NUMBER: Final = struct.Struct(">I")
# The first frame of a client that wants to be told which prompt a preview belongs to.
FEATURES: Final = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}


@dataclass(frozen=True, slots=True)
class Said:
    """An event: its type, such as "progress", and its data."""

    kind: str
    data: Mapping[str, Any]

    @property
    def prompt_id(self) -> str:
        """The prompt that it is about; "" for none."""
        return str(self.data.get("prompt_id") or "")


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture as it is so far; `prompt_id` is "" where an older server does not say whose."""

    data: bytes = field(repr=False)
    media_type: str
    prompt_id: str = ""


Frame = Said | Preview


def of_text(text: str) -> Said | None:
    """The event in a text frame; None for what is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        return None
    data = said.get("data")
    return Said(said["type"], data if isinstance(data, dict) else {})


def of_bytes(data: bytes) -> Preview | None:
    """The preview in a binary frame; None for other kinds, and for what is cut short."""
    if len(data) < 2 * NUMBER.size:
        return None
    (event,), (number,) = NUMBER.unpack_from(data), NUMBER.unpack_from(data, NUMBER.size)
    rest = data[2 * NUMBER.size :]
    if event == PREVIEW:
        return Preview(rest, MEDIA_TYPES.get(number, "image/jpeg")) if rest else None
    if event != PREVIEW_WITH_METADATA or len(rest) <= number:
        return None
    try:
        about = json.loads(rest[:number])
    except (ValueError, RecursionError):
        return None
    about = about if isinstance(about, dict) else {}
    return Preview(rest[number:], str(about.get("image_type") or "image/jpeg"), str(about.get("prompt_id") or ""))
