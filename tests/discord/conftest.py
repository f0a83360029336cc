"""A stage for the bot: `stage` as it comes, `staged` to open one with other settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.discord.stage import Stage, opened_stage

Staged = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a stage; the settings of `discord:` are its arguments."""
    return partial(opened_stage, tmp_path, monkeypatch)


@pytest.fixture
async def stage(staged: Staged) -> AsyncIterator[Stage]:
    """A stage with a configuration that says nothing of Discord."""
    opened: asyncio.Queue[Stage | None] = asyncio.Queue()
    over = asyncio.Event()

    async def hold() -> None:
        # In one task, as SimCord leaves its context where it entered it, and pytest runs the two ends in two.
        try:
            async with staged() as it:
                await opened.put(it)
                await over.wait()
        finally:
            await opened.put(None)

    holding = asyncio.create_task(hold())
    found = await opened.get()
    if found is None:
        await holding
    else:
        yield found
        over.set()
        await holding
