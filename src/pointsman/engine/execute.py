"""Carries a plan out: one step, its events, exactly one Done or Failed at the end."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import date
from typing import Final, cast

from pointsman.core.decision import Decision
from pointsman.core.errors import ModelFailed, NoValue, PointsmanError, Unreachable
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chat, Compute, Draw, Plan, Say, Step
from pointsman.core.ports import ChatModel, ChatOptions, Clock, Delta
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Progress, Status, Text
from pointsman.engine.agreement import Agreements, Confirm, Held
from pointsman.engine.conversation import lacking
from pointsman.engine.leasing import ELSEWHERE, Card, Leases, Piece, Work, leased
from pointsman.engine.nopainter import no_painter
from pointsman.engine.relaying import Nowhere, Upstreams, relayed
from pointsman.engine.toolbox import Toolbox
from pointsman.engine.toolcalls import Limits
from pointsman.engine.toolloop import Job, ToolLoop
from pointsman.gpu.want import Lease, Want

logger = logging.getLogger(__name__)

Answer = Callable[[str], str]
"""Computes an expression, and says it with its value. Raises InvalidInput, NoValue."""
# The share of what is being typed that is sent, and wants what it seemed to want.
LIKELY: Final = 0.7


class Executor:
    """Walks a plan with the models, painters and tools that are there.

    `models` are those that can be asked by name; `card` opens what goes with the card, when it is first needed.
    The tools of a `toolbox` are used within `limits`; `today` is the date that models are told with them. Models that
    are `wordless` are too small for tools: what these bring is told as it is. `upstreams` have more models by name.
    """

    def __init__(
        self,
        *,
        models: Mapping[str, ChatModel],
        answer: Answer,
        clock: Clock,
        card: Callable[[], Card] = Card,
        toolbox: Toolbox | None = None,
        limits: Limits | None = None,
        today: Callable[[], date] = date.today,
        wordless: frozenset[str] = frozenset(),
        upstreams: Upstreams | None = None,
    ) -> None:
        self.models = models
        self.upstreams = upstreams or Nowhere()
        self.tools = ToolLoop(
            toolbox or Toolbox(),
            ask=self.chat,
            expect=self.expect,
            limits=limits or Limits(),
            agreements=Agreements(clock=clock),
            clock=clock,
            today=today,
            mark=lambda: secrets.token_hex(4),
            wordless=wordless,
        )
        self._open_card = card
        self._card: Card | None = None
        self._answer = answer
        self._clock = clock
        self._starting: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def card(self) -> Card:
        """What goes with the card. Raises ConfigError where that cannot be opened."""
        if self._card is None:
            self._card = self._open_card()
        return self._card

    async def owner(self) -> Leases | None:
        """Who owns the card, begun by the first who asks; None where nobody does. Raises ConfigError."""
        leases = self.card.leases
        if leases is not None:
            if self._starting is None:
                self._starting = asyncio.ensure_future(leases.start())
                self._starting.add_done_callback(self._began)
            await asyncio.shield(self._starting)  # it begins even if the one who asked first goes away
        return leases

    def _began(self, task: asyncio.Future[None]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._starting = None

    async def expect(self, step: Chat | Draw) -> None:
        """Says that a step will probably be wanted soon; what goes wrong is logged, as nobody asked for anything."""
        try:
            wishes = self.card.wishes
            if wishes is None:
                return
            want = await (wishes.picture(step) if isinstance(step, Draw) else wishes.chat(step.model, ()))
            if want is not None and (leases := await self.owner()) is not None:
                leases.hint(want, LIKELY)
        except PointsmanError as error:
            logger.info("nothing is loaded ahead: %s", error.message)

    async def run(
        self,
        plan: Plan,
        decision: Decision,
        message: Message,
        options: ChatOptions,
        confirm: Confirm | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The events of a plan. Errors that we can name end it with Failed, never with an exception.

        `confirm` asks the person whether a tool may do what he has to agree to; without it he is asked for a word.
        """
        try:
            held = self.tools.agreements.take(message)
            if plan.notice and held is None:
                yield Status(plan.notice)
            job = Job(Chat(""), decision, message, options, confirm, (plan.notice,) if plan.notice else ())
            async with aclosing(self._agreed(held, job) if held else self._served(plan.step, job)) as events:
                async for event in events:
                    yield event
        except PointsmanError as error:
            yield Failed.of(error, decision)

    def _agreed(self, held: Held | str, job: Job) -> AsyncGenerator[Event, None]:
        """What came of the call that the person has agreed to, or why there is none."""
        return self._said(held, job.decision) if isinstance(held, str) else self.tools.agreed(held, job)

    def _served(self, step: Step, job: Job) -> AsyncGenerator[Event, None]:
        """What serves a step."""
        match step:
            case Say(text):
                return self._said(text, job.decision)
            case Compute(expression):
                return self._said(self._computed(expression), job.decision)
            case Draw() as draw:
                return self._draw(draw, job.decision, self._clock())
            case Chat(tools=tools) as chat if tools and not job.options.tools:
                return self.tools.run(replace(job, chat=chat))
            case Chat(model=name):
                return self._chat(name, job)

    async def _said(self, text: str, decision: Decision) -> AsyncGenerator[Event, None]:
        began = self._clock()
        yield Text(text)
        yield Done(decision, seconds=self._clock() - began)

    def _computed(self, expression: str) -> str:
        try:
            return self._answer(expression)
        except NoValue as error:
            return f"{expression} has no value that I can give: {error.message}."

    async def _chat(self, name: str, job: Job) -> AsyncGenerator[Event, None]:
        began = self._clock()
        if job.notes and name in self.tools.wordless:  # it would make up what the tools would have brought
            yield Text("; ".join(job.notes))
            yield Done(job.decision, seconds=self._clock() - began)
            return
        turns = (*job.message.history, *lacking(job.notes), job.message.turn)
        async with aclosing(self.chat(name, turns, job.options, background="job" in job.decision.slots)) as pieces:
            async for piece in pieces:
                if not isinstance(piece, Delta):
                    yield piece
                    continue
                if piece.text:
                    yield Text(piece.text)
                if piece.calls:
                    yield Calls(piece.calls)
                if piece.finish_reason:
                    yield Done(
                        job.decision,
                        model=piece.model or name,
                        seconds=self._clock() - began,
                        prompt_tokens=piece.prompt_tokens,
                        completion_tokens=piece.completion_tokens,
                        finish_reason=piece.finish_reason,
                        footer="; ".join(filter(None, (*job.notes, piece.note))),
                    )
                    return
        raise ModelFailed(
            f"{name} stopped without ending its reply", cure="ask again; if it stays so, pointsman doctor"
        )

    async def chat(
        self,
        name: str,
        turns: Sequence[Turn],
        options: ChatOptions,
        *,
        background: bool = False,
        holder: str = "",
    ) -> AsyncGenerator[Delta | Status, None]:
        """What a model says, once the card has room for it; a lower rung of its ladder may answer in its place.

        What is done in the `background`, for a chat page and not for a person, waits for others. With a `holder` the
        model is kept a little while for its next round. The last Delta names the model that answered, and its note.
        Raises what ChatModel.chat and Ticket.lease do.
        """
        self._model(name)
        last = options.schema is None  # a choice of the next tool is followed by more

        async def work(lease: Lease) -> AsyncGenerator[Delta, None]:
            nonlocal last
            async with aclosing(self._talk(self._model(lease.rung.serve or name), lease, turns, options)) as deltas:
                async for delta in deltas:
                    last = last and not delta.calls
                    yield delta

        wishes = self.card.wishes
        want = await wishes.chat(name, turns, background=background) if wishes else None
        if want is not None and holder:
            want = replace(want, holder=holder)
        async with aclosing(self._used(want, work, ends=lambda: last)) as pieces:
            async for piece in pieces:
                yield piece

    def _model(self, name: str) -> ChatModel:
        if self._closed:  # a reply with tools may still be between two rounds
            raise Unreachable("the router was closed", cure="open it again")
        model = self.models.get(name) or self.card.serving.get(name)
        if model is None:
            raise Unreachable(
                "no chat model is available", cure="pip install 'pointsman[local]', then pointsman pull smollm2"
            )
        return model

    async def _talk(
        self, model: ChatModel, lease: Lease, turns: Sequence[Turn], options: ChatOptions
    ) -> AsyncGenerator[Delta, None]:
        async with aclosing(model.chat(turns, options)) as deltas:
            async for delta in deltas:
                if not delta.finish_reason:
                    yield delta
                    continue
                notes = [note for note in (lease.rung.note, lease.note, model.note) if note]
                yield replace(delta, model=model.name, note="; ".join(notes))

    async def _draw(self, draw: Draw, decision: Decision, began: float) -> AsyncGenerator[Event, None]:
        """The way to the pictures: of the card only the picture server is leased, and no chat model touched."""
        studio, wishes, name = self.card.studio, self.card.wishes, ""
        if studio is None or wishes is None:
            yield Text(no_painter(draw))
            yield Done(decision, seconds=self._clock() - began)
            return

        def work(lease: Lease) -> AsyncGenerator[Status | Progress | Picture, None]:
            nonlocal name
            painter = studio.painter(lease.rung)
            name = painter.name
            return painter.draw(draw)

        try:
            want = await wishes.picture(draw)
        except Unreachable:
            if self.card.studio_expected:
                raise
            yield Text(no_painter(draw))
            yield Done(decision, seconds=self._clock() - began)
            return
        async with aclosing(self._used(want, work)) as events:
            async for event in events:
                yield event
        yield Done(decision, model=name, seconds=self._clock() - began)

    async def _used(
        self, want: Want | None, work: Work[Piece], *, ends: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[Piece | Status, None]:
        """What `work` gives, under a lease where one is needed."""
        leases = await self.owner() if want else None
        events: AsyncGenerator[Piece | Status, None]
        if want is None or leases is None:
            events = cast("AsyncGenerator[Piece | Status, None]", work(Lease("", want.best) if want else ELSEWHERE))
        else:
            events = leased(leases, want, work, ends=ends)
        async with aclosing(events):
            async for event in events:
                yield event

    async def relay(self, place: Place, forward: Forward) -> AsyncGenerator[Opened | bytes | Status, None]:
        """A server's answer to a request for one of its models, once the card has room for that.

        Raises what `Ticket.lease` and `Upstream.relay` do.
        """

        def used(want: Want | None, work: Work[Piece]) -> AsyncGenerator[Piece | Status, None]:
            wishes = self.card.wishes
            return self._used(replace(want, evicts=wishes.owns) if want and wishes else want, work)

        async with aclosing(relayed(self.upstreams, place, forward, used)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Lets go of the card, the models and the painters."""
        self._closed = True
        card = self._card or Card()
        models = {id(it): it for it in (*self.models.values(), *card.serving.values())}.values()
        async with AsyncExitStack() as closing:  # closes the rest, too, when one of them fails
            for it in (card.studio, *models, card.wishes, card.leases, self.tools.toolbox, self.upstreams):
                if it is not None:
                    closing.push_async_callback(it.close)
