"""Where a reply goes: after a message, or after a command or button."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol

import aiohttp
import discord

from pointsman.core.ports import Clock
from pointsman.discord.troubles import HISTORY, lacking

logger = logging.getLogger(__name__)

MISSING: Final[Any] = discord.utils.MISSING
TYPED_EVERY: Final = 8.0  # seconds; Discord shows one for ten
# Discord takes what follows an interaction for fifteen minutes; what is on its way by then must not be lost.
TOKEN_SECONDS: Final = 14.5 * 60

NO_HISTORY: Final = 160002  # a reply may not refer to a message where the bot must not read the history
SERIALS: Final = itertools.count(1)

Sleep = Callable[[float], Awaitable[None]]
Written = discord.Message | discord.PartialMessage
"""A message of the bot's, of which perhaps no more is known than its id."""


class Outlet(Protocol):
    """Where a reply goes. Each raises discord.HTTPException.

    `key` is what the running answer is known by.
    """

    @property
    def key(self) -> int:
        """The id of the message, or interaction, that is answered."""
        ...

    async def send(
        self,
        content: str = "",
        *,
        file: discord.File | None = None,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
        embed: discord.Embed | None = None,
    ) -> discord.Message:
        """Sends the next message of the reply; whatever says that somebody is typing ends before."""
        ...

    async def edit(
        self,
        message: Written,
        *,
        content: str = MISSING,
        view: discord.ui.View | None = MISSING,
        attachments: Sequence[discord.Attachment | discord.File] = MISSING,
    ) -> discord.Message:
        """Changes a message of the reply; what is not given stays."""
        ...

    async def delete(self, message: Written) -> None:
        """Takes a message of the reply back."""
        ...

    def typing(self) -> AbstractAsyncContextManager[None]:
        """Says that somebody is typing, from now until something is sent or the context is left; may be nested."""
        ...


class Replying:
    """A reply to a message: its first part refers to it, every other one to the part before.

    So the whole is found again after a restart, and by whoever replies to any part of it. What is sent again because
    nobody knows whether it arrived is there once: Discord knows it by its nonce.
    """

    def __init__(self, message: discord.Message, *, sleep: Sleep = asyncio.sleep) -> None:
        self._message = message
        self._sleep = sleep
        self._last = message
        self._serial = next(SERIALS)
        self._typist: asyncio.Task[None] | None = None
        self._posting = False
        self._hushed = False

    @property
    def key(self) -> int:
        """The message's id."""
        return self._message.id

    async def send(
        self,
        content: str = "",
        *,
        file: discord.File | None = None,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
        embed: discord.Embed | None = None,
    ) -> discord.Message:
        """Sends the next message of the reply."""
        await self._hush()
        more = given(file=file, files=files, view=view, embed=embed)
        more["nonce"] = f"{self._last.id:x}.{self._serial % 1_000_000}"
        if lacking(self._message.channel, HISTORY):
            return await self._message.channel.send(content, **more)
        reference = self._last.to_reference(fail_if_not_exists=False)
        try:
            sent = await self._message.channel.send(content, reference=reference, mention_author=False, **more)
        except discord.HTTPException as error:
            if error.code != NO_HISTORY or file or files:
                raise
            sent = await self._message.channel.send(content, **more)
        self._last = sent
        return sent

    async def edit(
        self,
        message: Written,
        *,
        content: str = MISSING,
        view: discord.ui.View | None = MISSING,
        attachments: Sequence[discord.Attachment | discord.File] = MISSING,
    ) -> discord.Message:
        """Changes a message of the reply."""
        await self._hush()
        return await message.edit(**changed(content=content, view=view, attachments=attachments))

    async def delete(self, message: Written) -> None:
        """Takes a message of the reply back."""
        await message.delete()

    @asynccontextmanager
    async def typing(self) -> AsyncGenerator[None, None]:
        """Says that somebody is typing; what goes wrong with that is no reason not to answer."""
        if self._typist is not None:
            yield
            return
        self._typist = asyncio.create_task(self._type())
        try:
            yield
        finally:
            await self._hush()

    async def _type(self) -> None:
        while not self._hushed:
            try:
                self._posting = True
                await self._message.channel.typing()
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                logger.debug("typing in channel %s: %s", self._message.channel.id, error)
                return
            finally:
                self._posting = False
            if not self._hushed:
                await self._sleep(TYPED_EVERY)

    async def _hush(self) -> None:
        """Ends the typing: a request on its way is waited for, as it would else be shown after the reply."""
        self._hushed = True
        if self._typist is not None and not self._typist.done():
            if not self._posting:
                self._typist.cancel()
            await asyncio.wait({self._typist})


