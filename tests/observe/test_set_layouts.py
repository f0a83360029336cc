"""Public intent sets as they are published: every layout, plain and compressed, and what is wrong with a file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pointsman.core.errors import InvalidInput
from pointsman.observe.intent_sets import read_set
from pointsman.observe.set_layouts import Line, answers_in

CLINC = {
    "train": [["where is my card", "card"], ["book a seat", "travel"], ["block it", "card"], ["a trip", "travel"]],
    "val": [["my card", "card"]],
    "test": [["lost card", "card"], ["fly me", "travel"]],
    "oos_train": [["never learn this", "oos"]],
    "oos_val": [["nor this", "oos"]],
    "oos_test": [["how old is the moon", "oos"]],
}


def write(path: Path, text: str) -> Path:
    """A file; compressed when its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["data_full.json", "clinc150-data_full.json.gz"])
def test_clinc_is_one_json_file_or_its_folder(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, json.dumps(CLINC))
    for path in (file, tmp_path):
        read = read_set("clinc150", path)
        assert [line.text for line in read.train] == ["where is my card", "book a seat", "block it", "a trip"]
        assert read.val == (Line("my card", "card"),)
        assert read.intents == ("card", "travel")
        assert read.oos == ("how old is the moon",)


def test_out_of_scope_lines_are_nowhere_but_among_those_that_are_asked(tmp_path: Path) -> None:
    data = {**CLINC, "train": [*CLINC["train"], ["never this", "oos"]], "test": [*CLINC["test"], ["nor that", "oos"]]}
    read = read_set("clinc150", write(tmp_path / "data_full.json", json.dumps(data)))
    texts = {line.text for line in (*read.train, *read.val, *read.test)}
    assert not texts & {"never learn this", "nor this", "never this", "nor that", "how old is the moon"}
    assert set(read.oos) == {"how old is the moon", "nor that"}


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("prefix", ["", "banking77-"])
def test_banking_is_two_tables(tmp_path: Path, prefix: str, ending: str) -> None:
    rows = "\n".join(f'"line {number}, of {number % 3}",intent_{number % 3}' for number in range(60))
    write(tmp_path / f"{prefix}train.csv{ending}", f"text,category\n{rows}\n")
    write(tmp_path / f"{prefix}test.csv{ending}", "text,category\nline one,intent_0\n")
    write(tmp_path / f"clinc150-train.csv{ending}", "text,category\nanother set,x\n")
    write(tmp_path / "train_10.csv", "text,category\na part of it,x\n")
    read = read_set("banking77", tmp_path)
    assert (len(read.train), len(read.val), len(read.test)) == (54, 6, 1)
    assert read.intents == ("intent_0", "intent_1", "intent_2")
    assert Line("line 3, of 0", "intent_0") in {*read.train, *read.val}
    assert not {line.text for line in read.train} & {line.text for line in read.val}


def few_shot(folder: Path) -> None:
    """The layout of Few-Shot-Intent-Detection."""
    for part, lines in {"train": 6, "valid": 2, "test": 3}.items():
        write(folder / part / "seq.in", "".join(f"{part} line {number}\n" for number in range(lines)))
        write(folder / part / "label", "".join(f"intent {number % 2}\n" for number in range(lines)))


@pytest.mark.parametrize("name", ["clinc150", "banking77", "hwu64", "snips"])
def test_every_set_may_come_as_folders_of_lines_and_labels(tmp_path: Path, name: str) -> None:
    few_shot(tmp_path)
    write(tmp_path / "oos" / "test" / "seq.in", "what no intent fits\n")
    read = read_set(name, tmp_path)
    assert (len(read.train), len(read.val), len(read.test)) == (6, 2, 3)
    assert read.train[1] == Line("train line 1", "intent 1")
    assert read.oos == ("what no intent fits",)


HEADER = (
    "userid;answerid;scenario;intent;status;answer_annotation;notes;"
    "suggested_entities;answer_normalised;answer;question"
)


def test_the_answers_of_hwu_are_split_where_they_come_unsplit(tmp_path: Path) -> None:
    rows = [
        f'1;{number};{"alarm" if number % 2 else "music"};set;null;wake me at [time : {number} am];;;;"Wake me, now";q'
        for number in range(40)
    ]
    rows += ["1;90;alarm;set;IRR;not an answer;;;;x;q", "1;91;null;null;null;null;;;;x;q"]
    file = write(tmp_path / "NLU-Data-Home-Domain-Annotated-All.csv", "\n".join([HEADER, *rows]))
    read = read_set("hwu64", file)
    assert read.intents == ("alarm_set", "music_set")
    lines = [*read.train, *read.val, *read.test]
    assert (len(read.train), len(read.val), len(read.test), len(set(lines))) == (33, 3, 4, 40)
    assert Line("wake me at 7 am", "alarm_set") in lines
    assert read_set("hwu64", file) == read


def test_one_fold_of_hwu_is_its_two_folders(tmp_path: Path) -> None:
    header = "answerid;scenario;intent;answer_annotation;answer_from_anno;answer_from_user"
    for name in ("alarm_remove", "music_play"):
        scenario, intent = name.split("_")
        for part, lines in {"trainset": 12, "testset/csv": 2}.items():
            said = [f'{n};{scenario};{intent};"{n} [a : b]";"{n} {part} {name}";"{n}?"' for n in range(lines)]
            write(tmp_path / part / f"{name}.csv", "\n".join([header, *said]))
    read = read_set("hwu64", tmp_path)
    assert read.intents == ("alarm_remove", "music_play")
    assert (len(read.train), len(read.val), len(read.test)) == (22, 2, 4)
    assert Line("1 testset/csv alarm_remove", "alarm_remove") in read.test


