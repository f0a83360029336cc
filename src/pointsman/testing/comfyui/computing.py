"""What each class of nodes computes in the fake ComfyUI, and what that takes on the card."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

from pointsman.testing.card import CardOutOfMemory
from pointsman.testing.comfyui.inputs import measured
from pointsman.testing.comfyui.memory import Weights
from pointsman.testing.comfyui.pictures import png
from pointsman.testing.comfyui.world import Canvas, NodeFailed, World, colour_of

MEGAPIXEL: Final = 2**20
OUT_OF_MEMORY: Final = "torch.OutOfMemoryError"
ALLOCATION: Final = "Allocation on device 0 would exceed allowed memory. (out of memory)"
UPSCALED: Final = 4  # as most models do
TEMPORARY: Final = "ComfyUI_temp_fakes"

Stepped = Callable[[int, int], Awaitable[None]]
"""Called after each step of the sampler: how many are done, and how many there are."""


async def computed(
    world: World, graph: Mapping[str, Any], name: str, inputs: Mapping[str, Any], stepped: Stepped
) -> Any:
    """The outputs of a node, or for one that saves pictures where they are. Raises NodeFailed, Interrupted."""
    if failure := world.mishaps.fails_at.pop(name, None):
        raise NodeFailed(*failure)
    await world.nap(world.pace.node)
    try:
        if world.classes[name].saves:
            return saved(world, graph, name, inputs)
        return await _OnCard(world, inputs, stepped).outputs(name)
    except CardOutOfMemory as error:
        raise NodeFailed(OUT_OF_MEMORY, ALLOCATION) from error


def saved(world: World, graph: Mapping[str, Any], name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The pictures that a node stores, as the history names them."""
    canvas: Canvas = inputs["images"]
    kind, prefix = ("temp", TEMPORARY) if name == "PreviewImage" else ("output", inputs["filename_prefix"])
    texts = {"prompt": json.dumps(graph)}
    return {
        "images": [
            world.keep(kind, prefix, png(canvas.width, canvas.height, colour, texts)) for colour in canvas.colours
        ]
    }


def scaled(canvas: Canvas, by: float) -> Canvas:
    """The same, larger or smaller."""
    return replace(canvas, width=round(canvas.width * by), height=round(canvas.height * by))


class _OnCard:
    """One node that computes."""

    def __init__(self, world: World, inputs: Mapping[str, Any], stepped: Stepped) -> None:
        self._world = world
        self._inputs = inputs
        self._stepped = stepped

    async def outputs(self, name: str) -> tuple[Any, ...]:
        inputs = self._inputs
        match name:
            case "EmptyLatentImage" | "EmptySD3LatentImage":
                return (Canvas(inputs["width"], inputs["height"], inputs["batch_size"]),)
            case "CLIPTextEncode":
                await self._brought(inputs["clip"])
                return (inputs["text"],)
            case "ConditioningZeroOut":
                return ("",)
            case "ModelSamplingAuraFlow":
                return (inputs["model"],)
            case "KSampler":
                return (await self._sampled(),)
            case "VAEDecode":
                await self._brought(inputs["vae"])
                with self._working(inputs["samples"], inputs["vae"]):
                    return (inputs["samples"],)
            case _:
                return await self._pictured(name) or self._loaded(name)

    async def _pictured(self, name: str) -> tuple[Any, ...]:
        """What becomes of pictures that are there, or are made without a model of texts; () for other nodes."""
        inputs = self._inputs
        match name:
            case "EmptyImage":
                colour = tuple(inputs["color"].to_bytes(3, "big"))
                batch = inputs["batch_size"]
                return (Canvas(inputs["width"], inputs["height"], batch, (colour,) * batch),)
            case "ImageInvert":
                canvas: Canvas = inputs["image"]
                return (replace(canvas, colours=tuple((255 - r, 255 - g, 255 - b) for r, g, b in canvas.colours)),)
            case "LoadImage":
                return self._given(str(inputs["image"]))
            case "ImageScaleBy":
                return (scaled(inputs["image"], inputs["scale_by"]),)
            case "ImageUpscaleWithModel":
                await self._brought(inputs["upscale_model"])
                with self._working(larger := scaled(inputs["image"], UPSCALED), inputs["upscale_model"]):
                    return (larger,)
            case "VAEEncode":
                await self._brought(inputs["vae"])
                with self._working(inputs["pixels"], inputs["vae"]):
                    return (inputs["pixels"],)
        return ()

    def _given(self, name: str) -> tuple[Canvas, None]:
        """A picture that was sent, and its mask. Raises NodeFailed for what is none."""
        try:
            (width, height), colour = measured(self._world.find(name) or b"")
        except ValueError:
            raise NodeFailed("PIL.UnidentifiedImageError", f"cannot identify image file '{name}'\n") from None
        return Canvas(width, height, 1, (colour,)), None

    def _loaded(self, name: str) -> tuple[Weights, ...]:
        """What a loader hands on; it goes to the card when it is first computed with."""
        inputs = self._inputs
        match name:
            case "UNETLoader":
                return (self._weights("diffusion_models", inputs["unet_name"]),)
            case "CLIPLoader":
                weights = self._weights("text_encoders", inputs["clip_name"])
                return (replace(weights, on_processor=inputs.get("device") == "cpu"),)
            case "UpscaleModelLoader":
                return (self._weights("upscale_models", inputs["model_name"]),)
            case "VAELoader":
                return (self._weights("vae", inputs["vae_name"]),)
            case _:
                whole = self._weights("checkpoints", inputs["ckpt_name"])
                return (whole, replace(whole, bytes=0), replace(whole, bytes=0))

    async def _sampled(self) -> Canvas:
        inputs = self._inputs
        canvas: Canvas = inputs["latent_image"]
        told = f"{inputs['positive']}|{inputs['negative']}|{inputs['seed']}"
        if canvas.colours:  # it is drawn over a picture
            told += f"|{canvas.colours}|{inputs['denoise']}"
        await self._brought(inputs["model"])
        if self._world.mishaps.take("out_of_memory"):
            raise NodeFailed(OUT_OF_MEMORY, ALLOCATION)
        with self._working(canvas, inputs["model"]):
            for step in range(1, inputs["steps"] + 1):
                if self._world.mishaps.hang:
                    await self._world.stuck()
                await self._world.nap(self._world.pace.step)
                await self._stepped(step, inputs["steps"])
        return replace(canvas, colours=tuple(colour_of(f"{told}|{n}") for n in range(canvas.batch)))

    def _working(self, canvas: Canvas, weights: Weights) -> AbstractContextManager[None]:
        size = self._world.working * canvas.width * canvas.height * canvas.batch // MEGAPIXEL
        return self._world.share.working(size, weights.file)

    async def _brought(self, weights: Weights) -> None:
        if self._world.share.use(weights):
            await self._world.nap(self._world.pace.gigabyte * weights.bytes / 1e9)

    def _weights(self, folder: str, file: str) -> Weights:
        return Weights(file, self._world.models.get(folder, {}).get(file, 0))
