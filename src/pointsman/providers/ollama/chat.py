"""A model of Ollama that talks, always set up in the same way, because another set of options would reload it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Protocol, Self

from pointsman.core.errors import InvalidInput, PointsmanError
from pointsman.core.house import answers_in_house
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.providers.ollama.asking import ChatAsk, ChatMessage, Manner, Setup, Think
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.keep_alive import ALONE, AT_ONCE, FOREVER
from pointsman.providers.ollama.options import RunnerOptions, asked_for
from pointsman.providers.ollama.pictures import picture_of
from pointsman.providers.ollama.said import Piece, Running
from pointsman.providers.openai_events import ended_by
from pointsman.providers.openai_tools import arranged, offered, tools_of

EFFORTS: Final[Mapping[str, Think]] = {
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "max": "max",
}


class Settings(Protocol):
    """The part of a configuration that describes a model of Ollama."""

    @property
    def model(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def context(self) -> int: ...  # noqa: D102
    @property
    def keep_alive(self) -> float | None: ...  # noqa: D102
    @property
    def think(self) -> Think: ...  # noqa: D102
    @property
    def given(self) -> Mapping[str, Any]: ...  # noqa: D102


class OllamaChat:
    """A chat model (`core.ports.ChatModel`) on an Ollama, called `name` by clients.

    The `setup` is fixed: model, context, layers on the card, keep-alive. `options` are the model's own where a
    caller says nothing. With `preloads`, a model that is not in memory is first loaded in a task of its own, so that
    somebody who loses patience does not have the load dropped that the next one needs; an arbiter has done that
    already. After a load, `note` says so where a part of the model lies in the computer's memory.
    """

    def __init__(
        self,
        ollama: Ollama,
        setup: Setup,
        *,
        name: str = "",
        note: str = "",
        think: Think = None,
        options: Mapping[str, Any] | None = None,
        preloads: bool = True,
    ) -> None:
        self.name = name or setup.model
        self.setup = setup
        self.note = note
        self.outside = not answers_in_house(ollama.url, (setup.model,))
        self._own_note = note
        self._ollama = ollama
        self._think = think
        self._options = dict(options or {})
        self._preloads = preloads and setup.keep_alive != AT_ONCE
        self._looked = False
        self._thinks_as_told = True

    @classmethod
    def from_config(cls, settings: Settings, ollama: Ollama, *, arbiter: bool, variant: str = "") -> Self:
        """The model that a configuration describes, in a `variant` of its load-time options such as ctx=4096,gpu=20.

        With an `arbiter`, which sends models away when their memory is wanted, it stays for ever unless the
        configuration says otherwise. Raises ConfigError.
        """
        runner, options = RunnerOptions.split(settings.given, num_ctx=settings.context)
        kept = settings.keep_alive if settings.keep_alive is not None else FOREVER if arbiter else ALONE
        return cls(
            ollama,
            Setup(settings.model, RunnerOptions.of_variant(variant, runner), kept),
            name=settings.name or "",
            think=settings.think,
            options=options,
            preloads=not arbiter,
        )

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """The reply in pieces, the last with the reason of its end and the token counts; thoughts are left out.

        Raises InputTooLarge, InvalidInput, ModelFailed, NoRoom, OutOfMemory, ToolsUnsupported, UnknownModel,
        Unreachable. Closing the iterator stops the model.
        """
        messages = list(map(message_of, arranged(turns, "")))
        if not messages:  # which would only load the model
            raise InvalidInput("there is nothing to answer", cure="send at least one message")
        cold = self._preloads and (await self._ollama.preload(self.setup)).cold
        called = False
        async with aclosing(self._pieces(messages, options)) as pieces:
            async for piece in pieces:
                called = called or bool(piece.tool_calls)
                if piece.text or piece.tool_calls:
                    yield Delta(piece.text, calls=piece.tool_calls)
                if (end := piece.end) is not None:
                    cold = end.cold or cold
                    await self._look(cold=cold)
                    # Ollama's own reason is "stop" where there are calls, too.
                    yield Delta("", ended_by(end.reason, called=called), end.prompt_tokens, end.tokens)

    async def close(self) -> None:
        """Closes the connections."""
        await self._ollama.close()

    async def _pieces(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncGenerator[Piece, None]:
        """The reply; a model that does not think as the caller wants it to thinks as it is set up."""
        wanted = EFFORTS.get(options.effort) if self._thinks_as_told else None
        if wanted is not None and wanted != self._think:
            try:
                async with aclosing(self._ollama.chat(self._asked(messages, options, wanted))) as pieces:
                    async for piece in pieces:
                        yield piece
            except InvalidInput as error:  # it is refused before it says anything
                if "think" not in error.message:
                    raise
                self._thinks_as_told = False
            else:
                return
        async with aclosing(self._ollama.chat(self._asked(messages, options, self._think))) as pieces:
            async for piece in pieces:
                yield piece

    def _asked(self, messages: Sequence[ChatMessage], options: ChatOptions, think: Think) -> ChatAsk:
        said = asked_for(options, self._options, most=self.setup.runner.num_ctx)
        form = options.schema if options.schema is not None else "json" if options.json else None
        # An answer to half of a conversation is worse than none: Ollama would cut it and say nothing.
        manner = Manner(options=said, think=think, format=form, truncate=False)
        return ChatAsk(self.setup, messages, manner, tools_of(offered(options)))

    async def _look(self, *, cold: bool) -> None:
        """Looks where the model lies, which only a load changes, and notes what is not on the card."""
        if self._looked and not cold:
            return
        try:
            running = await self._ollama.is_loaded(self.setup.model)
        except PointsmanError:  # the reply is there, and not worth less for it
            return
        self._looked = running is not None
        spilled = spill_note(self.name, running) if running is not None else ""
        self.note = "; ".join(filter(None, (self._own_note, spilled)))


def message_of(turn: Turn) -> ChatMessage:
    """A turn as Ollama's own routes have it. Raises InvalidInput for a picture that is not in it itself."""
    return ChatMessage(
        turn.role,
        turn.text,
        images=tuple(picture_of(it) for it in turn.attachments if it.is_image),
        tool_calls=turn.calls,
        tool_name=turn.tool,
        tool_call_id=turn.call_id,
    )


def spill_note(name: str, running: Running) -> str:
    """What to tell about a model of which a part is not on the card; "" where all of it is."""
    if not running.spilled:
        return ""
    if not running.on_card:
        return f"{name} runs on the processor alone, many times slower than on the card"
    share = running.on_card / running.size
    return f"only {share:.0%} of {name} fitted on the card, so it is several times slower than it could be"
