"""Finds what is to be set in an ordinary workflow: from what saves the pictures back to the sampler and its texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui.bindings import Binding, Bindings
from pointsman.providers.comfyui.graph import Graph, class_of, source_of, upstream

# In this order: what is kept counts more than what is only shown.
SAVERS: Final = ("SaveImage", "SaveImageWebsocket", "PreviewImage")
# Samplers that have their seed, texts and size linked to nodes of their own take them from these inputs.
CONDITIONED: Final = ("positive", "guider", "conditioning")
SEEDS: Final = ("seed", "noise_seed")
TEXTS: Final = ("text", "prompt", "text_g", "text_l", "clip_l", "t5xxl", "string", "value")
WITHOUT_TEXT: Final = "ConditioningZeroOut"
ON_PROCESSOR: Final = frozenset({"CLIPLoader", "DualCLIPLoader"})
BY_HAND: Final = "name it with images.comfyui"


def output_in(graph: Graph, name: str) -> str:
    """The node that saves the pictures. Raises WorkflowError where there is none, or several."""
    for saver in SAVERS:
        nodes = [node for node in graph if class_of(graph, node) == saver]
        if len(nodes) == 1:
            return nodes[0]
        if nodes:
            raise WorkflowError(
                f"{name}: pictures are saved by the nodes {', '.join(nodes)}; which of them counts is not clear",
                cure=f"{BY_HAND}.output: the id of one of them",
            )
    raise WorkflowError(
        f"{name}: no node saves a picture",
        cure=f"add a Save Image node to the workflow, or {BY_HAND}.output: the id of the node that saves them",
    )


def found(graph: Graph, output: str) -> Bindings:
    """What can be set in a workflow that draws what the node `output` saves; empty roles where nothing was found."""
    sampler = next((node for node in upstream(graph, output) if is_sampler(graph, node)), "")
    if not sampler:
        return Bindings(**sizes(graph, output), output=output)
    prompt = texts(graph, conditioning(graph, sampler, CONDITIONED))
    negative = texts(graph, conditioning(graph, sampler, ("negative",)))
    return Bindings(
        prompt=prompt,
        negative=() if set(negative) & set(prompt) else negative,
        seed=number(graph, sampler, SEEDS, "noise"),
        steps=number(graph, sampler, ("steps",), "sigmas"),
        **sizes(graph, source_of(graph, sampler, "latent_image") or output),
        encoder_device=tuple(
            Binding(node, "device", class_of(graph, node))
            for node in upstream(graph, output)
            if class_of(graph, node) in ON_PROCESSOR
        ),
        output=output,
    )


def is_sampler(graph: Graph, node: str) -> bool:
    """Whether a node makes a latent picture from texts: it has one to begin with, and is told what to draw."""
    inputs = graph[node]["inputs"]
    return "latent_image" in inputs and any(key in inputs for key in ("positive", "guider"))


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


def number(graph: Graph, node: str, keys: tuple[str, ...], through: str) -> tuple[Binding, ...]:
    """The whole number under one of the keys, of a node or of the one that an input links it `through`."""
    for here in filter(None, (node, source_of(graph, node, through))):
        for key in keys:
            if bound := whole(graph, here, key):
                return (bound,)
    return ()


def whole(graph: Graph, node: str, key: str) -> Binding | None:
    """An input that holds a whole number, or that of the node that sets it; None where there is neither."""
    value = graph[node]["inputs"].get(key)
    if is_whole(value):
        return Binding(node, key, class_of(graph, node))
    source = source_of(graph, node, key)
    if not source:
        return None
    there = [name for name, value in graph[source]["inputs"].items() if is_whole(value)]
    there = [name for name in there if name == key] or there
    return Binding(source, there[0], class_of(graph, source)) if len(there) == 1 else None


def is_whole(value: object) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def sizes(graph: Graph, start: str) -> Mapping[str, tuple[Binding, ...]]:
    """Width, height and how many at once, of the nearest empty picture; none where it begins with a given one."""
    for node in upstream(graph, start):
        width, height = whole(graph, node, "width"), whole(graph, node, "height")
        if width and height:
            batch = whole(graph, node, "batch_size")
            return {"width": (width,), "height": (height,), "batch": (batch,) if batch else ()}
        if class_of(graph, node) in {"VAEEncode", "VAEEncodeForInpaint"}:
            return {}
    return {}
