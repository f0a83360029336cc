"""What a look at the cards and servers changes: the release barrier, footprints, others' bytes, pressure."""

from __future__ import annotations

from dataclasses import replace

from pointsman.gpu import barrier, external, measure, reconcile
from pointsman.gpu.settings import Settings
from pointsman.gpu.sight import Sight
from pointsman.gpu.state import State


def seen(state: State, sight: Sight, now: float, settings: Settings) -> State:
    """The state after a look.

    First what the servers say, then what the cards show, then what follows: who is gone, who came, what the others
    hold, and what ours really take.
    """
    state = replace(reconcile.reported(state, sight, now, settings), looked_at=sight.at)
    new = {it.device for it in sight.readings if it.device not in state.cards or it.at > state.cards[it.device].read_at}
    for reading in sight.readings:
        state = external.looked_at(state, reading, settings)
    state = barrier.passed(state, sight, now, settings)
    state = reconcile.reconciled(state, sight, now, settings)
    for reading in sight.readings:
        if reading.measured and reading.at >= state.cards[reading.device].read_at:
            state = measure.measured(state, reading, settings)
            state = external.attributed(state, reading, now, settings, new=reading.device in new)
    return state
