from __future__ import annotations

import io
import logging
import os
import threading

import pytest

from pointsman.observe.requestlines import Line
from pointsman.observe.writer import LATER, Writer


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


class Named(logging.Formatter):
    """Formats a line of a request with the thread that does it; some cannot be formatted."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[str] = set()

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record, Line):
            self.threads.add(threading.current_thread().name)
            return f"request {1 // int(str(record.fields['status']))}"
        return super().format(record)


def test_lines_of_requests_are_formatted_where_they_are_written_in_order_with_the_others() -> None:
    stream, shaped = io.StringIO(), Named()
    writer = Writer(stream)
    writer.setFormatter(shaped)
    writer.emit(record("before"))
    writer.emit(Line(logging.INFO, {"status": 1}))
    writer.emit(record("after"))
    writer.close()
    assert stream.getvalue().splitlines() == ["before", "request 1", "after"]
    assert shaped.threads == {"pointsman-log"}


def test_one_that_cannot_be_formatted_breaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    writer = Writer(stream)
    writer.setFormatter(Named())
    writer.emit(Line(logging.INFO, {"status": 0}))
    writer.emit(record("after"))
    writer.flush()
    assert stream.getvalue() == "after\n"
    assert "ZeroDivisionError" in capsys.readouterr().err
    writer.close()


def test_of_those_that_pile_up_few_are_kept_unformatted() -> None:
    stream, shaped = Stuck(), Named()
    writer = Writer(stream, patience=20.0)
    writer.setFormatter(shaped)
    writer.emit(record("first"))
    stream.asked.wait(20)
    for _ in range(LATER):
        writer.emit(Line(logging.INFO, {"status": 1}))
    assert not shaped.threads
    writer.emit(Line(logging.INFO, {"status": 1}))
    assert shaped.threads == {threading.current_thread().name}
    stream.go.set()
    writer.close()
    assert stream.getvalue().splitlines() == ["first", *["request 1"] * (LATER + 1)]
