"""What the things people do take of a card: the reckoning itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.gpu.state import margin_of
from pointsman.observe.vram_budget import CHAT, DESKTOP, GAME, PICTURE, SMALL, Figure, Figures, scenarios, verdict

GB = 10**9


def of(card: float, *, chat: float = 14.5, picture: float = 7.0, game: float = 9.0, small: float = 3.0) -> Figures:
    def figure(name: str, size: float) -> Figure:
        return Figure(name, int(size * GB), "given", "for the test")

    return Figures(
        figure("card", card),
        figure("desktop", 0.5),
        figure("chat model", chat),
        figure("smaller model", small),
        figure("picture", picture),
        figure("game", game),
    )


def held(figures: Figures) -> dict[str, tuple[float, float]]:
    return {it.name: (it.without.bytes / GB, it.routed.bytes / GB) for it in scenarios(figures)}


def outcome(figures: Figures, name: str) -> str:
    return next(it.routed.outcome for it in scenarios(figures) if it.name == name)


def test_a_picture_touches_what_the_picture_takes_and_not_the_chat_model() -> None:
    assert held(of(24))["a picture"] == (21.5, 7.0)
    assert held(of(24))["a greeting"] == (14.5, 0.0)
    assert held(of(24))["a chat"] == (14.5, 14.5)


def test_where_both_fit_it_says_that_a_router_is_not_needed_for_room() -> None:
    figures = of(24)
    assert held(figures)["a chat, then a picture"] == (21.5, 21.5)
    assert outcome(figures, "a picture while chatting") == "side by side"
    first = next(iter(verdict(figures)))
    assert "side by side: 21.5 GB of 22.5 GB" in first
    assert "without a router too" in first


def test_where_they_fit_one_at_a_time_the_idle_one_gives_way() -> None:
    figures = of(20)
    assert held(figures)["a chat, then a picture"] == (21.5, 14.5)
    assert outcome(figures, "a chat, then a picture") == (
        "the chat model gives way; the next chat loads it again (about 11 s)"
    )
    assert "the smaller model answers" in outcome(figures, "a picture while chatting")
    said = next(iter(verdict(figures)))
    assert "one at a time, not together: 21.5 GB against 18.7 GB" in said
    assert "without the router 2.0 GB run from the computer's memory" in said
    assert not next(it for it in scenarios(figures) if it.name == "a picture").without.fits


def test_without_a_smaller_model_that_fits_beside_one_waits_for_the_other() -> None:
    assert outcome(of(20, small=13.0), "a picture while chatting") == "one waits for the other, and is told how long"


def test_too_little_is_short_of_the_margin_only_and_spills_nothing() -> None:
    said = next(iter(verdict(of(22.4))))
    assert "against" in said
    assert "run from" not in said


def test_a_chat_model_that_is_too_large_gives_way_to_the_smaller_one() -> None:
    figures = of(12)
    assert held(figures)["a chat"] == (14.5, 3.0)
    assert held(figures)["a chat, then a picture"] == (21.5, 10.0)
    assert outcome(figures, "a chat, then a picture").startswith("with the smaller model both stay")
    said = next(iter(verdict(figures)))
    assert (
        "Too large for this card even alone: chat model (14.5 GB) against 11.0 GB; the smaller model (3.0 GB) fits."
        in said
    )


def test_on_a_small_card_the_smaller_model_and_the_picture_take_turns() -> None:
    figures = of(8.5)
    assert outcome(figures, "a chat, then a picture").startswith("the smaller model gives way")
    assert outcome(figures, "a picture while chatting").startswith("one waits")


def test_what_fits_nowhere_is_refused_with_the_reason() -> None:
    figures = of(4, small=4.0)
    made = {it.name: it.routed for it in scenarios(figures)}
    assert "refused with the reason: only 3.0 GB can be had" in made["a picture"].outcome
    assert "no model fits" in made["a chat"].outcome
    assert made["a chat, then a picture"].outcome.startswith("no chat model fits; the picture is refused")
    assert made["a picture while chatting"].bytes == 0
    assert made["both, while a game runs"].outcome == (
        "no chat model fits; pictures are refused: there is no room at all"
    )
    assert "chat model (14.5 GB) and picture (7.0 GB)" in next(iter(verdict(figures)))


def test_one_of_two_that_fits_is_served() -> None:
    assert outcome(of(8.5, chat=14, small=9), "a chat, then a picture") == "no chat model fits; the picture is drawn"
    assert outcome(of(8.5, picture=9), "a picture while chatting").startswith("the picture is refused")


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (34, "the chat model answers; pictures are drawn"),
        (27, "the chat model answers; pictures are drawn, in turn"),
        (20, "the smaller model answers, and says so; pictures are drawn, in turn"),
        (14, "the smaller model answers, and says so; pictures are refused: only 3.9 GB can be had"),
    ],
)
def test_a_game_is_what_makes_the_difference(card: float, said: str) -> None:
    made = next(it for it in scenarios(of(card)) if "game" in it.name)
    assert made.routed.outcome == said
    assert made.without.bytes == 21.5 * GB
    assert made.without.fits == (card >= 31)


def test_the_assumed_amounts_say_how_they_came_about() -> None:
    assert all(it.basis == "assumed" and it.source for it in (CHAT, SMALL, PICTURE, GAME, DESKTOP))
    assert Figures().kept_free == margin_of(Figures().card.bytes)
    assert any("becomes measured" in it for it in verdict(Figures()))
    measured = replace(of(24), chat=Figure("chat model", GB, "measured", "x"))
    assert not any("becomes measured" in it for it in verdict(measured))


def test_every_amount_is_listed_with_its_source() -> None:
    figures = replace(of(24), reserved=GB, margin=2 * GB)
    assert [it.name for it in figures.all] == [
        "card", "driver", "desktop", "margin", "chat model", "smaller model", "picture", "game",
    ]  # fmt: skip
    assert figures.budget == int(20.5 * GB)
    assert all(it.source for it in figures.all)


amounts = st.floats(0.1, 60)


@given(amounts, amounts, amounts, amounts, amounts)
def test_with_the_router_no_more_is_held_than_may_be(
    card: float, chat: float, picture: float, game: float, small: float
) -> None:
    figures = of(card, chat=chat, picture=picture, game=game, small=small)
    for it in scenarios(figures):
        limit = figures.budget - (figures.game.bytes if "game" in it.name else 0)
        assert it.routed.bytes <= max(0, limit)
        assert it.routed.outcome
        assert it.without.fits == (it.without.bytes <= figures.room - (figures.game.bytes if "game" in it.name else 0))
        assert it.to_dict()["with"]["fits"] == it.routed.fits
