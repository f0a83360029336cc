"""Messages whose slots are marked: read, tagged, and made more of."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from pointsman.core.errors import InvalidInput
from pointsman.tiers.slots.spans import Span
from pointsman.tiers.slots.tagger import KINDS
from pointsman.tiers.slots.words import words_of
from pointsman.training.slot_labels import exchanged, marked, read_marked, tags_of
from pointsman.training.slots import ASKED

LABELLED = Path(__file__).resolve().parents[2] / "labelled"
FILES = ("slots", "slots-train", "slots-dev")


def line(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "text": "draw a fox", "category": "image_generation", "slots": {"prompt": "a fox"}} | fields


def test_parts_are_found_as_whole_words_from_left_to_right() -> None:
    one = marked(line(text="make a 16:9 banner", slots={"prompt": ["a", "banner"], "size": "16:9"}))
    assert one.spans == (Span("prompt", 5, 6), Span("size", 7, 11), Span("prompt", 12, 18))
    assert marked(line(text="あの猫を描いて", slots={"prompt": "猫"})).spans == (Span("prompt", 2, 3),)
    assert marked(line(text="foxes", slots={"prompt": "fox"})).spans == (Span("prompt", 0, 3),)
    assert marked(line(values={"action": "list"}, language="de")).action == "list"


@pytest.mark.parametrize(
    "row",
    [
        line(slots={"prompt": "a cat"}),
        line(slots={"prompt": ["fox", "a"]}),
        line(slots={"prompt": ""}),
        line(slots=[]),
        {"id": "1", "text": "draw"},
        [],
    ],
)
def test_what_is_no_such_line_is_named_by_its_number(tmp_path: Path, row: object) -> None:
    file = tmp_path / "slots.jsonl"
    file.write_text(json.dumps(line()) + "\n\n" + json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"slots\.jsonl:3: "):
        read_marked(file)


def test_an_empty_or_absent_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(InvalidInput, match="no message"):
        read_marked(tmp_path / "empty")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_marked(tmp_path / "absent")


def test_the_innermost_slot_has_the_word_and_the_prompt_goes_on() -> None:
    one = marked(
        line(text="an oil painting of a fox", slots={"prompt": "an oil painting of a fox", "style": "oil painting"})
    )
    assert tags_of(one, words_of(one.text), ("prompt", "style")) == [1, 3, 4, 2, 2, 2]


def test_contents_are_exchanged_with_what_lies_in_them() -> None:
    messages = [
        marked(line(id="a", text="draw a fox", slots={"prompt": "a fox"})),
        marked(line(id="b", text="paint me an ink sketch of elk now",
                    slots={"prompt": "an ink sketch of elk", "style": "ink sketch"})),
        marked(line(id="c", text="a bare tree", slots={"prompt": "a bare tree"})),
        marked(line(id="d", text="draw it", slots={})),
    ]  # fmt: skip
    made = exchanged(messages, 20, random.Random(1))
    assert len(made) == 40  # the bare prompt and the message without slots have nothing to exchange
    texts = {one.text.lower() for one in made}
    assert {"draw a bare tree", "draw an ink sketch of elk", "paint me a fox now"} <= texts
    for one in made:
        said = [(span.slot, one.text[span.start : span.end].lower()) for span in one.spans]
        assert (("style", "ink sketch") in said) == ("ink sketch" in one.text.lower())
        assert [slot for slot, _ in said].count("prompt") == 1


@pytest.mark.parametrize("file", FILES)
def test_the_projects_own_files_are_read_and_of_known_kinds(file: str) -> None:
    kinds = {category: kind for kind, (category, _) in ASKED.items()}
    messages = read_marked(LABELLED / f"{file}.jsonl")
    assert len({one.key for one in messages}) == len(messages)
    for one in messages:
        assert {span.slot for span in one.spans} <= set(KINDS[kinds[one.category]])
        assert bool(one.action) == (one.category == "memory_operation")


def test_no_text_stands_in_two_of_the_files() -> None:
    texts = [{" ".join(one.text.lower().split()) for one in read_marked(LABELLED / f"{file}.jsonl")} for file in FILES]
    assert len(set.union(*texts)) == sum(map(len, texts))
