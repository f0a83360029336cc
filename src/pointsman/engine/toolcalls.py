"""The calls of one reply: whether they may be made, for how long, and what came of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pointsman.core.errors import PointsmanError, ToolFailed
from pointsman.core.message import ToolCall
from pointsman.core.ports import Clock
from pointsman.core.reply import ToolUse
from pointsman.core.tool import ToolResult, ToolSpec
from pointsman.engine.agreement import Confirm
from pointsman.engine.toolbox import Laid

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 8
# One failure may be the model's mistake, which it corrects with the error's words; the second is not.
MOST_FAILURES: Final = 2
# Dice may be rolled again; what changes something is not done twice.
MOST_REPEATS: Final = 1
EXCERPT: Final = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one reply goes: `rounds` of calls, `seconds` of tools at work, `most_text` characters of one result."""

    rounds: int = 5
    seconds: float = 90.0
    most_text: int = 6_000


@dataclass(frozen=True, slots=True)
class Made:
    """A call and what came of it; `text` is for the model. Without a `result` it failed, or was not made."""

    call: ToolCall
    use: ToolUse
    text: str
    result: ToolResult | None = None
    error: PointsmanError | None = None


class Calls:
    """Makes the calls of one reply.

    `confirm` asks the person where one is there to be asked; `hold` keeps a call that waits for his word, and gives
    the code for it. Once something that strangers may have written was read (`tainted`), calls that change anything
    need his word.
    """

    def __init__(
        self,
        laid: Laid,
        limits: Limits,
        *,
        clock: Clock,
        hold: Callable[[ToolCall], str],
        confirm: Confirm | None = None,
    ) -> None:
        self.made: list[Made] = []
        self.waiting: list[tuple[ToolCall, str]] = []
        self._laid = laid
        self._limits = limits
        self._clock = clock
        self._hold = hold
        self._confirm = confirm
        self._spent = 0.0
        self._failures: Counter[str] = Counter()
        self.tainted = False

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What may still be called; nothing once the time is used up."""
        if self._spent >= self._limits.seconds:
            return ()
        return tuple(spec for name, spec in self._laid.specs.items() if self._failures[name] < MOST_FAILURES)

    async def make(self, call: ToolCall, *, asked_for: bool = False) -> Made:
        """Makes one call, unless it may not be made; never raises what a tool does.

        `asked_for` are calls that the person's own words ask for, or that he agreed to.
        """
        spec = self._laid.specs.get(call.name)
        if spec is None or self._failures[call.name] >= MOST_FAILURES:
            names = ", ".join(spec.name for spec in self.specs) or "none any more"
            return not_made(call, "refused", f"there is no tool called {call.name[:64]!r}; there are: {names}")
        if call.problem:
            return not_made(call, "failed", f"the arguments cannot be read: {call.problem}")
        if self._is_repeated(call, MOST_REPEATS if spec.effect == "reads" else 0):
            return not_made(call, "refused", "this was called before with the same arguments, and the result is above")
        if why := self._needs_a_word(spec, asked_for=asked_for):
            if self._confirm is None:
                if not any(written(it) == written(call) and it.name == call.name for it, _ in self.waiting):
                    self.waiting.append((call, self._hold(call)))
                return not_made(call, "refused", f"not done: {why}, and has been asked for it")
            if not await self._confirm(call, spec):
                return not_made(call, "refused", "not done: the person said no")
        return await self._called(call, spec)

    def keep(self, made: Made) -> None:
        """Keeps what came of a call, in the order in which the model is told."""
        self.made.append(made)
        if made.use.state == "failed":
            self._failures[made.call.name] += 1
        if made.result is not None:
            self.tainted = self.tainted or not made.result.trusted
        elif isinstance(made.error, ToolFailed):
            self.tainted = self.tainted or not made.error.trusted

    def at_once(self, calls: Sequence[ToolCall]) -> bool:
        """Whether calls can be made side by side: none changes anything."""
        specs = self._laid.specs
        return all(call.name not in specs or specs[call.name].effect == "reads" for call in calls)

    async def _called(self, call: ToolCall, spec: ToolSpec) -> Made:
        began = self._clock()
        seconds = min(spec.seconds, self._limits.seconds - self._spent)
        if seconds <= 0:
            return not_made(call, "failed", "no time is left for tools: answer with what is there")
        try:
            async with asyncio.timeout(seconds):
                result = checked(await self._laid.tools[call.name].call(call.arguments))
        except TimeoutError:
            error: PointsmanError = ToolFailed(
                f"{call.name} took longer than {seconds:g} s", cure="ask for less, or answer without it"
            )
        except PointsmanError as raised:
            error = raised
        except Exception as raised:
            logger.exception("the tool %s failed in a way that nobody foresaw", call.name)
            error = ToolFailed(f"{call.name} failed: {type(raised).__name__}", cure="answer without it")
        else:
            took = self._took(began)
            use = ToolUse(call, "done", result.text[:EXCERPT], took, result.sources)
            return Made(call, use, result.text, result)
        return not_made(call, "failed", worded(error), self._took(began), error)

    def _took(self, began: float) -> float:
        took = self._clock() - began
        self._spent += took
        return took

    def _needs_a_word(self, spec: ToolSpec, *, asked_for: bool) -> str:
        """Why the person has to agree to a call; "" when he need not."""
        if asked_for or spec.effect == "reads":
            return ""
        if spec.effect == "destroys":
            return "the person has to agree to what cannot be undone"
        if self.tainted:
            return "the person has to agree, as words of others were read before"
        return ""

    def _is_repeated(self, call: ToolCall, most: int) -> bool:
        """Whether the same was done more than so many times; else it goes round in circles."""
        same = [it for it in self.made if it.call.name == call.name and written(it.call) == written(call)]
        return sum(made.use.state == "done" for made in same) > most


def not_made(
    call: ToolCall,
    state: Literal["failed", "refused"],
    text: str,
    seconds: float = 0.0,
    error: PointsmanError | None = None,
) -> Made:
    """A call that came to nothing, and why."""
    return Made(call, ToolUse(call, state, text[:EXCERPT], seconds), text, None, error)


def checked(result: ToolResult) -> ToolResult:
    """What a tool brought. Raises TypeError where a plugin's brought something else."""
    if not isinstance(result, ToolResult):
        raise TypeError(f"{type(result).__name__} in place of a ToolResult")
    return result


def worded(error: PointsmanError) -> str:
    """An error as a model reads it."""
    return f"{error.message}. {error.cure}" if error.cure else error.message


def written(call: ToolCall) -> str:
    """A call's arguments as a text that is the same for the same arguments."""
    return json.dumps(call.arguments, sort_keys=True, default=str)
