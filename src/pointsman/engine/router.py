"""The heart: message in, decision recorded, plan made, events out."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, Self, TypeVar, overload

from pointsman.core.category import Catalogue
from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision
from pointsman.core.errors import ConfigError, PointsmanError, UnknownModel
from pointsman.core.happening import Made, Taught, Watcher
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Abilities, Chat, Draw, plan_for
from pointsman.core.ports import ChatModel, ChatOptions, Clock, Delta
from pointsman.core.record import Row
from pointsman.core.relay import Forward, Listed, Opened, Place
from pointsman.core.reply import Decided, Done, Event, Failed, Status, ToolUse
from pointsman.core.tool import SECONDS, Effect, Toolset
from pointsman.engine.agreement import Confirm
from pointsman.engine.asked import Asked, Standing
from pointsman.engine.decisionlog import DecisionLog
from pointsman.engine.execute import Executor
from pointsman.engine.leasing import Leases
from pointsman.engine.teaching import Categorise, Teaching
from pointsman.engine.watching import Watched, Watchers, watched_relay
from pointsman.tiers.cascade import Cascade

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable[..., Any])
Define = Callable[..., Toolset]
"""Makes a toolset of a Python function."""

ANSWERED: Final = frozenset({"llm", "llm+tools"})
GONE = Failed("the caller went away before the reply was complete", code="cancelled")


class Router:
    """Decides where messages go and takes them there.

    Use it as an async context manager, or close it when done.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        cascade: Cascade,
        log: DecisionLog,
        executor: Executor,
        abilities: Callable[[], Abilities],
        chance: random.Random,
        teaching: Teaching | None = None,
        services: Asked | None = None,
        foresee: Categorise | None = None,
        define: Define | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.catalogue = catalogue
        self._watchers = Watchers()
        self._clock = clock
        self._cascade = cascade
        self._log = log
        self._executor = executor
        self._abilities = abilities
        self._chance = chance
        self._services = services
        self._foresee = foresee
        self._ahead: set[asyncio.Task[None]] = set()  # held, as the loop holds tasks weakly
        self._define = define
        self._teaching = teaching or Teaching(log, catalogue, self._categorise)

    async def warm(self) -> None:
        """Opens what deciding needs, so that the first message does not wait for it (about 0.8 s)."""
        await self._cascade.warm()

    async def expect(self, text: str) -> None:
        """Says that somebody is typing this: what it will probably need may be loaded, where that costs nobody more.

        It is judged in this process alone, and neither recorded nor kept. What goes wrong is no matter of the typist's.
        """
        category = await self._foresee(Message(text)) if self._foresee else ""
        path = self.catalogue.path_of(category) if category else "simple"
        if path == "image":
            await self._executor.expect(Draw(text))
        elif path != "simple":
            await self._executor.expect(Chat(self._abilities().main))

    async def own_card(self) -> None:
        """Begins to look after the card; otherwise that begins with the first message that needs it."""
        await self._executor.owner()

    async def decide(self, message: Message) -> Decision:
        """The track that a message takes; loads no model, and is recorded before it is returned."""
        return await self._made(message, only=True)

    async def _made(self, message: Message, *, only: bool = False) -> Decision:
        began = self._clock()
        decision = await self._decided(message)
        await self._log.record(decision, message)
        if self._watchers:
            self._watchers.tell(Made(decision, message, self._clock() - began, only))
        return decision

    async def decide_many(self, messages: Sequence[Message]) -> list[Decision]:
        """Decisions for several messages, in order, recorded together."""
        decisions = [await self._decided(message) for message in messages]
        await self._log.record_many(list(zip(decisions, messages, strict=True)))
        return decisions

    async def _decided(self, message: Message) -> Decision:
        await self._teaching.refresh()
        return await self._cascade.decide(message)

    async def _categorise(self, message: Message) -> str:
        return (await self._cascade.decide(message)).category

    async def stream(
        self, message: Message, options: ChatOptions | None = None, *, confirm: Confirm | None = None
    ) -> AsyncGenerator[Event, None]:
        """The whole way: Decided first, then the reply's events, ended by exactly one Done or Failed.

        `confirm` asks the person whether a tool may do what cannot be undone; without it the reply asks for a word.
        """
        if self._services is not None:
            # A service may take a second: what the tiers here lean to is loaded meanwhile, where there is room.
            ahead = asyncio.create_task(self.expect(message.text))
            self._ahead.add(ahead)
            ahead.add_done_callback(self._ahead.discard)
        began = self._clock()
        decision = await self._made(message)
        watched = Watched(self._watchers, decision, message, self._clock, began)
        outcome: Event | None = None
        uses: list[ToolUse] = []
        try:
            yield Decided(decision)
            plan = plan_for(decision, self.catalogue, self._abilities(), self._chance)
            events = self._executor.run(plan, decision, message, options or ChatOptions(), confirm)
            async with aclosing(events):
                async for event in events:
                    outcome = event
                    if isinstance(event, ToolUse) and event.state != "running":
                        uses.append(event)
                    elif isinstance(event, Done | Failed):
                        outcome = replace(event, uses=tuple(uses))
                    watched.went(outcome)
                    yield outcome
        except Exception as error:
            outcome = Failed(f"an unforeseen {type(error).__name__}")
            raise
        finally:
            ended = outcome if isinstance(outcome, Done | Failed) else replace(GONE, uses=tuple(uses))
            await self._finish(decision.id, ended)
            watched.ended(ended)

    async def _finish(self, decision_id: str, outcome: Done | Failed) -> None:
        """Keeps the outcome; a reply that is complete is not spoilt because that failed."""
        try:
            await self._log.finish(decision_id, outcome)
        except PointsmanError:
            logger.exception("what became of decision %s was not recorded", decision_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def find(self, decision_id: str = "") -> Decision:
        """A recorded decision by its id or the beginning of it; the latest when empty. Raises UnknownDecision."""
        return await self._log.find(decision_id)

    async def recent(self, limit: int = 50) -> Sequence[Row]:
        """The latest decisions with what became of them, newest first. Raises StoreError."""
        return await self._log.recent(limit)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tells somebody of everything that happens here from now on; what is returned ends that."""
        return self._watchers.add(watcher)

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to a decision, by its whole id. Raises StoreError."""
        return await self._log.uses(decision_id)

    async def correct(self, decision_id: str, category: str, *, text: str = "", surface: str = "python") -> Correction:
        """Teaches that a decision's message, and near repeats of it, are of a category; the next decision knows.

        The text of the message is kept until the correction is undone. Give it as `text` where the
        store keeps none. Raises BadField, InvalidInput without a text, UnknownDecision, StoreError.
        """
        return self._taught(await self._teaching.correct(category, decision_id=decision_id, text=text, surface=surface))

    async def teach(self, text: str, category: str, *, surface: str = "python") -> Correction:
        """The same for a text without a decision. Raises BadField, StoreError."""
        return self._taught(await self._teaching.correct(category, text=text, surface=surface))

    async def undo(self, which: str = "") -> Correction:
        """Takes back a correction, by its id or its decision's; the latest when empty. Raises UnknownCorrection."""
        return self._taught(await self._teaching.undo(which), undone=True)

    def _taught(self, correction: Correction, *, undone: bool = False) -> Correction:
        self._watchers.tell(Taught(correction, undone))
        return correction

    async def preview(self, category: str, *, decision_id: str = "", text: str = "") -> Preview:
        """What a correction would change among the last 200 decisions, and contradict. Raises what `correct` does."""
        return await self._teaching.preview(category, decision_id=decision_id, text=text)

    async def preview_undo(self, which: str = "") -> Preview:
        """What `undo` would change among the last 200 decisions. Raises UnknownCorrection, StoreError."""
        return await self._teaching.preview_undo(which)

    async def corrections(self) -> list[Correction]:
        """Every correction in the order in which they were made; those that were undone without their texts."""
        return await self._teaching.corrections()

    async def services(self) -> Sequence[Standing]:
        """How the services stand that are asked what a message wants, in their order; none where none is set up."""
        return await self._services.statuses() if self._services is not None else ()

    @overload
    def tool(self, function: Function) -> Function: ...

    @overload
    def tool(
        self,
        function: None = None,
        *,
        name: str = "",
        categories: Sequence[str] | str = (),
        effect: Effect = "reads",
        seconds: float = SECONDS,
        trusted: bool = False,
    ) -> Callable[[Function], Function]: ...

    def tool(
        self,
        function: Function | None = None,
        *,
        name: str = "",
        categories: Sequence[str] | str = (),
        effect: Effect = "reads",
        seconds: float = SECONDS,
        trusted: bool = False,
    ) -> Function | Callable[[Function], Function]:
        """Lets models call a Python function, sync or async: its signature and docstring say how.

        Use it as a decorator. `categories` are those in which it may be called, every one that a model answers where
        none is named. `effect` says what a call does, `seconds` how long it may take, `trusted` that no stranger wrote
        any of what it returns. Raises ConfigError where no model could call it, or its name is taken.
        """
        named = (categories,) if isinstance(categories, str) else categories

        def add(given: Function) -> Function:
            if self._define is None:
                raise ConfigError("this router takes no tools", cure="make it with open_router")
            for category in named:
                if self.catalogue.path_of(category) not in ANSWERED:
                    raise ConfigError(f"no model answers {category}, so it has no use for tools", cure="leave it out")
            wanted = named or [it.name for it in self.catalogue if it.path in ANSWERED]
            toolset = self._define(given, name=name, effect=effect, seconds=seconds, trusted=trusted)
            self._executor.tools.toolbox.offer(toolset, wanted)
            return given

        return add if function is None else add(function)

    @property
    def models(self) -> tuple[str, ...]:
        """The names of the chat models that can be asked directly."""
        return tuple(self._executor.models)

    async def chat(self, model: str, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """Asks one model directly, without routing, once the card has room for it. Raises UnknownModel."""
        self.model(model)
        async with aclosing(self._executor.chat(model, turns, options)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Delta):
                    yield piece

    async def place(self, model: str) -> Place:
        """Where a model is served that somebody asks for by name. Raises UnknownModel, Unreachable."""
        found = await self._executor.upstreams.place(model)
        if found is None:
            self.model(model)
        return found or Place(model, "here")

    async def listed(self) -> Sequence[Listed]:
        """Every model that can be asked by name, those on the disks of Ollamas too."""
        found = await self._executor.upstreams.listed()
        return found or tuple(Listed(name, Place(name, "here")) for name in self.models)

    async def relay(
        self, place: Place, forward: Forward, *, key: str = ""
    ) -> AsyncGenerator[Opened | bytes | Status, None]:
        """A server's answer to a request for one of its models, as it comes, once the card has room for that.

        Raises NoRoom, OutOfMemory, Unreachable, ModelFailed, UnknownModel.
        """
        pieces = self._executor.relay(place, forward)
        told = watched_relay(pieces, self._watchers, self._clock, model=place.model, path=forward.path, key=key)
        async with aclosing(told):
            async for piece in told:
                yield piece

    async def unload(self, place: Place) -> int:
        """Sends a model away that somebody asks to be unloaded; the bytes that were seen to come back."""
        tenant = self._executor.upstreams.tenant(place)
        leases = await self._executor.owner() if tenant else None
        return await leases.free(tenant) if leases else 0

    def model(self, name: str) -> ChatModel:
        """The chat model of that name. Raises UnknownModel."""
        try:
            return self._executor.models[name]
        except KeyError:
            known = ", ".join(("auto", *self._executor.models))
            raise UnknownModel(f"there is no model {name!r}", cure=f"ask for one of: {known}") from None

    @property
    def card(self) -> Leases | None:
        """Who owns the card; None where nothing that is set up needs one. Raises ConfigError."""
        return self._executor.card.leases

    async def close(self) -> None:
        """Lets go of models and files."""
        ahead = tuple(self._ahead)
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)
        await self._executor.close()
        if self._services is not None:
            await self._services.close()
        await self._log.close()
