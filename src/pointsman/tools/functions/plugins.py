"""Tools of other installed packages: entry points of the group `pointsman.tools`, loaded when a category uses them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from pointsman.core.errors import ConfigError, PointsmanError
from pointsman.core.tool import Toolset
from pointsman.tools.functions.toolset import NAME, FunctionTool, FunctionTools

GROUP: Final = "pointsman.tools"
# A function that says that it returns one of these makes tools, and is none itself.
MAKES: Final = re.compile(r"\b(?:Toolset|\w*Tools|FunctionTool|Callable)\b")
PARTS: Final = ("name", "refusal", "tools", "first", "close")


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point that offers tools; nothing of its package is imported before it is loaded.

    `rivals` are the packages that offer another by the same name.
    """

    name: str
    package: str
    entry: EntryPoint
    rivals: tuple[str, ...] = ()

    def load(self) -> Toolset:
        """The toolset, called as the entry point is. Raises ConfigError that names the package and the entry point."""
        if self.rivals:
            packages = ", ".join((self.package, *self.rivals))
            raise ConfigError(
                f"several packages offer a plugin called {self.name}: {packages}", cure="uninstall all but one"
            )
        if not NAME.fullmatch(self.name):
            raise self._broken("its name may have letters, digits, _ and - alone, at most 64")
        try:
            return self._toolset(made_of(self.entry.load()))
        except PointsmanError as error:
            raise self._broken(error.message, error.cure) from error
        except (Exception, SystemExit) as error:
            raise self._broken(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}") from error

    def _toolset(self, offered: Any) -> Toolset:
        if is_toolset(offered):
            if offered.name != self.name:
                raise ConfigError(f"its toolset is called {offered.name!r}", cure="call both the same")
            made: Toolset = offered
            return made
        functions = offered if isinstance(offered, Sequence) and not isinstance(offered, str) else (offered,)
        wrong = next((it for it in functions if not (callable(it) or isinstance(it, FunctionTool))), None)
        if wrong is not None or not functions:
            kind = type(wrong).__name__ if functions else "nothing"
            raise ConfigError(f"it offers {kind}, and no tools", cure="offer a function, a list of them, or a Toolset")
        return FunctionTools(self.name, functions)

    def _broken(self, problem: str, cure: str = "") -> ConfigError:
        return ConfigError(
            f"the plugin {self.name} of the package {self.package} ({self.entry.value}) cannot be used: {problem}",
            cure=cure or f"repair or uninstall {self.package}, or take {self.name} out of tools.allow",
        )


def found(entries: Iterable[EntryPoint] | None = None) -> dict[str, Plugin]:
    """The plugins that are installed, by name; none of them is imported (10 ms)."""
    plugins: dict[str, Plugin] = {}
    for entry in entry_points(group=GROUP) if entries is None else entries:
        package = entry.dist.name if entry.dist is not None else "unknown"
        known = plugins.get(entry.name)
        if known is None:
            plugins[entry.name] = Plugin(entry.name, package, entry)
        elif (known.package, known.entry.value) != (package, entry.value):
            plugins[entry.name] = Plugin(known.name, known.package, known.entry, (*known.rivals, package))
    return plugins


def made_of(offered: Any) -> Any:
    """What an entry point offers; a class, and a function that says it makes tools, is called for them."""
    if inspect.isclass(offered) or (inspect.isroutine(offered) and makes_tools(offered)):
        return offered()
    return offered


def makes_tools(function: Callable[..., Any]) -> bool:
    """Whether a function's annotation says that it returns tools."""
    returned = getattr(function, "__annotations__", {}).get("return")
    text = returned if isinstance(returned, str) else inspect.formatannotation(returned)
    return returned is not None and MAKES.search(text) is not None


def is_toolset(offered: Any) -> bool:
    """Whether something has all that a Toolset has."""
    return not inspect.isclass(offered) and all(hasattr(offered, part) for part in PARTS)
