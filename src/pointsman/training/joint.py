"""Tunes the encoder for intent and slots at once, without letting go of what its sentence vectors meant.

One pass over a message serves three: the state of the first token says what is wanted, the states
of the words say where the slots stand (Chen et al., BERT for Joint Intent Classification and Slot
Filling, 2019), and the mean of all states stays the sentence vector by which texts are compared,
held near that of the model we started from (Hinton et al., Distilling the Knowledge in a Neural
Network, 2015): neighbours, corrections and users' own intents live on it.

Needs the `[train]` extra (torch, transformers). About 30 minutes on two cores.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pointsman.core.category import Catalogue
from pointsman.core.errors import InvalidInput
from pointsman.providers.encoders import HEAD_TOKENS, TAIL_TOKENS, TOKENIZER_FILE, models_folder
from pointsman.training.rows import Row, balance, weights_of

if TYPE_CHECKING:
    import torch

EPOCHS, TOKENS_A_BATCH = 2, 1024
RATE, HEAD_RATE, WARM_UP = 1e-4, 2e-3, 100
# How much staying near the first model's sentence vectors counts against the intent.
KEEP: Final = 3.0
# Lines with slots are few among forty thousand.
SLOT_REPEATS: Final = 3
SMOOTHING: Final = 0.05
DROPPED: Final = 0.1
IGNORED: Final = -100
WINDOW: Final = 2048


@dataclass(frozen=True, slots=True)
class Example:
    """A message in tokens; `tags` numbers a slot tag a token, None where nobody marked the slots."""

    ids: list[int]
    label: int
    weight: float
    tags: list[int] | None = None


def read_slots(path: Path) -> list[tuple[Row, dict[str, list[str]]]]:
    """Messages with their slots, each a list of exact parts of the text. Raises InvalidInput with file:line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            slots = {name: [part] if isinstance(part, str) else list(part) for name, part in entry["slots"].items()}
            found.append((Row(entry["text"], entry["category"], "own"), slots))
        except (ValueError, KeyError, AttributeError) as error:
            raise InvalidInput(f"{path}:{number}: not a message with slots: {error}", cure="mend the line") from error
    return found


class Tokens:
    """Texts to token numbers as the encoder reads them, and slots to tags on these tokens."""

    def __init__(self, slot_names: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(models_folder() / TOKENIZER_FILE))
        self.tags = ("O", *(f"{mark}-{name}" for name in slot_names for mark in "BI"))

    def ids(self, text: str) -> list[int]:
        """The token numbers, the middle of a long text left out."""
        return cut(self._tokenizer.encode(text).ids)

    def tagged(self, text: str, slots: dict[str, list[str]]) -> tuple[list[int], list[int]]:
        """Token numbers and tag numbers; the marks that the tokenizer adds are ignored by the loss."""
        encoding = self._tokenizer.encode(text)
        tags = [0 if end > start else IGNORED for start, end in encoding.offsets]
        for name, pieces in slots.items():
            if f"B-{name}" not in self.tags:
                continue
            first = self.tags.index(f"B-{name}")
            for piece in pieces:
                at = text.find(piece)
                covered = [k for k, (s, e) in enumerate(encoding.offsets) if e > s and at <= s and e <= at + len(piece)]
                for place, token in enumerate(covered if at >= 0 else []):
                    tags[token] = first if place == 0 else first + 1
        return cut(encoding.ids), cut(tags)


def cut(values: list[int]) -> list[int]:
    """The head and the tail that the encoder looks at."""
    return values if len(values) <= HEAD_TOKENS + TAIL_TOKENS else values[:HEAD_TOKENS] + values[-TAIL_TOKENS:]


