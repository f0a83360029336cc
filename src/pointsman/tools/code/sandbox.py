"""Runs Python of strangers: each run in a process of its own, which holds nothing and may do nothing but compute."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pointsman.core.errors import MissingExtra, ToolFailed
from pointsman.core.ports import Clock
from pointsman.tools.code import rlimits
from pointsman.tools.code.lastvalue import keeping_value, writing
from pointsman.tools.code.trouble import Limits, Trouble, died, stopped_for_output, trouble_of

if TYPE_CHECKING:
    from pydantic_monty import Monty, MontySession, ResourceLimits

logger = logging.getLogger(__name__)

Confine = Callable[[int, float, int], bool]
"""Puts the system's limits on a process: its id, seconds, bytes of memory."""

SECONDS: Final = 2.0
MEMORY: Final = 64_000_000
OUTPUT: Final = 20_000
WORKERS: Final = 2

# The interpreter looks at its clock between operations; one that is too long ends with its process, so much later.
GRACE: Final = 0.5
# A program may print more than is kept, so that its result is seen; but not without end.
FLOOD: Final = 50
MOST_CODE: Final = 50_000
MOST_VALUE: Final = 2_000
# Nothing outside is there to be asked, but looking for a name that does not exist counts, too.
SUSPENSIONS: Final = 1_000
KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    `printed` is the beginning of what it printed, of which `cut` more characters are not kept. `value` is its last
    expression's, written as Python does, "" for None and where there is none. It took `seconds`.
    """

    printed: str = ""
    cut: int = 0
    value: str = ""
    trouble: Trouble | None = None
    seconds: float = 0.0


class Attempt:
    """One run on its way: the process that it has while it has one, and what it printed. Two threads look at it."""

    def __init__(self, most: int) -> None:
        self.stopped = False
        self.printed: list[str] = []
        self.kept = 0
        self.heard = 0
        self._most = most
        self._pid: int | None = None
        self._lock = threading.Lock()

    @property
    def flooded(self) -> bool:
        """Whether it printed so much that it was stopped."""
        return self.heard > FLOOD * self._most

    def begin(self, pid: int | None) -> None:
        """It has a process from here on. Raises ToolFailed when nobody wants it any more."""
        with self._lock:
            if self.stopped:
                raise closing()
            self._pid = pid

    def end(self) -> None:
        """It has no process any more; its number may be another's soon."""
        with self._lock:
            self._pid = None

    def stop(self) -> None:
        """Ends its process, and lets none begin."""
        with self._lock:
            self.stopped = True
            if self._pid is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(self._pid, KILL)

    def hear(self, _: str, text: str) -> None:
        """Keeps the beginning of what it prints, and ends what prints without end."""
        self.heard += len(text)
        kept = text[: self._most - self.kept]
        if kept:
            self.printed.append(kept)
            self.kept += len(kept)
        if self.flooded:
            self.stop()

    def outcome(self, value: str, trouble: Trouble | None, seconds: float) -> Outcome:
        """What came of it."""
        return Outcome("".join(self.printed), self.heard - self.kept, value, trouble, seconds)


