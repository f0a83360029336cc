"""Tags the words of a message with the slots they belong to: a linear-chain conditional random field.

Three witnesses score every word: hashed features of the words around it, the states of an encoder that was
tuned for slots (Chen et al., BERT for Joint Intent Classification and Slot Filling, 2019), and what the rules
found. The best row of tags that is a row at all wins (Viterbi; Lafferty et al., Conditional Random Fields, 2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.core.errors import ModelFileError
from pointsman.tiers.encoder import Reading
from pointsman.tiers.slots.spans import Span
from pointsman.tiers.slots.words import BUCKETS, Word, features

SLOTS_FILE: Final = "slots.npz"
REMAKE: Final = "reinstall Pointsman, or make the file again: pointsman train slots --data FILE"

# Which slots stand in one message together; a message is tagged with those of one kind.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "picture": ("prompt", "style", "size", "count", "negative"),
    "search": ("query",),
    "memory": ("memory", "list"),
    "code": ("expression", "code"),
}
# No row of tags may take a step that scores this.
FORBIDDEN: Final = -1e4

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chain:
    """How tags follow each other and what the witnesses weigh.

    Shapes, with T tags and W kinds of evidence: evidence [W, T], steps [T, T] from a tag to the next,
    first and last [T]. `words` and `states` scale the scores of the two other witnesses.
    """

    words: float
    states: float
    evidence: Floats
    steps: Floats
    first: Floats
    last: Floats

    def best(self, scores: Floats) -> list[int]:
        """The best row of tags for scores [words, T]; empty for no words."""
        if not len(scores):
            return []
        into = np.ascontiguousarray(self.steps.T)
        best = scores[0] + self.first
        came: list[NDArray[np.int64]] = []
        for row in scores[1:]:
            sums = into + best
            came.append(sums.argmax(axis=1))
            best = sums.max(axis=1) + row
        path = [int((best + self.last).argmax())]
        for step in reversed(came):
            path.append(int(step[path[-1]]))
        return path[::-1]


@dataclass(frozen=True, slots=True)
class Tagger:
    """The witnesses' weights for the slots `names` of one kind of message.

    Tag 0 is outside, 2k + 1 begins names[k], 2k + 2 goes on with it. `table` int8 [BUCKETS, T], to be
    multiplied by `scale`, holds the words' features; `dense` [3 * dimensions, T] and `bias` [T] the states
    of a word and its neighbours. `alone` is the chain without states, `joint` the one with them, if any.
    """

    names: tuple[str, ...]
    table: NDArray[np.int8]
    scale: float
    alone: Chain
    dense: Floats
    bias: Floats
    joint: Chain

    def spans(self, text: str, words: Sequence[Word], found: Floats, reading: Reading | None = None) -> list[Span]:
        """The places of the slots in a text of at most LONGEST words.

        `found` is the rules' evidence, [words, W]; `reading` the encoder's, if there is one.
        """
        chain = self.joint if reading else self.alone
        scores = self.scored(text, words) * chain.words + found @ chain.evidence
        if reading:
            states = word_states(reading, words)
            scores += (states @ self.dense + self.bias) * chain.states
        return placed(words, chain.best(scores), self.names)

    def scored(self, text: str, words: Sequence[Word]) -> Floats:
        """What the words' features say, [words, T]."""
        total: NDArray[np.int32] = self.table.take(features(text, words), axis=0).sum(axis=1, dtype=np.int32)
        return total.astype(np.float32) * np.float32(self.scale)


