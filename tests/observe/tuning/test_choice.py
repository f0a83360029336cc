"""Choosing bars: within the target, at the known optimum, and honest about what to expect."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer
from pointsman.core.errors import InvalidInput
from pointsman.observe.evaluation import IMAGE
from pointsman.observe.tuning.choice import by_source, by_text, tune
from pointsman.observe.tuning.heard import Heard, Rung
from pointsman.observe.tuning.outcome import Target, Tuning
from pointsman.tiers.calibration import Logistic, Maps
from pointsman.tiers.cascade import Bars, Stage

Makes = Callable[..., list[Heard]]
LENIENT = Target(0.1, 0.1)


@pytest.fixture(scope="module")
def tuned(makes: Makes, catalogue: Catalogue, rungs: list[Rung]) -> Tuning:
    """Three hundred messages of six sources."""
    return tune(makes(300, sources=6), rungs, catalogue, LENIENT)


class Silent:
    """Nobody asks it."""

    name = "silent"

    def judge(self, message: object) -> Abstain:
        return Abstain(str(message))


def outcome(heard: Sequence[Heard], tuning: Tuning, catalogue: Catalogue) -> tuple[int, int, int]:
    """Answered, wrong and pictures by mistake, by Stage.weigh alone."""
    answered = wrong = pictures = 0
    stages = [
        Stage(Silent(), bars.accept, bars.by_category, bars.margin, votes=rung.votes)
        for rung, bars in zip(tuning.rungs, tuning.bars, strict=True)
    ]
    for one in heard:
        votes: dict[str, float] = {}
        for stage, said in zip(stages, one.mapped(tuning.maps).said, strict=True):
            side = catalogue.side_of(said.category) if isinstance(said, Answer) else ""
            verdict = stage.weigh(said, votes.get(side, 0.0))
            if isinstance(verdict, Answer):
                answered += 1
                wrong += side != catalogue.side_of(one.category)
                pictures += catalogue.path_of(verdict.category) == IMAGE != catalogue.path_of(one.category)
                break
            if stage.votes and isinstance(said, Answer):
                votes[side] = max(votes.get(side, 0.0), said.path_confidence)
    return answered, wrong, pictures


@settings(deadline=None, max_examples=6)
@given(made=st.tuples(st.integers(0, 10_000), st.floats(-0.1, 0.05)), target=st.sampled_from([0.05, 0.1, 0.2]))
def test_the_chosen_bars_never_exceed_the_target(
    made: tuple[int, float], target: float, makes: Makes, catalogue: Catalogue, rungs: list[Rung]
) -> None:
    seed, noise = made
    heard = makes(90, seed=seed, noise=noise)
    try:
        tuning = tune(heard, rungs, catalogue, Target(target, target))
    except InvalidInput:
        reject()  # that no bars reach it is said, and tested below
    answered, wrong, pictures = outcome(heard, tuning, catalogue)
    assert wrong <= target * answered
    assert pictures <= target * sum(one.category != "draw" for one in heard)
    assert tuning.expected.error <= target
    if tuning.chosen is not None:
        fitted = tuning.chosen.fitted
        assert (fitted.answered, fitted.wrong, fitted.pictures) == (answered, wrong, pictures)


def told(wanted: str, said: str, belief: float, place: int, *, slow: float | None = None) -> Heard:
    verdicts = (
        Answer(said, belief, belief, "made up"),
        Abstain("nothing") if slow is None else Answer(wanted, slow, slow, "made up"),
    )
    return Heard(f"m{place}", f"text {place}", wanted, "", verdicts, (0.1, 5.0))


def test_the_known_best_bars_are_found(catalogue: Catalogue) -> None:
    """The quick tier is right from 0.8 on, and below it never; the slow one is always right."""
    names = catalogue.names
    heard = []
    for place in range(300):
        belief = 0.5 + (place % 50) / 100
        wanted = names[place % 3]
        wrong = names[(place + 1) % 3]
        heard.append(told(wanted, wanted if belief >= 0.8 else wrong, belief, place, slow=0.97))
    rungs = [Rung("quick", Bars(0.99), has_margin=False, has_maps=False), Rung("slow", Bars(0.99), has_maps=False)]
    tuning = tune(heard, rungs, catalogue, Target(0.01, 0.01))
    assert tuning.chosen is not None
    assert tuning.bars[0].accept == pytest.approx(0.8, abs=0.011)
    assert tuning.bars[1].accept <= 0.97
    assert (tuning.expected.coverage, tuning.expected.wrong) == (1.0, 0)
    # 40 % of the messages stay with the quick tier: the slow one is asked no more than it must be.
    assert tuning.expected.ms == pytest.approx(0.1 + 0.6 * 5, abs=0.11)


def test_pictures_have_a_bar_and_a_target_of_their_own(catalogue: Catalogue) -> None:
    """One in ten surest pictures was not wanted; all else is right."""
    heard = []
    for place in range(450):
        wanted = catalogue.names[place % 3]
        belief = 0.6 + (place * 7 % 40) / 100
        said = "draw" if wanted == "chat" and place % 10 == 2 else wanted
        heard.append(told(wanted, said, belief, place))
    rungs = [Rung("quick", Bars(0.5), has_margin=False, has_maps=False), Rung("slow", Bars(0.5), has_maps=False)]
    lax = tune(heard, rungs, catalogue, Target(0.1, 0.2))
    strict = tune(heard, rungs, catalogue, Target(0.1, 0.001))
    assert lax.expected.pictures > 0
    assert strict.expected.pictures == 0
    assert strict.bars[0].by_category["draw"] > strict.bars[0].accept
    assert strict.expected.coverage < lax.expected.coverage


def test_calibration_is_fitted_and_the_bars_go_with_it(makes: Makes, catalogue: Catalogue, rungs: list[Rung]) -> None:
    boastful = [
        replace(
            one, said=(one.said[0], replace(one.said[1], path_confidence=min(1.0, one.said[1].path_confidence + 0.12)))
        )
        for one in makes(500)
        if isinstance(one.said[1], Answer)
    ]
    tuning = tune(boastful, rungs, catalogue, LENIENT)
    slow = tuning.trusts[1]
    assert slow.path.curve is not None
    assert slow.path.after is not None
    assert slow.path.before is not None
    assert slow.path.after < slow.path.before
    assert tuning.maps[1].path == slow.path.curve


def test_messages_that_the_quick_tier_takes_say_nothing_of_the_slow_one(makes: Makes, tuned: Tuning) -> None:
    quick = [one.said[0] for one in makes(300, sources=6)]
    asked = sum(isinstance(said, Answer) and said.path_confidence < 0.99 for said in quick)
    slow = tuned.trusts[1]
    assert (slow.answers, slow.path.n) == (300, asked)


def test_bars_that_are_as_good_stay(catalogue: Catalogue) -> None:
    heard = [told(catalogue.names[place % 3], catalogue.names[place % 3], 0.9, place) for place in range(60)]
    rungs = [Rung("quick", Bars(0.5), Maps(None, Logistic(1.1)), has_margin=False), Rung("slow", Bars(0.5))]
    tuning = tune(heard, rungs, catalogue, LENIENT)
    assert tuning.chosen is None
    assert tuning.bars == tuple(rung.bars for rung in rungs)
    assert tuning.maps[0] == rungs[0].maps
    assert tuning.expected == tuning.now


def test_a_tier_that_is_not_to_be_tuned_keeps_its_bars_and_its_maps(
    makes: Makes, catalogue: Catalogue, rungs: list[Rung]
) -> None:
    fixed = replace(rungs[0], maps=Maps(None, Logistic(1.1)), tunable=False, has_maps=False)
    tuning = tune(makes(300), [fixed, rungs[1]], catalogue, LENIENT)
    assert tuning.changed
    assert (tuning.bars[0], tuning.maps[0]) == (fixed.bars, fixed.maps)
    assert tuning.bars[1] != rungs[1].bars


def test_the_bars_and_maps_in_use_are_what_now_is(catalogue: Catalogue) -> None:
    heard = [told(catalogue.names[place % 3], catalogue.names[place % 3], 0.9, place, slow=0.9) for place in range(40)]
    slow = Rung("slow", Bars(0.95))
    for maps, ms in ((Maps(), 0.1), (Maps(None, Logistic(offset=-3.0)), 5.1)):
        now = tune(heard, [Rung("quick", Bars(0.5), maps, has_margin=False), slow], catalogue, LENIENT).now
        assert now.ms == pytest.approx(ms)


def test_to_be_sure_costs_coverage(makes: Makes, catalogue: Catalogue, rungs: list[Rung]) -> None:
    heard = makes(300, noise=0.02)
    likely, sure = (tune(heard, rungs, catalogue, Target(0.12, 0.12, sure=sure)) for sure in (False, True))
    assert sure.expected.error_bound <= 0.12 < likely.expected.error_bound
    assert sure.expected.picture_bound <= 0.12
    assert sure.expected.coverage < likely.expected.coverage


def test_the_same_messages_give_the_same_result(
    tuned: Tuning, makes: Makes, catalogue: Catalogue, rungs: list[Rung]
) -> None:
    assert tune(makes(300, sources=6), rungs, catalogue, LENIENT) == tuned


def test_whole_sources_are_held_out_when_there_are_five(
    tuned: Tuning, makes: Makes, catalogue: Catalogue, rungs: list[Rung]
) -> None:
    assert tuned.elsewhere is not None
    assert tuned.elsewhere.n == 300
    assert tune(makes(60, sources=4), rungs, catalogue, Target(0.3, 0.3)).elsewhere is None


def test_the_curve_never_gains_coverage_without_errors(tuned: Tuning) -> None:
    shown = [(point.expected.coverage, point.expected.error) for point in tuned.curve if point is not tuned.chosen]
    assert shown == sorted(shown)
    assert len({coverage for coverage, _ in shown}) == len(shown)
    assert any(point is tuned.chosen for point in tuned.curve)
    assert 3 <= len(tuned.curve) <= 9


def test_the_surest_mistakes_are_named(tuned: Tuning) -> None:
    assert tuned.mistakes
    assert [it.confidence for it in tuned.mistakes] == sorted((it.confidence for it in tuned.mistakes), reverse=True)
    assert all(it.wanted != it.said for it in tuned.mistakes)


def test_the_result_is_data_for_json(tuned: Tuning) -> None:
    data = json.loads(json.dumps(tuned.to_dict()))
    assert data["messages"] == 300
    assert data["changed"] is True
    assert set(data["bars"]) == {"quick", "slow"}
    assert data["bars"]["slow"]["now"] == {"accept": 0.95, "accept_by_category": {"draw": 0.97}, "margin": 0.0}
    assert data["expected"]["error"] <= 0.1
    assert data["expected"]["error_bound"] > data["expected"]["error"]
    assert [point["chosen"] for point in data["curve"]].count(True) == 1
    assert {tier["tier"] for tier in data["tiers"]} == {"quick", "slow"}


def test_like_texts_stay_in_one_fold_and_categories_are_spread() -> None:
    said = (Abstain("no"),)
    heard = [Heard(str(place), f"t{place // 2}", f"c{place % 4 // 2}", "", said, (1.0,)) for place in range(200)]
    folds = by_text(heard)
    assert (folds[::2] == folds[1::2]).all()
    for category in ("c0", "c1"):
        inside = [fold for fold, one in zip(folds, heard, strict=True) if one.category == category]
        assert np.bincount(inside).tolist() == [20] * 5


def test_sources_are_dealt_out_evenly() -> None:
    said = (Abstain("no"),)
    sizes = {"a": 40, "b": 30, "c": 20, "d": 20, "e": 10, "f": 10, "g": 5}
    heard = [Heard(f"{name}{place}", "", "c", name, said, (1.0,)) for name, n in sizes.items() for place in range(n)]
    folds = by_source(heard)
    assert np.bincount(folds).max() == 40
    for name in sizes:
        assert len({fold for fold, one in zip(folds, heard, strict=True) if one.source == name}) == 1


def test_too_few_messages_say_how_many_it_takes(makes: Makes, catalogue: Catalogue, rungs: list[Rung]) -> None:
    with pytest.raises(InvalidInput, match="60 labelled messages are too few") as raised:
        tune(makes(60), rungs, catalogue, Target(0.01, 0.01))
    assert "5.0% of all may still be wrong" in raised.value.message
    assert "label 300 or more (the rule of three: 3 / 0.01)" in raised.value.cure
    assert "--target 5% or more" in raised.value.cure
    with pytest.raises(InvalidInput, match="0 labelled messages are too few") as raised:
        tune([], rungs, catalogue, LENIENT)
    assert raised.value.cure == "label 30 or more (the rule of three: 3 / 0.1)"


def test_a_category_without_a_message_is_named(makes: Makes, catalogue: Catalogue, rungs: list[Rung]) -> None:
    heard = [one for one in makes(120) if one.category != "hello"]
    with pytest.raises(InvalidInput, match="no labelled message is of the category hello") as raised:
        tune(heard, rungs, catalogue, LENIENT)
    assert "label some messages of it" in raised.value.cure


def test_an_unreachable_target_says_what_can_be_reached(catalogue: Catalogue) -> None:
    """One label in ten is wrong, whatever a tier claims."""
    names = catalogue.names
    heard = [
        told(names[place % 3], names[(place + (place % 10 == 0)) % 3], 0.999, place, slow=None) for place in range(300)
    ]
    rungs = [Rung("quick", Bars(0.5), has_margin=False), Rung("slow", Bars(0.5))]
    with pytest.raises(InvalidInput, match=r"at most 1.00% wrong paths among the answered cannot be reached") as raised:
        tune(heard, rungs, catalogue, Target(0.01, 0.5))
    assert "on these 300 messages: the lowest is" in raised.value.message
    assert "% of the messages answered" in raised.value.message
    lowest = float(raised.value.cure.split("state --target ")[1].split("%", maxsplit=1)[0]) / 100
    assert tune(heard, rungs, catalogue, Target(lowest, 0.5)).expected.error <= lowest


def test_unreachable_pictures_are_told_from_unreachable_paths(catalogue: Catalogue) -> None:
    heard = [
        told(wanted := catalogue.names[place % 3], "draw" if place % 20 == 2 else wanted, 0.999, place)
        for place in range(450)
    ]
    rungs = [Rung("quick", Bars(0.5), tunable=False), Rung("slow", Bars(0.5))]
    with pytest.raises(InvalidInput, match="pictures by mistake cannot be reached") as raised:
        tune(heard, rungs, catalogue, Target(0.2, 0.003))
    assert "--image-target" in raised.value.cure


def test_tiers_that_never_answer_cannot_be_tuned(catalogue: Catalogue) -> None:
    heard = [
        Heard(str(place), str(place), catalogue.names[place % 3], "", (Abstain("no"),), (1.0,)) for place in range(60)
    ]
    with pytest.raises(InvalidInput, match="no tier answers"):
        tune(heard, [Rung("mute", Bars(0.5))], catalogue, LENIENT)
