"""A chat model for tests: it says what it was told to say, or repeats what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from pointsman.core.errors import ModelFailed, PointsmanError
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions, Delta


class ScriptedModel:
    """Replies with `pieces`, one Delta each; without a script it echoes the last turn, word by word.

    `fail_after` raises `error` (a ModelFailed unless given) when so many pieces are out. `hold` is waited for
    before every piece. Tokens are counted as pieces, and as words of the turns. What happened is in `asked`
    (turns and options of every chat), `stopped` (chats that were closed before their end) and `closed`.
    """

    def __init__(
        self,
        pieces: Sequence[str] | None = None,
        *,
        name: str = "scripted",
        note: str = "",
        fail_after: int | None = None,
        error: PointsmanError | None = None,
        hold: asyncio.Event | None = None,
    ) -> None:
        self.name = name
        self.note = note
        self.asked: list[tuple[tuple[Turn, ...], ChatOptions]] = []
        self.stopped = 0
        self.closed = False
        self._pieces = pieces
        self._fail_after = fail_after
        self._error = error
        self._hold = hold

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """The script as a stream, cut at `options.max_tokens` pieces. Raises what it was told to raise."""
        self.asked.append((tuple(turns), options))
        script = echo(turns) if self._pieces is None else list(self._pieces)
        said = script if options.max_tokens is None else script[: options.max_tokens]
        done = False
        try:
            for count, piece in enumerate(said):
                self._fail_at(count)
                if self._hold:
                    await self._hold.wait()
                yield Delta(piece)
            self._fail_at(len(said))
            done = True
            reason = "stop" if len(said) == len(script) else "length"
            yield Delta("", reason, sum(len(turn.text.split()) for turn in turns), len(said))
        except PointsmanError:
            done = True
            raise
        finally:
            self.stopped += not done

    async def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True

    def _fail_at(self, count: int) -> None:
        if count == self._fail_after:
            raise self._error or ModelFailed(f"{self.name} broke off, as it was told to", cure="none: this is a test")


def echo(turns: Sequence[Turn]) -> list[str]:
    """The last turn's words, each but the first with the space before it."""
    words = turns[-1].text.split() if turns else []
    return [word if place == 0 else f" {word}" for place, word in enumerate(words)]
