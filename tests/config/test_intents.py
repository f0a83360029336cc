"""Categories from YAML: the shipped ones, the user's, what is wrong with them, and the cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pointsman.config import intents, yamlfile
from pointsman.config.cache import KEPT
from pointsman.config.load import load as settings
from pointsman.core.category import Catalogue
from pointsman.core.errors import ConfigError

WEATHER = """\
name: weather
description: Asks about the weather.
path: llm+tools
slots: [query]
tools: [search]
patterns:
  - name: rain
    regex: will it (rain|snow)
    measured: {right: 9, hits: 10}
    must: [will it rain?]
    must_not: [it rained]
  - name: sky
    regex: sky
utterances:
  en: [will it rain?, is it cold out]
  no: [blir det regn]
near_misses:
  reasoning: [why does it rain]
"""

SHIPPED = {
    "simple_thanks": "path: simple\nutterances: {en: [thanks a lot]}\nreplies: {en: [with pleasure]}",
    "reasoning": "path: llm\nutterances: {en: [which is heavier]}",
    "code_execution": "path: llm+tools\nutterances: {en: [run this]}\nnear_misses: {reasoning: [explain this code]}",
}


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small stand-in for the shipped categories, which take 0.4 s to parse."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name, rest in SHIPPED.items():
        (folder / f"{name}.yaml").write_text(f"name: {name}\ndescription: d\n{rest}\n")
    monkeypatch.setattr(intents, "shipped_folder", lambda: folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "weather.yaml").write_text(WEATHER)
    return folder


def load(folder: Path | None = None) -> Catalogue:
    return intents.load(folder, cache_folder=None)


def refused(folder: Path, text: str, name: str = "bad.yaml") -> str:
    (folder / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert caught.value.cure
    return caught.value.message.replace(f"{folder}/", "")


def test_the_ten_shipped_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    paths = {category.name: category.path for category in load()}
    assert paths == {
        "image_generation": "image",
        "simple_greeting": "simple",
        "simple_farewell": "simple",
        "simple_thanks": "simple",
        "general_chat": "llm",
        "knowledge_question": "llm",
        "reasoning": "llm",
        "web_search": "llm+tools",
        "memory_operation": "llm+tools",
        "code_execution": "llm+tools",
    }


def test_a_user_category_is_added(folder: Path) -> None:
    catalogue = load(folder)
    assert len(catalogue) == 4
    weather = catalogue["weather"]
    assert (weather.path, weather.slots, weather.tools) == ("llm+tools", ("query",), ("search",))
    assert [(it.text, it.language) for it in weather.utterances] == [
        ("will it rain?", "en"),
        ("is it cold out", "en"),
        ("blir det regn", "no"),
    ]
    assert [(it.text, it.category) for it in weather.near_misses] == [("why does it rain", "reasoning")]


def test_how_sure_a_pattern_is(folder: Path) -> None:
    rain, sky = load(folder)["weather"].patterns
    assert rain.confidence == pytest.approx(10 / 12)
    assert sky.confidence == 0.8
    (folder / "weather.yaml").write_text(WEATHER.replace("regex: sky", "regex: sky\n    confidence: 0.99"))
    assert load(folder)["weather"].patterns[1].confidence == 0.99


def test_a_user_category_replaces_the_shipped_one_in_its_place(folder: Path) -> None:
    (folder / "thanks.yml").write_text("name: simple_thanks\ndescription: d\npath: llm\n")
    catalogue = load(folder)
    assert catalogue["simple_thanks"].path == "llm"
    assert catalogue["simple_thanks"].utterances == ()
    assert [name for name in catalogue.names if name != "weather"] == list(load().names)


def test_a_user_removes_a_category_by_its_name_alone(folder: Path) -> None:
    (folder / "off.yaml").write_text("name: code_execution\nenabled: false\n")
    catalogue = load(folder)
    assert "code_execution" not in catalogue
    assert not [it for it in catalogue.utterances if it.category == "code_execution"]


def test_removing_what_is_not_there_is_a_mistake(folder: Path) -> None:
    said = refused(folder, "name: code_executoin\nenabled: false\n")
    assert said == ("bad.yaml:1: name: there is no category 'code_executoin' to remove; did you mean 'code_execution'?")


def test_two_files_of_one_name_are_a_mistake(folder: Path) -> None:
    said = refused(folder, WEATHER, "z.yaml")
    assert said == "z.yaml:1: name: 'weather' is already in weather.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad.yaml:1: should be `key: value` lines"),
        ("name: x\npath: llm\n", "bad.yaml:1: description: is missing"),
        ("name: Bad Name\ndescription: d\npath: llm\n", "bad.yaml:1: name: should match pattern"),
        (
            "name: x\ndescription: d\npath: lllm\n",
            "bad.yaml:3: path: should be 'image', 'simple', 'llm' or 'llm+tools'",
        ),
        ("name: x\ndescription: d\npath: llm\nuterances: {}\n", "bad.yaml:4: uterances: unknown key; did you mean"),
        ("name: x\ndescription: d\npath: llm\nslots:\n  - promt\n", "bad.yaml:5: slots.0: should be 'prompt'"),
        (
            "name: x\ndescription: d\npath: llm\npatterns:\n  - name: a\n    regx: b\n",
            "bad.yaml:5: patterns.0.regex: is missing\nbad.yaml:6: patterns.0.regx: unknown key; did you mean 'regex'?",
        ),
        (
            "name: x\ndescription: d\npath: llm\npatterns:\n  - {name: a, regex: b}\n  - {name: a, regex: c}\n",
            "bad.yaml:1: has two patterns named 'a'",
        ),
        (
            "name: x\ndescription: d\npath: llm\npatterns:\n- name: a\n  regex: b\n  measured: {hits: 1, right: 2}\n",
            "bad.yaml:7: patterns.0.measured: says that it was right more often than it matched",
        ),
        (
            "name: x\ndescription: d\npath: llm\nutterances:\n  en:\n    - fine\n    - 2024-01-05\n",
            "bad.yaml:7: utterances.en.1: should be a text",
        ),
        ("name: x\ndescription: d\npath: llm\nutterances:\n  EN: [a]\n", "bad.yaml:5: utterances.EN: this key should"),
        ("name: x\ndescription: d\npath: llm\nutterances:\n  en: a\n", "bad.yaml:5: utterances.en: should be a list"),
        (
            "name: x\ndescription: d\npath: llm\nnear_misses:\n  reasonning: [a]\n",
            "bad.yaml:5: near_misses: there is no category 'reasonning'; did you mean 'reasoning'?",
        ),
        ("name: x\ndescription: d\ndescription: e\n", 'bad.yaml:3: found duplicate key "description"'),
        ("name: x\n\tpath: llm\n", "bad.yaml:2: a tab stands where only spaces may"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(folder: Path, text: str, said: str) -> None:
    assert refused(folder, text).startswith(said)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load(tmp_path / "absent")


def test_a_file_that_is_not_utf8(folder: Path) -> None:
    (folder / "bad.yaml").write_bytes(b"name: x\ndescription: \xe9\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml:2: is not UTF-8"):
        load(folder)


def test_the_fingerprint_changes_with_any_content(folder: Path) -> None:
    before = load(folder).fingerprint
    assert load(folder).fingerprint == before
    (folder / "weather.yaml").write_text(WEATHER.replace("is it cold out", "is it cold out?"))
    assert load(folder).fingerprint != before


class Counting:
    """Counts how often YAML is parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = 0
        original = yamlfile.load

        def load_and_count(text: str, name: str) -> object:
            self.parsed += 1
            return original(text, name)

        monkeypatch.setattr(yamlfile, "load", load_and_count)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    return Counting(monkeypatch)


