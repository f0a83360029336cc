"""Wishes for which nothing is loaded, and wishes of a chat that goes on: what is in memory decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.gpu.test_ladder import BEST, CLOUD, LADDER, NOW, SETTINGS, SHORT, SMALL, state, there

from pointsman.gpu.ladder import choose
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import Plan
from pointsman.gpu.schedule import schedule
from pointsman.gpu.state import Job, Refuse, State
from pointsman.gpu.want import Rung, Want

PICTURE = Rung("comfyui:z", 7 * 10**9, "", "z")


def chosen(now: State, want: Want) -> tuple[str, str]:
    """The model and the way, or ("", "refused")."""
    found = choose(Moment(now, NOW, SETTINGS), Job("j", want, NOW))
    assert found is not None
    return ("", "refused") if isinstance(found, Refuse) else (found.rung.serve, found.way)


@pytest.mark.parametrize(
    ("now", "ladder", "expected"),
    [
        (state(), (BEST, SHORT), ("", "refused")),  # cold
        (state(0, (there(PICTURE),)), (BEST, SHORT), ("", "refused")),
        (state(0, (there(BEST),)), (BEST, SHORT), ("main", "here")),
        (state(0, (there(SHORT),)), (BEST, SHORT), ("main", "here")),  # with less context it is there as well
        (state(0, (there(BEST, "x"),)), (BEST,), ("main", "full")),  # busy: its turn comes
        (state(0, (there(BEST, phase="loading"),)), (BEST,), ("main", "loading")),  # for somebody else
        (state(0, (there(BEST, phase="releasing"),)), (BEST,), ("", "refused")),
        (state(), (BEST, CLOUD), ("groq", "here")),
    ],
)
def test_nothing_is_loaded_for_it(now: State, ladder: tuple[Rung, ...], expected: tuple[str, str]) -> None:
    assert chosen(now, Want("chat", ladder, "background", loads=False)) == expected


def test_what_is_not_there_is_refused_at_once_and_nothing_moves() -> None:
    waiting = Job("j", Want("chat", (BEST,), "background", loads=False, evicts=False), NOW)
    now = replace(state(0, (there(PICTURE),)), queue=(waiting,))
    actions = schedule(now, NOW, SETTINGS)
    assert [type(it) for it in actions] == [Refuse]


@pytest.mark.parametrize(
    ("now", "prefers", "expected"),
    [
        (state(0, (there(SMALL),)), "", ("main", "load")),
        (state(0, (there(SMALL),)), SMALL.footprint, ("small", "here")),  # it answered before, and goes on
        (state(0, (there(SMALL), there(BEST))), SMALL.footprint, ("main", "here")),  # the best is there as well
        (state(), SMALL.footprint, ("main", "load")),  # it is gone
        (state(0, (there(SMALL, "x"),)), SMALL.footprint, ("main", "load")),  # others use it
        (state(0, (there(SHORT),)), SHORT.footprint, ("main", "here")),  # not loaded anew for more context
        (state(20), CLOUD.footprint, ("groq", "here")),
        (state(), CLOUD.footprint, ("main", "load")),  # another computer is no reason to stay there
    ],
)
def test_who_answered_a_moment_ago_goes_on(now: State, prefers: str, expected: tuple[str, str]) -> None:
    assert chosen(now, Want("chat", LADDER, prefers=prefers)) == expected


def test_a_chat_that_goes_on_keeps_its_context() -> None:
    found = choose(
        Moment(state(0, (there(SHORT),)), NOW, SETTINGS), Job("j", Want("chat", LADDER, prefers=SHORT.footprint), NOW)
    )
    assert isinstance(found, Plan)
    assert found.rung == SHORT
