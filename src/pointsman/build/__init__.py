"""Wires a router from a configuration: the only place that knows every class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pointsman.build.opening import open_parts
from pointsman.build.parts import (
    Tell,
    fast_model,
    name_of,
    open_models,
    open_remote,
    open_store,
    open_surroundings,
    open_watch,
)
from pointsman.build.stages import curve_of, maps_of, open_bare, open_stages
from pointsman.config import load
from pointsman.config.model import Config
from pointsman.engine.router import Router

if TYPE_CHECKING:
    from pointsman.build.services import Times

__all__ = [
    "curve_of",
    "fast_model",
    "maps_of",
    "name_of",
    "open_bare",
    "open_models",
    "open_parts",
    "open_remote",
    "open_router",
    "open_stages",
    "open_store",
    "open_surroundings",
    "open_watch",
]


def open_router(
    config: Config | Path | None = None,
    *,
    flags: Mapping[str, object] | None = None,
    store: bool = True,
    progress: Tell | None = None,
    times: Times | None = None,
) -> Router:
    """A router from a configuration, a configuration file, or what is found (nothing is a good configuration).

    Use it with `async with`. Without `store`, decisions are kept in memory only; what services were asked still counts
    in their quota, which every process shares. `progress` is told what takes long; `times` is how the services tell
    time, where tests do. Raises ConfigError, ModelFileError, StoreError.
    """
    if not isinstance(config, Config):
        config = load.load(config, flags=flags).config
    return Router(open_parts(config, store=store, progress=progress, times=times).parts)