class Following:
    """A reply to a command or button; it is private where it is `ephemeral`.

    The first message takes the place of "is thinking". After fifteen minutes the rest goes to the channel, unless it
    is private. `clock` tells seconds.
    """

    def __init__(self, interaction: discord.Interaction[Any], *, ephemeral: bool = False, clock: Clock) -> None:
        self._interaction = interaction
        self._ephemeral = ephemeral
        self._clock = clock
        self._until = clock() + TOKEN_SECONDS
        self._thinks = False

    @property
    def key(self) -> int:
        """The interaction's id."""
        return self._interaction.id

    async def send(
        self,
        content: str = "",
        *,
        file: discord.File | None = None,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
        embed: discord.Embed | None = None,
    ) -> discord.Message:
        """Sends the next message of the reply."""
        more = given(file=file, files=files, view=view, embed=embed)
        if (channel := self._in_channel()) is not None:
            late: discord.Message = await channel.send(content, **more)
            return late
        if not self._interaction.response.is_done():
            await self._interaction.response.send_message(content, ephemeral=self._ephemeral, **more)
            return await self._interaction.original_response()
        if self._thinks:
            self._thinks = False
            attachments = [*([file] if file else []), *files]
            first: dict[str, Any] = {"embed": embed} if embed else {}
            return await self._interaction.edit_original_response(
                content=content, view=view, attachments=attachments, **first
            )
        return await self._interaction.followup.send(content, ephemeral=self._ephemeral, wait=True, **more)

    async def edit(
        self,
        message: Written,
        *,
        content: str = MISSING,
        view: discord.ui.View | None = MISSING,
        attachments: Sequence[discord.Attachment | discord.File] = MISSING,
    ) -> discord.Message:
        """Changes a message of the reply."""
        what = changed(content=content, view=view, attachments=attachments)
        if (channel := self._in_channel()) is not None:
            edited: discord.Message = await channel.get_partial_message(message.id).edit(**what)
            return edited
        return await message.edit(**what)

    async def delete(self, message: Written) -> None:
        """Takes a message of the reply back."""
        partial = self._in_channel()
        await (message if partial is None else partial.get_partial_message(message.id)).delete()

    def _in_channel(self) -> Any:
        """The channel, once nothing may follow the interaction any more; None before that, and in private."""
        channel = self._interaction.channel
        late = self._clock() >= self._until and not self._ephemeral
        return channel if late and isinstance(channel, discord.abc.Messageable) else None

    @asynccontextmanager
    async def typing(self) -> AsyncGenerator[None, None]:
        """Says that it is being thought about, which Discord wants to hear within three seconds."""
        if not self._interaction.response.is_done():
            await self._interaction.response.defer(ephemeral=self._ephemeral, thinking=True)
            self._thinks = True
        yield


def given(
    *,
    file: discord.File | None,
    files: Sequence[discord.File],
    view: discord.ui.View | None,
    embed: discord.Embed | None,
) -> dict[str, Any]:
    """What of it there is, as discord.py wants it."""
    every = [*([file] if file else []), *files]
    found: dict[str, Any] = {"files": every or None, "view": view, "embed": embed}
    return {name: value for name, value in found.items() if value is not None}


def changed(**what: Any) -> dict[str, Any]:
    """What of it was given."""
    return {name: value for name, value in what.items() if value is not MISSING}
