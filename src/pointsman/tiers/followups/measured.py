"""How often each kind of follow-up was right on labelled conversations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pointsman.core.category import Measured

Kind = Literal["confirm", "deny", "bare", "again", "pick", "point", "picture", "query", "sum", "memory", "text"]

# Of the follow-ups of a kind in the conversations that this tier was made with, so many took the right path:
# `python bench/followups.py --measure` prints them.
MEASURED: Final[Mapping[Kind, Measured]] = {
    "confirm": Measured(31, 31),
    "deny": Measured(17, 17),
    "bare": Measured(10, 11),
    "again": Measured(31, 33),
    "pick": Measured(16, 16),
    "point": Measured(8, 8),
    "picture": Measured(105, 105),
    "query": Measured(40, 40),
    "sum": Measured(18, 18),
    "memory": Measured(19, 19),
    "text": Measured(53, 53),
}
