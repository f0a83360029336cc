"""Journeys go through the real router: shipped categories, encoder, head; only the store is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pointsman.build import open_router
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.engine.router import Router


@pytest.fixture
async def router() -> AsyncIterator[Router]:
    async with open_router(store=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def decide() -> object:
    """Decides texts with one router for the whole run; opening it takes most of the time."""
    import asyncio

    opened = open_router(store=False)

    def decided(text: str) -> Decision:
        return asyncio.run(opened.decide(Message(text)))

    return decided
