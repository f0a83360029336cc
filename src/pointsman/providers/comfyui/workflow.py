"""A workflow that is ready to be drawn with: its graph, what is set in it, and what is known about its needs."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui import finding
from pointsman.providers.comfyui.bindings import KEY, Bindings, Given, checked, joined, plain
from pointsman.providers.comfyui.graph import Graph, is_file, parse

logger = logging.getLogger(__name__)

SHIPPED: Final = "pointsman.workflows"
CONNECTION: Final = "connection"
SUFFIX: Final = ".json"
BINDING: Final = ".binding.json"
ENCODER_ON_PROCESSOR: Final = "cpu"


@dataclass(frozen=True, slots=True)
class Weights:
    """The bytes of a workflow's model files: what always goes to the card, and its text encoder, which need not."""

    card: int
    encoder: int = 0


@dataclass(frozen=True, slots=True)
class Values:
    """What one request for pictures sets in a workflow; None leaves the workflow's own.

    `image` is the name that ComfyUI knows the picture by which another one is made of.
    """

    prompt: str | None
    negative: str | None
    seed: int
    width: int
    height: int
    batch: int = 1
    steps: int | None = None
    image: str | None = None
    denoise: float | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A graph with what is set in it.

    `size` is its own width and height in pixels. `weights` are None where they are not known. `source` says where its
    model files come from, and `lighter` which shipped workflow draws the same with less memory ("" for both: not
    known).
    """

    name: str
    graph: Graph = field(repr=False)
    bindings: Bindings
    size: tuple[int, int]
    weights: Weights | None = None
    lighter: str = ""
    source: str = ""

    @property
    def fingerprint(self) -> str:
        """Twelve digits that change with the graph."""
        return hashlib.sha256(json.dumps(self.graph, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def loaders(self) -> frozenset[str]:
        """The nodes that read model files."""
        return frozenset(node for node, it in self.graph.items() if any(map(is_file, it["inputs"].values())))

    def filled(self, values: Values, *, encoder_on_processor: bool = False) -> dict[str, Any]:
        """The graph to submit, with the values in it."""
        graph: dict[str, Any] = copy.deepcopy(dict(self.graph))
        for role in SET:
            value = getattr(values, role)
            for bound in self.bindings.of(role) if value is not None else ():
                graph[bound.node]["inputs"][bound.input] = value
        for bound in self.bindings.encoder_device if encoder_on_processor else ():
            graph[bound.node]["inputs"][bound.input] = ENCODER_ON_PROCESSOR
        return graph


SET: Final = tuple(it.name for it in fields(Values))


def shipped() -> tuple[str, ...]:
    """The names of the workflows that come with Pointsman."""
    names = (entry.name for entry in files(SHIPPED).iterdir())
    return tuple(sorted(name.removesuffix(BINDING) for name in names if name.endswith(BINDING)))


def load(which: str | Path, given: Given | None = None, output: str = "") -> Workflow:
    """A shipped workflow by its name, or one from a file in ComfyUI's API format.

    What is not given is found where the graph is an ordinary one. Raises WorkflowError, which says what is wrong and
    where.
    """
    if str(which) in shipped():
        workflow = read_shipped(str(which))
        if given or output:
            workflow = bound(workflow, given or {}, output)
        return workflow
    return read_file(Path(which), given or {}, output)


def read_shipped(name: str) -> Workflow:
    """A workflow that comes with Pointsman."""
    folder = files(SHIPPED)
    graph = parse((folder / f"{name}{SUFFIX}").read_bytes(), name)
    said: Mapping[str, Any] = json.loads((folder / f"{name}{BINDING}").read_bytes())
    bindings = Bindings(**plain(said["bindings"]), output=said["output"])
    width, height = said["size"]
    return Workflow(
        name,
        graph,
        checked(bindings, graph, name),
        (width, height),
        Weights(**said["weights"]),
        said.get("lighter", ""),
        said.get("source", ""),
    )


def read_file(path: Path, given: Given, output: str, *, key: str = KEY, job: str = "") -> Workflow:
    """A workflow from a file; for a `job`, one that makes a picture of another one, as configured at `key`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        own = f", or to one that is shipped: {', '.join(shipped())}"
        raise WorkflowError(
            f"{path}: cannot be read: {error.strerror}",
            cure=f"set {key}{'' if job else '.workflow'} to a file{'' if job else own}",
        ) from None
    return of_graph(parse(content, str(path)), path.stem, given, output, where=str(path), key=key, job=job)


def of_graph(
    graph: Graph,
    name: str,
    given: Given | None = None,
    output: str = "",
    *,
    where: str = "",
    key: str = KEY,
    job: str = "",
) -> Workflow:
    """A workflow from a graph; `where` it came from begins the messages about it."""
    return bound(Workflow(name, graph, Bindings(), (0, 0)), given or {}, output, where or name, key=key, job=job)


def bound(workflow: Workflow, given: Given, output: str, where: str = "", *, key: str = KEY, job: str = "") -> Workflow:
    """The workflow with what was given bound, and what was not found. Raises WorkflowError."""
    where, graph = where or workflow.name, workflow.graph
    output = output or workflow.bindings.output or finding.output_in(graph, where, key)
    checked(Bindings(output=output), graph, where, key)
    is_known = workflow.bindings.output == output
    known = workflow.bindings if is_known else finding.found(graph, output)
    if job:
        known = finding.found_for(job, graph, output)
        if given.get("image") is None:
            known = replace(known, image=(finding.image_in(graph, output, where, key),))
    bindings = checked(joined(known, given, output), graph, where, key)
    # A picture is varied, or made larger, without a word.
    if not bindings.prompt and not is_known and given.get("prompt") is None and job in {"", "edit"}:
        raise WorkflowError(f"{where}: where the prompt goes was not found", cure=where_to_bind(graph, key))
    if job and not bindings.image:
        raise WorkflowError(
            f"{where}: the picture that another one is made of goes nowhere", cure=f"correct {key}.bindings.image"
        )
    if not is_known:
        logger.info("%s: %s", where, bindings)
    return replace(workflow, bindings=bindings, size=size_in(graph, bindings))


def where_to_bind(graph: Graph, key: str = KEY) -> str:
    """How to bind the prompt by hand, with the texts that there are."""
    places = [(node, key) for node in graph for key in finding.TEXTS]
    there = [f"{node}.{key}" for node, key in places if isinstance(graph[node]["inputs"].get(key), str)]
    return (
        f"set {key}.bindings.prompt to its node and input, or to [] if there is none; texts are at:"
        f" {', '.join(there) or 'none'}"
    )


def size_in(graph: Graph, bindings: Bindings) -> tuple[int, int]:
    """The width and height that a graph has by itself; 0 where they are not bound."""

    def at(role: str) -> int:
        return next((int(graph[it.node]["inputs"][it.input]) for it in bindings.of(role)), 0)

    return at("width"), at("height")
