"""Writes the lines of the log in a thread of its own."""

from __future__ import annotations

import io
import logging
import os
import queue
import threading
from typing import IO, Final

MOST: Final = 10_000  # lines that wait; some 3 MB
PATIENCE: Final = 2.0  # seconds for the last lines


class Writer(logging.Handler):
    """A handler that formats where it is called and writes elsewhere; lines that find no room are counted.

    How many were lost stands in the log as soon as it moves again.
    """

    def __init__(self, stream: IO[str], *, most: int = MOST, patience: float = PATIENCE) -> None:
        super().__init__()
        self.lost = 0
        self._stream = stream
        self._number = number_of(stream)
        self._patience = patience
        self._over = False
        self._lines: queue.Queue[str | threading.Event | None] = queue.Queue(most)
        self._thread = threading.Thread(target=self._write_all, name="pointsman-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queues a line."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self.lost += 1
        except Exception:  # noqa: BLE001 - as every handler: a line that cannot be written breaks nothing
            self.handleError(record)

    def flush(self) -> None:
        """Waits until what was queued up to now is written, as far as that is soon done."""
        if self._over:
            return
        written = threading.Event()
        try:
            self._lines.put(written, timeout=self._patience)
            written.wait(self._patience)
        except queue.Full:
            pass

    def close(self) -> None:
        """Writes what waits, as far as that is soon done."""
        if not self._over:
            self._over = True
            try:
                self._lines.put(None, timeout=self._patience)
                self._thread.join(self._patience)
            except queue.Full:
                pass
        super().close()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            if isinstance(line, threading.Event):
                line.set()
                continue
            self._write(f"{line}\n")
            if self.lost and self._lines.empty():
                self._write(f"({self.lost} lines of the log found no room)\n")
                self.lost = 0

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
