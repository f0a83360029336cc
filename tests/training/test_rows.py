"""What models learn from, and fair ways to hold some out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pointsman.core.errors import InvalidInput
from pointsman.training.corpus import read_corpus
from pointsman.training.rows import OWN, Row, balance, folds_of_sources, weights_of


def rows(*sources: str) -> list[Row]:
    return [Row("text", "chat", source) for source in sources]


def test_a_fold_holds_out_whole_sources_and_never_the_projects_own() -> None:
    made = rows("a", "a", "a", "b", "b", "c", OWN)
    folds = folds_of_sources(made, 2)
    held = [sorted({made[index].source for index in fold}) for _, fold in folds]
    assert held == [["a"], ["b", "c"]]
    assert all(6 in learnt for learnt, _ in folds)
    assert all(not set(learnt) & set(fold) for learnt, fold in folds)


def test_there_are_no_more_folds_than_sources() -> None:
    assert len(folds_of_sources(rows("a", "b", OWN), 5)) == 2


def test_own_lines_count_more_and_template_lines_less() -> None:
    own, written, other = weights_of(rows(OWN, "written", "a"))
    assert own > other > written


def test_a_rare_category_counts_more_but_does_not_outweigh() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    factors = balance(labels, np.ones(100, dtype=np.float32), np.arange(100))
    assert factors[1] / factors[0] == pytest.approx(3.0)


def test_a_corpus_is_read_in_order_with_its_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "b.tsv").write_text("chat\ten\tlater\n", encoding="utf-8")
    (tmp_path / "a.tsv").write_text("chat\ten\trun this:\\nprint(1)\n", encoding="utf-8")
    assert [item.text for item in read_corpus(tmp_path, {"chat"})] == ["run this:\nprint(1)", "later"]


@pytest.mark.parametrize(("line", "why"), [("chat\ten", "not category"), ("cat\ten\thi", "no category 'cat'")])
def test_a_bad_line_is_named(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "a.tsv").write_text(f"chat\ten\tfine\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=rf"a\.tsv:2: .*{why}"):
        read_corpus(tmp_path, {"chat"})


def test_a_folder_without_a_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no \*\.tsv"):
        read_corpus(tmp_path, {"chat"})
