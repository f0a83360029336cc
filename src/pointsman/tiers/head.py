"""The linear head: weights that turn a vector and n-grams into calibrated probabilities, and their file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, Literal
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.core.errors import ModelFileError
from pointsman.tiers import ngrams
from pointsman.tiers.encoder import Reading
from pointsman.tiers.fast import FastModel
from pointsman.tiers.neighbours import Calibration

Sees = Literal["vector", "gist"]

HEAD_FILE: Final = "head.npz"
REMAKE: Final = "reinstall Pointsman, or make it again: pointsman train own, or train head for the shipped categories"


@dataclass(frozen=True, slots=True)
class Head:
    """Linear models on two views of a text, what the encoder sees and what the words are, joined at their logits.

    logits = dense @ (seen - center) / scale + bias + mix * words, where `seen` is the text's vector, or
    its gist where the encoder was tuned for these very categories, and `words` is what the fast
    tier's network says if there is one, or else grams @ idf-weighted n-grams. Of a text that the
    encoder cannot read only the words count.

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
    sees: Sees = "vector"
    fast: FastModel | None = None

    def logits(self, reading: Reading, text: str, *, legible: bool = True) -> NDArray[np.float32]:
        """One score a category, float32 [C], before the temperature."""
        words = np.float32(self.mix) * self._words(text)
        if not legible:
            return words
        seen = reading.gist if self.sees == "gist" else reading.vector
        scores: NDArray[np.float32] = self.dense @ ((seen - self.center) / self.scale) + self.bias + words
        return scores

    def _words(self, text: str) -> NDArray[np.float32]:
        if self.fast is not None:
            return self.fast.logits(text)[0]
        found = ngrams.buckets(text)
        scores: NDArray[np.float32] = self.grams[found].T @ ngrams.weighted(found, self.idf)
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
            sees=np.array(self.sees),
            fast=np.array(self.fast is not None),
        )

    @classmethod
    def read(cls, path: Path, fingerprint: str, open_fast: Callable[[], FastModel]) -> Head:
        """The head in a file; the fast model is only opened for a head that was fitted with it.

        Raises ModelFileError when the file is damaged or belongs to another encoder or fast model.
        """
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
                    sees="gist" if str(stored["sees"]) == "gist" else "vector",
                    fast=open_fast() if bool(stored["fast"]) else None,
                )
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ModelFileError(f"{path}: the head cannot be read: {error}", cure=REMAKE) from error
        if head.fast is not None and head.fast.categories != head.categories:
            raise ModelFileError(f"{path}: the fast model knows other categories than the head", cure=REMAKE)
        if found != fingerprint:
            raise ModelFileError(f"{path}: the head was fitted on {found}, not on {fingerprint}", cure=REMAKE)
        return head
