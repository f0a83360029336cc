"""A chat model for tests: it says what it was told to say, calls tools, or repeats what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from pointsman.core.errors import ModelFailed, PointsmanError, ToolsUnsupported
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatOptions, Delta

Script = Sequence[str | ToolCall]
"""What a model says in one chat, piece by piece, and the tools that it wants called."""
Author = Callable[[Sequence[Turn], ChatOptions], Script]
"""Who writes the script of each chat, from what is asked."""


class ScriptedModel:
    """Replies with `pieces`, one Delta each; without a script it echoes the last turn, word by word.

    `pieces` may hold ToolCalls, or be an Author, who is asked for them in every chat; `rounds` has the pieces of each
    chat in turn, and one chat more than that fails. With `tools` False it raises ToolsUnsupported where it is given
    any, and with `outside` it stands for one outside the house. `fail_after` raises `error` (a ModelFailed unless
    given) when so many pieces are out. `hold` is waited for before every piece. Tokens are counted as pieces, and as
    words of the turns. What happened is in `asked` (turns and options of every chat), `stopped` (chats that were
    closed before their end) and `closed`.
    """

    def __init__(
        self,
        pieces: Script | Author | None = None,
        *,
        rounds: Sequence[Script] | None = None,
        name: str = "scripted",
        note: str = "",
        outside: bool = False,
        tools: bool = True,
        fail_after: int | None = None,
        error: PointsmanError | None = None,
        hold: asyncio.Event | None = None,
    ) -> None:
        self.name = name
        self.note = note
        self.outside = outside
        self.asked: list[tuple[tuple[Turn, ...], ChatOptions]] = []
        self.stopped = 0
        self.closed = False
        self._pieces = pieces
        self._rounds = None if rounds is None else list(rounds)
        self._tools = tools
        self._fail_after = fail_after
        self._error = error
        self._hold = hold

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """The script as a stream, cut at `options.max_tokens` pieces. Raises what it was told to raise."""
        self.asked.append((tuple(turns), options))
        if options.tools and not self._tools:
            raise ToolsUnsupported(f"{self.name} calls no tools, as it was told", cure="none: this is a test")
        script = self._script(turns, options)
        said = script if options.max_tokens is None else script[: options.max_tokens]
        done = False
        try:
            for count, piece in enumerate(said):
                self._fail_at(count)
                if self._hold:
                    await self._hold.wait()
                yield Delta(calls=(piece,)) if isinstance(piece, ToolCall) else Delta(piece)
            self._fail_at(len(said))
            done = True
            yield Delta("", reason_of(said, script), sum(len(turn.text.split()) for turn in turns), len(said))
        except PointsmanError:
            done = True
            raise
        finally:
            self.stopped += not done

    async def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True

    def _script(self, turns: Sequence[Turn], options: ChatOptions) -> list[str | ToolCall]:
        """What it says in this chat; one that was refused for its tools takes no script."""
        if self._rounds is not None:
            if not self._rounds:
                told = f"{self.name} was asked {len(self.asked)} times, and has no script for the last"
                raise ModelFailed(told, cure="none: this is a test")
            return list(self._rounds.pop(0))
        if callable(self._pieces):
            return list(self._pieces(turns, options))
        return echo(turns) if self._pieces is None else list(self._pieces)

    def _fail_at(self, count: int) -> None:
        if count == self._fail_after:
            raise self._error or ModelFailed(f"{self.name} broke off, as it was told to", cure="none: this is a test")


def reason_of(said: Script, script: Script) -> str:
    """Why a reply ended, as servers word it."""
    if len(said) < len(script):
        return "length"
    return "tool_calls" if any(isinstance(piece, ToolCall) for piece in said) else "stop"


def echo(turns: Sequence[Turn]) -> list[str | ToolCall]:
    """The last turn's words, each but the first with the space before it."""
    words = turns[-1].text.split() if turns else []
    return [word if place == 0 else f" {word}" for place, word in enumerate(words)]
