"""Python functions that models may call, given to a router by whoever runs it; they outlive a new configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, overload

from pointsman.core.errors import ConfigError
from pointsman.core.tool import SECONDS, Effect
from pointsman.engine.parts import InForce, Parts

Function = TypeVar("Function", bound=Callable[..., Any])
Offer = Callable[[Parts], None]
"""Lays a function out for the models of a router's parts. Raises ConfigError."""

ANSWERED: Final = frozenset({"llm", "llm+tools"})


class Functions:
    """The part of a router that takes functions."""

    _force: InForce
    _offers: list[Offer]

    @overload
    def tool(self, function: Function) -> Function: ...

    @overload
    def tool(
        self,
        function: None = None,
        *,
        name: str = "",
        categories: Sequence[str] | str = (),
        effect: Effect = "reads",
        seconds: float = SECONDS,
        trusted: bool = False,
    ) -> Callable[[Function], Function]: ...

    def tool(
        self,
        function: Function | None = None,
        *,
        name: str = "",
        categories: Sequence[str] | str = (),
        effect: Effect = "reads",
        seconds: float = SECONDS,
        trusted: bool = False,
    ) -> Function | Callable[[Function], Function]:
        """Lets models call a Python function, sync or async: its signature and docstring say how.

        Use it as a decorator. `categories` are those in which it may be called, every one that a model answers where
        none is named. `effect` says what a call does, `seconds` how long it may take, `trusted` that no stranger wrote
        any of what it returns. Raises ConfigError where no model could call it, or its name is taken.
        """
        named = (categories,) if isinstance(categories, str) else tuple(categories)

        def add(given: Function) -> Function:
            def offer(parts: Parts) -> None:
                how = {"name": name, "effect": effect, "seconds": seconds, "trusted": trusted}
                offered(parts, given, named, **how)

            offer(self._force.parts)
            self._offers.append(offer)
            return given

        return add if function is None else add(function)


def offered(parts: Parts, function: Callable[..., Any], named: Sequence[str], **how: Any) -> None:
    """Lays a function out for the categories that are named, or for all that a model answers. Raises ConfigError."""
    if parts.define is None:
        raise ConfigError("this router takes no tools", cure="make it with open_router")
    for category in named:
        if parts.catalogue.path_of(category) not in ANSWERED:
            raise ConfigError(f"no model answers {category}, so it has no use for tools", cure="leave it out")
    wanted = named or [it.name for it in parts.catalogue if it.path in ANSWERED]
    parts.executor.tools.toolbox.offer(parts.define(function, **how), wanted)
