"""Labelled files: what is read, and that every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Turn
from pointsman.observe.evaluation import Gold
from pointsman.observe.labelled import read_labelled

KNOWN = ("draw", "chat")
GOOD = '{"id": "1", "text": "hi", "category": "chat"}'


def write(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "set.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_lines_are_read_in_order(tmp_path: Path) -> None:
    history = '[{"role": "user", "text": "draw a fox"}, {"role": "assistant", "text": "here"}]'
    path = write(
        tmp_path,
        b"\xef\xbb\xbf" + GOOD.encode(),
        "",
        '{"id": 7, "text": "now in blue\u2028please", "category": "draw", "slice": "hard", "history": '
        + history
        + "}\r",
        '{"id": "8", "text": "", "category": "chat", "history": null, "source": "ours"}',
    )
    first, second, third = read_labelled(path, KNOWN)
    assert first.gold == Gold("1", "hi", "chat", "core")
    assert first.message.text == "hi"
    assert second.gold == Gold("7", "now in blue\u2028please", "draw", "hard")
    assert second.message.history == (Turn("user", "draw a fox"), Turn("assistant", "here"))
    assert third.gold.text == third.message.text == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{nope", "not JSON"),
        (b'{"id": "\xff"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"text": "hi", "category": "chat"}', "no 'id'"),
        ('{"id": "2", "category": "chat"}', "no 'text'"),
        ('{"id": "2", "text": "hi"}', "no 'category'"),
        ('{"id": "2", "text": 5, "category": "chat"}', "'text' is not text: 5"),
        ('{"id": true, "text": "hi", "category": "chat"}', "'id' is not text: True"),
        ('{"id": "2", "text": "hi", "category": "sing"}', "unknown category 'sing'"),
        ('{"id": "2", "text": "hi", "category": "chat", "slice": 3}', "'slice' is not text"),
        ('{"id": "2", "text": "hi", "category": "chat", "history": "hello"}', "history is not a list"),
        ('{"id": "2", "text": "hi", "category": "chat", "history": ["hello"]}', "not an earlier turn"),
        ('{"id": "2", "text": "hi", "category": "chat", "history": [{"role": "boss", "text": ""}]}', "not an earlier"),
        ('{"id": "2", "text": "hi", "category": "chat", "history": [{"role": "user"}]}', "no 'text'"),
        (GOOD, "the id '1' is also on line 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, line: str | bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=rf"set\.jsonl:3: .*{said}") as caught:
        read_labelled(write(tmp_path, GOOD, "", line), KNOWN)
    assert caught.value.cure
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("content", ["", "\n \n\t\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(InvalidInput, match="no labelled messages"):
        read_labelled(write(tmp_path, content), KNOWN)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absent"):
        read_labelled(tmp_path / "absent", KNOWN)
