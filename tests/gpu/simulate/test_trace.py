"""Traces: written and read back, and what is no trace is named by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput
from pointsman.gpu.simulate.trace import Event, event_from, read_trace, write_trace

CHAT = '{"t": 1, "kind": "chat", "tokens": 400}'


def written(folder: Path, *lines: str) -> Path:
    file = folder / "day.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


numbers = st.integers(1, 10**10)
times = st.floats(0, 10**5).map(lambda value: round(value, 3))
events = st.one_of(
    st.builds(
        Event, t=times, kind=st.just("chat"), tokens=numbers, bytes=numbers, name=st.text(), conversation=st.text()
    ),
    st.builds(Event, t=times, kind=st.just("image"), seconds=times.filter(bool), name=st.text()),
    st.builds(Event, t=times, kind=st.just("external"), seconds=times.filter(bool), bytes=numbers, ramp=times),
)


@given(events)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    assert event_from(event.line().encode(), "here") == event


def test_a_trace_is_sorted_begins_at_0_and_passes_over_empty_lines(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '\ufeff{"t": 1763900100.5, "kind": "image", "steps": 8}',
        "",
        '{"t": 1763900000, "kind": "external", "seconds": 60, "bytes": 6e9, "name": "game"}',
    )
    first, second = read_trace(file)
    assert first == Event(0.0, "external", seconds=60.0, bytes=6 * 10**9, name="game")
    assert second == Event(100.5, "image", steps=8)
    write_trace((first, second), file)
    assert read_trace(file) == (first, second)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no json", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ("{}", "kind is None"),
        ('{"t": 1, "kind": "video", "seconds": 3}', "kind is 'video'"),
        ('{"kind": "chat", "tokens": 3}', "there is no 't'"),
        ('{"t": 1, "kind": "chat", "token": 3}', "there is no 'token'"),
        ('{"t": 1, "kind": "chat"}', "has no length"),
        ('{"t": 1, "kind": "chat", "steps": 8}', "has no length"),
        ('{"t": 1, "kind": "image", "steps": 0}', "has no length"),
        ('{"t": 1, "kind": "external", "bytes": 8}', "has no length"),
        ('{"t": 1, "kind": "external", "seconds": 8}', "how much memory"),
        ('{"t": -1, "kind": "chat", "tokens": 3}', "t is -1"),
        ('{"t": NaN, "kind": "chat", "tokens": 3}', "t is nan"),
        ('{"t": true, "kind": "chat", "tokens": 3}', "t is True"),
        ('{"t": 1, "kind": "chat", "tokens": "3"}', "tokens is '3'"),
        ('{"t": 1, "kind": "chat", "tokens": 3, "name": 3}', "name is not text"),
        ('{"t": 9e9, "kind": "chat", "tokens": 3}', "days after the first"),
    ],
)
def test_a_line_that_is_no_event_is_named_with_what_to_do(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_trace(written(tmp_path, CHAT, "", line))
    assert "day.jsonl:3: " in caught.value.message
    assert said in caught.value.message
    assert caught.value.cure


def test_a_trace_in_which_nobody_asks_is_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nothing is asked"):
        read_trace(written(tmp_path, '{"t": 1, "kind": "external", "seconds": 8, "bytes": 5}'))
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_trace(tmp_path)
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_trace((), tmp_path)
