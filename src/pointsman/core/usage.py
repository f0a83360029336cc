"""How many tokens an answer took, as its own last bytes say it, whichever model's server wrote them."""

from __future__ import annotations

import re
from typing import Final

TAIL: Final = 8_192  # bytes at the end of an answer in which its counts stand
BYTES_A_TOKEN: Final = 4

COUNTS: Final = ((b'"prompt_tokens"', b'"completion_tokens"'), (b'"prompt_eval_count"', b'"eval_count"'))
NUMBER: Final = re.compile(rb"\s*:\s*(\d{1,12})")


class Usage:
    """Looks at the bytes of one answer as they pass, and keeps no more than the last of them."""

    def __init__(self) -> None:
        self._tail = b""
        self._size = 0
        self._lines = 0

    def saw(self, part: bytes) -> None:
        """The next bytes."""
        self._size += len(part)
        self._lines += part.count(b"\n") - part.count(b"\n\n")
        self._tail = (self._tail + part)[-TAIL:]

    @property
    def pieces(self) -> int:
        """How many lines it had so far: of a stream, about one a token."""
        return self._lines

    def counts(self) -> tuple[int, int] | None:
        """The tokens that were read and written, as the answer says it; None where it does not."""
        for kinds in COUNTS:
            told = [last(self._tail, kind) for kind in kinds]
            if any(it is not None for it in told):
                return told[0] or 0, told[1] or 0
        return None

    def tokens(self, asked: int, *, streamed: bool) -> int:
        """What the answer to a request of `asked` bytes says it took; else a guess: a token a line, or four bytes."""
        if (told := self.counts()) is not None:
            return sum(told)
        return asked // BYTES_A_TOKEN + (self._lines if streamed else self._size // BYTES_A_TOKEN)


def last(text: bytes, name: bytes) -> int | None:
    """The last number that has this name in some JSON; None where none has."""
    at = text.rfind(name)
    while at >= 0:
        # A quote in a text that a model wrote has a backslash before it, and so begins no name.
        if not text.endswith(b"\\", 0, at) and (found := NUMBER.match(text, at + len(name))):
            return int(found[1])
        at = text.rfind(name, 0, at + len(name) - 1)
    return None
