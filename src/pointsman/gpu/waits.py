"""How wishes stand, for those who wait: their places, about how long, and for what."""

from __future__ import annotations

from pointsman.gpu.ladder import choose
from pointsman.gpu.moment import Moment
from pointsman.gpu.order import in_order
from pointsman.gpu.placement import Plan
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Job, State
from pointsman.gpu.want import Notice


def standings(state: State, now: float, settings: Settings) -> list[tuple[Job, Plan | None, Notice]]:
    """Every wish in the queue in the order of serving, with its plan and what to tell it."""
    moment = Moment(state, now, settings)
    told = []
    for position, job in enumerate(in_order(state, now, settings), 1):
        found = choose(moment, job)
        found = found if isinstance(found, Plan) else None
        text = words(found) if found else "looking at the card"
        seconds = found.seconds if found else settings.look_seconds
        told.append((job, found, Notice(text, position, round(seconds, 1))))
    return told


def words(found: Plan) -> str:
    """What a plan waits for."""
    name = found.rung.serve or found.rung.tenant
    gone = " and ".join(it.rung.serve or it.name if it.rung else it.name for it in found.evict)
    note = f" ({found.rung.note})" if found.rung.note else ""
    match found.way:
        case "here":
            text = f"{name} is ready"
        case "full":
            text = f"{name} is in use"
        case "loading":
            text = f"loading {name}"
        case "load":
            text = f"{name} is loaded next"
        case "evict":
            text = f"making room for {name}: {gone} goes"
        case "drain" if gone:
            text = f"waiting for {gone} to finish, to make room for {name}"
        case "coming" | "drain":
            text = f"waiting for memory to come back for {name}"
    return text + note
