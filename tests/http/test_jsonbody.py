"""Large bodies are read like small ones, only beside the event loop."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from starlette.requests import Request

from pointsman.core.errors import InvalidInput
from pointsman.http import jsonbody
from pointsman.http.jsonbody import LARGE, read_object


def request(body: bytes) -> Request:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@pytest.mark.parametrize("size", [LARGE, LARGE + 1, 30 * LARGE])
async def test_only_a_large_body_leaves_the_event_loop(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    parse = jsonbody.parse
    threads: list[int] = []

    def watched(body: bytes) -> Any:
        threads.append(threading.get_ident())
        return parse(body)

    monkeypatch.setattr(jsonbody, "parse", watched)
    assert await read_object(request(b'{"text": "draw"}'.ljust(size))) == {"text": "draw"}
    assert [thread == threading.get_ident() for thread in threads] == [size <= LARGE]


@pytest.mark.parametrize("pad", [0, LARGE])
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the body is empty"),
        (b"[]", "the body is a list, not an object"),
        (b"{", "the body is not JSON: Expecting property name"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": "\xff"}', "the body is not UTF-8 at byte 7"),
        (b"[" * 60_000 + b"]" * 60_000, "the body is nested too deeply"),
    ],
    ids=["empty", "list", "half", "nan", "latin", "deep"],
)
async def test_what_is_wrong_is_said_at_any_size(pad: int, body: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as caught:
        await read_object(request(body + b" " * pad))
    assert caught.value.cure


@pytest.mark.parametrize("count", [1, LARGE])
async def test_lone_surrogates_are_replaced_at_any_size(count: int) -> None:
    body = json.dumps({"\ud800": ["a\udfff"] * count}).encode()
    assert await read_object(request(body)) == {"\ufffd": ["a\ufffd"] * count}
