"""The views of the page, in their order: each has a name, an address, a key, and a module that builds it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from pointsman.core.access import Scope

if TYPE_CHECKING:
    from pointsman.dashboard.context import PageContext


@dataclass(frozen=True, slots=True)
class View:
    """One view: `path` is its address, `key` the letter that leads there behind g, `icon` the inside of an SVG.

    `module` has a function `build(context)`, which fills the place that it is called in; it is imported when the view
    is opened for the first time. `scope` is what the visitor's key has to open for that. One for the `first_run` is
    among the links only until there is a configuration file.
    """

    name: str
    title: str
    path: str
    key: str
    icon: str
    module: str
    scope: Scope = "read"
    first_run: bool = False

    def build(self, context: PageContext) -> None:
        """Lays the view out in the current place."""
        import_module(f"pointsman.dashboard.{self.module}").build(context)


# Drawn on 24 x 24, in lines of 1.8.
VIEWS: Final = (
    View(
        "try",
        "Try it",
        "/",
        "t",
        '<path d="M4 5h16v11H10l-5 4v-4H4z"/><path d="M8 9h8M8 12h5"/>',
        "playground",
        "use",
    ),
    View("feed", "Live", "/feed", "l", '<path d="M3 12h4l3-7 4 14 3-7h4"/>', "feedview"),
    View(
        "card",
        "Card",
        "/card",
        "c",
        '<rect x="6" y="6" width="12" height="12" rx="2"/>'
        '<path d="M9 3v3M15 3v3M9 18v3M15 18v3M3 9h3M3 15h3M18 9h3M18 15h3"/>',
        "cardview",
    ),
    View(
        "providers",
        "Providers",
        "/providers",
        "p",
        '<path d="M7 18a4 4 0 0 1-.6-8A6 6 0 0 1 18 9.5 4.3 4.3 0 0 1 17.5 18z"/>',
        "providersview",
    ),
    View(
        "models",
        "Models",
        "/models",
        "m",
        '<path d="M12 3l8 4.5v9L12 21l-8-4.5v-9z"/><path d="M4 7.5l8 4.5 8-4.5M12 12v9"/>',
        "selectionview",
    ),
    View(
        "evaluation",
        "Evaluation",
        "/evaluation",
        "e",
        '<path d="M4 20V4M4 20h16"/><path d="M8 16l3.5-5 3 3L20 7"/>',
        "evaluationview",
    ),
    View(
        "settings",
        "Settings",
        "/settings",
        "s",
        '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
        "configview",
    ),
    View(
        "setup",
        "First run",
        "/setup",
        "f",
        '<path d="M6 21V4M6 5h11l-2.5 4L17 13H6"/>',
        "setupview",
        first_run=True,
    ),
)
PATHS: Final = frozenset(view.path for view in VIEWS)


def at(path: str) -> View:
    """The view at an address; the first where there is none."""
    return next((view for view in VIEWS if view.path == path), VIEWS[0])
