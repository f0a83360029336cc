"""A gateway's errors, as the same errors that it raised; and what goes wrong on the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pointsman.core.errors import (
    BadField,
    InvalidInput,
    LimitReached,
    MissingExtra,
    NoRoom,
    PointsmanError,
    Unreachable,
)
from pointsman.core.faults import ServiceFailed

# The message of an error on the wire ends with its cure, as OpenAI's clients show nothing else.
CURE: Final = " (cure: "
EXTRA: Final = re.compile(r"pip install 'pointsman\[(\w+)\]'")
NEEDS: Final = " needs packages that are not installed"
TIMED: Final[Mapping[object, type[NoRoom | LimitReached]]] = {NoRoom: NoRoom, LimitReached: LimitReached}
NOWHERE: Final = "not_found"
IS_IT_RUNNING: Final = "start it there with `pointsman serve`, or correct its URL (discord.gateway)"
IS_IT_OURS: Final = (
    "is it the URL of a Pointsman gateway (discord.gateway), and of a version that is no older than this?"
)


def kinds_of(kind: type[PointsmanError] = PointsmanError) -> Iterator[tuple[str, type[PointsmanError]]]:
    """The errors by their code, those that are more special first."""
    for special in kind.__subclasses__():
        yield from kinds_of(special)
    yield kind.code, kind


# Of several errors with one code, the last is the general one.
KINDS: Final[Mapping[str, type[PointsmanError]]] = dict(kinds_of())


def error_in(said: Any, status: int, url: str, path: str, wait: float) -> PointsmanError:
    """The error that a gateway at `url` answered with; `wait` is what it says of when to ask again, in seconds."""
    told = said.get("error") if isinstance(said, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("message"), str):
        return Unreachable(f"{url} answered {status} to {path}, and not as a gateway does", cure=IS_IT_OURS)
    message, _, cure = told["message"].partition(CURE)
    code = str(told.get("code") or "")
    if code == NOWHERE:
        return Unreachable(f"the gateway {url} has no {path}", cure=IS_IT_OURS)
    return error_of(code, message, cure.removesuffix(")"), status=status, field=str(told.get("param") or ""), wait=wait)


def error_of(
    code: str, message: str, cure: str, *, status: int = 500, field: str = "", wait: float = 0.0
) -> PointsmanError:
    """An error by its code; one of a code that is not known here is a plain one with that code and status."""
    kind = KINDS.get(code)
    if kind is InvalidInput and field:
        return BadField(field, message, cure=cure)
    if kind in TIMED:
        return TIMED[kind](message, cure=cure, retry_after=wait)
    if kind is ServiceFailed:
        service, _, rest = message.partition(": ")
        return ServiceFailed("server", rest, service=service, cure=cure, wait=wait or None)
    if kind is MissingExtra:
        extra = EXTRA.search(cure)
        return MissingExtra(extra[1] if extra else "", message.removesuffix(NEEDS))
    if kind is not None and kind is not PointsmanError:
        return kind(message, cure=cure)
    error = PointsmanError(message, cure=cure)
    error.code, error.http_status = code or error.code, status
    return error


def as_seen(fault: ServiceFailed, url: str) -> PointsmanError:
    """What went wrong on the way to the gateway at `url` and back."""
    what = fault.message.removeprefix(f"{fault.service}: ")
    return Unreachable(f"the gateway {url} is not there: {what}", cure=IS_IT_RUNNING)


def broken_off(url: str) -> Unreachable:
    """That a reply stopped before its end."""
    return Unreachable(f"the gateway {url} broke the reply off", cure="ask again; its log says why")
