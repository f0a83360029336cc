"""The system's limits, as /proc shows them of the sandbox's process, and what they keep a process from."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pointsman.tools.code import rlimits
from pointsman.tools.code.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets limits of another process")

# What a program in the sandbox could do if it broke out of the interpreter: it has all of Python, and a pipe to say so.
BROKEN_OUT = """
import os, socket, sys
print("ready", flush=True)
sys.stdin.readline()
def fork():
    if os.fork() == 0:
        os._exit(0)
def tried(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
attempts = {
    "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "pipe": os.pipe,
    "fork": fork,
    "memory": lambda: bytearray(2_000_000_000),
}
print({name: tried(what) for name, what in attempts.items()}, flush=True)
"""


def test_a_process_under_the_limits_reaches_no_file_and_no_network() -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-c", BROKEN_OUT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert rlimits.confine(process.pid, 2.0, 64_000_000)
        said, _ = process.communicate("now\n")
    # Root may start processes in spite of the limit; in the sandbox's own they could open nothing, either.
    fork = "'done'" if os.geteuid() == 0 else "'BlockingIOError'"
    assert said == (
        "{'socket': 'OSError', 'datagram': 'OSError', 'open': 'OSError', 'pipe': 'OSError', "
        f"'fork': {fork}, 'memory': 'MemoryError'}}\n"
    )


def test_a_process_that_is_gone_has_no_limits_and_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with subprocess.Popen([sys.executable, "-I", "-c", ""]) as process:
        process.wait()
    assert not rlimits.confine(process.pid, 2.0, 64_000_000)
    assert "without the system's limits" in caplog.text


@pytest.mark.skipif(find_spec("pydantic_monty") is None, reason="needs the [code] extra")
async def test_the_sandbox_process_has_them_no_environment_and_nothing_open_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTSMAN_TEST_SECRET", "hunter2")
    seen: dict[str, str] = {}
    ours = (tmp_path / "ours").open("w")

    def confine(pid: int, seconds: float, memory: int) -> bool:
        done = rlimits.confine(pid, seconds, memory)
        place = Path(f"/proc/{pid}")
        seen.update(limits=(place / "limits").read_text(), environ=(place / "environ").read_text())
        seen["open"] = " ".join(str(link.readlink()) for link in (place / "fd").iterdir())
        return done

    sandbox = Sandbox(seconds=0.5, memory=64_000_000, confine=confine)
    assert (await sandbox.run("print('still works')")).printed == "still works\n"
    await sandbox.close()
    ours.close()
    rows = {line[:26].strip(): line[26:].split()[:2] for line in seen["limits"].splitlines()[1:]}
    none = ["0", "0"]
    assert {
        name: rows[name] for name in ("Max open files", "Max processes", "Max file size", "Max core file size")
    } == {
        "Max open files": none,
        "Max processes": none,
        "Max file size": none,
        "Max core file size": none,
    }
    assert rows["Max cpu time"] == ["4", "4"]
    assert rows["Max address space"] == ["640000000", "640000000"]
    assert seen["environ"].strip("\0") == ""
    assert str(tmp_path) not in seen["open"]
