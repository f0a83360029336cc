"""Fits the slot taggers on messages whose slots are marked, and writes their file.

Needs the `[train]` extra (torch); what it makes is plain numpy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.decision import Slots
from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.tiers import slots
from pointsman.tiers.encoder import Encoder
from pointsman.tiers.slots import expression, memory, picture, query
from pointsman.tiers.slots.evidence import evidence
from pointsman.tiers.slots.tagger import KINDS, SLOTS_FILE, Chain, Tagger, word_states, write
from pointsman.tiers.slots.words import LONGEST, Word, features, words_of
from pointsman.training.chains import Floats, Rows, fit_chain, fit_states, fit_words, with_states
from pointsman.training.make_head import make_folder, not_writable
from pointsman.training.slot_labels import Marked, exchanged, read_marked, tags_of

# Copies of each message with other contents; the messages themselves count for two.
WORD_COPIES, STATE_COPIES, OWN_WEIGHT = 4, 2, 2.0
FOLDS: Final = 5
TOP: Final = 127

# The slots that the rules are asked for, by kind, and the category that asks for them in the labelled files.
ASKED: Final = {
    "picture": ("image_generation", tuple(sorted(picture.NAMES))),
    "search": ("web_search", tuple(sorted(query.NAMES))),
    "memory": ("memory_operation", tuple(sorted(memory.NAMES))),
    "code": ("code_execution", tuple(sorted(expression.NAMES))),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the tagger sees it."""

    message: Marked
    words: list[Word]
    buckets: NDArray[np.int64]
    tags: list[int]


def require() -> None:
    """Raises MissingExtra when the package that fits is not installed."""
    try:
        import torch  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingExtra("train", "fitting the slot taggers") from error


def make(data: Path, held: Path | None, folder: Path, tell: Callable[[str], None]) -> dict[str, Tagger]:
    """Writes `slots.npz` into `folder`, fitted on the shipped encoder, and returns the taggers.

    `data` may be what the encoder was tuned on; `held` must not be: how far to believe the encoder is measured on it.
    Raises MissingExtra, InvalidInput.
    """
    require()
    make_folder(folder)
    told = read_marked(data)
    kept = read_marked(held) if held else []
    encoder = MiniLm()
    made = {}
    for kind in KINDS:
        tell(f"fitting the slot tagger for {kind}")
        made[kind] = fit(kind, told, kept, encoder)
    try:
        write(folder / SLOTS_FILE, made, encoder.fingerprint)
    except OSError as error:
        raise not_writable(folder, error) from error
    return made


def fit(kind: str, told: Sequence[Marked], kept: Sequence[Marked], encoder: Encoder) -> Tagger:
    """The tagger for one kind of message. Raises InvalidInput when there are too few."""
    names = KINDS[kind]
    old, new = (seen([one for one in part if one.category == ASKED[kind][0]], names) for part in (told, kept))
    if len(old) < FOLDS:
        raise InvalidInput(f"{len(old)} messages for {kind} are too few", cure=f"mark {FOLDS} or more")
    every = [*old, *new]
    rules = [evidence(one.message.text, one.words, found_by_rules(kind, one.message.text)) for one in every]
    table, words = fit_table(every, names)
    alone = fit_chain(words, rules, [one.tags for one in every], names)
    weights, bias = fit_dense(old, encoder, names)
    joint = joined(alone, new, [of_encoder(one, encoder) @ weights + bias for one in new], words, rules)
    scale = float(np.abs(table).max()) / TOP or 1.0
    return Tagger(names, np.round(table / scale).astype(np.int8), scale, alone, weights, bias, joint)


def found_by_rules(kind: str, text: str) -> Slots:
    """The rules' answer."""
    category, names = ASKED[kind]
    return slots.find(category, text, names)


def seen(messages: Sequence[Marked], names: Sequence[str]) -> list[Seen]:
    """The messages as the tagger sees them."""
    found = []
    for message in messages:
        words = words_of(message.text)[:LONGEST]
        found.append(Seen(message, words, features(message.text, words), tags_of(message, words, names)))
    return found


def more(messages: Sequence[Seen], copies: int, names: Sequence[str]) -> tuple[list[Seen], Floats]:
    """The messages, and copies with other contents; and how much each counts."""
    made = seen(exchanged([one.message for one in messages], copies, random.Random(0)), names)
    counts = np.array([OWN_WEIGHT] * len(messages) + [1.0] * len(made), np.float32)
    return [*messages, *made], counts


def fit_table(messages: Sequence[Seen], names: Sequence[str]) -> tuple[Floats, list[Floats]]:
    """The table of word features, and every message's scores from a table that has not seen it."""
    folds = np.random.default_rng(1).permutation(len(messages)) % FOLDS
    scores: list[Floats] = [np.zeros((0, 0), np.float32)] * len(messages)
    for fold in range(FOLDS):
        table = table_of([one for one, of in zip(messages, folds, strict=True) if of != fold], names)
        for index in np.flatnonzero(folds == fold).tolist():
            scores[index] = table[messages[index].buckets].sum(axis=1)
    return table_of(messages, names), scores


def table_of(messages: Sequence[Seen], names: Sequence[str]) -> Floats:
    """The table of word features."""
    rows, counts = more(messages, WORD_COPIES, names)
    return fit_words(Rows([one.buckets for one in rows], [one.tags for one in rows], counts), names)


def fit_dense(messages: Sequence[Seen], encoder: Encoder, names: Sequence[str]) -> tuple[Floats, Floats]:
    """What the encoder's states say: weights [3 * dimensions, tags], as precise as they are stored, and bias [tags]."""
    rows, counts = more(messages, STATE_COPIES, names)
    states = [of_encoder(one, encoder).astype(np.float16) for one in rows]
    weights, bias = fit_states(Rows(states, [one.tags for one in rows], counts), names)
    return weights.astype(np.float16).astype(np.float32), bias


def joined(
    alone: Chain, new: Sequence[Seen], states: Sequence[Floats], words: Sequence[Floats], rules: Sequence[Floats]
) -> Chain:
    """The chain that listens to the encoder too, `new` being the last messages of those that it was fitted on.

    Without any there is nothing to measure the encoder on, and the chain does not listen.
    """
    if not new:
        return alone
    old = len(words) - len(new)
    return with_states(alone, words[old:], rules[old:], states, [one.tags for one in new])


def of_encoder(one: Seen, encoder: Encoder) -> Floats:
    """A message's word states, float32 [words, 3 * dimensions]."""
    if not one.words:
        return np.zeros((0, 3 * encoder.dimensions), np.float32)
    return word_states(encoder.read(one.message.text), one.words)


def shipped() -> Path:
    """Where the taggers that come with Pointsman stand."""
    return models_folder() / SLOTS_FILE
