"""A fake Ollama on a card: its own routes beside those of OpenAI's language, by models that take memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing, suppress
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from pointsman.core.ports import Clock
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.chat import Reply, echo
from pointsman.testing.clouds.deciding import Decide, by_words
from pointsman.testing.clouds.delivery import Delivery, Sleep, reset
from pointsman.testing.clouds.faults import AnyTrouble, StreamTrouble, Trouble
from pointsman.testing.clouds.ollama import FakeOllama, native
from pointsman.testing.clouds.tools import UseTool, by_name
from pointsman.testing.ollama import in_openai, pulling
from pointsman.testing.ollama.bodies import typed
from pointsman.testing.ollama.listing import left, row_of
from pointsman.testing.ollama.mishaps import TEXTS, Refusal, missing
from pointsman.testing.ollama.models import LIBRARY, OllamaFile
from pointsman.testing.ollama.native import Cut, Native
from pointsman.testing.ollama.replies import whole
from pointsman.testing.ollama.residency import Residency
from pointsman.testing.ollama.runner import Limits, Pace

NDJSON: Final = "application/x-ndjson"
STREAMED: Final = {"/api/chat": "chat", "/api/generate": "generate", "/api/pull": "pull"}
VECTORS: Final = ("/api/embed", "/api/embeddings")
METHODS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "/": frozenset({"GET", "HEAD"}),
        **dict.fromkeys(("/api/version", "/api/tags", "/api/ps"), frozenset({"GET"})),
        **dict.fromkeys(("/api/show", *VECTORS, *STREAMED), frozenset({"POST"})),
    }
)
TRUNCATED: Final = "unexpected end of JSON input"


class FakeOllamaOnCard(FakeOllama):
    """Ollama on a `card` that others may share; `url` ends with the port, `openai_url` with /v1.

    `residency` holds what is in memory and takes `mishaps`; `troubles` are those of the connection. `files` are on
    its disk, `pullable` can be downloaded. `pace` says what takes time, of which there is none by default; `sleep`
    and `clock` have to agree. A client that hangs up while its model is being loaded has the load dropped.
    """

    def __init__(
        self,
        card: FakeCard | None = None,
        *,
        files: Iterable[OllamaFile] = tuple(LIBRARY.values()),
        pullable: Iterable[OllamaFile] = (),
        limits: Limits | None = None,
        pace: Pace | None = None,
        version: str = "0.35.2",
        clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
        decide: Decide = by_words,
        reply: Reply = echo,
        use_tool: UseTool = by_name,
    ) -> None:
        super().__init__(
            models=(),
            embedding_models={},
            version=version,
            clock=clock,
            decide=decide,
            reply=reply,
            use_tool=use_tool,
            sleep=sleep,
        )
        self.files: dict[str, OllamaFile] = {}
        self.pullable = {it.full_name: it for it in pullable}
        self.card = card or FakeCard(24 * GIB, clock)
        self.residency = Residency(self.card, clock=clock, sleep=sleep, limits=limits, pace=pace)
        self._native = Native(
            self.residency, self._find, clock=clock, sleep=sleep, decide=decide, reply=reply, use_tool=use_tool
        )
        for file in files:
            self.install(file)

    def install(self, file: OllamaFile) -> None:
        """Puts a model on the disk."""
        self.files[file.full_name] = file
        if file.dimensions:
            self.embedding_models[self._named(file.full_name)] = file.dimensions
        else:
            self.models = (*self.models, self._named(file.full_name))

    def errors(self, model: str) -> Mapping[str, Answer]:
        """The errors of all its routes, those of its own under the names of mishaps."""
        own = {name: Answer({"error": text}, status) for name, (status, text) in TEXTS.items()}
        return {**super().errors(model), **own}

    async def answer(self, asked: Asked) -> Answer:
        """What Ollama answers where it does not stream."""
        if asked.path in METHODS and asked.method not in METHODS[asked.path]:
            return Answer("405 method not allowed", 405, kind="text/plain")
        if asked.path == "/api/ps":
            self.residency.expire_due()
            return Answer({"models": self._running()})
        if asked.path not in {"/api/show", *VECTORS} and not asked.path.startswith(f"{self.api}/"):
            return await super().answer(asked)
        try:
            if asked.path == "/api/show":
                return Answer(self._find(read(asked)).show())
            if asked.path in VECTORS:
                return Answer(await self._native.vectors(asked.path, read(asked)))
            return await self._in_openai(asked)
        except Refusal as refusal:
            self.refused.busy += refusal.status == 503
            if asked.path.startswith(self.api):
                return in_openai.refused(refusal)
            return Answer({"error": refusal.text}, refusal.status)

    async def __aexit__(self, kind: object, *error: object) -> None:
        await super().__aexit__(kind, *error)
        await self.residency.close()

    async def _in_openai(self, asked: Asked) -> Answer:
        """The answer in OpenAI's language, which is that of its own routes in other words."""
        path, body = asked.path.removeprefix(self.api), asked.fields
        match asked.method, path:
            case "GET", "/models":
                return Answer({"object": "list", "data": [in_openai.row(self._tag(it)) for it in self._names()]})
            case "GET", _ if path.startswith("/models/"):
                name = path.removeprefix("/models/")
                return Answer(in_openai.row(self._find({"model": name}).tag(), name))
            case "POST", "/chat/completions":
                self._serial += 1
                return await in_openai.chat(body, self._native.lines, self._serial, asked.at)
            case "POST", "/embeddings":
                said = await self._native.embedded(in_openai.vectors_asked(body))
                return in_openai.vectors_told(body, said)
        return await super().answer(asked)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST" or request.path not in STREAMED:
            return await super()._handle(request)
        asked = await self._read(request)
        self.requests.append(asked)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._notify()
            return await self._streamed(request, asked, self.troubles.next())
        except Exception as error:
            self._broke = self._broke or error
            raise
        finally:
            self.in_flight -= 1
            await self._notify()

    async def _streamed(self, request: web.Request, asked: Asked, trouble: AnyTrouble | None) -> web.StreamResponse:
        """Sends the lines one by one where that is wanted, and all is well so far."""
        delivery = Delivery(self.title, self._sleep, self._closing)
        route = STREAMED[asked.path]
        if isinstance(trouble, Trouble) and trouble.kind == "error":
            return await self._sent(delivery, request, asked, native(self.errors(asked.model)[trouble.name]))
        gone: list[dict[str, Any]] = []
        try:
            async with aclosing(self._lines(route, asked)) as lines:
                first = await anext(lines)
                if asked.fields.get("stream", True) is not False and not isinstance(trouble, Trouble):
                    self.answered[200] += 1
                    with suppress(ConnectionError):  # the client hung up, upon which the model stops
                        return await self._stream(request, first, lines, trouble)
                    return reset(request)
                gone = [first, *[line async for line in lines]]
        except Cut:
            return reset(request)
        except Refusal as refusal:
            self.refused.busy += refusal.status == 503
            return await self._sent(delivery, request, asked, Answer({"error": refusal.text}, refusal.status), trouble)
        return await self._sent(delivery, request, asked, self._gathered(route, asked, gone), trouble)

    def _gathered(self, route: str, asked: Asked, lines: list[dict[str, Any]]) -> Answer:
        if asked.fields.get("stream", True) is not False:
            return Answer(b"".join(map(written, lines)), kind=NDJSON)
        if "error" in lines[-1]:
            return Answer(lines[-1], 500)
        return Answer(lines[-1] if route == "pull" else whole(route, lines))

    async def _sent(
        self,
        delivery: Delivery,
        request: web.Request,
        asked: Asked,
        answer: Answer,
        trouble: AnyTrouble | None = None,
    ) -> web.StreamResponse:
        self.answered[answer.status] += 1
        return await delivery.send(request, asked, answer, None if isinstance(trouble, StreamTrouble) else trouble)

    async def _stream(
        self,
        request: web.Request,
        first: Mapping[str, Any],
        lines: AsyncGenerator[dict[str, Any], None],
        trouble: StreamTrouble | Trouble | None,
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": NDJSON})
        await response.prepare(request)
        await response.write(written(first))
        said = 1
        try:
            async for line in lines:
                if isinstance(trouble, StreamTrouble) and said >= trouble.after:
                    if trouble.kind == "slow":
                        await self._sleep(trouble.seconds)
                    elif trouble.kind == "error":
                        await response.write(written({"error": "an error was encountered while running the model"}))
                        return response
                    elif trouble.kind in {"break", "hang"}:
                        if trouble.kind == "hang":
                            await self._closing.wait()
                        return reset(request)
                if not (isinstance(trouble, StreamTrouble) and trouble.kind == "no_done" and line.get("done")):
                    await response.write(written(line))
                said += 1
        except Cut:
            pass
        except Refusal as refusal:
            await response.write(written({"error": refusal.text}))
        return response

    async def _lines(self, route: str, asked: Asked) -> AsyncGenerator[dict[str, Any], None]:
        """The lines of an answer. Raises Refusal."""
        body = read(asked)
        if route != "pull":
            async with aclosing(self._native.lines(route, body)) as lines:
                async for line in lines:
                    yield line
            return
        name = self._full(str(body.get("model") or body.get("name") or ""))
        if not name.removesuffix(":latest"):
            raise Refusal(400, "invalid model name")
        file = self.pullable.get(name) or self.files.get(name)
        if file is None:
            async for line in pulling.failing("pull model manifest: file does not exist"):
                yield line
            return
        for line in pulling.lines_of(file):
            if self.residency.pace.pull > 0:
                await self._sleep(self.residency.pace.pull)
            if line["status"] == "success" and name not in self.files:
                self.install(file)
            yield line

    def _find(self, body: Mapping[str, Any]) -> OllamaFile:
        """The model that a body names. Raises Refusal."""
        name = body.get("model") or body.get("name")
        if not isinstance(name, str) or not name:
            raise Refusal(400, "model is required")
        file = self.files.get(self._full(name))
        if file is None:
            self.refused.model_gone += 1
            raise missing(name)
        return file

    def _full(self, name: str) -> str:
        return name if ":" in name.rpartition("/")[2] else f"{name}:latest"

    def _calls_none(self, model: str) -> bool:
        file = self.files.get(self._full(model))
        return file is not None and "tools" not in file.abilities

    def _tag(self, name: str) -> dict[str, Any]:
        file = self.files.get(self._full(name))
        return file.tag() if file else super()._tag(name)

    def _running(self) -> list[dict[str, Any]]:
        """The rows of /api/ps, those that stay longest first."""
        now = self.clock()
        return [row_of(it, now) for it in sorted(self.residency.runners.values(), key=lambda it: -left(it, now))]


def read(asked: Asked) -> dict[str, Any]:
    """The body of a request. Raises Refusal."""
    if not asked.body:
        raise Refusal(400, "missing request body")
    if not isinstance(asked.json, dict):
        raise Refusal(400, TRUNCATED)
    typed(asked.path, asked.json)
    return asked.json


def written(line: Mapping[str, Any]) -> bytes:
    """A line as it is sent."""
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"
