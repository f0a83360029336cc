"""All that Pointsman does for a surface, asked of a gateway that runs elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pointsman.core.codec import decision_from_dict
from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput, PointsmanError, Unreachable
from pointsman.core.eventcodec import event_from_dict, tool_from_dict
from pointsman.core.memories import Full, Kept, Memory, Scope
from pointsman.core.message import Message, Origin
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Decided, Done, Event, Failed, ToolUse
from pointsman.core.service import Known, correction_named, decision_named
from pointsman.engine.agreement import Confirm
from pointsman.providers.gateway.failures import IS_IT_OURS, broken_off
from pointsman.providers.gateway.reading import correction_in, kept_in, memory_in, preview_in
from pointsman.providers.gateway.wire import SILENCE_SECONDS, GatewayWire
from pointsman.providers.gateway.writing import ask_of, origin_of, origin_query

T = TypeVar("T")
LATEST: Final = "latest"


class GatewayService:
    """The gateway at `url`, such as http://127.0.0.1:8080; `key` needs the scopes use, read and admin.

    Admin is for what is said in the name of people, for corrections, and for what is kept of them. Raises the
    gateway's own errors, and Unreachable where it does not answer; it is looked for anew with every call.
    `silence` is how many seconds a reply may bring nothing at all, pings included, before its gateway counts as gone.
    """

    def __init__(self, url: str, key: str = "", *, silence: float = SILENCE_SECONDS) -> None:
        self._wire = GatewayWire(url, key, silence=silence)

    @property
    def url(self) -> str:
        """Where the gateway is."""
        return self._wire.url

    async def stream(
        self, message: Message, options: ChatOptions | None = None, *, confirm: Confirm | None = None
    ) -> AsyncGenerator[Event, None]:
        """The whole way of a message: Decided first, then events, ended by exactly one Done or Failed.

        What goes wrong before anything is decided is raised; a connection that breaks later is a Failed. Nobody can be
        asked over it while a tool waits, so `confirm` is not called: the reply asks for a word instead. Closing the
        iterator ends the work there. Raises PointsmanError.
        """
        del confirm
        decision: Decision | None = None
        ended = False
        try:
            async with aclosing(self._wire.lines("/v1/ask", ask_of(message, options))) as lines:
                async for line in lines:
                    event = self._read(event_from_dict, line)
                    if event is None:  # of a newer gateway, or that it is still there
                        continue
                    if isinstance(event, Decided):
                        decision = event.decision
                    ended = isinstance(event, Done | Failed)
                    yield event
            if not ended:
                raise broken_off(self.url)
        except PointsmanError as error:
            if decision is None:
                raise
            if not ended:
                yield Failed.of(error, decision)

    async def known(self) -> Known:
        """What can be chosen now."""
        return self._read(Known.from_dict, await self._wire.ask("GET", "/v1/known"))

    async def find(self, decision_id: str = "") -> Decision:
        """A recorded decision, the latest where no id is given. Raises UnknownDecision."""
        return self._read(decision_from_dict, await self._wire.ask("GET", decision_path(decision_id or LATEST)))

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to a decision. Raises UnknownDecision."""
        said = await self._wire.ask("GET", f"{decision_path(decision_id or LATEST)}/tools")
        return self._read(lambda it: tuple(tool_from_dict(row) for row in it["tools"]), said)

    async def preview(self, category: str, *, decision_id: str) -> Preview:
        """What a correction would change among the last decisions. Raises what `correct` does."""
        body = {"category": category, "preview": True}
        return self._read(preview_in, await self._wire.ask("POST", correction_path(decision_named(decision_id)), body))

    async def correct(self, decision_id: str, category: str, *, text: str = "", surface: str = "") -> Correction:
        """Teaches what a decision should have been. Raises BadField, InvalidInput, UnknownDecision."""
        body = {"category": category, "text": text} | ({"surface": surface} if surface else {})
        said = await self._wire.ask("POST", correction_path(decision_named(decision_id)), body)
        return self._read(lambda it: correction_in(it["correction"]), said)

    async def undo(self, which: str) -> Correction:
        """Takes a correction back, by its id or its decision's. Raises UnknownCorrection."""
        said = await self._wire.ask("DELETE", correction_path(correction_named(which)))
        return self._read(lambda it: correction_in(it["correction"]), said)

    async def card(self) -> Mapping[str, Any]:
        """The card."""
        return await self._wire.ask("GET", "/v1/gpu")

    async def quota(self) -> Sequence[Mapping[str, Any]]:
        """The services that are asked what a message wants."""
        return self._read(lambda it: [dict(row) for row in it["services"]], await self._wire.ask("GET", "/v1/quota"))

    async def memories(self, origin: Origin) -> Sequence[Memory]:
        """What the writer of a message asked to be remembered, as far as it may be told on this occasion."""
        said = await self._wire.ask("GET", "/v1/memories", query=origin_query(origin))
        return self._read(lambda it: [memory_in(row) for row in it["memories"]], said)

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None) -> Kept | Full:
        """Remembers something for the writer. Raises InvalidInput."""
        body = {"text": text, "scope": scope, "origin": origin_of(origin)}
        return self._read(kept_in, await self._wire.ask("POST", "/v1/memories", body))

    async def forget(self, ids: Sequence[str], origin: Origin) -> Sequence[Memory]:
        """Forgets memories of the writer's; returns those that were forgotten."""
        query = {**origin_query(origin), "id": list(ids)}
        said = await self._wire.ask("DELETE", "/v1/memories", query=query)
        return self._read(lambda it: [memory_in(row) for row in it["forgotten"]], said)

    async def export(self, owner: str) -> Mapping[str, Any]:
        """All that is kept of one person (`Origin.owner`). Raises BadField for nobody's name."""
        return await self._wire.ask("GET", f"/v1/persons/{quote(owner, safe=':')}")

    async def erase(self, owner: str) -> Mapping[str, Any]:
        """Erases all that `export` gives; returns how much that was: memories, decisions, corrections."""
        return await self._wire.ask("DELETE", f"/v1/persons/{quote(owner, safe=':')}")

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._wire.close()

    def _read(self, read: Callable[[Mapping[str, Any]], T], said: Mapping[str, Any]) -> T:
        """What `read` makes of an answer. Raises Unreachable where it is none that a gateway gives."""
        try:
            return read(said)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidInput) as error:
            what = error.message if isinstance(error, InvalidInput) else f"{type(error).__name__} {error}"
            raise Unreachable(f"{self.url} answered what no gateway answers: {what[:200]}", cure=IS_IT_OURS) from None


def decision_path(decision_id: str) -> str:
    """Where a decision is."""
    return f"/v1/decisions/{quote(decision_id.removeprefix('#'), safe='')}"


def correction_path(decision_id: str) -> str:
    """Where the correction of a decision is."""
    return f"{decision_path(decision_id)}/correction"
