"""Chats and vectors of a concrete model of an Ollama: asked on its own routes, on which its keep-alive holds."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.errors import ModelFailed, PointsmanError
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Status
from pointsman.engine.router import Router
from pointsman.http.errors import Json, Problem
from pointsman.http.feed import Feed
from pointsman.http.fields import Fields
from pointsman.http.openai import from_ollama
from pointsman.http.openai.asked import Manner
from pointsman.http.openai.from_ollama import Form, Streamed, error_of, refusal
from pointsman.http.openai.to_ollama import Untranslatable, native_request, setup_of
from pointsman.http.sse import DONE, PING, EventStream, comment, frame
from pointsman.providers.ollama.failures import IS_IT_OLLAMA
from pointsman.providers.ollama.wire import MOST_LINE

Pieces = Feed[Opened | bytes | Status]
BROKEN: Final = ModelFailed("Ollama stopped without ending its reply", cure="ask again; its log says more")
MOST: Final = 64_000_000  # bytes of an answer that is read as a whole


async def chat(router: Router, manner: Manner, place: Place, data: dict[str, Any], *, key: str = "") -> Response:
    """The reply to a chat completion request. Raises BadField, and what `Router.relay` does before its beginning."""
    model = Fields(data).required_text("model")
    try:
        body = native_request(data, place)
    except Untranslatable as error:
        return Json(error_of(error.http_status, error.message), error.http_status)
    options = Fields(Fields(data).mapping("stream_options"), "stream_options")
    number = random.randrange(999)  # as Ollama does
    form = Form(f"chatcmpl-{number}", int(manner.now()), model, options.flag("include_usage"))
    feed: Pieces = Feed(router.relay(place, Forward("/api/chat", body), key=key))
    try:
        if not body["stream"]:
            status, read = await gathered(feed)
            await feed.close()
            return Json(form.whole(parsed(read))) if status < 300 else refusal(status, read)
        if await feed.ahead(manner.ping) and isinstance(first := await feed.peek(), Opened) and first.status >= 300:
            status, read = await gathered(feed)
            await feed.close()
            return refusal(status, read)
        return EventStream(frames(feed, form, manner.ping), {}, feed.close)
    except BaseException:
        await feed.close()
        raise


async def gathered(feed: Pieces) -> tuple[int, bytes]:
    """The status and the whole body of an answer; notices of the waiting go unheard."""
    status, read = 502, bytearray()
    while (piece := await feed.take()) is not None:
        if isinstance(piece, Opened):
            status = piece.status
        elif isinstance(piece, bytes):
            read += piece
            if len(read) > MOST:
                raise ModelFailed(f"Ollama answers with more than {MOST:,} bytes", cure="ask for less at once")
    return status, bytes(read)


async def frames(feed: Pieces, form: Form, ping: float) -> AsyncGenerator[bytes]:
    """The frames of an answer as it comes; whatever breaks it off is the last of them."""
    told, lines = Streamed(form), Lines()
    try:
        while not told.done:
            while not await feed.ahead(ping):
                yield PING
            piece = await feed.take()
            if piece is None:
                raise BROKEN
            if isinstance(piece, Opened) and piece.status >= 300:
                _, read = await gathered(feed)
                yield b"data: " + bytes(refusal(piece.status, read).body) + b"\n\n" + DONE
                return
            for part in said(piece, told, lines):
                yield part
    except PointsmanError as error:
        yield frame(Problem.of(error).to_dict()) + DONE


def said(piece: Opened | bytes | Status, told: Streamed, lines: Lines) -> Iterator[bytes]:
    """The frames of a piece."""
    if isinstance(piece, Status):
        yield comment(f"status {piece.text}")
    for line in lines.feed(piece) if isinstance(piece, bytes) else ():
        if "error" in line:
            told.done = True
            yield frame(error_of(500, str(line["error"]))) + DONE
            return
        yield from told.frames(line)


class Lines:
    """Cuts lines of JSON out of bytes that come in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """The lines that are complete now. Raises ModelFailed for one that is no object, or has no end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MOST_LINE:
            raise ModelFailed(f"Ollama sent a line of more than {MOST_LINE:,} bytes", cure=IS_IT_OLLAMA)
        for line in lines:
            if line.strip():
                yield parsed(line)


def parsed(read: bytes) -> dict[str, Any]:
    """An object that an Ollama wrote. Raises ModelFailed."""
    try:
        said = json.loads(read)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ModelFailed("Ollama answers with what is no JSON object", cure="ask again; its log says more")
    return said


async def embed(router: Router, place: Place, data: Mapping[str, Any], *, key: str = "") -> Response:
    """The vectors of texts. Raises what `Router.relay` does."""
    fields = Fields(data)
    packing = fields.text("encoding_format")
    if packing.lower() not in {"", "float", "base64"}:
        said = f"Invalid value for 'encoding_format' = {packing[:200]}. Supported values: ['float', 'base64']."
        return Json(error_of(400, said), 400)
    given = data.get("input")
    if given is None or given == []:
        return Json(error_of(400, "invalid input"), 400)
    body: dict[str, Any] = {**setup_of(data, place), "input": given if given != "" else [""]}
    if dimensions := fields.whole("dimensions", 0, None):
        body["dimensions"] = dimensions
    feed: Pieces = Feed(router.relay(place, Forward("/api/embed", body), key=key))
    try:
        status, read = await gathered(feed)
    finally:
        await feed.close()
    if status >= 300:
        return refusal(status, read)
    packed = packing.lower() == "base64"
    return Json(from_ollama.embeddings(parsed(read), fields.text("model"), packed=packed))