class Sandbox:
    """A pool of sandbox processes; the first run opens it.

    A run may take `seconds` of computing and `memory` bytes, and `output` characters of what it prints are kept.
    `workers` run at once, others wait. Every run has a process of its own, without environment, files, network or
    functions of ours, which ends with it. The interpreter is pydantic-monty, on which `confine` puts the limits of
    the system.
    """

    # Its blocking pool is used, in threads of ours: after runs of the asyncio one, 71 of 300 processes that ended right
    # then did so by SIGABRT (1.4, Python 3.11), and none of 500 with this one.
    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        output: int = OUTPUT,
        workers: int = WORKERS,
        clock: Clock = time.perf_counter,
        confine: Confine = rlimits.confine,
    ) -> None:
        self.limits = Limits(seconds, memory, output)
        self._workers = workers
        self._clock = clock
        self._confine = confine
        self._attempts: set[Attempt] = set()
        self._closed = False
        self._threads: ThreadPoolExecutor | None = None
        self._opening = threading.Lock()
        self._pool: Monty | None = None

    async def run(self, code: str) -> Outcome:
        """Runs a program and says what came of it; a wrong program has an outcome like any other.

        Raises MissingExtra, and ToolFailed when the sandbox cannot be started or is being closed, or the program is
        longer than any that a person reads. Cancelling it ends its process.
        """
        if len(code) > MOST_CODE:
            raise ToolFailed(f"the code has more than {MOST_CODE:,} characters", cure="shorten it")
        if self._closed:  # by a router that went while a reply was still made
            raise closing()
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="sandbox")
        attempt = Attempt(self.limits.output)
        self._attempts.add(attempt)
        try:
            return await asyncio.wrap_future(self._threads.submit(self._work, attempt, code))
        finally:
            self._attempts.discard(attempt)
            attempt.stop()  # where it is over, it has no process any more

    async def close(self) -> None:
        """Ends what runs and what waits; leaves no process and no thread of ours behind."""
        self._closed = True
        for attempt in self._attempts:
            attempt.stop()
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(self._shut, threads)

    def _work(self, attempt: Attempt, code: str) -> Outcome:
        """One run, in a thread that waits for it."""
        if attempt.stopped:
            raise closing()
        pool = self._opened()
        from pydantic_monty import MontyError

        try:
            with pool.checkout(limits=self._bounds(), os_policy={"sleep": "zero"}) as session:
                pid = session.worker_pid
                attempt.begin(pid)
                try:
                    if pid is not None:
                        self._confine(pid, self.limits.seconds, self.limits.memory)
                    return self._fed(session, attempt, code)
                finally:
                    attempt.end()
        except (MontyError, RuntimeError, OSError) as error:  # its words have paths of ours in them
            logger.warning("the sandbox could not be started: %s", error)
            raise ToolFailed(
                "the sandbox could not be started", cure="the log says why; pip install 'pointsman[code]' mends it"
            ) from None

    def _fed(self, session: MontySession, attempt: Attempt, code: str) -> Outcome:
        """Gives a process its program, and asks for the value."""
        from pydantic_monty import MontyCrashedError, MontyRuntimeError, MontySyntaxError

        code = code.replace("\r\n", "\n").replace("\r", "\n")
        program, valued = keeping_value(code)
        value, trouble = "", None
        began = self._clock()
        try:
            session.feed_run(program, print_callback=attempt.hear)
            if valued:
                value = shown(session.feed_run(writing(MOST_VALUE + 1), print_callback=attempt.hear))
        except (MontyRuntimeError, MontySyntaxError) as error:
            trouble = trouble_of(error, code, self.limits)
        except MontyCrashedError as error:
            if attempt.stopped and not attempt.flooded:
                raise closing() from None
            trouble = died(error, self.limits)
        if attempt.flooded:
            trouble = stopped_for_output(FLOOD * self.limits.output)
        return attempt.outcome(value, trouble, self._clock() - began)

    def _opened(self) -> Monty:
        """The pool, opened when it is first used."""
        with self._opening:
            if self._pool is None:
                try:
                    from pydantic_monty import Monty

                    pool = Monty(
                        min_processes=0,
                        max_processes=self._workers,
                        max_checkouts_per_worker=1,
                        request_timeout=self.limits.seconds + 2 * GRACE,
                        feed_duration_limit_grace=GRACE,
                    )
                    self._pool = pool.__enter__()
                except (ImportError, FileNotFoundError) as error:  # the interpreter is a package by itself
                    raise MissingExtra("code", "running code") from error
            return self._pool

    def _shut(self, threads: ThreadPoolExecutor) -> None:
        """Waits for the threads, whose runs were ended, and closes the pool after them."""
        threads.shutdown()
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)

    def _bounds(self) -> ResourceLimits:
        return {
            "max_feed_duration_secs": self.limits.seconds,
            "max_memory": self.limits.memory,
            "max_suspensions": SUSPENSIONS,
            "max_total_sleep_secs": 0.0,
        }


def shown(value: object) -> str:
    """A value as it was written out inside, with a sign where it goes on."""
    text = value if isinstance(value, str) else ""
    if text == "None":
        return ""
    return text if len(text) <= MOST_VALUE else f"{text[:MOST_VALUE]} ..."


def closing() -> ToolFailed:
    """The error of a run that nobody waits for any more."""
    return ToolFailed("the sandbox is being closed", cure="ask again")
