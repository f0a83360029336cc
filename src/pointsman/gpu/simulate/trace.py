"""What was asked of a card and what else ran on it, as JSON lines: read, written, and checked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from pointsman.core.errors import InvalidInput

Kind = Literal["chat", "image", "external"]

KINDS: Final = get_args(Kind)
CURE: Final = (
    'give one JSON object a line, such as {"t": 12.5, "kind": "chat", "tokens": 400}, '
    '{"t": 60, "kind": "image", "steps": 8} or {"t": 90, "kind": "external", "seconds": 1800, "bytes": 6e9}'
)
# What a line of each kind must have, at least one of them above 0.
NEEDS: Final[dict[Kind, tuple[str, ...]]] = {
    "chat": ("tokens", "seconds"),
    "image": ("steps", "seconds"),
    "external": ("seconds",),
}
# A week; a trace in milliseconds, or with one wrong time, would else be played for hours.
LONGEST: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a trace: an answer, a picture, or memory that somebody else takes.

    `t` is in seconds from any beginning. A chat's length is in `tokens` of its answer, a picture's in `steps`; either
    may have `seconds` of work instead, as they were measured. An external one holds `bytes` for `seconds`, and grows
    to them over the first `ramp` of these. `name` is the model, the workflow, or the other program, and `bytes` what
    it takes (0: as the simulation is told). `conversation` groups what belongs together.
    """

    t: float
    kind: Kind
    tokens: int = 0
    steps: int = 0
    seconds: float = 0.0
    bytes: int = 0
    ramp: float = 0.0
    name: str = ""
    conversation: str = ""

    def line(self) -> str:
        """As a line of a trace; what is empty is left out."""
        said = {key: value for key, value in asdict(self).items() if value or key in {"t", "kind"}}
        return json.dumps(said, ensure_ascii=False)


NUMBERS: Final = ("t", "tokens", "steps", "seconds", "bytes", "ramp")
WHOLE: Final = ("tokens", "steps", "bytes")
KEYS: Final = tuple(it.name for it in fields(Event))


def write_trace(trace: Iterable[Event], path: Path) -> None:
    """Writes a trace. Raises InvalidInput when the file cannot be written."""
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{event.line()}\n" for event in trace)
    except OSError as error:
        raise InvalidInput(
            f"{path}: cannot be written: {error.strerror}", cure="give a file in a folder that can be written to"
        ) from error


def read_trace(path: Path) -> tuple[Event, ...]:
    """The events in a file, by time, its first at 0; empty lines are passed over.

    Raises InvalidInput with `file:line` for what is no event, and when the file has none or cannot be read.
    """
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror}", cure="give a readable file") from error
    lines = [(f"{path}:{number}", line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    read = [(where, event_from(line, where)) for where, line in lines]
    if not any(event.kind != "external" for _, event in read):
        raise InvalidInput(f"{path}: nothing is asked of the card in it: no chat and no image", cure=CURE)
    first = min(event.t for _, event in read)
    for where, event in read:
        if event.t - first > LONGEST:
            raise InvalidInput(
                f"{where}: this is {(event.t - first) / 86_400:,.0f} days after the first event",
                cure="give times in seconds, of one week at most",
            )
    return tuple(sorted((moved(event, -first) for _, event in read), key=lambda event: event.t))


def moved(event: Event, seconds: float) -> Event:
    """The same so many seconds later."""
    return Event(**{**asdict(event), "t": round(event.t + seconds, 3)})


def event_from(line: bytes, where: str) -> Event:
    """One line of a trace; `where` names it in errors. Raises InvalidInput."""
    try:
        row = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON: {error}", cure=CURE) from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{where}: not a JSON object", cure=CURE)
    for key in row:
        if key not in KEYS:
            raise InvalidInput(f"{where}: there is no {key!r}", cure=f"the keys are {', '.join(KEYS)}")
    if row.get("kind") not in KINDS:
        raise InvalidInput(f"{where}: kind is {row.get('kind')!r:.80}", cure=f"give one of {', '.join(KINDS)}")
    if "t" not in row:
        raise InvalidInput(f"{where}: there is no 't'", cure="say when, in seconds")
    values = {key: number(row, key, where) if key in NUMBERS else text(row, key, where) for key in row}
    event = Event(**cast("Any", values))
    needs = NEEDS[event.kind]
    if not any(getattr(event, key) for key in needs):
        raise InvalidInput(f"{where}: a line of kind {event.kind} has no length", cure=f"give {' or '.join(needs)}")
    if event.kind == "external" and not event.bytes:
        raise InvalidInput(f"{where}: nothing says how much memory it takes", cure="give bytes")
    return event


def number(row: dict[str, Any], key: str, where: str) -> float | int:
    """The number under a key, 0 or more."""
    value = row[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InvalidInput(f"{where}: {key} is {value!r:.80}", cure=f"give {key} as a number from 0")
    return int(value) if key in WHOLE else float(value)


def text(row: dict[str, Any], key: str, where: str) -> str:
    """The text under a key."""
    value = row[key]
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: {key} is not text: {value!r:.80}", cure=f"give {key} in quotation marks")
    return value
