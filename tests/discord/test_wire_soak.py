"""Fifty people at once, all of them in a moment; `make soak` has them talk for a minute."""

from __future__ import annotations

from pathlib import Path

from tests.discord.soaking import Soak, echo
from tests.discord.wire import opened_wire

from pointsman.testing.fake_discord.rates import EVERYTHING


async def test_fifty_people_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, says=echo, slow={"every": 0}) as wire:
        wire.discord.add_guild("North")
        soak = Soak(wire, 50, seed=1, think=0.1, pictures=0.04)
        result = await soak.run(messages=1, cut_every=0.4)
    assert result.broken == []
    assert len(result.said) == result.replies == 50
    assert set(result.limited) <= {EVERYTHING}  # which no client can know before
    assert result.resumed >= 1
