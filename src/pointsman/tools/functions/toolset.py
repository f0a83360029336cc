"""Python functions as tools: the signature says what a model may give, the docstring what it is told."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import math
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic_core import to_json

from pointsman.core.errors import ConfigError, PointsmanError, ToolFailed
from pointsman.core.message import without_surrogates
from pointsman.core.tool import SECONDS, Effect, First, Occasion, ToolResult, ToolSpec
from pointsman.tools.functions import docstrings
from pointsman.tools.functions.arguments import arguments_of

logger = logging.getLogger(__name__)

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
DONE: Final = "done"
# A thread cannot be stopped: so many calls of one function may hang before no more are begun.
MOST_THREADS: Final = 8
LONGEST_REASON: Final = 300
QUOTED_PATH: Final = re.compile(r"""(['"])(?:~|[A-Za-z]:)?[\\/][^'"\n]*?([^'"\n\\/]*)\1""")
PATH: Final = re.compile(r"(?<![\w:/\\.])(?:~|[A-Za-z]:)?(?:[\\/][^\s'\"\\/:]+)+[\\/]([^\s'\"\\/:]+)")


class FunctionTool:
    """A Python function that a model may call.

    Its name and description are the function's own where none are given. `effect` says what a call does to the world,
    `seconds` how long it may take; `trusted` that no stranger wrote any of what it returns. A function that is not
    async runs in a thread of its own, which goes on when the call is given up: no thread can be stopped from outside.
    Raises ConfigError when a model cannot call it.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str = "",
        description: str = "",
        effect: Effect = "reads",
        seconds: float = SECONDS,
        trusted: bool = False,
    ) -> None:
        name = name or name_of(function)
        refuse_unusable(function, name, effect, seconds)
        self._function = function
        self._trusted = trusted
        self._arguments = arguments_of(function, name)
        self._busy = 0
        told = description or docstrings.first_paragraph(function) or name.replace("_", " ")
        self.spec = ToolSpec(name, told, self._arguments.schema(), effect, seconds)

    async def call(self, arguments: Mapping[str, Any], occasion: Occasion) -> ToolResult:
        """Calls the function with what a model wrote. Raises ToolFailed."""
        positional, named = self._arguments.read(arguments)
        given = (occasion, *positional) if self._arguments.occasion else tuple(positional)
        try:
            value = await self._ran(lambda: self._function(*given, **named))
            return self._result(value)
        except ToolFailed:
            raise
        except PointsmanError as error:
            raise ToolFailed(f"{self.spec.name}: {error.message}", cure=error.cure, trusted=self._trusted) from error
        except (Exception, SystemExit) as error:
            raise self._failed(error) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise self._failed(error) from error  # the function's own doing: nobody gave up this call

    async def _ran(self, work: Callable[[], Any]) -> Any:
        if is_async(self._function):
            return await work()
        if self._busy >= MOST_THREADS:
            raise ToolFailed(
                f"{self.spec.name} is still at work on {self._busy} earlier calls", cure="answer without it"
            )
        self._busy += 1
        value, error = await in_thread(work, self.spec.name, self._left)
        if isinstance(error, Exception):
            raise error
        if error is not None:
            raise self._failed(error) from error  # it asked for the end of its thread, not for ours
        return await value if inspect.isawaitable(value) else value

    def _left(self) -> None:
        self._busy -= 1

    def _result(self, value: Any) -> ToolResult:
        if isinstance(value, ToolResult):
            return value
        if value is None:
            return ToolResult(DONE, trusted=True)
        text = value if isinstance(value, str) else to_json(value, bytes_mode="base64", by_alias=True).decode()
        return ToolResult(without_surrogates(text), trusted=self._trusted)

    def _failed(self, error: BaseException) -> ToolFailed:
        logger.info("the tool %s failed", self.spec.name, exc_info=error)
        told = f"{self.spec.name} failed: {reason(error)}"
        return ToolFailed(told, cure="call it otherwise, or answer without it", trusted=self._trusted)


@dataclass(frozen=True, slots=True)
class Called:
    """A function on one occasion."""

    function: FunctionTool
    occasion: Occasion

    @property
    def spec(self) -> ToolSpec:
        """What it is."""
        return self.function.spec

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """What came of it. Raises ToolFailed."""
        return await self.function.call(arguments, self.occasion)