def entries(cache: Path) -> list[Path]:
    return sorted(cache.iterdir())


def test_the_second_start_parses_no_yaml(folder: Path, tmp_path: Path, counting: Counting) -> None:
    cache = tmp_path / "cache"
    first = intents.load(folder, cache_folder=cache)
    assert counting.parsed == 4
    second = intents.load(folder, cache_folder=cache)
    assert counting.parsed == 4
    assert list(second) == list(first)
    assert second.fingerprint == first.fingerprint
    (entry,) = entries(cache)
    assert json.loads(entry.read_text())["categories"]


def test_a_change_is_seen_at_once(folder: Path, tmp_path: Path, counting: Counting) -> None:
    cache = tmp_path / "cache"
    intents.load(folder, cache_folder=cache)
    (folder / "weather.yaml").write_text(WEATHER.replace("is it cold out", "is it hot out"))
    changed = intents.load(folder, cache_folder=cache)
    assert counting.parsed == 5  # the others are as they were
    assert changed["weather"].utterances[1].text == "is it hot out"
    (folder / "weather.yaml").unlink()
    assert "weather" not in intents.load(folder, cache_folder=cache)


@pytest.mark.parametrize("damage", [b"", b"\0\0\0", b'{"categories": [{"name": "x"}]}', b'{"categories": ['])
def test_a_damaged_entry_is_made_again(folder: Path, tmp_path: Path, counting: Counting, damage: bytes) -> None:
    cache = tmp_path / "cache"
    whole = intents.load(folder, cache_folder=cache)
    (entry,) = entries(cache)
    entry.write_bytes(damage)
    assert list(intents.load(folder, cache_folder=cache)) == list(whole)
    assert list(intents.load(folder, cache_folder=cache)) == list(whole)
    assert counting.parsed == 8


