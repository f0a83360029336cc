"""The toolsets that are there, and those of them that one reply may use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from pointsman.core.errors import ConfigError, PointsmanError
from pointsman.core.tool import First, Occasion, Tool, Toolset, ToolSpec

logger = logging.getLogger(__name__)

Open = Callable[[], Toolset]


@dataclass(frozen=True, slots=True)
class Laid:
    """The tools that are laid out for one reply.

    `specs` describe them under the names by which a model calls them. `first` is what the message asks for in so many
    words, `notes` say which toolsets are `missing`, and why, for the person: a server's own words may be among them.
    """

    tools: Mapping[str, Tool] = field(default_factory=dict)
    specs: Mapping[str, ToolSpec] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    first: First | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Toolbox:
    """Every toolset by name, each opened when it is first used.

    `openers` make them; `absent` says of others why they cannot be used here. `allowed` has the toolsets of a
    category where the user chose them. Those that are `reaching` ask somebody outside the house, as far as is known:
    what a program of the owner's does by itself is not.
    """

    def __init__(
        self,
        openers: Mapping[str, Open] | None = None,
        *,
        absent: Mapping[str, str] | None = None,
        allowed: Mapping[str, tuple[str, ...]] | None = None,
        reaching: Iterable[str] = (),
    ) -> None:
        self.allowed = dict(allowed or {})
        self.reaching = frozenset(reaching)
        self.added: dict[str, tuple[str, ...]] = {}
        self._openers = dict(openers or {})
        self._absent = dict(absent or {})
        self._opened: dict[str, Toolset] = {}

    def standing(self) -> dict[str, str]:
        """Of each toolset why it cannot be used, "" when it can."""
        return {**self._absent, **dict.fromkeys(self._openers, "")}

    def offer(self, toolset: Toolset, categories: Sequence[str]) -> None:
        """Adds a toolset, for some categories beside what they have. Raises ConfigError when its name is taken."""
        if toolset.name in self.standing():
            raise ConfigError(f"there is a tool called {toolset.name} already", cure="give it another name")
        self._openers[toolset.name] = lambda: toolset
        for category in categories:
            self.added[category] = (*self.added.get(category, ()), toolset.name)

    def open(self, name: str) -> Toolset:
        """The toolset of that name. Raises KeyError, and what its opener does."""
        if name not in self._opened:
            self._opened[name] = self._openers[name]()
        return self._opened[name]

    async def lay_out(self, names: Sequence[str], occasion: Occasion) -> Laid:
        """The tools of some toolsets, as far as they may be used on an occasion; the others are noted."""
        tools: dict[str, Tool] = {}
        sets: dict[str, str] = {}
        firsts: list[First] = []
        notes: list[str] = []
        opened: set[str] = set()
        for name in names:
            try:
                toolset = self.open(name)
                if refusal := toolset.refusal(occasion):
                    notes.append(refusal)
                    continue
                made = await toolset.tools(occasion)
                asked = toolset.first(occasion)
            except PointsmanError as error:
                logger.info("%s cannot be used: %s", name, error.message)
                notes.append(f"{name} cannot be used now: {error.message}" + (f" ({error.cure})" if error.cure else ""))
                continue
            except Exception as error:  # plugins are anybody's, and one that is broken takes no reply with it
                logger.exception("%s failed in a way that nobody foresaw", name)
                notes.append(f"{name} cannot be used now: {type(error).__name__}")
                continue
            opened.add(name)
            names_here: dict[str, str] = {}
            for tool in made:
                called = names_here[tool.spec.name] = unique(tool.spec.name, name, tools)
                tools[called], sets[called] = tool, name
            if asked is not None:
                call = replace(asked.call, name=names_here.get(asked.call.name, asked.call.name))
                firsts.append(replace(asked, call=call))
        specs = {called: replace(tool.spec, name=called) for called, tool in tools.items()}
        missing = tuple(name for name in names if name not in opened)
        return Laid(tools, specs, sets, firsts[0] if firsts else None, tuple(notes), missing)

    async def close(self) -> None:
        """Lets go of what the toolsets hold."""
        opened, self._opened = list(self._opened.values()), {}
        async with AsyncExitStack() as closing:  # closes the rest, too, when one of them fails
            for toolset in opened:
                closing.push_async_callback(toolset.close)


def unique(called: str, toolset: str, taken: Mapping[str, Tool]) -> str:
    """A name by which no other tool is called."""
    name, number = called, 1
    while name in taken:
        name = f"{toolset}_{called}"[:60] + (f"_{number}" if number > 1 else "")
        number += 1
    return name
