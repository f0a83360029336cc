r"""Lets RE2, whose `\b` and `\w` know only ASCII, search texts in every script.

RE2 cannot look around, so the text is changed instead, and the patterns with it. Everything is
in small letters; every letter, mark or number outside ASCII becomes a short word of capitals
(`é` perhaps `AJT`). To RE2 these are word characters, so its own `\b` and `\B` are right, and a
pattern's `é` looks for `AJT`, its `\w` also for any such word, its `.` for one as a whole.
The capitals of a word's first, middle and last place are different ones, so that none can be
found across two words. Characters that no pattern tells apart share a word, so a few hundred
serve all scripts. A text that is ASCII only needs small letters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from pointsman.tiers.folding import Folding
from pointsman.tiers.regex_reader import Expression, Fold, OneOf, Pieces, Reader, is_letter, only_from_start, plain_of

FIRST, MIDDLE, LAST = "ABCDEFGHI", "JKLMNOPQR", "STUVWXYZ"


class Script:
    """Patterns, as `(pattern, name)`, made ready for RE2 together, and the texts that they are to be found in.

    `fold` is what texts have gone through when they come to `text`; the patterns' literals go
    through it too. `expressions` stand in the order of the patterns. Raises PatternError.
    """

    def __init__(self, patterns: Sequence[tuple[str, str]], fold: Fold = str) -> None:
        read = [Reader(pattern, name, fold).pieces() for pattern, name in patterns]
        ranges = [span for pieces in read for piece in pieces if isinstance(piece, OneOf) for span in piece.ranges]
        self._cuts = sorted({point for low, high in ranges for point in (low, high + 1)})
        self._middles = 1
        while len(FIRST) * len(MIDDLE) ** self._middles * len(LAST) <= len(self._cuts):
            self._middles += 1
        self._words = Folding(self._read)
        self.expressions = [
            Expression(place, name, pattern, self._regex(pieces), only_from_start(pieces))
            for place, ((pattern, name), pieces) in enumerate(zip(patterns, read, strict=True))
        ]

    def text(self, text: str) -> str:
        """A folded text as the patterns look for it."""
        text = text.lower()
        return text if text.isascii() else text.translate(self._words)

    def _read(self, character: str) -> str:
        plain = plain_of(character)
        return plain if plain.isascii() or not is_letter(plain) else self._word(ord(plain))

    def _word(self, point: int) -> str:
        return self._spelt(bisect_right(self._cuts, point))

    def _spelt(self, place: int) -> str:
        rest, last = divmod(place, len(LAST))
        middle = ""
        for _ in range(self._middles):
            rest, digit = divmod(rest, len(MIDDLE))
            middle += MIDDLE[digit]
        return FIRST[rest] + middle + LAST[last]

    def _regex(self, pieces: Pieces) -> str:
        return "".join(piece if isinstance(piece, str) else self._one_of(piece) for piece in pieces)

    def _one_of(self, one: OneOf) -> str:
        places = {
            place
            for low, high in one.ranges
            for place in range(bisect_right(self._cuts, low), bisect_right(self._cuts, high) + 1)
        }
        if one.negated:
            words = "" if one.letters else self._all_but(places)
            options = [f"[^{one.inside}A-Z]"]
        else:
            words = self._all_but(set()) if one.letters else self._any_of(places)
            options = [f"[{one.inside}]"] if one.inside else []
        return f"(?:{'|'.join([*options, words] if words else options)})"

    def _all_but(self, places: set[int]) -> str:
        if places:
            return self._any_of(set(range(len(self._cuts) + 1)) - places)
        return f"[{FIRST[0]}-{FIRST[-1]}]{f'[{MIDDLE[0]}-{MIDDLE[-1]}]' * self._middles}[{LAST[0]}-{LAST[-1]}]"

    def _any_of(self, places: Iterable[int]) -> str:
        endings: dict[str, str] = {}
        for place in sorted(places):
            word = self._spelt(place)
            endings[word[:-1]] = endings.get(word[:-1], "") + word[-1]
        return "|".join(f"{start}[{letters}]" for start, letters in endings.items())
