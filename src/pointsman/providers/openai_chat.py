"""Chat with a model on any server that speaks OpenAI's language."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Self

from pointsman.core.faults import ServiceFailed
from pointsman.core.house import answers_in_house
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions, Clock, Delta
from pointsman.providers import openai_events
from pointsman.providers.openai_events import DONE, Heard
from pointsman.providers.openai_failures import ASK_AGAIN, as_seen, broken, toolless
from pointsman.providers.openai_request import refused_form, refused_part, request_of
from pointsman.providers.openai_settings import Secret, Settings, name_of
from pointsman.providers.openai_tools import TOOLS, refuses_tools
from pointsman.providers.remote.asking import Service
from pointsman.providers.remote.sse import Event
from pointsman.providers.remote.stream import Events, Streams
from pointsman.providers.remote.wire import Reply, Request

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

TIMEOUT: Final = 120.0
# The token counts and [DONE] come right behind the reason of the end; a server that forgets them holds nothing up.
LAST_WORD_SECONDS: Final = 5.0
# Somebody waits for the reply, and with another model to ask they need not.
LONGEST_PAUSE: Final = 10.0
LONGEST_PAUSE_BEFORE_ANOTHER: Final = 1.0
JITTER: Final = (0.25, 0.5)
# A model that calls no tools is given none for so long: its server may be started anew with other flags.
TOOLLESS_SECONDS: Final = 600.0
NO_LIST: Final = frozenset({404, 405, 501})


class Refused(Exception):
    """The server does not know a part of the request, which it named."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class OpenAiChat:
    """A chat model on a server at `url`, such as http://127.0.0.1:1234/v1, called `name` by clients.

    The first of `models` is asked, and the next where one is gone, used up or out of order; a model that said for
    how long it will be is not asked before. There is one retry in all, and neither that nor another model once a
    word of the reply is out. A model that calls no tools is passed over where there are tools, which is no fault: it
    is not given a rest, and where none of them calls any, whoever asked is told. `service` tells the faults apart,
    `timeout` is the longest silence in seconds. Without `tool_calls` none is ever given tools: some servers leave them
    out for a model that knows none, and say nothing of that. `outside` says whether it is outside the house.
    """

    def __init__(
        self,
        url: str,
        models: Sequence[str],
        *,
        service: Service,
        name: str = "",
        note: str = "",
        key: Secret | None = None,
        timeout: float = TIMEOUT,
        tool_calls: bool = True,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self.name = name or models[0]
        self.note = note
        self.outside = not answers_in_house(url, models)
        self._url = url
        self._models = tuple(models)
        self._service = service
        self._key = key
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._chance = chance or random.Random()
        self._streams = Streams(url, clock=clock)
        self._rests_until: dict[str, float] = {}
        self._toolless_until: dict[str, float] = {} if tool_calls else dict.fromkeys(models, math.inf)
        self._unknown: frozenset[str] = frozenset()  # what this server refused, and is not sent any more

    @classmethod
    def from_config(cls, settings: Settings, service: Service) -> Self:
        """The model that a configuration describes; its server is asked at the first chat."""
        return cls(
            settings.url,
            settings.ids,
            service=service,
            name=name_of(settings),
            key=settings.key,
            timeout=settings.timeout,
            tool_calls=settings.tool_calls,
        )

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """The reply in pieces, the last with the reason of its end and the token counts, 0 where none were told.

        Raises InputTooLarge, ToolsUnsupported, Unreachable, ServiceFailed before the first word, and ModelFailed for a
        reply that broke off. Closing the iterator closes the connection, upon which servers stop.
        """
        waiting, unknown, retried = deque(self._worth_asking(turns, options)), self._unknown, False
        model = waiting.popleft()
        while True:
            heard = Heard()
            try:
                async with aclosing(self._reply(request_of(model, turns, options, unknown), heard)) as deltas:
                    async for delta in deltas:
                        self._unknown |= unknown
                        yield delta
            except Refused as refused:
                if refused.part == TOOLS:
                    model = self._abler_than(model, waiting)
                else:
                    unknown |= {refused.part}
            except ServiceFailed as fault:
                if heard.pieces:
                    raise broken(self.name, heard, fault) from None
                pause = None if retried else self._pause(fault, another=bool(waiting))
                if pause is not None:
                    retried = True
                    await self._sleep(pause)
                    continue
                self._let_rest(model, fault)
                if not (waiting and fault.treatment.next_model and fault.scope == "model"):
                    raise as_seen(fault) from None
                model = waiting.popleft()
                logger.warning("%s; %s is asked instead", fault.message, model)
            else:
                return

    async def listed(self, seconds: float) -> tuple[str, ...] | None:
        """The models that the server says it has; None when it does not say. Raises Unreachable, ServiceFailed."""
        try:
            async with self._streams.open(Request("GET", f"{self._url}/models", self._headers), seconds) as answer:
                if isinstance(answer, Events) or answer.status in NO_LIST:
                    return None
            if fault := self._service.fault_of(answer, ""):
                raise fault
        except ServiceFailed as fault:
            raise as_seen(fault) from None
        rows = answer.json()
        rows = rows if isinstance(rows, list) else openai_events.mapping(rows).get("data")
        if not isinstance(rows, list):
            return None
        return tuple(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)

    async def close(self) -> None:
        """Closes the connections."""
        await self._streams.close()

    async def _reply(self, body: Mapping[str, Any], heard: Heard) -> AsyncGenerator[Delta, None]:
        """One attempt. Raises Refused, ServiceFailed, ModelFailed."""
        request = Request("POST", f"{self._url}/chat/completions", self._headers, body)
        async with self._streams.open(request, self._timeout) as answer:
            if isinstance(answer, Reply):  # refused, or all of it at once, as some servers know no streams
                self._check(answer, body)
                if text := heard.take(answer.json()):
                    yield Delta(text)
                heard.complete = heard.chose
            else:
                async with aclosing(self._texts_of(answer, heard, body)) as texts:
                    async for text in texts:
                        yield Delta(text)
        if not heard.chose:
            raise ServiceFailed(
                "malformed",
                f"{body['model']}: the answer is no chat completion",
                service=self._service.name,
                model=body["model"],
                cure="is `url` that of an OpenAI-compatible API? Most end in /v1",
                retry=False,
            )
        if not heard.complete and not heard.finish:
            raise ServiceFailed(
                "server", "ended the reply too early", service=self._service.name, model=body["model"], cure=ASK_AGAIN
            )
        yield heard.last(self.name)

    async def _texts_of(self, events: Events, heard: Heard, body: Mapping[str, Any]) -> AsyncGenerator[str, None]:
        """The texts in the events; what has come together goes on together, and costs its way only once."""
        texts: list[str] = []
        try:
            while not heard.complete and (event := events.taken() or await self._next(events, heard)) is not None:
                if event.data == DONE:
                    heard.complete = True
                elif text := self._text_in(event, heard, body):
                    texts.append(text)
                if texts and not events.ready:
                    yield "".join(texts)
                    texts.clear()
        except (ServiceFailed, Refused):
            if texts:  # it was said before that went wrong
                yield "".join(texts)
            raise
        if texts:
            yield "".join(texts)

    async def _next(self, events: Events, heard: Heard) -> Event | None:
        """The next event; None at the end, or where nothing is to come that is worth the wait."""
        try:
            return await events.next(min(LAST_WORD_SECONDS, self._timeout) if heard.finish else self._timeout)
        except ServiceFailed:
            if heard.finish:
                return None
            raise

    def _text_in(self, event: Event, heard: Heard, body: Mapping[str, Any]) -> str:
        """The text in an event. Raises ServiceFailed for an error, or what is nothing of the kind; Refused."""
        if not event.data or event.data.isspace():
            return ""
        said, model = openai_events.read(event), body["model"]
        if not event.name and (text := openai_events.plain_text(said)) is not None:
            return heard.take_plain(text)
        if failure := openai_events.error_in(event, said):
            if not heard.pieces:
                self._check(failure, body)
            raise self._service.fault_of(failure, model) or ServiceFailed(
                "server", "said that it failed", service=self._service.name, model=model, cure=ASK_AGAIN
            )
        if said is None:
            raise ServiceFailed("malformed", "sent an event that is no JSON", service=self._service.name, model=model)
        return heard.take(said)

    def _check(self, reply: Reply, body: Mapping[str, Any]) -> None:
        """Raises what is wrong with an answer that came as a whole: ServiceFailed, or Refused for a part of ours."""
        fault = self._service.fault_of(reply, body["model"])
        if fault is None:
            return
        if fault.kind == "bad_request" and (part := refused_part(reply, body)):
            raise Refused(part)
        if refuses_tools(reply, body):
            raise Refused(TOOLS)
        if fault.kind == "bad_request" and (form := refused_form(fault, body)):
            raise Refused(form)
        raise fault

    def _pause(self, fault: ServiceFailed, *, another: bool) -> float | None:
        """How long to wait before the same is asked once more, in seconds; None when it is not."""
        if not fault.retry:
            return None
        wait = fault.wait or (fault.treatment.rest if fault.kind == "rate_limited" else 0.0)
        pause = wait + self._chance.uniform(*JITTER)
        return pause if pause <= (LONGEST_PAUSE_BEFORE_ANOTHER if another else LONGEST_PAUSE) else None

    def _let_rest(self, model: str, fault: ServiceFailed) -> None:
        """Remembers that a model need not be asked for a while."""
        treatment = fault.treatment
        if treatment.next_model and treatment.opens_after == 1 and fault.scope == "model":
            self._rests_until[model] = self._clock() + (treatment.rest if fault.wait is None else fault.wait)

    def _abler_than(self, model: str, waiting: deque[str]) -> str:
        """The next model after one that calls no tools, which is remembered. Raises ToolsUnsupported."""
        self._toolless_until[model] = self._clock() + TOOLLESS_SECONDS
        if not waiting:
            raise toolless(self.name) from None
        logger.info("%s calls no tools; %s is asked instead", model, waiting[0])
        return waiting.popleft()

    def _worth_asking(self, turns: Sequence[Turn], options: ChatOptions) -> Sequence[str]:
        """The models that are worth asking, in their order: all of them when all rest. Raises ToolsUnsupported."""
        now = self._clock()
        able = self._models
        if options.tools or any(turn.calls for turn in turns):
            able = tuple(model for model in able if self._toolless_until.get(model, now) <= now)
            if options.tools and not able:
                raise toolless(self.name)
        able = able or self._models
        return [model for model in able if self._rests_until.get(model, now) <= now] or able

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key.get_secret_value()}"} if self._key else {}
