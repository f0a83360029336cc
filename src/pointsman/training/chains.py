"""Fits linear-chain conditional random fields: word features, encoder states, and what they and the rules weigh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers.slots.tagger import Chain, steps_allowed
from pointsman.tiers.slots.words import BUCKETS

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float32]
Tags = Sequence[int]

BATCH: Final = 64
# Batches of about equally long messages are taken from windows of so many batches.
WINDOW: Final = 16
WORD_EPOCHS, WORD_RATE = 6, 2e-2
STATE_EPOCHS, STATE_RATE, STATE_DECAY, STATE_DROPPED = 6, 3e-3, 1e-2, 0.3
# How much the evidence's weights and the steps are held near zero, against the loss of all messages together.
RIDGE: Final = 0.5
MAX_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Rows:
    """Messages in numbers: for each its words' inputs [words, width], the right tags, and how much it counts."""

    inputs: Sequence[NDArray[Any]]
    tags: Sequence[Tags]
    weights: Floats


def fit_words(rows: Rows, names: Sequence[str], seed: int = 0) -> Floats:
    """The table of word features, float32 [BUCKETS, tags]."""
    import torch

    torch.manual_seed(seed)
    table = torch.nn.EmbeddingBag(BUCKETS, 2 * len(names) + 1, mode="sum")
    torch.nn.init.zeros_(table.weight)

    def scores(inputs: torch.Tensor) -> torch.Tensor:
        flat: torch.Tensor = table(inputs.flatten(0, 1))
        return flat.unflatten(0, inputs.shape[:2])

    descend(rows, names, scores, list(table.parameters()), rate=WORD_RATE, epochs=WORD_EPOCHS, decay=0.0)
    found: Floats = table.weight.detach().numpy()
    return found


