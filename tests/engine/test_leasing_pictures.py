"""Pictures under a lease: the picture server alone, and what becomes of one that is not there."""

from __future__ import annotations

import pytest
from tests.engine.workbench import Paints, Wishing, executor, run

from pointsman.core.errors import OutOfMemory, Unreachable
from pointsman.core.plan import Draw
from pointsman.core.reply import Done, Event, Failed, Picture, Progress, Status, Text
from pointsman.gpu.want import Want
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel


async def test_a_picture_leases_the_picture_server_alone(big: ScriptedModel, small: ScriptedModel) -> None:
    painter = Paints()
    leases = ScriptedLeases()
    events = await run(executor(leases, big=big, small=small, painter=painter), Draw("a cat"))
    assert [type(event) for event in events] == [Progress, Picture, Done]
    assert [rung.tenant for want in leases.wanted for rung in want.ladder] == ["comfyui:z"]
    assert painter.drawn == [Draw("a cat")]
    assert not big.asked
    assert not small.asked


async def test_progress_is_no_picture_so_that_a_full_card_is_tried_once_more(
    big: ScriptedModel, small: ScriptedModel
) -> None:
    painter = Paints([OutOfMemory("the card is full")])
    leases = ScriptedLeases()
    events = await run(executor(leases, big=big, small=small, painter=painter), Draw("a cat"))
    assert [type(event) for event in events] == [Progress, Status, Progress, Picture, Done]
    assert len(leases.ran_out) == 1


@pytest.mark.parametrize(("expected", "ends"), [(True, Failed), (False, Done)])
async def test_an_absent_picture_server_is_a_failure_where_one_was_set_up(
    big: ScriptedModel, small: ScriptedModel, *, expected: bool, ends: type[Event]
) -> None:
    class Absent(Wishing):
        async def picture(self, draw: Draw) -> Want | None:
            raise Unreachable("nobody answers at 127.0.0.1:8188", cure="start it")

    made = executor(ScriptedLeases(), big=big, small=small, painter=Paints(), expected=expected, wishes=Absent())
    events = await run(made, Draw("a cat"))
    assert isinstance(events[-1], ends)
    assert any(isinstance(it, Text) and "a cat" in it.delta for it in events) is not expected


@pytest.mark.parametrize("expected", [True, False])
async def test_a_picture_server_that_is_lost_while_it_draws_is_a_failure(
    big: ScriptedModel, small: ScriptedModel, *, expected: bool
) -> None:
    painter = Paints([Unreachable("the connection broke", cure="start it")])
    events = await run(
        executor(ScriptedLeases(), big=big, small=small, painter=painter, expected=expected), Draw("a cat")
    )
    assert [type(it) for it in events] == [Progress, Failed]
