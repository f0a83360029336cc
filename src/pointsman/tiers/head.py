"""The linear head: weights that turn a vector and n-grams into calibrated probabilities, and their file."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.core.errors import ModelFileError
from pointsman.tiers import ngrams
from pointsman.tiers.encoder import Vector
from pointsman.tiers.neighbours import Calibration

HEAD_FILE = "head.npz"
REMAKE = "reinstall Pointsman, or make the file again: pointsman train head --data FILE"


@dataclass(frozen=True, slots=True)
class Head:
    """Multinomial logistic regression on two views of a text, joined at their logits.

    logits = dense @ (vector - center) / scale + bias + mix * (grams @ idf-weighted n-grams)

    Shapes, with C categories and D dimensions: dense [C, D], bias [C], center [D], grams
    [C, 2^16], idf [2^16]. `temperature` divides the logits before the softmax (Guo et al.,
    On Calibration of Modern Neural Networks, 2017). `scope` is the least value of
    (highest logit, nearest similarity) @ scope_weights that counts as known territory.
    `fingerprint` names the encoder whose vectors it was fitted on.
    """

    categories: tuple[str, ...]
    fingerprint: str
    dense: NDArray[np.float32]
    bias: NDArray[np.float32]
    center: NDArray[np.float32]
    scale: float
    grams: NDArray[np.float32]
    idf: NDArray[np.float32]
    mix: float
    temperature: float
    scope_weights: tuple[float, float]
    scope: float
    neighbours: Calibration

    def logits(self, vector: Vector, text: str) -> NDArray[np.float32]:
        """One score a category, float32 [C], before the temperature."""
        found = ngrams.buckets(text)
        weights = ngrams.weighted(found, self.idf)
        scores: NDArray[np.float32] = (
            self.dense @ ((vector - self.center) / self.scale) + self.bias + self.mix * (self.grams[found].T @ weights)
        )
        return scores

    def write(self, path: Path) -> None:
        """Saves the head; n-gram weights as float16, which moves no logit by more than 0.01."""
        np.savez_compressed(
            path,
            categories=np.array(self.categories),
            fingerprint=np.array(self.fingerprint),
            dense=self.dense.astype(np.float32),
            bias=self.bias.astype(np.float32),
            center=self.center.astype(np.float32),
            grams=self.grams.astype(np.float16),
            idf=self.idf.astype(np.float16),
            scalars=np.array([self.scale, self.mix, self.temperature, *self.scope_weights, self.scope]),
            neighbours=np.array(astuple(self.neighbours)),
        )

    @classmethod
    def read(cls, path: Path, fingerprint: str) -> Head:
        """The head in a file. Raises ModelFileError when it is damaged or belongs to another encoder."""
        try:
            # Opened here, because numpy leaves a damaged file open.
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                found = str(stored["fingerprint"])
                scale, mix, temperature, logit, similarity, scope = (float(value) for value in stored["scalars"])
                head = cls(
                    categories=tuple(str(name) for name in stored["categories"]),
                    fingerprint=found,
                    dense=stored["dense"],
                    bias=stored["bias"],
                    center=stored["center"],
                    scale=scale,
                    grams=np.ascontiguousarray(stored["grams"].astype(np.float32)),
                    idf=stored["idf"].astype(np.float32),
                    mix=mix,
                    temperature=temperature,
                    scope_weights=(logit, similarity),
                    scope=scope,
                    neighbours=Calibration(*(float(value) for value in stored["neighbours"])),
                )
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ModelFileError(f"{path}: the head cannot be read: {error}", cure=REMAKE) from error
        if found != fingerprint:
            raise ModelFileError(f"{path}: the head was fitted on {found}, not on {fingerprint}", cure=REMAKE)
        return head
