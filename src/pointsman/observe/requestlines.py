"""One line in the log for every request and every reply that is over."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.happening import Ended, Happening, Made, Relayed, Went
from pointsman.core.message import Message
from pointsman.core.reply import Failed
from pointsman.observe.privacy import Privacy
from pointsman.observe.request import current

logger: Final = logging.getLogger("pointsman.requests")
LINE: Final = "request"


class Line(logging.LogRecord):
    """A record of the one line of a request: where in the program it was written, and by which thread, says nothing.

    Looking for that takes as long as the rest of the line. It knows its `fields` and its `request`, so that it can be
    formatted at any time and anywhere.
    """

    __slots__ = ("fields", "request")

    def __init__(self, level: int, fields: Mapping[str, object]) -> None:
        own = {"levelno": level, "levelname": logging.getLevelName(level), "created": time.time()}
        self.__dict__ = {**BLANK, **own, **fields}
        self.fields = fields
        self.request = current()


BLANK: Final[dict[str, object]] = {
    **logging.LogRecord(logger.name, logging.INFO, "", 0, LINE, None, None).__dict__,
    **dict.fromkeys(("pathname", "filename", "module"), __name__),
}


def write(level: int, fields: Mapping[str, object]) -> None:
    """Writes the line of a request."""
    if not logger.disabled:
        logger.handle(Line(level, fields))


class RequestLines:
    """Watches a router: a request of the gateway is told what became of it, and writes the line when it is answered.

    What came some other way has its line here.
    """

    hears: Final[tuple[type[Happening], ...]] = (Made, Ended, Relayed)

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy

    def __call__(self, happening: Happening) -> None:
        """Notes what happened."""
        if type(happening) is Went:  # the most of all
            return
        match happening:
            case Made(only=True):
                self._note(self._of_made(happening.decision, happening.message), happening.seconds)
            case Made():
                if (request := current()) is not None:
                    request.told.update(self._of_made(happening.decision, happening.message))
            case Ended():
                self._note(self._of_ended(happening), happening.seconds)
            case Relayed():
                self._note(of_relayed(happening), happening.seconds)

    def _note(self, fields: dict[str, object], seconds: float) -> None:
        request = current()
        if request is not None:
            request.told.update(fields)
        elif logger.isEnabledFor(logging.INFO):
            write(logging.INFO, {**fields, "ms": round(seconds * 1e3, 1)})

    def _of_made(self, decision: Decision, message: Message) -> dict[str, object]:
        fields: dict[str, object] = {
            "decision": decision.id,
            "surface": message.origin.surface,
            "category": decision.category,
            "tier": decision.tier,
        }
        if text := self._privacy.shown(message.text):
            fields["text"] = text
        return fields

    def _of_ended(self, ended: Ended) -> dict[str, object]:
        request = current()
        told = request is not None and request.told.get("decision") == ended.decision.id
        fields = {} if told else self._of_made(ended.decision, ended.message)
        outcome = ended.outcome
        if isinstance(outcome, Failed):
            return {**fields, "code": outcome.code, "status": outcome.http_status}
        fields |= {"status": 200, "model": outcome.model}
        if outcome.prompt_tokens or outcome.completion_tokens:
            fields |= {"prompt_tokens": outcome.prompt_tokens, "completion_tokens": outcome.completion_tokens}
        return fields


def of_relayed(relayed: Relayed) -> dict[str, object]:
    """What a line says of a request that was passed on."""
    fields: dict[str, object] = {"model": relayed.model, "status": relayed.status}
    return {**fields, "code": relayed.code} if relayed.code else fields
