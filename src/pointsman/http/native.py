"""Our own routes: decide without acting, look a decision up, correct it, and say that we are well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Protocol, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from pointsman import __version__
from pointsman.core.codec import decision_to_dict
from pointsman.core.errors import BadField, InvalidInput, PointsmanError, UnknownDecision
from pointsman.core.message import Attachment, Message, Origin, Role, Turn
from pointsman.engine.router import Router
from pointsman.http.errors import Json, Problem
from pointsman.http.fields import Fields
from pointsman.http.headers import decision_headers, reply_headers
from pointsman.http.jsonbody import read_object
from pointsman.http.openai.messages import read_entry
from pointsman.http.origin import SURFACE

LATEST: Final = "latest"


class Wire(BaseModel):
    """Types are taken as they are, never converted; keys that we do not know pass."""

    model_config = ConfigDict(strict=True, frozen=True)


class WireTurn(Wire):
    """One earlier line of the conversation."""

    role: Role
    text: str

    @model_validator(mode="before")
    @classmethod
    def in_either_shape(cls, data: Any) -> Any:
        """Takes OpenAI's shape too: `content`, which is a text or a list of parts, in place of `text`."""
        if not isinstance(data, dict) or "text" in data or "content" not in data:
            return data
        try:
            said = read_entry(Fields(data))
        except BadField as error:
            raise PydanticCustomError("content", "{problem}", {"problem": error.message}) from None
        return {"role": said.role, "text": said.text}


class WireAttachment(Wire):
    """A file that came with the message."""

    media_type: Annotated[str, Field(max_length=200)]
    url: str = ""
    name: str = ""


class RouteRequest(Wire):
    """A message to decide about; earlier turns stand oldest first, `direct` is what one person said to a bot alone."""

    text: str
    history: list[WireTurn] = []
    attachments: list[WireAttachment] = []
    direct: bool = False

    def message(self) -> Message:
        """The message as the tiers see it."""
        return Message(
            self.text,
            tuple(Turn(turn.role, turn.text) for turn in self.history),
            tuple(Attachment(file.media_type, file.url, file.name) for file in self.attachments),
            Origin("http", direct=self.direct),
        )


class CorrectionRequest(Wire):
    """What a decision should have been; with `preview`, nothing changes. `text` helps where the store kept none.

    `surface` is where somebody said so.
    """

    category: str
    preview: bool = False
    text: str = ""
    surface: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = SURFACE


class Reloaded(Protocol):
    """What came of reading the configuration again."""

    @property
    def changed(self) -> Sequence[str]:
        """The sections that are others now."""
        ...

    @property
    def restart(self) -> Sequence[str]:
        """The keys that are others, and wait for a restart."""
        ...

    @property
    def error(self) -> PointsmanError | None:
        """Why the configuration before stays in force, if it does."""
        ...


Reload = Callable[[], Awaitable[Reloaded]]


class NativeRoutes:
    """Serves a router's decisions."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def route(self, request: Request) -> Response:
        """Decides what a message wants, loads no model, and answers with the decision and its trace."""
        wanted = checked(RouteRequest, await read_object(request))
        decision = await self._router.decide(wanted.message())
        return Json(decision_to_dict(decision), headers=reply_headers(decision, request.headers))

    async def decision(self, decision_id: str) -> Response:
        """A recorded decision by its id, or by a beginning of it that no other shares; `latest` is the last one."""
        decision = await self._router.find("" if decision_id == LATEST else given(decision_id))
        return Json(decision_to_dict(decision), headers=decision_headers(decision))

    async def correct(self, decision_id: str, request: Request) -> Response:
        """Corrects a decision, from the next one on, and says what that changes and what it contradicts."""
        wanted = checked(CorrectionRequest, await read_object(request))
        found = await self._router.preview(wanted.category, decision_id=given(decision_id), text=wanted.text)
        if wanted.preview:
            return Json({**found.to_dict(), "applied": False})
        made = await self._router.correct(decision_id, wanted.category, text=wanted.text, surface=wanted.surface)
        return Json({**found.to_dict(), "correction": made.to_dict(), "applied": True})

    async def undo(self, decision_id: str) -> Response:
        """Takes the latest correction of a decision back, and says what that changes."""
        found = await self._router.preview_undo(given(decision_id))
        undone = await self._router.undo(found.correction.id)
        return Json({**found.to_dict(), "correction": undone.to_dict(), "applied": True})

    async def quota(self) -> Response:
        """Says how each service stands that is asked what a message wants, and how many more calls it allows."""
        return Json({"services": [standing.to_dict() for standing in await self._router.services()]})

    async def health(self, request: Request) -> Response:
        """Says that the gateway answers; without keys, also its models, and whether the file is in force.

        Everybody may ask, also strangers where it listens to them: those learn no more than that it is there.
        """
        if request.app.state.gate.keys.locked:
            return Json({"status": "ok", "version": __version__})
        loading = self._router.loading
        config = {"loaded_at": loading.at, "problem": loading.problem, "mode": self._router.parts.abilities().mode}
        known = {"status": "ok", "version": __version__, "models": list(self._router.models), "config": config}
        told: Callable[[], Mapping[str, object]] | None = getattr(request.app.state, "bot", None)
        return Json(known | ({"discord": dict(bot)} if told and (bot := told()) else {}))

    async def ready(self, request: Request) -> Response:
        """Says whether messages should be sent here: not before the tiers are open, and not when it is to stop."""
        why = "is stopping" if request.app.state.drain.begun.is_set() else "is starting"
        if why == "is starting" and self._router.is_warm:
            return Json({"status": "ready"})
        return Problem(f"the gateway {why}", 503, "not_ready", "ask again in a moment", retry_after=1.0).response()

    async def reload(self, request: Request) -> Response:
        """Reads the configuration again, and puts it in force; one that is wrong leaves the one before as it is."""
        reload: Reload | None = getattr(request.app.state, "reload", None)
        if reload is None:
            cure = "start the gateway with `pointsman serve`"
            raise InvalidInput("this gateway was not started from a configuration that could be read again", cure=cure)
        outcome = await reload()
        if (error := outcome.error) is not None:
            return Problem(error.message, 422, error.code, error.cure).response()
        loaded_at = self._router.loading.at
        return Json({"changed": [*outcome.changed], "restart": [*outcome.restart], "loaded_at": loaded_at})


def given(decision_id: str) -> str:
    """An id, without the mark that it is often written with. Raises UnknownDecision for nothing."""
    decision_id = decision_id.removeprefix("#")
    if not decision_id:
        raise UnknownDecision("no id was given", cure="take it from x-pointsman-decision-id")
    return decision_id


Checked = TypeVar("Checked", bound=BaseModel)


def checked(model: type[Checked], data: Mapping[str, Any]) -> Checked:
    """`data` as a wire model. Raises BadField for the first field that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        raise BadField(field, f"{field}: {first['msg'][:200]}", cure="see /openapi.json") from None
