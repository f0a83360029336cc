"""One reply in the making: what the message asks for first, rounds of calls, the answer with its sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from pointsman.core.errors import InputTooLarge, PointsmanError, ToolFailed, ToolsUnsupported
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.core.reply import Done, Event, Status, Text, ToolUse
from pointsman.core.tool import First, Source, ToolResult, ToolSpec
from pointsman.engine import toolwords
from pointsman.engine.conversation import Conversation
from pointsman.engine.imageless import Imageless
from pointsman.engine.toolcalls import MOST_AT_ONCE, Calls

if TYPE_CHECKING:
    from pointsman.engine.toolloop import Job, ToolLoop

# A choice among tools is some words of JSON; what is longer has lost its way.
CHOICE_TOKENS: Final = 512
# Nobody agrees to what he does not see; of more, the person is told that there is more.
MOST_GIVEN: Final = 2_000
MOST_LETTERS: Final = 1_000_000

Manner = Literal["native", "choosing", "answering"]
"""How a model is asked: with tools of its own, for its choice in JSON, or only for its answer."""


class Reply:
    """One reply in the making."""

    def __init__(
        self, loop: ToolLoop, job: Job, calls: Calls, *, has_tools: bool, lacking: tuple[str, ...] = ()
    ) -> None:
        self._loop = loop
        self._job = job
        self._calls = calls
        self._began = loop.clock()
        mark = loop.mark()
        today = loop.today() if has_tools else None
        most = loop.limits.most_text
        self._talk = Conversation(job.message, today=today, mark=mark, most=most, notes=lacking)
        self._wordless = job.chat.model in loop.wordless
        self._manner: Manner = "answering" if self._wordless else "native"
        self._said = ""
        self._last = Delta()
        self._tokens = (0, 0)

    async def events(self, first: First | None) -> AsyncGenerator[Event, None]:
        """The first call, the rounds, the end."""
        if first is not None:
            async with aclosing(self._ahead(first)) as events:
                async for event in events:
                    yield event
        if first is None or not first.answers:
            async with aclosing(self._worded()) as events:
                async for event in events:
                    yield event
        if ending := self._ending():
            yield Text(ending)
        read, written = self._tokens
        yield Done(
            self._job.decision,
            model=self._last.model,
            seconds=self._loop.clock() - self._began,
            prompt_tokens=read,
            completion_tokens=written,
            finish_reason="length" if self._last.finish_reason == "length" else "stop",
            footer="; ".join(filter(None, (*self._job.notes, self._job.remark, self._last.note))),
        )

    async def _ahead(self, first: First) -> AsyncGenerator[Event, None]:
        """What the message asks for in so many words, while the model that will be needed comes up."""
        loading = None if first.answers else asyncio.ensure_future(self._loop.expect(self._job.chat))
        call = replace(first.call, id=first.call.id or "call_0")
        try:
            async with aclosing(self._make([call], asked_for=True)) as events:
                async for event in events:
                    yield event
        finally:
            if loading is not None:
                loading.cancel()
                await asyncio.gather(loading, return_exceptions=True)
        made = self._calls.made[-1]
        if not first.answers:
            self._talk.add("", (made,))
        elif made.result is None:
            raise made.error or ToolFailed(made.text, cure="say it again")
        else:
            yield Text(shown(made.result))

    async def _worded(self) -> AsyncGenerator[Event, None]:
        """The model's answer; without a model that answers, or can, what was found."""
        if self._wordless and self._calls.made:
            self._said = self._found or self._calls.made[-1].text
            yield Text(self._said)
            return
        try:
            async with aclosing(self._rounds()) as events:
                async for event in events:
                    yield event
        except PointsmanError as error:
            if self._spoke or not self._found:
                raise
            self._said = self._found
            yield Text(f"No model could put this into words ({error.message}). This is what was found:\n\n")
            yield Text(self._found)
        if self._spoke:
            return
        if self._found:  # some models call tools and then say nothing
            yield Text(self._found)
        elif self._calls.made and not self._calls.waiting:
            last = self._calls.made[-1]
            raise last.error or ToolFailed(last.text, cure="say it again")

    async def _rounds(self) -> AsyncGenerator[Event, None]:
        """Rounds of a model that asks for tools, until it answers."""
        rounds = 0
        while True:
            specs = self._calls.specs if rounds < self._loop.limits.rounds else ()
            wanted: list[ToolCall] = []
            before = len(self._said)
            manner = self._manner if specs or self._manner == "native" else "answering"
            try:
                async with aclosing(self._round(manner, specs, wanted)) as events:
                    async for event in events:
                        yield event
            except ToolsUnsupported:
                if self._manner != "native":
                    raise
                self._manner = "answering" if self._enough else "choosing"
                continue
            except InputTooLarge:
                if len(self._said) > before or not self._talk.shorten():
                    raise
                continue
            if not wanted and manner == "choosing":
                self._manner = "answering"
                continue
            if not (wanted and specs):
                return
            rounds += 1
            numbered = [replace(call, id=call.id or f"call_{rounds}_{at}") for at, call in enumerate(wanted)]
            done = len(self._calls.made)
            async with aclosing(self._make(numbered)) as events:
                async for event in events:
                    yield event
            self._talk.add(self._said[before:], tuple(self._calls.made[done:]))

    async def _round(
        self, manner: Manner, specs: Sequence[ToolSpec], wanted: list[ToolCall]
    ) -> AsyncGenerator[Event, None]:
        """What a model says in one round; the calls that it wants are put into `wanted`."""
        turns, options = self._asked(manner, tuple(specs))
        choice = ""
        shown = Imageless() if self._calls.tainted else None
        separate = bool(self._said)
        pieces = self._loop.ask(self._job.chat.model, turns, options, holder=self._job.decision.id)
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Status):
                    yield piece
                    continue
                wanted += piece.calls
                said = piece.text
                if manner == "choosing":
                    choice, said = choice + said, ""
                elif shown is not None:
                    said = shown.feed(said) + (shown.end() if piece.finish_reason else "")
                if said:
                    text = f"\n\n{said}" if separate else said
                    separate = False
                    self._said += text
                    yield Text(text)
                if piece.finish_reason:
                    self._end(piece)
        if manner == "choosing" and (call := toolwords.chosen(choice)) is not None:
            wanted.append(call)

    def _asked(self, manner: Manner, specs: tuple[ToolSpec, ...]) -> tuple[tuple[Turn, ...], ChatOptions]:
        options = self._job.options
        if manner == "native":
            return self._talk.native(), replace(options, tools=specs)
        if manner == "answering":
            return self._talk.answering(), options
        schema = toolwords.choice_schema(specs)
        strict = replace(options, max_tokens=CHOICE_TOKENS, temperature=0.0, stop=(), schema=schema)
        return self._talk.choosing(toolwords.choice_prompt(specs)), strict

    async def _make(self, calls: Sequence[ToolCall], *, asked_for: bool = False) -> AsyncGenerator[Event, None]:
        """Makes calls, side by side where none changes anything; what came of each is told in their order."""
        calls = calls[:MOST_AT_ONCE]
        for call in calls:
            yield ToolUse(call, "running")
        if not self._calls.at_once(calls):
            for call in calls:
                made = await self._calls.make(call, asked_for=asked_for)
                self._calls.keep(made)
                yield made.use
            return
        tasks = [asyncio.ensure_future(self._calls.make(call, asked_for=asked_for)) for call in calls]
        try:
            for task in tasks:
                made = await task
                self._calls.keep(made)
                yield made.use
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, piece: Delta) -> None:
        read, written = self._tokens
        self._tokens = (read + piece.prompt_tokens, written + piece.completion_tokens)
        self._last = piece

    @property
    def _spoke(self) -> bool:
        """Whether the model said anything; some say an empty line before they call a tool."""
        return bool(self._said.strip())

    @property
    def _enough(self) -> bool:
        """Whether what the message asked for was found, so that a weak model need not choose any tool itself."""
        return any(made.result is not None and not made.result.empty for made in self._calls.made)

    @property
    def _found(self) -> str:
        """What the tools brought, for a person; "" when they brought nothing."""
        return "\n\n".join(shown(made.result) for made in self._calls.made if made.result is not None)

    @property
    def _sources(self) -> list[Source]:
        """Every page once, in the order in which they were found, which is how results number them; then the others."""
        results = [made.result for made in self._calls.made if made.result is not None]
        listed: dict[str, Source] = {}
        for result in sorted(results, key=lambda it: not it.numbered):
            for source in result.sources:
                listed.setdefault(source.url, source)
        return list(listed.values())

    def _ending(self) -> str:
        """What stands under the answer: the sources, and what waits for the person's word."""
        parts = [toolwords.sources_of(self._said, self._sources, self._job.decision.language)] if self._spoke else []
        parts += [waiting(call, code) for call, code in self._calls.waiting]
        return "".join(parts)


def waiting(call: ToolCall, code: str) -> str:
    """How a person lets a call go that waits for his word."""
    given = toolwords.line(", ".join(f"{name}={value!r}" for name, value in call.arguments.items()), MOST_LETTERS)
    more = len(given) - MOST_GIVEN
    given = f"{given[:MOST_GIVEN]} ... and {more:,} more characters" if more > 0 else given
    return f"\n\n`{call.name}({given})` was not run: it needs your word. To let it, answer: confirm {code}"


def shown(result: ToolResult) -> str:
    """What a person reads of a result; a tool that words that itself has seen to what strangers wrote in it."""
    return result.shown if result.said or result.trusted else toolwords.plain(result.shown)
