"""Waiting with a limit, which costs nothing where there is nothing to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Generator
from types import CoroutineType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


async def within(seconds: float | None, work: Awaitable[T]) -> T:
    """What `work` comes to. Raises TimeoutError where that takes longer; None waits for ever.

    Most sends and reads of a busy server are done at once; `asyncio.timeout` would take longer than they do.
    """
    if type(work) is not CoroutineType:
        async with asyncio.timeout(seconds):
            return await work
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    async with asyncio.timeout(seconds):
        return await Begun(work, waits_for)


class Begun(Awaitable[T], Generic[T]):
    """The rest of work that has come to where it waits for something."""

    __slots__ = ("_waits_for", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                given = yield waits_for
            except BaseException as error:  # noqa: BLE001 - a cancellation, too, is the work's own to deal with
                try:
                    waits_for = self._work.throw(error)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]
            else:
                try:
                    waits_for = self._work.send(given)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]
