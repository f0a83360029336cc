"""A route of the REST interface, and how a request finds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pointsman.testing.fake_discord.state import Asked

Answer: TypeAlias = Any  # what is sent as JSON; None for nothing, which is 204
Handler: TypeAlias = Callable[[Asked], Answer]
# What the path names that a bucket is kept for: Discord's "major parameters".
PLACES = ("channel", "guild", "token")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path with names in braces; `open` where no token of the bot's is shown."""

    method: str
    path: str
    handler: Handler
    open: bool = False

    @property
    def name(self) -> str:
        """How it is called among rates and counts."""
        return f"{self.method} {self.path}"


class Routes:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", it.path) + "$"), it) for it in routes]

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route, and what the path names; None where there is none."""
        for pattern, route in self._routes:
            if route.method == method and (found := pattern.match(path)):
                return route, found.groupdict()
        return None


def place_of(named: Mapping[str, str]) -> str:
    """The place that a bucket is kept for."""
    return "+".join(named[it] for it in PLACES if it in named)
