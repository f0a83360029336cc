"""Says in the log what somebody has to correct: loudly, and each thing once a minute at most."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Final

from pointsman.core.faults import ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers.remote.status import ServiceStatus

logger = logging.getLogger("pointsman.providers")

COMPLAIN_EVERY: Final = 60.0
MOST_COMPLAINTS: Final = 100


class Complaints:
    """What was said about one service; `clock` gives seconds from any start."""

    def __init__(self, clock: Clock) -> None:
        self.mourned = False
        self._clock = clock
        self._last: dict[str, float] = {}

    def about(self, fault: ServiceFailed) -> ServiceFailed:
        """The fault, logged where we have to send something else; what can be asked more simply will be."""
        if fault.kind != "bad_request" or fault.degrade or fault.parts or not fault.asked:
            return fault
        now = self._clock()
        last = self._last.get(fault.message)
        if last is None or now - last >= COMPLAIN_EVERY:
            if len(self._last) >= MOST_COMPLAINTS:
                self._last.clear()
            self._last[fault.message] = now
            logger.error("%s", fault.message)
        return fault

    def mourn(self, status: ServiceStatus, models: Collection[str]) -> None:
        """Says, once, that every model is gone, where the one that has just turned out to be was the last."""
        gone = {model.model for model in status.models if model.circuit.kind == "model_gone"}
        if gone.issuperset(models):
            self.mourned = True
            names = ", ".join(models)
            logger.error("%s no longer serves %s; see what it does: pointsman doctor --online", status.service, names)
