"""The ways in which a fake can fail, and which of them comes next."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

Kind = Literal[
    "hang",  # nothing comes, until the client goes or the fake closes
    "slow_first_byte",  # nothing comes for `seconds`
    "trickle",  # the body comes in ten pieces, `seconds` before each
    "reset_before_headers",  # the connection is reset instead of an answer
    "reset_mid_body",  # it is reset after half of the body
    "truncated",  # half of the body, announced as that
    "cut_short",  # half of the body, announced as all of it, and then the connection is closed
    "html",  # a login page, with status 200
    "huge",  # the right JSON, and `size` bytes of white space behind it
    "json_as_text",  # the right JSON as text/plain
    "html_as_json",  # the login page as application/json
    "clock_skew",  # what is told of time (Date, resets) is `seconds` off
    "redirect",  # `status` to another path of the fake, which would answer
    "empty",  # status 200, and no body
    "null",  # status 200, and the JSON null
    "deep",  # lists in lists, `size` of them
    "gzip_bomb",  # `size` bytes of white space and the JSON null, in a thousandth of that
    "error",  # what the service documents under `name`: see the fake's `errors`
]
KINDS: Final = get_args(Kind)
SECONDS: Final[Mapping[str, float]] = MappingProxyType({"slow_first_byte": 5.0, "trickle": 0.5, "clock_skew": 10_800.0})
SIZES: Final[Mapping[str, int]] = MappingProxyType({"huge": 50_000_000, "gzip_bomb": 50_000_000, "deep": 100_000})
PAGE: Final = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A way in which a call fails; `seconds` and `size` are what its kind says, or the usual where not given."""

    kind: Kind
    seconds: float | None = None
    size: int | None = None
    status: Literal[301, 302, 303, 307, 308] = 307
    name: str = ""

    @property
    def pause(self) -> float:
        """How long it waits, or how much it is off."""
        return SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds

    @property
    def amount(self) -> int:
        """How large it is."""
        return SIZES.get(self.kind, 0) if self.size is None else self.size


@dataclass(frozen=True, slots=True)
class StreamTrouble:
    """A way in which a stream fails, behind `after` pieces of text; a call that is no stream is well.

    break resets the connection, hang sends no more, error sends an error as an event and ends, no_done ends without
    [DONE] (and sends all pieces), slow waits `seconds` before every piece that follows.
    """

    kind: Literal["break", "hang", "error", "no_done", "slow"]
    after: int = 1
    seconds: float = 0.5


AnyTrouble = Trouble | StreamTrouble


class Troubles:
    """Says which trouble the next call has: what is scripted comes first, then what is drawn, then what is set."""

    def __init__(self) -> None:
        self._set: AnyTrouble | None = None
        self._script: deque[AnyTrouble | None] = deque()
        self._random: random.Random | None = None
        self._weights: dict[AnyTrouble | None, float] = {}

    def set(self, trouble: AnyTrouble | None) -> None:
        """Every call has this trouble from now on; None ends all trouble."""
        self._set = trouble
        self._script.clear()
        self._random = None

    def script(self, *troubles: AnyTrouble | None) -> None:
        """The next calls have these troubles, one each; None is a call that is well."""
        self._script.extend(troubles)

    def draw(self, rng: random.Random, weights: Mapping[AnyTrouble | None, float]) -> None:
        """Every call draws its trouble; None is a call that is well."""
        self._random = rng
        self._weights = dict(weights)

    def next(self) -> AnyTrouble | None:
        """The trouble of the call that has just come."""
        if self._script:
            return self._script.popleft()
        if self._random is not None:
            return self._random.choices(list(self._weights), list(self._weights.values()))[0]
        return self._set
