"""Writes down what really happens on a card as a trace, to be played again under every policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from pointsman.gpu.simulate.trace import Event, Kind

RECORDED: Final = {"chat", "image"}


class TraceRecorder:
    """Makes lines of a trace from the arbiter's events: give it to Arbiter as `record`.

    `write` is given each line without its end. Nothing of what was said is in it: kinds, times, bytes, names of
    models and workflows, and the names that conversations have with the arbiter. A line is written when what it tells
    of is over, so that lines are not in the order of time; reading sorts them. `device` names the card whose others
    are written, by default the first that has any.
    """

    def __init__(self, write: Callable[[str], None], *, device: str = "") -> None:
        self._write = write
        self._device = device
        self._wishes: dict[str, Mapping[str, Any]] = {}
        self._others: list[tuple[float, int]] = []  # since when, and how many bytes: the last to come goes first

    def __call__(self, event: Mapping[str, Any]) -> None:
        """An event of the arbiter (gpu/trace.py); those that say nothing of what was asked are passed over."""
        match event["kind"]:
            case "wish" if event["wish"] in RECORDED and event["tenant"] and event["priority"] != "preload":
                self._wishes[event["id"]] = event
            case "back":
                self._used(event["id"], event["seconds"])
            case "refuse":
                self._wishes.pop(event["id"], None)
            case "external" if self._device in {"", event["device"]}:
                self._device = event["device"]
                self._seen(event["bytes"], event["t"])

    def close(self, at: float) -> None:
        """The end: what others still hold is written."""
        self._seen(0, at)

    def _used(self, job: str, seconds: float) -> None:
        """A lease ended; what was wished for first is written, whatever served it in the end."""
        wish = self._wishes.pop(job, None)
        if wish is None:
            return
        line = Event(
            wish["t"],
            cast("Kind", wish["wish"]),
            seconds=max(0.001, seconds),
            bytes=wish["bytes"],
            name=wish["tenant"],
            conversation=wish["holder"],
        )
        self._write(line.line())

    def _seen(self, size: int, at: float) -> None:
        """Others were seen to hold so many bytes."""
        held = sum(part for _, part in self._others)
        if size > held:
            self._others.append((at, size - held))
        gone = held - size
        while gone > 0:
            since, part = self._others.pop()
            given = min(part, gone)
            if given < part:
                self._others.append((since, part - given))
            gone -= given
            if at > since:
                line = Event(since, "external", seconds=round(at - since, 3), bytes=given, name="others")
                self._write(line.line())
