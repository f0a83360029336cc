"""Requests that are passed on: an error is known for what it is however its bytes were cut."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from pointsman.core.errors import OutOfMemory
from pointsman.core.relay import Forward
from pointsman.providers.ollama import failures
from pointsman.providers.relay import RelayServer

FULL = json.dumps({"error": "llama runner: cudaMalloc failed: out of memory"}).encode()


@dataclass
class Answered:
    """An error of the server in pieces, as it comes."""

    pieces: list[bytes]
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    closed: int = 0

    async def readany(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("cut", [1, len(FULL) // 2, len(FULL)])
async def test_a_full_card_is_known_wherever_the_answer_is_cut(monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    answered = Answered([piece for piece in (FULL[:cut], FULL[cut:]) if piece])

    async def send(_: Forward) -> Any:
        return answered

    relay = RelayServer("http://127.0.0.1:1", silence=30, as_seen=failures.as_seen, failure=failures.failure)
    monkeypatch.setattr(relay, "_send", send)
    with pytest.raises(OutOfMemory):
        await anext(relay.relay("m", Forward("/api/chat", {"model": "m"})))
    assert answered.closed == 1
