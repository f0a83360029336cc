"""The card of a box elsewhere, as the ComfyUI on it sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from pointsman.core.errors import PointsmanError
from pointsman.core.ports import Clock
from pointsman.gpu.reading import Process, Reading
from pointsman.providers.comfyui.stats import Device, Stats
from pointsman.providers.probes.trouble import LONGEST_NAME, Trouble

Fetch = Callable[[], Awaitable[Stats]]
"""What ComfyUI answers to GET /system_stats. Raises PointsmanError where nobody answers, or not as ComfyUI does."""
Close = Callable[[], Awaitable[None]]

# There its numbers are those of the computer's memory.
NO_CARDS: Final = frozenset({"cpu", "mps", ""})
NO_CARD: Final = Trouble("the ComfyUI that is asked computes without a card")
NOT_TOLD: Final = Trouble("ComfyUI's /system_stats does not tell the memory of a card", "update ComfyUI")


class ComfyProbe:
    """Reads the cards that a ComfyUI can use.

    ComfyUI counts as free what torch has from the driver and does not use; for everybody else that is taken, so it
    is counted as used here. Of processes only ComfyUI itself is known, without its number.
    """

    source = "comfyui"

    def __init__(self, fetch: Fetch, *, clock: Clock, close: Close | None = None) -> None:
        self.trouble: Trouble | None = None
        self._fetch = fetch
        self._clock = clock
        self._close = close

    async def sample(self) -> Sequence[Reading]:
        """A reading of each card; none where ComfyUI does not answer, or computes without a card."""
        try:
            stats = await self._fetch()
        except PointsmanError as error:
            self.trouble = Trouble(error.message, error.cure)
            return ()
        except (ValueError, OverflowError):  # a number that is none, as NaN is
            self.trouble = NOT_TOLD
            return ()
        cards = [it for it in stats.devices if it.kind not in NO_CARDS]
        told = [it for it in cards if it.total > 0]
        self.trouble = NO_CARD if not cards else NOT_TOLD if len(told) < len(cards) else None
        now = self._clock()
        return tuple(reading_of(card, place, now) for place, card in enumerate(cards) if card in told)

    async def close(self) -> None:
        """Closes what it fetches with."""
        if self._close is not None:
            await self._close()


def reading_of(card: Device, place: int, now: float) -> Reading:
    """One card's reading; a number that is missing is 0, so what is not told to be free is not."""
    free_by_driver = min(max(0, card.free - card.torch_free), card.total)
    return Reading(
        device=f"gpu{place if card.index is None else card.index}",
        total=card.total,
        used=card.total - free_by_driver,
        source=ComfyProbe.source,
        at=now,
        name=called(card.name),
        processes=(Process(0, "ComfyUI", card.torch_total),) if card.torch_total > 0 else (),
    )


def called(name: str) -> str:
    """A card's name without its place and its allocator, as in "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync"."""
    words = name.rsplit(" : ", 1)[0].split()
    if words and ":" in words[0]:
        del words[0]
    return "".join(letter for letter in " ".join(words) if letter.isprintable())[:LONGEST_NAME]
