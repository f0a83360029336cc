"""How many tokens an answer took, as its own last bytes say it, whichever model's server wrote them."""

from __future__ import annotations

import re
from typing import Final

TAIL: Final = 8_192  # bytes at the end of an answer in which its counts stand
BYTES_A_TOKEN: Final = 4

# A quote in a text that a model wrote has a backslash before it, and so is none of these.
COUNTS: Final = tuple(
    tuple(re.compile(rb'(?<!\\)"%b"\s*:\s*(\d{1,12})' % name) for name in names)
    for names in ((b"prompt_tokens", b"completion_tokens"), (b"prompt_eval_count", b"eval_count"))
)


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

    def tokens(self, asked: int, *, streamed: bool) -> int:
        """What the answer to a request of `asked` bytes says it took; else a guess: a token a line, or four bytes."""
        for kinds in COUNTS:
            told = [int(found[-1]) for kind in kinds if (found := kind.findall(self._tail))]
            if told:
                return sum(told)
        return asked // BYTES_A_TOKEN + (self._lines if streamed else self._size // BYTES_A_TOKEN)
