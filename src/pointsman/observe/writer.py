"""Writes the lines of the log in a thread of its own."""

from __future__ import annotations

import io
import logging
import os
import threading
from collections import deque
from typing import IO, Final

from pointsman.observe.requestlines import Line

MOST: Final = 10_000  # lines that wait; some 3 MB
# Of these, how many are formatted later: an unformatted one takes ten times the room.
LATER: Final = 500
PATIENCE: Final = 2.0  # seconds for the last lines
# Waking a thread for every line costs a busy server a tenth of its time; nobody reads so fast.
LINGER: Final = 0.02  # seconds


class Writer(logging.Handler):
    """A handler that formats where it is called and writes elsewhere; lines that find no room are counted.

    How many were lost stands in the log as soon as it moves again. The lines of requests are formatted where they are
    written, many in a row, which takes less time than one by one, and none of a request's.
    """

    def __init__(self, stream: IO[str], *, most: int = MOST, patience: float = PATIENCE) -> None:
        super().__init__()
        self.lost = 0
        self._stream = stream
        self._number = number_of(stream)
        self._most = most
        self._patience = patience
        self._over = False
        self._lines: deque[str | logging.LogRecord] = deque()
        self._queued = self._written = 0
        self._progress = threading.Condition()
        self._news = threading.Event()
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="pointsman-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queues a line."""
        if len(self._lines) >= self._most:
            self.lost += 1
            return
        later = isinstance(record, Line) and len(self._lines) < LATER
        line = record if later else self._formatted(record)
        if line is None:
            return
        self._lines.append(line)
        self._queued += 1
        if not self._news.is_set():
            self._news.set()

    def flush(self) -> None:
        """Waits until what was queued up to now is written, as far as that is soon done."""
        queued = self._queued
        if self._thread.is_alive():
            self._hurry.set()
            with self._progress:
                self._progress.wait_for(lambda: self._written >= queued, self._patience)

    def close(self) -> None:
        """Writes what waits, as far as that is soon done."""
        if not self._over:
            self._over = True
            self._hurry.set()
            self._news.set()
            self._thread.join(self._patience)
        super().close()

    def _write_all(self) -> None:
        while not self._over or self._lines:
            self._news.wait()
            self._hurry.wait(LINGER)
            self._hurry.clear()
            self._news.clear()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            told = [it if isinstance(it, str) else self._formatted(it) for it in lines]
            if text := "".join([f"{it}\n" for it in told if it is not None]):
                self._write(text)
            if self.lost and not self._lines:
                self._write(f"({self.lost} lines of the log found no room)\n")
                self.lost = 0
            with self._progress:
                self._written += len(lines)
                self._progress.notify_all()

    def _formatted(self, record: logging.LogRecord) -> str | None:
        try:
            return self.format(record)
        except Exception:  # noqa: BLE001 - as every handler: a line that cannot be written breaks nothing
            self.handleError(record)
            return None

    def _write(self, text: str) -> None:
        try:
            if self._number is None:
                self._stream.write(text)
                self._stream.flush()
                return
            # Past the stream's own buffer: a thread that waits in it when the program ends would make that a crash.
            data = text.encode("utf-8", "backslashreplace")
            while data:
                data = data[os.write(self._number, data) :]
        except (OSError, ValueError):  # nobody reads any more
            pass


def number_of(stream: IO[str]) -> int | None:
    """The descriptor of a stream's file; None where it has none."""
    try:
        return stream.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None
