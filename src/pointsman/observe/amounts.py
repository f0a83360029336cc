"""Amounts of memory as people read them."""

from __future__ import annotations

from typing import Final

GB: Final = 10**9
MB: Final = 10**6


def size(amount: int) -> str:
    """Bytes as people say them, in units of a thousand, as files and models are sold: 9.3 GB, 512 MB, 0."""
    if amount < 0:
        return f"-{size(-amount)}"
    if amount < MB:
        return "0" if amount == 0 else "under 1 MB"
    return f"{amount / GB:.1f} GB" if amount >= GB - MB // 2 else f"{amount / MB:.0f} MB"


def in_gb(amount: int | None) -> str:
    """The same for a column that is headed GB: one digit behind the point, "-" for what is not known."""
    return "-" if amount is None else "0" if amount == 0 else f"{amount / GB:.1f}" if amount >= GB / 20 else "<0.1"


def seconds(amount: float) -> str:
    """A time as people tell it: 0.4 s, 12 s, 3 min, 2 h."""
    if amount < 9.95:
        return f"{amount:.1f} s" if 0 < amount < 0.95 or amount % 1 >= 0.05 else f"{amount:.0f} s"
    if amount < 90:
        return f"{amount:.0f} s"
    return f"{amount / 60:.0f} min" if amount < 5400 else f"{amount / 3600:.0f} h"
