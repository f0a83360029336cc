"""Follows one prompt to its end: by its events, and by the queue and the history where those are silent or lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from pointsman.core.errors import PointsmanError, Unreachable
from pointsman.core.ports import Clock
from pointsman.core.reply import Progress, Status
from pointsman.providers.comfyui import failures
from pointsman.providers.comfyui.client import ComfyClient, Ended, Stored, pictures_in
from pointsman.providers.comfyui.frames import Frame, Preview, Said
from pointsman.providers.comfyui.listening import ConnectionLost, Socket

Sleep = Callable[[float], Awaitable[object]]

# After so much silence the queue is looked at: an event may have been lost, and a prompt that somebody deleted while
# it waited ends without any.
LOOK_SECONDS: Final = 2.0
# Without a WebSocket (a proxy in between, a connection that broke) this is how often it is looked at, and connected.
POLL_SECONDS: Final = 1.0
# So many looks in a row may fail before the picture is given up: a gap in the network is waited for, and no restart,
# after which ComfyUI has forgotten the picture.
MOST_LOST: Final = 8
# So many looks in a row must find nothing of it, with what its events say read in between, before it is given up.
MOST_GONE: Final = 3
# The history is written right after `execution_success`; it has been seen to lag up to a second.
LAST_LOOKS: Final = 6
LAST_SECONDS: Final = 0.2


class Following:
    """One prompt on its way; `name` is its workflow's, for messages, and `loaders` are its nodes that read models.

    Nothing happens for `timeout` seconds at most: no event of its own, no change of its place in the queue.
    """

    def __init__(
        self,
        client: ComfyClient,
        socket: Socket | None,
        prompt_id: str,
        client_id: str,
        *,
        name: str,
        loaders: frozenset[str],
        timeout: float,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self.prompt_id = prompt_id
        self.ended = False
        self._client = client
        self._socket = socket
        self._client_id = client_id
        self._name = name
        self._loaders = loaders
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._moved_at = self._looked_at = clock()
        self._place: int | None = None
        self._success = False
        self._last = Progress(0, 1)
        self._outputs: dict[str, tuple[Stored, ...]] = {}
        self._lost = self._gone = 0

    async def events(self) -> AsyncGenerator[Status | Progress | Ended]:
        """What can be told on the way, then how it ended.

        Raises OutOfMemory and PictureFailed for what broke off, Unreachable where the connection is gone for good.
        """
        while True:
            frame = await self._next()
            news: Status | Progress | Ended | None
            if frame is None:
                news = await self._look()
            elif isinstance(frame, Preview):
                news = self._previewed(frame)
            else:
                news = await self._heard(frame)
            if isinstance(news, Ended):
                self.ended = True
                yield self._good(news)
                return
            if news is not None:
                yield news
            if not self.ended and self._clock() - self._moved_at > self._timeout:
                raise failures.too_slow(self._name, self._timeout)

    async def close(self) -> None:
        """Closes its connection."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def _next(self) -> Frame | None:
        """The next frame; None when it is time to look."""
        if self._socket is None:
            await self._sleep(POLL_SECONDS)
            with suppress(Unreachable):
                self._socket = await self._client.listen(self._client_id)
            return None
        waiting = asyncio.ensure_future(self._waited(LOOK_SECONDS))
        try:
            return await self._socket.next(waiting)
        except ConnectionLost:
            await self.close()
            return None
        finally:
            waiting.cancel()

    async def _waited(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def _heard(self, said: Said) -> Status | Progress | Ended | None:
        if said.prompt_id != self.prompt_id:
            # The queue has changed, for whoever waits in it; and what is told of others does not put off the look.
            waits = said.kind == "status" and self._place is not None
            return await self._look() if waits or self._clock() - self._looked_at >= LOOK_SECONDS else None
        self._move()
        data = said.data
        match said.kind:
            case "execution_start":
                self._place = None
            case "execution_cached" if self._loaders - set(data.get("nodes") or ()):
                return Status(f"{self._name}: ComfyUI loads what it needs")
            case "progress":
                return self._progressed(data.get("value"), data.get("max"))
            case "progress_state":
                return self._state(data.get("nodes"))
            case "executed":
                self._outputs[str(data.get("node"))] = pictures_in(data.get("output"))
            case "execution_success":
                self._success = True
            case "execution_error" | "execution_interrupted":
                return Ended({}, said.kind, data)
            case "executing" if data.get("node") is None:
                return await self._last_look()
        return None

    def _progressed(self, done: object, most: object) -> Progress | None:
        """The steps that are done, where they are not known yet."""
        if not isinstance(done, int | float) or not isinstance(most, int | float) or most < 1:
            return None
        if (int(done), int(most)) == (self._last.done, self._last.most):
            return None
        self._last = Progress(int(done), int(most))
        return self._last

    def _state(self, nodes: object) -> Progress | None:
        """The steps of the node that has several: most take one."""
        for node in nodes.values() if isinstance(nodes, Mapping) else ():
            if isinstance(node, Mapping) and node.get("state") == "running" and (node.get("max") or 0) > 1:
                return self._progressed(node.get("value"), node.get("max")) if node.get("value") else None
        return None

    def _previewed(self, preview: Preview) -> Progress | None:
        if preview.prompt_id not in {"", self.prompt_id}:
            return None
        self._move()
        return replace(self._last, preview=preview.data, media_type=preview.media_type)

    async def _look(self) -> Status | Ended | None:
        """Where it stands, by the queue and then the history: what has left the one is already in the other."""
        self._looked_at = self._clock()
        try:
            queue = await self._client.queue()
            self._lost = 0
            if queue.holds(self.prompt_id):
                self._gone = 0
                return self._placed(None if self.prompt_id in queue.running else queue.before(self.prompt_id))
            ended = await self._client.history(self.prompt_id)
        except PointsmanError:
            self._lost += 1
            if self._lost >= MOST_LOST:
                raise
            return None
        self._gone += 1
        if ended is None and self._gone < MOST_GONE:
            return None
        return ended or self._by_its_events()

    async def _last_look(self) -> Ended:
        """How it ended, now that it has."""
        for _ in range(LAST_LOOKS):
            with suppress(PointsmanError):
                if ended := await self._client.history(self.prompt_id):
                    return ended
            await self._sleep(LAST_SECONDS)
        return self._by_its_events()

    def _by_its_events(self) -> Ended:
        """How it ended where the history does not have it. Raises PictureFailed where its events do not say it."""
        if not self._success:
            self.ended = True
            raise failures.vanished(self._name)
        return Ended(self._outputs)

    def _placed(self, before: int | None) -> Status | None:
        """Says how many come before it, when that has changed."""
        if before == self._place:
            return None
        self._move()
        self._place = before
        if before is None:
            return None
        return Status(f"ComfyUI draws {before} other {'picture' if before == 1 else 'pictures'} first")

    def _move(self) -> None:
        self._moved_at = self._looked_at = self._clock()

    def _good(self, ended: Ended) -> Ended:
        """The same where all went well. Raises what broke off."""
        if ended.event == "execution_interrupted":
            raise failures.stopped(self._name)
        if ended.event:
            raise failures.broke_off(ended.data, self._name)
        return ended
