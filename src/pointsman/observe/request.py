"""The request of the gateway that runs now, for whoever wants to know whose work he does."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final


@dataclass(slots=True)
class Request:
    """One request: its id, the caller's trace headers, and what was told of it, for the one line in the log.

    Work that it started and that outlives it, such as the card's owner, still sees it: when it is `over`, it is
    nobody's any more.
    """

    id: str
    trace: Mapping[str, str] = field(default_factory=dict)
    told: dict[str, object] = field(default_factory=dict)
    over: bool = False


CURRENT: Final[ContextVar[Request | None]] = ContextVar("pointsman_request", default=None)


def current() -> Request | None:
    """The request that this work is done for; None where it is for none, or that is over."""
    request = CURRENT.get()
    return None if request is None or request.over else request
