"""What `str.translate` puts for each character, found out when the character is first met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MOST_REMEMBERED: Final = 20_000  # characters


class Folding(dict[int, str]):
    """Remembers what a function makes of single characters; a text that holds them all is no reason to grow."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, point: int) -> str:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        read = self[point] = self._read(chr(point))
        return read
