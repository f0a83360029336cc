"""ComfyUI as the arbiter sees it: what it holds on the card, and how it is asked to let go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pointsman.gpu.backend import Loaded
from pointsman.gpu.want import Rung
from pointsman.providers.comfyui.client import ComfyClient

NAME: Final = "comfyui"
# torch keeps a few MB for itself when every model is gone; the smallest model that draws has hundreds.
NOTHING: Final = 128_000_000


class ComfyBackend:
    """The arbiter's seam to one ComfyUI (`gpu.backend.Backend`).

    It is one `tenant` whatever it draws: ComfyUI says how much it holds but not what, and lets go of all or nothing.
    `device` names the card that it runs on, "" where there is one.
    """

    name = NAME
    loads_on_use = True

    def __init__(self, client: ComfyClient, tenant: str, *, device: str = "") -> None:
        self.tenant = tenant
        self._client = client
        self._device = device

    async def load(self, rung: Rung, device: str) -> None:
        """Nothing: ComfyUI loads what a prompt needs when it is drawn."""

    async def unload(self, tenant: str, *, deep: bool = False) -> None:  # noqa: ARG002 - there is one
        """Asks for the memory back; it comes when the prompt that runs has ended, and later than that is said."""
        await self._client.free(deep=deep)

    async def loaded(self) -> Sequence[Loaded]:
        """What torch holds, as one tenant; nothing where it computes on the processor.

        Weights that a newer ComfyUI streams (DynamicVRAM) may be missing here: the card's own sensor counts.
        """
        stats = await self._client.system_stats()
        held = sum(it.torch_total for it in stats.devices if it.is_card)
        return (Loaded(self.tenant, held, held, device=self._device),) if held > NOTHING else ()

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()
