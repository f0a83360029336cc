from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.config import yamlfile
from pointsman.config.yamlfile import Document
from pointsman.core.errors import ConfigError

TEXT = """\
# a comment
a:
  b: [1,
      2]
  "c d":
    - x
    - {y: 1, z: 2}
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ((), 1),
        (("a",), 2),
        (("a", "b"), 3),
        (("a", "b", 0), 3),
        (("a", "b", 1), 4),
        (("a", "c d", 1, "z"), 7),
        (("a", "absent", "deeper"), 2),
        (("a", "c d", 9), 5),
        (("absent",), 1),
    ],
)
def test_the_line_of_a_key_or_of_the_nearest_above(location: tuple[str | int, ...], line: int) -> None:
    assert yamlfile.line_of(TEXT, location) == line
    assert Document(TEXT, "x.yaml").where(location) == f"x.yaml:{line}"


@pytest.mark.parametrize(
    ("location", "there"),
    [(("a", "b", 1), True), (("a", "b", 2), False), (("a", "x"), False), (("a", "b", "x"), False), ((), True)],
)
def test_whether_a_file_says_something(location: tuple[str | int, ...], there: bool) -> None:
    assert Document(TEXT, "x.yaml").has(location) is there


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("version: 1\n".encode("utf-16"), r"x\.yaml:1: is not UTF-8: it looks like UTF-16"),
        (b"version: 1\nfallback: \xe9\n", r"x\.yaml:2: is not UTF-8: byte 0xe9 is not valid there"),
    ],
)
def test_not_utf8(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        yamlfile.read_text(tmp_path / "x.yaml")


def test_words_stay_words() -> None:
    assert yamlfile.parse("no: yes\non: off\n", "x.yaml") == {"no": "yes", "on": "off"}


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_data_or_a_clear_error(text: str) -> None:
    try:
        yamlfile.parse(text, "x.yaml")
    except ConfigError as error:
        assert error.message.startswith("x.yaml:")  # noqa: PT017 - either outcome is right


@given(st.text(alphabet=" \n\t-:[]{}&*!?|>'\"%@`#,ab1.~<=$", max_size=40))
def test_any_punctuation_is_data_or_a_clear_error(text: str) -> None:
    try:
        yamlfile.parse(text, "x.yaml")
    except ConfigError as error:
        assert error.message.startswith("x.yaml:")  # noqa: PT017 - either outcome is right
