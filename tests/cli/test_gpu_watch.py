"""`pointsman gpu --watch`, without waiting."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli import gpu_watch
from pointsman.cli.gpu import gpu
from pointsman.cli.gpu_looking import Looked
from pointsman.cli.gpu_watch import Look, Show, again, draw, on_screen
from pointsman.gpu.snapshot import Snapshot

GB = 10**9


def run(*words: str) -> Result:
    return CliRunner().invoke(gpu, words)


def stopping(after: int, slept: list[float]) -> Callable[[float], Awaitable[None]]:
    """A sleep that takes no time, and is interrupted after so many."""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == after:
            raise KeyboardInterrupt

    return sleep


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the command slept, which takes no time; at the second sleep it is interrupted.

    Not asyncio.sleep itself is replaced: a server in another thread of this process would sleep no more either, spin,
    and take the interruption for itself.
    """
    made: list[float] = []
    sleep = stopping(2, made)

    async def at_once(look: Look, show: Show, every: float, _: object) -> None:
        await again(look, show, every, sleep)

    monkeypatch.setattr(gpu_watch, "again", at_once)
    return made


def test_watching_writes_a_line_a_look_and_ends_quietly(gpu_here: Any, slept: list[float]) -> None:
    done = run("--watch", "--json", "--every", "0.5")
    assert done.exit_code == 130
    assert done.stderr == ""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 2
    assert lines[0]["at"] > 1.7e9
    assert lines[0]["cards"][0]["used"] == 12 * GB
    assert slept == [0.5, 0.5]
    assert gpu_here.card.closed == 1


@pytest.mark.usefixtures("gpu_here")
def test_watching_without_a_terminal_tells_people_a_line_a_look(slept: list[float]) -> None:
    done = run("--watch")
    assert done.exit_code == 130
    first, second = done.stdout.splitlines()
    assert first[8:] == second[8:]
    assert first[8:] == " gpu0 24.0 GB: 9.0 GB ours, 3.0 GB others, 11.0 GB free; ollama:qwen3:14b loaded"
    assert slept == [1.0, 1.0]  # gpu.poll


async def test_on_a_terminal_the_same_place_is_drawn_over(
    gpu_full: Snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def look() -> Looked:
        return Looked(gpu_full, "gateway")

    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(KeyboardInterrupt):
        await on_screen(look, 1.0, stopping(3, []))
    said = capsys.readouterr().out
    assert said.count("Fake 4090") >= 3
    assert "\x1b[2K" in said  # lines are wiped before they are drawn again


def test_a_drawing_says_how_it_ends(gpu_full: Snapshot) -> None:
    shown = []

    class Screen:
        def update(self, renderable: Any, *, refresh: bool = False) -> None:
            shown.append((renderable, refresh))

    draw(Looked(gpu_full, "gateway"), Screen(), 80)
    ((group, refreshed),) = shown
    assert refreshed
    assert group.renderables[-1].plain == "Ctrl-C ends."


async def test_looking_again_looks_each_time(gpu_full: Snapshot) -> None:
    looks: list[int] = []

    async def look() -> Looked:
        looks.append(len(looks))
        return Looked(gpu_full, "gateway")

    with pytest.raises(KeyboardInterrupt):
        await again(look, lambda _: None, 1.0, stopping(3, []))
    assert looks == [0, 1, 2]
