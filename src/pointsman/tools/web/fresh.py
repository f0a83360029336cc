"""What was fetched a short while ago, so that it need not be fetched again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from pointsman.core.ports import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Fresh(Generic[K, V]):
    """Keeps at most `most` values, each for `seconds`; the one that was used longest ago goes first."""

    def __init__(self, seconds: float, most: int, *, clock: Clock) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, unless it is too old."""
        since, value = self._kept.get(key, (None, None))
        if since is None:
            return None
        # A clock that was put back tells nothing of an age.
        if not 0 <= self._clock() - since < self._seconds:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keeps a value from now on."""
        if self._seconds <= 0:
            return
        self._kept[key] = (self._clock(), value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)
