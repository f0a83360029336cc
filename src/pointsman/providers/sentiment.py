"""How a message sounds, by a model that tells positive from negative: a mark, and never a category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from pointsman.core.decision import Signal
from pointsman.providers.remote.asking import Ask, Calls

SENTIMENT: Final = "sentiment"
MODEL: Final = "@cf/huggingface/distilbert-sst-2-int8"
# The model reads 512 tokens.
MOST_TEXT: Final = 1500
SIDES: Final = {"positive": "positive", "negative": "negative", "label_1": "positive", "label_0": "negative"}


class Sounds(Protocol):
    """A service that has such a model."""

    name: str

    def sentiment(self, model: str, text: str) -> Ask[Mapping[str, float]]:
        """The call that asks for the score of each label."""
        ...


class Sentiment:
    """Marks a message as positive or negative, with how surely it is so."""

    def __init__(self, calls: Calls, service: Sounds, model: str = MODEL, *, name: str = "") -> None:
        self.name = name or f"{service.name} sentiment"
        self._calls = calls
        self._service = service
        self._model = model

    async def sense(self, text: str) -> Signal | None:
        """The likelier side; None for a text without words, and for labels of other kinds. Raises ServiceFailed."""
        text = text.strip()[:MOST_TEXT]
        if not any(character.isalnum() for character in text):
            return None
        called = await self._calls.call(lambda model: self._service.sentiment(model, text), (self._model,))
        label = max(called.value, key=called.value.__getitem__)
        side = SIDES.get(label.lower())
        score = called.value[label]
        return Signal(SENTIMENT, score, self.name, (side,)) if side and 0 <= score <= 1 else None
