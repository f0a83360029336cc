"""What a fake service is asked, and what it answers: values, before anything is done to a connection."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

JSON: Final = "application/json"
HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived: `path` is decoded and without the query, header names are in lower case.

    `json` is the body as JSON (None where it is none), `at` the fake's time, in seconds since the epoch.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    json: Any
    at: float

    @property
    def bearer(self) -> str:
        """The key that came with it; "" for none."""
        kind, _, key = self.headers.get("authorization", "").partition(" ")
        return key if kind.lower() == "bearer" else ""

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body where it is a JSON object; else empty."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def model(self) -> str:
        """The model that the body names; "" for none."""
        model = self.fields.get("model", "")
        return model if isinstance(model, str) else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: `body` as JSON unless it is a str or bytes, None for nothing; `events` make it a stream."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = JSON
    events: tuple[Mapping[str, Any], ...] = ()

    @property
    def data(self) -> bytes:
        """The body as it is sent."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    def having(self, **headers: str) -> Answer:
        """The same with further headers; an underscore in a name stands for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})


def tokens_in(text: str) -> int:
    """About how many tokens a text has: four characters each."""
    return math.ceil(len(text) / 4)


def strings_in(value: Any) -> list[str]:
    """All strings of a JSON value but the keys."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings_in(item)]
    return [text for item in value for text in strings_in(item)] if isinstance(value, list) else []
