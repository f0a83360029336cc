"""Writes the lines of the log in a thread of its own."""

from __future__ import annotations

import io
import logging
import os
import threading
from collections import deque
from typing import IO, Final

MOST: Final = 10_000  # lines that wait; some 3 MB
PATIENCE: Final = 2.0  # seconds for the last lines
# Waking a thread for every line costs a busy server a tenth of its time; nobody reads so fast.
LINGER: Final = 0.02  # seconds


class Writer(logging.Handler):
    """A handler that formats where it is called and writes elsewhere; lines that find no room are counted.

    How many were lost stands in the log as soon as it moves again.
    """

    def __init__(self, stream: IO[str], *, most: int = MOST, patience: float = PATIENCE) -> None:
        super().__init__()
        self.lost = 0
        self._stream = stream
        self._number = number_of(stream)
        self._most = most
        self._patience = patience
        self._over = False
        self._lines: deque[str] = deque()
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
        try:
            self._lines.append(self.format(record))
        except Exception:  # noqa: BLE001 - as every handler: a line that cannot be written breaks nothing
            self.handleError(record)
            return
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
            if lines:
                self._write("\n".join((*lines, "")))
            if self.lost and not self._lines:
                self._write(f"({self.lost} lines of the log found no room)\n")
                self.lost = 0
            with self._progress:
                self._written += len(lines)
                self._progress.notify_all()

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
