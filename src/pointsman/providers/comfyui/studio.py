"""One ComfyUI and all the ways in which it draws: as configured, and with less of the card's memory."""

from __future__ import annotations

import asyncio
import random
import time
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
from pointsman.providers.comfyui.painter import TIMEOUT, ComfyPainter, Manner
from pointsman.providers.comfyui.policy import PicturePolicy
from pointsman.providers.comfyui.workflow import Weights, Workflow, load, read_shipped

# The side that a picture is shortened to when the card has no room for a larger one.
SMALL_SIDE: Final = 768
ON_PROCESSOR: Final = "encoder=cpu"
SIDE: Final = "side="
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
    def footprint(self) -> int | None: ...  # noqa: D102
    @property
    def text_encoder(self) -> Literal["card", "cpu"]: ...  # noqa: D102
    @property
    def device(self) -> str: ...  # noqa: D102


class Studio:
    """Names the rungs for what is to be drawn, and gives the painter for the one that the arbiter chose.

    All are one tenant, in variants: which files, where the text encoder runs, how many megapixels at once. `footprint`
    is what its owner says the workflow takes, in bytes; without it, it is guessed until it has been measured.
    """

    def __init__(
        self,
        client: ComfyClient,
        workflow: Workflow,
        *,
        limits: Limits | None = None,
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
        self._encoder_on_processor = encoder_on_processor and bool(workflow.bindings.encoder_device)
        self._footprint = footprint
        self._devices = (device,) if device else ()
        self._lighter: Workflow | None = None
        self._painting: dict[str, Any] = {
            "limits": self._limits, "policy": policy, "timeout": timeout, "chance": chance or random.Random(),
            "clock": clock, "sleep": sleep,
        }  # fmt: skip
        self._painters: dict[tuple[str, Manner], ComfyPainter] = {}

    @classmethod
    def from_config(cls, settings: Settings, *, policy: PicturePolicy | None = None) -> Self:
        """The studio that a configuration describes. Raises WorkflowError; ComfyUI is asked later."""
        return cls(
            ComfyClient(settings.url),
            load(settings.workflow, settings.given, settings.output),
            limits=Limits(
                settings.most_pictures, settings.most_side, settings.width or 0, settings.height or 0, settings.steps
            ),
            encoder_on_processor=settings.text_encoder == "cpu",
            footprint=settings.footprint,
            device=settings.device,
            policy=policy,
            timeout=settings.timeout,
        )

    async def survey(self) -> None:
        """Looks whether a lighter workflow can be drawn, too. Raises Unreachable, and WorkflowError for the own one."""
        await installed.require(self.client, self.workflow)
        if not self.workflow.lighter:
            return
        lighter = read_shipped(self.workflow.lighter)
        stats = await self.client.system_stats()
        there = stats.computes_int8 and not await installed.missing(self.client, lighter)
        self._lighter = lighter if there else None

    def ladder(self, draw: Draw) -> tuple[Rung, ...]:
        """The rungs for a drawing, best first. Raises BadField for a size that is not drawn here."""
        width, height = size_of(draw, self.workflow, self._limits)
        batch = draw.count if self.workflow.bindings.batch else 1
        best = self._weights(self.workflow)
        first = Manner(self._encoder_on_processor)
        rungs = [self._rung(self.workflow, first, (width, height, batch), "")]
        last, manner = self.workflow, first
        if not first.encoder_on_processor and best.encoder and self.workflow.bindings.encoder_device:
            manner = Manner(encoder_on_processor=True)
            rungs.append(self._rung(last, manner, (width, height, batch), NOTE_ENCODER))
        if self._lighter is not None:
            last, manner = self._lighter, Manner(encoder_on_processor=True)
            rungs.append(self._rung(last, manner, (width, height, batch), NOTE_LIGHTER))
        longer = max(width, height)
        if longer > SMALL_SIDE:
            small = (width * SMALL_SIDE // longer, height * SMALL_SIDE // longer, batch)
            note = NOTE_SIDE if last is self.workflow else f"{NOTE_LIGHTER}, {NOTE_SIDE}"
            rungs.append(self._rung(last, Manner(manner.encoder_on_processor, SMALL_SIDE), small, note))
        return tuple(rungs)

    def painter(self, rung: Rung) -> ComfyPainter:
        """The painter for a rung of this studio's ladders."""
        words = rung.variant.split(",")
        workflow = self._lighter if self._lighter and words[0] == key_of(self._lighter) else self.workflow
        side = next((int(it.removeprefix(SIDE)) for it in words if it.startswith(SIDE)), 0)
        manner = Manner(ON_PROCESSOR in words, side)
        found = self._painters.get((workflow.name, manner))
        if found is None:
            found = ComfyPainter(self.client, workflow, manner=manner, **self._painting)
            self._painters[workflow.name, manner] = found
        return found

    async def close(self) -> None:
        """Waits for what is being taken back, and closes the connections."""
        for painter in self._painters.values():
            await painter.close()
        await self.client.close()

    def _rung(self, workflow: Workflow, manner: Manner, size: tuple[int, int, int], note: str) -> Rung:
        drawn = footprints.megapixels(*size)
        words = [key_of(workflow)]
        words += [ON_PROCESSOR] if manner.encoder_on_processor else []
        words += [f"{SIDE}{manner.longest_side}"] if manner.longest_side else []
        return Rung(
            self.tenant,
            footprints.guess(self._weights(workflow), drawn, encoder_on_processor=manner.encoder_on_processor),
            ",".join([*words, f"mp={drawn:g}"]),
            serve=workflow.name,
            note=note,
            devices=self._devices,
        )

    def _weights(self, workflow: Workflow) -> Weights:
        if self._footprint is not None and workflow is self.workflow:
            return Weights(max(0, self._footprint - footprints.CONTEXT - footprints.WORKING))
        return workflow.weights or footprints.UNKNOWN


def key_of(workflow: Workflow) -> str:
    """What tells a workflow apart in what is learned: its name, and of one that is not shipped what is in it."""
    return workflow.name if workflow.weights else f"{workflow.name}#{workflow.fingerprint[:6]}"
