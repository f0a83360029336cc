"""Label values that cannot grow without end: what is known has its name, and everything else is "other"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

OTHER: Final = "other"
MOST: Final = 50
LONGEST: Final = 100


class Names(dict[str, str]):
    """Gives label values their names: the `known`, and at most `most` that were admitted later.

    A stranger can send any text as a model's name; a series for each would fill the memory here and in Prometheus.
    `names[name]` is what `admit` gives, without a call where the name is known.
    """

    def __init__(self, known: Iterable[str] = (), *, most: int = MOST) -> None:
        super().__init__({it[:LONGEST]: it[:LONGEST] for it in known})
        self._left = most

    def of(self, name: str) -> str:
        """The name itself where it is known, "other" where it is not."""
        return self.get(name, OTHER)

    def admit(self, name: str) -> str:
        """The same; one that is met for the first time, and exists, is known from now on while there is room."""
        return self[name]

    def __missing__(self, name: str) -> str:
        if self._left > 0 and name and len(name) <= LONGEST and name.isprintable():
            self[name] = name
            self._left -= 1
        return self.of(name)
