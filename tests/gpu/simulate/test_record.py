"""What happened, written down: played again it is the same."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pointsman.gpu.simulate.record import TraceRecorder
from pointsman.gpu.simulate.trace import Event, event_from, read_trace
from pointsman.gpu.state import Granted, Job
from pointsman.gpu.trace import Trace
from pointsman.gpu.want import Rung, Want

MAIN = Rung("ollama:qwen3:14b", 9_000, "ctx=8192")
SMALL = Rung("ollama:small", 1_000)
CHAT = Want("chat", (MAIN, SMALL), holder="c1")


def test_what_the_arbiter_tells_becomes_a_trace_of_what_was_wished_for(tmp_path: Path) -> None:
    lines: list[str] = []
    trace = Trace(TraceRecorder(lines.append))
    wishes = {
        "answered": CHAT,
        "by the small one": CHAT,
        "drawn": Want("image", (Rung("comfyui:z", 7_000),)),
        "decided": Want("decide", (Rung("ollama:tiny", 500),)),
        "elsewhere": Want("chat", (Rung(""),)),
        "preloaded": Want("chat", (MAIN,), priority="preload"),
        "never": CHAT,
    }
    for number, (job, want) in enumerate(wishes.items()):
        trace.wish(100.0 + number, Job(job, want, 100.0 + number))
    trace.event(107.0, "load", "ollama:qwen3:14b", bytes=9_000)
    for job, want in wishes.items():
        if job != "never":
            trace.back(110.5, Granted(job, want.ladder[-1], "gpu0", 106.0, 10.0))
    trace.back(111.0, Granted("answered", MAIN, "gpu0", 106.0, 10.0))
    file = tmp_path / "trace.jsonl"
    file.write_text("\n".join(lines))
    assert read_trace(file) == (
        Event(0.0, "chat", seconds=4.5, bytes=9_000, name="ollama:qwen3:14b", conversation="c1"),
        Event(1.0, "chat", seconds=4.5, bytes=9_000, name="ollama:qwen3:14b", conversation="c1"),
        Event(2.0, "image", seconds=4.5, bytes=7_000, name="comfyui:z"),
    )


def level(events: list[Event], at: float) -> int:
    return sum(event.bytes for event in events if event.t <= at < event.t + event.seconds)


@given(st.lists(st.integers(0, 20), max_size=30))
def test_what_others_held_is_the_sum_of_what_is_written(levels: list[int]) -> None:
    lines: list[str] = []
    recorder = TraceRecorder(lines.append)
    for at, size in enumerate(levels):
        recorder({"t": float(at), "kind": "external", "tenant": "", "device": "gpu0", "bytes": size})
        recorder({"t": float(at), "kind": "external", "tenant": "", "device": "gpu1", "bytes": 99})
    recorder.close(float(len(levels)))
    events = [event_from(line.encode(), "here") for line in lines]
    assert [level(events, at + 0.25) for at in range(len(levels))] == levels
    assert not level(events, len(levels) + 0.5)
