"""The picture of an evaluation: a PNG that shows every figure, for results of every shape."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.observe import plots
from pointsman.observe.evaluation import Evaluation, Gold, Prediction, evaluate

PATH_OF = {"draw_it": "image", "hello": "simple", "chat": "llm"}


def result(*said: tuple[str, str, float, str, float]) -> Evaluation:
    """An evaluation of (right, decided, confidence, tier, ms)."""
    gold = [Gold(str(place), "x", right) for place, (right, *_) in enumerate(said)]
    made = {
        str(place): Prediction(name, PATH_OF[name], confidence, tier, ms)
        for place, (_, name, confidence, tier, ms) in enumerate(said)
        if name
    }
    return evaluate(gold, made, PATH_OF)


ORDINARY = result(
    ("draw_it", "draw_it", 0.97, "patterns", 0.01),
    ("draw_it", "draw_it", 0.91, "classifier", 2.5),
    ("hello", "chat", 0.61, "classifier", 3.5),
    ("chat", "chat", 0.3, "fallback", 4.5),
)


@pytest.mark.parametrize(
    "shown",
    [
        ORDINARY,
        result(("draw_it", "draw_it", 1.0, "patterns", 0.0)),
        result(("draw_it", "", 0, "", 0)),
        result(("chat", "chat", 0.0, "a tier with a rather long name", 1e5)),
    ],
    ids=["ordinary", "one message in no time", "nothing decided", "slow and unsure"],
)
def test_it_is_a_png_of_a_readable_size(tmp_path: Path, shown: Evaluation) -> None:
    path = tmp_path / "result.png"
    plots.plot(shown, path)
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (1950, 1430)


def test_the_panels_say_what_was_measured() -> None:
    figure = Figure()
    matrix, reliability, shares, latency = figure.subplots(2, 2).flat
    plots.draw_matrix(matrix, ORDINARY)
    plots.draw_reliability(reliability, ORDINARY)
    plots.draw_shares(shares, ORDINARY)
    plots.draw_latency(latency, ORDINARY)
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["draw it", "hello", "chat"]
    assert sorted(text.get_text() for text in matrix.texts) == ["1", "1", "2"]
    assert [text.get_text() for text in reliability.texts] == ["1", "1", "2"]
    assert [text.get_text().strip() for text in shares.texts] == ["1 (25%)", "2 (50%)", "1 (25%)"]
    assert [bar.get_width() for bar in shares.patches] == [1, 1, 1, 0, 0, 0, 0, 1, 0]
    assert list(latency.lines[0].get_xdata()) == [0.01, 3.0, 4.5]
    assert plots.headline(ORDINARY).startswith("4 messages:  accuracy 75.0%  ·  path error 25.0%")


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"absent/result\.png: cannot be written"):
        plots.plot(ORDINARY, tmp_path / "absent" / "result.png")


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"pip install 'pointsman\[plot\]'"):
        plots.plot(ORDINARY, tmp_path / "result.png")
    assert not (tmp_path / "result.png").exists()
