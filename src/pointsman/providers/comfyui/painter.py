"""Draws with ComfyUI: one workflow, submitted, followed, fetched; taken back when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from pointsman.core.errors import PictureFailed, PictureRefused, PointsmanError
from pointsman.core.plan import Draw
from pointsman.core.ports import Clock
from pointsman.core.reply import Picture, Progress, Status
from pointsman.providers.comfyui.asking import MOST_SEED, Limits, smaller, values_of
from pointsman.providers.comfyui.client import ComfyClient, Ended, Stored
from pointsman.providers.comfyui.following import Following, Sleep
from pointsman.providers.comfyui.jobs import Jobs
from pointsman.providers.comfyui.policy import EverythingGoes, PicturePolicy
from pointsman.providers.comfyui.workflow import Values, Workflow

TIMEOUT: Final = 300.0
# A prompt that runs stops between two operations, 13 to 113 ms after it was told to on a processor; while a model is
# loaded it does not listen at all, and then it is not waited for any longer.
STOP_LOOKS: Final = 10
STOP_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Manner:
    """How a workflow is drawn with less memory: its text encoder on the processor, its longer side shortened."""

    encoder_on_processor: bool = False
    longest_side: int = 0


class ComfyPainter:
    """A painter (`core.ports.Painter`) that draws one workflow on one ComfyUI.

    `chance` draws seeds where none is given. `timeout` is how many seconds may pass without anything happening. With
    the workflow of one of the `jobs` it makes pictures of other ones, and only that job.
    """

    def __init__(
        self,
        client: ComfyClient,
        workflow: Workflow,
        *,
        limits: Limits | None = None,
        manner: Manner | None = None,
        policy: PicturePolicy | None = None,
        jobs: Jobs | None = None,
        timeout: float = TIMEOUT,
        chance: random.Random | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.name = workflow.name
        self._client = client
        self._workflow = workflow
        self._limits = limits or Limits()
        self._manner = manner or Manner()
        self._policy = policy or EverythingGoes()
        self._jobs = jobs or Jobs()
        self._timeout = timeout
        self._chance = chance or random.Random()
        self._clock = clock
        self._sleep = sleep
        self._new_id = new_id
        self._leaving: set[asyncio.Task[None]] = set()

    async def draw(self, draw: Draw) -> AsyncGenerator[Status | Progress | Picture, None]:
        """The way to the pictures, then each of them; closing the iterator takes the prompt back, or stops it.

        Raises PictureRefused for what is not drawn here, BadField, InvalidInput for a picture that cannot be taken,
        WorkflowError, OutOfMemory, PictureFailed and Unreachable.
        """
        if reason := self._policy.allows(draw):
            raise PictureRefused(reason, cure="ask for something else, or see images.refuse in the configuration")
        values = await self._values(draw)
        if self._manner.longest_side and values.width:
            values = smaller(values, self._manner.longest_side)
        for status in remarks(draw, self._workflow):
            yield status
        shown = held_back = 0
        for part in parts(values, self._workflow):
            async with aclosing(self._drawn(part)) as events:
                async for event in events:
                    if isinstance(event, Picture):
                        if reason := await asyncio.to_thread(self._policy.looks, event):
                            held_back += 1
                            yield Status(f"a picture is not shown: {reason}")
                            continue
                        shown += 1
                    yield event
        if held_back and not shown:
            raise PictureRefused("no picture of it is shown here", cure="ask for something else")

    async def _values(self, draw: Draw) -> Values:
        """What is set in the workflow; a picture that another one is made of is sent to ComfyUI."""
        # Decoding 16 MB takes 50 ms.
        made = await asyncio.to_thread(self._jobs.of, draw) if draw.source or draw.job else None
        if made is None:
            return values_of(draw, self._workflow, self._limits, self._chance)
        job, source = made
        values = values_of(draw, self._workflow, self._limits, self._chance, source)
        await self._jobs.ready(job.name, self._client)
        sent = await self._client.upload(source.data, source.filename, source.media_type)
        return replace(values, image=sent.loaded_as, denoise=job.strength)

    async def close(self) -> None:
        """Waits for what is being taken back. The client is closed by whoever made it."""
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _drawn(self, values: Values) -> AsyncGenerator[Status | Progress | Picture, None]:
        """One prompt, from the queue to its pictures."""
        graph = self._workflow.filled(values, encoder_on_processor=self._manner.encoder_on_processor)
        client_id, prompt_id = self._new_id(), self._new_id()
        # Connected first, so that no event is missed.
        socket = await self._client.listen(client_id)
        following = Following(
            self._client,
            socket,
            prompt_id,
            client_id,
            name=self.name,
            loaders=self._workflow.loaders,
            timeout=self._timeout,
            clock=self._clock,
            sleep=self._sleep,
        )
        submitting = asyncio.ensure_future(
            self._client.submit(graph, prompt_id, client_id, name=self.name, source=self._workflow.source)
        )
        ended: Ended | None = None
        try:
            following.prompt_id = await asyncio.shield(submitting)
            async with aclosing(following.events()) as events:
                async for event in events:
                    if isinstance(event, Ended):
                        ended = event
                    else:
                        yield event
            for picture in self._pictures_of(ended):
                data, media_type = await self._client.view(picture)
                yield Picture(data, media_type, values.seed)
        finally:
            await self._to_its_end(self._leave(following, submitting))

    def _pictures_of(self, ended: Ended | None) -> Sequence[Stored]:
        """Where the pictures lie. Raises PictureFailed for none."""
        stored = ended.outputs.get(self._workflow.bindings.output, ()) if ended else ()
        if not stored:
            raise PictureFailed(
                f"{self.name}: node {self._workflow.bindings.output} put out no picture",
                cure="does the workflow save one in ComfyUI itself? images.comfyui.output names the node",
            )
        return stored

    async def _leave(self, following: Following, submitting: asyncio.Task[str]) -> None:
        """Closes the connection, and leaves no prompt behind that nobody waits for."""
        await following.close()
        await asyncio.wait({submitting})  # taking back what is still on its way there would come too early
        if submitting.cancelled() or submitting.exception() is not None:
            return
        if not following.ended:
            with suppress(PointsmanError):
                await withdraw(self._client, submitting.result(), self._sleep)

    async def _to_its_end(self, leaving: Coroutine[Any, Any, None]) -> None:
        """Does it to its end, also when whoever waits is cancelled meanwhile."""
        task = asyncio.ensure_future(leaving)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        await asyncio.shield(task)


async def withdraw(client: ComfyClient, prompt_id: str, sleep: Sleep) -> None:
    """Takes a prompt out of the queue, or stops it; returns when it is gone, or does not listen for two seconds."""
    await client.delete(prompt_id)
    for _ in range(STOP_LOOKS):
        queue = await client.queue()
        if not queue.holds(prompt_id):
            return
        # Again each time: a prompt that begins just now forgets that it was to stop. Only one that runs, as an old
        # ComfyUI would stop whichever does.
        if prompt_id in queue.running:
            await client.interrupt(prompt_id)
        else:
            await client.delete(prompt_id)
        await sleep(STOP_SECONDS)


def parts(values: Values, workflow: Workflow) -> Iterator[Values]:
    """The prompts that make the pictures: one where the workflow draws several at once, else one for each seed."""
    if values.batch == 1 or workflow.bindings.batch:
        yield values
        return
    for n in range(values.batch):
        yield replace(values, batch=1, seed=(values.seed + n) % (MOST_SEED + 1))


def remarks(draw: Draw, workflow: Workflow) -> Iterator[Status]:
    """What was asked for and cannot be done with a workflow."""
    if draw.negative and not workflow.bindings.negative:
        yield Status(f"{workflow.name} takes no negative prompt; left out: {draw.negative}")
    if (draw.width or draw.height) and not (workflow.bindings.width and workflow.bindings.height):
        yield Status(f"{workflow.name} has a size of its own")
    if draw.steps and not workflow.bindings.steps:
        yield Status(f"{workflow.name} takes as many steps as it does by itself")
    if draw.job == "edit" and draw.prompt and not workflow.bindings.prompt:
        yield Status(f"{workflow.name} takes no words; left out: {draw.prompt}")
