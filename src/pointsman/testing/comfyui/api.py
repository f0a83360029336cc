"""The HTTP API of the fake ComfyUI: every route also under /api."""

from __future__ import annotations

import itertools
import json
import uuid
from mimetypes import guess_type
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from pointsman.testing.comfyui import nodes
from pointsman.testing.comfyui.inputs import Files, found, listed, stored, upload_of
from pointsman.testing.comfyui.prompts import Prompt, Prompts
from pointsman.testing.comfyui.sockets import FEATURES, Sockets
from pointsman.testing.comfyui.validation import validate, whole_error
from pointsman.testing.comfyui.world import World

PAGE: Final = "<html><body><h1>502 Bad Gateway</h1></body></html>"
TROUBLE: Final = "500 Internal Server Error\n\nServer got itself in trouble"
NEEDS_JSON: Final = frozenset({"prompt", "free", "queue", "history"})
RAM: Final = {"total": 24 * 10**9, "free": 20 * 10**9}


class Api:
    """Answers calls; what was asked is in `requests` (method, path, body), and what /free wants in `flags`.

    The body of an upload is an `inputs.Upload`.
    """

    def __init__(
        self, world: World, prompts: Prompts, sockets: Sockets, *, files: Files, argv: tuple[str, ...], version: str
    ) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self.flags: dict[str, bool] = {}
        self._world = world
        self._prompts = prompts
        self._sockets = sockets
        self._files = files
        self._argv = argv
        self._version = version
        self._numbers = itertools.count()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        path = request.path.removeprefix("/api")
        if path == "/ws":
            return await self._sockets.serve(request)
        uploads = (request.method, path) == ("POST", "/upload/image")
        said = await upload_of(request) if uploads else parsed(await request.read())
        self.requests.append((request.method, path, said))
        if self._world.mishaps.take("pages"):
            await self._prompts.notify()
            return web.Response(text=PAGE, status=self._world.mishaps.page_status, content_type="text/html")
        words = [unquote(it) for it in request.rel_url.raw_path.removeprefix("/api").strip("/").split("/")]
        answer = await self._posted(words, said) if request.method == "POST" else self._got(request, words)
        await self._prompts.notify()
        return answer

    async def _posted(self, path: list[str], said: Any) -> web.Response:
        if path[0] in NEEDS_JSON and (said is None or (path[0] != "prompt" and not isinstance(said, dict))):
            return web.Response(text=TROUBLE, status=500)
        match path:
            case ["upload", "image"]:
                return self._uploaded(said)
            case ["prompt"]:
                return await self._submitted(said)
            case ["queue"]:
                await self._deleted(said)
            case ["history"]:
                for prompt_id in list(self._prompts.ended) if said.get("clear") else said.get("delete", []):
                    self._prompts.ended.pop(prompt_id, None)
            case ["interrupt"]:
                wanted = said.get("prompt_id") if isinstance(said, dict) else None
                running = self._prompts.running
                if running is not None and wanted in {None, running.id}:
                    self._world.interrupted.set()
            case ["free"]:
                self.flags |= {key: bool(said[key]) for key in ("unload_models", "free_memory") if said.get(key)}
            case _:
                return web.Response(status=405)
        return web.Response()

    def _got(self, request: web.Request, path: list[str]) -> web.Response:
        match path:
            case ["view"]:
                return self._viewed(request)
            case ["history"]:
                most = int(request.query.get("max_items", 0)) or len(self._prompts.ended)
                return web.json_response(dict(list(self._prompts.ended.items())[-most:]))
            case ["history", prompt_id]:
                known = prompt_id in self._prompts.ended and not self._world.mishaps.take("history_lags")
                return web.json_response({prompt_id: self._prompts.ended[prompt_id]} if known else {})
            case ["object_info", name]:
                known = name in self._world.classes
                return web.json_response({name: self._world.classes[name].info} if known else {})
            case ["models", folder] if folder in nodes.FOLDERS:
                return web.json_response(nodes.files_in(self._world.models, folder))
            case [name] if (said := self._told(name)) is not None:
                return web.json_response(said)
        return web.Response(status=404)

    def _told(self, name: str) -> Any:
        """What a call without arguments tells; None for one that there is not."""
        match name:
            case "queue":
                return self._prompts.rows
            case "prompt":
                return self._prompts.status
            case "system_stats":
                return self._stats()
            case "object_info":
                return {it.name: it.info for it in self._world.classes.values()}
            case "models":
                return list(nodes.FOLDERS)
            case "features":
                return FEATURES
            case "embeddings":
                return []
        return None

    async def _submitted(self, said: Any) -> web.Response:
        if not isinstance(said, dict) or "prompt" not in said:
            error = whole_error("no_prompt", "No prompt provided", "No prompt provided")
            return web.json_response({"error": error, "node_errors": {}}, status=400)
        number = float(said["number"]) if "number" in said else next(self._numbers)
        number = -number if said.get("front") else number
        verdict = validate(said["prompt"], self._world.classes, lambda name: found(self._files, name) is not None)
        if verdict.error is not None:
            return web.json_response({"error": verdict.error, "node_errors": verdict.node_errors}, status=400)
        prompt_id = str(said.get("prompt_id") or "")
        prompt_id = str(uuid.uuid4()) if self._world.mishaps.own_ids or not prompt_id else prompt_id
        extra = dict(said.get("extra_data") or {})
        extra |= {"client_id": said["client_id"]} if "client_id" in said else {}
        extra["create_time"] = self._world.now()
        self._prompts.pending.append(Prompt(number, prompt_id, said["prompt"], extra, verdict.outputs))
        await self.changed()
        return web.json_response({"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors})

    def _uploaded(self, upload: Any) -> web.Response:
        if self._world.mishaps.take("too_large"):
            return web.Response(text="413: Request Entity Too Large", status=413)
        answer = stored(upload, self._files)
        self._world.classes[nodes.LOADER].required["image"][0][:] = listed(self._files)
        return answer

    async def _deleted(self, said: dict[str, Any]) -> None:
        """Takes prompts that wait out of the queue; they leave no trace."""
        gone = {it.id for it in self._prompts.pending} if said.get("clear") else set(said.get("delete", []))
        self._prompts.pending = [it for it in self._prompts.pending if it.id not in gone]
        if gone:
            await self.changed()

    async def changed(self) -> None:
        """Tells all that the queue has changed."""
        await self._sockets.tell("status", {"status": self._prompts.status})
        await self._prompts.notify()

    def _viewed(self, request: web.Request) -> web.Response:
        name = request.query.get("filename", "")
        if name.startswith("/") or ".." in name:
            return web.Response(status=400)
        place = (request.query.get("type", "output"), request.query.get("subfolder", ""), name)
        if place not in self._files:
            return web.Response(status=404)
        named = {"Content-Disposition": f'filename="{name}"'}
        kind = guess_type(name)[0] or "application/octet-stream"
        return web.Response(body=self._files[place], content_type=kind, headers=named)

    def _stats(self) -> dict[str, Any]:
        share = self._world.share
        if share.card is None:
            device: dict[str, Any] = {"name": "cpu", "type": "cpu", "index": None}
            sizes = (RAM["total"], RAM["free"]) * 2
        else:
            device = {"name": "cuda:0 NVIDIA Fake : cudaMallocAsync", "type": "cuda", "index": 0}
            sizes = (share.card.total, share.card.free, share.held, 0)
        device |= dict(zip(("vram_total", "vram_free", "torch_vram_total", "torch_vram_free"), sizes, strict=True))
        system = {
            "os": "linux",
            "ram_total": RAM["total"],
            "ram_free": RAM["free"],
            "comfyui_version": self._version,
            "required_frontend_version": "1.35.9",
            "installed_templates_version": None,
            "required_templates_version": "0.7.67",
            "python_version": "3.11.7",
            "pytorch_version": "2.13.0",
            "embedded_python": False,
            "argv": list(self._argv),
        }
        return {"system": system, "devices": [device]}


def parsed(body: bytes) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
