"""Whoever watches is told of every lease of the card, and how long it was waited for."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from pointsman.core.errors import NoRoom
from pointsman.core.happening import Leased
from pointsman.engine.leasing import leased
from pointsman.gpu.want import Lease, Rung, Want
from pointsman.testing.scripted_leases import ScriptedLeases

WANT = Want("image", (Rung("comfyui:z", 7), Rung("", 0, serve="cloud")))


async def work(lease: Lease) -> AsyncGenerator[str, None]:
    yield lease.rung.tenant


@pytest.mark.parametrize(("take", "tenant"), [(0, "comfyui:z"), (1, "")])
async def test_a_lease_is_told_with_what_was_given(take: int, tenant: str) -> None:
    told: list[Leased] = []
    pieces = [it async for it in leased(ScriptedLeases(take=take), WANT, work, told=told.append)]
    assert pieces == [tenant]
    assert told == [Leased("image", tenant, 0.0)]


async def test_a_refusal_is_no_lease() -> None:
    told: list[Leased] = []
    with pytest.raises(NoRoom):
        _ = [it async for it in leased(ScriptedLeases(refusal=NoRoom("full")), WANT, work, told=told.append)]
    assert not told
