"""What a costly tier has answered before: the same question is not asked twice."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message, Origin
from pointsman.core.ports import Clock
from pointsman.tiers.encoder import Vector
from pointsman.tiers.learned import packed, unpacked
from pointsman.tiers.subwords import WORD
from pointsman.tiers.wording import fold, key_of

# Of 37 near repeats among 26,073 labelled messages, at a cosine of 0.9, all want the same (bench/cache.py): 38 of 39 by
# Laplace's rule.
NEAR_RIGHT: Final = 0.97
# So many answers to the same words in another order are looked at.
MOST_ALIKE: Final = 8
# Messages that a later tier may still be answering; with more at once, the first are not kept.
ASKED: Final = 1024
# Answers that are too old to be found are let go of so often while they age, so that memory forgets, too.
SWEEPS: Final = 10

UNKNOWN: Final = Abstain("it has not been answered before")
NOBODYS: Final = Abstain("what is said in private is remembered for a person, and nobody is named")


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How often the cache answered and did not, since it was opened.

    `exact` and `near` are repeats that it answered, `misses` what it abstained from. `kept` counts answers that it
    was given, `dropped` those that it has let go: too old, too many, or made before something else was learned.
    `held` is how many it has.
    """

    exact: int = 0
    near: int = 0
    misses: int = 0
    kept: int = 0
    dropped: int = 0
    held: int = 0

    @property
    def rate(self) -> float:
        """The share of messages that it answered, 0..1."""
        hits = self.exact + self.near
        return hits / (hits + self.misses) if hits else 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, the tier that gave it and when, in seconds of the clock.

    `text` is the digest of the very text, `words` that of the words and of who may repeat them in other orders, and
    `vector` the packed unit vector; the last two are empty where only exact repeats count.
    """

    answer: Answer
    tier: str
    at: float
    text: bytes
    words: bytes = b""
    vector: bytes = b""


class Cache:
    """Answers repeats with what the tiers after it answered, for `age` seconds; holds `size` answers, in memory only.

    An exact repeat is the same text but for case, white space and punctuation. With `near`, a near repeat counts too:
    the same words in another order, each as often, with a cosine to the kept vector of at least that. Every word
    counts, numbers and negations included, so no list of words is needed. That costs little: leaving out articles and
    "please" finds 17 near repeats of 2,371 messages instead of 11 (bench/cache.py).

    What anybody said in public is answered to all who repeat it exactly. What was said in private is found by the
    same user in the same channel only. A near repeat is only ever found by the same user of the same surface, or,
    where no user is named, in the same session; without either there is none.

    The tiers after it look at a message alone and not at what was said before it, so neither does the key. It is a
    digest under a secret of this process; of the text nothing else stays, but for the slots of an answer, which only
    the very same text is given again. `revision` is what else the answers depend on: when that is another object
    than before, they all are let go. One cache belongs to one cascade, and so to one configuration.
    """

    name = "cache"

    def __init__(
        self,
        vector_of: Callable[[str], Vector | None],
        *,
        size: int,
        age: float,
        near: float | None = None,
        revision: Callable[[], object] = lambda: None,
        clock: Clock = time.monotonic,
        secret: bytes | None = None,
    ) -> None:
        self._vector_of = vector_of
        self._size = size
        self._age = age
        self._near = near
        self._revision = revision
        self._clock = clock
        self._secret = secret or secrets.token_bytes(32)
        self._based_on = revision()
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._by_words: dict[bytes, list[bytes]] = {}
        self._asked: OrderedDict[bytes, object] = OrderedDict()
        self._swept = clock()
        self._counts = CacheCounts()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def counts(self) -> CacheCounts:
        """What it has done so far."""
        return replace(self._counts, held=len(self._kept))

    def judge(self, message: Message) -> Verdict:
        """The answer that was given before; abstains from what is new, in 40 µs."""
        keys = self._keys_of(message)
        if not keys:
            return NOBODYS
        revision = self._revision()
        # Somebody may only suppose that something else was learned, so nothing is dropped here.
        found = self._repeat(message, keys) if revision is self._based_on else None
        if found is not None:
            return found
        self._count(misses=1)
        self._asked[keys[0]] = revision
        self._asked.move_to_end(keys[0])
        if len(self._asked) > ASKED:
            self._asked.popitem(last=False)
        return UNKNOWN

    def keep(self, message: Message, tier: str, answer: Answer) -> None:
        """Takes what a tier answered to a message that this one abstained from.

        It is not kept when something was learned in the meantime, as the tier may not have known it.
        """
        keys = self._keys_of(message)
        asked_at = self._asked.pop(keys[0], self) if keys else self
        revision, now = self._revision(), self._clock()
        if revision is not self._based_on:
            self._forget()
            self._based_on = revision
        if asked_at is not revision:
            return
        self._sweep(now)
        self._drop(keys[0])
        words, vector = self._likeness_of(message)
        self._kept[keys[0]] = Kept(answer, tier, now, self._digest(message.text), words, vector)
        if words:
            alike = self._by_words.setdefault(words, [])
            alike.append(keys[0])
            del alike[:-MOST_ALIKE]
        self._count(kept=1)
        while len(self._kept) > self._size:
            self._drop(next(iter(self._kept)))

    def _repeat(self, message: Message, keys: list[bytes]) -> Answer | None:
        for key in keys:
            if kept := self._fresh(key):
                self._count(exact=1)
                same = kept.text == self._digest(message.text)
                answer = kept.answer if same else replace(kept.answer, slots={})
                return replace(answer, reason=f"as {kept.tier} answered before: {answer.reason}")
        return self._near_repeat(message) if self._near is not None else None

    def _near_repeat(self, message: Message) -> Answer | None:
        words = self._words_of(message)
        alike = [kept for key in tuple(self._by_words.get(words, ())) if (kept := self._fresh(key))]
        vector = self._vector_of(message.look.strip()) if alike else None
        if vector is None:
            return None
        near = [(float(unpacked(kept.vector) @ vector), kept) for kept in alike]
        cosine, kept = max(near, key=lambda found: found[0])
        if self._near is None or cosine < self._near:
            return None
        self._count(near=1)
        answer = kept.answer
        return replace(
            answer,
            confidence=answer.confidence * NEAR_RIGHT,
            path_confidence=answer.path_confidence * NEAR_RIGHT,
            reason=f"as {kept.tier} answered before to the same words, {cosine:.2f} near: {answer.reason}",
            slots={},
            signals=(),
        )

    def _fresh(self, key: bytes) -> Kept | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._clock() - kept.at >= self._age:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def _sweep(self, now: float) -> None:
        if now - self._swept >= self._age / SWEEPS:
            self._swept = now
            for key in [key for key, kept in self._kept.items() if now - kept.at >= self._age]:
                self._drop(key)

    def _forget(self) -> None:
        self._count(dropped=len(self._kept))
        self._kept.clear()
        self._by_words.clear()
        self._asked.clear()

    def _drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self._count(dropped=1)
        alike = self._by_words.get(kept.words, [])
        if key in alike:
            alike.remove(key)
            if not alike:
                del self._by_words[kept.words]

    def _keys_of(self, message: Message) -> list[bytes]:
        """Where an answer to it is kept, then where else one may be found; nowhere, when it is private to nobody."""
        said = key_of(message.text)
        judged = None if message.judged is None else key_of(message.judged)
        public = self._digest("all", said, judged)
        if not message.origin.direct:
            return [public]
        person = person_of(message.origin)
        return [self._digest(*person, said, judged), public] if person else []

    def _likeness_of(self, message: Message) -> tuple[bytes, bytes]:
        """The digest of its words and its packed vector; empty where a near repeat is not looked for."""
        words = b"" if self._near is None else self._words_of(message)
        vector = self._vector_of(message.look.strip()) if words else None
        return (b"", b"") if vector is None else (words, packed(vector))

    def _words_of(self, message: Message) -> bytes:
        """The digest of its words, in whatever order, and of who may repeat them; empty without either."""
        person = person_of(message.origin)
        words = sorted(WORD.findall(fold(message.look)))
        return self._digest(*person, *words) if person and words else b""

    def _digest(self, *parts: str | None) -> bytes:
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16, key=self._secret).digest()

    def _count(self, *, exact: int = 0, near: int = 0, misses: int = 0, kept: int = 0, dropped: int = 0) -> None:
        so_far = self._counts
        self._counts = CacheCounts(
            so_far.exact + exact,
            so_far.near + near,
            so_far.misses + misses,
            so_far.kept + kept,
            so_far.dropped + dropped,
        )


def person_of(origin: Origin) -> tuple[str, ...]:
    """Who said it, as far as a surface tells people apart: nothing, where it does not.

    In private that is a user in a channel; in public a user, or whoever a session belongs to.
    """
    if origin.direct:
        return ("direct", origin.surface, origin.user, origin.channel) if origin.user else ()
    if origin.user:
        return ("user", origin.surface, origin.user)
    return ("session", origin.surface, origin.session) if origin.session else ()
