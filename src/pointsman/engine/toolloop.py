"""Lets models use tools: lays out what a reply may use, and begins it; `toolreply` goes through its rounds."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from pointsman.core.decision import Decision
from pointsman.core.errors import ToolFailed
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chat
from pointsman.core.ports import ChatOptions, Clock, Delta
from pointsman.core.reply import Event, Status
from pointsman.core.tool import First, Occasion
from pointsman.engine.agreement import Agreements, Confirm, Held
from pointsman.engine.toolbox import Toolbox
from pointsman.engine.toolcalls import Calls, Limits
from pointsman.engine.toolreply import Reply


class Ask(Protocol):
    """Asks a model by name, under a lease of the card where one is needed."""

    def __call__(
        self, name: str, turns: Sequence[Turn], options: ChatOptions, *, holder: str = ""
    ) -> AsyncGenerator[Delta | Status, None]:
        """What it says; `holder` names the conversation for which its memory is kept between two rounds."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One reply that is to be made, with tools where there are any.

    `notes` say which are missing, and why; `remark` what only the reader is to know, and no model.
    """

    chat: Chat
    decision: Decision
    message: Message
    options: ChatOptions
    confirm: Confirm | None = None
    notes: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ToolLoop:
    """Lets models use the tools of a `toolbox`, within `limits`.

    `ask` asks a model, `expect` says that one will be needed soon. `mark` gives a word that no page can know, which
    fences what tools bring; `today` is the date that models are told. Models that are `wordless` are too small to use
    tools, or to put into words what these bring: it is told as it is.
    """

    toolbox: Toolbox
    ask: Ask
    expect: Callable[[Chat], Awaitable[None]]
    limits: Limits
    agreements: Agreements
    clock: Clock
    today: Callable[[], date]
    mark: Callable[[], str]
    wordless: frozenset[str] = frozenset()

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        """The events of a reply. Raises what models raise, where nothing was found that could be told without one."""
        occasion = Occasion(job.message, job.decision.slots, job.decision.language)
        laid = await self.toolbox.lay_out(job.chat.tools, occasion)
        calls = Calls(
            laid,
            self.limits,
            clock=self.clock,
            confirm=job.confirm,
            # By its own name: it will be laid out alone, and then no other toolset has taken that.
            hold=lambda call: self.agreements.hold(
                replace(call, name=laid.tools[call.name].spec.name), laid.sets[call.name], occasion
            ),
        )
        for note in laid.notes:
            yield Status(note)
        lacking = (*job.notes, *laid.missing)
        job = replace(job, notes=(*job.notes, *laid.notes))
        reply = Reply(self, job, calls, has_tools=bool(laid.tools), lacking=lacking)
        async with aclosing(reply.events(laid.first)) as events:
            async for event in events:
                yield event

    async def agreed(self, held: Held, job: Job) -> AsyncGenerator[Event, None]:
        """Makes a call to which the person has agreed, and says what came of it. Raises what the tool does."""
        laid = await self.toolbox.lay_out((held.toolset,), held.occasion)
        if held.call.name not in laid.tools:
            why = "; ".join(laid.notes) or "it is no longer offered"
            raise ToolFailed(f"{held.call.name} was not run: {why}", cure="ask for it again later")
        calls = Calls(laid, self.limits, clock=self.clock, hold=lambda _: "")
        async with aclosing(Reply(self, job, calls, has_tools=True).events(First(held.call, answers=True))) as events:
            async for event in events:
                yield event
