"""What the page shows of messages, as a configuration holds it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pointsman.config.strict import Strict


class Page(Strict):
    """The page."""

    text: Literal["auto", "full", "hash", "none"] = Field(
        default="auto",
        description="What the live feed shows of what people said: full, a hash that tells equal messages, or none; "
        "auto is full in a browser on this machine, and hash elsewhere.",
    )
