from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config import intents
from pointsman.core.category import Catalogue, Category, Measured, Pattern, Utterance
from pointsman.core.errors import ConfigError
from pointsman.training.patterns import measure, rewritten, write

DRAW = Pattern("draw", r"\bdraw\b", 0.5, unless="conclusion", must=("draw it", "draw now"), must_not=("a drawer",))
ANY = Pattern("any", "a", 0.5)
CATALOGUE = Catalogue(
    [
        Category(
            "pictures",
            "",
            "image",
            (DRAW, ANY),
            utterances=(Utterance("draw a cat", "pictures", "en"),),
            near_misses=(Utterance("draw a salary", "talk", ""), Utterance("draw x", "nowhere", "")),
        ),
        Category("talk", "", "llm", (Pattern("never", "^never$", 0.5),)),
    ]
)


def test_counts_labelled_messages_utterances_and_near_misses_but_no_examples() -> None:
    labelled = [("Draw a DOG", "pictures"), ("draw a conclusion", "pictures"), ("why draw?", "talk"), ("hm", "talk")]
    assert measure(CATALOGUE, labelled) == {
        ("pictures", "draw"): Measured(right=2, hits=4),
        ("pictures", "any"): Measured(right=3, hits=5),
        ("talk", "never"): Measured(right=0, hits=0),
    }


def test_a_message_counts_once_but_under_both_of_its_labels() -> None:
    labelled = [("draw it", "pictures"), (" draw it\n", "pictures"), ("draw it", "talk"), ("draw a cat", "pictures")]
    assert measure(CATALOGUE, labelled)["pictures", "draw"] == Measured(right=2, hits=4)


def test_counts_what_the_tier_would_see_of_a_long_message() -> None:
    hidden = "x " * 2000 + "draw" + " x" * 2000
    assert measure(CATALOGUE, [(hidden, "pictures")])["pictures", "draw"].hits == 2


BEFORE = """\
# Pictures.   Keep this comment.
name: pictures
description: "Draws."   # and this one
path: image
patterns:
  - name: draw   # first
    regex: '\\bdraw\\b'  # what it looks for
    # why not:
    unless: 'conclusion'

    must: [draw it]
  - name: paint
    regex: "paint"
    measured: {right: 1, hits: 2}   # old
  -   name: block
      measured:
        hits: 7   # swapped
        right: 5
      regex: block
  - regex: >-
      folded
      text
    name: folded
  - name: unknown
    regex: unknown
  - name: last
    regex: last
utterances:
  en: [draw a cat]
"""
AFTER = """\
# Pictures.   Keep this comment.
name: pictures
description: "Draws."   # and this one
path: image
patterns:
  - name: draw   # first
    regex: '\\bdraw\\b'  # what it looks for
    measured: {right: 10, hits: 11}
    # why not:
    unless: 'conclusion'

    must: [draw it]
  - name: paint
    regex: "paint"
    measured: {right: 20, hits: 22}   # old
  -   name: block
      measured:
        hits: 33   # swapped
        right: 30
      regex: block
  - measured: {right: 40, hits: 44}
    regex: >-
      folded
      text
    name: folded
  - name: unknown
    regex: unknown
  - name: last
    regex: last
    measured: {right: 0, hits: 0}
utterances:
  en: [draw a cat]
"""
FIGURES = {
    ("pictures", "draw"): Measured(10, 11),
    ("pictures", "paint"): Measured(20, 22),
    ("pictures", "block"): Measured(30, 33),
    ("pictures", "folded"): Measured(40, 44),
    ("pictures", "last"): Measured(0, 0),
    ("talk", "unknown"): Measured(1, 1),
}


def test_writes_the_figures_and_touches_nothing_else() -> None:
    assert rewritten(BEFORE, "pictures.yaml", FIGURES) == AFTER


def test_writing_the_same_figures_again_changes_nothing() -> None:
    assert rewritten(AFTER, "pictures.yaml", FIGURES) == AFTER


@pytest.mark.parametrize("ending", ["", "\n"])
def test_a_pattern_at_the_end_of_the_file(ending: str) -> None:
    text = f"name: a\npatterns:\n- name: b\n  regex: c{ending}"
    assert (
        rewritten(text, "a.yaml", {("a", "b"): Measured(1, 2)}).rstrip()
        == f"{text.rstrip()}\n  measured: {{right: 1, hits: 2}}"
    )


def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    before = "\ufeffname: ä\npatterns:\n  - name: b\n    regex: c\n    must: [c]\n"
    after = "\ufeffname: ä\npatterns:\n  - name: b\n    regex: c\n    measured: {right: 1, hits: 2}\n    must: [c]\n"
    file.write_bytes(before.replace("\n", "\r\n").encode())
    assert write(tmp_path, {("ä", "b"): Measured(1, 2)}) == [file]
    assert file.read_bytes() == after.replace("\n", "\r\n").encode()
    assert list(tmp_path.iterdir()) == [file]


def test_only_files_that_change_are_written(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\npatterns:\n  - name: b\n    regex: c\n")
    (tmp_path / "z.yml").write_text("name: z\nenabled: false\n")
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "notes.txt").write_text("name: a\npatterns:\n  - name: b\n    regex: c\n")
    figures = {("a", "b"): Measured(3, 4)}
    assert write(tmp_path, figures) == [tmp_path / "a.yaml"]
    assert write(tmp_path, figures) == []


@pytest.mark.parametrize(
    "pattern", ["{name: b, regex: c}", "!!map {name: b, regex: c}", "{name: b, measured: {right: 1, hits: 1}}"]
)
def test_what_cannot_be_edited_is_refused_by_line_or_edited_right(pattern: str) -> None:
    text = f"name: a\npatterns:\n  - {pattern}\n"
    figures = {("a", "b"): Measured(3, 4)}
    if "measured" in pattern:
        assert "{right: 3, hits: 4}" in rewritten(text, "a.yaml", figures)
        return
    with pytest.raises(ConfigError, match=r"a\.yaml:3") as refused:
        rewritten(text, "a.yaml", figures)
    assert refused.value.cure


def test_an_alias_is_not_edited_for_two() -> None:
    patterns = "  - name: b\n    regex: c\n    measured: &m {right: 0, hits: 0}\n  - {name: d, measured: *m}\n"
    with pytest.raises(ConfigError, match="too unusual"):
        rewritten(f"name: a\npatterns:\n{patterns}", "a.yaml", {("a", "b"): Measured(1, 2), ("a", "d"): Measured(3, 4)})


def test_the_shipped_files_can_be_edited_and_read_again() -> None:
    catalogue = intents.load(cache_folder=None)
    figures = {
        (category.name, pattern.name): Measured(98, 98) for category in catalogue for pattern in category.patterns
    }
    for path in intents.category_files(intents.shipped_folder()):
        text = rewritten(path.read_text(encoding="utf-8"), str(path), figures)
        for pattern in intents.read_category(text, str(path)).patterns:
            assert pattern.measured
            assert (pattern.measured.right, pattern.measured.hits) == (98, 98)
