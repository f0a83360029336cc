"""A tier's calibration in the configuration: what is refused, and what reaches the tier."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.build import curve_of, maps_of
from pointsman.config.load import load
from pointsman.core.errors import ConfigError
from pointsman.tiers.calibration import Knots, Logistic, Maps


def written(tmp_path: Path, calibration: str) -> Path:
    file = tmp_path / "pointsman.yaml"
    file.write_text(f"tiers:\n  - kind: patterns\n    calibration: {calibration}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("calibration", "maps"),
    [
        ("null", Maps()),
        ("{}", Maps()),
        ("{path: {temperature: 1.2, offset: -0.3}}", Maps(None, Logistic(1.2, -0.3))),
        ("{category: {temperature: 2}}", Maps(Logistic(2.0), None)),
        ("{path: {knots: [[0.1, 0.2], [0.9, 0.9]]}}", Maps(None, Knots(((0.1, 0.2), (0.9, 0.9))))),
    ],
)
def test_a_calibration_becomes_maps(tmp_path: Path, calibration: str, maps: Maps) -> None:
    (tier,) = load(written(tmp_path, calibration), environ={}).config.tiers
    assert maps_of(getattr(tier, "calibration", None)) == maps
    assert curve_of(None) is None


@pytest.mark.parametrize(
    ("calibration", "said"),
    [
        ("{path: {temperature: 0}}", "calibration.path.temperature: should be greater than 0"),
        ("{path: {temperature: true}}", "should be a number, not true or false"),
        ("{path: {warmth: 2}}", "calibration.path.warmth: unknown key"),
        ("{paths: {}}", "calibration.paths: unknown key; did you mean 'path'?"),
        ("{path: {knots: [[0.5, 0.9], [0.7, 0.4]]}}", "has knots that do not rise"),
        ("{path: {knots: [[0.5, 0.4], [0.5, 0.6]]}}", "has knots that do not rise"),
        ("{path: {knots: [[0.5, 1.4]]}}", "should be less than or equal to 1"),
        ("{path: {knots: [[0.5, 0.4]], offset: 1}}", "keep one of the two"),
    ],
)
def test_what_is_wrong_with_one_is_said(tmp_path: Path, calibration: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, calibration), environ={}, start=tmp_path)
    assert said in raised.value.message
    assert raised.value.message.startswith("pointsman.yaml:3: tiers.0.calibration")
