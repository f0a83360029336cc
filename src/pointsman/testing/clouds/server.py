"""The server that every fake service is: it notes what it is asked, and fails as it is told to."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self
from urllib.parse import unquote

from aiohttp import web

from pointsman.core.ports import Clock
from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.deciding import Decide, by_words
from pointsman.testing.clouds.delivery import Delivery, Sleep
from pointsman.testing.clouds.faults import Trouble, Troubles
from pointsman.testing.clouds.spoiling import ELSEWHERE

MOST_BODY: Final = 64_000_000


@dataclass(slots=True)
class Refused:
    """How many calls a fake refused, by what was wrong; those that a set trouble spoilt are not in here.

    `over_quota` came although their limit had nothing (or not enough) left, by the limit's name in `by_limit`; `busy`
    while all places were taken.
    """

    over_quota: int = 0
    auth: int = 0
    model_gone: int = 0
    too_large: int = 0
    bad_request: int = 0
    busy: int = 0
    by_limit: Counter[str] = field(default_factory=Counter)

    def over(self, limit: str) -> None:
        """One more came although this limit was used up."""
        self.over_quota += 1
        self.by_limit[limit] += 1


class FakeService(ABC):
    """A service on loopback, as an async context manager; `url` is what a user would configure.

    What it was asked is in `requests`, in order; what followed a redirect also in `followed`. How it fails is up to
    `troubles`. A call that fails on the way takes from the limits like any other, unless its trouble is an error.
    `clock` is its time, in seconds since the epoch; `decide` says which option a text gets.
    """

    title: ClassVar[str] = "fake"
    base = ""

    def __init__(
        self, *, key: str, clock: Clock = time.time, decide: Decide = by_words, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.key = key
        self.clock = clock
        self.decide = decide
        self.requests: list[Asked] = []
        self.followed: list[Asked] = []
        self.answered: Counter[int] = Counter()
        self.refused = Refused()
        self.troubles = Troubles()
        self.in_flight = 0
        self.most_in_flight = 0
        self.url = ""
        self._sleep = sleep
        self._serial = 0
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self._changed = asyncio.Condition()
        self._placed: set[int] = set()
        self._broke: Exception | None = None

    @abstractmethod
    async def answer(self, asked: Asked) -> Answer:
        """What the service answers when all is well with the connection."""

    @abstractmethod
    def errors(self, model: str) -> Mapping[str, Answer]:
        """The errors that the service documents, by name, as they are about a model."""

    @property
    def followed_with_key(self) -> bool:
        """Whether a redirect was ever followed, and the key taken along."""
        return any("authorization" in asked.headers for asked in self.followed)

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until something is so, such as a call being in flight; looks whenever one comes or goes."""
        async with self._changed:
            await self._changed.wait_for(met)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}{self.base}"
        return self

    async def __aexit__(self, kind: object, *_error: object) -> None:
        self._closing.set()
        await self._notify()
        if self._runner:
            await self._runner.cleanup()
        if self._broke and kind is None:
            raise self._broke

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = await self._read(request)
        self.requests.append(asked)
        followed = asked.path.startswith(ELSEWHERE)
        trouble = None if followed else self.troubles.next()
        if followed:
            self.followed.append(asked)
            asked = replace(asked, path=asked.path.removeprefix(ELSEWHERE))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._notify()
            if isinstance(trouble, Trouble) and trouble.kind == "error":
                answer = self.errors(asked.model or self._model_in(asked.path))[trouble.name]
            else:
                answer = await self.answer(asked)
            self.answered[answer.status] += 1
            return await Delivery(self.title, self._sleep, self._closing).send(request, asked, answer, trouble)
        except Exception as error:
            self._broke = self._broke or error
            raise
        finally:
            self.in_flight -= 1
            self._placed.discard(id(asked))
            await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _read(self, request: web.Request) -> Asked:
        body = await request.read()
        return Asked(
            method=request.method,
            path=unquote(request.rel_url.raw_path),
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            json=parsed(body),
            at=self.clock(),
        )

    @property
    def places_taken(self) -> int:
        """How many calls that were given a place have not been answered yet."""
        return len(self._placed)

    async def _take_place(self, asked: Asked, places: int) -> None:
        """Waits until one of so many places is free, and holds it until the answer is sent."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._placed) < places or self._closing.is_set())
            self._placed.add(id(asked))

    def _model_in(self, path: str) -> str:
        """The model that an address names; "" for none."""
        return path.partition("/run/")[2] or path.partition("/models/")[2].partition("/pipeline/")[0]

    def _number(self) -> str:
        """The next of the ids that the service gives out: another one each time, the same ones in each run."""
        self._serial += 1
        return str(uuid.UUID(int=self._serial))


def parsed(body: bytes) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
