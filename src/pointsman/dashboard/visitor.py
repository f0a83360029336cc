"""Who looks at the page, and what the key that was given for it opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.access import ANYBODY, SCOPES, Bearer, Scope
from pointsman.core.loopback import is_loopback

VISITOR: Final = "pointsman_visitor"
"""The key of a request's state that the door leaves the visitor under."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: the name of the key ("" where none is needed), what it opens, and whether from this very machine."""

    name: str = ""
    scopes: frozenset[Scope] = SCOPES
    loopback: bool = True

    def may(self, scope: Scope) -> bool:
        """Whether the visitor may `use`, `read` or `admin`."""
        return scope in self.scopes


NOBODY: Final = Visitor("", frozenset(), loopback=False)


def visitor() -> Visitor:
    """Who looks at the page that is being built, or whose event is being handled; without a request, nobody."""
    from nicegui.slot import Slot

    slots = Slot.get_stack()  # not `context`, which would make a client of its own where there is none
    request = slots[-1].parent.client.request if slots else None
    return NOBODY if request is None else visitor_of(request.scope)


def visitor_of(scope: Mapping[str, Any]) -> Visitor:
    """Who sent a request that came through the door; nobody for one that did not."""
    found = scope.get("state", {}).get(VISITOR)
    return found if isinstance(found, Visitor) else NOBODY


def arrived(scope: Mapping[str, Any], bearer: Bearer = ANYBODY) -> Visitor:
    """The visitor that a request's address and key make."""
    client = scope.get("client")
    return Visitor(bearer.name, bearer.scopes, loopback=client is not None and is_loopback(client[0]))
