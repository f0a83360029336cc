"""The picture of a simulation: a PNG for results of every shape, with every policy in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from pointsman.core.errors import InvalidInput
from pointsman.gpu.simulate.measure import Answered, Tally, row_of
from pointsman.gpu.simulate.run import Comparison
from pointsman.observe import gpu_plot

DAY = Tally(asked=2, loads=3, answers=[Answered("image", 6.0, 7 * 10**9), Answered("chat", 9.0, 14 * 10**9)])
NOTHING = Tally()
ORDINARY = Comparison((row_of("matrix", [DAY]), row_of("pointsman", [DAY])), row_of("ideal", [DAY]), 1)


@pytest.mark.parametrize(
    "result",
    [
        ORDINARY,
        replace(ORDINARY, rows=(row_of("pointsman", [NOTHING]),), ideal=row_of("ideal", [NOTHING])),
        replace(ORDINARY, rows=()),
    ],
)
def test_it_is_a_png_whatever_there_is_to_show(tmp_path: Path, result: Comparison) -> None:
    file = tmp_path / "out.png"
    gpu_plot.plot(result, "1 day", file)
    assert file.read_bytes().startswith(b"\x89PNG")


def test_every_policy_and_figure_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(gpu_plot, "save", lambda figure, _: drawn.append(figure))
    gpu_plot.plot(ORDINARY, "1 day of 8 h", tmp_path / "out.png")
    (figure,) = drawn
    for axes in figure.axes:
        assert [label.get_text() for label in axes.get_yticklabels()] == ["matrix", "pointsman"]
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert texts == {"6.0 s", "9.0 s", "3.0", "0.0", "7 GB"}
    assert "1 day of 8 h" in figure.get_suptitle()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        gpu_plot.plot(ORDINARY, "", tmp_path / "nowhere" / "out.png")
