"""What recorded decisions add up to, and which model has which part."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.core.category import Catalogue, Category
from pointsman.core.correction import Correction
from pointsman.core.plan import Abilities
from pointsman.dashboard import roles, traffic
from pointsman.dashboard.origins import DEFAULT, STARTED, known_of
from pointsman.gpu.footprints import Footprint
from pointsman.gpu.snapshot import Snapshot, TenantNow
from pointsman.stores.figures import Figures

GB = 10**9
NOON = datetime(2026, 3, 2, 12).astimezone().timestamp()
ROW = Figures("d", NOON, "http", "general_chat", "llm", "fast", 0.8, 0.5, True, "qwen", 2.0, 10, 40)
FAILED = replace(ROW, model="", seconds=0.0, prompt_tokens=0, completion_tokens=0, code="no_room")


def test_a_category_costs_what_its_answered_messages_took() -> None:
    gone = replace(FAILED, code="cancelled")
    open_yet = replace(ROW, ended=False, model="")
    (found,) = traffic.costs([ROW, replace(ROW, seconds=4.0), FAILED, gone, open_yet])
    assert (found.category, found.model, found.n) == ("general_chat", "qwen", 5)
    assert (found.ended, found.failed) == (3, 1)
    assert (found.p50, found.speed, found.read, found.written) == (3.0, 15.0, 10.0, 40.0)


def test_what_no_model_answers_costs_no_tokens() -> None:
    said = replace(ROW, category="greeting", model="", prompt_tokens=0, completion_tokens=0)
    found = {(it.category, it.model): it for it in traffic.costs([said, ROW])}
    assert (found["greeting", ""].speed, found["greeting", ""].read) == (None, None)
    assert found["greeting", ""].p50 == 2.0
    assert list(traffic.by_model([said, ROW])) == ["qwen"]


def test_how_many_did_without_the_main_model() -> None:
    assert traffic.spared([ROW, replace(ROW, model=""), replace(ROW, model="tiny"), FAILED], "qwen") == 2 / 3
    assert traffic.spared([FAILED], "qwen") is None


def test_days_between_have_nothing_and_are_there() -> None:
    later = replace(ROW, at=NOON + 2 * traffic.DAY, tier="fallback", confidence=0.4)
    taught = Correction("c1", "x", "reasoning", "general_chat", at=NOON)
    found = traffic.days([later, ROW], [taught, replace(taught, at=1.0)], NOON - 100, NOON + 2 * traffic.DAY)
    assert [(it.date, it.n, it.unsure, it.corrections) for it in found] == [
        ("2026-03-02", 1, 0, 1),
        ("2026-03-03", 0, 0, 0),
        ("2026-03-04", 1, 1, 0),
    ]
    assert [it.confidence for it in found] == [0.8, None, 0.4]
    assert found[0].tiers == {"fast": 1}
    assert traffic.days([], [], 0.0, NOON) == []


def test_corrections_are_labels_for_what_had_been_decided() -> None:
    taught = Correction("c1", "x", "reasoning", "general_chat")
    undone, untold = replace(taught, undone_at=5.0), replace(taught, was="")
    assert traffic.confusions([taught, taught, undone, untold]) == {("reasoning", "general_chat"): 2}


def test_who_answers_is_read_off_the_plan() -> None:
    catalogue = Catalogue(
        [
            Category("pictures", "", "image", slots=("prompt",)),
            Category("hello", "", "simple", replies={"en": ("Hi",)}),
            Category("bye", "", "simple"),
            Category("search", "", "llm+tools", tools=("web", "memory")),
        ]
    )
    abilities = Abilities(main="qwen", small="tiny", tools={"web": "no engine", "memory": ""})
    found = {it.category: it for it in roles.served(catalogue, abilities)}
    assert (found["pictures"].model, found["hello"].how, found["bye"].model) == ("", "a fixed reply", "tiny")
    assert (found["search"].model, found["search"].tools) == ("qwen", ("memory",))
    assert "web (no engine)" in found["search"].notice


def test_every_model_has_its_part_and_its_place_on_the_card() -> None:
    config = Config.model_validate(
        {
            "models": {
                "main": {"provider": "ollama", "url": "http://127.0.0.1:11434", "model": "qwen3:14b"},
                "small": {"provider": "ollama", "url": "http://127.0.0.1:11434", "model": "smollm2"},
                "spare": {"provider": "openai", "url": "http://far/v1", "model": "big"},
            }
        }
    )
    found = roles.roles(config)
    assert [(it.part.split(",")[0], it.name) for it in found] == [
        ("main", "qwen3:14b"),
        ("small", "smollm2"),
        ("spare", "big"),
        ("painter", "z-image-turbo"),
    ]
    assert found[2].tenant == ""
    learned = {"ollama:qwen3:14b@ctx=8192": Footprint((9 * GB, 8 * GB), (20.0,), (4.0, 3.0, 5.0))}
    assert roles.footing(found[0], None, learned) == roles.Footing(9 * GB, cold=20.0, warm=4.0)
    held = TenantNow("ollama:qwen3:14b", "resident", "gpu0", "", 7 * GB, None, None, 0, 0, False, 0.0)
    assert roles.footing(found[0], Snapshot((), (held,), ()), learned).bytes == 7 * GB
    assert roles.footing(found[0], Snapshot((), (held,), ()), learned).now
    assert roles.footing(found[2], None, learned) == roles.Footing()


def test_models_of_nothing_set_up_are_one() -> None:
    (found, *_) = roles.roles(Config())
    assert found.part.startswith("main and small")
    assert "this process" in found.where


def test_every_value_says_where_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "pointsman.yaml"
    file.write_text("server:\n  key: s3cret-s3cret\n  port: 9999\nmode: full\n")
    config = load(file, flags={"store.path": tmp_path / "x.db"}).config
    known = {it.key: it for it in known_of(config, file).values}
    assert (known["server.key"].value, known["server.key"].origin) == ("***", "pointsman.yaml:2")
    assert (known["server.port"].value, known["server.port"].usual) == ("9999", "8080")
    assert known["mode"].origin == "pointsman.yaml:4"
    assert not known["mode"].differs
    assert known["store.path"].origin == STARTED
    assert known["store.keep_text"].origin == DEFAULT
    assert not any("s3cret" in str(it) for it in known.values())


def test_a_file_that_cannot_be_read_now_leaves_the_values_that_are_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "pointsman.yaml"
    file.write_text("server:\n  port: 9999\n")
    config = load(file).config
    file.write_text("server:\n  prt: 1\n")
    known = known_of(config, file)
    assert "pointsman.yaml:2" in known.problem
    assert {it.key: it.origin for it in known.values}["server.port"] == STARTED
    assert known_of(Config(), None).problem == known.problem
    file.unlink()
    assert {it.origin for it in known_of(Config(), None).values} <= {DEFAULT, "env POINTSMAN_STORE"}
