"""How the judge is wired: off by default, on the chat models' own instance, behind the last local tier."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from pointsman.build import open_models, open_stages
from pointsman.config.model import Config
from pointsman.config.tiers import JudgeTier, PatternsTier, TasksTier
from pointsman.core.category import Catalogue, Category, Pattern, Utterance
from pointsman.core.decision import Abstain, Answer
from pointsman.core.errors import ConfigError
from pointsman.core.message import Message
from pointsman.providers.embedded import BUILT_IN_NAME
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.testing.scripted_labeller import ScriptedLabeller
from pointsman.tiers.cascade import Stage
from pointsman.tiers.head import Head
from pointsman.tiers.judge import Choice, Judge
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.surroundings import Surroundings

FOX = Utterance("draw a fox", "image", "en")
JOKE = Utterance("tell a joke", "chat", "en")
CATALOGUE = Catalogue(
    [
        Category("image", "pictures", "image", patterns=(Pattern("draw", "draw", 0.6),), utterances=(FOX,)),
        Category("chat", "talk", "llm", utterances=(JOKE,)),
    ]
)


def stages_of(config: Config) -> tuple[list[Stage], dict[str, object]]:
    encoder = BagEncoder()
    vectors = np.stack([encoder.encode(utterance.text) for utterance in CATALOGUE.utterances])

    def known() -> tuple[Head, Surroundings]:
        return None, Surroundings(encoder, CATALOGUE.utterances, vectors)  # type: ignore[return-value]

    models = open_models(config)
    return open_stages(config, CATALOGUE, known, LearnedNow(), models), dict(models)


def test_without_being_asked_for_there_is_no_judge() -> None:
    stages, _ = stages_of(Config(tiers=(PatternsTier(), JudgeTier()), fallback="chat"))
    assert [stage.tier.name for stage in stages] == ["patterns"]


def test_it_asks_the_model_that_chats_and_does_not_load_it() -> None:
    tier = JudgeTier(enabled=True, accept=0.75, deadline=3.0)
    stages, models = stages_of(Config(tiers=(PatternsTier(), tier), fallback="chat"))
    judge = stages[-1].tier
    assert isinstance(judge, Judge)
    assert judge._labeller._model is models[BUILT_IN_NAME]  # type: ignore[attr-defined]
    assert models[BUILT_IN_NAME]._server is None
    assert (stages[-1].accept, stages[-1].deadline) == (0.75, 3.0)
    assert stages[-1].accept_by_category == tier.accept_by_category


@pytest.mark.parametrize(("decides", "label", "expected"), [(False, "image", "image"), (True, "chat", "chat")])
async def test_it_backs_the_last_local_tier_unless_it_decides(decides: bool, label: str, expected: str) -> None:
    tiers = (TasksTier(), PatternsTier(), JudgeTier(enabled=True, decides=decides))
    judge = stages_of(Config(tiers=tiers, fallback="chat"))[0][-1].tier
    assert isinstance(judge, Judge)
    judge._labeller = ScriptedLabeller(Choice(label, {label: 1.0}))
    verdict = await judge.judge(Message("please draw something"))
    assert isinstance(verdict, Answer)
    assert verdict.category == expected
    if not decides:
        judge._labeller = ScriptedLabeller("chat")
        assert isinstance(await judge.judge(Message("please draw something")), Abstain)


async def test_with_no_local_tier_before_it_there_is_nothing_to_back() -> None:
    judge = stages_of(Config(tiers=(JudgeTier(enabled=True),), fallback="chat"))[0][-1].tier
    assert isinstance(judge, Judge)
    assert await judge.judge(Message(FOX.text)) == Abstain("there is no leaning to back: no tier stands before it")


def test_a_model_on_a_server_is_not_the_judges_to_ask() -> None:
    server = {"provider": "openai", "url": "http://127.0.0.1:1/v1", "model": "large"}
    named = Config.model_validate({"models": {"main": server, "small": {"file": "smollm2"}}}).models

    def judged_by(model: Literal["small", "main"]) -> Config:
        tiers = (PatternsTier(), JudgeTier(enabled=True, model=model))
        return Config(tiers=tiers, fallback="chat", models=named)

    with pytest.raises(ConfigError, match=r"models\.main, which is on a server"):
        stages_of(judged_by("main"))
    stages, models = stages_of(judged_by("small"))
    assert [stage.tier.name for stage in stages] == ["patterns", "judge"]
    assert list(models) == [BUILT_IN_NAME, "large"]


def test_two_models_of_one_name_are_refused() -> None:
    server = {"provider": "openai", "url": "http://127.0.0.1:1/v1", "model": BUILT_IN_NAME}
    with pytest.raises(ConfigError, match=f"both called {BUILT_IN_NAME}"):
        open_models(Config.model_validate({"models": {"main": server, "small": {"file": "smollm2"}}}))