def test_a_cache_that_cannot_be_written_only_costs_time(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "weather" in intents.load(folder, cache_folder=tmp_path / "file" / "cache")


def test_what_is_wrong_is_never_kept(folder: Path, tmp_path: Path) -> None:
    (folder / "weather.yaml").write_text("name: 1\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"weather\.yaml:1: name: should be a text"):
            intents.load(folder, cache_folder=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_old_entries_are_forgotten(folder: Path, tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        (folder / "weather.yaml").write_text(WEATHER.replace("is it cold out", f"is it {number} degrees"))
        intents.load(folder, cache_folder=tmp_path / "cache")
    assert len(json.loads(entries(tmp_path / "cache")[0].read_text())["categories"]) == KEPT


def test_packed_categories_are_never_parsed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counting: Counting
) -> None:
    monkeypatch.setattr(intents, "packed_file", lambda: tmp_path / "packed" / "categories.json")
    (tmp_path / "packed").mkdir()
    intents.pack(tmp_path / "packed")
    parsed = counting.parsed
    found = intents.load(folder, cache_folder=tmp_path / "cache")
    assert counting.parsed == parsed + 1
    assert list(found) == list(load(folder))


def test_the_default_cache_folder_is_the_persons_own(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counting: Counting
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    intents.load(folder)
    intents.load(folder)
    assert counting.parsed == 4
    assert len(entries(tmp_path / "xdg" / "pointsman")) == 1


def test_a_configuration_says_which_categories_there_are(folder: Path) -> None:
    (folder / "weather.yaml").write_text("name: weather\ndescription: Asks about the weather.\npath: llm\n")
    (folder.parent / "only.yaml").write_text("fallback: weather\nintents: {folder: mine, shipped: false}\n")
    (folder.parent / "too.yaml").write_text("fallback: weather\nintents: {folder: mine}\n")
    only, too = (intents.of(settings(folder.parent / name).config) for name in ("only.yaml", "too.yaml"))
    assert only.names == ("weather",)
    (folder.parent / "lost.yaml").write_text("fallback: wether\nintents: {folder: mine, shipped: false}\n")
    lost = settings(folder.parent / "lost.yaml").config
    with pytest.raises(
        ConfigError, match=r"^fallback: there is no category 'wether'; did you mean 'weather'"
    ) as caught:
        intents.of(lost)
    assert caught.value.cure == "set `fallback:` to one of: weather"
    assert intents.listed(lost).names == ("weather",)
    assert {"weather", *load().names} == set(too.names) > too.own == {"weather"}
