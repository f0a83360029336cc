from __future__ import annotations

import os
from pathlib import Path

import pytest

from pointsman.config.load import VARIABLES, Loaded, find, load
from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel
from pointsman.core.errors import ConfigError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens here; it is the address that has to be refused


def written(folder: Path, text: str) -> Path:
    file = folder / "pointsman.yaml"
    file.write_bytes(text.encode())
    return file


def loaded(folder: Path, text: str, **environ: str) -> Loaded:
    written(folder, text)
    return load(environ=environ, start=folder)


def refused(folder: Path, text: str, **environ: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **environ)
    assert caught.value.cure
    return caught.value


BAD = [
    ("version: 2\n", "pointsman.yaml:1: version: should be 1"),
    ("server:\n  prot: 1\n", "pointsman.yaml:2: server.prot: unknown key; did you mean 'port'?"),
    ("\n\nserve:\n  port: 1\n", "pointsman.yaml:3: serve: unknown key; did you mean 'server'?"),
    ("zzzz: 1\n", "pointsman.yaml:1: zzzz: unknown key"),
    ("server: 5\n", "pointsman.yaml:1: server: should be `key: value` lines"),
    ("server:\n  port: high\n", "pointsman.yaml:2: server.port: should be a valid integer"),
    (
        "server:\n  max_body: 8MB\n  port: 70000\n",
        "pointsman.yaml:3: server.port: should be less than or equal to 65535",
    ),
    ("server:\n  host: 0.0.0.0\n", "pointsman.yaml:2: server.host: other machines can reach this address"),
    ("tiers: all\n", "pointsman.yaml:1: tiers: should be a list"),
    ("tiers:\n  - tasks\n", "pointsman.yaml:2: tiers.0: should be `key: value` lines"),
    ("tiers:\n  - accept: 1\n", "pointsman.yaml:2: tiers.0: does not say its kind"),
    (
        "tiers:\n  - kind: tasks\n  - kind: pattern\n",
        "pointsman.yaml:3: tiers.1: there is no kind 'pattern'; did you mean 'patterns'?",
    ),
    (
        "tiers:\n  - kind: oracle\n",
        (
            "pointsman.yaml:2: tiers.0: there is no kind 'oracle'; use one of tasks, corrections, followups, patterns, "
            "fast, neighbours, classifier, cache, cloud, judge"
        ),
    ),
    (
        "tiers:\n  - kind: tasks\n  - kind: neighbours\n    accpt: 1\n",
        "pointsman.yaml:4: tiers.1.accpt: unknown key; did you mean 'accept'?",
    ),
    (
        "tiers:\n  - kind: classifier\n    accept_by_category:\n      reasoning: 3\n",
        "pointsman.yaml:4: tiers.0.accept_by_category.reasoning: should be less than or equal to 1",
    ),
    (
        "tiers:\n  - kind: classifier\n    accept_by_category:\n      No Name: 0.1\n",
        "pointsman.yaml:4: tiers.0.accept_by_category.No Name: this key should match",
    ),
    ("tiers:\n  - kind: tasks\n  - kind: tasks\n", "pointsman.yaml:1: tiers: lists 'tasks' twice"),
    ("store:\n  keep_text: 1y\n", "pointsman.yaml:2: store.keep_text: should be a duration such as"),
    ("models:\n  main:\n    file: 3\n", "pointsman.yaml:3: models.main.file: should be a path"),
    ("models:\n  main:\n    fil: x\n", "pointsman.yaml:3: models.main.fil: unknown key; did you mean 'file'?"),
    (
        "models:\n  main:\n    provider: opnai\n",
        "pointsman.yaml:2: models.main: there is no provider 'opnai'; did you mean 'openai'?",
    ),
    (
        "models:\n  main:\n    provider: openai\n    url: http://x/v1\n    modl: y\n",
        "pointsman.yaml:5: models.main.modl: unknown key; did you mean 'model'?",
    ),
    ("models:\n  main:\n    provider: openai\n    model: y\n", "pointsman.yaml:2: models.main.url: is missing"),
    (
        "models:\n  main:\n    url: http://x/v1\n    model: y\n",
        "pointsman.yaml:2: models.main: has a `url`, which embedded models do not",
    ),
    ("models:\n  tiny: {}\n", "pointsman.yaml:2: models.tiny: unknown key"),
    ("models:\n  main:\n    name: 7\n", "pointsman.yaml:3: models.main.name: should be a text"),
    ("1: 2\n", "pointsman.yaml:1: 1: "),
    ("- version: 1\n", "pointsman.yaml:1: the file should be `key: value` lines"),
    ("\n\njust words\n", "pointsman.yaml:1: the file should be `key: value` lines"),
    ("version: 1\nversion: 1\n", 'pointsman.yaml:2: found duplicate key "version"'),
    ("server:\n  port: 1\n  port: 2\n", 'pointsman.yaml:3: found duplicate key "port"'),
    ("server:\n\tport: 1\n", "pointsman.yaml:2: a tab stands where only spaces may"),
    ("server: {port: 1\n", "pointsman.yaml:"),
    ("server: {host: ${HOST}}\n", "pointsman.yaml:1: "),
    ("a: b: c\n", "pointsman.yaml:1: mapping values are not allowed here"),
    ("a: 1\n---\nb: 2\n", "pointsman.yaml:2: "),
    ("fallback: \0\n", "pointsman.yaml:1: the character U+0000 is not allowed"),
    ("version: 1\nfallback: !!python/name:os.system x\n", "pointsman.yaml:2: could not determine a constructor"),
    ("version: 1\nfallback: !!int x\n", "pointsman.yaml:2: this value cannot be read"),
    ("version: 1\nserver:\n  key: 2020-13-45\n", "pointsman.yaml:3: this value cannot be read"),
    ("version: 1\nfallback: !!bool x\n", "pointsman.yaml:2: this value cannot be read"),
    ("fallback: *nowhere\n", "pointsman.yaml:1: found undefined alias 'nowhere'"),
    ("- " * 5000, "pointsman.yaml: is nested too deeply"),
    ("x: &x [*x]\n", "pointsman.yaml: holds too many values"),
    ("server:\n  key: ${NOWHERE}\n", "pointsman.yaml:2: server.key: the environment variable NOWHERE is not set"),
    ("tiers:\n  - kind: ${KIND\n", "pointsman.yaml:2: tiers.0.kind: ${ begins no variable's name"),
    ("fallback: ${1X}\n", "pointsman.yaml:1: fallback: ${ begins no variable's name"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text).message.startswith(said)


def test_all_findings_are_said_at_once(tmp_path: Path) -> None:
    error = refused(tmp_path, "fallback: 1\nserver:\n  port: x\n  hots: y\nreply:\n  footer: maybe\n")
    assert [line.split(": ")[:2] for line in error.message.splitlines()] == [
        ["pointsman.yaml:1", "fallback"],
        ["pointsman.yaml:3", "server.port"],
        ["pointsman.yaml:4", "server.hots"],
        ["pointsman.yaml:6", "reply.footer"],
    ]


def test_many_findings_are_counted(tmp_path: Path) -> None:
    error = refused(tmp_path, "".join(f"k{number}: 1\n" for number in range(30)))
    assert len(error.message.splitlines()) == 11
    assert error.message.endswith("and 20 more")


def test_a_wrong_main_model_is_not_blamed_on_the_small_one(tmp_path: Path) -> None:
    assert "small" not in refused(tmp_path, "models:\n  main:\n    context: x\n").message


def test_messages_never_repeat_a_secret(tmp_path: Path) -> None:
    for text in ("server:\n  key: hunter2 hunter2\n", "server:\n  key: hunter2\n  key: hunter2\n"):
        assert "hunter2" not in str(refused(tmp_path, text))
    assert "hunter2" not in str(refused(tmp_path, "server: {}\n", POINTSMAN_PORT="hunter2"))


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "{}\n", "\ufeff", "server:\ntiers:\n"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text).config == Config()


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    assert loaded(tmp_path, "\ufeffserver:\r\n  port: 81\r\n").config.server.port == 81


