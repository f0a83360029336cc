"""Where replies are made: the chat models and painters, each under a lease of the card whose memory they share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Final, cast

from pointsman.core.decision import Decision
from pointsman.core.errors import NoRoom, PointsmanError, Unreachable
from pointsman.core.happening import Leased
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chat, Chore, Draw
from pointsman.core.ports import ChatModel, ChatOptions, Clock, Delta
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Event, Status
from pointsman.engine import drawing
from pointsman.engine.inhouse import kept_in, leaves
from pointsman.engine.leasing import ELSEWHERE, Card, Leases, Piece, Work, leased
from pointsman.engine.relaying import Find, Nowhere, Pieces, Upstreams, guest_of, relayed
from pointsman.engine.sessions import Stay
from pointsman.gpu.want import Lease, Want

logger = logging.getLogger(__name__)

# The share of what is being typed that is sent, and wants what it seemed to want.
LIKELY: Final = 0.7
# A page's own job that has waited so long is answered without a model: by then its chat has a name anyway.
CHORE_SECONDS: Final = 20.0
GIVING_WAY: Final = "the configuration changed: waiting until what began before it has ended"


class Workshop:
    """Asks models and painters, each under a lease of the card where it needs one.

    `models` are those that can be asked by name, `upstreams` have more of them; `card` opens what goes with the card,
    when it is first needed. Until `before` is set, another workshop has the card: there are never two that own it.
    Whoever is `told` hears of every lease.
    """

    def __init__(
        self,
        *,
        models: Mapping[str, ChatModel],
        clock: Clock,
        card: Callable[[], Card] = Card,
        upstreams: Upstreams | None = None,
        before: asyncio.Event | None = None,
    ) -> None:
        self.models = models
        self.upstreams = upstreams or Nowhere()
        self.told: Callable[[Leased], None] = lambda _: None
        self.gone = asyncio.Event()
        self._before = before
        self._open_card = card
        self._card: Card | None = None
        self._clock = clock
        self._starting: asyncio.Future[None] | None = None
        self._leaving: asyncio.Future[None] | None = None  # held, as the loop holds tasks weakly
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
            if self._before is not None:
                await self._before.wait()
            if self._starting is None:
                self._starting = asyncio.ensure_future(leases.start())
                self._starting.add_done_callback(self._began)
            await asyncio.shield(self._starting)  # it begins even if the one who asked first goes away
        return leases

    def _began(self, task: asyncio.Future[None]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._starting = None

    @property
    def _gives_way(self) -> bool:
        return self._before is not None and not self._before.is_set()

    async def expect(self, step: Chat | Draw) -> None:
        """Says that a step will probably be wanted soon; what goes wrong is logged, as nobody asked for anything."""
        try:
            wishes = self.card.wishes
            if wishes is None or self._gives_way:
                return
            want = await (wishes.picture(step) if isinstance(step, Draw) else wishes.chat(step.model, ()))
            if want is not None and (leases := await self.owner()) is not None:
                leases.hint(want, LIKELY)
        except PointsmanError as error:
            logger.info("nothing is loaded ahead: %s", error.message)

    async def chat(
        self,
        name: str,
        turns: Sequence[Turn],
        options: ChatOptions,
        *,
        holder: str = "",
        stay: Stay | None = None,
        local: bool = False,
    ) -> AsyncGenerator[Delta | Status, None]:
        """What a model says, once the card has room for it; a lower rung of its ladder may answer in its place.

        It may be one that only a server knows. With a `holder` the model is kept a little while for its next round;
        with a `stay` the one that answered the chat before goes on, as long as it is in memory. With `local`, none
        outside the house is asked. The last Delta names the model that answered, and its note. Raises InvalidInput
        where only those outside could answer, UnknownModel, and what ChatModel.chat and Ticket.lease do.
        """
        if self._known(name):
            self._model(name)
            find: Find = self._model
            wishes = self.card.wishes
            want = await wishes.chat(name, turns) if wishes else None
        else:
            find, want = await guest_of(self.upstreams, name, self.models, self.card.wishes)
        if local:
            want = kept_in(name, want, find)
        pieces: AsyncGenerator[Delta | Status, None]
        if want is not None:
            want = replace(want, holder=holder, prefers=stay.footprint if stay else "")
            pieces = self._asked(name, want, turns, options, find=find, stay=stay)
        else:  # straight to the model: each generator on the way takes 10 us of every reply
            if stay is not None:
                stay.footprint = ""
            pieces = talk(find(name), ELSEWHERE, turns, options)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def chore(
        self, chore: Chore, turns: Sequence[Turn], options: ChatOptions, *, local: bool = False
    ) -> AsyncGenerator[Delta | Status, None]:
        """What a model says to a chat page's own job: nobody is sent away for it, and nothing is loaded ahead.

        Raises NoRoom where the model would have to be loaded, and may not be; and what `chat` raises.
        """
        self._model(chore.model)
        wishes = self.card.wishes
        want = await wishes.chat(chore.model, turns, background=True) if wishes else None
        if local:
            want = kept_in(chore.model, want, self._model)
        if want is not None:
            ladder = tuple(rung for rung in want.ladder if rung.tenant)  # a spare computer is for people
            if not ladder or (self.card.leases is None and not chore.loads):
                raise NoRoom(f"nobody knows whether {chore.model} is in memory", cure="set gpu.enabled: true")
            want = replace(want, ladder=ladder, evicts=False, loads=chore.loads, deadline=CHORE_SECONDS)
        async with aclosing(self._asked(chore.model, want, turns, options, find=self._model)) as pieces:
            async for piece in pieces:
                yield piece

    async def _asked(
        self,
        name: str,
        want: Want | None,
        turns: Sequence[Turn],
        options: ChatOptions,
        *,
        find: Find,
        stay: Stay | None = None,
    ) -> AsyncGenerator[Delta | Status, None]:
        last = options.schema is None  # a choice of the next tool is followed by more

        async def work(lease: Lease) -> AsyncGenerator[Delta, None]:
            nonlocal last
            if stay is not None:
                stay.footprint = lease.rung.footprint if lease.rung.tenant else ""
            async with aclosing(talk(find(lease.rung.serve or name), lease, turns, options)) as deltas:
                async for delta in deltas:
                    last = last and not delta.calls
                    yield delta

        async with aclosing(self._used(want, work, ends=lambda: last)) as pieces:
            async for piece in pieces:
                yield piece

    def _known(self, name: str) -> bool:
        """Whether it is one of the configuration's models; where there is none at all, nobody is looked for."""
        return self._closed or not name or not self.models or name in self.models or name in self.card.serving

    def _model(self, name: str) -> ChatModel:
        if self._closed:  # a reply with tools may still be between two rounds
            raise Unreachable("the router was closed", cure="open it again")
        model = self.models.get(name) or self.card.serving.get(name)
        if model is None:
            raise Unreachable(
                "no chat model is available", cure="pip install 'pointsman[local]', then pointsman pull smollm2"
            )
        return model

    def draw(
        self, draw: Draw, decision: Decision | None = None, *, workflow: str = "", local: bool = False
    ) -> AsyncGenerator[Event, None]:
        """Pictures: for a message, of which `decision` is; else for a program, which may name a `workflow`.

        Raises InvalidInput where they are drawn outside the house, and what is to be drawn is `local`.
        """
        if local and self.card.paints_outside:
            raise leaves("the picture server", "images.comfyui.url")
        if decision is None:
            return drawing.asked(self.card, draw, self._used, self._clock, workflow=workflow)
        return drawing.told(self.card, draw, decision, self._used, self._clock)

    async def relay(self, place: Place, forward: Forward) -> Pieces:
        """A server's answer to a request for one of its models, once the card has room; who takes it closes it.

        It raises what `Ticket.lease` and `Upstream.relay` do. Raises InvalidInput, UnknownModel, Unreachable.
        """

        def used(want: Want | None, work: Work[Piece]) -> AsyncGenerator[Piece | Status, None]:
            wishes = self.card.wishes
            return self._used(replace(want, evicts=wishes.owns) if want and wishes else want, work)

        return await relayed(self.upstreams, place, forward, used)

    async def straight(
        self, name: str, message: Message, forward: Forward
    ) -> AsyncGenerator[Opened | bytes, None] | None:
        """A server's answer to a chat in its own language; None where the model needs the card, or our words."""
        model, wishes = self._model(name), self.card.wishes
        if model.note or (wishes and await wishes.chat(name, message.turns) is not None):
            return None
        place = await self.upstreams.place(name)
        if place is None or place.dialect != "openai":
            return None
        body = {**forward.body, "model": place.model}
        return self.upstreams.server(place).relay(place.model, replace(forward, body=body))

    async def _used(
        self, want: Want | None, work: Work[Piece], *, ends: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[Piece | Status, None]:
        """What `work` gives, under a lease where one is needed."""
        if want is not None and self._gives_way:
            yield Status(GIVING_WAY)
            await self.owner()
            # Whom the other one kept from owning the card, its end has made the owner.
            wishes = self.card.wishes
            want = replace(want, evicts=want.priority == "interactive" and (wishes is None or wishes.owns))
        leases = await self.owner() if want else None
        events: AsyncGenerator[Piece | Status, None]
        if want is None or leases is None:
            events = cast("AsyncGenerator[Piece | Status, None]", work(Lease("", want.best) if want else ELSEWHERE))
        else:
            events = leased(leases, want, work, ends=ends, told=self.told)
        async with aclosing(events):
            async for event in events:
                yield event

    async def close(self) -> None:
        """Lets go of the card, the models and the painters."""
        self._closed = True
        card = self._card or Card()
        models = {id(it): it for it in (*self.models.values(), *card.serving.values())}.values()
        try:
            async with AsyncExitStack() as closing:  # closes the rest, too, when one of them fails
                for it in (card.studio, *models, card.wishes, card.leases, self.upstreams):
                    if it is not None:
                        closing.push_async_callback(it.close)
        finally:
            if self._gives_way:  # the one before has the card still, so who comes next waits for both
                self._leaving = asyncio.ensure_future(self._leave())
            else:
                self.gone.set()

    async def _leave(self) -> None:
        if self._before is not None:
            await self._before.wait()
        self.gone.set()


async def talk(
    model: ChatModel, lease: Lease, turns: Sequence[Turn], options: ChatOptions
) -> AsyncGenerator[Delta, None]:
    """What a model says, and with its end who that was, and what is to be known of it."""
    async with aclosing(model.chat(turns, options)) as deltas:
        async for delta in deltas:
            if not delta.finish_reason:
                yield delta
                continue
            notes = [note for note in (lease.rung.note, lease.note, model.note) if note]
            yield replace(delta, model=model.name, note="; ".join(notes))
