"""Our own routes to what can be chosen, to what people asked to be remembered, and to all that is kept of them."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request, Response

from pointsman.core.errors import BadField
from pointsman.core.eventcodec import tool_to_dict
from pointsman.core.memories import Full, Scope
from pointsman.engine.known import known_of
from pointsman.engine.router import Router
from pointsman.http.claims import OriginClaim, origin_for, origin_in_query
from pointsman.http.errors import Json
from pointsman.http.jsonbody import read_object
from pointsman.http.native import Wire, checked, given

MOST_IDS: Final = 1_000


class RememberRequest(Wire):
    """Something to remember for whoever says it; `scope` is who hears of it, what is usual where none is named."""

    text: str
    scope: Scope | None = None
    origin: OriginClaim = OriginClaim()


class PeopleRoutes:
    """Serves what a router knows of people."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def known(self) -> Response:
        """Says what can be chosen: categories, chat models, styles, and what pictures can be made of pictures."""
        return Json((await known_of(self._router)).to_dict())

    async def memories(self, request: Request) -> Response:
        """Lists what the caller asked to be remembered, the latest first, as far as it may be told there."""
        found = await self._router.memories(origin_in_query(request))
        return Json({"memories": [it.to_dict() for it in found]})

    async def remember(self, request: Request) -> Response:
        """Remembers something for the caller; without a memory in the answer, there are `most` already."""
        wanted = checked(RememberRequest, await read_object(request))
        origin = origin_for(request, wanted.origin)
        kept = await self._router.remember(wanted.text, origin, scope=wanted.scope)
        if isinstance(kept, Full):
            return Json({"memory": None, "known": False, "most": kept.most})
        return Json({"memory": kept.memory.to_dict(), "known": kept.known})

    async def forget(self, request: Request) -> Response:
        """Forgets memories of the caller's for good, and says which."""
        ids = request.query_params.getlist("id")
        if len(ids) > MOST_IDS:
            raise BadField("id", f"there are {len(ids)} ids", cure=f"send {MOST_IDS} at most")
        gone = await self._router.forget(ids, origin_in_query(request))
        return Json({"forgotten": [it.to_dict() for it in gone]})

    async def export(self, owner: str) -> Response:
        """Gives all that is kept of one person: memories, decisions with their texts, corrections."""
        return Json(await self._router.export(owner))

    async def erase(self, owner: str) -> Response:
        """Erases all that is kept of one person, for good, and says how much that was."""
        return Json(await self._router.erase(owner))

    async def tools(self, decision_id: str) -> Response:
        """Lists the tools that were called for the reply to a decision."""
        decision = await self._router.find(given(decision_id))
        return Json({"tools": [tool_to_dict(use) for use in await self._router.uses(decision.id)]})


def add_people_routes(app: FastAPI, router: Router) -> None:
    """Adds them to the gateway."""
    routes = PeopleRoutes(router)
    schema: dict[str, Any] = {"schema": RememberRequest.model_json_schema()}
    body = {"requestBody": {"required": True, "content": {"application/json": schema}}}
    app.add_api_route("/v1/known", routes.known, methods=["GET"], tags=["native"])
    app.add_api_route("/v1/memories", routes.memories, methods=["GET"], tags=["native"])
    app.add_api_route("/v1/memories", routes.remember, methods=["POST"], tags=["native"], openapi_extra=body)
    app.add_api_route("/v1/memories", routes.forget, methods=["DELETE"], tags=["native"])
    app.add_api_route("/v1/persons/{owner:path}", routes.export, methods=["GET"], tags=["native"])
    app.add_api_route("/v1/persons/{owner:path}", routes.erase, methods=["DELETE"], tags=["native"])
    app.add_api_route("/v1/decisions/{decision_id}/tools", routes.tools, methods=["GET"], tags=["native"])
