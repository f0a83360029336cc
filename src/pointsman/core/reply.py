"""What goes out: a reply is a stream of events, ended by exactly one Done or Failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pointsman.core.decision import Decision
from pointsman.core.errors import LimitReached, NoRoom, PointsmanError
from pointsman.core.message import ToolCall
from pointsman.core.tool import Source


@dataclass(frozen=True, slots=True)
class Decided:
    """The first event: the decision, already recorded."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Status:
    """Something that the person waiting should know; not part of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the reply's text, in order."""

    delta: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A piece of the answer of a model's server, for a caller whose language that is: its bytes as they came."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a picture is: `done` of `most` steps, and perhaps what it looks like so far."""

    done: int
    most: int
    preview: bytes = b""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture."""

    data: bytes
    media_type: str = "image/png"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Calls:
    """Tools of the caller's own that the model wants called; the caller calls them, and sends what came of it."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool at work: "running" when it is called, then "done", "failed", or "refused" when it was not called.

    `text` is the beginning of what came of it, or why it was not called; `seconds` it took. `sources` are its pages.
    """

    call: ToolCall
    state: Literal["running", "done", "failed", "refused"]
    text: str = ""
    seconds: float = 0.0
    sources: tuple[Source, ...] = ()

    @property
    def line(self) -> str:
        """All of it that somebody who waits wants to know, on one line."""
        given = ", ".join(f"{name}={short(value)}" for name, value in self.call.arguments.items())
        number = len(self.sources)
        found = f", {number} source{'s' if number > 1 else ''}" if number else ""
        match self.state:
            case "running":
                became = " ..."
            case "done":
                became = f": done in {self.seconds:.1f} s{found}"
            case _:
                became = f": {self.state}: {cut(' '.join(self.text.split()))}"
        # What a model, or a server, wrote does not move the cursor of a terminal.
        line = f"{self.call.name[:64]}({given}){became}"
        return "".join(it if it.isprintable() else "\ufffd" for it in line)


def short(value: object) -> str:
    """An argument as it is written in a program, when it is short."""
    return repr(f"{value[:80]}..." if isinstance(value, str) and len(value) > 80 else value)[:120]


def cut(text: str, most: int = 300) -> str:
    """A text, or its beginning with a mark that there is more."""
    return text if len(text) <= most else f"{text[:most]}..."


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is complete.

    `model` answered ("" when none was loaded), in `seconds`; `prompt_tokens` and
    `completion_tokens` are the model's own counts, 0 when it was not asked. `footer` is a
    note for the reader, such as the limits of the embedded model. `uses` are the tools that were
    called, in order.
    """

    decision: Decision | None
    model: str = ""
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reason: str = "stop"
    footer: str = ""
    uses: tuple[ToolUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The reply broke off; `cause` says why and `cure` what to do about it, the codes are the error's.

    `retry_after` is in how many seconds it is worth asking again; 0 says nothing of that. `uses` are as in Done.
    """

    cause: str
    cure: str = ""
    code: str = "internal_error"
    http_status: int = 500
    exit_code: int = 1
    decision: Decision | None = None
    retry_after: float = 0.0
    uses: tuple[ToolUse, ...] = ()

    @classmethod
    def of(cls, error: PointsmanError, decision: Decision | None = None) -> Failed:
        """The failure that an error is to the reader of a reply."""
        wait = error.retry_after if isinstance(error, NoRoom | LimitReached) else 0.0
        return cls(error.message, error.cure, error.code, error.http_status, error.exit_code, decision, wait)


Event = Decided | Status | ToolUse | Calls | Text | Raw | Progress | Picture | Done | Failed
