"""How the page looks: its style sheets, its script, one icon, no file from anywhere else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

SHEETS: Final = ("page.css", "playground.css", "trace.css", "feed.css")
# A track that parts in two, one of them taken.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="pm-icon" viewBox="0 0 32 32" width="28" height="28" fill="none" '
    'stroke-width="3.2" stroke-linecap="round" aria-hidden="true">'
    '<path d="M16 29V19C16 12 25 12 25 4" stroke="#8a8f98" opacity=".55"/>'
    '<path d="M16 29V19C16 12 7 12 7 4" stroke="#0f8a7e"/></svg>'
)


@cache
def css() -> str:
    """The style sheets, as one."""
    return "\n".join(files("pointsman.dashboard").joinpath(name).read_text(encoding="utf-8") for name in SHEETS)


@cache
def script() -> str:
    """What the page does in the browser by itself."""
    return files("pointsman.dashboard").joinpath("page.js").read_text(encoding="utf-8")
