"""Installs the official JavaScript clients where they are not yet, exactly as the lock file has them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("js")
WORDS: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=20000")
# What npm says where its registry cannot be had: that is no fault of anything here.
OFFLINE: Final = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "E403", "E404", "network")
PATIENCE: Final = 120  # seconds
# Tests have a home of their own; which registry npm asks is said in the real one.
ENVIRONMENT: Final = dict(os.environ)


def missing() -> str:
    """Why these clients cannot be run; "" where they can."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"{program} was not found, so the JavaScript clients are not run; install nodejs and npm"
    with alone():
        return installed()


@contextmanager
def alone() -> Iterator[None]:
    """Lets one process at a time through: several run the tests."""
    with (Path(tempfile.gettempdir()) / "pointsman-npm.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def installed() -> str:
    """Why they could not be installed; "" where they are."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == lock:
        return ""
    try:
        done = subprocess.run(
            ["npm", *WORDS],  # noqa: S607 - whichever npm is installed
            cwd=FOLDER, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"`npm ci` did not end in {PATIENCE} s, so the JavaScript clients are not run"
    if done.returncode:
        return f"`npm ci` could not install the JavaScript clients: {done.stderr[-400:].strip()}"
    stamp.write_text(lock)
    return ""


def must_run(why: str) -> bool:
    """Whether it is an error that they cannot be run: where all is tested, and Node and a registry are there."""
    offline = any(sign in why for sign in OFFLINE)
    return os.environ.get("CI", "").lower() == "true" and shutil.which("node") is not None and not offline
