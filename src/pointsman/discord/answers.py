"""The one place where what Pointsman says becomes messages on Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from pointsman.core.errors import PointsmanError
from pointsman.core.message import Command
from pointsman.core.reply import Decided, Done, Failed
from pointsman.discord import picturing, wording
from pointsman.discord.asked import Answered, Ask
from pointsman.discord.buttons import cancel_view
from pointsman.discord.gate import Refusal
from pointsman.discord.growing import Growing, Look
from pointsman.discord.replies import Replies
from pointsman.discord.running import Going, Running
from pointsman.discord.telling import Telling
from pointsman.discord.troubles import FILES, Troubles, lacking
from pointsman.discord.waiting import Queue

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

logger = logging.getLogger(__name__)

Read = Callable[[Ask], Awaitable[Ask]]
"""Completes what is asked by what was said before it, while it is seen that somebody is typing."""
After = Callable[[Ask, Answered], Awaitable[None]]
NOTHING: Final = Answered()
LAST_WORDS: Final = 10.0  # seconds for telling who waits that the bot stops: without Discord, retries take 80
MANY: Final = 50  # messages that a reply may have where no file can be sent


class Answers:
    """Answers what is asked, each under a key by which it can be cancelled.

    Whoever is in `after` is told of every reply, once it is written.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._queue = Queue(bot.service, bot.clock)
        self._closing = False
        self.running: Running[Answered] = Running(NOTHING)
        self.replies = Replies()
        self.troubles = Troubles(bot.clock)
        self.after: list[After] = []

    async def answer(self, ask: Ask, *, read: Read | None = None) -> Answered:
        """Has something answered, and writes the reply where it belongs.

        An answer to the same, if one is under way, is stopped, and the reply that it had is written anew in its place.
        """
        answered = await self.running.under(ask.key, partial(self._answer, ask, read), owner=ask.asker.id)
        for told in self.after:
            try:
                await told(ask, answered)
            except Exception:
                logger.exception("what became of decision %s is not told", answered.decision_id)
        return answered

    def cancel(self, key: int) -> bool:
        """Stops an answer by the id of the message, or interaction, that it is to; whether there was one."""
        return self.running.stop(key)

    def owner(self, key: int) -> int:
        """Who asked for the answer that is under way, by id; 0 where there is none."""
        return self.running.owner(key)

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, waits so long for what is under way, then ends it with a word to whoever waits."""
        self._closing = True
        if not await self.running.over(seconds):
            await self.running.stop_all("stopping", LAST_WORDS)

    async def _answer(self, ask: Ask, read: Read | None, going: Going) -> Answered:
        """One answer, from beginning to end; what goes wrong with Discord is told where it can be."""
        growing: Growing | None = None
        try:
            refusal = Refusal(wording.STOPPING) if self._closing else self._bot.gate.refusal(ask.visitor)
            if refusal is not None:
                return await self._refused(ask, refusal)
            async with ask.outlet.typing():
                growing = self._growing(ask, going)
                return await self._served(ask, read, growing, going)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            if growing is None or growing.error is not error:
                await self._met(ask, error)
        except asyncio.CancelledError:
            if going.why is None:
                raise
            if going.why == "deleted" and growing is not None:
                await growing.remove()
        finally:
            if growing is not None:
                await growing.halt()
                self._keep(ask, growing)
                if growing.error is not None:
                    await self._met(ask, growing.error)
        return Answered("", growing.messages if growing else ())

    async def _served(self, ask: Ask, read: Read | None, growing: Growing, going: Going) -> Answered:
        telling = Telling(cancel_view(ask.key, asker=ask.asker.id))
        try:
            ask = await read(ask) if read else ask
            for words in ask.warnings:
                telling.warn(wording.warning(words))
            ask = await self._as_chosen(ask)
            if is_blank(ask):
                await growing.end(Look("", wording.note(wording.NOTHING_SAID)))
                return Answered("", growing.messages)
            refusal = await self._bot.shares.ask(ask.visitor, waiting=await self._waiting())
            if refusal is None:
                refusal = await self._streamed(ask, telling, growing)
            if refusal is not None:
                await growing.end(Look("", wording.warning(refusal.words)))
                return Answered(telling.decision_id, growing.messages)
        except asyncio.CancelledError:
            await self._stopped(growing, telling, going)
            if going.why is None:
                raise
            return Answered(telling.decision_id, growing.messages)
        except PointsmanError as error:
            telling.take(Failed.of(error, telling.decision))
        except (discord.HTTPException, aiohttp.ClientError):
            raise
        except Exception as error:
            logger.exception("an answer to %s failed", ask.key)
            telling.take(Failed(f"an unforeseen {type(error).__name__}", decision=telling.decision))
        return await to_the_end(self._finished(ask, telling, growing))

    async def _streamed(self, ask: Ask, telling: Telling, growing: Growing) -> Refusal | None:
        """Follows a reply; why it is not given, where it is not."""
        spoiler, drawing = False, 0
        try:
            async with aclosing(self._bot.service.stream(ask.message)) as events:
                async for event in events:
                    if isinstance(event, Decided) and (drawing := pictures_of(event)):
                        prompt = str(event.decision.slots.get("prompt") or ask.message.text)
                        telling.take(event)
                        refusal = no_files(ask) or self._bot.gate.picture_refusal(prompt, ask.visitor)
                        refusal = refusal or await self._bot.shares.draw(ask.visitor, drawing)
                        if refusal is not None:
                            drawing = 0
                            return refusal
                        spoiler = self._bot.gate.spoiler(prompt, ask.visitor)
                    elif telling.take(event, spoiler=spoiler):
                        growing.show(telling.looks())
        finally:
            if (left := drawing - len(telling.pictures)) > 0:
                await self._bot.shares.give_back(ask.visitor, left)
        return None

    async def _finished(self, ask: Ask, telling: Telling, growing: Growing) -> Answered:
        """Writes the end of a reply."""
        look = telling.ended(footer=self._bot.settings.footer, now=self._bot.now())
        done = telling.outcome if isinstance(telling.outcome, Done) else None
        if not telling.pictures or telling.decision is None:
            await growing.end(look)
        else:
            prompt = str(telling.decision.slots.get("prompt") or ask.message.text)
            spoiler = self._bot.gate.spoiler(prompt, ask.visitor)
            seconds, model = (done.seconds, done.model) if done else (0.0, "")
            shown = await picturing.show(
                ask, telling.decision, telling.pictures, seconds, model, service=self._bot.service, spoiler=spoiler
            )
            if look.text:
                await growing.end(look)
            lines = [shown.content, "" if look.text else look.line]
            await growing.add("\n".join(filter(None, lines)), shown.files, shown.view)
        return Answered(
            telling.decision_id, growing.messages, done.model if done else "", done.seconds if done else 0.0
        )

    async def _stopped(self, growing: Growing, telling: Telling, going: Going) -> None:
        """Writes how a reply ends that is stopped: what was said stays, unless the question is gone."""
        await growing.halt()
        look = telling.ended(footer=False, now=self._bot.now())
        match going.why:
            case "cancelled":
                await growing.end(replace(look, line=wording.note(wording.CANCELLED)))
            case "stopping":
                known = f" (#{telling.decision_id})" if telling.decision_id else ""
                await growing.end(replace(look, line=wording.warning(f"{wording.STOPPING}{known}")))
            case "deleted":
                await growing.remove()
            case _:  # another answer takes its place, or there is nothing left to write it in
                return

    def _growing(self, ask: Ask, going: Going) -> Growing:
        """What writes the reply: in the place of an earlier one, where there is one."""
        settings = self._bot.settings
        messages = self.replies.of(ask.source.id, ask.source.channel) if ask.source else ()
        return Growing(
            ask.outlet,
            most_parts=MANY if no_files(ask) else settings.most_parts,
            every=settings.edit_every,
            clock=self._bot.clock,
            sleep=self._bot.sleep,
            messages=messages,
            failed=lambda _: going.stop("gone"),
        )

    async def _as_chosen(self, ask: Ask) -> Ask:
        """What is asked, as the person wants it served: by the machines of the house alone, by a certain model."""
        chosen = await self._bot.memo.user(ask.visitor.user)
        message = replace(ask.message, local=True) if chosen.local else ask.message
        asked = message.command or Command()
        if chosen.model and not asked.model:
            message = replace(message, command=replace(asked, model=chosen.model))
        return replace(ask, message=message)

    async def _waiting(self) -> int:
        """How many wait for the card, where that makes a difference."""
        return await self._queue.length() if self._bot.settings.slow.every else 0

    async def _refused(self, ask: Ask, refusal: Refusal) -> Answered:
        """Says why somebody is not answered; a command is told in any case, as Discord wants it answered."""
        if refusal.silent and ask.source is not None:
            return NOTHING
        return Answered("", (await ask.outlet.send(wording.warning(refusal.words)),))

    async def _met(self, ask: Ask, error: Exception) -> None:
        channel = ask.source.channel if ask.source is not None else None
        await self.troubles.met(error, channel, ask.asker)

    def _keep(self, ask: Ask, growing: Growing) -> None:
        if ask.source is not None:
            self.replies.keep(ask.source.id, growing.messages)


def is_blank(ask: Ask) -> bool:
    """Whether somebody said nothing, as by the bot's name alone."""
    message = ask.message
    return message.command is None and not message.text.strip() and not message.attachments


async def to_the_end(writing: Coroutine[Any, Any, Answered]) -> Answered:
    """The end of a reply, which is written in one piece even where it is stopped meanwhile."""
    task = asyncio.ensure_future(writing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def no_files(ask: Ask) -> Refusal | None:
    """That no file may be sent where the reply goes, if that is known."""
    lacks = lacking(ask.source.channel, FILES) if ask.source is not None else []
    return Refusal(wording.no_permission(", ".join(lacks))) if lacks else None


def pictures_of(event: Decided) -> int:
    """How many pictures a decision means to have drawn."""
    decision = event.decision
    draws = decision.plan.split(" ", 1)[0] == "draw" if decision.plan else decision.path == "image"
    return int(decision.slots.get("count", 1)) if draws else 0
