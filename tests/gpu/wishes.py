"""What may be wished for at random, and how it is used."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from tests.gpu.invariants import LONGEST_USE, Asked
from tests.gpu.scene import CLOUD, GB, HUGE, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene

from pointsman.core.errors import PointsmanError
from pointsman.gpu.want import Rung, Want
from pointsman.testing.scripted_backend import Seat

BIG_IMAGE = Rung("comfyui:large", 12 * GB, "", "large pictures")
RUNGS = (MAIN, SHORT, MIDDLE, TINY, IMAGE, BIG_IMAGE)
LADDERS = (
    (MAIN,),
    (MAIN, SHORT, TINY),
    (MAIN, MIDDLE, CLOUD),
    (MIDDLE,),
    (TINY,),
    (IMAGE,),
    (BIG_IMAGE, IMAGE),
    (HUGE,),
    (HUGE, TINY),
    (CLOUD,),
)
WISHES = st.builds(
    lambda ladder, priority, patience, holder, uses: (
        Want(
            "image" if ladder[0].tenant.startswith("comfyui") else "chat",
            ladder,
            priority,
            patience,
            seconds=min(uses, 10.0),
            holder=holder,
        ),
        uses,
    ),
    ladder=st.sampled_from(LADDERS),
    priority=st.sampled_from(["interactive", "interactive", "background", "preload"]),
    patience=st.sampled_from([5.0, 20.0, 300.0]),
    holder=st.sampled_from(["", "ann", "bob"]),
    uses=st.floats(0.5, LONGEST_USE),
)


async def use(scene: Scene, asked: Asked, uses: float) -> None:
    """Waits for the lease, uses it, gives it back."""
    try:
        asked.lease = await asked.ticket.lease()
    except PointsmanError as error:
        asked.error = error
        asked.ended += 1
        asked.over = True
        return
    asked.granted_at = scene.time.now
    seat: Seat | None = None
    backend = scene.backends.get(asked.lease.rung.tenant.partition(":")[0])
    try:
        if backend is not None and backend.loads_on_use:
            await scene.time.sleep(uses % 3)  # the memory is taken some time after the lease was given
        if backend is not None:
            seat = backend.begin_use(asked.lease.rung, asked.lease.device)
    except PointsmanError:
        asked.out_of_memory = True
    timer = asyncio.ensure_future(scene.time.sleep(uses))
    stop = asyncio.ensure_future(asked.finish.wait())
    if not asked.out_of_memory:
        await asyncio.wait({timer, stop}, return_when=asyncio.FIRST_COMPLETED)
    timer.cancel()
    stop.cancel()
    if backend is not None and seat is not None:
        backend.end_use(seat)
    asked.over = True
    asked.ended += 1
    if asked.out_of_memory:
        await asked.ticket.ran_out()
    asked.ticket.give_back()