class FunctionTools:
    """One or several Python functions as a toolset, which categories call `name`.

    A plain function is taken as FunctionTool takes it, with the `effect`, `seconds` and `trusted` given here.
    Raises ConfigError.
    """

    def __init__(
        self,
        name: str,
        functions: Sequence[Callable[..., Any] | FunctionTool],
        *,
        effect: Effect = "reads",
        seconds: float = SECONDS,
        trusted: bool = False,
    ) -> None:
        self.name = name
        if not NAME.fullmatch(name):
            raise ConfigError(f"{name!r} cannot be the name of a tool", cure="use letters, digits, _ and -, at most 64")
        self.functions = tuple(
            function
            if isinstance(function, FunctionTool)
            else FunctionTool(function, effect=effect, seconds=seconds, trusted=trusted)
            for function in functions
        )
        names = [function.spec.name for function in self.functions]
        if twice := next((it for it in names if names.count(it) > 1), ""):
            raise ConfigError(f"{name}: two functions are called {twice}", cure="give one of them another name")

    def refusal(self, occasion: Occasion) -> str:
        """Nothing stands against it."""
        del occasion
        return ""

    async def tools(self, occasion: Occasion) -> Sequence[Called]:
        """The functions, on this occasion."""
        return [Called(function, occasion) for function in self.functions]

    def first(self, occasion: Occasion) -> First | None:
        """A message never asks for a function in so many words."""
        del occasion
        return None

    async def close(self) -> None:
        """Holds nothing; a thread that is still at work ends by itself, or with the program."""


def toolset_of(
    function: Callable[..., Any],
    *,
    name: str = "",
    description: str = "",
    effect: Effect = "reads",
    seconds: float = SECONDS,
    trusted: bool = False,
) -> FunctionTools:
    """One function as a toolset of its name. Raises ConfigError."""
    tool = FunctionTool(function, name=name, description=description, effect=effect, seconds=seconds, trusted=trusted)
    return FunctionTools(tool.spec.name, (tool,))


async def in_thread(work: Callable[[], Any], name: str, left: Callable[[], None]) -> tuple[Any, BaseException | None]:
    """What `work` returned or raised in a thread of its own; `left` is called in the loop when that has ended.

    A daemon thread and no pool: a pool's threads are waited for at the end of the program, also those that hang.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()
    context = contextvars.copy_context()

    def settle(value: Any, error: BaseException | None) -> None:
        left()
        if not future.done():
            future.set_result((value, error))

    def run() -> None:
        value, failed = None, None
        try:
            value = context.run(work)
        except BaseException as error:  # noqa: BLE001 - also a SystemExit is told to the one who waits
            failed = error
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(settle, value, failed)

    threading.Thread(target=run, name=f"tool-{name}", daemon=True).start()
    return await future


def name_of(function: Callable[..., Any]) -> str:
    """The name of a function, also under functools.partial."""
    while hasattr(function, "func"):
        function = function.func
    return str(getattr(function, "__name__", "") or type(function).__name__)


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to wait for."""
    called = getattr(function, "__call__", None)  # noqa: B004 - objects that can be called have an async one at times
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def refuse_unusable(function: Callable[..., Any], name: str, effect: str, seconds: float) -> None:
    """Refuses what no model can call. Raises ConfigError."""
    if not callable(function):
        raise ConfigError(f"the tool {name} is no function", cure="give a function")
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"a model cannot call a tool by the name of {name!r}",
            cure="give it a name of letters, digits, _ and -, at most 64, with name=",
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigError(f"the tool {name} yields, and has no result", cure="return a text, a list or a dict")
    if effect not in get_args(Effect):
        raise ConfigError(
            f"the tool {name}: there is no effect {effect!r}", cure=f"use one of: {', '.join(get_args(Effect))}"
        )
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigError(f"the tool {name}: seconds={seconds!r} is no time limit", cure="give a number above 0")


def reason(error: BaseException) -> str:
    """The type and the words of an exception, on one line, without the folders of the machine that it happened on."""
    words = " ".join(str(error).split())
    words = PATH.sub(r"\1", QUOTED_PATH.sub(r"\1\2\1", words))
    kind = type(error).__name__
    return f"{kind}: {words[:LONGEST_REASON]}" if words else kind
