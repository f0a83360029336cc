"""How the lines of the log look, and that they never hold secrets, or what people said where that is not wanted."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any, Final, Literal

from pointsman.core.errors import InvalidInput, PointsmanError
from pointsman.observe.privacy import Privacy, one_line
from pointsman.observe.request import current
from pointsman.observe.requestlines import logger as requests
from pointsman.observe.writer import Writer

Shape = Literal["text", "json"]
Fields = MutableMapping[str, Any]
Problem = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

# What these hold is our own: ids, names of tiers and categories, numbers.
OWN: Final = frozenset({"timestamp", "level", "logger", "request_id", "decision", "category", "tier", "code", "method"})
# And these are names, or have been treated already; looking for keys in them would be half of a line's cost.
NAMES: Final = frozenset({"model", "surface", "text"})
MOST_ERRORS: Final = 8  # of a chain of causes
BLANK: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
UNSAID: Final = "(not shown: it may quote a message; observe.text: full shows it)"


def set_up(shape: Shape, level: str, privacy: Privacy, stream: IO[str] | None = None) -> Callable[[], None]:
    """Has every logger write its lines to `stream` (stderr), as text or JSON; what is returned ends that.

    Ours from `level` on, those of libraries from warnings on. Lines are written by a thread of their own: a terminal,
    or a full pipe, that does not take them must not hold a reply up.
    """
    import structlog

    def stamped(_: object, __: str, fields: Fields) -> Fields:
        for left in ("message", "asctime"):  # by a formatter that had the record before
            fields.pop(left, None)
        request = current()
        return {"request_id": request.id, **fields} if request is not None else fields

    def told(_: object, __: str, fields: Fields) -> Fields:
        problem: Problem | None = fields.pop("exc_info", None)
        if problem and problem[1] is not None:
            fields["exception"] = explained(problem[1], privacy)
        return fields

    def clean(_: object, __: str, fields: Fields) -> Fields:
        return {name: cleaned(name, value, privacy) for name, value in fields.items()}

    shaped = as_text if shape == "text" else structlog.processors.JSONRenderer(default=str, ensure_ascii=True)

    def request_line(record: logging.LogRecord) -> str:
        return str(shaped(None, "", clean(None, "", fields_of(record))))

    writer = Writer(stream or sys.stderr)
    any_line = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ExtraAdder(),
            stamped,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, told, clean, shaped],
    )
    writer.setFormatter(Lines(any_line, request_line))
    root, ours = logging.getLogger(), logging.getLogger("pointsman")
    before = root.level, ours.level
    root.addHandler(writer)
    root.setLevel(logging.WARNING)
    ours.setLevel(level.upper())

    def restore() -> None:
        root.removeHandler(writer)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        writer.close()

    return restore


class Lines(logging.Formatter):
    """Gives the lines of requests, of which there are a thousand a second, a way of their own: the same in a third."""

    def __init__(self, any_line: logging.Formatter, request_line: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self._any_line = any_line
        self._request_line = request_line

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        plain = record.name == requests.name and not (record.exc_info or record.args)
        return self._request_line(record) if plain else self._any_line.format(record)


def fields_of(record: logging.LogRecord) -> Fields:
    """The fields of a line without an exception, in the order of all lines."""
    request = current()
    when = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
    return {
        **({"request_id": request.id} if request is not None else {}),
        "event": record.msg,
        "level": record.levelname.lower(),
        "logger": record.name,
        "timestamp": f"{when.isoformat()}Z",
        **{name: value for name, value in record.__dict__.items() if name not in BLANK},
    }


def cleaned(name: str, value: object, privacy: Privacy) -> object:
    """A field without secrets, and on one line."""
    if name in OWN or isinstance(value, int | float) or value is None:
        return value
    text = value if isinstance(value, str) else str(value)
    if name in NAMES:
        return one_line(text)
    text = privacy.masked(text)
    return text if name == "exception" else one_line(text.replace("\n  cure: ", "; cure: "))


def explained(error: BaseException, privacy: Privacy) -> str:
    """Where an error came from, and what it says where that cannot be a message's own words."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < MOST_ERRORS:
        places = "".join(traceback.format_tb(seen.__traceback__))
        said = what_it_says(seen) or (str(seen) if privacy.level == "full" else UNSAID)
        parts.append(f"{places}{type(seen).__qualname__}: {said}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\nafter:\n".join(parts)


def what_it_says(error: BaseException) -> str:
    """An error's words where they are ours or the system's; "" where a message could be in them."""
    quotes = isinstance(error, InvalidInput) or not isinstance(error, PointsmanError | OSError)
    return "" if quotes else str(error)


def as_text(_: object, __: str, fields: Fields) -> str:
    """A line for people: when, how bad, who, what, and the rest as name=value; an exception below it."""
    when, level, who = fields.pop("timestamp", ""), fields.pop("level", ""), fields.pop("logger", "")
    what, trouble = fields.pop("event", ""), fields.pop("exception", "")
    rest = "".join(f" {name}={quoted(value)}" for name, value in fields.items() if value not in ("", None))
    below = "".join(f"\n    {one_line(line)}" for line in str(trouble).splitlines())
    return f"{when} {level:<7} {who}: {what}{rest}{below}"


def quoted(value: object) -> str:
    """A value that is one word, as far as a reader can see."""
    text = str(value)
    return f'"{text}"' if " " in text else text
