"""What a gateway answers, as values; what is not as it should be raises KeyError, TypeError, ValueError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.core.correction import Conflict, Correction, Flip, Preview
from pointsman.core.memories import SCOPES, Full, Kept, Memory


def memory_in(data: Mapping[str, Any]) -> Memory:
    """A memory. What one person hears is kept for him, what a server hears for that."""
    scope = SCOPES[SCOPES.index(data["scope"])]
    owner = str(data["owner"])
    whose = str(data["guild"]) if scope == "guild" else owner
    surface, own = str(data.get("surface", "")), bool(data.get("own", True))
    return Memory(str(data["id"]), str(data["text"]), owner, scope, whose, float(data["at"]), surface, own)


def kept_in(data: Mapping[str, Any]) -> Kept | Full:
    """What became of something that was to be remembered."""
    if data["memory"] is None:
        return Full(int(data["most"]))
    return Kept(memory_in(data["memory"]), bool(data["known"]))


def correction_in(data: Mapping[str, Any]) -> Correction:
    """A correction; its vector stays where it is kept."""
    undone = data.get("undone_at")
    return Correction(
        str(data["id"]),
        str(data["text"]),
        str(data["category"]),
        str(data.get("was", "")),
        str(data.get("decision_id", "")),
        str(data.get("surface", "")),
        float(data.get("at", 0.0)),
        None if undone is None else float(undone),
    )


def preview_in(data: Mapping[str, Any]) -> Preview:
    """What a correction would change."""
    made = correction_in(data["correction"])
    return Preview(
        made,
        tuple(Flip(str(it["decision_id"]), str(it["text"]), str(it["from"]), str(it["to"])) for it in data["flips"]),
        tuple(Conflict(correction_in(it), made, float(it["similarity"])) for it in data["conflicts"]),
        int(data["looked_at"]),
    )
