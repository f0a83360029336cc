"""Pointsman finds out what a message wants before anything heavy is loaded.

from pointsman import Message, open_router

async with open_router() as router:
    decision = await router.decide(Message("draw me a cat"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pointsman.build import open_router
    from pointsman.core.decision import Abstain, Answer, Decision
    from pointsman.core.errors import PointsmanError
    from pointsman.core.message import Attachment, Message, Origin, Turn
    from pointsman.core.reply import Decided, Done, Failed, Picture, Status, Text
    from pointsman.engine.router import Router

__version__ = "0.1.0"

# Resolved on first use: importing pointsman must not import numpy.
HOMES = {
    "open_router": "pointsman.build",
    "Router": "pointsman.engine.router",
    "PointsmanError": "pointsman.core.errors",
    **dict.fromkeys(("Abstain", "Answer", "Decision"), "pointsman.core.decision"),
    **dict.fromkeys(("Attachment", "Message", "Origin", "Turn"), "pointsman.core.message"),
    **dict.fromkeys(("Decided", "Done", "Failed", "Picture", "Status", "Text"), "pointsman.core.reply"),
}

__all__ = [
    "Abstain",
    "Answer",
    "Attachment",
    "Decided",
    "Decision",
    "Done",
    "Failed",
    "Message",
    "Origin",
    "Picture",
    "PointsmanError",
    "Router",
    "Status",
    "Text",
    "Turn",
    "open_router",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'pointsman' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)
