"""A file server on loopback that can be told to fail the way that real ones do."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Self

from aiohttp import web


class FileServer:
    """Serves `data` at `url`, with byte ranges, and notes the Range header of every request ("" for none).

    Its faults can be changed between requests: `status` answers with that status instead; `cut_after` closes the
    connection after so many bytes of a body; `ignore_ranges` always sends the whole; `without_length` does not
    announce the length; `hold` is waited for after the first half of a body, and `halfway` is set there.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.status = 0
        self.cut_after: int | None = None
        self.ignore_ranges = False
        self.without_length = False
        self.hold: asyncio.Event | None = None
        self.halfway = asyncio.Event()
        self.ranges: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/file", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/file"
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self.hold:
            self.hold.set()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range", "")
        self.ranges.append(asked)
        if self.status:
            return web.Response(status=self.status)
        first = re.fullmatch(r"bytes=(\d+)-", asked)
        start = int(first[1]) if first and not self.ignore_ranges else 0
        if start and start >= len(self.data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(self.data)}"})
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"
        if not self.without_length:
            response.content_length = len(self.data) - start
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the client had enough
            await self._send(request, response, self.data[start:])
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, body: bytes) -> None:
        if self.cut_after is not None:
            await response.write(body[: self.cut_after])
            if request.transport:
                request.transport.close()  # sends what was written, then hangs up
            return
        half = len(body) // 2
        await response.write(body[:half])
        if self.hold:
            self.halfway.set()
            await self.hold.wait()
        await response.write(body[half:])
