"""One ComfyUI and all the ways in which it draws: as configured, and with less of the card's memory."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Protocol, Self

from pointsman.core.plan import Draw
from pointsman.core.ports import Clock
from pointsman.gpu.want import Rung
from pointsman.providers.comfyui import footprints, installed
from pointsman.providers.comfyui.asking import Limits, size_of
from pointsman.providers.comfyui.backend import NAME, ComfyBackend
from pointsman.providers.comfyui.bindings import Given
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.following import Sleep
from pointsman.providers.comfyui.jobs import Job, Jobs, Setting, jobs_from
from pointsman.providers.comfyui.painter import TIMEOUT, ComfyPainter, Manner
from pointsman.providers.comfyui.policy import PicturePolicy
from pointsman.providers.comfyui.sources import Source, SourceLimits
from pointsman.providers.comfyui.workflow import Weights, Workflow, load, read_shipped

# The side that a picture is shortened to when the card has no room for a larger one.
SMALL_SIDE: Final = 768
ON_PROCESSOR: Final = "encoder=cpu"
SIDE: Final = "side="
JOB: Final = "job="
NOTE_ENCODER: Final = "its text encoder runs on the processor, which takes some seconds more"
NOTE_LIGHTER: Final = "drawn with a smaller file of the model"
NOTE_SIDE: Final = f"{SMALL_SIDE} pixels along its longer side"


class Settings(Protocol):
    """What a configuration says of a ComfyUI; see config/images.py for what each means."""

    @property
    def url(self) -> str: ...  # noqa: D102
    @property
    def workflow(self) -> str | Path: ...  # noqa: D102
    @property
    def given(self) -> Given: ...  # noqa: D102
    @property
    def output(self) -> str: ...  # noqa: D102
    @property
    def timeout(self) -> float: ...  # noqa: D102
    @property
    def width(self) -> int | None: ...  # noqa: D102
    @property
    def height(self) -> int | None: ...  # noqa: D102
    @property
    def steps(self) -> int | None: ...  # noqa: D102
    @property
    def most_pictures(self) -> int: ...  # noqa: D102
    @property
    def most_side(self) -> int: ...  # noqa: D102
    @property
    def made_of_others(self) -> Mapping[str, Setting]: ...  # noqa: D102
    @property
    def most_source(self) -> int: ...  # noqa: D102
    @property
    def most_source_side(self) -> int: ...  # noqa: D102
    @property
    def footprint(self) -> int | None: ...  # noqa: D102
    @property
    def text_encoder(self) -> Literal["card", "cpu"]: ...  # noqa: D102
    @property
    def device(self) -> str: ...  # noqa: D102


class Studio:
    """Names the rungs for what is to be drawn, and gives the painter for the one that the arbiter chose.

    All are one tenant, in variants: which files, where the text encoder runs, how many megapixels at once. `footprint`
    is what its owner says the workflow takes, in bytes; without it, it is guessed until it has been measured. The
    workflows of `made_of_others` make pictures of other pictures, and take of the card what they need themselves.
    """

    def __init__(
        self,
        client: ComfyClient,
        workflow: Workflow,
        *,
        limits: Limits | None = None,
        made_of_others: Jobs | None = None,
        encoder_on_processor: bool = False,
        footprint: int | None = None,
        device: str = "",
        policy: PicturePolicy | None = None,
        timeout: float = TIMEOUT,
        chance: random.Random | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.client = client
        self.workflow = workflow
        self.tenant = f"{NAME}:{workflow.name}"
        self.backend = ComfyBackend(client, self.tenant, device=device)
        self._limits = limits or Limits()
        # What is configured for the ordinary workflow says nothing of the others.
        self._limits_of_jobs = Limits(self._limits.most_pictures, self._limits.most_side)
        self._jobs = made_of_others or Jobs()
        self._encoder_on_processor = encoder_on_processor
        self._footprint = footprint
        self._devices = (device,) if device else ()
        self._lighter: Workflow | None = None
        self._painting: dict[str, Any] = {
            "policy": policy, "jobs": self._jobs, "timeout": timeout, "chance": chance or random.Random(),
            "clock": clock, "sleep": sleep,
        }  # fmt: skip
        self._painters: dict[tuple[str, str, Manner], ComfyPainter] = {}

    @classmethod
    def from_config(cls, settings: Settings, *, policy: PicturePolicy | None = None) -> Self:
        """The studio that a configuration describes. Raises WorkflowError; ComfyUI is asked later."""
        return cls(
            ComfyClient(settings.url),
            load(settings.workflow, settings.given, settings.output),
            limits=Limits(
                settings.most_pictures, settings.most_side, settings.width or 0, settings.height or 0, settings.steps
            ),
            made_of_others=jobs_from(
                settings.made_of_others, SourceLimits(settings.most_source, settings.most_source_side)
            ),
            encoder_on_processor=settings.text_encoder == "cpu",
            footprint=settings.footprint,
            device=settings.device,
            policy=policy,
            timeout=settings.timeout,
        )

    @property
    def jobs(self) -> frozenset[str]:
        """What can be made of another picture: "edit", "vary", "upscale", as far as there is a workflow for it."""
        return self._jobs.names

    async def survey(self) -> None:
        """Looks whether a lighter workflow can be drawn, too, and which jobs can be done.

        Raises Unreachable, and WorkflowError for the own one.
        """
        await installed.require(self.client, self.workflow)
        await self._jobs.survey(self.client)
        if not self.workflow.lighter:
            return
        lighter = read_shipped(self.workflow.lighter)
        stats = await self.client.system_stats()
        there = stats.computes_int8 and not await installed.missing(self.client, lighter)
        self._lighter = lighter if there else None

    def ladder(self, draw: Draw) -> tuple[Rung, ...]:
        """The rungs for a drawing, best first. Raises BadField for a size that is not drawn here.

        Raises InvalidInput for a job without a workflow, and for a picture that another one cannot be made of.
        """
        if made := self._jobs.of(draw):
            return self._ladder_of(draw, *made)
        width, height = size_of(draw, self.workflow, self._limits)
        batch = draw.count if self.workflow.bindings.batch else 1
        drawn = footprints.megapixels(width, height, batch)
        best = self._weights(self.workflow)
        manner = self._first_manner(self.workflow)
        rungs = [self._rung(self.workflow, best, manner, drawn)]
        last = self.workflow
        if not manner.encoder_on_processor and best.encoder and self.workflow.bindings.encoder_device:
            manner = Manner(encoder_on_processor=True)
            rungs.append(self._rung(last, best, manner, drawn, NOTE_ENCODER))
        if self._lighter is not None:
            last, manner = self._lighter, Manner(encoder_on_processor=True)
            rungs.append(self._rung(last, self._weights(last), manner, drawn, NOTE_LIGHTER))
        if small := smaller_size(width, height):
            note = NOTE_SIDE if last is self.workflow else f"{NOTE_LIGHTER}, {NOTE_SIDE}"
            manner = Manner(manner.encoder_on_processor, SMALL_SIDE)
            rungs.append(self._rung(last, self._weights(last), manner, footprints.megapixels(*small, batch), note))
        return tuple(rungs)

    def _ladder_of(self, draw: Draw, job: Job, source: Source) -> tuple[Rung, ...]:
        """The rungs for a picture that is made of another one."""
        workflow, weights = job.workflow, job.weights
        size = size_of(draw, workflow, self._limits_of_jobs, source)
        batch = draw.count if workflow.bindings.batch else 1
        manner = self._first_manner(workflow)
        rungs = [self._rung(workflow, weights, manner, job.drawn(size, source, batch), job=job.name)]
        if small := smaller_size(*size):
            manner = Manner(manner.encoder_on_processor, SMALL_SIDE)
            drawn = job.drawn(small, source, batch)
            rungs.append(self._rung(workflow, weights, manner, drawn, NOTE_SIDE, job=job.name))
        return tuple(rungs)

    def painter(self, rung: Rung) -> ComfyPainter:
        """The painter for a rung of this studio's ladders."""
        words = rung.variant.split(",")
        said = {it.partition("=")[0] + "=": it.partition("=")[2] for it in words[1:]}
        job = said.get(JOB, "")
        own = self._lighter if self._lighter and words[0] == key_of(self._lighter) else self.workflow
        workflow = self._jobs[job].workflow if job else own
        manner = Manner(ON_PROCESSOR in words, int(said.get(SIDE, 0)))
        found = self._painters.get((job, workflow.name, manner))
        if found is None:
            limits = self._limits_of_jobs if job else self._limits
            found = ComfyPainter(self.client, workflow, manner=manner, limits=limits, **self._painting)
            self._painters[job, workflow.name, manner] = found
        return found

    async def close(self) -> None:
        """Waits for what is being taken back, and closes the connections."""
        for painter in self._painters.values():
            await painter.close()
        await self.client.close()

    def _first_manner(self, workflow: Workflow) -> Manner:
        return Manner(self._encoder_on_processor and bool(workflow.bindings.encoder_device))

    def _rung(
        self, workflow: Workflow, weights: Weights, manner: Manner, drawn: float, note: str = "", *, job: str = ""
    ) -> Rung:
        words = [key_of(workflow)]
        words += [f"{JOB}{job}"] if job else []
        words += [ON_PROCESSOR] if manner.encoder_on_processor else []
        words += [f"{SIDE}{manner.longest_side}"] if manner.longest_side else []
        return Rung(
            self.tenant,
            footprints.guess(weights, drawn, encoder_on_processor=manner.encoder_on_processor),
            ",".join([*words, f"mp={drawn:g}"]),
            serve=workflow.name,
            note=note,
            devices=self._devices,
        )

    def _weights(self, workflow: Workflow) -> Weights:
        own = footprints.said(self._footprint) if workflow is self.workflow else None
        return own or workflow.weights or footprints.UNKNOWN


def smaller_size(width: int, height: int) -> tuple[int, int] | None:
    """The size that a picture is shortened to where room is short; None where it is as small, or not known."""
    longer = max(width, height)
    return (width * SMALL_SIDE // longer, height * SMALL_SIDE // longer) if longer > SMALL_SIDE else None


def key_of(workflow: Workflow) -> str:
    """What tells a workflow apart in what is learned: its name, and of one that is not shipped what is in it."""
    return workflow.name if workflow.weights else f"{workflow.name}#{workflow.fingerprint[:6]}"
