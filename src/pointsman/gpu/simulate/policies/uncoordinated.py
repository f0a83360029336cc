"""Ollama and ComfyUI side by side, neither knowing of the other: everything through the LLM, or a tiny one first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pointsman.gpu.simulate.policies.stages import Stage, Staged, own_work
from pointsman.gpu.simulate.scene import LLM, TINY
from pointsman.gpu.simulate.world import Do, Request, World

# Ollama puts a second model beside the first only into so much of the free memory (its scheduler's own rule).
OF_FREE: Final = 0.8


class OllamaOrder(Staged):
    """A tiny LLM says where a message goes; Ollama unloads after its keep-alive; ComfyUI keeps what it has.

    With another model of its own there, Ollama loads only into 80 % of what is free, and else sends idle ones away:
    those of the shortest keep-alive first, then by name. With none of its own there it loads whatever is free.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._used_at: dict[str, float] = {}

    def stages(self, request: Request) -> Sequence[Stage]:
        """A decision, then the work."""
        return (Stage(TINY, self.world.scene.timing.tiny), own_work(self.world, request))

    def used(self, tenant: str) -> None:
        """Its keep-alive begins anew."""
        if tenant.startswith("comfyui:"):
            return
        self._used_at[tenant] = self.world.now
        self.world.at(self.world.now + self.world.scene.timing.keep_alive, lambda: self._expired(tenant))

    def _expired(self, tenant: str) -> None:
        kept = self._used_at[tenant] + self.world.scene.timing.keep_alive
        if self.world.now >= kept and not self.using[tenant] and self.world.phase(tenant) == "resident":
            self.send_away(tenant, lambda: None)

    def make_room(self, tenant: str, then: Do) -> None:
        """Sends away idle models of Ollama until the rule is kept, or none is left."""
        if tenant.startswith("comfyui:"):
            then()
            return
        own = [name for name, held in self.world.held.items() if not name.startswith("comfyui:") and name != tenant]
        idle = sorted(name for name in own if self.world.phase(name) == "resident" and not self.using[name])
        if not own or not idle or self.world.sizes[tenant] <= OF_FREE * -self.world.short:
            then()
            return
        self.send_away(idle[0], lambda: self.make_room(tenant, then))


class LlmFirst(OllamaOrder):
    """The main LLM says where each message goes, and words each picture's prompt anew, so both must be there."""

    def stages(self, request: Request) -> Sequence[Stage]:
        """A decision by the main LLM; for a picture its prompt; then the work."""
        timing = self.world.scene.timing
        work = own_work(self.world, request)
        main = work.tenant if request.event.kind == "chat" else LLM
        first = [Stage(main, timing.writing(timing.route_tokens))]
        if request.event.kind == "image":
            first.append(Stage(main, timing.writing(timing.rewrite_tokens)))
        return (*first, work)
