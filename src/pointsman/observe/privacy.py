"""What of people's words, and of what opens doors, may be seen in logs and feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from secrets import token_bytes
from typing import Final, Literal

from pointsman.core.message import without_surrogates
from pointsman.tiers.redaction.hiding import replaced
from pointsman.tiers.redaction.kinds import KINDS
from pointsman.tiers.redaction.secrets import ASSIGNMENT, AUTHORIZATION, KEY

Level = Literal["none", "hash", "full"]

# Of what is hidden from clouds, what opens doors; addresses and numbers are what a log is read for.
DOORS: Final = tuple(
    it for it in KINDS if it.regex in {ASSIGNMENT, AUTHORIZATION, KEY} or {b"-----BEGIN", b"://"} & set(it.needs)
)
# One search tells that there is nothing of the kind, as in nearly every line: one search for each cost 20 us a line.
NEEDED: Final = re.compile(b"|".join(sorted({re.escape(it) for kind in DOORS for it in kind.needs})))
MASK: Final = "***"
LEAST: Final = 6  # of a configured secret; a shorter one would hide ordinary words, and hides nothing
DIGEST: Final = 4  # bytes: 8 hexadecimal digits
LONGEST: Final = 2_000


class Privacy:
    """Shows texts as a level allows, and hides `known` secrets and what looks like one.

    A hash says whether two texts are the same and no more: it is keyed with `salt`, which is drawn anew in each
    process and never written down, so that nobody can try likely texts until one fits.
    """

    def __init__(self, level: Level = "hash", known: Iterable[str] = (), *, salt: bytes | None = None) -> None:
        self.level: Level = level
        self._salt = token_bytes(16) if salt is None else salt
        self._secrets: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.hide(known)

    def hide(self, secrets: Iterable[str]) -> None:
        """Hides these secrets, too, from now on; those before stay hidden."""
        self._secrets |= {it for it in secrets if len(it) >= LEAST}
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def shown(self, text: str) -> str:
        """A message's text as it may be seen: "" at the level none, 8 hexadecimal digits, or all of it but secrets."""
        match self.level:
            case "none":
                return ""
            case "hash":
                return blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST, key=self._salt).hexdigest()
            case "full":
                return self.masked(text)

    def masked(self, text: str) -> str:
        """A line without secrets: those of the configuration, keys by their prefixes, passwords that are called so."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        data = before = without_surrogates(text).encode()
        if NEEDED.search(data) is None:
            return text
        for kind in DOORS:
            if any(letters in data for letters in kind.needs):
                data = replaced(data, kind)
        return text if data is before else data.decode()


def one_line(text: str, most: int = LONGEST) -> str:
    """A text as one line of a log shows it: nothing that moves a cursor or begins a line, and not endless."""
    text = text if len(text) <= most else f"{text[:most]}..."
    return text if text.isprintable() else "".join(it if it.isprintable() else escaped(it) for it in text)


def escaped(character: str) -> str:
    """A character that does not print, as Python writes it."""
    return character.encode("unicode_escape").decode("ascii")
