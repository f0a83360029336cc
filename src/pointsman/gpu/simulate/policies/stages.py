"""What the policies of others share: a request is a row of stages, each by a tenant that must be there first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pointsman.gpu.simulate.scene import tenant_of
from pointsman.gpu.simulate.world import Do, Request, World


class Policy(Protocol):
    """Who decides what is in memory; made for one world."""

    def arrived(self, request: Request) -> None:
        """Somebody asks. The policy sees to it that the world is told the answer, sooner or later."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """So many seconds of work of a tenant."""

    tenant: str
    seconds: float


def own_work(world: World, request: Request) -> Stage:
    """What the request itself takes, by the best that there is."""
    timing, event = world.scene.timing, request.event
    return Stage(tenant_of(event), timing.answer(event) if event.kind == "chat" else timing.picture(event))


class Staged:
    """Runs the stages of each request one after the other; subclasses say which, and how a tenant gets there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.using: Counter[str] = Counter()
        self._awaited: dict[str, list[Do]] = {}

    def stages(self, request: Request) -> Sequence[Stage]:
        """What a request takes: by default only its own work."""
        return (own_work(self.world, request),)

    def arrived(self, request: Request) -> None:
        """Begins with the first stage."""
        self.stage(request, list(self.stages(request)))

    def stage(self, request: Request, stages: list[Stage]) -> None:
        """Runs the stages that are left; after the last the request is answered."""
        if not stages:
            self.world.answer(request)
            return
        first, *others = stages
        self.using[first.tenant] += 1

        def ran() -> None:
            self.using[first.tenant] -= 1
            self.used(first.tenant)
            self.stage(request, others)

        self.need(first.tenant, lambda: self.world.run(first.tenant, first.seconds, ran, request))

    def used(self, tenant: str) -> None:
        """A stage of a tenant is over."""

    def need(self, tenant: str, ready: Do) -> None:
        """Calls `ready` when the tenant is in memory; here, whatever else there is stays where it is."""
        phase = self.world.phase(tenant)
        if phase == "resident":
            ready()
        elif tenant in self._awaited:
            self._awaited[tenant].append(ready)
        else:
            self._awaited[tenant] = [ready]
            if phase == "cold":
                self.make_room(tenant, lambda: self.world.load(tenant, lambda: self._there(tenant)))

    def make_room(self, tenant: str, then: Do) -> None:
        """Before a load: nobody else is sent away here."""
        del tenant
        then()

    def _there(self, tenant: str) -> None:
        for ready in self._awaited.pop(tenant, []):
            ready()

    def send_away(self, tenant: str, then: Do) -> None:
        """Releases a tenant; those who have come to need it meanwhile get it loaded again."""

        def gone() -> None:
            then()
            for ready in self._awaited.pop(tenant, []):
                self.need(tenant, ready)

        self.world.release(tenant, gone)


Made = Callable[[World], Policy]
