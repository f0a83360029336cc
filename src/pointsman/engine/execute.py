"""Carries a plan out: one step, its events, exactly one Done or Failed at the end."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import date

from pointsman.core.decision import Decision
from pointsman.core.errors import ModelFailed, NoValue, PointsmanError
from pointsman.core.message import Message, Turn
from pointsman.core.plan import LEFT_OUT, Chat, Chore, Compute, Draw, Plan, Say, Step
from pointsman.core.ports import ChatOptions, Clock, Delta
from pointsman.core.relay import Forward
from pointsman.core.reply import Calls, Done, Event, Failed, Status, Text
from pointsman.engine.agreement import Agreements, Confirm, Held
from pointsman.engine.conversation import lacking
from pointsman.engine.jobs import least_of
from pointsman.engine.sessions import Stay
from pointsman.engine.straight import Straight, begun
from pointsman.engine.toolbox import Toolbox
from pointsman.engine.toolcalls import Limits
from pointsman.engine.toolloop import Job, ToolLoop
from pointsman.engine.workshop import Workshop

logger = logging.getLogger(__name__)

Answer = Callable[[str], str]
"""Computes an expression, and says it with its value. Raises InvalidInput, NoValue."""


class Executor:
    """Walks a plan with the models and painters of a workshop, and tools.

    The tools of a `toolbox` are used within `limits`; `today` is the date that models are told with them. Models that
    are `wordless` are too small for tools: what these bring is told as it is. `agreements` hold calls that wait for a
    person's word.
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        answer: Answer,
        clock: Clock,
        toolbox: Toolbox | None = None,
        limits: Limits | None = None,
        today: Callable[[], date] = date.today,
        wordless: frozenset[str] = frozenset(),
        agreements: Agreements | None = None,
    ) -> None:
        self.workshop = workshop
        self.tools = ToolLoop(
            toolbox or Toolbox(),
            ask=self._ask,
            expect=workshop.expect,
            limits=limits or Limits(),
            agreements=agreements or Agreements(clock=clock),
            clock=clock,
            today=today,
            mark=lambda: secrets.token_hex(4),
            wordless=wordless,
        )
        self._answer = answer
        self._clock = clock
        self._stays: dict[str, Stay] = {}
        self._local: set[str] = set()  # decisions about what is to stay in the house

    async def straight(
        self, plan: Plan, message: Message, options: ChatOptions, forward: Forward, stay: Stay
    ) -> Straight | None:
        """The answer of the model's own server to the caller's own request, where nothing of ours goes into it.

        None where it has to be made by `run`. `stay` is changed to what answers.
        """
        step = plan.step
        if not isinstance(step, Chat) or (step.tools and not options.tools) or plan.notice or plan.remark:
            return None
        if message.local or self.tools.agreements.is_word(message):
            return None
        try:
            pieces = await self.workshop.straight(step.model, message, forward)
        except PointsmanError:  # `run` comes to the same, and says it
            return None
        direct = None if pieces is None else await begun(step.model, pieces, forward, self._clock)
        if direct is not None:
            stay.footprint = ""
        return direct

    async def run(
        self,
        plan: Plan,
        decision: Decision,
        message: Message,
        options: ChatOptions,
        confirm: Confirm | None = None,
        *,
        stay: Stay | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The events of a plan. Errors that we can name end it with Failed, never with an exception.

        `confirm` asks the person whether a tool may do what he has to agree to; without it he is asked for a word.
        `stay` is what answered the chat before, and is changed to what does now.
        """
        self._stays[decision.id] = stay or Stay()
        if message.local:
            self._local.add(decision.id)
        try:
            held = self.tools.agreements.take(message)
            for notice in filter(None, (plan.notice, plan.remark)) if held is None else ():
                yield Status(notice)
            notes = (plan.notice,) if plan.notice else ()
            job = Job(Chat(""), decision, message, options, confirm, notes, plan.remark)
            async with aclosing(self._agreed(held, job) if held else self._served(plan.step, job)) as events:
                async for event in events:
                    yield event
        except PointsmanError as error:
            yield Failed.of(error, decision)
        finally:
            self._stays.pop(decision.id, None)
            self._local.discard(decision.id)

    def _agreed(self, held: Held | str, job: Job) -> AsyncGenerator[Event, None]:
        """What came of the call that the person has agreed to, or why there is none."""
        if isinstance(held, Held) and job.message.local and held.toolset in self.tools.toolbox.reaching:
            return self._said(f"{held.call.name} was not run: {LEFT_OUT.format(names=held.toolset)}.", job.decision)
        return self._said(held, job.decision) if isinstance(held, str) else self.tools.agreed(held, job)

    def _served(self, step: Step, job: Job) -> AsyncGenerator[Event, None]:
        """What serves a step."""
        match step:
            case Say(text):
                return self._said(text, job.decision)
            case Compute(expression):
                return self._said(self._computed(expression), job.decision)
            case Draw() as draw:
                return self.workshop.draw(draw, job.decision, local=job.message.local)
            case Chore() as chore:
                return self._chore(chore, job)
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

    async def _chore(self, chore: Chore, job: Job) -> AsyncGenerator[Event, None]:
        """What a page's own job brings: of a model that may be asked, else the least; a page never waits in vain."""
        said = False
        if chore.model:
            turns = (*job.message.history, *job.message.turns)
            try:
                pieces = self.workshop.chore(chore, turns, job.options, local=job.message.local)
                async with aclosing(self._events(chore.model, pieces, job)) as events:
                    async for event in events:
                        said = said or isinstance(event, Text)
                        yield event
            except PointsmanError as error:
                if said:
                    raise
                logger.info("the job %s is done without a model: %s", chore.job, error.message)
            else:
                return
        async with aclosing(self._said(least_of(chore.job, job.message), job.decision)) as events:
            async for event in events:
                yield event

    def _chat(self, name: str, job: Job) -> AsyncGenerator[Event, None]:
        """What a model says, with Done. Raises what the model does."""
        if job.notes and name in self.tools.wordless:  # it would make up what the tools would have brought
            return self._said("; ".join(job.notes), job.decision)
        turns = (*job.message.history, *lacking(job.notes), *job.message.turns)
        stay = self._stays.get(job.decision.id)
        # Between two rounds with the caller's tools, the model is kept as it is between two with our own.
        holder = stay.chat if stay and job.options.tools else ""
        pieces = self.workshop.chat(name, turns, job.options, holder=holder, stay=stay, local=job.message.local)
        return self._events(name, pieces, job)

    def _ask(
        self, name: str, turns: Sequence[Turn], options: ChatOptions, *, holder: str = ""
    ) -> AsyncGenerator[Delta | Status, None]:
        """What a model says in one round of the reply to the decision `holder`."""
        stay, local = self._stays.get(holder), holder in self._local
        return self.workshop.chat(name, turns, options, holder=holder, stay=stay, local=local)

    async def _events(
        self, name: str, pieces: AsyncGenerator[Delta | Status, None], job: Job
    ) -> AsyncGenerator[Event, None]:
        """What a model says as events, with Done. Raises what the model does."""
        began = self._clock()
        async with aclosing(pieces):
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
                        footer=footer_of(job, piece.note),
                    )
                    return
        raise ModelFailed(
            f"{name} stopped without ending its reply", cure="ask again; if it stays so, pointsman doctor"
        )

    async def close(self) -> None:
        """Lets go of the workshop and the tools."""
        async with AsyncExitStack() as closing:  # closes the rest, too, when one of them fails
            closing.push_async_callback(self.tools.toolbox.close)
            closing.push_async_callback(self.workshop.close)


def footer_of(job: Job, note: str) -> str:
    """What stands under a reply; nothing in the shadow, where it is to read as if nobody stood between."""
    return "" if job.decision.mode == "shadow" else "; ".join(filter(None, (*job.notes, job.remark, note)))
