"""Several replies to one request, side by side, as one stream of events that each say whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from pointsman.core.errors import Unreachable
from pointsman.core.reply import Event

MOST_WAITING: Final = 16


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the reply that has this index among the choices."""

    choice: int
    event: Event


async def together(replies: Sequence[AsyncGenerator[Event]]) -> AsyncGenerator[Told]:
    """The events of all replies as they come; closing it closes them all. Raises what any of them raises."""
    if len(replies) == 1:
        async with aclosing(replies[0]) as events:
            async for event in events:
                yield Told(0, event)
        return
    told: asyncio.Queue[Told | Exception | None] = asyncio.Queue(MOST_WAITING)
    tasks = [asyncio.create_task(tell(told, place, events)) for place, events in enumerate(replies)]
    try:
        going = len(tasks)
        while going:
            match await told.get():
                case Told() as news:
                    yield news
                case None:
                    going -= 1
                case error:
                    raise error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def tell(told: asyncio.Queue[Told | Exception | None], place: int, events: AsyncGenerator[Event]) -> None:
    """Tells the events of one reply, and then its end, or the error that ended it."""
    try:
        async with aclosing(events):
            async for event in events:
                await told.put(Told(place, event))
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        await told.put(Unreachable("the reply was taken back", cure="ask again"))  # or whoever listens waits for ever
    except Exception as error:  # noqa: BLE001 - whoever listens raises it
        await told.put(error)
    else:
        await told.put(None)
