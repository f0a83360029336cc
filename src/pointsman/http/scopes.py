"""Which key opens which route: every (method, path) in one table, and what is not in it is for admins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match
from starlette.types import Scope as Asgi

from pointsman.core.access import Bearer, Scope
from pointsman.core.errors import ScopeMissing

Counted = Literal["", "message", "picture"]
"""What a request counts as: nothing, a message, or a message and a picture."""

NOBODY: Final = Bearer("", frozenset())
STATE_BEARER: Final = "pointsman_bearer"
STATE_KEY: Final = "pointsman_key"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a route takes: a scope, None for any key at all; and what a request of it counts as."""

    scope: Scope | None
    counts: Counted = ""


OPEN: Final = frozenset({"/healthz", "/readyz"})
SIGNED: Final = "/v1/pictures/"
"""Links to pictures open without a key: they are signed, and do so for a while only."""

ANY_KEY, USE, READ, ADMIN = Entry(None), Entry("use"), Entry("read"), Entry("admin")
MESSAGE, PICTURE = Entry("use", "message"), Entry("use", "picture")

TABLE: Final[Mapping[tuple[str, str], Entry]] = {
    ("GET", "/openapi.json"): ANY_KEY,
    # OpenAI's
    ("GET", "/v1/models"): USE,
    ("GET", "/v1/models/{name:path}"): USE,
    ("POST", "/v1/chat/completions"): MESSAGE,
    ("POST", "/v1/completions"): MESSAGE,
    ("POST", "/v1/embeddings"): MESSAGE,
    ("POST", "/v1/images/generations"): PICTURE,
    # Ollama's
    ("GET", "/"): USE,
    ("GET", "/api/version"): USE,
    ("GET", "/api/tags"): USE,
    ("GET", "/api/ps"): USE,
    ("POST", "/api/show"): USE,
    ("POST", "/api/chat"): MESSAGE,  # unloading by it needs "admin": see `needs`
    ("POST", "/api/generate"): MESSAGE,
    ("POST", "/api/embed"): MESSAGE,
    ("POST", "/api/embeddings"): MESSAGE,
    ("POST", "/api/pull"): ADMIN,
    ("DELETE", "/api/delete"): ADMIN,
    ("POST", "/api/copy"): ADMIN,
    ("POST", "/api/create"): ADMIN,
    ("POST", "/api/push"): ADMIN,
    ("GET", "/api/blobs/{digest}"): ADMIN,
    ("POST", "/api/blobs/{digest}"): ADMIN,
    # Our own
    ("POST", "/v1/route"): MESSAGE,
    ("POST", "/v1/ask"): MESSAGE,  # to speak for somebody else needs "admin": see claims.py
    ("GET", "/v1/known"): USE,
    ("GET", "/v1/memories"): USE,
    ("POST", "/v1/memories"): USE,
    ("DELETE", "/v1/memories"): USE,
    ("GET", "/v1/persons/{owner:path}"): ADMIN,
    ("DELETE", "/v1/persons/{owner:path}"): ADMIN,
    ("GET", "/v1/decisions"): READ,
    ("GET", "/v1/decisions/{decision_id}"): READ,
    ("GET", "/v1/decisions/{decision_id}/tools"): READ,
    ("POST", "/v1/decisions/{decision_id}/correction"): ADMIN,
    ("DELETE", "/v1/decisions/{decision_id}/correction"): ADMIN,
    ("GET", "/v1/gpu"): READ,
    ("POST", "/v1/gpu/free"): ADMIN,
    ("GET", "/v1/quota"): READ,
    ("GET", "/metrics"): READ,
    ("POST", "/v1/config/reload"): ADMIN,
}


def pattern(template: str) -> re.Pattern[str]:
    """The paths of a route: a part in braces is one step, or with `:path` any number."""
    steps = re.split(r"(\{\w+(?::\w+)?\})", template)
    parts = [(".*" if ":path" in step else "[^/]+") if step.startswith("{") else re.escape(step) for step in steps]
    return re.compile("".join(parts))


TEMPLATES: Final = tuple((method, pattern(path), entry) for (method, path), entry in TABLE.items() if "{" in path)


def is_open(path: str) -> bool:
    """Whether a path is answered to everybody."""
    return path in OPEN or path.startswith(SIGNED)


def entry_of(method: str, path: str) -> Entry | None:
    """The entry of a request; None where the table has none, which is for admins where there is such a route."""
    method = "GET" if method == "HEAD" else method
    path = path.removesuffix("\n")  # as the routes' own patterns do, whose $ stands before a last line's end, too
    found = TABLE.get((method, path))
    if found is None:
        found = next((entry for verb, paths, entry in TEMPLATES if verb == method and paths.fullmatch(path)), None)
    return found


def entry_for(scope: Asgi) -> Entry:
    """What a request takes; of one that goes nowhere, any key hears that."""
    found = entry_of(scope["method"], scope["path"])
    if found is not None:
        return found
    routes: list[BaseRoute] = getattr(scope.get("app"), "routes", [])
    leads = not routes or any(route.matches(scope)[0] is Match.FULL for route in routes)
    return ADMIN if leads else ANY_KEY


def bearer_of(request: HTTPConnection) -> Bearer:
    """Who a request comes from, as the guard found out; nobody where it was not asked."""
    found = request.scope.get("state", {}).get(STATE_BEARER)
    return found if isinstance(found, Bearer) else NOBODY


def needs(request: HTTPConnection, scope: Scope) -> None:
    """Sees to it that a request's key opens more than its route alone says. Raises ScopeMissing."""
    check(bearer_of(request), scope)


def check(bearer: Bearer, scope: Scope | None) -> None:
    """Raises ScopeMissing where a key does not open what is asked for."""
    if scope is not None and not bearer.may(scope):
        raise ScopeMissing(
            f"this needs a key with the scope {scope}, and {bearer.name} has {', '.join(sorted(bearer.scopes))}",
            cure=f"add {scope} to server.keys.{bearer.name}.scopes, or take another key",
        )
