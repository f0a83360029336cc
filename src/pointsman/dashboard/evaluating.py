"""Runs one evaluation in the background, for everybody who looks at the page: how far it is, and what came of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pointsman.core.category import Catalogue
from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput, PointsmanError
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.observe.evaluation import Evaluation, Prediction, evaluate
from pointsman.observe.labelled import Labelled, read_labelled
from pointsman.stores.evaluations import Evaluations, Latest, Run

logger = logging.getLogger(__name__)

Judge = Callable[[Message], Awaitable[Decision]]
"""Decides about a message, and neither records that nor tells anybody."""

LARGEST: Final = 20_000_000  # bytes of a labelled file
MOST_PAUSE: Final = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Course:
    """How far an evaluation of a file is: `done` of `most` messages; `problem` says why it ended without a result."""

    name: str
    done: int = 0
    most: int = 0
    running: bool = True
    problem: str = ""


class Evaluator:
    """Asks the tiers about labelled messages, one at a time, with a pause as long as each took: others come first."""

    def __init__(
        self,
        judge: Judge,
        catalogue: Callable[[], Catalogue],
        kept: Evaluations,
        *,
        now: Clock = time.time,
        clock: Clock = time.perf_counter,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.course: Course | None = None
        self._judge = judge
        self._catalogue = catalogue
        self._kept = kept
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None

    def start(self, file: Path, name: str, *, remove: bool = False) -> None:
        """Begins with a file, which is called `name`; with `remove` it is deleted in the end.

        Raises InvalidInput while another evaluation runs.
        """
        if self._task is not None:
            raise InvalidInput("an evaluation is running already", cure="wait for it, or cancel it")
        self.course = Course(name)
        self._task = asyncio.create_task(self._run(file, name, remove=remove), name="pointsman evaluation")

    def cancel(self) -> None:
        """Ends the one that runs, if any; nothing of it is kept."""
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """Ends the one that runs."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, file: Path, name: str, *, remove: bool) -> None:
        course, problem = Course(name), ""
        try:
            catalogue = self._catalogue()
            labelled = await asyncio.to_thread(read, file, catalogue.names)
            made = await self._asked(labelled, name)
            paths = {it: catalogue.path_of(it) for it in catalogue.names}
            result = await asyncio.to_thread(evaluate, [it.gold for it in labelled], made, paths)
            await self._kept.keep(latest_of(result, name, self._now()))
        except asyncio.CancelledError:
            problem = "cancelled"
        except PointsmanError as error:
            said = error.message.replace(str(file), name)
            problem = f"{said} ({error.cure})" if error.cure else said
        except Exception as error:
            logger.exception("the evaluation of %s failed", name)
            problem = f"an unforeseen {type(error).__name__}; the log has more"
        finally:
            if remove:
                await asyncio.to_thread(file.unlink, missing_ok=True)
            course = self.course or course
            self.course = Course(name, course.done, course.most, running=False, problem=problem)
            self._task = None

    async def _asked(self, labelled: Sequence[Labelled], name: str) -> dict[str, Prediction]:
        made: dict[str, Prediction] = {}
        for number, row in enumerate(labelled):
            self.course = Course(name, number, len(labelled))
            began = self._clock()
            made[row.gold.id] = Prediction.of(await self._judge(row.message))
            await self._sleep(min(MOST_PAUSE, self._clock() - began))
        self.course = Course(name, len(labelled), len(labelled))
        return made


def read(file: Path, categories: Sequence[str]) -> list[Labelled]:
    """The labelled messages of a file. Raises InvalidInput, also for one that is too large."""
    try:
        size = file.stat().st_size
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be read: {error.strerror}", cure="give a readable file") from error
    if not file.is_file():  # a device may have no end
        raise InvalidInput(f"{file}: is not a file", cure="give a file of labelled messages")
    if size > LARGEST:
        raise InvalidInput(f"{file}: has {size:,} bytes", cure=f"give at most {LARGEST:,}; pointsman eval takes more")
    return read_labelled(file, categories)


def latest_of(result: Evaluation, name: str, at: float) -> Latest:
    """A result as it is kept."""
    overall = result.overall
    run = Run(at, name, overall.n, overall.accuracy, overall.path_error, result.ece)
    return Latest(run, result.to_dict())
