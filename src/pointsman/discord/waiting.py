"""How many wait for the card, which is asked now and then while somebody writes."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Final

from pointsman.core.errors import PointsmanError
from pointsman.core.ports import Clock
from pointsman.discord.service import Service

logger = logging.getLogger(__name__)

GOOD_FOR: Final = 2.0  # seconds
LATEST: Final = 1.0  # seconds after which nobody waits for the answer


class Queue:
    """Tells how many wait for the card; 0 where that is not known."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._length = 0
        self._at = -math.inf

    async def length(self) -> int:
        """How many wait, as of two seconds ago at most."""
        if self._clock() - self._at < GOOD_FOR:
            return self._length
        self._at = self._clock()
        try:
            async with asyncio.timeout(LATEST):
                card = await self._service.card()
            self._length = len(card.get("queue") or ())
        except (PointsmanError, TimeoutError) as error:
            logger.info("how many wait for the card is not known: %s", error)
            self._length = 0
        return self._length