def fit_states(rows: Rows, names: Sequence[str], seed: int = 0) -> tuple[Floats, Floats]:
    """What states say: weights [width, tags] and bias [tags]."""
    import torch

    torch.manual_seed(seed)
    layer = torch.nn.Linear(rows.inputs[0].shape[1], 2 * len(names) + 1)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)

    def scores(inputs: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = layer(torch.nn.functional.dropout(inputs.float(), STATE_DROPPED))
        return found

    descend(rows, names, scores, list(layer.parameters()), rate=STATE_RATE, epochs=STATE_EPOCHS, decay=STATE_DECAY)
    return layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy()


def descend(
    rows: Rows,
    names: Sequence[str],
    scores: Callable[[torch.Tensor], torch.Tensor],
    weights: list[Any],
    *,
    rate: float,
    epochs: int,
    decay: float,
) -> None:
    """Adam with one rise and fall of the rate, on batches of about equally long messages."""
    import torch

    links = free_links(names)
    allowed, first = (torch.from_numpy(part) for part in steps_allowed(names))
    lengths = np.array([len(tags) for tags in rows.tags])
    there = np.flatnonzero(lengths)
    order = np.random.default_rng(0)
    optimizer = torch.optim.AdamW([*weights, *links], lr=rate, weight_decay=decay)
    total = epochs * -(-len(there) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=total + epochs)
    for _ in range(epochs):
        mixed = order.permutation(there)
        windows = [mixed[start : start + BATCH * WINDOW] for start in range(0, len(mixed), BATCH * WINDOW)]
        sorted_ = np.concatenate([window[np.argsort(lengths[window], kind="stable")] for window in windows])
        batches = [sorted_[start : start + BATCH] for start in range(0, len(sorted_), BATCH)]
        for number in order.permutation(len(batches)):
            chosen = batches[number]
            inputs, tags, sizes = padded(rows, chosen)
            losses = loss_of(scores(inputs), tags, sizes, (links[0] + allowed, links[1] + first, links[2]))
            (torch.from_numpy(rows.weights[chosen]) * losses).mean().backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()


def free_links(names: Sequence[str]) -> list[Any]:
    """Steps [T, T], beginnings and ends [T], all zero, to be fitted."""
    import torch

    tags = 2 * len(names) + 1
    return [torch.nn.Parameter(torch.zeros(shape)) for shape in ((tags, tags), (tags,), (tags,))]


def padded(rows: Rows, chosen: Sequence[int] | NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs [batch, longest, width], tags [batch, longest] and lengths [batch]."""
    import torch

    sizes = [len(rows.tags[index]) for index in chosen]
    example = rows.inputs[chosen[0]]
    inputs = np.zeros((len(sizes), max(sizes), example.shape[1]), example.dtype)
    tags = np.zeros((len(sizes), max(sizes)), np.int64)
    for row, (index, size) in enumerate(zip(chosen, sizes, strict=True)):
        inputs[row, :size], tags[row, :size] = rows.inputs[index], rows.tags[index]
    return torch.from_numpy(inputs), torch.from_numpy(tags), torch.tensor(sizes)


def loss_of(
    scores: torch.Tensor,
    tags: torch.Tensor,
    sizes: torch.Tensor,
    links: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """The negative log-likelihood of each row of tags, [batch]: the forward algorithm.

    `links` scores steps [T, T], beginnings and ends [T].
    """
    import torch

    steps, first, last = links
    total = scores[:, 0] + first
    right = total.gather(1, tags[:, :1])[:, 0]
    for place in range(1, scores.shape[1]):
        live = sizes > place
        following = torch.logsumexp(total[:, :, None] + steps[None], 1) + scores[:, place]
        total = torch.where(live[:, None], following, total)
        now = tags[:, place : place + 1]
        step = steps[tags[:, place - 1], now[:, 0]] + scores[:, place].gather(1, now)[:, 0]
        right = right + torch.where(live, step, torch.zeros(()))
    ends = tags.gather(1, sizes[:, None] - 1)[:, 0]
    return torch.logsumexp(total + last, 1) - right - last[ends]


def fit_chain(words: Sequence[Floats], evidence: Sequence[Floats], tags: Sequence[Tags], names: Sequence[str]) -> Chain:
    """What the words' scores and the rules' evidence weigh; the tables of the scores must not have seen these rows."""
    import torch

    there = [index for index, row in enumerate(tags) if len(row)]
    width = words[there[0]].shape[1]
    joined = [np.concatenate([words[index], evidence[index]], axis=1) for index in range(len(tags))]
    inputs, right, sizes = padded(Rows(joined, tags, np.ones(len(tags), np.float32)), there)
    mix = torch.nn.Parameter(torch.ones(1))
    weights = torch.nn.Parameter(torch.zeros(inputs.shape[2] - width, width))
    links = free_links(names)
    allowed, first = (torch.from_numpy(part) for part in steps_allowed(names))

    def loss() -> torch.Tensor:
        scores = inputs[..., :width] * mix + inputs[..., width:] @ weights
        losses = loss_of(scores, right, sizes, (links[0] + allowed, links[1] + first, links[2]))
        return losses.sum() + RIDGE * ((weights**2).sum() + (links[0] ** 2).sum())

    newton([mix, weights, *links], loss)
    parts = [part.detach().numpy() for part in (weights, links[0] + allowed, links[1] + first, links[2])]
    return Chain(float(mix.item()), 0.0, *parts)


def with_states(
    chain: Chain, words: Sequence[Floats], evidence: Sequence[Floats], states: Sequence[Floats], tags: Sequence[Tags]
) -> Chain:
    """The chain with the states as another witness: two numbers say how much it and they count.

    The rows must be new to the encoder: on what it was tuned on it is always right.
    """
    import torch

    there = [index for index, row in enumerate(tags) if len(row)]
    said = [
        np.concatenate([words[index] * chain.words + evidence[index] @ chain.evidence, states[index]], axis=1)
        for index in range(len(tags))
    ]
    inputs, right, sizes = padded(Rows(said, tags, np.ones(len(tags), np.float32)), there)
    width = inputs.shape[2] // 2
    mix = torch.nn.Parameter(torch.tensor([1.0, 0.5]))
    steps, first, last = (torch.from_numpy(part) for part in (chain.steps, chain.first, chain.last))

    def loss() -> torch.Tensor:
        scores = inputs[..., :width] * mix[0] + inputs[..., width:] * mix[1]
        return loss_of(scores, right, sizes, (steps, first, last)).sum() + (mix**2).sum()

    newton([mix], loss)
    own, new = (float(value) for value in mix.detach())
    return Chain(chain.words * own, new, chain.evidence * np.float32(own), chain.steps, chain.first, chain.last)


def newton(weights: list[Any], loss: Callable[[], torch.Tensor]) -> None:
    """Minimises a loss of few weights by L-BFGS."""
    import torch

    optimizer = torch.optim.LBFGS(weights, max_iter=MAX_STEPS, history_size=10, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return float(value)

    optimizer.step(closure)