def test_a_megabyte_of_nonsense_is_refused_unread(tmp_path: Path) -> None:
    assert "larger than 256 kB" in refused(tmp_path, "nonsense: [" * 100_000).message


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        load(tmp_path, environ={})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^absent\.yaml: no such file"):
        load(Path("absent.yaml"), environ={}, start=tmp_path)
    with pytest.raises(ConfigError, match=r"^POINTSMAN_CONFIG: absent\.yaml: no such file"):
        load(environ={"POINTSMAN_CONFIG": "absent.yaml"}, start=tmp_path)


def test_aliases_of_aliases_do_not_eat_the_memory(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)]
    assert "too many values" in refused(tmp_path, "\n".join(lines)).message


def test_anchors_and_merges_keep_their_lines(tmp_path: Path) -> None:
    text = "models:\n  main: &m\n    context: 512\n  small:\n    <<: *m\n    name: tiny\n"
    found = loaded(tmp_path, text)
    assert found.config.models.small == EmbeddedModel(context=512, name="tiny")
    assert found.origins["models.small.context"] == "pointsman.yaml:3"
    assert found.origins["models.small.name"] == "pointsman.yaml:6"
    assert refused(tmp_path, text.replace("512", "5")).message.count("pointsman.yaml:3") == 2


# --- finding and precedence


