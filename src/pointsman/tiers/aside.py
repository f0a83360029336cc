"""Lets the encoder read in a thread of its own, so that other messages go on while it does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pointsman.core.decision import Verdict
from pointsman.core.message import Message
from pointsman.tiers.calibration import LocalTier
from pointsman.tiers.surroundings import Surroundings


class Aside:
    """The first tier that needs the encoder, whose milliseconds pass beside the loop; those after it find it done."""

    def __init__(self, tier: LocalTier, surroundings: Surroundings) -> None:
        self.name = tier.name
        self._tier = tier
        self._surroundings = surroundings

    def judge(self, message: Message) -> Verdict | Awaitable[Verdict]:
        """The tier's verdict; awaitable where the message was not read yet."""
        if message.wordless or self._surroundings.knows(message.look.strip()):
            return self._tier.judge(message)
        return self._read(message)

    async def _read(self, message: Message) -> Verdict:
        text = message.look.strip()
        await asyncio.get_running_loop().run_in_executor(thread(), self._surroundings.of, text)
        return self._tier.judge(message)


@cache
def thread() -> ThreadPoolExecutor:
    """The one thread in which is read: two would fight over the same cores."""
    return ThreadPoolExecutor(1, thread_name_prefix="pointsman-encoder")