def test_snips_is_a_folder_an_intent(tmp_path: Path) -> None:
    for intent in ("PlayMusic", "GetWeather"):
        folder = tmp_path / intent
        said = [{"data": [{"text": f"{n} {intent} "}, {"text": "el niño", "entity": "x"}]} for n in range(20)]
        whole = json.dumps({intent: said}, ensure_ascii=False)
        folder.mkdir()
        (folder / f"train_{intent}_full.json").write_bytes(whole.encode("latin-1"))
        write(folder / f"train_{intent}.json", json.dumps({intent: said[:1]}))
        write(folder / f"validate_{intent}.json", json.dumps({intent: said[:3]}))
    read = read_set("snips", tmp_path)
    assert read.intents == ("GetWeather", "PlayMusic")
    assert (len(read.train), len(read.val), len(read.test)) == (36, 4, 6)
    assert Line("0 PlayMusic el niño", "PlayMusic") in read.test


def test_ten_lines_are_drawn_of_every_intent_the_same_for_a_seed(tmp_path: Path) -> None:
    rows = "\n".join(f"line {number},{'rare' if number % 20 == 0 else 'common'}" for number in range(200))
    write(tmp_path / "train.csv", f"text,category\n{rows}")
    write(tmp_path / "val.csv", "text,category\nx,common")
    write(tmp_path / "test.csv", "text,category\nx,common")
    read = read_set("banking77", tmp_path)
    drawn = read.drawn(12, 0)
    assert [line.intent for line in drawn].count("common") == 12
    assert [line.intent for line in drawn].count("rare") == 10
    assert len(set(drawn)) == 22
    assert set(drawn) <= set(read.train)
    assert read.drawn(12, 0) == drawn != read.drawn(12, 1)


@pytest.mark.parametrize(
    ("name", "files", "what"),
    [
        ("clinc150", {}, "clinc150 is not there in any layout"),
        ("clinc150", {"data_full.json": "{"}, "data_full.json: not JSON"),
        ("clinc150", {"data_full.json": '{"train": [["a", "b", "c"]]}'}, "not lists of"),
        ("clinc150", {"data_full.json": "[]"}, "not lists of"),
        ("clinc150", {"data_full.json.gz": ""}, ""),
        ("banking77", {"train.csv": "a,b\n1,2\n", "test.csv": "text,category\n"}, "train.csv: there are no columns"),
        ("banking77", {"train.csv": "text,category\nx,\n", "test.csv": "text,category\n"}, "a line has no intent: 'x'"),
        ("banking77", {"train.csv": "text,category\nx,y\n"}, "banking77 is not there"),
        ("banking77", {"a-train.csv": "", "b-train.csv": ""}, "not clear which file to take of a-train.csv, b-train"),
        ("hwu64", {"train/seq.in": "a\nb\n"}, "label: no such file"),
        ("hwu64", {"train/seq.in": "a\nb\n", "train/label": "x\n"}, "seq.in has 2 lines and label 1"),
        ("hwu64", {"trainset/a.csv": "a,b\n", "testset/a.csv": "a,b\n"}, "a.csv: there are no columns scenario"),
        ("snips", {"A/train_A.json": '{"A": []}'}, "validate_A.json: no such file"),
        ("snips", {"A/train_A.json": "{}", "A/validate_A.json": "{}"}, "not a list of queries under 'A'"),
        (
            "banking77",
            {"train.csv": "text,category\nx,y\n", "test.csv": "text,category\nx,z\n"},
            "1 intents of the test lines have no training lines, such as 'z'",
        ),
        (
            "banking77",
            {"train.csv": "text,category\nx,y\n", "test.csv": "text,category\nx,y\n"},
            "1 training lines of 1 intents and 1 test lines are too few",
        ),
    ],
)
def test_what_is_wrong_is_said_with_a_cure(tmp_path: Path, name: str, files: dict[str, str], what: str) -> None:
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(InvalidInput) as caught:
        read_set(name, tmp_path)
    assert what in caught.value.message
    assert str(tmp_path) in caught.value.message
    assert caught.value.cure


def test_a_path_that_is_not_there_and_a_file_that_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file or folder") as caught:
        read_set("snips", tmp_path / "absent")
    assert "nlu-benchmark" in caught.value.cure
    file = write(tmp_path / "data_full.json.gz", json.dumps(CLINC))
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_set("clinc150", file)


def test_an_answer_without_annotation_is_taken_as_it_was_typed(tmp_path: Path) -> None:
    file = write(tmp_path / "part.csv", "scenario;intent;answer\nalarm;set;wake me\n")
    assert answers_in(file) == [Line("wake me", "alarm_set")]


SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "public-intents"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public sets are not here")
@pytest.mark.parametrize(
    ("name", "sizes"), [("clinc150", (15000, 3000, 4500, 1000, 150)), ("banking77", (9003, 1000, 3080, 0, 77))]
)
def test_the_sets_are_as_large_as_their_papers_say(name: str, sizes: tuple[int, ...]) -> None:
    read = read_set(name, SHARED)
    assert (len(read.train), len(read.val), len(read.test), len(read.oos), len(read.intents)) == sizes
