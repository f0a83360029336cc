"""What the fake ComfyUI holds on the card: models from their first use on, and what comes back late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pointsman.testing.card import CardOutOfMemory, FakeCard


@dataclass(frozen=True, slots=True)
class Weights:
    """A model as a loader hands it on; with `on_processor` it never goes to the card."""

    file: str
    bytes: int
    on_processor: bool = False


class CardShare:
    """One process's share of a card (None: it computes on the processor, and nothing is counted).

    What the process itself takes (`context`) stays from its first computation on. A model goes to the card when it is
    first computed with, and stays; where room is short, models of its own that are not needed now give way. Where that
    does not help it is out of memory: the real one would stream weights and be slow, which here would hide a mistake.
    """

    def __init__(self, card: FakeCard | None, owner: str, *, context: int) -> None:
        self.card = card
        self.owner = owner
        self._context = context
        self._started = False
        self._models: dict[str, tuple[int, int]] = {}
        self._leaving: list[int] = []

    @property
    def held(self) -> int:
        """The bytes that torch would say it holds, with those that are not back yet."""
        if self.card is None:
            return 0
        return self.card.held_by(self.owner)

    @property
    def models(self) -> tuple[str, ...]:
        """The files that are on the card, the longest unused first."""
        return tuple(self._models)

    def use(self, weights: Weights) -> bool:
        """Brings a model to the card; whether it was not there. Raises CardOutOfMemory."""
        if self.card is None or weights.on_processor or not weights.bytes:
            return False
        self._start(self.card)
        if weights.file in self._models:
            self._models[weights.file] = self._models.pop(weights.file)
            return False
        self._make_room(self.card, weights.bytes, keep="")
        self._models[weights.file] = self.card.take(self.owner, weights.bytes), weights.bytes
        return True

    @contextmanager
    def working(self, size: int, model: str) -> Iterator[None]:
        """Holds memory while something is computed with a model. Raises CardOutOfMemory."""
        if self.card is None or not size:
            yield
            return
        self._start(self.card)
        self._make_room(self.card, size, keep=model)
        number = self.card.take(self.owner, size)
        try:
            yield
        finally:
            self.card.give_back(number)

    def unload(self, *, after: float = 0.0) -> None:
        """Lets go of all models; the card has their memory back so many seconds later, or when it is needed again."""
        for number, _ in self._models.values():
            if self.card is not None:
                self.card.give_back(number, after=after)
                self._leaving.append(number)
        self._models.clear()

    def _start(self, card: FakeCard) -> None:
        if not self._started:
            card.take(f"{self.owner} (context)", self._context)
            self._started = True

    def _make_room(self, card: FakeCard, size: int, *, keep: str) -> None:
        while self._leaving:  # it loads nothing before it has let go of what it was asked to
            card.give_back(self._leaving.pop())
        for file in [it for it in self._models if it != keep]:
            if size <= card.free:
                return
            number, _ = self._models.pop(file)
            card.give_back(number)


__all__ = ["CardOutOfMemory", "CardShare", "Weights"]
