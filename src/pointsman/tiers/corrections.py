"""Before all that guess: has this been corrected, or nearly this, or is it an utterance of the user's own?"""

from __future__ import annotations

from typing import Final

from pointsman.core.category import Catalogue, Utterance
from pointsman.core.correction import Correction
from pointsman.core.decision import Abstain, Answer, Evidence, Verdict
from pointsman.core.message import Message
from pointsman.tiers.learned import Learned, LearnedNow, quoted, unpacked
from pointsman.tiers.surroundings import Surrounding, Surroundings
from pointsman.tiers.wording import key_of

# Somebody said what this very text wants; what is left is that it may want something else in another conversation.
EXACT: Final = 0.99
# Of near repeats, measured by bench/corrections.py, this part wants what the corrected text wants.
NEAR: Final = 0.95
# A near repeat shares at least this part of its letters with the corrected text. The encoder alone cannot tell:
# "make the picture, not the prompt" lies at 0.98 from "make the prompt, not the picture".
LEAST_WORDING: Final = 0.65

NOTHING_LEARNED: Final = Abstain("nothing has been corrected")
UNLIKE: Final = Abstain("no corrected text is worded like it")
UNREADABLE: Final = Abstain("the encoder cannot read it, and it repeats no corrected text exactly")


class Corrections:
    """Answers with what a user said about the same text, or about one that is nearly the same.

    `near` is the least nearness of a near repeat, 0..1: the mean of the cosine of the vectors and
    of the share of letters that both texts have in common. At 1 only exact repeats count. What
    stands word for word in a user's own files of the `catalogue` counts too, unless it is corrected.
    """

    name = "corrections"

    def __init__(
        self, learned: LearnedNow, surroundings: Surroundings, near: float, catalogue: Catalogue | None = None
    ) -> None:
        self._learned = learned
        self._surroundings = surroundings
        self._near = near
        self._own = {} if catalogue is None else own_utterances(catalogue)

    def judge(self, message: Message) -> Verdict:
        """The corrected category; most messages are worded like no correction, and are passed on in 20 µs."""
        learned = self._learned.now
        if not learned and not self._own:
            return NOTHING_LEARNED
        key = key_of(message.text)
        if found := learned.exact(key):
            return answer(found, EXACT, 1.0, f"corrected as {found.id}: this text is {found.category}")
        if utterance := self._own.get(key):
            return answer_of(utterance)
        return self._nearly(message, learned, key) if learned else NOTHING_LEARNED

    def _nearly(self, message: Message, learned: Learned, key: str) -> Verdict:
        # What is worded less alike than this is not near enough even at a cosine of 1.
        worded = learned.worded_like(key, max(LEAST_WORDING, 2 * self._near - 1)) if self._near < 1 else []
        readable = [(correction, wording) for correction, wording in worded if correction.vector]
        if not readable:
            return UNLIKE
        surrounding = self._surroundings.of(message.look.strip())
        if not surrounding.legible:
            return UNREADABLE
        measured = [
            (float(unpacked(correction.vector) @ surrounding.vector), wording, correction)
            for correction, wording in readable
        ]
        cosine, wording, nearest = max(measured, key=lambda found: found[0] + found[1])
        nearness = (cosine + wording) / 2
        like = f'corrected as {nearest.id}: "{quoted(nearest.text)}"'
        if nearness < self._near:
            return Abstain(f"{nearness:.2f} < {self._near:.2f} near to what was {like}")
        if rival := nearer(surrounding, cosine, nearest.category):
            return Abstain(f'"{rival}" is nearer than what was {like}')
        return answer(nearest, NEAR, nearness, f"{nearness:.2f} near to what was {like}")


def nearer(surrounding: Surrounding, cosine: float, category: str) -> str:
    """The catalogue's utterance of another category that lies nearer than that cosine; "" when there is none."""
    for item in surrounding.near:
        if item.source == "utterance" and item.similarity > cosine and item.utterance.category != category:
            return item.utterance.text
    return ""


def own_utterances(catalogue: Catalogue) -> dict[str, Utterance]:
    """What a user's own files say a text is, by the text's key; nothing for a text of which they say two things."""
    found: dict[str, Utterance] = {}
    unclear = set()
    for category in catalogue:
        if category.name not in catalogue.own:
            continue
        for utterance in (*category.utterances, *category.near_misses):
            if utterance.category in catalogue:
                known = found.setdefault(key_of(utterance.text), utterance)
                if known.category != utterance.category:
                    unclear.add(key_of(utterance.text))
    return {key: utterance for key, utterance in found.items() if key not in unclear}


def answer_of(utterance: Utterance) -> Answer:
    """The answer to a text that is an utterance of the user's own."""
    return Answer(
        utterance.category,
        EXACT,
        1.0,
        f"an utterance of your own categories: this text is {utterance.category}",
        scores={utterance.category: EXACT},
        evidence=(Evidence("utterance", quoted(utterance.text), utterance.category, 1.0),),
    )


def answer(correction: Correction, confidence: float, nearness: float, reason: str) -> Answer:
    """The answer that a correction gives."""
    return Answer(
        correction.category,
        confidence,
        1.0,
        reason,
        scores={correction.category: confidence},
        evidence=(Evidence("correction", quoted(correction.text), correction.category, nearness),),
    )
