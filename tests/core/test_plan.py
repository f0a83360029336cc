"""Plans: the same arguments give the same plan, and each path its cheapest track."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Decision, Mode, Slots
from pointsman.core.plan import Abilities, Chat, Chore, Compute, Draw, Plan, Say, named, plan_for

CATALOGUE = Catalogue(
    [
        Category("image_generation", "pictures", "image"),
        Category("simple_greeting", "hello", "simple", replies={"en": ("Hello!", "Hi."), "de": ("Hallo!",)}),
        Category("simple_silent", "no replies", "simple"),
        Category("general_chat", "talk", "llm"),
        Category("web_search", "news", "llm+tools", tools=("web_search",)),
        Category("code_execution", "sums", "llm+tools", tools=("code",)),
    ]
)
ABILITIES = Abilities(main="big", small="tiny")


def decided(category: str, language: str = "en", **slots: str | int) -> Decision:
    found: Slots = slots
    return Decision("id", category, CATALOGUE.path_of(category), 0.9, "patterns", (), found, language=language)


def plan(decision: Decision, abilities: Abilities = ABILITIES, seed: int = 0) -> Plan:
    return plan_for(decision, CATALOGUE, abilities, random.Random(seed))


def test_a_picture_is_drawn_from_its_slots_without_a_model() -> None:
    drawn = plan(decided("image_generation", prompt="a cat", width=512, height=768, count=2, seed=42)).step
    assert drawn == Draw("a cat", width=512, height=768, count=2, seed=42)
    assert plan(decided("image_generation", prompt="a cat")).step == Draw("a cat")


def test_a_greeting_is_said_in_the_messages_language() -> None:
    assert plan(decided("simple_greeting", language="de")).step == Say("Hallo!")
    said = {plan(decided("simple_greeting"), seed=seed).step for seed in range(20)}
    assert said == {Say("Hello!"), Say("Hi.")}


def test_a_language_without_replies_gets_english_and_a_configured_one_wins() -> None:
    assert plan(decided("simple_greeting", language="fi")).step in {Say("Hello!"), Say("Hi.")}
    assert plan(decided("simple_greeting"), replace(ABILITIES, language="de")).step == Say("Hallo!")


def test_a_simple_category_without_replies_goes_to_the_small_model() -> None:
    assert plan(decided("simple_silent")).step == Chat("tiny")
    assert plan(decided("simple_silent"), Abilities(main="big")).step == Chat("big")


def test_talk_goes_to_the_main_model() -> None:
    assert plan(decided("general_chat")) == Plan(Chat("big"))


def test_a_background_job_never_wakes_the_main_model() -> None:
    assert plan(decided("general_chat", job="title")).step == Chore("title", "tiny", loads=True)
    assert plan(decided("image_generation", job="image-prompt")).step == Chore("image-prompt", "tiny", loads=True)
    only_main = Abilities(main="big", small="big")
    assert plan(decided("general_chat", job="title"), only_main).step == Chore("title", "big", loads=False)
    assert plan(decided("general_chat", job="title"), Abilities(main="big")).step == Chore("title", "big")


def test_what_goes_on_with_the_callers_tools_stays_with_a_model() -> None:
    for category in ("image_generation", "simple_greeting", "web_search"):
        resumed = replace(decided(category), tier="session")
        assert plan(resumed, replace(ABILITIES, tools={"web_search": ""})).step == Chat("big")


def main_not(track: str) -> tuple[str, str]:
    """The main model answers in the place of a track."""
    return ("chat big", track)


SEARCH = replace(ABILITIES, tools={"web_search": ""})
MODES: list[tuple[Decision, dict[Mode, tuple[str, str]]]] = [
    (
        decided("image_generation", prompt="a cat"),
        {"full": ("draw", ""), "assist": ("draw", ""), "shadow": main_not("draw")},
    ),
    (decided("simple_greeting"), {"full": ("say", ""), "assist": ("say", ""), "shadow": main_not("say")}),
    (
        decided("simple_silent"),
        {"full": ("chat tiny", ""), "assist": main_not("chat tiny"), "shadow": main_not("chat tiny")},
    ),
    (
        decided("code_execution", expression="1+1"),
        {"full": ("compute", ""), "assist": ("compute", ""), "shadow": main_not("compute")},
    ),
    (
        decided("web_search"),
        {
            "full": ("chat big with web_search", ""),
            "assist": main_not("chat big with web_search"),
            "shadow": main_not("chat big with web_search"),
        },
    ),
    (
        decided("general_chat", job="title"),
        {"full": ("chore title", ""), "assist": ("chore title", ""), "shadow": main_not("chore title")},
    ),
    (
        decided("general_chat"),
        {"full": ("chat big", ""), "assist": ("chat big", ""), "shadow": ("chat big", "")},
    ),
]


@pytest.mark.parametrize(("decision", "expected"), MODES)
def test_how_far_each_mode_trusts_each_track(decision: Decision, expected: dict[Mode, tuple[str, str]]) -> None:
    for mode, (done, instead) in expected.items():
        made = plan(decision, replace(SEARCH, mode=mode))
        assert (named(made.step), named(made.instead) if made.instead else "") == (done, instead), mode
        assert made.words == done + (f" (full: {instead})" if instead else "")


def test_in_the_shadow_nobody_hears_of_tools_that_are_missing() -> None:
    assert plan(decided("web_search")).notice
    assert plan(decided("web_search"), replace(ABILITIES, mode="shadow")) == Plan(Chat("big"))
    assert plan(decided("web_search"), replace(ABILITIES, mode="assist")) == Plan(Chat("big"))


def test_arithmetic_needs_no_model() -> None:
    assert plan(decided("code_execution", expression="23*19")).step == Compute("23*19")


@pytest.mark.parametrize(
    ("tools", "wanted", "notice"),
    [
        ({"web_search": ""}, ("web_search",), ""),
        ({}, (), "web_search (no tool has this name)"),
        ({"web_search": "set it up"}, (), "web_search (set it up)"),
    ],
)
def test_tools_that_are_not_there_are_named(tools: dict[str, str], wanted: tuple[str, ...], notice: str) -> None:
    made = plan(decided("web_search"), replace(ABILITIES, tools=tools))
    assert made.step == Chat("big", wanted)
    assert notice in made.notice
    assert bool(made.notice) is bool(notice)


def test_the_user_chooses_the_tools_of_a_category() -> None:
    there = replace(ABILITIES, tools={"web_search": "", "wiki": "", "dice": ""})
    chosen = replace(there, allowed={"web_search": ("wiki",)}, added={"web_search": ("dice", "wiki")})
    assert plan(decided("web_search"), chosen).step == Chat("big", ("wiki", "dice"))
    assert plan(decided("web_search"), replace(there, allowed={"web_search": ()})).step == Chat("big")


def test_any_category_that_a_model_answers_may_be_given_tools() -> None:
    there = replace(ABILITIES, tools={"dice": ""}, added={"general_chat": ("dice",), "simple_greeting": ("dice",)})
    assert plan(decided("general_chat"), there).step == Chat("big", ("dice",))
    assert isinstance(plan(decided("simple_greeting"), there).step, Say)
