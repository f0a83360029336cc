"""Makes events of the bytes of a stream: server-sent events, as the HTML standard has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

# The longest event that is read: a token takes some 300 bytes, a whole reply in one event 100 kB.
MOST_EVENT: Final = 2_000_000
LINE_END: Final = re.compile(rb"\r\n|\n|\r")
MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream: its name ("" for most), and its data, which is not shown."""

    name: str
    data: str = field(repr=False)


class Parser:
    """Makes events of a stream's bytes, wherever they were cut.

    Lines end as the HTML standard says (CR LF, LF or CR), comments and unknown fields are left out, and the end of
    the stream ends an event too, as some servers forget the last empty line. Raises ValueError for an event of more
    than `most` bytes.
    """

    def __init__(self, most: int = MOST_EVENT) -> None:
        self._most = most
        self._line: list[bytes] = []  # the parts of a line whose end has not come
        self._data: list[bytes] = []
        self._name = b""
        self._size = 0
        self._first = True
        self._half_an_end = False  # the last byte was a CR, to which a LF may belong

    def feed(self, piece: bytes) -> list[Event]:
        """The events that are complete with these bytes."""
        if not piece:
            return []
        whole = piece[1:] if self._half_an_end and piece[:1] == b"\n" else piece
        self._half_an_end = piece.endswith(b"\r")
        # Nearly all servers end lines with LF alone, and that way takes a tenth.
        *ended, rest = LINE_END.split(whole) if b"\r" in whole else whole.split(b"\n")
        found: list[Event] = []
        for part in ended:
            line = part
            self._size += len(part)
            if self._size > self._most:
                raise too_long(self._most)
            if self._line:
                line, self._line = b"".join((*self._line, part)), []
            if (event := self._take(line)) is not None:
                found.append(event)
        if rest:
            self._size += len(rest)
            if self._size > self._most:
                raise too_long(self._most)
            self._line.append(rest)
        return found

    def end(self) -> list[Event]:
        """What was still open when the stream ended."""
        line, self._line = b"".join(self._line), []
        ends = (self._take(line), self._take(b"") if line else None)
        return [event for event in ends if event is not None]

    def _take(self, line: bytes) -> Event | None:
        if self._first:
            line, self._first = line.removeprefix(MARK), False
        if not line:
            return self._event() if self._data or self._name else None
        if line.startswith(b"data: "):
            self._data.append(line[6:])
            return None
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        else:
            self._size -= len(line)  # comments may go on for as long as they like
            if name == b"event":
                self._name = value
        return None

    def _event(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name, self._size = [], b"", 0
        if not data:
            return None
        whole = data[0] if len(data) == 1 else b"\n".join(data)
        return Event(name.decode("utf-8", "replace") if name else "", whole.decode("utf-8", "replace"))


def too_long(most: int) -> ValueError:
    """That an event is longer than any that is read."""
    return ValueError(f"an event of more than {most:,} bytes")
