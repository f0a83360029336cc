"""From what is to be drawn to the values of a workflow: sizes, counts and seeds within limits, prompts in one piece."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Final

from pointsman.core.errors import BadField
from pointsman.core.plan import Draw
from pointsman.providers.comfyui.sources import Source
from pointsman.providers.comfyui.workflow import Values, Workflow

# Latent pictures have an eighth of the pixels, and many models cut those into pairs.
GRID: Final = 16
LEAST_SIDE: Final = 64
# KSampler takes 64 bits; what draws seeds by itself stays with numbers that people can write down.
MOST_SEED: Final = 2**64 - 1
DRAWN_SEED: Final = 2**32 - 1
MOST_PROMPT: Final = 20_000
MOST_STEPS: Final = 150


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may ask for: pictures, pixels along a side; `steps` None leaves the workflow's own."""

    most_pictures: int = 8
    most_side: int = 2048
    width: int = 0
    height: int = 0
    steps: int | None = None


def values_of(
    draw: Draw, workflow: Workflow, limits: Limits, chance: random.Random, source: Source | None = None
) -> Values:
    """The values for a workflow; the seed is drawn where none is given. Raises BadField for too much of anything.

    What is made of a `source` may do without words: then those of the workflow stay.
    """
    if not 1 <= draw.count <= limits.most_pictures:
        raise BadField(
            "count",
            f"{draw.count} pictures were asked for; 1 to {limits.most_pictures} are drawn at once",
            cure="ask for fewer, or raise images.comfyui.most_pictures",
        )
    wordless = source is not None and draw.job != "edit"
    if not draw.prompt.strip() and workflow.bindings.prompt and not wordless:
        raise BadField("prompt", "there is no word of what to draw", cure="say what the picture shows")
    if len(draw.prompt) > MOST_PROMPT:
        raise BadField(
            "prompt", f"it has {len(draw.prompt):,} characters; {MOST_PROMPT:,} are the most", cure="say it shorter"
        )
    if draw.seed is not None and not 0 <= draw.seed <= MOST_SEED:
        raise BadField("seed", f"{draw.seed} is no seed", cure=f"give a whole number from 0 to {MOST_SEED}")
    if draw.steps and not 1 <= draw.steps <= MOST_STEPS:
        raise BadField("steps", f"{draw.steps} steps were asked for", cure=f"ask for 1 to {MOST_STEPS}")
    width, height = size_of(draw, workflow, limits, source)
    return Values(
        prompt=joined(draw.prompt, draw.style) or (None if wordless else ""),
        negative=draw.negative or (None if source else ""),
        seed=chance.randint(0, DRAWN_SEED) if draw.seed is None else draw.seed,
        width=width,
        height=height,
        batch=draw.count,
        steps=draw.steps or limits.steps,
    )


def joined(prompt: str, style: str) -> str:
    """The prompt, then a comma and the style unless the prompt has it already."""
    prompt, style = prompt.strip(), style.strip()
    if not style or style.casefold() in prompt.casefold():
        return prompt
    return f"{prompt.rstrip('.,;')}, {style}" if prompt else style


def size_of(draw: Draw, workflow: Workflow, limits: Limits, source: Source | None = None) -> tuple[int, int]:
    """Width and height in pixels, in steps of 16; what is not asked for is as configured, or the workflow's own.

    What is made of a `source` has its shape where no size is asked for, with as many pixels as the workflow has by
    itself. A workflow without a size of its own to set gives (0, 0): the size is that of its picture. Raises BadField.
    """
    if not workflow.bindings.width or not workflow.bindings.height:
        return 0, 0
    for field, side in (("width", draw.width), ("height", draw.height)):
        if side and not LEAST_SIDE <= side <= limits.most_side:
            raise BadField(
                field,
                f"{draw.width or '?'} x {draw.height or '?'} pixels were asked for; a side has {LEAST_SIDE} to"
                f" {limits.most_side}",
                cure="ask for another size, or raise images.comfyui.most_side",
            )
    if source is not None and not (draw.width or draw.height):
        return shaped(source, workflow.size[0] * workflow.size[1], limits.most_side)
    width = draw.width or limits.width or workflow.size[0]
    height = draw.height or limits.height or workflow.size[1]
    return on_grid(width), on_grid(height)


def shaped(source: Source, pixels: int, most: int) -> tuple[int, int]:
    """The sides of so many pixels in the shape of a picture, each at most so long."""
    scale = (pixels / (source.width * source.height)) ** 0.5
    return on_grid(min(most, round(source.width * scale))), on_grid(min(most, round(source.height * scale)))


def on_grid(side: int) -> int:
    """The nearest multiple of 16, at least 64."""
    return max(LEAST_SIDE, round(side / GRID) * GRID)


def smaller(values: Values, most: int) -> Values:
    """The same with its longer side at most so many pixels, in the same shape."""
    longer = max(values.width, values.height)
    if longer <= most:
        return values
    width, height = (on_grid(round(side * most / longer)) for side in (values.width, values.height))
    return replace(values, width=width, height=height)
