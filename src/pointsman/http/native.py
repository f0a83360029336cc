"""Our own routes: decide without acting, look a decision up, and say that we are well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pointsman import __version__
from pointsman.core.codec import decision_to_dict
from pointsman.core.errors import BadField, UnknownDecision
from pointsman.core.message import Attachment, Message, Origin, Role, Turn
from pointsman.engine.router import Router
from pointsman.http.errors import Json
from pointsman.http.headers import decision_headers
from pointsman.http.jsonbody import read_object


class Wire(BaseModel):
    """Types are taken as they are, never converted; keys that we do not know pass."""

    model_config = ConfigDict(strict=True, frozen=True)


class WireTurn(Wire):
    """One earlier line of the conversation."""

    role: Role
    text: str


class WireAttachment(Wire):
    """A file that came with the message."""

    media_type: Annotated[str, Field(max_length=200)]
    url: str = ""
    name: str = ""


class RouteRequest(Wire):
    """A message to decide about; earlier turns stand oldest first."""

    text: str
    history: list[WireTurn] = []
    attachments: list[WireAttachment] = []

    def message(self) -> Message:
        """The message as the tiers see it."""
        return Message(
            self.text,
            tuple(Turn(turn.role, turn.text) for turn in self.history),
            tuple(Attachment(file.media_type, file.url, file.name) for file in self.attachments),
            Origin("http"),
        )


class NativeRoutes:
    """Serves a router's decisions."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def route(self, request: Request) -> Response:
        """Decides what a message wants, loads no model, and answers with the decision and its trace."""
        wanted = checked(RouteRequest, await read_object(request))
        decision = await self._router.decide(wanted.message())
        return Json(decision_to_dict(decision), headers=decision_headers(decision))

    async def decision(self, decision_id: str) -> Response:
        """A recorded decision by its id, or by a beginning of it that no other shares."""
        if not decision_id.removeprefix("#"):
            raise UnknownDecision("no id was given", cure="take it from x-pointsman-decision-id")
        decision = await self._router.find(decision_id)
        return Json(decision_to_dict(decision), headers=decision_headers(decision))

    async def health(self) -> Response:
        """Says that the gateway answers, and which models it can ask."""
        return Json({"status": "ok", "version": __version__, "models": list(self._router.models)})


Checked = TypeVar("Checked", bound=BaseModel)


def checked(model: type[Checked], data: Mapping[str, Any]) -> Checked:
    """`data` as a wire model. Raises BadField for the first field that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        raise BadField(field, f"{field}: {first['msg'][:200]}", cure="see /openapi.json") from None
