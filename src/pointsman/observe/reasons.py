"""Why a tier abstained, in one of a few words: traces say it in sentences, which no metric may have as labels."""

from __future__ import annotations

import re
from typing import Final

from pointsman.core.decision import Abstain

OTHER: Final = "other"

# Sentences that are always the same; most abstentions are one of these, and found at once.
SENTENCES: Final = {
    "not a background job": "no_match",
    "no pattern matches": "no_match",
    "no corrected text is worded like it": "no_match",
    "it has not been answered before": "no_match",
    "it does not go on from what was said": "no_match",
    "it says by itself what it wants": "no_match",
    "nothing was said before": "no_match",
    "nothing has been corrected": "no_match",
    "it is long enough to say by itself what it wants": "no_match",
    "there are no words in it": "no_words",
}

# Of other sentences, the first of these that is found in them says it; what broke goes before what was unsure.
SIGNS: Final = (
    ("late", r"no answer within|took \d+\.\d s, and may take|slow for this deadline"),
    ("quota", r"quota exhausted"),
    ("rate_limited", r"rate limit reached"),
    ("refused_key", r"refused the key"),
    ("gone", r"gone, or not for this account"),
    ("private", r"stays? here|said in private|kept local"),
    (
        "not_set_up",
        r"no service is set up|no tier is|none of the \w+'s categories|no choice of categories|no utterances",
    ),
    ("unreadable", r"cannot read it"),
    ("too_long", r"characters, and most words|too large|its limit is"),
    ("failed", r"failed|out of order|cannot be used|wrong address|does not answer|broke|unreachable|not reached"),
    ("margin", r" margin -?\d\.\d\d < "),
    ("unsure", r"\d\.\d\d < \d\.\d\d"),
    ("disagreed", r"lean to|is nearer than|no leaning to back|fires, so the patterns|does not know"),
)
BAR: Final = re.compile(r"\w+ (margin )?-?\d\.\d\d < ")  # how the sentence of a tier that missed its bar begins
WORDS: Final = frozenset({*SENTENCES.values(), *(word for word, _ in SIGNS), OTHER})
ANY: Final = re.compile("|".join(f"(?P<{word}>{signs})" for word, signs in SIGNS))
ORDER: Final = tuple(word for word, _ in SIGNS)
LOOK: Final = 400  # characters of a sentence; a hostile message that it quotes costs no more than that


def word_of(abstained: Abstain) -> str:
    """One word of WORDS for an abstention; where several fit, the earliest in SIGNS."""
    word = SENTENCES.get(abstained.reason)
    if word is not None:
        return word
    if (missed := BAR.match(abstained.reason)) is not None:
        return "margin" if missed[1] else "unsure"
    found = {it.lastgroup for it in ANY.finditer(abstained.reason[:LOOK])}
    if not found:
        return OTHER
    return next(it for it in ORDER if it in found)
