"""What a request that is passed on means for the memory of the card."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.relay import Forward
from pointsman.providers.ollama.forwarded import is_nothing, loads, named, unloads

HELLO = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, "0", "0s", "-0s", "0h0m0.0s", ".0ms", "0µs", "+0"])
def test_no_time_at_all(zero: object) -> None:
    assert is_nothing(zero)


@pytest.mark.parametrize("some", [None, True, False, 1, -1, 0.5, "", "s", "5m", "-1", "-1m", "0x", "1ns", "00", [], {}])
def test_some_time_or_none_that_is_one(some: object) -> None:
    assert not is_nothing(some)


@pytest.mark.parametrize(
    ("path", "body", "does"),
    [
        ("/api/chat", {"messages": HELLO}, "loads"),
        ("/api/chat", {"messages": HELLO, "keep_alive": 0}, "loads"),
        ("/api/chat", {"messages": []}, "loads"),
        ("/api/chat", {"keep_alive": 0}, "unloads"),
        ("/api/generate", {"prompt": "x", "keep_alive": "0s"}, "loads"),
        ("/api/generate", {"prompt": "", "keep_alive": -1}, "loads"),
        ("/api/generate", {"prompt": "", "keep_alive": "0s"}, "unloads"),
        ("/api/embed", {"input": [], "keep_alive": 0}, "loads"),
        ("/api/embeddings", {"prompt": "x"}, "loads"),
        ("/api/tags", {}, ""),
        ("/api/ps", {}, ""),
        ("/api/version", {}, ""),
        ("/api/show", {"model": "m"}, ""),
        ("/api/pull", {"model": "m"}, ""),
    ],
)
def test_what_a_request_does(path: str, body: dict[str, Any], does: str) -> None:
    forward = Forward(path, body)
    assert (loads(forward), unloads(forward)) == (does == "loads", does == "unloads")


def test_the_model_that_is_meant() -> None:
    assert [named(it) for it in ({"model": "a", "name": "b"}, {"model": "", "name": "b"}, {"model": 3}, {})] == [
        "a",
        "b",
        "",
        "",
    ]
