"""Frames of the WebSocket, whatever arrives there."""

from __future__ import annotations

import json
import struct
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.providers.comfyui.frames import Preview, Said, of_bytes, of_text

JPEG = b"\xff\xd8\xff\xe0rest"


def with_metadata(about: object, data: bytes = JPEG) -> bytes:
    told = json.dumps(about).encode()
    return struct.pack(">II", 4, len(told)) + told + data


def test_an_event() -> None:
    said = of_text('{"type": "progress", "data": {"value": 1, "max": 4, "prompt_id": "p", "node": "3"}}')
    assert said == Said("progress", {"value": 1, "max": 4, "prompt_id": "p", "node": "3"})
    assert said.prompt_id == "p"
    assert of_text('{"type": "status"}') == Said("status", {})


def test_previews_of_both_kinds() -> None:
    assert of_bytes(struct.pack(">II", 1, 1) + JPEG) == Preview(JPEG, "image/jpeg")
    assert of_bytes(struct.pack(">II", 1, 2) + JPEG) == Preview(JPEG, "image/png")
    about = {"node_id": "3", "prompt_id": "p", "image_type": "image/png"}
    assert of_bytes(with_metadata(about)) == Preview(JPEG, "image/png", "p")
    assert of_bytes(with_metadata(["odd"])) == Preview(JPEG, "image/jpeg")


def test_what_is_no_preview_is_left_out() -> None:
    assert of_bytes(struct.pack(">II", 3, 1) + b"text") is None
    assert of_bytes(struct.pack(">II", 1, 1)) is None
    assert of_bytes(with_metadata({}, b"")) is None
    assert of_bytes(struct.pack(">II", 4, 2**31) + b"{}") is None
    assert of_bytes(struct.pack(">II", 4, 2) + b"{]" + JPEG) is None


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_break_it(data: bytes) -> None:
    frame = of_bytes(data)
    assert frame is None or frame.data


@settings(deadline=None)
@given(
    st.text()
    | st.recursive(
        st.none() | st.integers() | st.text(), lambda it: st.dictionaries(st.sampled_from(["type", "data", "x"]), it)
    ).map(json.dumps)
)
def test_no_text_breaks_it(text: Any) -> None:
    frame = of_text(text)
    assert frame is None or isinstance(frame.data, dict)
