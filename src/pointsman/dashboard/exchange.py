"""One message tried on the page, and what has become of it so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.message import Turn
from pointsman.core.reply import Decided, Done, Event, Failed, Picture, Progress, Status, Text, ToolUse


@dataclass(slots=True, eq=False)
class Exchange:
    """What was said and what came back; `take` adds one event of the reply.

    `history` is what it was sent with, `model` the one that was asked by name ("" has it routed), `correction` the
    visitor's, if any. `preview` is what the picture looks like so far, with its media type. `clock` is in seconds.
    """

    text: str
    decide_only: bool = False
    model: str = ""
    history: Sequence[Turn] = ()
    decision: Decision | None = None
    reply: str = ""
    statuses: list[str] = field(default_factory=list)
    uses: list[ToolUse] = field(default_factory=list)
    drawing: Progress | None = None
    preview: tuple[bytes, str] = (b"", "")
    pictures: list[Picture] = field(default_factory=list)
    done: Done | None = None
    failed: Failed | None = None
    stopped: bool = False
    correction: Correction | None = None
    clock: Callable[[], float] = time.monotonic
    tools_since: float = 0.0

    def take(self, event: Event) -> None:
        """Adds one event."""
        match event:
            case Decided(decision):
                self.decision = decision
            case Status(text):
                self.statuses.append(text)
            case ToolUse() as use:
                if use.state == "running" and not self.at_work:
                    self.tools_since = self.clock()
                self.uses = [*(it for it in self.uses if it.call != use.call), use]
            case Progress() as progress:
                self.drawing = progress
                self.preview = (progress.preview, progress.media_type) if progress.preview else self.preview
            case Text(delta):
                self.reply += delta
            case Picture() as picture:
                self.pictures.append(picture)
            case Done() as done:
                self.done = done
            case Failed() as failed:
                self.failed = failed

    @property
    def at_work(self) -> list[ToolUse]:
        """The tools that run now, since `tools_since`."""
        return [it for it in self.uses if it.state == "running"] if self.running else []

    @property
    def earlier(self) -> int:
        """How many messages of the visitor's it was sent with."""
        return sum(turn.role == "user" for turn in self.history)

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        complete = self.done or self.failed or self.stopped
        return not (complete or (self.decide_only and self.decision))
