"""Changing tiers in somebody's file: those values, a comment, and not a character more."""

from __future__ import annotations

import difflib
import io
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pointsman.config import schema
from pointsman.config.rewriting import with_tiers
from pointsman.config.yamlfile import Document
from pointsman.core.errors import ConfigError

KINDS: Final = ("tasks", "patterns", "classifier")
NEW: Final[dict[str, dict[str, Any]]] = {
    "patterns": {"accept": 0.91, "accept_by_category": {"draw": 0.97}, "calibration": None},
    "classifier": {"accept": 0.6, "accept_by_category": {"draw": 0.8, "hello": 0.7}, "margin": 0.05},
}
COMMENT: Final = ["made on a Monday", "with care"]


def changed(text: str, tiers: dict[str, dict[str, Any]] = NEW) -> tuple[str, list[str], list[str]]:
    """The new text, and the lines that went and came."""
    new = with_tiers(Document(text, "pointsman.yaml"), tiers, KINDS, COMMENT)
    lines = list(difflib.unified_diff(text.splitlines(), new.splitlines(), n=0))[2:]
    gone, come = ([line[1:] for line in lines if line.startswith(sign)] for sign in ("-", "+"))
    return new, gone, come


def test_only_the_values_change_and_comments_stay() -> None:
    text = (
        "# my router\nserver:\n    port: 8_080      # not the usual one\n    host: '127.0.0.1'\n\n# the tiers\n"
        "tiers:\n- kind: tasks\n- kind: patterns # quick\n  accept:   0.93   # measured\n  # nothing else here\n"
        "- kind: classifier\n  accept_by_category:\n     draw: 0.7   # a swap of the card\n\nreply: {footer: false}\n"
        "models: {main: {name: null}}\n"
    )
    new, gone, come = changed(text)
    assert gone == ["  accept:   0.93   # measured", "     draw: 0.7   # a swap of the card"]
    assert come == [
        "# tune: made on a Monday",
        "# tune: with care",
        "  accept: 0.91   # measured",
        "  accept_by_category:",
        "    draw: 0.97",
        "  accept: 0.6",
        "     draw: 0.8   # a swap of the card",
        "     hello: 0.7",
        "  margin: 0.05",
    ]
    assert new.index("# the tiers") < new.index("# tune: made") < new.index("tiers:\n")


def test_the_shipped_example_changes_in_its_bars_only() -> None:
    text = schema.CONFIG_FILE.with_name("example.yaml").read_text(encoding="utf-8")
    tiers: dict[str, dict[str, Any]] = {
        "patterns": {"accept": 0.9, "calibration": {"path": {"temperature": 1.1, "offset": -0.2}}},
        "classifier": {"accept": 0.6, "accept_by_category": {"image_generation": 0.8}, "margin": 0.1},
    }
    _, gone, come = changed(text, tiers)
    # A line that stands in the file more than once may be shown as gone here and come there.
    assert [line.split(":")[0].strip() for line in gone if line not in come] == [
        "accept", "calibration", "accept", "image_generation", "margin",
    ]  # fmt: skip
    assert len(come) == len(gone) + len(COMMENT)
    assert "    calibration: {path: {temperature: 1.1, offset: -0.2}}" in come


@pytest.mark.parametrize("text", ["", "# mine\n", "# mine", "server: {port: 80}", "server:\n  port: 80\n\n"])
def test_a_file_without_tiers_lists_them_all(text: str) -> None:
    new, gone, _ = changed(text)
    assert gone == []
    assert new.startswith(text)
    assert [tier["kind"] for tier in Document(new, "").data["tiers"]] == list(KINDS)
    assert new.endswith("\n")


@pytest.mark.parametrize("nothing", ["", " null", " ~", " []"])
def test_tiers_that_are_all_commented_out_are_listed_above_the_comments(nothing: str) -> None:
    new, _, _ = changed(f"tiers:{nothing}   # all of them\n  # - kind: patterns\nserver: {{port: 80}}\n")
    assert new.splitlines()[2:5] == ["tiers:   # all of them", "  - kind: tasks", "  - kind: patterns"]
    assert "  # - kind: patterns\nserver" in new


def test_a_second_time_the_comment_is_replaced_and_nothing_else_moves() -> None:
    text = "a: 1\n# tune: not mine, as something stands between\nb: 2\ntiers:\n  - kind: patterns\n"
    once, _, _ = changed(text)
    twice = with_tiers(Document(once, "f"), NEW, KINDS, ["again"])
    assert twice == once.replace("# tune: made on a Monday\n# tune: with care\n", "# tune: again\n")
    assert "not mine" in twice


