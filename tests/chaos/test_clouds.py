"""A short chaos run; `make chaos` is the whole of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_three_hundred_messages_among_services_that_fail_at_random() -> None:
    # Other tests may share the machine, so that only what hangs is late here.
    command = [sys.executable, "-m", "tests.chaos", "--messages", "300", "--seed", "5", "--late", "5"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "300 messages" in run.stdout
