"""How the lines of the log look, and that they never hold secrets, or what people said where that is not wanted."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import IO, Any, Final, Literal

from pointsman.core.errors import InvalidInput, PointsmanError
from pointsman.observe.privacy import LONGEST, Privacy, one_line
from pointsman.observe.request import current
from pointsman.observe.requestlines import Line
from pointsman.observe.writer import Writer

Shape = Literal["text", "json"]
Fields = MutableMapping[str, Any]
Problem = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

# What these hold is our own: ids, names of tiers and categories, numbers.
OWN: Final = frozenset({"timestamp", "level", "logger", "request_id", "decision", "category", "tier", "code", "method"})
# And these are names, or have been treated already; looking for keys in them would be half of a line's cost.
NAMES: Final = frozenset({"model", "surface", "text"})
MOST_ERRORS: Final = 8  # of a chain of causes
NUMBERS: Final = frozenset({int, float})
ENCODE: Final = json.JSONEncoder(default=str).encode
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
        return treated(fields, privacy)

    shaped = as_text if shape == "text" else as_json

    def request_line(line: Line) -> str:
        return (text_of if shape == "text" else json_of)(line, treated(line.fields, privacy))

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
    """Gives the lines of requests, of which there are a thousand a second, a way of their own: the same in a tenth.

    These it formats in whichever thread.
    """

    def __init__(self, any_line: logging.Formatter, request_line: Callable[[Line], str]) -> None:
        super().__init__()
        self._any_line = any_line
        self._request_line = request_line

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        return self._request_line(record) if isinstance(record, Line) else self._any_line.format(record)


def json_of(line: Line, fields: Fields) -> str:
    """A request's line for programs, in the order of all lines."""
    request = {} if line.request is None else {"request_id": line.request.id}
    own = {"event": line.msg, "level": line.levelname.lower(), "logger": line.name, "timestamp": stamp(line.created)}
    return ENCODE({**request, **own, **fields})


def text_of(line: Line, fields: Fields) -> str:
    """A request's line for people."""
    request = "" if line.request is None else f" request_id={line.request.id}"
    level = line.levelname.lower()
    return f"{stamp(line.created)} {level:<7} {line.name}: {line.msg}{request}{named(fields)}"


def stamp(at: float) -> str:
    """A time in seconds since the epoch as lines have it."""
    whole = int(at)
    parts = round((at - whole) * 1e6)
    if not 0 < parts < 1_000_000:
        return f"{datetime.fromtimestamp(at, UTC).isoformat()[:-6]}Z"
    return f"{second(whole)}.{parts:06d}Z"


@lru_cache(1)
def second(at: int) -> str:
    """The whole seconds of it, which thousands of lines share."""
    return datetime.fromtimestamp(at, UTC).isoformat()[:-6]


def treated(fields: Mapping[str, object], privacy: Privacy) -> Fields:
    """Fields without secrets, and each on one line; most are so as they come."""
    return {
        name: value
        if name in OWN
        or type(value) in NUMBERS
        or (name in NAMES and type(value) is str and value.isprintable() and len(value) <= LONGEST)
        else cleaned(name, value, privacy)
        for name, value in fields.items()
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


def as_json(_: object, __: str, fields: Fields) -> str:
    """A line for programs."""
    return ENCODE(fields)


def as_text(_: object, __: str, fields: Fields) -> str:
    """A line for people: when, how bad, who, what, and the rest as name=value; an exception below it."""
    when, level, who = fields.pop("timestamp", ""), fields.pop("level", ""), fields.pop("logger", "")
    what, trouble = fields.pop("event", ""), fields.pop("exception", "")
    below = "".join([f"\n    {one_line(line)}" for line in str(trouble).splitlines()])
    return f"{when} {level:<7} {who}: {what}{named(fields)}{below}"


def named(fields: Fields) -> str:
    """Fields as name=value; each value is one word, as far as a reader can see."""
    parts = []
    for name, value in fields.items():
        if value is not None and value != "":
            text = value if isinstance(value, str) else str(value)
            parts.append(f' {name}="{text}"' if " " in text else f" {name}={text}")
    return "".join(parts)
