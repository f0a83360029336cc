"""Nobody starves: streams of wishes for one model, and others that need its memory."""

from __future__ import annotations

import asyncio
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gpu.scene import GB, MAIN, SHORT, Scene, want

from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Rung

LARGE = Rung("comfyui:large", 12 * GB, "", "large pictures")
LONGEST = 6.0
# A load, a release, and what is kept for a while after a load: all that a turn may take beside its use.
TURN = LONGEST + 2.0 + 2.0 + 30.0
OTHERS = st.lists(
    st.tuples(
        st.floats(1, 200),
        st.sampled_from([LARGE, SHORT, Rung("llamacpp:other", 14 * GB)]),
        st.sampled_from(["interactive", "background"]),
        st.floats(0.1, LONGEST),
    ),
    min_size=1,
    max_size=4,
)


class Waits:
    """How long each of some wishes waited, and how many were before it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.open = 0
        self.found: list[tuple[str, float, float]] = []

    async def use(self, at: float, rung: Rung, priority: Literal["interactive", "background"], seconds: float) -> None:
        """Waits for a time, then for a lease, and uses it."""
        await self.scene.time.sleep(at)
        ahead, self.open = self.open, self.open + 1
        bound = self.scene.settings.batch_seconds + TURN * (ahead + 1)
        if priority == "background":
            bound += self.scene.settings.aging
        async with self.scene.arbiter.request(want(rung, priority=priority, deadline=1e6)) as lease:
            self.found.append((rung.tenant, lease.waited, bound))
            await self.scene.time.sleep(seconds)
        self.open -= 1


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(OTHERS, st.floats(1.0, 3.0), st.booleans())
def test_waits_are_bounded(
    others: list[tuple[float, Rung, Literal["interactive", "background"], float]], every: float, two: bool
) -> None:
    """A chat every few seconds for four minutes, each longer than that: the card is never idle by itself."""

    async def play() -> list[tuple[str, float, float]]:
        async with Scene(settings=Settings(most_leases={"ollama": 2 if two else 1})) as scene:
            waits = Waits(scene)
            uses = every * (1.9 if two else 0.95)
            stream = [(number * every, MAIN, "interactive", uses) for number in range(int(240 / every))]
            tasks = [asyncio.ensure_future(waits.use(*it)) for it in [*stream, *others]]  # type: ignore[arg-type]
            await scene.run(1500)
            assert all(it.done() for it in tasks), "somebody still waits"
            return waits.found

    for tenant, waited, bound in asyncio.run(play()):
        assert waited <= bound, f"{tenant} waited for {waited:.0f} s, {bound:.0f} s are the most"
