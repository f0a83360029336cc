"""Our own routes to the cards: how they stand, and giving their memory back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Request, Response
from pydantic import Field

from pointsman.gpu.snapshot import Owner, told
from pointsman.http.errors import Json
from pointsman.http.jsonbody import read_object
from pointsman.http.native import Wire, checked


class CardOwner(Owner, Protocol):
    """Who owns the cards, and gives their memory back."""

    async def free(self, tenant: str = "", *, deep: bool = True) -> int:
        """Releases one tenant, or whatever is idle; the bytes that were seen to come back."""
        ...


class FreeRequest(Wire):
    """Whose memory is given back: one tenant's, or, with none named, that of all that is idle; `deep`: caches too."""

    tenant: Annotated[str, Field(max_length=300)] = ""
    deep: bool = True


class GpuRoutes:
    """Serves how the cards stand; without an owner nothing is booked, and nothing can be given back."""

    def __init__(self, owner: Callable[[], CardOwner | None]) -> None:
        self._owner = owner

    async def cards(self) -> Response:
        """Says who holds the cards, in bytes: booked, reported, measured, and what others hold; and who waits."""
        return Json(told(self._owner()))

    async def free(self, request: Request) -> Response:
        """Gives memory back; what is in use stays. Says how many bytes were seen to come free, and what is left."""
        empty = not (await request.body()).strip()
        wanted = checked(FreeRequest, {} if empty else await read_object(request))
        owner = self._owner()
        if owner is None:
            return Json({"managed": False, "freed": 0, "still": []})
        freed = await owner.free(wanted.tenant, deep=wanted.deep)
        still = [it.name for it in owner.snapshot().tenants if it.phase != "cold" and wanted.tenant in {"", it.name}]
        return Json({"managed": True, "freed": freed, "still": still})


def add_gpu_routes(app: FastAPI, owner: Callable[[], CardOwner | None]) -> None:
    """Adds both routes to the gateway; `owner` tells who it is now, which a new configuration may change."""
    routes = GpuRoutes(owner)
    schema: dict[str, Any] = {"schema": FreeRequest.model_json_schema()}
    body = {"requestBody": {"required": False, "content": {"application/json": schema}}}
    app.add_api_route("/v1/gpu", routes.cards, methods=["GET"], tags=["native"])
    app.add_api_route("/v1/gpu/free", routes.free, methods=["POST"], tags=["native"], openapi_extra=body)
