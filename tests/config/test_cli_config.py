from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.config import config
from pointsman.config import schema
from pointsman.config.load import VARIABLES
from pointsman.core.errors import ConfigError, PointsmanError

Invoke = Callable[..., Result]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the shipped categories are parsed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def invoke(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs a verb in an empty folder, with an empty home and none of our variables."""
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def run(*arguments: str, **environ: str) -> Result:
        return CliRunner().invoke(config, arguments, env=environ)

    return run


def failure(result: Result) -> PointsmanError:
    assert isinstance(result.exception, PointsmanError)
    return result.exception


def test_check_without_a_file(invoke: Invoke) -> None:
    result = invoke("check")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "✓ no configuration file: every key has its default"
    assert lines[1].startswith("✓ 10 categories, ")
    assert result.stderr == ""


def test_check_says_what_was_read(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("server: {port: 81}\n")
    result = invoke("check", POINTSMAN_PORT="82")
    assert result.stdout.splitlines()[:2] == ["✓ pointsman.yaml", "✓ server.port from POINTSMAN_PORT"]


def test_check_of_a_named_file(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("nonsense: 1\n")
    (tmp_path / "other.yaml").write_text("server: {port: 81}\n")
    assert invoke("check", "other.yaml").stdout.startswith("✓ other.yaml\n")


def test_check_of_a_wrong_file(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("server:\n  prot: 81\n")
    error = failure(invoke("check"))
    assert isinstance(error, ConfigError)
    assert error.exit_code == 3
    assert error.message == "pointsman.yaml:2: server.prot: unknown key; did you mean 'port'?"


def test_check_as_json(invoke: Invoke, tmp_path: Path) -> None:
    good = json.loads(invoke("check", "--json").stdout)
    assert good["ok"] is True
    assert good["findings"] == []
    assert good["categories"] == 10
    (tmp_path / "pointsman.yaml").write_text("a: 1\nb: 2\n")
    result = invoke("check", "--json")
    assert result.exit_code == 3
    bad = json.loads(result.stdout)
    assert bad["ok"] is False
    assert bad["findings"] == ["pointsman.yaml:1: a: unknown key", "pointsman.yaml:2: b: unknown key"]


def test_check_reads_the_users_categories(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("intents: {folder: mine}\n")
    assert "no such folder" in failure(invoke("check")).message
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "weather.yaml").write_text("name: weather\ndescription: d\npath: llm\n")
    assert "✓ 11 categories, " in invoke("check").stdout
    (tmp_path / "mine" / "weather.yaml").write_text("name: weather\npath: llm\n")
    assert "weather.yaml:1: description: is missing" in failure(invoke("check")).message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fallback: genral_chat\n", "pointsman.yaml:1: fallback: there is no category 'genral_chat'; did you mean"),
        (
            "tiers:\n  - kind: patterns\n    accept_by_category: {weather: 0.5}\n",
            "pointsman.yaml:3: tiers.0.accept_by_category.weather: there is no category 'weather'",
        ),
        ("models:\n  small:\n    file: absent.gguf\n", "pointsman.yaml:3: models.small.file: "),
    ],
)
def test_check_finds_what_is_named_and_not_there(invoke: Invoke, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "pointsman.yaml").write_text(text)
    assert failure(invoke("check")).message.startswith(said)


def test_check_names_the_variable_that_names_an_absent_model(invoke: Invoke) -> None:
    message = failure(invoke("check", POINTSMAN_MODEL="absent.gguf")).message
    assert message.startswith("POINTSMAN_MODEL: models.main.file: ")
    assert len(message.splitlines()) == 1


def test_a_removed_category_needs_no_bar_of_its_own(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("intents: {folder: mine}\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "off.yaml").write_text("name: image_generation\nenabled: false\n")
    assert invoke("check").exit_code == 0
    (tmp_path / "mine" / "off.yaml").write_text("name: general_chat\nenabled: false\n")
    error = failure(invoke("check"))
    assert error.message == "fallback: there is no category 'general_chat', which is the default of this key"
    assert error.cure.startswith("set `fallback:` to one of: code_execution, ")


def test_check_warns_of_what_is_valid_and_surprises(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("version: 1\ntiers:\n  - kind: fast\n")
    result = invoke("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == [
        "! pointsman.yaml:2: tiers: `corrections` is missing, so corrections do not decide anything",
        "  cure: put `- kind: corrections` first",
    ]
    found = json.loads(invoke("check", "--json").stdout)
    assert (found["ok"], found["findings"]) == (True, [])
    assert [it["cure"] for it in found["warnings"]] == ["put `- kind: corrections` first"]
    (tmp_path / "pointsman.yaml").unlink()
    assert json.loads(invoke("check", "--json").stdout)["warnings"] == []


def test_schema_prints_what_is_committed(invoke: Invoke) -> None:
    assert invoke("schema").stdout == schema.CONFIG_FILE.read_text(encoding="utf-8")
    assert invoke("schema", "--intent").stdout == schema.INTENT_FILE.read_text(encoding="utf-8")


def test_show(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("server:\n  port: 81\n")
    result = invoke("show")
    assert result.exit_code == 0
    assert "server.port: 81\n" in result.stdout
    assert 'tiers.0.kind: "tasks"\n' in result.stdout
    assert result.stderr == "# pointsman.yaml\n"


def test_show_where_values_come_from(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("server:\n  port: 81\n")
    lines = invoke("show", "--origins", POINTSMAN_HOST="::1").stdout.splitlines()
    found = {line.partition(":")[0]: line.rpartition("# ")[2] for line in lines}
    assert found["server.port"] == "pointsman.yaml:2"
    assert found["server.host"] == "env POINTSMAN_HOST"
    assert found["server.max_body"] == "default"


def test_show_as_json(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("server:\n  port: 81\n")
    whole = json.loads(invoke("show", "--config", "other.yaml", "--json", "--origins").stdout)
    assert whole["source"] == "other.yaml"
    assert whole["config"]["server"]["port"] == 81
    assert whole["origins"]["server.port"] == "other.yaml:2"
    assert json.loads(invoke("show", "--json").stdout)["source"] is None


def test_show_masks_secrets(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").write_text("server:\n  key: ${MY_KEY}\n")
    for arguments in (["show"], ["show", "--json"], ["show", "--origins"]):
        result = invoke(*arguments, MY_KEY="hunter2hunter2")
        assert "hunter2" not in result.output
        assert '"***"' in result.stdout
    assert 'server.key: "***"' in invoke("show", MY_KEY="a", POINTSMAN_KEY="hunter2").stdout


@pytest.mark.parametrize(
    ("regex", "must", "said"),
    [
        ("(?=foo)", "foo", "mine/p"),
        ("foo", "bar", "mine/p does not match 'bar', which it must"),
        ("fo+", "foo", "mine/p matches 'fooo', which it must not"),
    ],
)
def test_check_runs_the_patterns_on_their_examples(tmp_path: Path, regex: str, must: str, said: str) -> None:
    (tmp_path / "intents").mkdir()
    pattern = f"- {{name: p, regex: '{regex}', must: [{must}], must_not: [fooo]}}"
    (tmp_path / "intents" / "mine.yaml").write_text(
        f"name: mine\ndescription: d\npath: llm\npatterns:\n{pattern}\nutterances: {{en: [a b c]}}\n"
    )
    (tmp_path / "pointsman.yaml").write_text("intents: {folder: intents}\n")
    result = CliRunner().invoke(config, ["check", str(tmp_path / "pointsman.yaml")])
    assert isinstance(result.exception, ConfigError)
    assert said in result.exception.message
