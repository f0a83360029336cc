"""Notes and refuses every way out of a process; Python runs this at its start where a test puts it on PYTHONPATH."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

# What Python tells its auditors before it happens, whoever asks for it: threads, asyncio and libraries alike.
WAYS_OUT: Final = frozenset(
    {
        "socket.connect",  # connect, connect_ex, loop.sock_connect
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
        # A program of its own could go where it likes, and nobody would be told.
        "subprocess.Popen",
        "os.system",
        "os.posix_spawn",
        "os.exec",
    }
)
# What ctypes asks where a library lies, which is on this machine.
# Ollama and ComfyUI on this very machine, which are looked for where none is configured.
NEIGHBOURS: Final = frozenset({("127.0.0.1", 11434), ("127.0.0.1", 8188)})
LINKERS: Final = frozenset({"ldconfig", "gcc", "cc", "ld"})
NOTES: Final = "GUARD_NOTES"


class Left(OSError):
    """Somebody tried to leave; an OSError, as programs expect of networks."""


class Guard:
    """While it is up, whoever leaves is refused, and what was tried stays in `attempts` and in the file `notes`.

    Not even this very machine may be connected to, but for the two ports at which Ollama and ComfyUI are looked for.
    Looking up an address that is written in numbers asks nobody.
    """

    def __init__(self, notes: str = "") -> None:
        self.attempts: list[str] = []
        self._notes = notes
        self._up = False
        sys.addaudithook(self._hear)  # there is no taking it back

    @contextlib.contextmanager
    def up(self) -> Iterator[list[str]]:
        """Refuses from here on to the end, and forgets what was tried before."""
        self.attempts.clear()
        self._up = True
        try:
            yield self.attempts
        finally:
            self._up = False

    def stay_up(self) -> None:
        """Refuses for good."""
        self._up = True

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._up or event not in WAYS_OUT or asks_nobody(event, arguments):
            return
        attempt = f"{event} {[shown for shown in arguments if isinstance(shown, str | int | tuple | list)]}"
        self.attempts.append(attempt)
        if self._notes:
            with Path(self._notes).open("a", encoding="utf-8") as file:
                file.write(f"{attempt}\n")
        raise Left(attempt)


def asks_nobody(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether it only looks like leaving: a neighbour here, numbers looked up, a message on an open connection."""
    if event == "subprocess.Popen":
        return Path(str(arguments[0])).name in LINKERS
    if event == "socket.connect":
        return arguments[1] in NEIGHBOURS
    if event == "socket.getaddrinfo":
        host = arguments[0]
        try:
            return host is None or bool(ip_address(host.decode() if isinstance(host, bytes) else host or "::"))
        except ValueError:
            return False
    return event == "socket.sendmsg" and arguments[1] is None


if notes := os.environ.get(NOTES):
    Guard(notes).stay_up()
