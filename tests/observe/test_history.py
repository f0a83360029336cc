"""The card's history: a ring that thins out, looked at only while there is something to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pointsman.core.correction import Correction
from pointsman.core.happening import Ended, Relayed, Taught
from pointsman.core.message import Message
from pointsman.core.reply import Done, Failed
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.observe.history import LEVELS, CardHistory, Held, Sample, Track, between, fullest, held_by
from pointsman.testing.stepped_time import SteppedTime

GB = 10**9
CARD = CardNow("gpu0", "Fake", 24 * GB, 0, GB, 12 * GB, 9 * GB, 3 * GB, "fake", 0.0, "")
MODEL = TenantNow("ollama:a", "resident", "gpu0", "", 9 * GB, 9 * GB, None, 0, 0, False, 0.0)
WISH = WishNow(1, "chat", "ollama:a", "interactive", 0.0, 1.0, "")
EMPTY = Snapshot((replace(CARD, used=3 * GB),), (), ())
LOADED = Snapshot((CARD,), (MODEL,), ())


class Card:
    """What the owner of a card knows, and how often it was asked."""

    def __init__(self) -> None:
        self.found: Snapshot | None = EMPTY
        self.looks = 0

    def __call__(self) -> Snapshot | None:
        self.looks += 1
        return self.found


@pytest.fixture
def card() -> Card:
    return Card()


@pytest.fixture
def time() -> SteppedTime:
    return SteppedTime()


@pytest.fixture
async def history(card: Card, time: SteppedTime) -> AsyncIterator[CardHistory]:
    made = CardHistory(card, clock=time, sleep=time.sleep)
    yield made
    await made.close()


async def passes(time: SteppedTime, seconds: float) -> None:
    """Lets so many seconds pass, whoever waits for them."""
    await time.until(asyncio.ensure_future(time.sleep(seconds)))


def sample(at: float, used: int) -> Sample:
    return Sample(at, (Held("gpu0", 24 * GB, used),))


async def test_it_looks_every_two_seconds_while_something_is_loaded(
    history: CardHistory, card: Card, time: SteppedTime
) -> None:
    card.found = LOADED
    history.wake()
    await passes(time, 20)
    assert len(history.samples(600)) == 6  # one for each four seconds
    assert history.samples(600)[-1].cards == (Held("gpu0", 24 * GB, 3 * GB, {"ollama:a": 9 * GB}),)
    card.found = EMPTY
    await passes(time, 4)
    looks = card.looks
    await passes(time, 60)
    assert card.looks == looks


async def test_who_watches_is_looked_for_until_he_has_been_gone_for_a_while(
    history: CardHistory, card: Card, time: SteppedTime
) -> None:
    history.watched()
    await passes(time, 8)
    looks = card.looks
    await passes(time, 30)
    assert card.looks - looks <= 4
    assert history.at_rest


async def test_without_an_owner_of_a_card_nothing_is_begun(history: CardHistory, card: Card, time: SteppedTime) -> None:
    card.found = None
    history.watched()
    await time.settle()
    assert history.samples(600) == []
    assert not [it for it in asyncio.all_tasks() if it.get_name() == "pointsman card history"]


async def test_a_queue_is_something_to_see(history: CardHistory, card: Card) -> None:
    card.found = replace(EMPTY, queue=(WISH,))
    history.take()
    assert not history.at_rest


async def test_loads_and_releases_are_told_apart_and_counted(history: CardHistory, card: Card) -> None:
    for found in (EMPTY, replace(LOADED, tenants=(replace(MODEL, phase="loading"),)), LOADED):
        card.found = found
        history.take()
    card.found = replace(LOADED, tenants=(replace(MODEL, phase="releasing"),))
    history.take()
    card.found = EMPTY
    history.take()
    card.found = LOADED
    history.take()
    assert [(it.kind, it.tenant) for it in history.events(60)] == [
        ("load", "ollama:a"),
        ("release", "ollama:a"),
        ("load", "ollama:a"),
    ]
    assert history.loads("ollama:") == 2


async def test_refusals_are_noted_and_wake_it(history: CardHistory, card: Card, time: SteppedTime) -> None:
    history.happened(Taught(Correction("1", "x", "y")))
    await time.settle()
    assert card.looks == 0
    ended = Ended(None, Message("x"), Failed("full", code="no_room"), 0.1)  # type: ignore[arg-type]
    history.happened(ended)
    history.happened(replace(ended, outcome=Done(None)))
    history.happened(Relayed("qwen", "/chat", 503, 0.1, code="out_of_memory"))
    history.happened(Relayed("qwen", "/chat", 404, 0.1, code="model_not_found"))
    await time.settle()
    assert [(it.kind, it.tenant) for it in history.events(60)] == [("refusal", ""), ("refusal", "qwen")]
    assert card.looks > 0


async def test_events_and_samples_of_the_far_past_are_left_out(
    history: CardHistory, card: Card, time: SteppedTime
) -> None:
    card.found = LOADED
    history.take()
    time.now = 700.0
    history.take()
    assert [it.at for it in history.samples(600)] == [700.0]
    assert history.events(600) == []
    assert [it.at for it in history.samples(3600)] == [0.0, 700.0]


def test_an_hour_is_kept_in_as_many_points_as_ten_minutes() -> None:
    tracks = [Track(seconds, most) for seconds, most in LEVELS]
    for step in range(4000):
        for track in tracks:
            track.add(sample(step * 2.0, step))
    assert [len(it.since(0.0)) for it in tracks] == [most for _, most in LEVELS]
    assert [it.span for it in tracks] == [600.0, 3600.0]


def test_a_short_peak_stays_in_its_point() -> None:
    track = Track(20.0, 3)
    for at, used in ((0.0, 1), (2.0, 9), (4.0, 2), (21.0, 4)):
        track.add(sample(at, used))
    assert [(it.at, it.cards[0].used) for it in track.since(0.0)] == [(0.0, 9), (21.0, 4)]


def test_each_cards_peak_is_its_own() -> None:
    one = Sample(0.0, (Held("a", 9, 5), Held("b", 9, 1)))
    assert fullest(one, Sample(1.0, (Held("a", 9, 2), Held("b", 9, 3)))).cards == (Held("a", 9, 5), Held("b", 9, 3))


@pytest.mark.parametrize(
    ("card", "tenants", "held"),
    [
        (CARD, (MODEL,), Held("gpu0", 24 * GB, 3 * GB, {"ollama:a": 9 * GB})),
        # What is booked is more than what is seen.
        (replace(CARD, used=6 * GB), (MODEL,), Held("gpu0", 24 * GB, 3 * GB, {"ollama:a": 3 * GB})),
        # What is seen is more than all that is known.
        (replace(CARD, used=14 * GB), (MODEL,), Held("gpu0", 24 * GB, 5 * GB, {"ollama:a": 9 * GB})),
        (CARD, (replace(MODEL, device="gpu1"),), Held("gpu0", 24 * GB, 12 * GB, {})),
        (replace(CARD, source="static", used=0, external=0), (MODEL,), Held("gpu0", 24 * GB, 0, {"ollama:a": 9 * GB})),
    ],
)
def test_tenants_hold_together_what_was_seen(card: CardNow, tenants: tuple[TenantNow, ...], held: Held) -> None:
    assert held_by(card, tenants) == held


def test_nothing_happened_between_two_looks_that_show_the_same() -> None:
    assert between(LOADED, LOADED, 1.0) == []
