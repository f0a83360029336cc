"""Latencies: what counts as a time, what as a failure, which texts are asked, and how it is shown."""

from __future__ import annotations

import random
import struct
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pointsman.core.category import Utterance
from pointsman.core.errors import InvalidInput
from pointsman.observe.latency import LONGEST, Call, Kind, Latencies, Row, sample
from pointsman.observe.latency_table import duration, failures, first_of, render, times


def row(name: str, kind: Kind, *ms: float, more: tuple[Call, ...] = ()) -> Row:
    return Row(name, kind, Call(99.0, "answered"), (*(Call(one, "answered") for one in ms), *more))


LIMITED = Call(1.0, "failed", "rate_limited", "x: too many")
HELD = Call(0.001, "failed", "rate_limited", "x: not now", asked=False)
UNSURE = Call(4.0, "abstained", words="no leaning")
ORDINARY = Latencies(
    (
        row("fast", "tier", 0.1, 0.3),
        row("cascade", "cascade", 0.4, 0.6),
        row("model", "model", 1000.0, 2000.0),
        row("near", "service", 200.0, 300.0, more=(LIMITED, HELD, LIMITED, UNSURE)),
        Row("wrong", "service", LIMITED, (HELD, HELD)),
        Row("late", "service"),
    ),
    {"groq": "no key: set GROQ_API_KEY"},
)


def test_times_are_those_of_calls_that_brought_a_verdict_and_not_of_the_first() -> None:
    found = row("x", "service", 10.0, 30.0, more=(LIMITED, HELD, UNSURE))
    assert found.times == [10.0, 30.0, 4.0]
    assert found.p50 == 10.0
    assert found.p95 == pytest.approx(28.0)
    assert (found.error_share, found.abstained_share) == (0.4, 0.2)


def test_what_was_not_sent_is_told_apart() -> None:
    found = row("x", "service", more=(HELD, LIMITED, LIMITED, UNSURE, UNSURE))
    assert dict(found.errors) == {"rate_limited": 2, "rate_limited (not asked)": 1}
    assert found.reasons == {
        "rate_limited": "x: too many",
        "rate_limited (not asked)": "x: not now",
        "abstained": "no leaning",
    }
    assert failures(found) == "3 of 5: rate_limited 2, rate_limited (not asked) 1"


def test_the_first_call_says_why_a_service_failed_but_is_not_counted() -> None:
    found = Row("x", "service", LIMITED, (HELD,))
    assert dict(found.errors) == {"rate_limited (not asked)": 1}
    assert found.reasons["rate_limited"] == "x: too many"
    assert first_of(found) == "rate_limited"


def test_without_calls_there_are_no_figures() -> None:
    found = Row("x", "service")
    assert (found.p50, found.p95, found.error_share, found.abstained_share) == (None, None, None, None)
    assert (first_of(found), failures(found)) == ("-", "-")


def test_all_are_compared_with_the_whole_cascade() -> None:
    assert ORDINARY.base == 0.5
    by_name = {found["name"]: found for found in ORDINARY.to_dict()["rows"]}
    assert by_name["cascade"]["times_cascade"] == 1
    assert by_name["model"]["times_cascade"] == 3000
    assert by_name["fast"]["times_cascade"] == 0.4
    assert by_name["wrong"]["times_cascade"] is None
    assert Latencies(ORDINARY.rows[:1]).times_base(ORDINARY.rows[0]) is None


def test_as_an_object_it_has_its_keys() -> None:
    made = ORDINARY.to_dict()
    assert (made["interrupted"], made["skipped"]) == (False, {"groq": "no key: set GROQ_API_KEY"})
    assert set(made["rows"][0]) == {
        "name", "kind", "calls", "first_ms", "p50_ms", "p95_ms", "errors", "error_share", "abstained_share",
        "times_cascade", "reasons",
    }  # fmt: skip
    assert made["rows"][4]["first_ms"] is None
    assert made["rows"][3]["errors"] == {"rate_limited": 2, "rate_limited (not asked)": 1}


def written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def utterances(*counts: tuple[str, str, int]) -> list[Utterance]:
    return [
        Utterance(f"{category} {language} {number}", category, language)
        for category, language, count in counts
        for number in range(count)
    ]


MANY = utterances(("a", "en", 50), ("a", "de", 3), ("b", "en", 20), ("b", "fr", 20), ("c", "en", 2))


