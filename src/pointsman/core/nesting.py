"""What JSON holds that Python reads and nobody can write down again: lone surrogates, and values a thousand deep."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from pointsman.core.message import without_surrogates

# Nobody's tool takes more, and what nests a thousand deep cannot be written down again.
MOST_LEVELS: Final = 32


def nests(value: Any, levels: int = MOST_LEVELS) -> bool:
    """Whether a JSON value has no more than so many levels."""
    inside: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(nests(it, levels - 1) for it in inside)


def tidied(value: Any) -> Any:
    """A JSON value without lone surrogates, which an escape can bring in and no encoder takes."""
    text = json.dumps(value, ensure_ascii=False)
    tidy = without_surrogates(text)
    return value if tidy == text else json.loads(tidy)
