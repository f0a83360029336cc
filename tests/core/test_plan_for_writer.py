"""Plans for what the writer of a message said beside it: a command, a model, and that all is to stay in the house."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import COMMAND, SESSION, Decision, Mode, Slots
from pointsman.core.message import Attachment, Command, Message
from pointsman.core.plan import Abilities, Chat, Compute, Draw, Plan, Say, named, plan_for

CATALOGUE = Catalogue(
    [
        Category("image_generation", "pictures", "image", slots=("prompt",)),
        Category("simple_greeting", "hello", "simple", replies={"en": ("Hello!",)}),
        Category("simple_silent", "no replies", "simple"),
        Category("general_chat", "talk", "llm"),
        Category("web_search", "news", "llm+tools", tools=("web_search", "memory")),
        Category("code_execution", "sums", "llm+tools", tools=("code",)),
    ]
)
STANDING = {"web_search": "", "memory": "", "code": "pip install it"}
ABILITIES = Abilities(main="big", small="tiny", tools=STANDING, reaching=frozenset({"web_search"}))
PICTURE = Attachment("image/png", "data:image/png;base64,AA==")


def decided(category: str, tier: str = "patterns", **slots: str | int) -> Decision:
    found: Slots = slots
    return Decision("id", category, CATALOGUE.path_of(category), 0.9, tier, (), found)


def plan(decision: Decision, message: Message, abilities: Abilities = ABILITIES) -> Plan:
    return plan_for(decision, CATALOGUE, abilities, random.Random(0), message)


class TestPictures:
    @pytest.mark.parametrize("job", ["edit", "vary", "upscale"])
    def test_one_is_made_of_the_first_picture_that_came_along(self, job: str) -> None:
        attachments = (Attachment("text/plain"), PICTURE, Attachment("image/jpeg"))
        made = plan(decided("image_generation", prompt="a hat", job=job, steps=8), Message("", attachments=attachments))
        assert made.step == Draw("a hat", steps=8, job=job, source=PICTURE)  # type: ignore[arg-type]
        assert named(made.step) == f"draw {job}"

    def test_without_a_job_the_picture_is_only_looked_at(self) -> None:
        made = plan(decided("image_generation", prompt="a hat"), Message("", attachments=(PICTURE,)))
        assert made.step == Draw("a hat")


class TestModel:
    def test_the_one_that_was_chosen_answers_with_the_same_tools(self) -> None:
        made = plan(decided("web_search"), Message("news", command=Command(model="qwen")))
        assert made.step == Chat("qwen", ("web_search", "memory"))

    @pytest.mark.parametrize("tier", ["patterns", SESSION])
    def test_in_every_chat_of_the_main_model(self, tier: str) -> None:
        made = plan(decided("general_chat", tier), Message("hm", command=Command(model="qwen")))
        assert made.step == Chat("qwen")

    @pytest.mark.parametrize(
        ("decision", "step"),
        [
            (decided("image_generation", prompt="a cat"), Draw("a cat")),
            (decided("simple_greeting"), Say("Hello!")),
            (decided("simple_silent"), Chat("tiny")),
            (decided("code_execution", expression="2+2"), Compute("2+2")),
        ],
    )
    def test_what_the_main_model_does_not_answer_stays_as_it_is(self, decision: Decision, step: object) -> None:
        assert plan(decision, Message("hm", command=Command(model="qwen"))).step == step

    @pytest.mark.parametrize("model", ["", "auto", "big"])
    def test_the_usual_one_is_the_main_one(self, model: str) -> None:
        assert plan(decided("general_chat"), Message("hm", command=Command(model=model))) == Plan(Chat("big"))

    def test_beside_a_category(self) -> None:
        made = plan(decided("web_search", COMMAND), Message("x", command=Command("web_search", model="qwen")))
        assert made.step == Chat("qwen", ("web_search", "memory"))

    def test_it_answers_in_the_shadow_too(self) -> None:
        shadow = replace(ABILITIES, mode="shadow")
        made = plan(decided("simple_greeting"), Message("hi", command=Command(model="qwen")), shadow)
        assert made == Plan(Chat("qwen"), instead=Say("Hello!"))
        made = plan(decided("web_search"), Message("news", command=Command(model="qwen")), shadow)
        assert made.words == "chat qwen (full: chat qwen with web_search, memory)"


@pytest.mark.parametrize("mode", ["full", "assist", "shadow"])
def test_a_command_is_followed_however_little_guesses_are_trusted(mode: Mode) -> None:
    abilities = replace(ABILITIES, mode=mode)
    assert plan(decided("image_generation", COMMAND, prompt="a cat"), Message(""), abilities) == Plan(Draw("a cat"))
    made = plan(decided("web_search", COMMAND), Message("news"), abilities)
    assert made == Plan(Chat("big", ("web_search", "memory")))


class TestLocal:
    def test_tools_that_reach_outside_are_left_out_and_that_is_said(self) -> None:
        made = plan(decided("web_search"), Message("news", local=True))
        assert made.step == Chat("big", ("memory",))
        assert made.notice == "left out, as nothing of this is to leave the house: web_search"

    def test_and_of_those_that_are_missing_too(self) -> None:
        abilities = replace(ABILITIES, added={"web_search": ("code",)})
        made = plan(decided("web_search"), Message("news", local=True), abilities)
        assert made.step == Chat("big", ("memory",))
        assert made.notice.startswith("not set up here: code (pip install it); left out")

    def test_the_model_of_the_house_answers_and_that_is_said(self) -> None:
        abilities = replace(ABILITIES, outside=frozenset({"big"}))
        made = plan(decided("general_chat"), Message("hm", local=True), abilities)
        assert made.step == Chat("tiny")
        assert made.remark == "tiny answers, as big is outside the house, which nothing of this is to leave"
        assert made.notice == ""
        assert plan(decided("general_chat"), Message("hm"), abilities) == Plan(Chat("big"))

    @pytest.mark.parametrize("mode", ["assist", "shadow"])
    def test_in_every_mode(self, mode: Mode) -> None:
        abilities = replace(ABILITIES, outside=frozenset({"big"}), mode=mode)
        made = plan(decided("general_chat"), Message("hm", local=True), abilities)
        assert made.step == Chat("tiny")
        assert made.remark

    def test_small_talk_goes_to_the_main_model_where_the_small_one_is_outside(self) -> None:
        abilities = replace(ABILITIES, outside=frozenset({"tiny"}))
        assert plan(decided("simple_silent"), Message("hm", local=True), abilities) == Plan(Chat("big"))

    def test_a_model_that_was_chosen_and_is_outside_gives_way(self) -> None:
        abilities = replace(ABILITIES, outside=frozenset({"far"}))
        made = plan(decided("general_chat"), Message("hm", command=Command(model="far"), local=True), abilities)
        assert (made.step, made.remark[:27]) == (Chat("big"), "big answers, as far is outs")
        here = plan(decided("general_chat"), Message("hm", command=Command(model="near"), local=True), abilities)
        assert here == Plan(Chat("near"))

    def test_where_all_are_outside_whoever_would_ask_them_says_so(self) -> None:
        abilities = replace(ABILITIES, outside=frozenset({"big", "tiny"}))
        assert plan(decided("general_chat"), Message("hm", local=True), abilities) == Plan(Chat("big"))
