"""What is made of another picture: a workflow for each job, what it takes on the card, and who may not do it yet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from pointsman.core.errors import InvalidInput, WorkflowError
from pointsman.core.plan import Draw
from pointsman.providers.comfyui import footprints, installed
from pointsman.providers.comfyui.bindings import Given
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.sources import Source, SourceLimits, source_of
from pointsman.providers.comfyui.workflow import Weights, Workflow, read_file

logger = logging.getLogger(__name__)

# By how much an upscaler has more pixels, until it was measured: twice as many along each side.
UPSCALED: Final = 4
# How each is named in a sentence.
CALLED: Final[Mapping[str, str]] = {"edit": "editing", "vary": "varying", "upscale": "upscaling"}


class Setting(Protocol):
    """What a configuration says of a job; see config/images.py for what each means."""

    @property
    def workflow(self) -> Path: ...  # noqa: D102
    @property
    def given(self) -> Given: ...  # noqa: D102
    @property
    def output(self) -> str: ...  # noqa: D102
    @property
    def strength(self) -> float | None: ...  # noqa: D102
    @property
    def footprint(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its workflow; `strength` says how much of the picture is drawn anew, None leaves that to the workflow.

    `footprint` is what its owner says that it takes on the card, in bytes.
    """

    name: str
    workflow: Workflow
    strength: float | None = None
    footprint: int | None = None

    @property
    def weights(self) -> Weights:
        """What it takes besides what is computed, as far as anybody can know before it was measured."""
        return footprints.said(self.footprint) or footprints.supposed(self.workflow)

    def drawn(self, size: tuple[int, int], source: Source, batch: int) -> float:
        """How many megapixels are drawn at once; `size` is (0, 0) where that is the picture's."""
        width, height = size if all(size) else (source.width, source.height)
        return footprints.megapixels(width, height, batch * (UPSCALED if self.name == "upscale" else 1))


class Jobs:
    """The jobs that are set up; `limits` say how large a picture may come."""

    def __init__(self, jobs: Mapping[str, Job] | None = None, limits: SourceLimits | None = None) -> None:
        self.limits = limits or SourceLimits()
        self._jobs = dict(jobs or {})
        self._unfit: set[str] = set()
        self._fit: set[str] = set()

    @property
    def names(self) -> frozenset[str]:
        """Those that can be asked for: set up, and nothing that they need was found to be missing."""
        return frozenset(self._jobs) - self._unfit

    def __getitem__(self, name: str) -> Job:
        """The job of that name. Raises InvalidInput where no workflow is set for it."""
        if name in self._jobs:
            return self._jobs[name]
        raise InvalidInput(
            f"no workflow is set for {CALLED.get(name, name)} a picture",
            cure=f"set images.comfyui.jobs.{name} to a workflow that ComfyUI saved with Workflow > Export (API)",
        )

    def of(self, draw: Draw) -> tuple[Job, Source] | None:
        """What is to be made of which picture; None for a drawing of nothing but words. Raises InvalidInput."""
        if not draw.job and draw.source is None:
            return None
        if not draw.job:
            raise InvalidInput("it is not said what becomes of the picture", cure="say edit, vary or upscale")
        job = self[draw.job]
        if draw.source is None:
            raise InvalidInput(
                f"there is no picture to {job.name}", cure="send one with the message, as PNG, JPEG, WebP or GIF"
            )
        return job, source_of(draw.source, self.limits)

    async def survey(self, client: ComfyClient) -> None:
        """Looks which of them a ComfyUI can do; what one lacks is logged. Raises Unreachable."""
        for name in self._jobs:
            try:
                await self.ready(name, client)
            except WorkflowError as error:
                logger.warning("no picture can be made by %s: %s", CALLED.get(name, name), error)

    async def ready(self, name: str, client: ComfyClient) -> None:
        """Raises WorkflowError with all that a ComfyUI lacks for a job, which is looked for until nothing is missing.

        Raises Unreachable, too.
        """
        if name in self._fit:
            return
        try:
            await installed.require(client, self[name].workflow)
        except WorkflowError:
            self._unfit.add(name)
            raise
        self._fit.add(name)
        self._unfit.discard(name)


def jobs_from(settings: Mapping[str, Setting], limits: SourceLimits) -> Jobs:
    """The jobs that a configuration describes. Raises WorkflowError."""
    return Jobs({name: job_from(name, it) for name, it in settings.items()}, limits)


def job_from(name: str, setting: Setting) -> Job:
    """One of them. Raises WorkflowError, also for a strength that the workflow has no place for."""
    key = f"images.comfyui.jobs.{name}"
    workflow = read_file(setting.workflow, setting.given, setting.output, key=key, job=name)
    if setting.strength is not None and not workflow.bindings.denoise:
        raise WorkflowError(
            f"{setting.workflow}: where the strength goes was not found",
            cure=f"set {key}.bindings.denoise to its node and input, such as 3.denoise, or leave {key}.strength out",
        )
    return Job(name, workflow, setting.strength, setting.footprint)
