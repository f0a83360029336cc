"""A workflow's graph, as ComfyUI exports it for its API: read, and refused with the reason where it is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pointsman.core.errors import WorkflowError

Graph = Mapping[str, Mapping[str, Any]]
"""Nodes by id: each has a `class_type` and `inputs`, which are values or links ([node id, number of its output])."""

# The largest workflows that people share have a few hundred nodes and 200 kB.
LARGEST: Final = 4_000_000
LINK_PARTS: Final = 2
FILES: Final = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin")
EXPORT: Final = "in ComfyUI open the workflow, choose Workflow > Export (API), and give the file that it saves"


def parse(content: bytes, name: str) -> Graph:
    """The graph in a file. Raises WorkflowError, with how to export one, for what is none."""
    if len(content) > LARGEST:
        raise WorkflowError(f"{name}: has {len(content):,} bytes, which no workflow has", cure=EXPORT)
    try:
        data = json.loads(content)
    except UnicodeDecodeError:
        raise WorkflowError(f"{name}: is no JSON but something binary, such as a picture", cure=EXPORT) from None
    except RecursionError:
        raise WorkflowError(f"{name}: is nested deeper than any workflow", cure=EXPORT) from None
    except ValueError as error:
        raise WorkflowError(f"{name}: is no JSON: {error}", cure=EXPORT) from None
    return checked(data, name)


def checked(data: object, name: str) -> Graph:
    """The data as a graph. Raises WorkflowError for what is none."""
    if isinstance(data, dict) and isinstance(data.get("nodes"), list) and "links" in data:
        raise WorkflowError(
            f"{name}: is the workflow as ComfyUI's page saves it; its API takes another format", cure=EXPORT
        )
    if isinstance(data, dict) and isinstance(data.get("prompt"), dict):
        data = data["prompt"]  # the whole request to /prompt, as some programs keep it
    if not isinstance(data, dict) or not data:
        raise WorkflowError(f"{name}: holds no nodes", cure=EXPORT)
    for node, entry in data.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("class_type"), str):
            raise WorkflowError(f"{name}: node {node} has no class_type", cure=EXPORT)
        if not isinstance(entry.get("inputs"), dict):
            raise WorkflowError(f"{name}: node {node} ({entry['class_type']}) has no inputs", cure=EXPORT)
    for node, entry in data.items():
        for key, value in entry["inputs"].items():
            if (source := link(value)) and source not in data:
                raise WorkflowError(
                    f"{name}: input {key} of node {node} ({entry['class_type']}) comes from node {source}, which is"
                    " missing",
                    cure=EXPORT,
                )
    return data


def link(value: object) -> str:
    """The node that a linked input comes from; "" for a value."""
    if isinstance(value, list) and len(value) == LINK_PARTS and isinstance(value[1], int):
        return str(value[0])
    return ""


def is_file(value: object) -> bool:
    """Whether the value of an input names a model file."""
    return isinstance(value, str) and value.lower().endswith(FILES)


def class_of(graph: Graph, node: str) -> str:
    """The class of a node; "" where there is none of that id."""
    return str(graph[node]["class_type"]) if node in graph else ""


def source_of(graph: Graph, node: str, key: str) -> str:
    """The node that an input is linked to; "" where it is a value, or missing."""
    source = link(graph[node]["inputs"].get(key))
    return source if source in graph else ""


def upstream(graph: Graph, node: str) -> Iterator[str]:
    """The node and all that it is made from, the nearest first; each once, also where links go in circles."""
    seen, waiting = {node}, [node]
    for here in waiting:
        yield here
        for key in graph[here]["inputs"]:
            source = source_of(graph, here, key)
            if source and source not in seen:
                seen.add(source)
                waiting.append(source)