def tune(
    source: Path, rows: Sequence[Row], marked: Path | None, catalogue: Catalogue, tell: Callable[[str], None]
) -> Any:
    """The tuned BertModel, starting from the weights in `source`."""
    import torch

    torch.manual_seed(0)
    lines = read_slots(marked) if marked else []
    tokens = Tokens(sorted({name for _, slots in lines for name in slots}))
    examples = examples_of(rows, lines, tokens, catalogue)
    first, net = load(source), load(source)
    width = int(net.config.hidden_size)
    intent, slot = torch.nn.Linear(width, len(catalogue.names)), torch.nn.Linear(width, len(tokens.tags))
    torch.nn.init.zeros_(intent.weight)
    factors = torch.from_numpy(class_factors(examples))
    groups = [
        {"params": net.parameters(), "lr": RATE},
        {"params": [*intent.parameters(), *slot.parameters()], "lr": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    order = random.Random(0)
    plan = [batch for _ in range(EPOCHS) for batch in batches(examples, order)]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - step / len(plan))
    )
    net.train()
    for step, chosen in enumerate(plan, 1):
        batch = [examples[index] for index in chosen]
        ids, mask = padded(batch)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            meant = pooled(first(input_ids=ids, attention_mask=mask).last_hidden_state.float(), mask)
        with torch.autocast("cpu", torch.bfloat16):
            states = net(input_ids=ids, attention_mask=mask).last_hidden_state
        states = states.float()
        wanted = intent_loss(intent, states, batch, factors)
        kept = (1 - (pooled(states, mask) * meant).sum(-1)).mean()
        loss = wanted + KEEP * kept + slot_loss(slot, states, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 50 == 0 or step == len(plan):
            tell(f"tuning the encoder: {step} of {len(plan)}, intent {wanted.item():.2f}, drift {kept.item():.3f}")
    return net.eval()


def examples_of(
    rows: Sequence[Row], lines: Sequence[tuple[Row, dict[str, list[str]]]], tokens: Tokens, catalogue: Catalogue
) -> list[Example]:
    """The rows, then the lines with slots, several times over."""
    names = catalogue.names
    found = [
        Example(tokens.ids(row.text), names.index(row.category), float(weight))
        for row, weight in zip(rows, weights_of(rows), strict=True)
    ]
    for row, slots in lines:
        ids, tags = tokens.tagged(row.text, slots)
        found += [Example(ids, names.index(row.category), 1.0, tags)] * SLOT_REPEATS
    return found


def class_factors(examples: Sequence[Example]) -> Any:
    """How much each category counts, float32 [categories]."""
    labels = np.array([example.label for example in examples])
    weights = np.array([example.weight for example in examples], dtype=np.float32)
    return balance(labels, weights, np.arange(len(examples)))


def load(source: Path) -> Any:
    """The pretrained model without its pooler."""
    from transformers import BertModel, logging

    logging.set_verbosity_error()
    return BertModel.from_pretrained(source, add_pooling_layer=False).eval()


def batches(examples: Sequence[Example], order: random.Random) -> Iterator[list[int]]:
    """Batches of about equally long messages, in random order."""
    numbers = list(range(len(examples)))
    order.shuffle(numbers)
    found: list[list[int]] = []
    for start in range(0, len(numbers), WINDOW):
        current: list[int] = []
        for number in sorted(numbers[start : start + WINDOW], key=lambda index: len(examples[index].ids)):
            if current and (len(current) + 1) * len(examples[number].ids) > TOKENS_A_BATCH:
                found.append(current)
                current = []
            current.append(number)
        found.append(current)
    order.shuffle(found)
    return iter(found)


def padded(batch: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token numbers and mask, both [batch, longest]."""
    import torch

    longest = max(len(example.ids) for example in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        mask[row, : len(example.ids)] = 1
    return ids, mask


def pooled(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The unit mean of the states that are not padding, [batch, width]."""
    import torch

    shown = mask.unsqueeze(-1).float()
    return torch.nn.functional.normalize((states * shown).sum(1) / shown.sum(1), dim=-1)


def intent_loss(intent: Any, states: torch.Tensor, batch: Sequence[Example], factors: torch.Tensor) -> torch.Tensor:
    """Weighted cross-entropy of the first token's state."""
    import torch

    labels = torch.tensor([example.label for example in batch])
    weights = torch.tensor([example.weight for example in batch]) * factors[labels]
    scores = intent(torch.nn.functional.dropout(states[:, 0], DROPPED))
    losses = torch.nn.functional.cross_entropy(scores, labels, reduction="none", label_smoothing=SMOOTHING)
    return (losses * weights).sum() / weights.sum()


def slot_loss(slot: Any, states: torch.Tensor, batch: Sequence[Example]) -> torch.Tensor | float:
    """Cross-entropy of the tags on the lines that have any."""
    import torch

    marked = [row for row, example in enumerate(batch) if example.tags is not None]
    if not marked:
        return 0.0
    tags = torch.full((len(marked), states.shape[1]), IGNORED)
    for place, row in enumerate(marked):
        found = batch[row].tags or []
        tags[place, : len(found)] = torch.tensor(found)
    scores = slot(torch.nn.functional.dropout(states[marked], DROPPED))
    return torch.nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=IGNORED)
