"""Looks whether a ComfyUI has the nodes and the model files that a workflow names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui import failures
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.graph import is_file, link
from pointsman.providers.comfyui.workflow import Workflow

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Missing:
    """What a ComfyUI does not have: a class of nodes (`key` is ""), or what an input names; `there` is what it has."""

    node: str
    class_type: str
    key: str = ""
    value: str = ""
    there: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.key:
            return f"node {self.node}: {self.class_type} is not installed"
        folder = failures.folder_of(self.class_type, self.key)
        near = get_close_matches(self.value, self.there, n=SHOWN, cutoff=0.5) or self.there[:SHOWN]
        has = f"ComfyUI has {', '.join(near)}" if near else "ComfyUI has none"
        where = f" in models/{folder}" if folder and is_file(self.value) else ""
        return f"node {self.node} ({self.class_type}): {self.key} {self.value} is not there{where}; {has}"


async def missing(client: ComfyClient, workflow: Workflow) -> tuple[Missing, ...]:
    """What is missing for a workflow, in the order of its nodes. Raises Unreachable.

    A picture that another one is made of is not: it is sent before.
    """
    sent = {(it.node, it.input) for it in workflow.bindings.image}
    known: dict[str, Mapping[str, Any] | None] = {}
    found: list[Missing] = []
    for node, entry in workflow.graph.items():
        class_type = str(entry["class_type"])
        if class_type not in known:
            known[class_type] = await client.object_info(class_type)
        info = known[class_type]
        if info is None:
            found.append(Missing(node, class_type))
            continue
        for key, value in entry["inputs"].items():
            there = choices(info, key)
            if there is not None and not link(value) and value not in there and (node, key) not in sent:
                found.append(Missing(node, class_type, key, str(value), tuple(map(str, there))))
    return tuple(found)


async def require(client: ComfyClient, workflow: Workflow) -> None:
    """Raises WorkflowError with all that is missing, and Unreachable."""
    found = await missing(client, workflow)
    if not found:
        return
    files = [it for it in found if is_file(it.value)]
    told = "; ".join(map(str, found))
    if len(files) == len(found):
        folders = sorted({failures.folder_of(it.class_type, it.key) for it in files} - {""})
        where = " and ".join(f"models/{it}" for it in folders) or "where ComfyUI looks"
        source = f"; {workflow.source}" if workflow.source else ""
        cure = f"put the files into ComfyUI's folder {where}, or name installed ones in the workflow{source}"
    else:
        cure = "update ComfyUI and install the custom nodes that the workflow needs, then start ComfyUI anew"
    raise WorkflowError(f"{workflow.name}: {told}", cure=cure)


def choices(info: Mapping[str, Any], key: str) -> list[Any] | None:
    """What an input can be chosen from; None where it is free, or not known."""
    inputs = info.get("input")
    for group in ("required", "optional"):
        spec = (inputs.get(group) or {}).get(key) if isinstance(inputs, dict) else None
        if not isinstance(spec, list) or not spec:
            continue
        if isinstance(spec[0], list):
            return spec[0]
        # Newer nodes describe it so.
        options = spec[1].get("options") if spec[0] == "COMBO" and len(spec) > 1 and isinstance(spec[1], dict) else None
        return options if isinstance(options, list) else None
    return None
