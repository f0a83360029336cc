"""Finds what is to be set in an ordinary workflow: from what saves the pictures back to the sampler and its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui.bindings import KEY, Binding, Bindings
from pointsman.providers.comfyui.graph import Graph, class_of, source_of, upstream

# In this order: what is kept counts more than what is only shown.
SAVERS: Final = ("SaveImage", "SaveImageWebsocket", "PreviewImage")
# Samplers that have their seed, texts and size linked to nodes of their own take them from these inputs.
CONDITIONED: Final = ("positive", "guider", "conditioning")
SEEDS: Final = ("seed", "noise_seed")
TEXTS: Final = ("text", "prompt", "text_g", "text_l", "clip_l", "t5xxl", "string", "value")
WITHOUT_TEXT: Final = "ConditioningZeroOut"
ON_PROCESSOR: Final = frozenset({"CLIPLoader", "DualCLIPLoader"})
BY_HAND: Final = "name it with"
LOADER: Final = "LoadImage"
ENCODERS: Final = frozenset({"VAEEncode", "VAEEncodeForInpaint"})


def output_in(graph: Graph, name: str, key: str = KEY) -> str:
    """The node that saves the pictures. Raises WorkflowError where there is none, or several."""
    for saver in SAVERS:
        nodes = [node for node in graph if class_of(graph, node) == saver]
        if len(nodes) == 1:
            return nodes[0]
        if nodes:
            raise WorkflowError(
                f"{name}: pictures are saved by the nodes {', '.join(nodes)}; which of them counts is not clear",
                cure=f"{BY_HAND} {key}.output: the id of one of them",
            )
    raise WorkflowError(
        f"{name}: no node saves a picture",
        cure=f"add a Save Image node to the workflow, or {BY_HAND} {key}.output: the id of the node that saves them",
    )


def found(graph: Graph, output: str) -> Bindings:
    """What can be set in a workflow that draws what the node `output` saves; empty roles where nothing was found."""
    sampler = next((node for node in upstream(graph, output) if is_sampler(graph, node)), "")
    if not sampler:
        return Bindings(**sizes(graph, output), output=output)
    return Bindings(
        **at_sampler(graph, sampler),
        **sizes(graph, source_of(graph, sampler, "latent_image") or output),
        encoder_device=tuple(
            Binding(node, "device", class_of(graph, node))
            for node in upstream(graph, output)
            if class_of(graph, node) in ON_PROCESSOR
        ),
        output=output,
    )


def at_sampler(graph: Graph, sampler: str) -> dict[str, Any]:
    """What a sampler is told: its texts, its seed and its steps."""
    prompt = texts(graph, conditioning(graph, sampler, CONDITIONED))
    negative = texts(graph, conditioning(graph, sampler, ("negative",)))
    return {
        "prompt": prompt,
        "negative": () if set(negative) & set(prompt) else negative,
        "seed": number(graph, sampler, SEEDS, "noise"),
        "steps": number(graph, sampler, ("steps",), "sigmas"),
    }


def found_for(job: str, graph: Graph, output: str) -> Bindings:
    """What can be set in a workflow that makes a picture of another one; `image` is found by `image_in`.

    Besides what `found` finds: how much is drawn anew, where it is drawn over that picture, also by nodes that take
    the picture itself (upscalers that sample). An upscaler's size is its own: it is not what somebody asks a picture
    of nothing to have.
    """
    sampler = next((node for node in upstream(graph, output) if is_sampler(graph, node)), "")
    known = found(graph, output)
    if not sampler:
        sampler = next((node for node in upstream(graph, output) if resamples(graph, node)), "")
        if sampler:
            known = replace(known, **at_sampler(graph, sampler))
    begins = source_of(graph, sampler, "latent_image") if sampler else ""
    over = not begins or any(class_of(graph, node) == LOADER for node in upstream(graph, begins))
    if sampler and over:
        known = replace(known, denoise=number(graph, sampler, ("denoise",), "sigmas", is_share))
    return replace(known, width=(), height=(), batch=()) if job == "upscale" else known


def image_in(graph: Graph, output: str, name: str, key: str) -> Binding:
    """Where the name of the picture goes that another one is made of. Raises WorkflowError for nowhere, or several."""
    nodes = [it for it in upstream(graph, output) if class_of(graph, it) == LOADER]
    bound = [Binding(it, "image", LOADER) for it in nodes if isinstance(graph[it]["inputs"].get("image"), str)]
    if len(bound) == 1:
        return bound[0]
    where = ", ".join(it.node for it in bound)
    told = f"pictures are loaded by the nodes {where}; which takes the picture is not clear" if bound else ""
    raise WorkflowError(
        f"{name}: {told or 'no Load Image node takes the picture that another one is to be made of'}",
        cure=f"set {key}.bindings.image to its node and input, such as {bound[0] if bound else '10.image'}"
        + ("" if bound else ", or add a Load Image node to the workflow"),
    )


def is_sampler(graph: Graph, node: str) -> bool:
    """Whether a node makes a latent picture from texts: it has one to begin with, and is told what to draw."""
    inputs = graph[node]["inputs"]
    return "latent_image" in inputs and any(key in inputs for key in ("positive", "guider"))


def resamples(graph: Graph, node: str) -> bool:
    """Whether a node draws anew over a picture that it is given."""
    inputs = graph[node]["inputs"]
    return "positive" in inputs and "denoise" in inputs and bool(source_of(graph, node, "image"))


def conditioning(graph: Graph, sampler: str, keys: tuple[str, ...]) -> str:
    """The node that a sampler takes its texts from, through the guider where it has one; "" for none."""
    guider = source_of(graph, sampler, "guider")
    for node in filter(None, (sampler, guider)):
        for key in keys:
            source = source_of(graph, node, key)
            if source and source != guider:
                return source
    return ""


def texts(graph: Graph, node: str) -> tuple[Binding, ...]:
    """The texts that a conditioning is made from: all those of the nearest node that holds any."""
    for here in upstream(graph, node) if node else ():
        if class_of(graph, here) == WITHOUT_TEXT:
            return ()
        inputs = graph[here]["inputs"]
        bound = tuple(Binding(here, key, class_of(graph, here)) for key in TEXTS if isinstance(inputs.get(key), str))
        if bound:
            return bound
    return ()


def is_whole(value: object) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_share(value: object) -> bool:
    """Whether a value is a number from 0 to 1."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def number(
    graph: Graph, node: str, keys: tuple[str, ...], through: str, fits: Callable[[object], bool] = is_whole
) -> tuple[Binding, ...]:
    """The number under one of the keys, of a node or of the one that an input links it `through`."""
    for here in filter(None, (node, source_of(graph, node, through))):
        for key in keys:
            if bound := holding(graph, here, key, fits):
                return (bound,)
    return ()


def holding(graph: Graph, node: str, key: str, fits: Callable[[object], bool] = is_whole) -> Binding | None:
    """An input that holds a fitting number, or that of the node that sets it; None where there is neither."""
    value = graph[node]["inputs"].get(key)
    if fits(value):
        return Binding(node, key, class_of(graph, node))
    source = source_of(graph, node, key)
    if not source:
        return None
    there = [name for name, value in graph[source]["inputs"].items() if fits(value)]
    there = [name for name in there if name == key] or there
    return Binding(source, there[0], class_of(graph, source)) if len(there) == 1 else None


def sizes(graph: Graph, start: str) -> Mapping[str, tuple[Binding, ...]]:
    """Width, height and how many at once, of the nearest empty picture; none where it begins with a given one."""
    for node in upstream(graph, start):
        width, height = holding(graph, node, "width"), holding(graph, node, "height")
        if width and height:
            batch = holding(graph, node, "batch_size")
            return {"width": (width,), "height": (height,), "batch": (batch,) if batch else ()}
        if class_of(graph, node) in ENCODERS:
            return {}
    return {}
