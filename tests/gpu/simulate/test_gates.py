"""What the schedule has to reach on twenty days of eight hours, beside one tenant at a time."""

from __future__ import annotations

import random

import pytest

from pointsman.gpu.simulate.measure import Row
from pointsman.gpu.simulate.policies.ours import Pointsman
from pointsman.gpu.simulate.run import OURS, compare, days_of
from pointsman.gpu.simulate.scene import IMAGE, LLM, Scene
from pointsman.gpu.simulate.trace import Event
from pointsman.gpu.simulate.world import Request, World
from pointsman.gpu.state import Load
from pointsman.gpu.want import Rung


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """Ours and one tenant at a time, on the same days."""
    return {row.policy: row for row in compare([OURS, "exclusive"], days_of(20, 8.0), Scene()).rows}


def test_the_card_is_never_overfilled(rows: dict[str, Row]) -> None:
    ours = rows[OURS]
    assert (ours.overcommits, ours.spills) == (0, 0)
    assert (ours.refused, ours.unanswered) == (0, 0)
    assert rows["exclusive"].spills > 0, "the days have games in them"


def test_at_most_a_quarter_of_the_loads(rows: dict[str, Row]) -> None:
    assert rows[OURS].cold_loads <= 0.25 * rows["exclusive"].cold_loads


def test_nobody_waits_long(rows: dict[str, Row]) -> None:
    ours = rows[OURS]
    assert ours.image_p95_s is not None
    assert ours.image_p95_s <= 11.0
    assert ours.chat_p95_s is not None
    assert ours.chat_p95_s <= 21.0


def test_lesser_answers_are_few(rows: dict[str, Row]) -> None:
    ours = rows[OURS]
    assert ours.degraded_share is not None
    assert 0 < ours.degraded_share <= 0.12


def test_a_picture_takes_only_its_own_model(rows: dict[str, Row]) -> None:
    assert rows[OURS].image_gb == 7.0


class Wasteful(Pointsman):
    """Loads the chat model for a picture as well."""

    def arrived(self, request: Request) -> None:
        super().arrived(request)
        self.carry_out(Load(Rung(LLM, self.world.sizes[LLM]), "gpu0", str(request.number)))

    def loaded(self, tenant: str) -> None:
        if tenant != LLM:
            super().loaded(tenant)


def test_a_picture_that_loads_the_chat_model_is_found_out() -> None:
    """What is counted is what was put on the card, and not what the scene says that a picture takes."""
    touched = []
    for policy in (Pointsman, Wasteful):
        event = Event(0.0, "image", steps=8)
        world = World(Scene(), [event], random.Random(1))
        world.play([event], policy(world).arrived)
        touched.append(world.tally.answers[0].touched)
    sizes = Scene().sizes([])
    assert touched == [sizes[IMAGE], sizes[IMAGE] + sizes[LLM]]