def test_the_working_folder_comes_before_the_settings_folder(tmp_path: Path) -> None:
    here, settings = tmp_path / "here", tmp_path / "xdg" / "pointsman"
    here.mkdir()
    settings.mkdir(parents=True)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert find(here, environ) is None
    there = written(settings, "")
    assert find(here, environ) == there
    mine = written(here, "")
    assert find(here, environ) == mine


def test_a_folder_called_like_the_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").mkdir()
    assert find(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path)}) is None


def test_no_file_at_all(tmp_path: Path) -> None:
    found = load(environ={"XDG_CONFIG_HOME": str(tmp_path)}, start=tmp_path)
    assert found.source is None
    assert found.config == Config()
    assert set(found.origins.values()) == {"default"}


def test_flag_over_environment_over_file_over_default(tmp_path: Path) -> None:
    written(tmp_path, "server:\n  port: 81\n")
    environ = {"POINTSMAN_PORT": "82"}
    flags = {"server.port": 83}
    seen = [
        load(environ={"XDG_CONFIG_HOME": str(tmp_path)}, start=tmp_path / "nowhere"),
        load(environ={}, start=tmp_path),
        load(environ=environ, start=tmp_path),
        load(environ=environ, flags=flags, start=tmp_path),
    ]
    assert [found.config.server.port for found in seen] == [8080, 81, 82, 83]
    assert [found.origins["server.port"] for found in seen] == [
        "default",
        "pointsman.yaml:2",
        "env POINTSMAN_PORT",
        "flag --port",
    ]


