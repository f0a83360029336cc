"""ComfyUI's API: one method a route, answers as values, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pointsman.core.errors import PictureFailed, PointsmanError, Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.providers.comfyui import failures
from pointsman.providers.comfyui.graph import Graph
from pointsman.providers.comfyui.listening import Socket, session_for
from pointsman.providers.comfyui.stats import Stats, stats_in
from pointsman.providers.remote.wire import Reply, Request, Wire

if TYPE_CHECKING:
    import aiohttp

# Nothing of this computes in ComfyUI but /prompt, which reads the folders of models: a slow disk takes its time.
SECONDS: Final = 15.0
VIEW_SECONDS: Final = 60.0
# A picture of 16 MB over a home network without cables.
UPLOAD_SECONDS: Final = 60.0
# Where ComfyUI keeps what is sent to it: a folder of ours in one that it empties whenever it starts.
SUBFOLDER: Final = "pointsman"
KEPT: Final = "temp"
# A queue holds the whole graph of each prompt; a batch of pictures comes as one file each.
MOST_ANSWER: Final = 32_000_000
MOST_PICTURE: Final = 128_000_000
MOST_SAID: Final = 64_000
START_IT: Final = "start ComfyUI, or correct images.comfyui.url (or COMFYUI_URL)"


@dataclass(frozen=True, slots=True)
class Queue:
    """The ids of the prompts that ComfyUI has to do, those waiting in their order."""

    running: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    def holds(self, prompt_id: str) -> bool:
        """Whether a prompt is in it."""
        return prompt_id in self.running or prompt_id in self.pending

    def before(self, prompt_id: str) -> int:
        """How many come before a prompt that waits."""
        return len(self.running) + self.pending.index(prompt_id)


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture as it lies in ComfyUI's folders; `kind` is output, temp or input."""

    filename: str
    subfolder: str = ""
    kind: str = "output"

    @property
    def loaded_as(self) -> str:
        """The name that a Load Image node takes, which without a folder's name looks in "input"."""
        name = f"{self.subfolder}/{self.filename}" if self.subfolder else self.filename
        return name if self.kind == "input" else f"{name} [{self.kind}]"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a prompt ended: its pictures by node, or the event that ended it otherwise ("" when all went well)."""

    outputs: Mapping[str, tuple[Stored, ...]]
    event: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


class ComfyClient:
    """Speaks with the ComfyUI at `url`. Every method raises Unreachable when it does not answer."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        self.url = url.rstrip("/")
        self.host = urlsplit(self.url).netloc
        self._seconds = seconds
        self._wire = Wire(f"ComfyUI at {self.host}")
        self._session: aiohttp.ClientSession | None = None

    async def submit(self, graph: Graph, prompt_id: str, client_id: str, *, name: str, source: str = "") -> str:
        """Puts a graph into the queue and returns the id that it goes by, which an old ComfyUI chooses itself.

        Raises WorkflowError and PictureFailed for one that is refused, with what is wrong; `name` and `source` are the
        workflow's. One that is refused in part is taken out of the queue again.
        """
        body = {"prompt": graph, "prompt_id": prompt_id, "client_id": client_id}
        reply = await self._send("POST", "/prompt", body)
        said = reply.json()
        known = str(said.get("prompt_id") or "") if isinstance(said, dict) else ""
        if error := failures.refused(reply, name, graph, source):
            if known:
                await self.delete(known)
                if known in (await self.queue()).running:  # an old ComfyUI would stop whichever runs
                    await self.interrupt(known)
            raise error
        return known or prompt_id

    async def queue(self) -> Queue:
        """What runs and what waits."""
        said = await self._json("GET", "/queue")
        running, pending = (rows(said.get(key)) for key in ("queue_running", "queue_pending"))
        return Queue(tuple(it for _, it in running), tuple(it for _, it in sorted(pending)))

    async def history(self, prompt_id: str) -> Ended | None:
        """How a prompt ended; None while it has not, and when it is not known."""
        entry = (await self._json("GET", f"/history/{quote(prompt_id, safe='')}")).get(prompt_id)
        return ended_in(entry) if isinstance(entry, dict) else None

    async def delete(self, prompt_id: str) -> None:
        """Takes a prompt that waits out of the queue; nothing happens to one that runs."""
        await self._send("POST", "/queue", {"delete": [prompt_id]})

    async def interrupt(self, prompt_id: str) -> None:
        """Stops a prompt that runs, between two operations; nothing happens to another (but in an old ComfyUI)."""
        await self._send("POST", "/interrupt", {"prompt_id": prompt_id})

    async def free(self, *, deep: bool = False) -> None:
        """Asks for the card's memory; it comes back after the prompt that runs. `deep` drops results kept in memory."""
        body = {"unload_models": True, **({"free_memory": True} if deep else {})}
        reply = await self._send("POST", "/free", body)
        if reply.status >= 300:
            raise failures.not_comfyui(reply)

    async def view(self, stored: Stored) -> tuple[bytes, str]:
        """The bytes of a picture, and their media type. Raises PictureFailed where it is gone."""
        query = urlencode({"filename": stored.filename, "subfolder": stored.subfolder, "type": stored.kind})
        request = Request("GET", f"{self.url}/view?{query}", most_body=MOST_PICTURE)
        reply = await self._sent(request, VIEW_SECONDS)
        kind = reply.headers.get("content-type", "").partition(";")[0]
        if reply.status == 404:
            raise PictureFailed(f"{stored.filename} is gone from ComfyUI's folders", cure="ask again")
        if reply.status != 200 or not kind.startswith(("image/", "application/octet-stream")):
            raise failures.not_comfyui(reply)
        return reply.body, kind

    async def upload(self, data: bytes, filename: str, media_type: str) -> Stored:
        """Sends a picture that another one is made of; ComfyUI forgets it when it starts anew.

        The same name is written over. Raises InvalidInput where it is larger than ComfyUI takes.
        """
        import aiohttp

        form = aiohttp.FormData({"type": KEPT, "subfolder": SUBFOLDER, "overwrite": "true"})
        form.add_field("image", BytesIO(data), filename=filename, content_type=media_type)
        reply = await self._posted(f"{self.url}/upload/image", form)
        said = reply.json()
        if reply.status == 413:
            raise failures.too_large(len(data))
        if reply.status != 200 or not isinstance(said, dict) or not said.get("name"):
            raise failures.not_comfyui(reply)
        return Stored(str(said["name"]), str(said.get("subfolder") or ""), str(said.get("type") or KEPT))

    async def system_stats(self) -> Stats:
        """How it was started, and its memory."""
        stats = stats_in(await self._json("GET", "/system_stats"))
        if stats is None:
            raise Unreachable(f"what answers at {self.host} is not ComfyUI", cure=failures.IS_IT_COMFYUI)
        return stats

    async def object_info(self, class_type: str) -> Mapping[str, Any] | None:
        """What a class of nodes takes and gives, as ComfyUI describes it; None where it is not installed."""
        info = (await self._json("GET", f"/object_info/{quote(class_type, safe='')}")).get(class_type)
        return info if isinstance(info, dict) else None

    async def listen(self, client_id: str) -> Socket | None:
        """The events of this client's prompts; None where ComfyUI answers but gives no WebSocket, as behind a proxy."""
        import aiohttp

        url = f"{self.url}/ws?{urlencode({'clientId': client_id})}"
        try:
            return await Socket.open(self._opened(), url, self._seconds)
        except aiohttp.WSServerHandshakeError:
            return None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(str(getattr(error, "strerror", "") or type(error).__name__)) from None

    async def close(self) -> None:
        """Closes the connections; the next call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._wire.close()

    async def _posted(self, url: str, form: aiohttp.FormData) -> Reply:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS, sock_connect=self._seconds)
        try:
            async with self._opened().post(url, data=form, timeout=timeout, allow_redirects=False) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = b""
                async for part in response.content.iter_any():
                    body += part
                    if len(body) > MOST_SAID:
                        break
                return Reply(response.status, headers, body)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(str(getattr(error, "strerror", "") or type(error).__name__)) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = session_for(self.url)
        return self._session

    async def _json(self, method: str, path: str) -> Mapping[str, Any]:
        reply = await self._send(method, path)
        said = reply.json()
        if reply.status != 200 or not isinstance(said, dict):
            raise failures.not_comfyui(reply)
        return said

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        reply = await self._sent(Request(method, f"{self.url}{path}", body=body, most_body=MOST_ANSWER), self._seconds)
        if reply.status in {401, 403, 404, 405} or 300 <= reply.status < 400 or reply.status in {502, 503, 504}:
            raise failures.not_comfyui(reply)
        return reply

    async def _sent(self, request: Request, seconds: float) -> Reply:
        try:
            return await self._wire.send(request, seconds)
        except ServiceFailed as fault:
            raise self._unreachable(fault.message.removeprefix(f"{fault.service}: ")) from None

    def _unreachable(self, why: str) -> PointsmanError:
        return Unreachable(f"ComfyUI at {self.host}: {why}", cure=START_IT)


def rows(said: object) -> list[tuple[float, str]]:
    """The prompts in a part of the queue: number and id; the smallest number is next."""
    found = [it for it in said if isinstance(it, list) and len(it) > 1] if isinstance(said, list) else []
    return [(float(it[0]) if isinstance(it[0], int | float) else 0.0, str(it[1])) for it in found]


def ended_in(entry: Mapping[str, Any]) -> Ended:
    """How a prompt ended, by its entry in the history."""
    status = entry.get("status")
    status = status if isinstance(status, dict) else {}
    outputs = entry.get("outputs")
    pictures = {str(node): pictures_in(it) for node, it in outputs.items()} if isinstance(outputs, dict) else {}
    if status.get("status_str", "success") == "success":
        return Ended(pictures)
    for message in status.get("messages") or ():
        if (
            isinstance(message, list)
            and len(message) > 1
            and message[0] in {"execution_error", "execution_interrupted"}
        ):
            return Ended(pictures, message[0], message[1] if isinstance(message[1], dict) else {})
    return Ended(pictures, "execution_error")


def pictures_in(output: object) -> tuple[Stored, ...]:
    """The pictures that a node put out."""
    images = output.get("images") if isinstance(output, dict) else None
    return tuple(
        Stored(str(it["filename"]), str(it.get("subfolder") or ""), str(it.get("type") or "output"))
        for it in (images if isinstance(images, list) else ())
        if isinstance(it, dict) and it.get("filename")
    )
