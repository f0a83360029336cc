"""What a model reads when it has tools: the talk so far, the calls, and what they brought, in either manner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pointsman.core.message import Message, Turn
from pointsman.engine import toolwords
from pointsman.engine.toolcalls import Made

LACKING: Final = (
    "What this needs cannot be used here: {notes}. Say so in your answer, in the person's language, and do not pretend "
    "that you looked anything up, ran or remembered anything."
)
LEAST_TEXT: Final = 500  # characters of a result, below which it says too little to be worth shortening


@dataclass(frozen=True, slots=True)
class Step:
    """What a model said, and the calls that it made with it."""

    text: str
    made: tuple[Made, ...]


class Conversation:
    """A message with its history, and the steps since; results are fenced with `mark`, `most` characters of each.

    Without a `today` nothing is said of tools, as there are none; `notes` say which are missing.
    """

    def __init__(
        self, message: Message, *, today: date | None, mark: str, most: int, notes: Sequence[str] = ()
    ) -> None:
        self._notes = notes
        self._message = message
        self._today = today
        self._mark = mark
        self._most = most
        self._steps: list[Step] = []

    def add(self, text: str, made: tuple[Made, ...]) -> None:
        """Goes on by a step."""
        self._steps.append(Step(text, made))

    def shorten(self) -> bool:
        """Lets a third of each result be read; false when there is nothing to gain by it."""
        if self._most < LEAST_TEXT or not self._steps:
            return False
        self._most //= 3
        return True

    def native(self) -> tuple[Turn, ...]:
        """For a model that calls tools by itself."""
        turns = [*self._begun(), *self._message.turns]
        for step in self._steps:
            turns.append(Turn("assistant", step.text, tuple(it.call for it in step.made)))
            turns += [Turn("tool", self._brought(it), tool=it.call.name, call_id=it.call.id) for it in step.made]
        return tuple(turns)

    def choosing(self, prompt: str) -> tuple[Turn, ...]:
        """For a model that names its choice in JSON."""
        return (*self._begun(prompt), *self._message.turns, *self._told())

    def answering(self) -> tuple[Turn, ...]:
        """For a model that only answers: what tools brought, and then the question, as small ones answer best."""
        data = "\n\n".join(self._brought(made) for step in self._steps for made in step.made)
        asked = toolwords.NOW_ANSWER.format(data=data, text=self._message.text) if data else self._message.text
        return (*self._begun(may_call=False), Turn("user", asked), *self._message.after)

    def _begun(self, prompt: str = "", *, may_call: bool = True) -> tuple[Turn, ...]:
        before = (*self._message.history, *lacking(self._notes))
        if self._today is None:
            return before
        rules = toolwords.rules(self._mark, self._today, may_call=may_call)
        # Behind the caller's own system texts, which come first in the history.
        return (*before, Turn("system", f"{rules}\n\n{prompt}".rstrip()))

    def _told(self) -> list[Turn]:
        turns: list[Turn] = []
        for step in self._steps:
            for made in step.made:
                turns += [Turn("assistant", toolwords.as_choice(made.call)), Turn("user", self._brought(made))]
        return turns

    def _brought(self, made: Made) -> str:
        return toolwords.fenced(made.call.name, made.text, self._mark, self._most)


def lacking(notes: Sequence[str]) -> tuple[Turn, ...]:
    """What a model is told of the tools that are missing, so that it does not make up what they would have brought."""
    return (Turn("system", LACKING.format(notes="; ".join(notes))),) if notes else ()
