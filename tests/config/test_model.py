from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pointsman.config import tiers
from pointsman.config.model import Config, Store
from pointsman.config.models import EmbeddedModel, OpenAiModel
from pointsman.config.server import Server
from pointsman.config.tiers import (
    ClassifierTier,
    CloudTier,
    CorrectionsTier,
    FastTier,
    JudgeTier,
    NeighboursTier,
    PatternsTier,
    TasksTier,
)

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens here; it is the address that has to be refused


def problems(data: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(data)
    return [(finding["loc"], finding["msg"]) for finding in caught.value.errors()]


def test_no_configuration_is_a_good_one() -> None:
    config = Config.model_validate({})
    kinds = [
        "tasks",
        "corrections",
        "followups",
        "fast",
        "patterns",
        "neighbours",
        "classifier",
        "cache",
        "cloud",
        "judge",
    ]
    assert [tier.kind for tier in config.tiers] == kinds
    assert [tier.kind for tier in config.tiers if tier.enabled] == kinds[:-1]
    assert config.fallback == "general_chat"
    assert (config.server.host, config.server.port, config.server.key) == ("127.0.0.1", 8080, None)
    assert config.models.main == EmbeddedModel(file="smollm2")
    assert config.models.small == config.models.main
    assert config.store.path.name == "pointsman.db"
    assert config.store.keep_text == 7 * 86_400


def test_the_default_bars_are_the_named_constants() -> None:
    _, corrections, _, fast, patterns, neighbours, classifier, _, cloud, judge = tiers.default_tiers()
    assert isinstance(corrections, CorrectionsTier)
    assert corrections.near == tiers.CORRECTIONS_NEAR
    assert isinstance(patterns, PatternsTier)
    assert isinstance(neighbours, NeighboursTier)
    assert isinstance(classifier, ClassifierTier)
    assert isinstance(fast, FastTier)
    assert isinstance(cloud, CloudTier)
    assert isinstance(judge, JudgeTier)
    assert (cloud.accept, cloud.accept_by_category) == (tiers.CLOUD_ACCEPT, tiers.CLOUD_ACCEPT_BY_CATEGORY)
    assert patterns.accept == tiers.PATTERNS_ACCEPT
    assert (neighbours.accept, neighbours.margin, neighbours.k) == (
        tiers.NEIGHBOURS_ACCEPT,
        tiers.NEIGHBOURS_MARGIN,
        tiers.NEIGHBOURS_K,
    )
    assert classifier.accept == tiers.CLASSIFIER_ACCEPT
    assert classifier.accept_by_category == tiers.CLASSIFIER_ACCEPT_BY_CATEGORY
    assert (fast.accept, fast.accept_by_category) == (tiers.FAST_ACCEPT, tiers.FAST_ACCEPT_BY_CATEGORY)
    assert (judge.accept, judge.accept_by_category) == (tiers.JUDGE_ACCEPT, tiers.JUDGE_ACCEPT_BY_CATEGORY)
    assert (judge.k, judge.trust, judge.decides) == (tiers.JUDGE_K, tiers.JUDGE_TRUST, False)


def test_every_tier_has_what_a_stage_needs() -> None:
    for tier in tiers.default_tiers():
        assert 0 <= tier.accept <= 1
        assert 0 <= tier.margin <= 1
        assert tier.deadline > 0
        assert dict(tier.accept_by_category) is not None


def test_sections_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Config().server.port = 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("900ms", 0.9),
        ("2s", 2),
        ("1.5 s", 1.5),
        ("5m", 300),
        ("12h", 43_200),
        ("7d", 604_800),
        (3, 3),
        ("0", 0),
        (0, 0),
    ],
)
def test_durations(written: object, seconds: float) -> None:
    assert Store.model_validate({"keep_text": written}).keep_text == pytest.approx(seconds)


def test_null_keeps_text_for_ever_and_zero_stores_none() -> None:
    assert Store.model_validate({"keep_text": None}).keep_text is None
    assert Store.model_validate({"keep_text": 0}).keep_text == 0


