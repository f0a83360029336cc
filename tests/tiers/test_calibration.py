"""Calibration: what a tier claims becomes what it is worth, in order and within bounds."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.calibration import UNCHANGED, Calibrated, Curve, Knots, Logistic, Maps, calibrated
from pointsman.tiers.cascade import Cascade, Stage

shares = st.floats(0, 1)
logistic = st.builds(Logistic, st.floats(0.2, 5), st.floats(-3, 3))
knots = st.lists(st.tuples(shares, shares), min_size=1, max_size=8, unique_by=lambda point: point[0]).map(
    lambda points: Knots(tuple(zip(sorted(x for x, _ in points), sorted(y for _, y in points), strict=True)))
)
curves = st.one_of(logistic, knots)


class Says:
    """A tier that always says the same."""

    name = "says"

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict

    def judge(self, message: Message) -> Verdict:
        del message
        return self._verdict


def answer(confidence: float, path: float = -1.0) -> Answer:
    return Answer("chat", confidence, 0.4, "because", path_confidence=path, scores={"chat": confidence})


@settings(deadline=None)
@given(curves, shares, shares)
def test_a_curve_keeps_the_order_and_gives_probabilities(curve: Curve, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= curve(low) <= curve(high) + 1e-12
    assert curve(high) <= 1


def test_a_temperature_makes_modest_and_an_offset_moves() -> None:
    assert Logistic()(0.9) == pytest.approx(0.9)
    assert Logistic(temperature=2.0)(0.9) == pytest.approx(0.75)
    assert Logistic(offset=-1.0)(0.5) == pytest.approx(0.2689, abs=1e-4)
    assert 0 < Logistic()(0.0) < Logistic()(1.0) < 1


def test_knots_are_joined_by_straight_lines_and_level_at_the_ends() -> None:
    curve = Knots(((0.2, 0.1), (0.6, 0.5), (0.8, 0.9)))
    assert [curve(x) for x in (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 1.0)] == pytest.approx([0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9])
    assert Knots(((0.5, 0.7),))(0.1) == Knots(((0.5, 0.7),))(0.9) == 0.7


def test_without_maps_a_verdict_is_the_very_same() -> None:
    verdict = answer(0.9)
    assert calibrated(verdict, UNCHANGED) is verdict
    assert not UNCHANGED


def test_both_confidences_are_mapped_and_nothing_else() -> None:
    maps = Maps(Logistic(temperature=2.0), Logistic(offset=1.0))
    found = calibrated(answer(0.9, 0.95), maps)
    assert isinstance(found, Answer)
    assert found.confidence == pytest.approx(0.75)
    assert found.path_confidence == pytest.approx(0.981, abs=1e-3)
    assert (found.margin, found.scores, found.reason) == (0.4, {"chat": 0.9}, "because")


@settings(deadline=None)
@given(curves, curves, shares, shares)
def test_a_category_is_never_likelier_than_its_path(category: Curve, path: Curve, one: float, other: float) -> None:
    low, high = sorted((one, other))
    for maps in (Maps(category), Maps(None, path), Maps(category, path)):
        found = calibrated(answer(low, high), maps)
        assert isinstance(found, Answer)
        assert found.confidence <= found.path_confidence
        assert found.path_confidence == (high if maps.path is None else path(high))


def test_what_an_abstention_leans_to_is_mapped_too() -> None:
    found = calibrated(Abstain("unsure", answer(0.9)), Maps(None, Logistic(temperature=2.0)))
    assert isinstance(found, Abstain)
    assert found.leaning is not None
    assert found.leaning.path_confidence == pytest.approx(0.75)
    bare = Abstain("nothing")
    assert calibrated(bare, Maps(Logistic(2.0))) is bare


@pytest.mark.parametrize(("offset", "decides"), [(0.0, False), (2.0, True)])
def test_bars_are_held_against_the_mapped_confidence(offset: float, decides: bool) -> None:
    tier = Calibrated(Says(answer(0.9)), Maps(None, Logistic(offset=offset)))
    catalogue = Catalogue([Category("chat", "talk", "llm")])
    cascade = Cascade([Stage(tier, 0.95)], catalogue, fallback="chat", find_slots=lambda *_: {})
    decision = asyncio.run(cascade.decide(Message("x")))
    assert (decision.tier == "says") is decides
