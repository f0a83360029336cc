"""How long services say to wait: Go's durations, Retry-After, the ratelimit headers, moments in a body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

# No free allowance is for longer than a month; a longer wait is a mistake, or a clock that is wrong.
LONGEST: Final = 31 * 86_400.0
MOST_CHARACTERS: Final = 64
SECONDS_IN: Final[Mapping[str, float]] = {
    "h": 3600.0,
    "ms": 1e-3,
    "m": 60.0,
    "us": 1e-6,
    "µs": 1e-6,  # U+00B5, which Go writes
    "μs": 1e-6,  # U+03BC, which Go reads as well
    "ns": 1e-9,
    "s": 1.0,
}
PIECE: Final = rf"([0-9]+(?:\.[0-9]+)?)({'|'.join(SECONDS_IN)})"  # "ms" stands before "m", or it would never match
PIECES: Final = re.compile(PIECE)
DURATION: Final = re.compile(rf"(?:{PIECE})+")
SECONDS: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
PARAMETER: Final = re.compile(r";\s*([a-z])=([0-9]+(?:\.[0-9]+)?)")
# Moments are told as seconds, or as milliseconds, since the epoch; what is less than either is a number of seconds.
EPOCH_SECONDS: Final = 1e9
EPOCH_MILLISECONDS: Final = 1e11


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a limit's header tells: `left` of `limit` requests, for another `resets` seconds of `window` ones."""

    left: float | None = None
    resets: float | None = None
    limit: float | None = None
    window: float | None = None


def clamped(seconds: float) -> float:
    """A wait that is believed: 0 to 31 days."""
    return min(max(seconds, 0.0), LONGEST)


def go_duration(text: str) -> float | None:
    """The seconds in a duration as Go writes it, such as 2m59.56s or 644ms; None when it is none."""
    text = text.strip()
    if len(text) > MOST_CHARACTERS or not DURATION.fullmatch(text):
        return None
    return clamped(sum(float(number) * SECONDS_IN[unit] for number, unit in PIECES.findall(text)))


def seconds_in(text: str) -> float | None:
    """The seconds in a number of them or in a duration as Go writes it; None when it is neither."""
    text = text.strip()
    if len(text) <= MOST_CHARACTERS and SECONDS.fullmatch(text):
        return clamped(float(text))
    return go_duration(text)


def moment(text: str) -> float | None:
    """The seconds since the epoch that an HTTP date stands for; None when it is none."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def told_time(headers: Mapping[str, str], now: float) -> float:
    """What time it is for the service: its own Date, so that a clock that is wrong does no harm; else `now`."""
    its_own = moment(headers.get("date", ""))
    return now if its_own is None else its_own


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that Retry-After asks to wait, 0..31 days, given as a number or a date; None without one.

    `now` is the time in seconds since the epoch, which counts where the answer carries no Date.
    """
    precise = headers.get("retry-after-ms", "").strip()
    if len(precise) <= MOST_CHARACTERS and SECONDS.fullmatch(precise):
        return clamped(float(precise) / 1000)
    value = headers.get("retry-after", "")
    seconds = seconds_in(value)
    if seconds is not None:
        return seconds
    when = moment(value)
    return None if when is None else clamped(when - told_time(headers, now))


def until(value: float, time: float) -> float | None:
    """The seconds until a moment in (milli)seconds since the epoch, or `value` when it is a number of seconds."""
    if not 0 <= value < float("inf"):
        return None
    if value < EPOCH_SECONDS:
        return clamped(value)
    return clamped((value / 1000 if value > EPOCH_MILLISECONDS else value) - time)


def allowance(headers: Mapping[str, str]) -> Allowance:
    """What `ratelimit: "api";r=0;t=55` and `ratelimit-policy: "fixed window";"api";q=500;w=300` tell."""
    told = dict(PARAMETER.findall(headers.get("ratelimit", "")[:200]))
    policy = dict(PARAMETER.findall(headers.get("ratelimit-policy", "")[:200]))
    resets = number_of(told, "t")
    return Allowance(
        left=number_of(told, "r"),
        resets=None if resets is None else clamped(resets),
        limit=number_of(policy, "q"),
        window=number_of(policy, "w"),
    )


def number_of(parameters: Mapping[str, str], name: str) -> float | None:
    """A parameter as a number; None when it is not there."""
    return float(parameters[name]) if name in parameters else None
