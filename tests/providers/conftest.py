"""Calls without circuits, quota or second tries, for tests of what is asked and how the answer is read."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import pytest

from pointsman.core.faults import ServiceFailed
from pointsman.providers.remote.asking import Ask, Called, Service
from pointsman.providers.remote.wire import Reply, Request

T = TypeVar("T")
Send = Callable[[Request], Awaitable[Reply]]


class Direct:
    """Asks one model after another while the faults allow it; what was asked stays in `sent` and `asks`."""

    def __init__(self, service: Service, send: Send, models: Sequence[str] = ("m",)) -> None:
        self.service = service
        self.models = tuple(models)
        self.sent: list[Request] = []
        self.asks: list[Ask[Any]] = []
        self._send = send

    async def call(self, ask: Callable[[str], Ask[T]], models: Sequence[str] = ()) -> Called[T]:
        failed: ServiceFailed | None = None
        for model in models or self.models:
            made = ask(model)
            self.asks.append(made)
            self.sent.append(made.request)
            reply = await self._send(made.request)
            self.service.metered(reply)
            failed = self.service.fault_of(reply, model)
            if failed is None:
                return Called(made.read(reply), model, reply.seconds)
            if not failed.treatment.next_model:
                break
        assert failed
        raise failed

    @property
    def bodies(self) -> list[Mapping[str, Any]]:
        return [request.body or {} for request in self.sent]


def reply_of(body: object = None, status: int = 200, **headers: str) -> Reply:
    """A reply with JSON, bytes or nothing in it; underscores in the names of headers stand for hyphens."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw, 0.1)


class Makes:
    """What tests make calls and replies with."""

    def http(self, service: Service, send: Send, models: Sequence[str] = ("m",)) -> Direct:
        return Direct(service, send, models)

    def calls(self, service: Service, *replies: Reply, models: Sequence[str] = ("m",)) -> Direct:
        """Calls that are answered with each of the replies in turn, and with the last for ever."""
        left = list(replies)

        async def send(_: Request) -> Reply:
            return left.pop(0) if len(left) > 1 else left[0]

        return Direct(service, send, models)

    def reply(self, body: object = None, status: int = 200, **headers: str) -> Reply:
        return reply_of(body, status, **headers)


@pytest.fixture
def make() -> Makes:
    return Makes()
