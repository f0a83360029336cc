"""Imports Pointsman once, and forks a process for each command that a client asks for. Ends with its standard input."""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import time
from importlib import import_module

# What commands import; nothing of it may belong to one thread, person or folder.
SHARED = (
    "pointsman.build",
    "pointsman.cli.ask",
    "pointsman.cli.correct",
    "pointsman.cli.main",
    "pointsman.cli.quota",
    "pointsman.cli.route",
    "pointsman.cli.serve",
    "pointsman.cli.why",
    "pointsman.http.app",
    "pointsman.observe.metrics",
    "rich.console",
    "structlog",
    "uvicorn",
)


def get_ready() -> None:
    """Imports that, and reads what every router reads."""
    for name in SHARED:
        import_module(name)
    from pointsman.build import open_router

    open_router(store=False)
    gc.collect()
    gc.freeze()


def forked(listener: socket.socket) -> list[str]:
    """Answers clients until the input ends; returns in the forked process alone, with the words of its command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those that wait for commands are waited for by nobody
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready:
            os._exit(0)
        asked, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            return begin(asked)
        asked.close()


def begin(asked: socket.socket) -> list[str]:
    """Forks the command, in which this returns, and waits for it."""
    head, streams, _, _ = socket.recv_fds(asked, 4, 3)
    (size,) = struct.unpack("!I", head)
    told = b""
    while len(told) < size:
        told += asked.recv(size - len(told))
    words, environment, folder = json.loads(told)
    if command := os.fork():
        for stream in streams:
            os.close(stream)
        see_through(asked, command)
    asked.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, encoding="utf-8", errors="backslashreplace")  # type: ignore[misc]  # noqa: SIM115
    return list(words)


def see_through(asked: socket.socket, command: int) -> None:
    """Passes signals on to a command, tells how it ended, and ends it when the client is gone. Does not return."""
    over = os.pidfd_open(command)
    while True:
        ready, _, _ = select.select([over, asked.fileno()], [], [])
        if over in ready:
            _, status = os.waitpid(command, 0)
            asked.sendall(struct.pack("!i", os.waitstatus_to_exitcode(status)))
            os._exit(0)
        number = asked.recv(1)
        os.kill(command, number[0] if number else signal.SIGKILL)
        if not number:
            os._exit(0)


if __name__ == "__main__":
    door = socket.socket(socket.AF_UNIX)
    door.bind(sys.argv[1])
    door.listen(64)
    get_ready()
    os.write(1, b"ready\n")
    words = forked(door)
    sys.argv = ["pointsman", *words]
    runpy.run_module("pointsman", run_name="__main__", alter_sys=True)
