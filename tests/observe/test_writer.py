from __future__ import annotations

import io
import logging
import os
import threading

from pointsman.observe.writer import Writer


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("pointsman", logging.INFO, "", 0, text, (), None)


class Stuck(io.StringIO):
    """A stream that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.asked = threading.Event()

    def write(self, text: str) -> int:
        self.asked.set()
        self.go.wait(20)
        return super().write(text)


def test_lines_are_written_in_order_and_the_last_at_the_end() -> None:
    stream = io.StringIO()
    writer = Writer(stream)
    for number in range(100):
        writer.emit(record(f"line {number}"))
    writer.close()
    assert stream.getvalue().splitlines() == [f"line {number}" for number in range(100)]
    writer.flush()  # as logging does at the end of the program
    writer.close()


def test_flush_waits_for_what_was_queued() -> None:
    stream = io.StringIO()
    writer = Writer(stream)
    writer.emit(record("here"))
    writer.flush()
    assert stream.getvalue() == "here\n"
    writer.close()


def test_a_stream_that_takes_nothing_holds_nobody_up_and_what_was_lost_is_said() -> None:
    stream = Stuck()
    writer = Writer(stream, most=3, patience=0.01)
    writer.emit(record("first"))
    stream.asked.wait(20)
    for number in range(10):
        writer.emit(record(f"line {number}"))
    assert writer.lost == 7
    writer.flush()  # gives up
    stream.go.set()
    writer._patience = 20.0
    writer.close()
    assert "line 2" in stream.getvalue()
    assert "(7 lines of the log found no room)" in stream.getvalue()


def test_it_writes_to_a_file_past_its_buffer_and_outlives_the_reader() -> None:
    inward, outward = os.pipe()
    with os.fdopen(outward, "w") as stream:
        writer = Writer(stream)
        writer.emit(record("a line with \ud800 in it"))
        writer.flush()
        assert os.read(inward, 100) == b"a line with \\ud800 in it\n"
        os.close(inward)
        writer.emit(record("nobody reads this"))
        writer.close()