def test_lists_on_one_line_stay_on_one_line() -> None:
    new, _, _ = changed("tiers: [{kind: tasks}, {kind: patterns, accept: 0.9}, {kind: classifier}]  # all\n")
    assert new.splitlines()[2] == (
        "tiers: [{kind: tasks}, {kind: patterns, accept: 0.91, accept_by_category: {draw: 0.97}}, {kind: classifier,"
        " accept: 0.6, accept_by_category: {draw: 0.8, hello: 0.7}, margin: 0.05}]  # all"
    )


def test_line_ends_of_windows_stay() -> None:
    new, _, _ = changed("tiers:\r\n  - kind: patterns\r\n    accept: 0.9\r\n")
    assert new.count("\n") == new.count("\r\n")
    assert new.startswith("# tune: made on a Monday\r\n")


def test_what_was_mapped_and_is_no_more_becomes_null() -> None:
    new, gone, come = changed("tiers:\n  - kind: patterns\n    calibration:\n      path: {offset: 1}\n")
    assert "    calibration: null" in come
    assert gone == ["    calibration:", "      path: {offset: 1}"]
    assert Document(new, "").data["tiers"][0]["calibration"] is None


def test_merged_keys_are_set_where_they_are_meant() -> None:
    text = "tiers:\n  - &a\n    kind: patterns\n    accept: 0.5\n  - <<: *a\n    kind: classifier\n    deadline: 1s\n"
    new, _, _ = changed(text)
    patterns, classifier = Document(new, "").data["tiers"]
    assert (patterns["accept"], classifier["accept"]) == (0.91, 0.6)
    assert classifier["deadline"] == "1s"


@pytest.mark.parametrize(
    "text",
    [
        "tiers:\n  - kind: patterns\n    accept: &bar 0.9\n  - kind: classifier\n    accept: *bar\n",
        "{server: {port: 80}}\n",
        "server: {port: 80}\n...\n",
        "base: &base\n  tiers:\n    - kind: patterns\n<<: *base\n",
        "base: &base\n  tiers: []\n<<: *base\n",
    ],
)
def test_a_file_that_cannot_be_changed_cleanly_gets_the_lines_to_write(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be changed without touching the rest") as raised:
        changed(text)
    assert "  - kind: patterns\n    accept: 0.91\n    accept_by_category:\n      draw: 0.97" in raised.value.cure


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(0, 1), st.sampled_from(["x", "yes", "#", "*a"])
)
sections = st.dictionaries(
    st.sampled_from(["server", "store", "reply"]), st.dictionaries(st.sampled_from("abc"), scalars)
)
items = st.fixed_dictionaries(
    {"kind": st.sampled_from(["tasks", "patterns", "classifier"])},
    optional={
        "accept": st.floats(0, 1),
        "accept_by_category": st.one_of(st.none(), st.dictionaries(st.sampled_from(["draw", "bye"]), st.floats(0, 1))),
        "margin": st.floats(0, 1),
        "calibration": st.one_of(st.none(), st.just({"path": {"knots": [[0.1, 0.2]]}})),
        "deadline": st.sampled_from(["1s", 2]),
    },
)
tier_lists = st.one_of(st.none(), st.lists(items, min_size=1, max_size=3, unique_by=lambda item: item["kind"]))


@settings(deadline=None, max_examples=50)
@example({}, [{"kind": "classifier", "accept_by_category": None}], False, (2, 0))
@given(sections, tier_lists, st.booleans(), st.sampled_from([(2, 0), (4, 2), (6, 3)]))
def test_however_it_is_written_the_data_is_right_or_it_is_refused(
    rest: dict[str, Any], tiers: list[dict[str, Any]] | None, flow: bool, indent: tuple[int, int]
) -> None:
    yaml = YAML()
    yaml.default_flow_style = flow
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.indent(mapping=2, sequence=indent[0], offset=indent[1])
    stream = io.StringIO()
    yaml.dump({**rest, "tiers": tiers, "version": 1}, stream)
    try:
        new = with_tiers(Document(stream.getvalue(), "f"), NEW, KINDS, COMMENT)
    except ConfigError:
        assert flow
        return
    data = Document(new, "").data
    assert {key: value for key, value in data.items() if key != "tiers"} == {**rest, "version": 1}
    if not tiers:
        assert [item["kind"] for item in data["tiers"]] == list(KINDS)
    for before, after in zip(tiers or [], data["tiers"], strict=bool(tiers)):
        new_values = NEW.get(before["kind"], {})
        assert {key: value for key, value in after.items() if key not in new_values} == {
            key: value for key, value in before.items() if key not in new_values
        }
        assert all(after.get(key) == value for key, value in new_values.items() if key != "accept_by_category")
        if new_values:
            assert after["accept_by_category"] == {
                **(before.get("accept_by_category") or {}),
                **new_values["accept_by_category"],
            }
