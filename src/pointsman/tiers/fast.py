"""Tier 1, the fast half: a small network of our own on hashed words, for messages that are clear at a glance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.errors import ModelFileError
from pointsman.core.message import Message, digest_of
from pointsman.tiers import subwords
from pointsman.tiers.belief import believe, softmax
from pointsman.tiers.patterns import Patterns
from pointsman.tiers.wordrows import Floats, WordRows

FAST_FILE: Final = "fast.npz"
REMAKE: Final = "reinstall Pointsman, or make the file again: pointsman train fast --data FILE"
REMEMBERED: Final = 20_000  # words
# A word that stands in this many known utterances says nothing about one category.
COMMON: Final = 20


# Of a longer text most words say nothing about what is wanted of it: of requests with 600 to 8,000 characters behind
# them it took 32 in 100 for something else, and no tier after it was asked; without it that is 12. No labelled
# message is decided otherwise.
MOST_TEXT: Final = 400
LONG: Final = Abstain(f"it has more than {MOST_TEXT} characters, and most words of a long text are not what is wanted")


@dataclass(frozen=True, slots=True)
class Gate:
    """Logistic regression from what the network says, and how new the words are, to P(its path is right).

    The softmax of a network that has never seen a word of a message is sure of anything, so the
    share of unknown words counts against it. `within` divides the logits before the categories of
    the path are told apart. Fitted on messages of sources that the network did not learn from.
    """

    bias: float
    belief: float
    unknown: float
    within: float = 1.0

    def confidence(self, belief: float, unknown: float) -> float:
        """P(right), 0..1, from the path's probability, 0..1, and the share of unknown words, 0..1."""
        clipped = min(max(belief, 1e-4), 1 - 1e-4)
        logit = self.bias + self.belief * math.log(clipped / (1 - clipped)) + self.unknown * unknown
        return 1.0 / (1.0 + math.exp(-logit))


@dataclass(slots=True)
class FastModel:
    """Sum of hashed rows, one hidden layer, softmax.

    logits = out @ relu(hidden @ x + hidden_bias) + out_bias, with
    x = (sum of the words' rows + sum of the pairs' rows) / sqrt(number of words), where a word's
    row is its own plus that of its parts / sqrt(number of parts).

    Shapes, with C categories, H hidden units and D dimensions: table int8 [2^16, D] to be
    multiplied by `scale`, hidden [H, D], out [C, H]; `known` bool [2^16], the words that were
    seen in training.
    """

    categories: tuple[str, ...]
    table: NDArray[np.int8]
    scale: float
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats
    known: NDArray[np.bool_]
    gate: Gate
    _words: WordRows = field(init=False, repr=False)
    _latest: tuple[bytes, Floats, float] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._words = WordRows(self.table, self.scale, self.known)

    def logits(self, text: str) -> tuple[Floats, float]:
        """One score a category, float32 [C], and the share of words that are unknown; a blank text has none."""
        latest, key = self._latest, digest_of(text)
        if latest is not None and latest[0] == key:  # the head asks after the tier
            return latest[1], latest[2]
        found = subwords.words(text)
        if not found:
            return self.out_bias, 1.0
        if len(self._words) > REMEMBERED:
            self._words = WordRows(self.table, self.scale, self.known)
        total, unknown = self._words.sum(found)
        between = np.add.reduce(self.table.take(subwords.pairs(found), axis=0), axis=0, dtype=np.float32)
        total = (total + between * np.float32(self.scale)) / math.sqrt(len(found))
        # `dot`, as `@` takes twice the time for matrices as small as these.
        scores: Floats = self.out.dot(np.maximum(self.hidden.dot(total) + self.hidden_bias, 0.0)) + self.out_bias
        self._latest = key, scores, unknown
        return scores, unknown

    def write(self, path: Path) -> None:
        """Saves the model."""
        np.savez_compressed(
            path,
            categories=np.array(self.categories),
            table=self.table,
            hidden=self.hidden,
            hidden_bias=self.hidden_bias,
            out=self.out,
            out_bias=self.out_bias,
            known=np.packbits(self.known),
            scalars=np.array([self.scale, self.gate.bias, self.gate.belief, self.gate.unknown, self.gate.within]),
        )

    @classmethod
    def read(cls, path: Path) -> FastModel:
        """The model in a file. Raises ModelFileError when it is missing or damaged."""
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                scale, *gate = (float(value) for value in stored["scalars"])
                model = cls(
                    categories=tuple(str(name) for name in stored["categories"]),
                    table=stored["table"],
                    scale=scale,
                    hidden=stored["hidden"],
                    hidden_bias=stored["hidden_bias"],
                    out=stored["out"],
                    out_bias=stored["out_bias"],
                    known=np.unpackbits(stored["known"], count=subwords.BUCKETS).astype(bool),
                    gate=Gate(*gate),
                )
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ModelFileError(f"{path}: the fast model cannot be read: {error}", cure=REMAKE) from error
        if len(model.table) != subwords.BUCKETS:
            raise ModelFileError(f"{path}: the fast model has {len(model.table)} rows", cure=REMAKE)
        return model


