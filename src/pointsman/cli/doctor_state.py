"""What `pointsman doctor` finds out about what is kept, the clock that quotas go by, and where traces are sent."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pointsman.cli.finding import Finding
from pointsman.cli.session import with_store

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.engine.decisionlog import DecisionLog

LITTLE: Final = 500_000_000
SLACK: Final = 60.0  # seconds that a clock may be set back without a word
BUILT: Final = 1_767_225_600  # 2026-01-01: no right clock is before it
CONNECTS_IN: Final = 1.0
SET_CLOCK: Final = "set the clock: timedatectl set-ntp true"


def store(config: Config) -> Finding:
    """Can decisions be recorded, how many bytes are they, and is there room for more? Raises StoreError."""
    import shutil
    from contextlib import suppress

    from pointsman.core.errors import UnknownDecision
    from pointsman.observe.amounts import size

    async def read(opened: DecisionLog) -> None:
        with suppress(UnknownDecision):
            await opened.find()

    with_store(config, read)
    path = config.store.path
    taken = bytes_of(path) + bytes_of(Path(f"{path}-wal"))
    free = shutil.disk_usage(path.parent).free
    said = f"{path}, {size(taken)}, {size(free)} free on its disk"
    if free < LITTLE:
        return Finding("store", "warning", said, "make room there, or set store.path (or POINTSMAN_STORE)")
    return Finding("store", "ok", said)


def bytes_of(file: Path) -> int:
    """The size of a file; 0 where there is none, as the log goes with whoever closes the database last."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def clock(config: Config, now: float | None = None) -> Finding:
    """Is the clock right that days of quotas go by? Raises StoreError."""
    now = time.time() if now is None else now
    if now < BUILT:
        return Finding("clock", "failed", "it is years behind, so keys and quotas cannot be right", SET_CLOCK)

    async def latest(opened: DecisionLog) -> float:
        rows = await opened.recent(1)
        return rows[0].decision.at if rows else 0.0

    behind = with_store(config, latest) - now
    if behind > SLACK:
        what = f"the latest decision was made in {behind / 60:.0f} minutes: the clock was set back, or was ahead then"
        return Finding(
            "clock", "warning", what, f"{SET_CLOCK}; quotas of a day are right again after the next midnight"
        )
    return Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M UTC, by which days of quotas go", time.gmtime(now)))


def traces(config: Config) -> Finding:
    """Is there anybody whom spans are sent to?"""
    import socket
    from importlib.util import find_spec

    from pointsman.observe.otlp import ENDPOINTS, is_wanted

    otel = config.observe.otel
    wanted = is_wanted(os.environ) if otel.enabled is None else otel.enabled
    if not wanted:
        return Finding("traces", "ok", "not sent anywhere (observe.otel)")
    if find_spec("opentelemetry.sdk") is None if find_spec("opentelemetry") else True:
        return Finding("traces", "failed", "to be sent, but not installed", "pip install 'pointsman[otel]'")
    told = otel.endpoint or next((os.environ[it] for it in ENDPOINTS if os.environ.get(it, "").strip()), "")
    url = urlsplit(told or "http://127.0.0.1:4318")
    where = f"{url.hostname}:{url.port or (443 if url.scheme == 'https' else 80)}"
    try:
        with socket.create_connection((url.hostname or "", int(where.rpartition(":")[2])), CONNECTS_IN):
            return Finding("traces", "ok", f"sent to {where}")
    except OSError as error:
        cure = "start the collector, correct observe.otel.endpoint, or set observe.otel.enabled: false"
        return Finding("traces", "warning", f"nobody listens at {where}: {error.strerror or error}", cure)