def placed(words: Sequence[Word], tags: Sequence[int], names: Sequence[str]) -> list[Span]:
    """The spans that a row of tags describes, from left to right."""
    spans: list[Span] = []
    before = ""
    for (start, end), tag in zip(words, tags, strict=True):
        slot = names[(tag - 1) // 2] if tag else ""
        if slot and slot == before and tag % 2 == 0:
            spans[-1] = Span(slot, spans[-1].start, end)
        elif slot:
            spans.append(Span(slot, start, end))
        before = slot
    return spans


def steps_allowed(names: Sequence[str]) -> tuple[Floats, Floats]:
    """0 for what may follow what, FORBIDDEN for the rest: steps [T, T] and beginnings [T].

    A slot goes on only after itself; a prompt also after another slot, which then lies inside it.
    """
    tags = 2 * len(names) + 1
    steps, first = np.zeros((tags, tags), np.float32), np.zeros(tags, np.float32)
    for place, name in enumerate(names):
        on = 2 * place + 2
        first[on] = FORBIDDEN
        for before in range(tags):
            of = (before - 1) // 2 if before else -1
            if of != place and not (name == "prompt" and before):
                steps[before, on] = FORBIDDEN
    return steps, first


def word_states(reading: Reading, words: Sequence[Word]) -> Floats:
    """The mean state of each word's tokens, with that of the word before and the word after, [words, 3 * dimensions].

    Zeros for words of the middle of a long text, which the encoder has not read.
    """
    width = reading.states.shape[1]
    rows = np.zeros((len(words) + 2, width), np.float32)
    counts = np.zeros(len(words) + 2, np.float32)
    place = 0
    for state, (start, end) in zip(reading.states, reading.spans, strict=True):
        if start == end:
            continue
        while place < len(words) and words[place][1] <= start:
            place += 1
        if place == len(words):
            break
        if words[place][0] < end:
            rows[place + 1] += state
            counts[place + 1] += 1
    rows /= np.maximum(counts, 1)[:, None]
    return np.concatenate([rows[1:-1], rows[:-2], rows[2:]], axis=1)


def write(path: Path, taggers: Mapping[str, Tagger], fingerprint: str) -> None:
    """Saves the taggers by their kind; `fingerprint` names the encoder whose states they read."""
    stored: dict[str, Any] = {"fingerprint": np.array(fingerprint)}
    for kind, tagger in taggers.items():
        stored |= {
            f"{kind}.table": tagger.table,
            f"{kind}.dense": tagger.dense.astype(np.float16),
            f"{kind}.bias": tagger.bias.astype(np.float32),
            f"{kind}.scale": np.array(tagger.scale),
        }
        for name, chain in (("alone", tagger.alone), ("joint", tagger.joint)):
            stored |= {
                f"{kind}.{name}.mix": np.array([chain.words, chain.states]),
                f"{kind}.{name}.evidence": chain.evidence.astype(np.float16),
                f"{kind}.{name}.steps": chain.steps.astype(np.float32),
                f"{kind}.{name}.ends": np.stack([chain.first, chain.last]).astype(np.float32),
            }
    np.savez_compressed(path, **stored)


def read(path: Path, fingerprint: str) -> dict[str, Tagger]:
    """The taggers in a file. Raises ModelFileError when it is damaged or belongs to another encoder."""
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            found = str(stored["fingerprint"])
            taggers = {kind: read_one(stored, kind) for kind in KINDS}
    except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise ModelFileError(f"{path}: the slot taggers cannot be read: {error}", cure=REMAKE) from error
    if found != fingerprint:
        raise ModelFileError(f"{path}: the slot taggers were fitted on {found}, not on {fingerprint}", cure=REMAKE)
    return taggers


def read_one(stored: Mapping[str, Any], kind: str) -> Tagger:
    """One kind's tagger. Raises KeyError and ValueError for what is absent or of another shape."""
    chains = []
    for name in ("alone", "joint"):
        words, states = (float(value) for value in stored[f"{kind}.{name}.mix"])
        first, last = stored[f"{kind}.{name}.ends"]
        evidence = stored[f"{kind}.{name}.evidence"].astype(np.float32)
        chains.append(Chain(words, states, evidence, stored[f"{kind}.{name}.steps"], first, last))
    table, names = stored[f"{kind}.table"], KINDS[kind]
    if table.shape != (BUCKETS, 2 * len(names) + 1):
        raise ValueError(f"the table of {kind} is of another shape: {table.shape}")
    dense = stored[f"{kind}.dense"].astype(np.float32)
    return Tagger(names, table, float(stored[f"{kind}.scale"]), chains[0], dense, stored[f"{kind}.bias"], chains[1])
