"""Who is served first: classes of wishes, and how waiting raises them."""

from __future__ import annotations

from typing import Final

from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Job, State

CLASSES: Final = {"interactive": 0, "background": 1, "preload": 2}


def rank(job: Job, now: float, settings: Settings) -> int:
    """The class of a wish: 0 is served first. Whatever waits long enough becomes interactive."""
    return 0 if now - job.at >= settings.aging else CLASSES[job.want.priority]


def in_order(state: State, now: float, settings: Settings) -> list[Job]:
    """The queue in the order of serving: by class, then by arrival."""
    return sorted(state.queue, key=lambda it: rank(it, now, settings))


def reserves(job: Job, now: float, settings: Settings) -> bool:
    """Whether a wish that has to wait has let enough go before it: then what it needs is cleared for it."""
    return job.passed >= settings.most_passes or now - job.at >= settings.batch_seconds


def clears(job: Job, now: float, settings: Settings) -> bool:
    """Whether it has waited so long that the whole card is cleared for it."""
    return now - job.at >= settings.aging
