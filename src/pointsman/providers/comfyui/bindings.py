"""Which inputs of a workflow are set for each picture, by node id and name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Final, Protocol

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui.graph import EXPORT, Graph, class_of, link

TEXTS: Final = frozenset({"prompt", "negative", "image"})
# Where the configuration says what is set in the ordinary workflow; those of jobs have keys of their own.
KEY: Final = "images.comfyui"


def again(key: str) -> str:
    """What to do about a binding that does not fit; `key` is where the workflow is configured."""
    return f"was it exported anew? Ids change then. Correct {key}.bindings; to export it: {EXPORT}"


@dataclass(frozen=True, slots=True)
class Binding:
    """An input of a node; where `class_type` is named, the node must be of that class."""

    node: str
    input: str
    class_type: str = ""

    def __str__(self) -> str:
        return f"{self.node}.{self.input}"


@dataclass(frozen=True, slots=True)
class Bindings:
    """What is set in a workflow, each in none, one or several inputs; `output` is the node whose pictures count.

    `encoder_device` are the inputs that move the text encoder to the processor. Of a workflow that makes a picture of
    another one, `image` takes that one's name, and `denoise` says how much of it is drawn anew (0 to 1).
    """

    prompt: tuple[Binding, ...] = ()
    negative: tuple[Binding, ...] = ()
    seed: tuple[Binding, ...] = ()
    steps: tuple[Binding, ...] = ()
    width: tuple[Binding, ...] = ()
    height: tuple[Binding, ...] = ()
    batch: tuple[Binding, ...] = ()
    encoder_device: tuple[Binding, ...] = ()
    image: tuple[Binding, ...] = ()
    denoise: tuple[Binding, ...] = ()
    output: str = ""

    def __str__(self) -> str:
        told = [f"{role} {' and '.join(map(str, bound))}" for role in ROLES if (bound := self.of(role))]
        return ", ".join([*told, f"output {self.output}"])

    def of(self, role: str) -> tuple[Binding, ...]:
        """The inputs that are bound to a role, such as "seed"."""
        bound: tuple[Binding, ...] = getattr(self, role)
        return bound


ROLES: Final = tuple(it.name for it in fields(Bindings) if it.name != "output")


class Bound(Protocol):
    """A binding as a configuration holds it."""

    @property
    def node(self) -> str: ...  # noqa: D102
    @property
    def input(self) -> str: ...  # noqa: D102
    @property
    def class_type(self) -> str: ...  # noqa: D102


Given = Mapping[str, Sequence[Bound] | None]
"""By role; an empty list binds nothing, and what is missing or None is to be found."""


def plain(data: Mapping[str, Any]) -> dict[str, tuple[Binding, ...]]:
    """The bindings of a file that ships with Pointsman: an object with node, input and class, or a list of them."""
    return {
        role: tuple(
            Binding(it["node"], it["input"], it["class"]) for it in (said if isinstance(said, list) else [said])
        )
        for role, said in data.items()
    }


def joined(found: Bindings, given: Given, output: str) -> Bindings:
    """What was given, and for the rest what was found."""
    roles = {
        role: found.of(role) if (said := given.get(role)) is None else tuple(binding(it) for it in said)
        for role in ROLES
    }
    return Bindings(**roles, output=output or found.output)


def binding(bound: Bound) -> Binding:
    """A configured binding as a value."""
    return Binding(bound.node, bound.input, bound.class_type)


def checked(bindings: Bindings, graph: Graph, name: str, key: str = KEY) -> Bindings:
    """The bindings, where all of them fit the graph. Raises WorkflowError with the first that does not."""
    for role in ROLES:
        for bound in bindings.of(role):
            _check(bound, role, graph, name, key)
    if bindings.output not in graph:
        raise WorkflowError(
            f"{name}: the output is to be node {bindings.output}, which is missing",
            cure=f"set {key}.output to the id of the node that saves the pictures; {again(key)}",
        )
    return bindings


def _check(bound: Binding, role: str, graph: Graph, name: str, key: str) -> None:
    if bound.node not in graph:
        raise WorkflowError(f"{name}: {role} is bound to node {bound.node}, which is missing", cure=again(key))
    class_type, inputs = class_of(graph, bound.node), graph[bound.node]["inputs"]
    if bound.class_type and class_type != bound.class_type:
        raise WorkflowError(
            f"{name}: {role} is bound to a {bound.class_type}, but node {bound.node} is a {class_type}", cure=again(key)
        )
    if role == "encoder_device":
        return  # ComfyUI leaves it out where it was never changed
    if bound.input not in inputs:
        near = get_close_matches(bound.input, inputs, n=1) or sorted(inputs)[:5]
        raise WorkflowError(
            f"{name}: {role} is bound to {bound}, but node {bound.node} ({class_type}) has no input of that name;"
            f" it has {', '.join(near)}",
            cure=again(key),
        )
    value = inputs[bound.input]
    if source := link(value):
        raise WorkflowError(
            f"{name}: {role} is bound to {bound}, which node {source} ({class_of(graph, source)}) already sets",
            cure=f"bind it to an input of node {source} in {key}.bindings",
        )
    fits = isinstance(value, str) if role in TEXTS else isinstance(value, int | float) and not isinstance(value, bool)
    if not fits:
        raise WorkflowError(
            f"{name}: {role} is bound to {bound}, which holds {type(value).__name__} and not"
            f" {'a text' if role in TEXTS else 'a number'}",
            cure=again(key),
        )
