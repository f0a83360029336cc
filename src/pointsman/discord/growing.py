"""A reply while it grows: the messages on Discord follow what they should look like, as fast as Discord likes it."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import aiohttp
import discord

from pointsman.core.ports import Clock
from pointsman.discord.outlet import Outlet, Sleep, Written
from pointsman.discord.split import as_parts, split, with_line
from pointsman.discord.throttle import Throttle
from pointsman.discord.troubles import UNKNOWN_MESSAGE
from pointsman.discord.wording import REPLY_FILE, in_file

logger = logging.getLogger(__name__)

# Seconds before it is tried again to write the end of a reply, which must not be lost by a lost connection.
AGAIN: Final = (1.0, 4.0, 15.0, 60.0)
SLOWEST: Final = 10.0  # seconds that are waited at most beyond what is usual
LOST: Final = (aiohttp.ClientError, OSError, asyncio.TimeoutError)

Dress = Callable[[str], dict[str, Any]]
"""What the first message is, given its text, as keywords of `Outlet.edit`; made anew, as files go out once."""


@dataclass(frozen=True)
class Look:
    """What a reply should look like: its text, a line in small letters below, and a view with the first message.

    `dress` is what the first message is besides its text: with a picture, perhaps.
    """

    text: str = ""
    line: str = ""
    view: discord.ui.View | None = None
    dress: Dress | None = None


@dataclass
class Shown:
    """A message of the reply as it looks now."""

    message: Written
    content: str | None
    view: discord.ui.View | None = None
    buttons: bool = False
    files: bool = False


class Growing:
    """Writes one reply. `messages` are those of an earlier one, in whose place it comes.

    `failed` is told when Discord does not let it go on, after which nothing more is written; `every` is how many
    seconds lie between two edits. A reply of more than `most_parts` messages stops growing there, and is a file at
    last, with its beginning as the message.
    """

    def __init__(
        self,
        outlet: Outlet,
        *,
        most_parts: int,
        every: float,
        clock: Clock,
        sleep: Sleep,
        messages: Sequence[Written] = (),
        failed: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self.error: Exception | None = None
        self._outlet = outlet
        self._most_parts = most_parts
        self._throttle: Throttle[Look] = Throttle(every, clock)
        self._clock = clock
        self._sleep = sleep
        self._failed = failed
        # What an earlier reply looks like is not known, so that each of its messages is written once in any case.
        self._shown = [Shown(it, None, None, buttons=True, files=True) for it in messages]
        self._text = ""
        self._keeper: asyncio.Task[None] | None = None
        self._pause: asyncio.Future[None] | None = None
        self._over = False

    @property
    def messages(self) -> tuple[Written, ...]:
        """The messages of the reply, in order."""
        return tuple(it.message for it in self._shown)

    def show(self, look: Look) -> None:
        """Has the messages look so, as soon as may be; what was wanted before and is not written is left out."""
        if self._over or self.error:
            return
        self._text = look.text
        self._throttle.put(look)
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep_up())

    async def halt(self) -> None:
        """Writes nothing more; a request that is on its way is waited for, so that its message is known."""
        self._over = True
        if self._pause is not None:
            self._pause.cancel()
        if self._keeper is not None:
            await asyncio.wait({self._keeper})

    async def end(self, look: Look) -> None:
        """Has the messages look so at last. Raises what Discord says against it."""
        await self.halt()
        self._text = look.text
        await self._surely(partial(self._write, look, last=True))

    async def add(self, content: str, files: list[discord.File], view: discord.ui.View | None) -> None:
        """Ends with a message of pictures, in the place of a first one that has no text of the reply's."""
        await self.halt()
        whole = [(it.fp.read(), it) for it in files]  # which go out once, and this may take several tries

        def dress(content: str) -> dict[str, Any]:
            fresh = [discord.File(io.BytesIO(data), it.filename, description=it.description) for data, it in whole]
            return {"content": content, "attachments": fresh}

        place = len(self._shown) if self._text else 0
        # All that is told of pictures is short, but what went wrong with the reply besides may be long.
        content = split(content)[0] if content else content
        await self._surely(partial(self._put, place, content, view, dress))
        for more in self._shown[place + 1 :]:
            await self._remove(more)
        del self._shown[place + 1 :]

    async def _surely(self, write: Callable[[], Awaitable[None]]) -> None:
        """Writes the end of a reply, again where it is lost on its way."""
        if self.error is not None:
            raise self.error
        for again in (*AGAIN, 0.0):
            try:
                await write()
            except (discord.HTTPException, *LOST) as error:
                if not again or not is_lost(error):
                    raise
                logger.warning("the end of a reply is written again in %g s: %r", again, error)
                await self._sleep(again)
            else:
                return

    async def remove(self) -> None:
        """Takes all of it back."""
        await self.halt()
        while self._shown:
            await self._remove(self._shown.pop())

    async def _keep_up(self) -> None:
        """Writes until the messages look as they should."""
        await asyncio.sleep(0)  # what else is there already comes along
        while not self._over and self.error is None and (wait := self._throttle.wait()) is not None:
            if wait > 0:
                await self._wait(wait)
            elif (look := self._throttle.take()) is not None:
                await self._follow(look)

    async def _follow(self, look: Look) -> None:
        began = self._clock()
        try:
            await self._write(look)
        except Exception as error:  # noqa: BLE001 - whatever else it is, the reply cannot go on
            if is_lost(error):
                logger.info("a reply is not followed for a moment: %r", error)
                self._throttle.failed()
            else:
                self.error = error
                self._failed(error)
        else:
            self._throttle.wrote()
            # discord.py waits where Discord says so (429); whoever was made to wait goes on more slowly.
            self._throttle.later(min(self._clock() - began, SLOWEST))

    async def _wait(self, seconds: float) -> None:
        """Waits, unless it is over before."""
        self._pause = asyncio.ensure_future(self._sleep(seconds))
        await asyncio.wait({self._pause})
        self._pause = None

    async def _write(self, look: Look, *, last: bool = False) -> None:
        parts = as_parts(look.text, self._most_parts)
        contents = list(parts.parts)
        dress = look.dress
        if parts.file and last:
            contents = with_line(contents[:1], in_file(len(parts.file)))[:1]
            dress = partial(whole, parts.file)
        contents = with_line(contents, look.line)
        for place, content in enumerate(contents or ([""] if dress else [])):
            first = place == 0
            await self._put(place, content, look.view if first else None, dress if first else None)
        if last:
            for more in self._shown[len(contents) :]:
                await self._remove(more)
            del self._shown[len(contents) :]

    async def _put(self, place: int, content: str, view: discord.ui.View | None, dress: Dress | None) -> None:
        """Has one message look so; nothing is asked of Discord where it does already."""
        if place >= len(self._shown):
            self._shown.append(await self._sent(content, view, dress))
            return
        shown = self._shown[place]
        change: dict[str, Any] = dress(content) if dress else {"content": content}
        if not dress and shown.files:
            change["attachments"] = []
        if change["content"] == shown.content and "attachments" not in change:
            del change["content"]
        if view is not shown.view or (view is None and shown.buttons):
            change["view"] = view
        if not change:
            return
        try:
            shown.message = await self._outlet.edit(shown.message, **change)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE or shown.content is not None:
                raise
            # One of an earlier reply, which was deleted before this one began.
            self._shown[place] = await self._sent(content, view, dress)
            return
        shown.content, shown.view, shown.buttons = change.get("content", shown.content), view, view is not None
        shown.files = bool(change["attachments"]) if "attachments" in change else shown.files

    async def _sent(self, content: str, view: discord.ui.View | None, dress: Dress | None) -> Shown:
        """A new message of the reply."""
        new = dress(content) if dress else {}
        content, files = new.get("content", content), new.get("attachments", [])
        sent = await self._outlet.send(content, files=files, view=view)
        return Shown(sent, content, view, view is not None, bool(files))

    async def _remove(self, shown: Shown) -> None:
        try:
            await self._outlet.delete(shown.message)
        except discord.NotFound:
            logger.debug("message %s is gone already", shown.message.id)


def is_lost(error: Exception) -> bool:
    """Whether it may work the next time: Discord failed, or the way to it did."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500
    return isinstance(error, LOST)


def whole(text: str, content: str) -> dict[str, Any]:
    """The beginning of a reply, with all of it as a file."""
    return {"content": content, "attachments": [discord.File(io.BytesIO(text.encode()), REPLY_FILE)]}