def test_the_file_over_the_variable_that_names_another(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("server: {port: 90}")
    third = tmp_path / "third.yaml"
    third.write_text("server: {port: 91}")
    written(tmp_path, "server: {port: 81}")
    environ = {"POINTSMAN_CONFIG": str(other)}
    assert load(environ=environ, start=tmp_path).config.server.port == 90
    assert load(third, environ=environ, start=tmp_path).config.server.port == 91


@pytest.mark.parametrize("said", ["", "cloud:", "cloud: {ollama: {enabled: false}}", "cloud: {ollama: {models: [m]}}"])
def test_where_ollama_listens_is_passed_over_while_it_is_off(tmp_path: Path, said: str) -> None:
    found = loaded(tmp_path, said, OLLAMA_HOST="http://[::1/what is this")
    assert found.config.cloud.ollama.url == "http://127.0.0.1:11434"
    assert found.origins["cloud.ollama.url"] == "default"


@pytest.mark.parametrize("on", ["true", "'yes'", '"${SWITCH}"'])
def test_where_ollama_listens_counts_while_it_is_on(tmp_path: Path, on: str) -> None:
    found = loaded(tmp_path, f"cloud: {{ollama: {{enabled: {on}}}}}", OLLAMA_HOST="box", SWITCH="1")
    assert found.config.cloud.ollama.url == "http://box:11434"
    assert found.origins["cloud.ollama.url"] == "env OLLAMA_HOST"
    with pytest.raises(ConfigError, match="OLLAMA_HOST"):
        loaded(tmp_path, f"cloud: {{ollama: {{enabled: {on}}}}}", OLLAMA_HOST="http://[::1/what", SWITCH="1")


def test_a_blank_variable_says_nothing(tmp_path: Path) -> None:
    found = loaded(tmp_path, "cloud: {ollama: {enabled: true}}", OLLAMA_HOST=" ", POINTSMAN_PORT="  ")
    assert (found.config.cloud.ollama.url, found.config.server.port) == ("http://127.0.0.1:11434", 8080)
    assert loaded(tmp_path, "", POINTSMAN_CONFIG=" ").overrides == {}


def test_every_variable(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "cloud: {ollama: {enabled: true}}",
        POINTSMAN_HOST=EVERYWHERE,
        POINTSMAN_PORT="82",
        POINTSMAN_KEY="k",
        POINTSMAN_STORE="d/x.db",
        POINTSMAN_MODEL="m.gguf",
        ROUTER_USE_CLOUD="no",
        ROUTER_FALLBACK_LOCAL="0",
        GROQ_API_KEY="gsk_a",
        CLOUDFLARE_ACCOUNT_ID="0" * 32,
        CLOUDFLARE_API_TOKEN="cf_b",
        HF_TOKEN="hf_c\n",
        DISCORD_TOKEN="dc_d",
        OLLAMA_HOST=EVERYWHERE,
        COMFYUI_URL="box:8189",
        SEARXNG_URL="http://box:8888",
    )
    config = found.config
    cloud = config.cloud
    assert config.images.comfyui.url == "http://box:8189"
    assert (cloud.enabled, cloud.fallback_local) == (False, False)
    assert cloud.ollama.url == "http://127.0.0.1:11434"
    secrets = [cloud.groq.key, cloud.cloudflare.token, cloud.huggingface.token, config.discord.token]
    assert [secret.get_secret_value() for secret in secrets if secret] == ["gsk_a", "cf_b", "hf_c", "dc_d"]
    assert (config.server.host, config.server.port) == (EVERYWHERE, 82)
    assert config.server.key is not None
    assert config.server.key.get_secret_value() == "k"
    assert config.store.path == tmp_path / "d" / "x.db"
    assert config.models.main == config.models.small == EmbeddedModel(file=tmp_path / "m.gguf")
    for variable in VARIABLES:
        if variable.key:
            assert found.origins[variable.key] == f"env {variable.name}"
    assert found.origins["models.small.file"] == "env POINTSMAN_MODEL"


def test_the_embedded_model_is_not_a_path(tmp_path: Path) -> None:
    config = loaded(tmp_path, "models: {main: {file: x.gguf}}\n", POINTSMAN_MODEL="smollm2").config
    assert config.models.main == EmbeddedModel(file="smollm2")


def test_a_file_from_outside_stands_in_the_place_of_a_server(tmp_path: Path) -> None:
    text = "models:\n  main: {provider: openai, url: 'http://x/v1', model: y, name: mine}\n"
    small = "  small: {provider: openai, url: 'http://x/v1', model: z}\n"
    models = loaded(tmp_path, text + small, POINTSMAN_MODEL="smollm2").config.models
    assert models.main == EmbeddedModel()
    assert models.small.name is None
    assert models.small != models.main
    assert loaded(tmp_path, text).config.models.main.name == "mine"


def test_an_empty_variable_and_an_absent_flag_say_nothing(tmp_path: Path) -> None:
    written(tmp_path, "server: {port: 81}\n")
    found = load(environ={"POINTSMAN_PORT": ""}, flags={"server.port": None}, start=tmp_path)
    assert found.config.server.port == 81


def test_a_wrong_variable_or_flag_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, "", POINTSMAN_PORT="high").message.startswith("POINTSMAN_PORT: server.port: should be")
    with pytest.raises(ConfigError, match=r"^--port: server\.port: should be"):
        load(environ={"POINTSMAN_PORT": "1"}, flags={"server.port": "high"}, start=tmp_path)
    with pytest.raises(ConfigError, match=r"^--server\.nowhere: server\.nowhere: unknown key"):
        load(environ={}, flags={"server.nowhere": 1}, start=tmp_path)


def test_a_host_from_the_environment_needs_a_key_too(tmp_path: Path) -> None:
    error = refused(tmp_path, "", POINTSMAN_HOST=EVERYWHERE)
    assert error.message.startswith("POINTSMAN_HOST: server.host: ")
    assert "POINTSMAN_KEY" in error.cure


def test_a_section_that_is_no_section_is_still_named(tmp_path: Path) -> None:
    assert refused(tmp_path, "server: 5\n", POINTSMAN_PORT="82").message.startswith("pointsman.yaml:1: server: ")


def test_paths_in_a_file_start_from_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    file = written(folder, "store: {path: x.db}\nintents: {folder: mine}\n")
    config = load(file, environ={}, start=tmp_path).config
    assert (config.store.path, config.intents.folder) == (folder / "x.db", folder / "mine")


def test_origins_inside_lists(tmp_path: Path) -> None:
    origins = loaded(tmp_path, "tiers:\n  - kind: tasks\n  - kind: neighbours\n    k: 3\n").origins
    assert origins["tiers.0.kind"] == "pointsman.yaml:2"
    assert origins["tiers.1.k"] == "pointsman.yaml:4"
    assert origins["tiers.1.accept"] == "default"
    assert origins["version"] == "default"


def test_the_process_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_PORT", "84")
    monkeypatch.chdir(tmp_path)
    assert load().config.server.port == int(os.environ["POINTSMAN_PORT"])
