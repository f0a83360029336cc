"""What went through a router lately: the rows of the live feed, the newest kept in memory."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final, Literal

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.happening import Ended, Happening, Made, Relayed, Reloaded, Taught, Went
from pointsman.core.message import Message
from pointsman.core.record import Outcome, Row
from pointsman.core.reply import Done, Picture, Progress, ToolUse

KEPT: Final = 500
LONGEST_TEXT: Final = 2000  # characters of a message that are kept here
MINUTE: Final = 60.0
TextLevel = Literal["full", "hash", "none"]
State = Literal["decided", "answering", "drawing", "done", "failed", "gone"]
STATES: Final[tuple[State, ...]] = ("decided", "answering", "drawing", "done", "failed", "gone")
GONE: Final = "cancelled"
DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One message, or one request for a model by name, as far as it is.

    `id` is the decision's; a request for a model by name has one of its own, and no `category`, `path` and `tier`.
    `at` is in seconds since 1970, `ms` what deciding took, `seconds` the whole reply and `first` until its first word,
    None while it is not there. `who` is the name of a key, or stands for a user. `note` says how far it is.
    """

    id: str
    at: float
    surface: str
    state: State
    who: str = ""
    text: str | None = None
    category: str = ""
    path: str = ""
    tier: str = ""
    confidence: float = 0.0
    ms: float = 0.0
    model: str = ""
    seconds: float | None = None
    first: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    note: str = ""
    error: str = ""
    cure: str = ""
    code: str = ""
    corrected: str = ""

    @property
    def decided(self) -> bool:
        """Whether there is a decision, and a trace of it."""
        return bool(self.category)

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.state in {"answering", "drawing"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows somebody wants to see; what is empty asks for nothing. `text` is looked for in what may be shown."""

    category: str = ""
    tier: str = ""
    surface: str = ""
    state: str = ""
    text: str = ""

    def fits(self, row: FeedRow, text: str) -> bool:
        """Whether a row is wanted; `text` is what is shown of its message."""
        return (
            self.category in {"", row.category}
            and self.tier in {"", row.tier}
            and self.surface in {"", row.surface}
            and self.state in {"", row.state}
            and (not self.text or self.text.casefold() in f"{text}\n{row.model}\n{row.who}\n{row.id}".casefold())
        )


class Feed:
    """The rows of the last messages; a thousand new ones a second cost a few milliseconds.

    `version` changes with every change, `filled` says that what was recorded before is in it. `tiers` and `surfaces`
    are those that were seen.
    `take` is to be called in the event loop, as watchers are. `salt` makes hashes that nobody can look up.
    """

    def __init__(
        self,
        *,
        kept: int = KEPT,
        salt: bytes | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.version = 0
        self.filled = False
        self.kept = kept
        self.tiers: set[str] = set()
        self.surfaces: set[str] = set()
        self.reloaded: tuple[float, Reloaded] | None = None
        self._salt = salt or secrets.token_bytes(16)
        self._now = now
        self._rows: dict[str, FeedRow] = {}
        self._numbers = count(1)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[FeedRow]:
        """The rows, newest first."""
        return reversed(self._rows.values())

    def get(self, row_id: str) -> FeedRow | None:
        """The row of that id, while it is kept."""
        return self._rows.get(row_id)

    def shown(self, row: FeedRow, level: TextLevel) -> str:
        """What is shown of a row's message."""
        return "" if row.text is None else self.veiled(row.text, level)

    def veiled(self, text: str, level: TextLevel) -> str:
        """A text, what stands for it, or nothing."""
        if level == "full":
            return text
        return f"#{self.hashed(text)}" if level == "hash" else ""

    def hashed(self, text: str) -> str:
        """What stands for a text: the same for the same, until the next start."""
        return hmac.new(self._salt, text.encode("utf-8", "replace"), "blake2b").hexdigest()[:DIGITS]

    def newest(self, wanted: Wanted, level: TextLevel, most: int) -> list[FeedRow]:
        """The rows that are wanted, at most so many."""
        found: list[FeedRow] = []
        for row in self:
            if wanted.fits(row, self.shown(row, level) if wanted.text else ""):
                found.append(row)
                if len(found) == most:
                    break
        return found

    def a_minute(self) -> int:
        """How many messages came within the last minute, as far as they are kept."""
        since, number = self._now() - MINUTE, 0
        for row in self:
            if row.at < since:
                break
            number += 1
        return number

    def fill(self, rows: Sequence[Row]) -> None:
        """Puts recorded decisions, newest first, behind those that were seen to be made."""
        known = self._rows
        missing = [it for it in rows if it.decision.id not in known][: max(0, self.kept - len(known))]
        self._rows = {}
        for row in (*(self._recorded(it) for it in reversed(missing)), *known.values()):
            self._put(row)

    def mark(self, corrections: Sequence[Correction]) -> None:
        """Says of the rows which of them were corrected."""
        for it in corrections:
            if it.undone_at is None and (row := self._rows.get(it.decision_id)) is not None:
                self._put(replace(row, corrected=it.category))

    def take(self, happening: Happening) -> None:
        """Takes up what happened."""
        match happening:
            case Went():
                self._went(happening)
            case Made(decision, message, _, only):
                self._put(self._made(decision, message, only=only))
            case Ended():
                self._ended(happening)
            case Relayed():
                self._put(self._relayed(happening))
            case Taught(correction, undone):
                if (row := self._rows.get(correction.decision_id)) is not None:
                    self._put(replace(row, corrected="" if undone else correction.category))
            case Reloaded():
                self.reloaded = (self._now(), happening)
                self.version += 1
            case _:
                pass

    def _put(self, row: FeedRow) -> None:
        self._rows[row.id] = row
        self.version += 1
        self.surfaces.add(row.surface)
        if row.tier:
            self.tiers.add(row.tier)
        while len(self._rows) > self.kept:
            del self._rows[next(iter(self._rows))]

    def _made(self, decision: Decision, message: Message, *, only: bool = False) -> FeedRow:
        origin = message.origin
        state: State = "decided" if only else "drawing" if decision.path == "image" else "answering"
        who = origin.key or (self.hashed(origin.user)[:6] if origin.user else "")
        return row_of(decision, message.text[:LONGEST_TEXT], origin.surface, state, who)

    def _recorded(self, it: Row) -> FeedRow:
        text = None if it.text is None else it.text[:LONGEST_TEXT]
        row = row_of(it.decision, text, it.surface, "decided")
        return row if it.outcome is None else with_outcome(row, it.outcome)

    def _went(self, it: Went) -> None:
        if not isinstance(it.event, Progress | ToolUse | Picture):  # words come by the hundred
            return
        row = self._rows.get(it.decision.id)
        if row is None:
            return
        match it.event:
            case Progress(done, most):
                note = f"step {done} of {most}"
            case ToolUse(call=call, state="running"):
                note = f"calls {call.name}"
            case _:
                note = ""
        if note != row.note:
            self._put(replace(row, note=note))

    def _ended(self, it: Ended) -> None:
        row = self._rows.get(it.decision.id) or self._made(it.decision, it.message)
        outcome = it.outcome
        if isinstance(outcome, Done):
            given, made = outcome.prompt_tokens, outcome.completion_tokens
            told: dict[str, Any] = {"model": outcome.model, "prompt_tokens": given, "completion_tokens": made}
            state: State = "done"
        else:
            told = {"error": outcome.cause, "cure": outcome.cure, "code": outcome.code}
            state = "gone" if outcome.code == GONE else "failed"
        self._put(replace(row, state=state, seconds=it.seconds, first=it.first, note="", **told))

    def _relayed(self, it: Relayed) -> FeedRow:
        broke = bool(it.code) or it.status >= 400
        state: State = "gone" if it.code == GONE else "failed" if broke else "done"
        return FeedRow(
            id=f"by-name-{next(self._numbers)}",
            at=self._now() - it.seconds,
            surface="http",
            state=state,
            who=it.key,
            path=it.path,
            model=it.model,
            seconds=it.seconds,
            first=it.first,
            error=f"status {it.status}" if broke and it.status else "",
            code=it.code,
        )


def row_of(decision: Decision, text: str | None, surface: str, state: State, who: str = "") -> FeedRow:
    """The row of a decision."""
    return FeedRow(
        decision.id,
        decision.at,
        surface,
        state,
        who,
        text,
        decision.category,
        decision.path,
        decision.tier,
        decision.confidence,
        decision.latency_ms,
    )


def with_outcome(row: FeedRow, outcome: Outcome) -> FeedRow:
    """A row with what was recorded of its end."""
    state: State = "gone" if outcome.code == GONE else "failed" if outcome.error else "done"
    return replace(
        row,
        state=state,
        model=outcome.model,
        seconds=outcome.seconds,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        error=outcome.error,
        code=outcome.code,
    )
