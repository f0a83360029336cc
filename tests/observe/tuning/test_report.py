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
        "chosen, cross-validated",
        "chosen, on other sources",
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
    assert "The bars in use are as good as any that were found." in page
    assert "chosen" not in page


def test_what_the_figures_leave_open_is_said(tuned: Tuning) -> None:
    (estimate,) = remarks(tuned)
    assert "is the best estimate; with 95 % probability" in estimate
    assert remarks(replace(tuned, target=Target(0.1, 0.1, sure=True))) == []
    few = remarks(replace(tuned, target=Target(0.1, 0.003)))[0]
    assert "160 messages that want no picture cannot show 0.30% of pictures by mistake" in few
    assert "it may still be 1.9%; 1000 could" in few


def test_the_comment_is_plain_narrow_and_holds_the_curve(tuned: Tuning) -> None:
    lines = comment(tuned, date(2031, 5, 6))
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
