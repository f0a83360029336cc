"""A small comparison: who is better than whom, and what the rows say."""

from __future__ import annotations

import random

import pytest

from pointsman.gpu.simulate.generate import Mix
from pointsman.gpu.simulate.measure import Answered, Row, Tally, percentile, row_of
from pointsman.gpu.simulate.policies.stages import Staged
from pointsman.gpu.simulate.run import IDEAL, MEANS, OURS, POLICIES, Comparison, compare, days_of, play
from pointsman.gpu.simulate.scene import GB, Scene
from pointsman.gpu.simulate.trace import Event

MIX = Mix(between_games=1200.0, game_seconds=(300.0, 1200.0))


@pytest.fixture(scope="module")
def compared() -> Comparison:
    """Two days of two hours under every policy."""
    return compare(list(POLICIES), days_of(2, 2, MIX), Scene())


@pytest.fixture(scope="module")
def rows(compared: Comparison) -> dict[str, Row]:
    return {row.policy: row for row in compared.rows}


def test_every_policy_answers_everything(compared: Comparison) -> None:
    for row in (*compared.rows, compared.ideal):
        assert (row.refused, row.unanswered) == (0, 0)
        assert (row.images, row.chats) == (compared.ideal.images, compared.ideal.chats)
    assert set(MEANS) == set(POLICIES)


def test_a_picture_needs_7_gb_with_us_and_21_and_a_half_where_the_llm_comes_first(rows: dict[str, Row]) -> None:
    assert rows[OURS].image_gb == 7.0
    assert rows["llm-first"].image_gb == 21.5
    assert rows["ollama-order"].image_gb == 7.5


def test_only_ours_never_spills_nor_fills_the_card_beyond_its_size(rows: dict[str, Row]) -> None:
    assert (rows[OURS].spills, rows[OURS].overcommits) == (0, 0)
    for name in ("llm-first", "ollama-order", "exclusive", "gpu-broker", "matrix"):
        assert rows[name].spills > 0
        assert rows[name].squeezed_s > 100 * rows[OURS].squeezed_s


def test_who_loads_how_often(rows: dict[str, Row]) -> None:
    assert rows["matrix"].cold_loads == 2 < rows[OURS].cold_loads < rows["exclusive"].cold_loads / 2
    assert rows["exclusive"].cold_loads <= rows["gpu-broker"].cold_loads


def test_nobody_is_faster_than_the_ideal_and_those_who_spill_are_slowest(
    compared: Comparison, rows: dict[str, Row]
) -> None:
    def late(row: Row) -> tuple[float, float]:
        assert row.image_p95_s is not None
        assert row.chat_p95_s is not None
        return row.image_p95_s, row.chat_p95_s

    image, chat = late(rows[OURS])
    assert image >= late(compared.ideal)[0]
    for name in ("llm-first", "ollama-order", "exclusive", "gpu-broker", "matrix"):
        assert late(rows[name])[1] > chat
        if name not in {"exclusive", "gpu-broker"}:  # they wait as long for a swap, and never spill a picture
            assert late(rows[name])[0] > image


def test_only_a_ladder_gives_lesser_answers(rows: dict[str, Row]) -> None:
    degraded = {name for name, row in rows.items() if row.degraded_share}
    assert degraded == {OURS, "pointsman+hints"}


def test_the_same_seed_is_the_same_day_for_every_policy() -> None:
    day = days_of(3, 1, MIX)[2]
    for name in (*POLICIES, IDEAL):
        assert play(name, day, Scene(), 3) == play(name, day, Scene(), 3)


def test_without_games_the_static_matrix_is_as_good() -> None:
    result = compare(["matrix", OURS], days_of(2, 2, Mix(games=False)), Scene())
    matrix, ours = result.rows
    assert matrix.spills == ours.spills == 0
    assert matrix.cold_loads <= ours.cold_loads
    assert matrix.image_p50_s == ours.image_p50_s


def test_the_turns_are_shown_to_who_watches() -> None:
    seen: list[tuple[str, int]] = []

    def watch(turns: object) -> object:
        for turn in turns:  # type: ignore[attr-defined]
            seen.append((turn[0], turn[1]))
            yield turn

    compare(["matrix"], days_of(2, 0.2), Scene(), watch)  # type: ignore[arg-type]
    assert seen == [("matrix", 1), ("matrix", 2), (IDEAL, 1), (IDEAL, 2)]


def test_a_row_pools_the_answers_of_all_days_and_counts_by_day() -> None:
    first = Tally(asked=3, loads=3, overcommits=1, spilled={0}, squeezed=4.0, resident=7 * GB)
    first.answers = [Answered("image", 4.0, 7 * GB), Answered("chat", 2.0, 14 * GB, degraded=True)]
    second = Tally(asked=2, loads=0, resident=9 * GB)
    second.answers = [Answered("image", 8.0, 8 * GB), Answered("chat", 3.0, 14 * GB)]
    row = row_of("x", [first, second])
    assert (row.cold_loads, row.overcommits, row.spills, row.squeezed_s) == (1.5, 0.5, 0.5, 2.0)
    assert (row.image_gb, row.resident_gb) == (8.0, 9.0)
    assert (row.image_p50_s, row.image_p95_s, row.chat_p50_s) == (4.0, 8.0, 2.0)
    assert (row.degraded_share, row.unanswered) == (0.5, 0.5)


def test_what_there_was_none_of_is_none() -> None:
    row = row_of("x", [Tally()])
    assert row.image_gb is row.image_p50_s is row.chat_p95_s is row.degraded_share is None
    assert percentile([], 0.5) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0


def test_a_trace_without_chats_is_compared_too() -> None:
    day = [Event(float(t), "image", steps=8) for t in range(0, 600, 60)]
    row = compare([OURS], [day], Scene()).rows[0]
    assert (row.chats, row.chat_p50_s, row.images) == (0, None, 10)


def test_the_ideal_needs_no_memory() -> None:
    row = compare(["exclusive"], [[Event(0.0, "chat", tokens=60)]], Scene()).ideal
    assert (row.cold_loads, row.chat_p50_s, row.resident_gb) == (0, 1.5, 0.0)


def test_stages_are_the_requests_own_work_by_default() -> None:
    from pointsman.gpu.simulate.world import Request, World

    event = Event(0.0, "image", steps=8)
    world = World(Scene(), [event], random.Random(1))
    (stage,) = Staged(world).stages(Request(0, event))
    assert stage.seconds == Scene().timing.picture(event)