class Fast:
    """Answers what is clear from the words alone, so that most messages never reach the encoder.

    It abstains where it cannot know better than the tiers after it: when a pattern of the user's own fires, and when
    a word of the message stands in the utterances of a category that the model was not fitted on.
    """

    name = "fast"

    def __init__(self, model: FastModel, catalogue: Catalogue) -> None:
        self._model = model
        self._columns = [column for column, name in enumerate(model.categories) if name in catalogue]
        self._path_of = {name: catalogue.side_of(name) for name in model.categories if name in catalogue}
        self._on_path: dict[str, list[str]] = {}
        for name, path in self._path_of.items():
            self._on_path.setdefault(path, []).append(name)
        # p ** (1 / within), as dividing the logits would give; the sum is over the path alone, so it needs no softmax.
        self._cooling = 1 / model.gate.within
        self._strange = telling_words(catalogue, set(catalogue.names) - set(model.categories))
        patterned = [category for category in catalogue if category.name in catalogue.own and category.patterns]
        self._own = Patterns(Catalogue(patterned)) if patterned else None

    def judge(self, message: Message) -> Verdict:
        """The network's answer; abstains where the user's own categories may be meant."""
        if message.wordless:
            return Abstain("there are no words in it")
        if not self._columns:
            return Abstain("none of the model's categories is configured")
        text = message.look
        if len(text) > MOST_TEXT:
            return LONG
        logits, unknown = self._model.logits(text)
        answer = self._answer(logits if len(self._columns) == len(logits) else logits[self._columns], unknown)
        if self._strange and not self._strange.isdisjoint(subwords.words(text)):
            return Abstain("it shares a word with categories that the fast model does not know", answer)
        if self._own and self._own.fired(text):
            return Abstain("a pattern of your own fires, so the patterns are to say", answer)
        return answer

    def _answer(self, logits: Floats, unknown: float) -> Answer:
        scores = dict(zip(self._path_of, softmax(logits), strict=True))
        belief = believe(scores, self._path_of)
        cooler = [scores[name] ** self._cooling for name in self._on_path[belief.path]]
        sure = self._model.gate.confidence(belief.of_path, unknown)
        news = f", {unknown:.0%} of its words are new" if unknown else ""
        return Answer(
            category=belief.category,
            confidence=sure * scores[belief.category] ** self._cooling / sum(cooler),
            path_confidence=sure,
            margin=belief.margin,
            reason=f"its words say path {belief.path} {belief.of_path:.2f}{news}",
            scores=scores,
        )


def telling_words(catalogue: Catalogue, names: Collection[str]) -> set[str]:
    """The words of some categories' utterances, without those that stand in many of all."""
    if not names:
        return set()
    uses = Counter(word for utterance in catalogue.utterances for word in set(subwords.words(utterance.text)))
    return {
        word
        for utterance in catalogue.utterances
        if utterance.category in names
        for word in subwords.words(utterance.text)
        if word.isalnum() and (len(word) > 2 or not word.isascii()) and uses[word] < COMMON
    }
