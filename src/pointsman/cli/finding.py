"""What a check of `pointsman doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `cure` is empty when nothing is wrong."""

    check: str
    grade: Grade
    found: str
    cure: str = ""