def test_a_sample_takes_turns_over_categories_and_languages() -> None:
    drawn = [text.split() for text in sample(MANY, 12, random.Random(1))]
    assert [category for category, *_ in drawn] == ["a", "b", "c", "a", "b", "c", "a", "b", "a", "b", "a", "b"]
    assert {language for category, language, _ in drawn[:6] if category == "b"} == {"en", "fr"}


def test_a_sample_has_each_text_once_and_is_the_same_for_the_same_seed() -> None:
    drawn = sample([*MANY, *MANY], 1000, random.Random(1))
    assert len(drawn) == len(set(drawn)) == len(MANY)
    assert sample(MANY, 20, random.Random(1)) == sample(MANY, 20, random.Random(1))
    assert sample(MANY, 20, random.Random(1)) != sample(MANY, 20, random.Random(2))


def test_a_sample_leaves_out_what_is_long_or_has_no_words() -> None:
    said = [Utterance("x" * LONGEST, "a", "en"), Utterance("x" * (LONGEST + 1), "a", "en"), Utterance("?!", "a", "en")]
    assert sample(said, 9, random.Random(1)) == ["x" * LONGEST]
    assert sample([], 9, random.Random(1)) == []


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, "-"),
        (0.00049, "0.49 µs"),
        (0.0123, "12.3 µs"),
        (0.9999, "1 ms"),
        (56.78, "56.8 ms"),
        (999.6, "1 s"),
        (12345, "12.3 s"),
    ],
)
def test_times_have_three_digits_and_a_unit(ms: float | None, shown: str) -> None:
    assert duration(ms) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), (0.0123, "0.012"), (1.0, "1"), (812.3, "812"), (5e4, "50000")]
)
def test_ratios_have_the_digits_that_count(value: float | None, shown: str) -> None:
    assert times(value) == shown


def test_the_table_says_who_failed_why_and_who_was_not_asked() -> None:
    console = Console(width=120, file=StringIO())
    render(ORDINARY, console)
    said = written(console)
    lines = {line.split()[0]: line for line in said.splitlines() if line.split()}
    assert "3 of 6: rate_limited 2" in said
    assert "2 of 2: rate_limited (not asked) 2" in lines["wrong"]
    assert "not asked: groq: no key: set GROQ_API_KEY" in said
    assert "wrong: rate_limited: x: too many" in said
    assert "near: abstained" not in said


def test_one_that_never_answers_says_why() -> None:
    console = Console(width=120, file=StringIO())
    never = Row("cloud", "cloud", UNSURE, (UNSURE, UNSURE))
    local = Row("tasks", "tier", UNSURE, (UNSURE, UNSURE))
    render(Latencies((never, local)), console)
    said = written(console)
    assert "cloud: abstained: no leaning" in said
    assert "tasks: abstained" not in said


@pytest.mark.parametrize(
    "shown",
    [ORDINARY, Latencies(()), Latencies((row("slow", "service", 0.0, 1e7, more=(LIMITED,)),), interrupted=True)],
    ids=["ordinary", "nobody", "no time and for ever"],
)
def test_the_picture_is_a_png_with_room_for_every_row(tmp_path: Path, shown: Latencies) -> None:
    pytest.importorskip("matplotlib")
    from pointsman.observe import latency_plot

    path = tmp_path / "x.png"
    latency_plot.plot(shown, path)
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width == 1690
    assert height > 80 * len(shown.rows)


def test_the_picture_says_what_is_compared_and_what_failed() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    from pointsman.observe import latency_plot

    axes = Figure().add_subplot()
    latency_plot.draw(axes, ORDINARY)
    said = [text.get_text() for text in axes.texts]
    assert "failed: 3 of 6: rate_limited 2, rate_limited (not asked) 1" in said
    assert axes.get_title(loc="left").startswith("How long local tiers, a small model and services take")
    assert axes.get_xscale() == "log"
    low, high = axes.get_xlim()
    assert low <= 0.1
    assert high >= 2000
    assert [label.get_text().split("\n")[0] for label in axes.get_yticklabels()] == [it.name for it in ORDINARY.rows]


def test_a_picture_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from pointsman.observe import latency_plot

    with pytest.raises(InvalidInput, match="cannot be written"):
        latency_plot.plot(ORDINARY, tmp_path / "nowhere" / "x.png")
