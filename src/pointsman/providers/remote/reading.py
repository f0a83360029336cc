"""Taking what is wanted out of good answers, and refusing what only looks good."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pointsman.core.faults import ServiceFailed
from pointsman.providers.remote.asking import Cost
from pointsman.providers.remote.wire import Reply

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

# Services round to four decimals: with 255 options what they give adds up to 1 within 0.013.
ABOUT_ONE: Final = 0.05
SMALLEST_LENGTH: Final = 1e-6
MOST_LISTED: Final = 10_000
# An answer that is longer holds vectors, and is not read a second time for its token count.
MOST_COUNTED: Final = 64_000
# A token is about four characters of English and one of Chinese, which has three bytes.
BYTES_A_TOKEN: Final = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Who an answer is from, so that what is wrong with it can be said."""

    service: str
    model: str

    def unusable(self, what: str, *, retry: bool = True) -> ServiceFailed:
        """An answer that cannot be used, and why; `retry` is whether asking again may help."""
        return ServiceFailed(
            "malformed",
            f"{self.model}: {what}" if self.model else what,
            service=self.service,
            model=self.model,
            cure="name another model if it stays so",
            retry=retry,
        )

    def reader(self, take: Callable[[Any, Source], T]) -> Callable[[Reply], T]:
        """A reader of replies from what takes the wanted out of their JSON."""
        return lambda reply: take(reply.json(), self)


def number(value: object) -> float | None:
    """A finite number, also one that is written as text; None for anything else, and for true and false."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | str)
        or (isinstance(value, str) and len(value) > 64)
    ):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def at(body: Any, *path: str | int) -> Any:
    """What stands at a path of names and places in JSON; None when there is nothing."""
    for step in path:
        if isinstance(step, str) and isinstance(body, dict):
            body = body.get(step)
        elif isinstance(step, int) and isinstance(body, list) and len(body) > step:
            body = body[step]
        else:
            return None
    return body


def tokens_of(*texts: str) -> int:
    """About how many tokens texts have, rather too many than too few."""
    return sum(len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN + 1 for text in texts)


def shares_among(said: object, options: Sequence[str], source: Source) -> dict[str, float]:
    """The probability of each option, 0..1 and 1 in all; what is given to anything else does not count.

    Raises ServiceFailed (malformed) when an option has none, when one is no probability, and when together they are
    not about 1.
    """
    if not isinstance(said, dict):
        raise source.unusable("gave no probabilities")
    shares: dict[str, float] = {}
    for name in options:
        given = said.get(name)
        share = None if isinstance(given, str) else number(given)
        if share is None or not 0 <= share <= 1 + ABOUT_ONE:
            raise source.unusable("gave no probability to one of the options, or one that is none")
        shares[name] = share
    total = math.fsum(shares.values())
    if abs(total - 1) > ABOUT_ONE:
        raise source.unusable(f"gave probabilities that add up to {total:.3g}")
    return {name: share / total for name, share in shares.items()}


def scores_of(body: object, source: Source) -> dict[str, float]:
    """The score of each label, from [{label, score}], the same inside another list, or {labels, scores}."""
    if isinstance(body, list) and len(body) == 1 and isinstance(body[0], list):
        body = body[0]
    if isinstance(body, dict):
        labels, scores = body.get("labels"), body.get("scores")
        if not isinstance(labels, list) or not isinstance(scores, list) or len(labels) != len(scores):
            raise source.unusable("gave no labels with scores")
        pairs = list(zip(labels, scores, strict=True))
    elif isinstance(body, list):
        pairs = [(at(row, "label"), at(row, "score")) for row in body]
    else:
        pairs = []
    found = {label: number(score) for label, score in pairs if isinstance(label, str) and not isinstance(score, str)}
    sound = {label: score for label, score in found.items() if score is not None}
    if not sound or len(sound) != len(pairs):
        raise source.unusable("gave no labels with scores, or one label twice")
    return sound


def unit_vectors(rows: object, count: int, dims: int | None, source: Source) -> NDArray[np.float32]:
    """Vectors of length 1, float32 [count, dims], from a list of lists of numbers.

    `dims` is how many numbers each has to have; None takes any. Raises ServiceFailed (malformed).
    """
    import numpy as np

    if not isinstance(rows, list) or len(rows) != count:
        raise source.unusable("gave another number of vectors than it was given texts")
    try:
        found = np.asarray(rows)
    except (ValueError, OverflowError):
        raise source.unusable("gave vectors of different lengths") from None
    if found.ndim != 2 or found.dtype.kind not in "iuf" or not found.shape[1]:
        raise source.unusable("gave no vectors")
    if dims is not None and found.shape[1] != dims:
        raise source.unusable(f"gave vectors of {found.shape[1]} dimensions, not {dims}", retry=False)
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(found.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not (lengths > SMALLEST_LENGTH).all():
        raise source.unusable("gave vectors that point nowhere")
    units: NDArray[np.float32] = (found / lengths).astype(np.float32)
    return units


def ids_of(body: object, source: Source) -> tuple[str, ...]:
    """The models in a list of them: under data or models or by itself, each with an id or a name."""
    rows = body.get("data", body.get("models")) if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise source.unusable("gave no list of models")
    live = [row for row in rows[:MOST_LISTED] if isinstance(row, dict) and row.get("active") is not False]
    found = [row.get("id") or row.get("name") or row.get("model") for row in live]
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str)))


def usage_of(body: object) -> Mapping[str, float]:
    """The counts under `usage`, at the top or inside a result; empty when there are none."""
    usage = at(body, "usage") or at(body, "result", "usage")
    counts = {name: number(count) for name, count in usage.items()} if isinstance(usage, dict) else {}
    return {name: count for name, count in counts.items() if count is not None and count >= 0}


def tokens_used(usage: Mapping[str, float]) -> float | None:
    """All tokens of a call, going in and coming out; None when the counts do not tell."""
    if "total_tokens" in usage:
        return usage["total_tokens"]
    parts = [
        usage[name] for name in ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens") if name in usage
    ]
    return sum(parts) if parts else None


def tokens_taken(reply: Reply) -> Cost:
    """The tokens that a call took, where its answer says so."""
    tokens = None if len(reply.body) > MOST_COUNTED else tokens_used(usage_of(reply.json()))
    return {} if tokens is None else {"tokens": tokens}
