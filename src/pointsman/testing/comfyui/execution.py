"""Runs a graph as ComfyUI does: node after node, with its events in their order."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from pointsman.testing.comfyui.computing import OUT_OF_MEMORY, computed
from pointsman.testing.comfyui.nodes import LOADER
from pointsman.testing.comfyui.pictures import jpeg
from pointsman.testing.comfyui.world import Interrupted, NodeFailed, World

PREVIEW_SIDE: Final = 64
TRACEBACK: Final = ['  File "execution.py", in execute\n']

Tell = Callable[[str, dict[str, Any]], Awaitable[None]]
Show = Callable[[bytes, Mapping[str, Any], dict[str, Any]], Awaitable[None]]
"""Sends a preview (the picture, whose it is) and the `progress` event that goes with it."""


@dataclass(slots=True)
class Outcome:
    """How a run ended, as the history keeps it."""

    status: str = "success"
    messages: list[list[Any]] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)


class Run:
    """One prompt; `tell` sends an event to its client, `show` a preview. `node` is the one that it is at."""

    def __init__(self, world: World, prompt_id: str, graph: Mapping[str, Any], *, tell: Tell, show: Show) -> None:
        self.outcome = Outcome()
        self.node = ""
        self._world = world
        self._id = prompt_id
        self._graph = graph
        self._tell = tell
        self._show = show
        self._progress: dict[str, Any] = {}
        self._results: dict[str, Any] = {}
        self._executed: list[str] = []

    async def go(self, outputs: tuple[str, ...]) -> None:
        """Runs to the end, whatever that is."""
        cache = self._world.cache
        keys = {node: self._key(node) for node in self._graph}
        await self._note("execution_start")
        await self._note("execution_cached", nodes=[node for node in self._graph if keys[node] in cache])
        try:
            for node in self._order(outputs):
                if keys[node] in cache:
                    await self._again(node, cache[keys[node]])
                else:
                    self._results[node] = cache[keys[node]] = await self._do(node)
        except Interrupted:
            await self._broke("execution_interrupted")
        except NodeFailed as error:
            if error.kind == OUT_OF_MEMORY:
                self._world.share.unload()  # as it does when it finds the card full
            await self._broke("execution_error", **self._exception(error))
        else:
            await self._note("execution_success")
        # What the last prompt did not use is forgotten.
        self._world.cache = {key: it for key, it in cache.items() if key in set(keys.values())}

    def _order(self, outputs: tuple[str, ...]) -> list[str]:
        """The nodes that the outputs need, each after what it needs itself."""
        order: list[str] = []

        def visit(node: str) -> None:
            if node not in order:
                for value in self._graph[node]["inputs"].values():
                    if isinstance(value, list):
                        visit(value[0])
                order.append(node)

        for output in outputs:
            visit(output)
        return order

    def _key(self, node: str) -> str:
        """All that a node's result depends on."""
        entry = self._graph[node]
        inputs = {
            key: [self._key(value[0]), value[1]] if isinstance(value, list) and value[0] in self._graph else value
            for key, value in entry["inputs"].items()
        }
        if entry["class_type"] == LOADER:  # another picture may be there under the same name
            inputs["content"] = blake2b(self._world.find(str(inputs["image"])) or b"").hexdigest()
        return json.dumps([entry["class_type"], inputs], sort_keys=True)

    async def _again(self, node: str, result: Any) -> None:
        """A node that was computed before: only what it put out is told again."""
        self._results[node] = result
        if self._saves(node):
            await self._put_out(node, result)
            await self._tell_state(node, 1, 1, "finished")

    async def _do(self, node: str) -> Any:
        self.node = node
        await self._tell_state(node, 0.0, 1.0, "running")
        await self._tell("executing", {"node": node, "display_node": node, "prompt_id": self._id})

        async def stepped(step: int, most: int) -> None:
            await self._tell_state(node, step, most, "running")
            progress = {"value": step, "max": most, "prompt_id": self._id, "node": node}
            await self._show(jpeg(PREVIEW_SIDE, 255 * step // most), self._ids(node), progress)

        name = self._graph[node]["class_type"]
        result = await computed(self._world, self._graph, name, self._inputs(node), stepped)
        if self._saves(node):
            await self._put_out(node, result)
        most = self._progress[node]["max"]
        await self._tell_state(node, most, most, "finished")
        self._executed.append(node)
        return result

    def _saves(self, node: str) -> bool:
        return self._world.classes[self._graph[node]["class_type"]].saves

    def _inputs(self, node: str) -> dict[str, Any]:
        return {
            key: self._results[value[0]][value[1]] if isinstance(value, list) else value
            for key, value in self._graph[node]["inputs"].items()
        }

    async def _put_out(self, node: str, output: Any) -> None:
        self.outcome.outputs[node] = output
        await self._tell("executed", {"node": node, "display_node": node, "output": output, "prompt_id": self._id})

    async def _tell_state(self, node: str, value: float, most: float, state: str) -> None:
        self._progress[node] = {"value": value, "max": most, "state": state, **self._ids(node)}
        await self._tell("progress_state", {"prompt_id": self._id, "nodes": dict(self._progress)})

    def _ids(self, node: str) -> dict[str, Any]:
        ids = {"node_id": node, "prompt_id": self._id, "display_node_id": node}
        return {**ids, "parent_node_id": None, "real_node_id": node}

    async def _note(self, kind: str, **data: Any) -> None:
        """Tells an event that the history keeps, too."""
        told = {"prompt_id": self._id, **data, "timestamp": self._world.now()}
        self.outcome.messages.append([kind, told])
        await self._tell(kind, told)

    async def _broke(self, kind: str, **data: Any) -> None:
        self.outcome.status = "error"
        self.outcome.outputs = {}
        node_type = self._graph[self.node]["class_type"] if self.node else ""
        await self._note(kind, node_id=self.node, node_type=node_type, executed=list(self._executed), **data)

    def _exception(self, error: NodeFailed) -> dict[str, Any]:
        inputs = self._graph[self.node]["inputs"]
        return {
            "exception_message": str(error),
            "exception_type": error.kind,
            "traceback": TRACEBACK,
            "current_inputs": {key: [value] for key, value in inputs.items() if not isinstance(value, list)},
            "current_outputs": list(self._graph),
        }


def preview_frame(data: bytes, about: Mapping[str, Any], *, metadata: bool) -> bytes:
    """A preview as it goes over the socket."""
    if not metadata:
        return (1).to_bytes(4, "big") + (1).to_bytes(4, "big") + data
    told = json.dumps({**about, "image_type": "image/jpeg"}).encode()
    return (4).to_bytes(4, "big") + len(told).to_bytes(4, "big") + told + data
