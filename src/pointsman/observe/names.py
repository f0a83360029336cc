"""Label values that cannot grow without end: what is known has its name, and everything else is "other"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

OTHER: Final = "other"
MOST: Final = 50
LONGEST: Final = 100


class Names:
    """Gives label values their names: the `known`, and at most `most` that were admitted later.

    A stranger can send any text as a model's name; a series for each would fill the memory here and in Prometheus.
    """

    def __init__(self, known: Iterable[str] = (), *, most: int = MOST) -> None:
        self._known = {it[:LONGEST] for it in known}
        self._left = most

    def of(self, name: str) -> str:
        """The name itself where it is known, "other" where it is not."""
        return name if name in self._known else OTHER

    def admit(self, name: str) -> str:
        """The same; one that is met for the first time, and exists, is known from now on while there is room."""
        if name not in self._known and self._left > 0 and name and len(name) <= LONGEST and name.isprintable():
            self._known.add(name)
            self._left -= 1
        return self.of(name)
