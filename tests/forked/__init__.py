"""`pointsman ...` as a process of its own that need not import everything again: forked from one that has.

What differs from `python -m pointsman` is only the start: arguments, environment, folder, standard streams, signals and
exit status are the command's own, and nothing of one command is in the memory of the next. Each verb is also started
as a person starts it, in tests/cli/test_verbs.py and tests/cli/test_serve.py.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pointsman

HERE = Path(__file__).parent
REAL = [sys.executable, "-m", "pointsman"]


def command() -> list[str]:
    """The words that stand in place of `python -m pointsman`; give `subprocess` whatever it is to run with."""
    if not hasattr(os, "pidfd_open"):
        return REAL
    # Isolated and without site-packages, as it only passes on what it got: it is up in 15 ms.
    return [sys.executable, "-I", "-S", str(HERE / "client.py"), started()]


@cache
def started() -> str:
    """The socket of the process that is forked, started once; it ends with this one."""
    path = str(Path(tempfile.mkdtemp(prefix="pointsman-")) / "socket")
    source = str(Path(pointsman.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), path],
        env={**os.environ, "PYTHONPATH": source},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    assert process.stdout.readline() == b"ready\n"
    return path
