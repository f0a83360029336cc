"""How a tier's calibration stands in the configuration: plain numbers, as `pointsman tune` writes them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pointsman.config.strict import Strict
from pointsman.config.values import Share, not_a_switch

MOST_KNOTS: Final = 50

Temperature = Annotated[float, Field(gt=0, le=100), BeforeValidator(not_a_switch)]
Offset = Annotated[float, Field(ge=-20, le=20), BeforeValidator(not_a_switch)]


class CurveSection(Strict):
    """A rising map from what a tier gives to a probability: a temperature and an offset, or knots."""

    temperature: Temperature = Field(default=1.0, description="Divides the logit; above 1, confidence becomes modest.")
    offset: Offset = Field(default=0.0, description="Is added to the logit after that; below 0, confidence sinks.")
    knots: tuple[tuple[Share, Share], ...] = Field(
        default=(),
        max_length=MOST_KNOTS,
        description="[confidence, probability] pairs, both rising, straight lines between; in place of the other two.",
    )

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Refuses knots that do not rise, and knots beside a temperature or an offset."""
        if self.knots and self.model_fields_set & {"temperature", "offset"}:
            raise PydanticCustomError("two_ways", "has knots beside a temperature or an offset; keep one of the two")
        for (left, low), (right, high) in pairwise(self.knots):
            if left >= right or low > high:
                raise PydanticCustomError("not_rising", "has knots that do not rise; list them in order of confidence")
        return self


class CalibrationSection(Strict):
    """What was measured of a tier: how often its category, and its path, is right at each confidence."""

    category: CurveSection | None = Field(default=None, description="For the confidence that the category is right.")
    path: CurveSection | None = Field(
        default=None, description="For the confidence that at least the path is right, which the bars are held against."
    )
