"""A tuning as tables, as a comment, and as a picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from pointsman.core.category import Catalogue
from pointsman.core.errors import InvalidInput
from pointsman.observe.tuning.choice import tune
from pointsman.observe.tuning.heard import Heard, Rung
from pointsman.observe.tuning.outcome import Target, Tuning
from pointsman.observe.tuning.plot import plot
from pointsman.observe.tuning.report import comment, remarks, render
from pointsman.tiers.calibration import Logistic, Maps


@pytest.fixture(scope="module")
def tuned(makes: Callable[..., list[Heard]], catalogue: Catalogue, rungs: list[Rung]) -> Tuning:
    return tune(makes(240, sources=6), rungs, catalogue, Target(0.1, 0.1))


def shown(tuning: Tuning, width: int = 110) -> str:
    page = io.StringIO()
    render(tuning, Console(width=width, file=page))
    return page.getvalue()


def test_everything_that_matters_is_shown(tuned: Tuning) -> None:
    assert tuned.chosen is not None
    page = shown(tuned)
    for figure in (
        "quick",
        "slow",
        "ECE category",
        "0.99",
        "now, on these messages",
        "chosen, on these messages",
        f"{tuned.chosen.fitted.error:.2%}",
        "chosen, expected of new ones",
        "chosen, expected of other sources",
        f"{tuned.chosen.expected.coverage:.1%}",
        f"{tuned.chosen.expected.error:.2%}",
        f"{tuned.chosen.expected.error_bound:.2%}",
        tuned.mistakes[0].id,
    ):
        assert figure in page
    assert page.count("→") == 1 + sum(
        fitted.curve is not None for it in tuned.trusts for fitted in (it.category, it.path)
    )
    assert "…" not in page


def test_bars_that_stay_are_said_to_stay(tuned: Tuning) -> None:
    page = shown(replace(tuned, chosen=None, elsewhere=None, mistakes=()))
    assert "Nothing to change: the bars in use are as good as any that were found." in page
    assert "chosen" not in page


def test_what_is_chosen_and_in_use_already_is_nothing_to_change(tuned: Tuning) -> None:
    in_use = [
        replace(rung, bars=bars, maps=maps)
        for rung, bars, maps in zip(tuned.rungs, tuned.bars, tuned.maps, strict=True)
    ]
    same = replace(tuned, rungs=tuple(in_use))
    assert (tuned.changed, same.changed) == (True, False)
    assert same.to_dict()["changed"] is False
    page = shown(same)
    assert "Nothing to change" in page
    assert "Bars\n" not in page
    assert "chosen, expected of new ones" in page
    assert "chosen, on these messages" not in page


def test_bars_that_stay_under_another_calibration_are_no_empty_table(tuned: Tuning) -> None:
    kept = [replace(rung, bars=bars) for rung, bars in zip(tuned.rungs, tuned.bars, strict=True)]
    only = replace(tuned, rungs=tuple(kept), maps=(Maps(None, Logistic(1.1)), *tuned.maps[1:]))
    assert only.changed
    assert "The bars stay; the calibration changes." in shown(only)
    assert "Bars\n" not in shown(only)


def test_what_the_figures_leave_open_is_said(tuned: Tuning) -> None:
    (estimate,) = remarks(tuned)
    assert "is the best estimate; with 95 % probability" in estimate
    assert remarks(replace(tuned, target=Target(0.1, 0.1, sure=True))) == []
    (kept,) = remarks(replace(tuned, chosen=None))
    assert kept.startswith("if the bars in use were chosen on these messages, expect somewhat more")
    few = remarks(replace(tuned, target=Target(0.1, 0.003)))[0]
    assert "160 messages that want no picture cannot show 0.30% of pictures by mistake" in few
    assert "it may still be 1.9%; 1000 could" in few


def test_the_comment_is_plain_narrow_and_holds_the_curve(tuned: Tuning) -> None:
    lines = comment(tuned, date(2031, 5, 6))
    said = " ".join(lines)
    assert tuned.chosen is not None
    now, fitted, expected = tuned.now, tuned.chosen.fitted, tuned.chosen.expected
    assert (
        f"On these messages: {now.coverage:.1%} answered before, {now.error:.2%} of them wrong; {fitted.coverage:.1%}"
        f" now, {fitted.error:.2%} of them wrong. Expected of new ones like them (cross-validated):"
        f" {expected.coverage:.1%} answered, {expected.error:.2%} of them wrong"
    ) in said
    assert lines[0].startswith("Bars and calibration by `pointsman tune` on 2031-05-06, from 240 labelled messages")
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith(">") for line in lines) == 1
    assert len(lines) == 1 + len(tuned.curve) + next(
        n for n, line in enumerate(lines) if "answered  wrong path" in line
    )


def test_a_picture_is_drawn(tuned: Tuning, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name, tuning in (("chosen.png", tuned), ("kept.png", replace(tuned, chosen=None))):
        plot(tuning, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InvalidInput, match="cannot be written"):
        plot(tuned, tmp_path / "absent" / "out.png")
