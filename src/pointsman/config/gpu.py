"""The cards: how their memory is measured, and what is left free on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from pointsman.config.strict import Section, Strict
from pointsman.config.values import SIZE, Bytes, Place, Seconds, describe, in_bytes
from pointsman.gpu.state import margin_of

FIRST: Final = "gpu0"
Device = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9.:-]{1,100}/)?gpu[0-9]{1,2}(\.mig[0-9]{1,2})?$")]
TenantName = Annotated[str, StringConstraints(pattern=r"^(ollama|llamacpp|comfyui)(_[0-9]+)?:[^\s\x00-\x1f]{1,200}$")]
# Unlike a size of a thing, what is kept may be nothing.
Kept = Annotated[
    int,
    Field(ge=0),
    BeforeValidator(in_bytes),
    describe({"type": "integer", "minimum": 0}, {"type": "string", "pattern": SIZE}),
]

BUDGET: Final = "The memory that may be shared out where nothing can be measured, such as 20GB; null: none then."
MARGIN: Final = "What always stays free; null: 512 MiB, or 4 % of the card (or of its budget) where that is more."
RESERVE: Final = "What the desktop and other programs may have at any time, whether they use it now or not."


class OneCard(Strict):
    """What is different on one card; null takes what is said for all."""

    enabled: bool = Field(default=True, description="false puts nothing on it.")
    budget: Bytes | None = Field(default=None, description=BUDGET)
    margin: Kept | None = Field(default=None, description=MARGIN)
    reserve: Kept | None = Field(default=None, description=RESERVE)


class Gpu(Section):
    """The cards whose memory Pointsman shares out."""

    enabled: bool = Field(default=True, description="false leaves the memory of the cards to the servers.")
    probe: Literal["auto", "nvml", "amd", "comfyui", "static"] = Field(
        default="auto",
        description="What measures: nvml (NVIDIA's driver), amd (Linux), comfyui (the card of the box that ComfyUI "
        "runs on), static (nothing: the budget counts); auto takes the first that sees a card.",
    )
    budget: Bytes | None = Field(default=None, description=BUDGET)
    margin: Kept | None = Field(default=None, description=MARGIN)
    reserve: Kept = Field(default=0, description=RESERVE)
    pinned: tuple[TenantName, ...] = Field(
        default=(), description="What is never made to give way once it is loaded, such as ollama:qwen3:14b."
    )
    devices: Mapping[Device, OneCard] = Field(
        default={},
        description="What is different on single cards: gpu0, gpu1, gpu0.mig0 for a part of one, or box/gpu0 on the "
        "computer box.",
    )
    poll: Annotated[Seconds, Field(ge=0.1, le=60)] = Field(
        default=1.0, description="How often the cards are looked at; four times as often while something loads."
    )
    record: Place | None = Field(
        default=None,
        description="A file that what happens on the card is added to, for `pointsman gpu simulate --trace`; "
        "nothing of what was said is in it.",
    )
    patience: Annotated[Seconds, Field(le=3600)] = Field(
        default=20.0, description="How long a message waits for the best model before a smaller one answers."
    )
    cloud_when_full: bool = Field(
        default=False,
        description="Whether models.spare may answer what no model here can, because none fits or its server does not "
        "answer; the message leaves then.",
    )

    @model_validator(mode="after")
    def budget_to_go_by(self) -> Self:
        """Refuses `static` without a budget."""
        if self.probe == "static" and not self.budgets:
            raise PydanticCustomError(
                "no_budget",
                "is static, so nothing is measured, and has no budget",
                {"cure": "set gpu.budget to the memory that may be shared out, such as 20GB"},
            )
        return self

    @property
    def budgets(self) -> dict[str, int]:
        """The bytes that may be filled where nothing can be measured, by device; without devices, of gpu0."""
        cards = self.devices or {FIRST: OneCard()}
        found = {device: card.budget or self.budget for device, card in cards.items() if card.enabled}
        return {device: budget for device, budget in found.items() if budget}

    def serves(self, device: str) -> bool:
        """Whether anything may be put on a card."""
        return self.enabled and self._card(device).enabled

    def margin_on(self, device: str, total: int) -> int:
        """The bytes that stay free on a card of that size."""
        own = self._card(device).margin
        stated = self.margin if own is None else own
        return margin_of(total) if stated is None else stated

    def reserve_on(self, device: str) -> int:
        """The bytes that others may have on a card at any time."""
        own = self._card(device).reserve
        return self.reserve if own is None else own

    def _card(self, device: str) -> OneCard:
        return self.devices.get(device, OneCard())
