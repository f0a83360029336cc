"""Errors as callers know them: OpenAI's object, or the sentence that Ollama's clients read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.errors import BadField, LimitReached, NoRoom, PointsmanError
from pointsman.core.reply import Failed

NO_HEADERS: Mapping[str, str] = {}
OLLAMA = "/api/"
# Made once: `json.dumps` makes an encoder for every call that has options.
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
SHOWN = 200  # characters of a caller's own text that an error repeats


@dataclass(frozen=True, slots=True)
class Problem:
    """What goes wrong for a caller: the sentence, the HTTP status, a code, and the field when it is about one."""

    message: str
    status: int
    code: str
    cure: str = ""
    field: str = ""
    retry_after: float = 0.0

    @classmethod
    def of(cls, error: PointsmanError) -> Problem:
        """The problem that an error is to a caller."""
        field = error.field if isinstance(error, BadField) else ""
        wait = error.retry_after if isinstance(error, NoRoom | LimitReached) else 0.0
        return cls(error.message, error.http_status, error.code, error.cure, field, wait)

    @classmethod
    def of_failed(cls, failed: Failed) -> Problem:
        """The problem that a failed reply is to a caller."""
        return cls(failed.cause, failed.http_status, failed.code, failed.cure, retry_after=failed.retry_after)

    @property
    def kind(self) -> str:
        """OpenAI's `type`, which its clients choose their exceptions by."""
        if self.status == 401:
            return "authentication_error"
        if self.status == 429:
            return "requests"
        return "invalid_request_error" if self.status < 500 else "server_error"

    def to_dict(self) -> dict[str, Any]:
        """The error object; its message ends with the cure."""
        message = f"{self.message} (cure: {self.cure})" if self.cure else self.message
        return {"error": {"message": message, "type": self.kind, "param": self.field or None, "code": self.code}}

    def as_told(self, path: str) -> dict[str, Any]:
        """The error as callers of a path know errors: Ollama's clients read a sentence, all others OpenAI's object."""
        said = self.to_dict()
        return {"error": said["error"]["message"]} if path.startswith(OLLAMA) else said

    def response(self, headers: Mapping[str, str] = NO_HEADERS, path: str = "") -> Json:
        """The whole answer, in the language of a path."""
        wait = {"Retry-After": str(math.ceil(self.retry_after))} if self.retry_after > 0 else {}
        return Json(self.as_told(path), self.status, {**headers, **wait})


class Json(Response):
    """A JSON answer that can always be encoded: a lone surrogate becomes a question mark."""

    media_type = "application/json"

    def __init__(self, content: object, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(to_json(content), status, dict(headers))


def to_json(content: object) -> bytes:
    """`content` as UTF-8 on one line."""
    return ENCODER.encode(content).encode("utf-8", "replace")


def crash(number: str) -> Problem:
    """What a caller is told when we made the mistake; the log has the rest under the same number."""
    return Problem(f"an internal error, number {number}", 500, "internal_error", "look for that number in the log")


def shown(text: str) -> str:
    """A caller's own text as an error repeats it: quoted, and not longer than can be read."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
