"""The heart: message in, decision recorded, plan made, events out."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Self

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer, Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.happening import Made, Reloaded
from pointsman.core.message import Message
from pointsman.core.plan import Chat, Draw, Plan, plan_for
from pointsman.core.ports import ChatOptions, Clock
from pointsman.core.relay import Forward
from pointsman.core.reply import Decided, Done, Event, Failed, ToolUse
from pointsman.engine.agreement import Confirm
from pointsman.engine.byname import ByName
from pointsman.engine.functions import Functions, Offer
from pointsman.engine.keeping import Keeping
from pointsman.engine.parts import InForce, Parts
from pointsman.engine.recall import Recall
from pointsman.engine.sessions import Sessions, resumed
from pointsman.engine.watching import Watched, Watchers
from pointsman.tiers.tasks import Tasks

logger = logging.getLogger(__name__)

GONE: Final = Failed("the caller went away before the reply was complete", code="cancelled")
TASKS: Final = Tasks()


@dataclass(frozen=True, slots=True)
class Loading:
    """When the configuration in force was read, in seconds since the epoch, and why a later one was refused, if any."""

    at: float
    problem: str = ""


class Router(Recall, ByName, Functions, Keeping):
    """Decides where messages go and takes them there.

    Use it as an async context manager, or close it when done. Its parts may be swapped while it works: a reply goes on
    with those with which it began. `clock` gives seconds, `now` seconds since the epoch.
    """

    def __init__(self, parts: Parts, *, clock: Clock = time.perf_counter, now: Clock = time.time) -> None:
        self._force = InForce(parts)
        self._watchers = Watchers()
        self._sessions = Sessions(clock)
        self._clock = clock
        self._now = now
        self._offers: list[Offer] = []
        self._ahead: set[asyncio.Task[None]] = set()  # held, as the loop holds tasks weakly
        self.loading = Loading(now())
        self.is_warm = False
        parts.executor.workshop.told = self._watchers.tell

    @property
    def parts(self) -> Parts:
        """What is in force now."""
        return self._force.parts

    @property
    def catalogue(self) -> Catalogue:
        """The categories."""
        return self.parts.catalogue

    async def decide(self, message: Message) -> Decision:
        """The track that a message takes; loads no model, and is recorded before it is returned."""
        with self._force.use() as parts:
            return (await self._made(parts, message, only=True))[0]

    async def judge(self, message: Message) -> Decision:
        """The track that a message would take: nothing is recorded, and nobody told."""
        with self._force.use() as parts:
            return await self._decided(parts, message)

    async def decide_many(self, messages: Sequence[Message]) -> list[Decision]:
        """Decisions for several messages, in order, recorded together."""
        with self._force.use() as parts:
            decisions = [planned(parts, await self._decided(parts, it), it)[0] for it in messages]
            await parts.log.record_many(list(zip(decisions, messages, strict=True)))
        return decisions

    async def stream(
        self,
        message: Message,
        options: ChatOptions | None = None,
        *,
        confirm: Confirm | None = None,
        forward: Forward | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The whole way: Decided first, then the reply's events, ended by exactly one Done or Failed.

        `confirm` asks the person whether a tool may do what cannot be undone; without it the reply asks for a word.
        With a `forward`, the request as its caller wrote it, a model whose server speaks that language may answer for
        itself: then the reply is told as Raw.
        """
        with self._force.use() as parts:
            self._look_ahead(parts, message)
            began = self._clock()
            decision, plan = await self._made(parts, message)
            stay = self._sessions.decided(message, decision)
            watched = Watched(self._watchers, decision, message, self._clock, began)
            outcome: Event | None = None
            uses: list[ToolUse] = []
            direct, said = None, options or ChatOptions()
            try:
                yield Decided(decision)
                if forward is not None:
                    direct = await parts.executor.straight(plan, message, said, forward, stay)
                run = parts.executor.run
                events = direct.told(decision) if direct else run(plan, decision, message, said, confirm, stay=stay)
                async with aclosing(events):
                    async for event in events:
                        outcome = event
                        if isinstance(event, ToolUse) and event.state != "running":
                            uses.append(event)
                        elif isinstance(event, Done | Failed):
                            outcome = replace(event, uses=tuple(uses)) if uses else event
                        watched.went(outcome)
                        yield outcome
            except Exception as error:
                outcome = Failed(f"an unforeseen {type(error).__name__}")
                raise
            finally:
                ended = outcome if isinstance(outcome, Done | Failed) else replace(GONE, uses=tuple(uses))
                finish(parts, decision.id, ended)
                watched.ended(ended)

    async def _made(self, parts: Parts, message: Message, *, only: bool = False) -> tuple[Decision, Plan]:
        """The decision, on record, and the plan that serves it."""
        began = self._clock()
        decision, plan = planned(parts, await self._decided(parts, message), message)
        if only:
            await parts.log.record(decision, message)
        else:  # written while the reply is made: nobody waits for the disk
            await parts.log.note(decision, message)
        self._watchers.tell(Made(decision, message, self._clock() - began, only))
        return decision, plan

    async def _decided(self, parts: Parts, message: Message) -> Decision:
        """What the tiers say; of what goes on with the caller's own tools, what they said of it before."""
        if message.after:
            before = self._sessions.continued(message)
            new_id = partial(secrets.token_hex, 6)
            return resumed(before, parts.catalogue, parts.cascade.fallback, new_id=new_id, now=self._now)
        await parts.teaching.refresh()
        return await parts.cascade.decide(message)

    def _look_ahead(self, parts: Parts, message: Message) -> None:
        """Loads what the tiers here lean to, where there is room, while a service takes a second to decide."""
        if parts.services is None or message.after or message.command is not None or message.local:
            return  # nobody is waited for, or it is known already who will answer
        if isinstance(TASKS.judge(message), Answer):
            return
        ahead = asyncio.create_task(self.expect(message.text))
        self._ahead.add(ahead)
        ahead.add_done_callback(self._ahead.discard)

    async def expect(self, text: str) -> None:
        """Says that somebody is typing this: what it will probably need may be loaded, where that costs nobody more.

        It is judged in this process alone, and neither recorded nor kept. What goes wrong is no matter of the typist's.
        """
        with self._force.use() as parts:
            category = await parts.foresee(Message(text)) if parts.foresee else ""
            path = parts.catalogue.path_of(category) if category else "simple"
            abilities = parts.abilities()
            if path == "image" and abilities.mode != "shadow":
                await parts.executor.workshop.expect(Draw(text))
            elif path != "simple":
                await parts.executor.workshop.expect(Chat(abilities.main))

    async def warm(self) -> None:
        """Opens what deciding needs, so that the first message does not wait for it (about 0.8 s)."""
        with self._force.use() as parts:
            await parts.cascade.warm()
        self.is_warm = True

    async def own_card(self) -> None:
        """Begins to look after the card; otherwise that begins with the first message that needs it."""
        with self._force.use() as parts:
            await parts.executor.workshop.owner()

    def swap(self, parts: Parts) -> None:
        """Puts other parts in force; what has begun goes on with those before, which are closed after it.

        Raises ConfigError, and changes nothing, where a function that was given to the router cannot be called then.
        """
        if parts.executor.tools.toolbox is not self.parts.executor.tools.toolbox:
            for offer in self._offers:
                offer(parts)
        parts.executor.workshop.told = self._watchers.tell
        self._force.swap(parts)

    def took(self, changed: Sequence[str], problem: str = "") -> None:
        """Says that a configuration was read and is in force: which sections changed, and what is amiss with that."""
        self.loading = Loading(self._now(), problem)
        self._watchers.tell(Reloaded(tuple(changed), problem))

    def refused(self, problem: str) -> None:
        """Says why a configuration that was read is not put in force."""
        self.loading = replace(self.loading, problem=problem)
        self._watchers.tell(Reloaded(problem=problem))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Lets go of models and files."""
        ahead = tuple(self._ahead)
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)
        await self._force.close()


def planned(parts: Parts, decision: Decision, message: Message) -> tuple[Decision, Plan]:
    """A decision about a message with what is done about it, and the plan of that."""
    abilities = parts.abilities()
    plan = plan_for(decision, parts.catalogue, abilities, parts.chance, message)
    return replace(decision, mode=abilities.mode, plan=plan.words), plan


def finish(parts: Parts, decision_id: str, outcome: Done | Failed) -> None:
    """Hands the outcome to the log, for which nobody waits; a reply that is complete is not spoilt if that fails."""
    try:
        parts.log.finish(decision_id, outcome)
    except PointsmanError:
        logger.exception("what became of decision %s was not recorded", decision_id)
