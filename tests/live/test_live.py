"""`make live`, tried on fakes in a process of their own: what it says, what it tests, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.live.fakes import SOMEBODYS

from pointsman.providers.ollama.client import Ollama

ROOT = Path(__file__).resolve().parents[2]
HANGS = 120  # seconds after which a process is given up


@pytest.fixture
def urls() -> Iterator[dict[str, str]]:
    """The addresses of both fakes."""
    words = [sys.executable, "-m", "tests.live.fakes"]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as fakes:
        assert fakes.stdout
        assert fakes.stdin
        yield json.loads(fakes.stdout.readline())
        fakes.stdin.close()


def live(named: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What `make live` says to whoever named these."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POINTSMAN_LIVE_")}
    return subprocess.run(
        [sys.executable, "-m", "tests.live"],
        cwd=ROOT,
        env={**environ, **named},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


def counted(said: str, what: str) -> int:
    """How many tests ended so."""
    return sum(int(it) for it in re.findall(rf"(\d+) {what}", said))


async def test_both_keep_the_contract_and_are_left_as_they_were(urls: dict[str, str]) -> None:
    done = live({"POINTSMAN_LIVE_OLLAMA": urls["ollama"], "POINTSMAN_LIVE_COMFYUI": urls["comfyui"]})
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"in memory: {SOMEBODYS}" in done.stdout
    assert "loads smollm2:135m (271 MB)" in done.stdout
    assert "draws about a dozen plain pictures" in done.stdout
    assert counted(done.stdout, "passed") > 20
    assert counted(done.stdout, "skipped") == 0
    assert "no longer in memory" not in done.stdout
    ollama = Ollama(urls["ollama"])
    assert [it.name for it in await ollama.running()] == [SOMEBODYS]
    await ollama.close()


def test_what_is_not_named_is_left_out(urls: dict[str, str]) -> None:
    done = live({"POINTSMAN_LIVE_COMFYUI": urls["comfyui"]})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "POINTSMAN_LIVE_OLLAMA is not set, so nothing is tested there" in done.stdout
    assert "smollm2" not in done.stdout


def test_without_any_name_nothing_is_done() -> None:
    done = live({})
    assert (done.returncode, counted(done.stdout, "passed")) == (0, 0)
    assert "POINTSMAN_LIVE_COMFYUI=http://127.0.0.1:8188" in done.stdout


def test_a_model_that_is_not_there_is_not_downloaded(urls: dict[str, str]) -> None:
    done = live({"POINTSMAN_LIVE_OLLAMA": urls["ollama"], "POINTSMAN_LIVE_OLLAMA_MODEL": "nobody-has-this"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "has no nobody-has-this: everything is skipped" in done.stdout
    assert counted(done.stdout, "passed") == 0


def test_nobody_there() -> None:
    done = live({"POINTSMAN_LIVE_OLLAMA": "http://127.0.0.1:9"})
    assert done.returncode == 4
    assert "127.0.0.1:9" in done.stdout
    assert "Traceback" not in done.stderr
