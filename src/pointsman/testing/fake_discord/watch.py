"""Waiting until something is so, looked at whenever something happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

AGAIN: Final = 0.02  # seconds: what happens outside the fake tells nobody


class Watch:
    """Wakes those who wait for something."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def changed(self) -> None:
        """Something happened."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, met: Callable[[], object], seconds: float = 20.0) -> None:
        """Waits until something is so. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not met():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._event.wait(), AGAIN)
