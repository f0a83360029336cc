"""Finds what of a message is attack and what is request: pure functions of the text and the attacks found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pointsman.tiers.guard import parts
from pointsman.tiers.guard.parts import Span
from pointsman.tiers.guard.reach import TO_AN_END, reached
from pointsman.tiers.guard.remains import filled_out, is_hollow, rest
from pointsman.tiers.guard.view import View
from pointsman.tiers.guard.weigher import MOST_PARTS, Attack

# Where a verdict has been named, a request may follow without any mark between: "class: image what is 2+2".
STOPS: Final = frozenset(
    {"names-verdict", "names-verdict-plainly", "name-alone", "names-code", "claims", "json-verdict"}
)
# A sentence without any sign is marked for its words alone, and left out only if they are as telling as this.
SURE: Final = 0.9
# An attack that waves away what stands above leaves no request there when that much does: it is padding.
WAVES_AWAY: Final = "undo-what-was-said"
LONG_BEFORE: Final = 300

Guilty = Callable[[str], bool]


def cuts(view: View, attacks: Sequence[Attack], padded: Sequence[Span], guilty: Guilty) -> list[Span]:
    """What of a view is no request: attacks, what hangs on them, and padding; nothing when no attack is sure enough."""
    text = view.text
    sure = [attack for attack in attacks if attack.found or attack.score >= SURE]
    if not sure:
        return []
    whole = parts.merged([*padded, *(attack.sentence for attack in sure)])
    beside = any(not is_hollow(text[slice(*span)]) for span in parts.without((0, len(text)), whole))
    found = [span for attack in sure for span in parts_of(text, attack, view.disguised, guilty, asked_beside=beside)]
    grown = filled_out(text, [*padded, *found])
    waved = [it.span[0] for attack in sure for it in attack.found if it.sign.name == WAVES_AWAY]
    before = [(0, start) for start in waved if start > LONG_BEFORE and rest(text[start:], behind(grown, start))]
    return parts.merged([*grown, *before])


def parts_of(text: str, attack: Attack, disguised: Span, guilty: Guilty, *, asked_beside: bool) -> list[Span]:
    """What to cut of a sentence: what its signs reach, and of the rest what is an attack too.

    Where other sentences ask for something, only what a colon, a dash or a bracket sets apart is kept of this one.
    """
    hidden = max(disguised[0], attack.sentence[0]), min(disguised[1], attack.sentence[1])
    cut = [*([hidden] if hidden[0] < hidden[1] else []), *signs_of(text, attack, hidden)]
    if asked_beside:
        cut += [phrase for phrase in parts.phrases(text, attack.sentence) if parts.without(phrase, cut) != [phrase]]
    cut = parts.merged(cut)
    left = [
        piece
        for clause in parts.clauses(text, attack.sentence)
        for piece in parts.without(clause, cut)
        if parts.WORD.search(text, *piece)
    ]
    return [*cut, *(piece for piece in left[:MOST_PARTS] if guilty(text[slice(*piece)]))]


def signs_of(text: str, attack: Attack, hidden: Span) -> list[Span]:
    """What the signs of an attack reach, up to the next verdict, and not out of the disguise that it wears."""
    stops = [it.span[1] for it in attack.found if it.sign.name in STOPS]
    found = []
    for it in attack.found:
        start, end = reached(text, it.span, it.sign.reach, attack.sentence)
        if it.sign.reach in TO_AN_END:
            end = min([end, *(stop for stop in stops if stop >= it.span[1])])
        if hidden[0] < hidden[1]:
            end = min(end, max(it.span[1], hidden[1]))
        found.append((start, end))
    return found


def behind(spans: Iterable[Span], start: int) -> list[Span]:
    """Spans as they stand in the text from `start` on."""
    return [(max(0, first - start), last - start) for first, last in spans if last > start]