@pytest.mark.parametrize(
    ("written", "size"),
    [("8MB", 8_000_000), ("8MiB", 8_388_608), ("500kB", 500_000), ("1.5 GB", 1_500_000_000), (17, 17), ("17", 17)],
)
def test_sizes(written: object, size: int) -> None:
    assert Server.model_validate({"max_body": written}).max_body == size


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"version": 2}, ("version",)),
        ({"fallback": "General Chat"}, ("fallback",)),
        ({"server": {"port": 65_536}}, ("server", "port")),
        ({"server": {"port": True}}, ("server", "port")),
        ({"server": {"host": ""}}, ("server", "host")),
        ({"server": {"max_body": "8 bananas"}}, ("server", "max_body")),
        ({"server": {"max_body": "8ib"}}, ("server", "max_body")),
        ({"server": {"max_body": 0}}, ("server", "max_body")),
        ({"server": {"key": "two words"}}, ("server", "key")),
        ({"server": {"key": "schlüssel"}}, ("server", "key")),
        ({"store": {"keep_text": "1y"}}, ("store", "keep_text")),
        ({"store": {"keep_text": "-1s"}}, ("store", "keep_text")),
        ({"store": {"keep_text": -1}}, ("store", "keep_text")),
        ({"store": {"keep_text": float("nan")}}, ("store", "keep_text")),
        ({"store": {"keep_text": True}}, ("store", "keep_text")),
        ({"store": {"path": ""}}, ("store", "path")),
        ({"store": {"path": "a\0b"}}, ("store", "path")),
        ({"encoder": {"threads": 0}}, ("encoder", "threads")),
        ({"models": {"main": {"provider": "elsewhere"}}}, ("models", "main")),
        ({"models": {"main": {"context": 16}}}, ("models", "main", "embedded", "context")),
        ({"models": {"main": {"name": "two words"}}}, ("models", "main", "embedded", "name")),
        ({"models": {"main": {"name": "auto"}}}, ("models", "main", "embedded", "name")),
        ({"models": {"large": {}}}, ("models", "large")),
        ({"reply": {"language": "klingon"}}, ("reply", "language")),
        ({"tiers": [{"kind": "patterns", "accept": 1.5}]}, ("tiers", 0, "patterns", "accept")),
        ({"tiers": [{"kind": "patterns", "accept": float("nan")}]}, ("tiers", 0, "patterns", "accept")),
        ({"tiers": [{"kind": "patterns", "margin": 0.1}]}, ("tiers", 0, "patterns", "margin")),
        ({"tiers": [{"kind": "tasks", "accept": 0.1}]}, ("tiers", 0, "tasks", "accept")),
        ({"tiers": [{"kind": "corrections", "near": 1.1}]}, ("tiers", 0, "corrections", "near")),
        ({"tiers": [{"kind": "neighbours", "k": 0}]}, ("tiers", 0, "neighbours", "k")),
        ({"tiers": [{"kind": "tasks"}, {"kind": "tasks"}]}, ("tiers",)),
        ({"tiers": [{"accept": 0.1}]}, ("tiers", 0)),
    ],
)
def test_impossible_values_are_refused(data: dict[str, Any], where: tuple[str | int, ...]) -> None:
    assert where in [location for location, _ in problems(data)]


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.1.5", "example.test", "127.0.0.1.example.test"])
def test_a_host_that_others_reach_needs_a_key(host: str) -> None:
    ((where, said),) = problems({"server": {"host": host}})
    assert where == ("server", "host")
    assert "key" in said
    assert Config.model_validate({"server": {"host": host, "key": "s3cret"}}).server.host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_key(host: str) -> None:
    assert Config.model_validate({"server": {"host": host}}).server.key is None


def test_an_empty_key_is_no_key_and_opens_nothing() -> None:
    assert Config.model_validate({"server": {"key": ""}}).server.key is None
    assert problems({"server": {"key": "", "host": EVERYWHERE}})


def test_a_secret_is_never_shown() -> None:
    config = Config.model_validate({"server": {"key": "hunter2hunter2"}})
    assert config.server.key is not None
    assert config.server.key.get_secret_value() == "hunter2hunter2"
    assert "hunter2" not in repr(config) + str(config) + config.model_dump_json()
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"server": {"key": "hunter2 hunter2"}})
    assert "hunter2" not in str(caught.value)


def test_the_small_model_is_the_main_one_unless_said() -> None:
    same = Config.model_validate({"models": {"main": {"file": "big.gguf"}}})
    assert same.models.small == EmbeddedModel(file=Path("big.gguf"))
    other = Config.model_validate({"models": {"main": {"file": "big.gguf"}, "small": {"file": "smollm2"}}})
    assert (other.models.main, other.models.small) == (EmbeddedModel(file=Path("big.gguf")), EmbeddedModel())


ON_A_SERVER = {"provider": "openai", "url": "http://127.0.0.1:1234/v1/", "model": "some/model"}


