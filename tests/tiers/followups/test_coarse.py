"""Letters are coarse here: ASCII's, and all that lies beyond it."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from pointsman.tiers import followups
from pointsman.tiers.followups.coarse import coarse, regex


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"\pL+", r"[a-z\x{80}-\x{10ffff}]+"),
        (r"[^\pL\pN]", r"[^a-z\x{80}-\x{10ffff}0-9]"),
        (r"(?:\A|\PL)x", r"(?:\A|[^a-z\x{80}-\x{10ffff}])x"),
        (r"\[\pL\]", r"\[[a-z\x{80}-\x{10ffff}]\]"),
        (r"a\\pL", r"a\\pL"),
    ],
)
def test_classes_are_replaced_inside_of_classes_and_outside(pattern: str, wanted: str) -> None:
    assert coarse(pattern) == wanted


def test_case_is_ignored() -> None:
    assert regex(r"größer\z").match("GRÖSSER") is None
    assert regex(r"größer\z").match("Größer")


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(followups.__path__)])
def test_every_pattern_compiles(name: str) -> None:
    module = importlib.import_module(f"{followups.__name__}.{name}")
    for constant, value in vars(module).items():
        if constant.isupper() and isinstance(value, str) and len(value) > 3:
            regex(value)
