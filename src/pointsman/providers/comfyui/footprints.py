"""First guesses of what a picture takes on the card, in bytes, until the arbiter has measured it."""

from __future__ import annotations

import math
from typing import Final

from pointsman.providers.comfyui.graph import class_of
from pointsman.providers.comfyui.workflow import Weights, Workflow

# What a process holds on the card as soon as it computes there at all.
CONTEXT: Final = 500_000_000
# What sampling and decoding hold for each megapixel; with the context, Z-Image-Turbo in int8 with its text encoder on
# the processor then comes to 7.0 GB at 1024 x 1024, and all of it in bf16 to 20.2 GB (20.6 have been reported).
WORKING: Final = 400_000_000
# A workflow of one's own, about which nothing is known: checkpoints of the SDXL class take 6.5 GB.
UNKNOWN: Final = Weights(card=6_600_000_000)
# An upscaler's own model has 67 MB, and computes in tiles.
UPSCALER: Final = Weights(card=500_000_000)
UPSCALERS: Final = frozenset({"UpscaleModelLoader"})
# Nodes that need no model: a workflow of nothing else takes nothing on the card.
WITHOUT_MODEL: Final = frozenset(
    {"LoadImage", "SaveImage", "PreviewImage", "ImageScale", "ImageScaleBy", "ImageScaleToTotalPixels", "ImageInvert"}
)
MEGAPIXEL: Final = 2**20


def megapixels(width: int, height: int, batch: int = 1) -> float:
    """How much is drawn at once, rounded up: 0.6, 1, 2, 4 and so on.

    What was learned for one size serves those near it, and a slightly different size is not another variant.
    """
    exact = width * height * batch / MEGAPIXEL
    if exact <= 0.6:
        return 0.6
    return float(2 ** max(0, math.ceil(math.log2(exact))))


def guess(weights: Weights, drawn: float, *, encoder_on_processor: bool = False) -> int:
    """The bytes for drawing so many megapixels at once; nothing for a workflow without a model."""
    if not weights.card:
        return 0
    encoder = 0 if encoder_on_processor else weights.encoder
    return weights.card + encoder + CONTEXT + round(WORKING * drawn)


def said(footprint: int | None) -> Weights | None:
    """The weights in what an owner says that a workflow takes; None where nothing is said."""
    return None if footprint is None else Weights(max(0, footprint - CONTEXT - WORKING))


def supposed(workflow: Workflow) -> Weights:
    """The weights of a workflow of which nobody says them: by the nodes that it has."""
    classes = {class_of(workflow.graph, node) for node in workflow.graph}
    if classes <= WITHOUT_MODEL:
        return Weights(0)
    loaders = {class_of(workflow.graph, node) for node in workflow.loaders}
    return UPSCALER if loaders and loaders <= UPSCALERS else UNKNOWN
