"""A text as the guard reads it: disguises taken off, and the way back to where each character stood."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pointsman.tiers.folding import Folding

# Letters of other scripts that look like Latin ones; only in words that mix both are they taken for them.
LOOK_ALIKES: Final = str.maketrans(
    "аеорсухіѕјԁԛԝһвнкмтАЕОРСУХІЅЈВНКМТαορνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxisjdqwhbhkmtAEOPCYXISJBHKMTaopvikABEZHIKMNOPTYX"
)
LATIN: Final = re.compile(r"[A-Za-z]")
FOREIGN: Final = re.compile(r"[\u0370-\u052f]")
WORD: Final = re.compile(r"\w+")

DIGITS_FOR_LETTERS: Final = str.maketrans("01345789@$!", "oieastbgasi")
# "pr3v10us" and "cl@ssify" swap letters; "2024", "3rd", "mp3" and "rules!" do not.
WRITTEN: Final = re.compile(r"[A-Za-z0-9@$!]+")
SWAPPED: Final = re.compile(r"[A-Za-z][0134578@$!]+[A-Za-z]|[0134578@$][A-Za-z]+[0134578@$]")
LETTERS: Final = re.compile(r"[A-Za-z]")
# One swapped word is a model number or a name; two long ones are a way of writing.
SWAPPED_WORDS, SWAPPED_LENGTH = 2, 4

# Letters one by one, always with the same mark between them: "i g n o r e", "r.u.l.e.s"; beside four of them, fewer.
SPACED: Final = re.compile(r"(?<![^\W_])[^\W_]([ .*_\-])[^\W_](?:\1[^\W_]){2,}(?![^\W_])")
SPACED_TOO: Final = re.compile(r"(?<![^\W_])[^\W_]([ .*_\-])[^\W_](?:\1[^\W_])*(?![^\W_])")

HIDDEN: Final = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")
LONGEST_HIDDEN: Final = 2000


def folded(character: str) -> str:
    """A character as it is read: a Latin letter without accents, a full-width form as a plain one, "" if invisible."""
    if unicodedata.category(character) in {"Cf", "Mn"} or character in "\ufe0e\ufe0f":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1 or not plain.isalnum():
        plain = character
    if plain in "‘’ʼ`´":  # noqa: RUF001
        return "'" if plain != "`" else plain
    if plain in "“”„«»":
        return '"'
    base = unicodedata.normalize("NFD", plain)[0]
    return base if base.isascii() and base.isalpha() else plain


FOLDING: Final = Folding(folded)


def fold(text: str) -> str:
    """A text with every character as it is read."""
    return text if text.isascii() else text.translate(FOLDING)


class View:
    """A text without its disguises.

    `text` is what is looked through, `disguised` where in it disguises stood, from the first to the last.
    """

    def __init__(self, original: str) -> None:
        back: Sequence[int]
        if original.isascii():
            text, back = original, range(len(original))
        else:
            kept = [(read, place) for place, point in enumerate(original) if (read := FOLDING[ord(point)])]
            text, back = "".join(read for read, _ in kept), [place for _, place in kept]
            text = WORD.sub(unmixed, text)
        self.disguised = (0, 0)
        if SPACED.search(text):
            places = joined(text)
            apart = [at for at, (one, other) in enumerate(pairwise(places)) if other - one > 1]
            text, back = "".join(text[place] for place in places), [back[place] for place in places]
            if apart:
                self.disguised = apart[0], apart[-1] + 2
        if SWAPPED.search(text):
            text = self._with_letters(text)
        self.text = text
        self._back = back
        self._length = len(original)

    def _with_letters(self, text: str) -> str:
        """The text with letters where digits and marks were put for them, if that is how it is written."""
        written = [found for found in WRITTEN.finditer(text) if LETTERS.search(found[0]) and not found[0].isalpha()]
        swapped = [found for found in written if len(found[0]) >= SWAPPED_LENGTH and SWAPPED.search(found[0])]
        if len(swapped) < SWAPPED_WORDS:
            return text
        self.disguised = swapped[0].start(), swapped[-1].end()
        letters = list(text)
        for found in written:
            word = found[0].rstrip("!")
            letters[found.start() : found.start() + len(word)] = word.translate(DIGITS_FOR_LETTERS)
        return "".join(letters)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the view stands in the original text."""
        first = self._back[start] if start < len(self._back) else self._length
        last = self._back[end - 1] + 1 if end > start else first
        return first, last


def unmixed(word: re.Match[str]) -> str:
    """A word in one script, where it mixed Latin letters with some that look like them."""
    found = word[0]
    return found.translate(LOOK_ALIKES) if LATIN.search(found) and FOREIGN.search(found) else found


def joined(text: str) -> list[int]:
    """The places of the characters that stay when letters that were set apart are joined."""
    places, at = [], 0
    for found in SPACED_TOO.finditer(text):
        places += [*range(at, found.start()), *range(found.start(), found.end(), 2)]
        at = found.end()
    places += range(at, len(text))
    return [place for place in places if not (text[place] in " \t" and place and text[place - 1] in " \t")]


def hidden(text: str) -> list[tuple[int, int, str]]:
    """Parts of a text that are base64 of readable text, as start, end and what they say."""
    found = []
    for part in HIDDEN.finditer(text):
        try:
            said = base64.b64decode(part[0][:LONGEST_HIDDEN], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if said.isprintable() or "\n" in said:
            found.append((part.start(), part.end(), said))
    return found
