"""What a reply looks like after each of its events: its text, what is waited for, how far a picture is."""

from __future__ import annotations

import re
from typing import Final

import discord

from pointsman.core.decision import Decision
from pointsman.core.reply import Decided, Done, Event, Failed, Picture, Progress, Status, Text, ToolUse
from pointsman.discord import wording
from pointsman.discord.growing import Look
from pointsman.discord.picturing import ProgressPicture

# What is only about the waiting, and of no interest after it; any other status is to be known with the reply.
PASSING: Final = re.compile(
    r": about \d+ s\b|: ComfyUI loads|^ComfyUI draws|: waiting until|: making room, then|^loading\b", re.ASCII
)
KEPT: Final = "what was said until then stands above."
CUT: Final = "The reply ends here, as it has become as long as the model may write."


class Telling:
    """Takes a reply's events, and says what it looks like.

    `view` stops it, and is shown while it is waited for; `warnings` are told below the reply.
    """

    def __init__(self, view: discord.ui.View | None = None) -> None:
        self.decision: Decision | None = None
        self.outcome: Done | Failed | None = None
        self.pictures: list[Picture] = []
        self._view = view
        self._warnings: list[str] = []
        self._text: list[str] = []
        self._waiting = ""
        self._tool = ""
        self._drawing: ProgressPicture | None = None

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._text)

    @property
    def decision_id(self) -> str:
        """The decision's id; "" before there is one."""
        return self.decision.id if self.decision else ""

    def take(self, event: Event, *, spoiler: bool = False) -> bool:
        """Takes an event; whether the reply looks different now. With `spoiler` no picture is shown before its end."""
        match event:
            case Decided(decision):
                self.decision = decision
                return False
            case Status(text):
                return self._heard(text)
            case ToolUse():
                self._tool = wording.using(event) if event.state == "running" else ""
            case Text(delta):
                self._text.append(delta)
                self._waiting = ""
            case Progress():
                self._drawing = self._drawing or ProgressPicture(spoiler=spoiler)
                self._drawing.went(event)
            case Picture():
                self.pictures.append(event)
                return False
            case Done() | Failed():
                self.outcome = event
                return False
            case _:
                return False
        return True

    def looks(self) -> Look:
        """What it looks like now."""
        if self.text.strip():
            return Look(self.text, self._tool)
        if self._drawing is not None:
            line = wording.drawing(self._drawing.progress) if self._drawing.progress.most else self._waiting
            return Look("", line or wording.note(wording.CAPTION), self._view, self._drawing.dress)
        return Look("", "\n".join(filter(None, (self._waiting, self._tool))), self._view)

    def warn(self, words: str) -> None:
        """Has something told below the reply."""
        self._warnings.append(words)

    def ended(self, *, footer: bool, now: float) -> Look:
        """What it looks like at last; `now` is seconds since the epoch."""
        text = self.text.rstrip()
        match self.outcome:
            case Done() as done:
                if not text and not self.pictures:
                    self._warnings.append(wording.warning(wording.SILENT))
                if done.finish_reason == "length" and text:
                    self._warnings.append(wording.warning(CUT))
                lines = [*self._warnings, wording.footer(done, shown=footer)]
            case Failed() as failed:
                lines = [*self._warnings, wording.failed(failed, KEPT if text else "", now=now)]
            case None:
                lines = self._warnings
        return Look(text, "\n".join(filter(None, lines)))

    def _heard(self, status: str) -> bool:
        if PASSING.search(status):
            self._waiting = wording.waiting(status)
            return not self._text
        told = wording.told(status)
        if told not in self._warnings:
            self._warnings.append(told)
        self._waiting = self._waiting or told
        return not self._text