def test_a_model_on_a_server() -> None:
    config = Config.model_validate({"models": {"main": ON_A_SERVER | {"key": " k3y ", "timeout": "2m"}}})
    main = config.models.main
    assert isinstance(main, OpenAiModel)
    assert (main.url, main.ids, main.name, main.timeout) == ("http://127.0.0.1:1234/v1", ("some/model",), None, 120)
    assert main.key is not None
    assert main.key.get_secret_value() == "k3y"
    assert "k3y" not in repr(config) + config.model_dump_json()
    assert config.models.small == main


def test_several_models_on_a_server_beside_an_embedded_one() -> None:
    server = {"provider": "openai", "url": "https://example.org/v1", "models": ["a", "b"], "key": ""}
    models = Config.model_validate({"models": {"main": server, "small": {"file": "smollm2"}}}).models
    assert isinstance(models.main, OpenAiModel)
    assert (models.main.ids, models.main.key) == (("a", "b"), None)
    assert models.small == EmbeddedModel()


@pytest.mark.parametrize("provider", [{}, {"provider": "embedded"}])
def test_a_model_is_embedded_unless_said(provider: dict[str, str]) -> None:
    config = Config.model_validate({"models": {"main": provider | {"file": "m.gguf"}}})
    assert config.models.main == EmbeddedModel(file=Path("m.gguf"))


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"model": None}, (), "should name its model with `model`"),
        ({"models": ["a"]}, (), "should name its model with `model`"),
        ({"model": "auto"}, (), "give it a `name`"),
        ({"model": "a b"}, ("openai", "model"), "match"),
        ({"models": []}, ("openai", "models"), "at least 1"),
        ({"url": None}, ("openai", "url"), "valid string"),
        ({"url": "127.0.0.1:1234"}, ("openai", "url"), "should be an address"),
        ({"url": "http://127.0.0.1/v1/chat/completions"}, ("openai", "url"), "of the API alone"),
        ({"url": "http://127.0.0.1/v1?a=b"}, ("openai", "url"), "of the API alone"),
        ({"key": "two words"}, ("openai", "key"), "printable ASCII"),
        ({"timeout": 0}, ("openai", "timeout"), "greater than 0"),
        ({"name": "auto"}, ("openai", "name"), "when they want routing"),
        ({"context": 512}, ("openai", "context"), "not permitted"),
        ({"provider": None}, (), "has a `url`, which embedded models do not"),
        ({"provider": "opnai"}, (), "opnai"),
    ],
)
def test_what_cannot_be_a_model_on_a_server(change: dict[str, Any], where: tuple[str, ...], words: str) -> None:
    found = problems({"models": {"main": ON_A_SERVER | change}})
    assert any(
        at in {("models", "main", *where), ("models", "main", "openai"), ("models", "main", "embedded")}
        for at, _ in found
    )
    assert any(words in said for _, said in found)


def test_models_of_one_name_are_refused() -> None:
    for small in (ON_A_SERVER, {"file": "model.gguf", "name": "some/model"}):
        main = ON_A_SERVER | {"url": "http://127.0.0.1:9/v1"}
        (found,) = problems({"models": {"main": main, "small": small}})
        assert "give one a `name`" in found[1]


def test_an_empty_section_keeps_its_defaults() -> None:
    assert Config.model_validate({"server": None, "tiers": None, "models": {"small": None}}) == Config()


def test_an_empty_list_of_tiers_is_allowed() -> None:
    assert Config.model_validate({"tiers": []}).tiers == ()


def test_relative_paths_start_from_the_given_folder(tmp_path: Path) -> None:
    data = {
        "intents": {"folder": "mine"},
        "store": {"path": "/elsewhere/x.db"},
        "models": {"main": {"file": "m.gguf"}, "small": {"file": "smollm2"}},
    }
    config = Config.model_validate(data, context={"folder": tmp_path})
    assert config.intents.folder == tmp_path / "mine"
    assert config.store.path == Path("/elsewhere/x.db")
    assert config.models.main == EmbeddedModel(file=tmp_path / "m.gguf")
    assert config.models.small == EmbeddedModel(file="smollm2")


def test_a_path_from_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Store.model_validate({"path": "~/p.db"}).path == tmp_path / "p.db"


def test_the_default_store_is_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Store().path == tmp_path / "pointsman" / "pointsman.db"


def test_switching_a_tier_off() -> None:
    config = Config.model_validate({"tiers": [{"kind": "tasks", "enabled": "off"}]})
    assert config.tiers == (TasksTier(enabled=False),)


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="same name"):
        Config.model_validate({"models": {"main": {"file": "/a/m.gguf"}, "small": {"file": "/b/m.gguf"}}})
    Config.model_validate({"models": {"main": {"file": "/a/m.gguf"}, "small": {"file": "/b/m.gguf", "name": "tiny"}}})
