"""Lists models as Ollama does: "auto" first, then what each Ollama says of its own, then all others."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import PointsmanError
from pointsman.core.relay import Forward, Listed, Place
from pointsman.engine.router import Router
from pointsman.http.ollama.lines import moment
from pointsman.http.ollama.passing import whole

logger = logging.getLogger(__name__)

AUTO: Final = "auto"
LATEST: Final = ":latest"
FAMILY: Final = "pointsman"
TAGS: Final = "/api/tags"
RUNNING: Final = "/api/ps"
ROUTED: Final = ("completion", "tools", "vision")
OTHERS: Final = ("completion", "tools")
# What clients take for the length of a conversation; the model that answers in the end may take more.
CONTEXT: Final = 8192
ABOUT_AUTO: Final = "# auto finds out what a message wants, and takes it to the model or the tool that serves it best"


def is_auto(name: str) -> bool:
    """Whether a name asks for routing."""
    return plain(name) == AUTO


def plain(name: str) -> str:
    """A model's name without the tag that it has when none is named."""
    return name.removesuffix(LATEST)


async def ollamas(router: Router) -> tuple[Place, ...]:
    """A place at each Ollama, in their order."""
    found: dict[str, Place] = {}
    for it in await router.listed():
        if it.place.dialect == "ollama":
            found.setdefault(it.place.server, it.place)
    return tuple(found.values())


async def rows(router: Router, places: Sequence[Place], path: str) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a list of each Ollama, with its address; one that does not answer has none."""
    answers = await asyncio.gather(
        *(whole(router, place, Forward(path, method="GET")) for place in places), return_exceptions=True
    )
    found: list[tuple[str, dict[str, Any]]] = []
    for place, answer in zip(places, answers, strict=True):
        if isinstance(answer, PointsmanError):
            logger.info("%s is not listed: %s", place.server, answer.message)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            listed = answer[1].get("models") if isinstance(answer[1], dict) else None
            found += [(place.server, row) for row in listed or () if isinstance(row, dict)]
    return found


async def tags(router: Router, began: float) -> list[dict[str, Any]]:
    """All models that can be asked for; `began` is when this server did, in seconds since the epoch."""
    own = await rows(router, await ollamas(router), TAGS)
    # What several have is asked of the first of them.
    told: list[dict[str, Any]] = []
    seen = {AUTO}
    for _, row in own:
        name = plain(str(row.get("name", "")))
        if name not in seen:
            told.append(row)
        seen.add(name)
    for it in await router.listed():
        if plain(it.name) in seen:
            continue
        seen.add(plain(it.name))
        if it.place.dialect != "ollama":
            told.append(row_of(it.name, it.place.dialect, OTHERS, began))
        elif (like := installed(it, own)) is not None:  # another name for one of them
            told.append({**like, "name": it.name, "model": it.name})
    return [row_of(f"{AUTO}{LATEST}", FAMILY, ROUTED, began), *told]


def installed(listed: Listed, own: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any] | None:
    """The row of a model on its server's disk; None where it is not there."""
    place = listed.place
    return next(
        (row for server, row in own if server == place.server and plain(str(row.get("name"))) == plain(place.model)),
        None,
    )


async def running(router: Router) -> list[dict[str, Any]]:
    """The models in memory, those that stay longest first, as each Ollama has them."""
    return [row for _, row in await rows(router, await ollamas(router), RUNNING)]


def row_of(name: str, family: str, abilities: Sequence[str], began: float) -> dict[str, Any]:
    """The row of a model that is no file of an Ollama."""
    return {
        "name": name,
        "model": name,
        "modified_at": moment(began),
        "size": 0,
        "digest": hashlib.sha256(name.encode("utf-8", "replace")).hexdigest(),
        "details": details_of(family),
        "capabilities": list(abilities),
    }


def details_of(family: str) -> dict[str, Any]:
    """What lists say of such a model."""
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family],
        "parameter_size": "",
        "quantization_level": "",
    }


def shown(name: str, family: str, abilities: Sequence[str], began: float) -> Mapping[str, Any]:
    """What there is to tell of it."""
    about = ABOUT_AUTO if family == FAMILY else f"# {name} is served by another server than an Ollama"
    return {
        "license": "",
        "modelfile": f"{about}\nFROM {name}\n",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": details_of(family),
        "model_info": {
            "general.architecture": family,
            "general.basename": plain(name),
            f"{family}.context_length": CONTEXT,
        },
        "capabilities": list(abilities),
        "modified_at": moment(began),
    }
