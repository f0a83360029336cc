"""How far each tier's confidence can be trusted, and the curves that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer
from pointsman.observe.tuning.fit import Fitted, fit
from pointsman.observe.tuning.heard import Heard, Rung
from pointsman.tiers.calibration import Curve, Knots, Maps

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Trust:
    """What a tier is worth by itself: `answers` to all messages, of which `wrong_category` and `wrong_path`.

    `category` and `path` are the curves for its two confidences, fitted on the messages that
    reach it through the bars in use: those before it take the easy ones.
    """

    name: str
    answers: int
    wrong_category: int
    wrong_path: int
    ms: float
    category: Fitted
    path: Fitted

    def to_dict(self) -> dict[str, Any]:
        """The same as data for JSON."""
        return {
            "tier": self.name,
            "answers": self.answers,
            "accuracy": 1 - self.wrong_category / self.answers if self.answers else None,
            "path_error": self.wrong_path / self.answers if self.answers else None,
            "mean_ms": self.ms,
            "asked": self.path.n,
            "category": fitted_to_dict(self.category),
            "path": fitted_to_dict(self.path),
        }


@dataclass(frozen=True, slots=True)
class Claims:
    """What the tiers claimed and whether it was so, arrays [tiers, messages]; only where `answered` do they count."""

    answered: Flags
    reached: Flags
    category: Floats
    path: Floats
    right_category: Flags
    right_path: Flags


def claims(heard: Sequence[Heard], catalogue: Catalogue, deciding: Ints) -> Claims:
    """The claims of all tiers; `deciding` [messages] is the place of the tier that decides with the bars in use."""
    size = (len(heard[0].said), len(heard))
    category, path = np.zeros(size), np.zeros(size)
    answered, right_category, right_path = (np.zeros(size, dtype=bool) for _ in range(3))
    for column, one in enumerate(heard):
        for row, said in enumerate(one.said):
            if isinstance(said, Answer):
                at = row, column
                answered[at] = True
                category[at], path[at] = said.confidence, said.path_confidence
                right_category[at] = said.category == one.category
                right_path[at] = catalogue.side_of(said.category) == catalogue.side_of(one.category)
    reached = deciding[None, :] >= np.arange(size[0])[:, None]
    return Claims(answered, reached, category, path, right_category, right_path)


def fitted_maps(
    made: Claims, rungs: Sequence[Rung], places: Ints, folds: Ints
) -> tuple[tuple[Maps, ...], list[tuple[Fitted, Fitted]]]:
    """The maps of all tiers, fitted on some of the messages, and how they fit; `folds` are those of all messages."""
    maps: list[Maps] = []
    fits: list[tuple[Fitted, Fitted]] = []
    for row, rung in enumerate(rungs):
        at = places[made.answered[row, places] & made.reached[row, places]]
        category = fit(made.category[row, at], made.right_category[row, at], folds[at])
        path = fit(made.path[row, at], made.right_path[row, at], folds[at])
        fits.append((category, path))
        maps.append(Maps(category.curve, path.curve) if rung.has_maps else rung.maps)
    return tuple(maps), fits


def trusts(
    made: Claims, rungs: Sequence[Rung], fits: Sequence[tuple[Fitted, Fitted]], ms: Sequence[float]
) -> list[Trust]:
    """How far each tier can be trusted."""
    return [
        Trust(
            rung.name,
            int(made.answered[row].sum()),
            int((made.answered[row] & ~made.right_category[row]).sum()),
            int((made.answered[row] & ~made.right_path[row]).sum()),
            ms[row],
            *fits[row],
        )
        for row, rung in enumerate(rungs)
    ]


def fitted_to_dict(fitted: Fitted) -> dict[str, Any]:
    """A fit as data for JSON."""
    curve = None if fitted.curve is None else curve_to_dict(fitted.curve)
    return {"kind": fitted.kind, "n": fitted.n, "ece_before": fitted.before, "ece_after": fitted.after, "curve": curve}


def maps_to_dict(maps: Maps) -> dict[str, Any] | None:
    """Maps as the configuration has them; None when they change nothing."""
    found = {name: curve_to_dict(curve) for name, curve in (("category", maps.category), ("path", maps.path)) if curve}
    return found or None


def curve_to_dict(curve: Curve) -> dict[str, Any]:
    """A curve as the configuration has it."""
    if isinstance(curve, Knots):
        return {"knots": [list(point) for point in curve.points]}
    return {"temperature": curve.temperature, "offset": curve.offset}
