"""How often Discord lets itself be asked: a bucket for each route and place, one for all, and refusals on order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pointsman.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    limit: int
    per: float


# What Discord's headers say of the routes that a bot of this kind uses; the others have the last one.
REAL: Final[Mapping[str, Rate]] = {
    "POST /channels/{channel}/messages": Rate(5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": Rate(5, 5.0),
    "DELETE /channels/{channel}/messages/{message}": Rate(5, 1.0),
    "POST /channels/{channel}/typing": Rate(5, 5.0),
    "POST /webhooks/{application}/{token}": Rate(5, 5.0),
    "PATCH /webhooks/{application}/{token}/messages/{message}": Rate(5, 5.0),
    "": Rate(50, 1.0),
}
OVERALL: Final = Rate(50, 1.0)
EVERYTHING: Final = "everything together"
# Neither is counted among the fifty a second.
FREE: Final = ("/interactions/", "/webhooks/")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of routes (the one without a name is that of all others), and of everything together."""

    routes: Mapping[str, Rate] = field(default_factory=lambda: REAL)
    overall: Rate = OVERALL

    def faster(self, times: float) -> Limits:
        """The same numbers in shorter windows, for tests that may not wait."""
        quick = {name: replace(rate, per=rate.per / times) for name, rate in self.routes.items()}
        return Limits(quick, replace(self.overall, per=self.overall.per / times))


NONE: Final = Limits({"": Rate(1_000_000, 1.0)}, Rate(1_000_000, 1.0))


@dataclass(slots=True)
class Window:
    """How much of a rate is used until it starts anew; the first request opens it."""

    rate: Rate
    ends: float = -math.inf
    used: int = 0

    def take(self, now: float) -> bool:
        """Counts a request; False where there is no room for it."""
        if now >= self.ends:
            self.ends, self.used = now + self.rate.per, 0
        if self.used >= self.rate.limit:
            return False
        self.used += 1
        return True


@dataclass(frozen=True, slots=True)
class Limited:
    """Why a request has to wait, and how long, in seconds."""

    seconds: float
    scope: str

    @property
    def body(self) -> dict[str, Any]:
        """What Discord says."""
        return {
            "message": "You are being rate limited.",
            "retry_after": math.ceil(self.seconds * 1000) / 1000,
            "global": self.scope == "global",
        }

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        said = {"Retry-After": str(math.ceil(self.seconds)), "X-RateLimit-Scope": self.scope}
        return {**said, "X-RateLimit-Global": "true"} if self.scope == "global" else said


@dataclass(slots=True)
class Order:
    """A refusal that a test ordered, for the next requests to routes whose name holds `part`."""

    left: int
    limited: Limited
    part: str


class Rates:
    """Counts every request; `limited` are those that had to wait, by the route that was asked too often, or EVERYTHING.

    `ordered` is how many had to because a test wanted it.
    """

    def __init__(self, limits: Limits, clock: Clock, now: Clock) -> None:
        self.limits = limits
        self.limited: dict[str, int] = {}
        self.ordered = 0
        self._clock = clock
        self._now = now
        self._windows: dict[tuple[str, str], Window] = {}
        self._overall = Window(limits.overall)
        self._orders: list[Order] = []

    def refuse_next(self, times: int = 1, *, after: float = 0.01, part: str = "", scope: str = "user") -> None:
        """Answers 429 to the next requests to routes with `part` in their name; they may come again after seconds.

        The scope is "user" (the bot's own), "shared" (that of the place) or "global" (everything).
        """
        self._orders.append(Order(times, Limited(after, scope), part))

    def check(self, route: str, place: str) -> Limited | None:
        """Why a request may not be made now, which is counted otherwise."""
        for order in self._orders:
            if order.left and order.part in route:
                order.left -= 1
                self.ordered += 1
                return order.limited
        now = self._clock()
        if not any(it in route for it in FREE) and not self._overall.take(now):
            return self._count(EVERYTHING, Limited(self._overall.ends - now, "global"))
        window = self._window(route, place)
        if not window.take(now):
            return self._count(route, Limited(window.ends - now, "user"))
        return None

    def headers(self, route: str, place: str) -> dict[str, str]:
        """What is left of a bucket, as the headers of a response say it."""
        window = self._window(route, place)
        left = math.ceil(max(0.0, window.ends - self._clock()) * 1000) / 1000  # never too early
        return {
            "X-RateLimit-Limit": str(window.rate.limit),
            "X-RateLimit-Remaining": str(window.rate.limit - window.used),
            "X-RateLimit-Reset": f"{self._now() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
        }

    def _window(self, route: str, place: str) -> Window:
        window = self._windows.get((route, place))
        if window is None:
            rate = self.limits.routes.get(route) or self.limits.routes[""]
            window = self._windows[route, place] = Window(rate)
        return window

    def _count(self, route: str, limited: Limited) -> Limited:
        self.limited[route] = self.limited.get(route, 0) + 1
        return limited
