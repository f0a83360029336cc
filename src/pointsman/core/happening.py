"""What happens in a router, told to whoever watches: metrics, traces, logs and the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.reply import Done, Event, Failed


@dataclass(frozen=True, slots=True)
class Made:
    """A message was decided about, in `seconds`; `only` that, where nothing is carried out."""

    decision: Decision
    message: Message
    seconds: float
    only: bool = False


@dataclass(frozen=True, slots=True)
class Went:
    """A reply goes on: an event of it, `seconds` after its message came in.

    Its beginning is told by Made and its end by Ended; of an answer that is passed on as it is, the bytes are not told.
    """

    decision: Decision
    event: Event
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """A reply is over, `seconds` after its message came in; `first` is when its first word or picture was there.

    `first` is None where there was none. A caller who went away leaves a Failed of the code "cancelled".
    """

    decision: Decision
    message: Message
    outcome: Done | Failed
    seconds: float
    first: float | None = None


@dataclass(frozen=True, slots=True)
class Relayed:
    """A request for a model by name is over, in `seconds`; `first` is when its first byte was there.

    `status` is the server's, or that of our error where `code` names one.
    """

    model: str
    path: str
    status: int
    seconds: float
    first: float | None = None
    code: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Taught:
    """A correction was made, or taken back."""

    correction: Correction
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Leased:
    """The card was given to work, after `seconds` of waiting."""

    kind: str
    tenant: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The configuration was read again: `changed` sections are in force, or `problem` says why the old ones stay."""

    changed: tuple[str, ...] = ()
    problem: str = ""


Happening = Made | Went | Ended | Relayed | Taught | Leased | Reloaded
Watcher = Callable[[Happening], None]
"""Is told of everything, in the event loop, as it happens; must not wait, and what it raises is logged and no more."""
