"""A labeller for tests: it says what it was told to say."""

from __future__ import annotations

import asyncio

from pointsman.core.errors import PointsmanError
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question


class ScriptedLabeller:
    """Says each of `script` in turn, and the last for ever; an error is raised, a str is a label without probabilities.

    `hold` is waited for before every answer. The questions and the numbers of the samples are in `asked`.
    """

    def __init__(
        self, *script: Choice | PointsmanError | str, name: str = "scripted", hold: asyncio.Event | None = None
    ) -> None:
        self.name = name
        self.asked: list[tuple[Question, int]] = []
        self._script = script
        self._hold = hold

    async def label(self, question: Question, sample: int = 0) -> Choice:
        """The next of the script. Raises what it was told to raise."""
        self.asked.append((question, sample))
        if self._hold:
            await self._hold.wait()
        said = self._script[min(len(self.asked), len(self._script)) - 1]
        if isinstance(said, PointsmanError):
            raise said
        return Choice(said) if isinstance(said, str) else said
