"""The list of models: "auto" first, then whatever can be asked for by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pointsman.core.relay import Listed
from pointsman.engine.router import Router
from pointsman.http.ollama.listing import TAGS, installed, ollamas, plain, rows

AUTO: Final = "auto"
OURS: Final = "pointsman"
LIBRARY: Final = "library"  # as Ollama calls the owner of a model whose name has none


async def listed(router: Router, began: int) -> list[dict[str, Any]]:
    """Every model; `began` is when this server did, in seconds since the epoch."""
    models = await router.listed()
    own = await rows(router, await ollamas(router), TAGS) if any(it.place.dialect == "ollama" for it in models) else ()
    return [
        model(AUTO, began),
        *(row_of(it, installed(it, tuple(own)) or {}, began) for it in models if it.name != AUTO),
    ]


async def one(router: Router, name: str, began: int) -> dict[str, Any]:
    """One of them, under the name by which it was asked for. Raises UnknownModel, Unreachable."""
    if name == AUTO:
        return model(AUTO, began)
    found = Listed(name, await router.place(name))
    known = next((it for it in await router.listed() if plain(it.name) == plain(name)), found)
    own = await rows(router, [found.place], TAGS) if found.place.dialect == "ollama" else []
    return row_of(replace(known, name=name, place=found.place), installed(found, own) or {}, began)


def row_of(listed: Listed, on_disk: Mapping[str, Any], began: int) -> dict[str, Any]:
    """A model as lists have it; an Ollama's files are of the day on which they came."""
    name = listed.name
    if listed.place.dialect == "ollama":
        owner = name.rpartition("/")[0].rpartition("/")[2] or LIBRARY
        return model(name, seconds_of(on_disk.get("modified_at"), began), owner)
    return model(name, began, str(listed.row.get("owned_by") or OURS))


def model(name: str, created: int, owner: str = OURS) -> dict[str, Any]:
    """A row."""
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def seconds_of(told: object, otherwise: int) -> int:
    """A moment as Ollama writes it, to the nanosecond, in seconds since the epoch."""
    try:
        return int(datetime.fromisoformat(str(told)).timestamp())
    except ValueError:
        return otherwise
