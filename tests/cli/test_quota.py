"""What is left of each service, by hand: without any, before the first call, after some, and when it is used up."""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.build.services import open_services
from pointsman.build.typical import question_about
from pointsman.cli.main import pointsman
from pointsman.cli.quota import duration, number_of
from pointsman.config import intents
from pointsman.config.load import load
from pointsman.core.errors import StoreError
from pointsman.core.faults import ServiceFailed
from pointsman.providers.groq import Groq
from pointsman.providers.remote.account import Faulted
from pointsman.stores.shelf import SqliteShelf
from pointsman.testing.clouds import FakeGroq

KEYS = {
    "GROQ_API_KEY": "gsk_test",
    "HF_TOKEN": "hf_test",
    "CLOUDFLARE_API_TOKEN": "cf_test",
    "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef",
}


def run(*words: str, **variables: str) -> Result:
    return CliRunner(env=variables).invoke(pointsman, words)


def services(**variables: str) -> dict[str, Any]:
    found = json.loads(run("quota", "--json", **variables).stdout)["services"]
    return {it["service"]: it for it in found}


def test_without_a_service_it_says_how_to_add_one_and_what_is_sent_then() -> None:
    said = run("quota").stdout
    assert "nothing leaves this machine" in said
    assert all(name in said for name in KEYS)
    assert "are sent to that service to pick a route" in said
    assert services() == {}


def test_switched_off_is_not_the_same_as_not_set_up() -> None:
    assert "switched off" in run("quota", ROUTER_USE_CLOUD="false", **KEYS).stdout


def test_before_the_first_call_what_is_left_is_told_in_calls_by_what_one_would_take() -> None:
    found = services(**KEYS)
    assert list(found) == ["cloudflare", "groq", "huggingface"]
    assert all(it["ready"] and it["estimated"] and it["sent_today"] == 0 for it in found.values())
    # 10,000 neurons, 200,000 tokens for each of three models, 10 cents: not the 300, 30 and 1,000 requests.
    assert 2000 < found["cloudflare"]["calls_left"] < 7000
    assert 450 < found["groq"]["calls_left"] < 1500
    assert 100 < found["huggingface"]["calls_left"] < 1000
    first, second = found["cloudflare"]["models"]
    assert first["calls_left"] == found["cloudflare"]["calls_left"] > 3 * second["calls_left"]
    assert sum(model["calls_left"] for model in found["groq"]["models"]) == found["groq"]["calls_left"]
    said = run("quota", **KEYS).stdout
    assert f"about {found['groq']['calls_left']:,} calls left today; 0 left this machine today (UTC)" in said
    assert "left this month" in said
    assert "10,000 of 10,000 neurons a day left (about " in said
    assert "sent to cloudflare, then groq, then huggingface" in said
    assert not any(key in said for name, key in KEYS.items() if name != "CLOUDFLARE_ACCOUNT_ID")


def test_a_server_on_this_machine_sends_nothing_away(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("cloud: {ollama: {enabled: true}}")
    said = run("quota", "--config", str(file)).stdout
    assert "as many calls as you like left today" in said
    assert "nothing leaves it" in said


def test_a_store_that_cannot_be_read_is_no_full_quota(tmp_path: Path) -> None:
    file = tmp_path / "broken.db"
    file.write_text("no database at all, but long enough to be looked at as one" * 20)
    broken = run("quota", POINTSMAN_STORE=str(file), **KEYS)
    assert isinstance(broken.exception, StoreError)
    assert "0 calls" not in broken.stdout


async def test_after_calls_it_tells_what_they_took_and_how_they_went(tmp_path: Path) -> None:
    async with FakeGroq() as fake:
        config = load(configured(tmp_path, fake.url)).config
        opened = open_services(config, SqliteShelf(config.store.path))
        (service,) = opened
        assert isinstance(service.spoken, Groq)
        question = question_about(intents.of(config), 7)
        ask = partial(service.spoken.label, question=question, sample=0, form="json_schema")
        try:
            for _ in range(6):
                await service.caller.call(ask)
        finally:
            await opened.close()
        sent = len(fake.requests)
        found = (await asyncio.to_thread(services, POINTSMAN_CONFIG=str(tmp_path / "p.yaml")))["groq"]
        said = (await asyncio.to_thread(run, "quota", POINTSMAN_CONFIG=str(tmp_path / "p.yaml"))).stdout
    assert len(fake.requests) == sent == found["sent_today"] == found["calls"] == 6
    assert found["models"][0]["p50"] is not None
    assert "in 24 hours 6 calls; half answered within " in said
    assert "6 left this machine today" in said
    (day,) = [it for it in found["models"][0]["limits"] if (it["unit"], it["per"]) == ("requests", "day")]
    assert day["left"] == pytest.approx(994, abs=0.1)


def configured(folder: Path, url: str, more: str = "") -> Path:
    file = folder / "p.yaml"
    file.write_text(f"store: {{path: {folder / 'd.db'}}}\ncloud: {{groq: {{key: gsk_test, url: '{url}'{more}}}}}")
    return file


def kept(folder: Path, *faults: ServiceFailed, models: tuple[str, ...]) -> str:
    """A configuration whose Groq failed so; models that are named twice failed twice."""
    file = configured(folder, "http://127.0.0.1:9/openai/v1", f", models: [{', '.join(dict.fromkeys(models))}]")
    config = load(file).config
    opened = open_services(config, SqliteShelf(config.store.path))

    async def fail() -> None:
        (service,) = opened
        for fault, model in zip(faults, models, strict=True):
            ledger = service.caller._ledger
            await ledger.settle(await ledger.admit(model, {}), Faulted(fault))
        await opened.close()

    asyncio.run(fail())
    return str(file)


def fault(kind: Any, wait: float | None = None, scope: Any = "model") -> ServiceFailed:
    return ServiceFailed(kind, "words", service="groq", wait=wait, scope=scope)


def test_a_refused_key_names_the_variable_to_set(tmp_path: Path) -> None:
    file = kept(tmp_path, fault("auth", scope="service"), models=("m",))
    found = services(POINTSMAN_CONFIG=file)["groq"]
    assert (found["ready"], found["state"], found["calls_left"]) == (False, "key refused: set GROQ_API_KEY anew", 0)


def test_doctor_says_so_too(tmp_path: Path) -> None:
    file = kept(tmp_path, fault("auth", scope="service"), models=("m",))
    found = json.loads(run("doctor", "--json", POINTSMAN_CONFIG=file).stdout)["findings"]
    assert ("groq", "failed", "key refused: set GROQ_API_KEY anew") in [
        (it["check"], it["grade"], it["found"]) for it in found
    ]


def test_a_used_up_quota_says_until_when(tmp_path: Path) -> None:
    file = kept(tmp_path, fault("quota_exhausted", 7200), models=("m",))
    found = services(POINTSMAN_CONFIG=file)["groq"]
    assert re.fullmatch(r"not asked until \d\d:\d\d UTC: quota exhausted", found["state"])
    assert found["calls_left"] == 0
    assert "1 quota exhausted" in run("quota", POINTSMAN_CONFIG=file).stdout


def test_one_model_that_is_used_up_leaves_the_others(tmp_path: Path) -> None:
    file = kept(tmp_path, fault("quota_exhausted", 7200), fault("bad_request"), models=("m", "n"))
    found = services(POINTSMAN_CONFIG=file)["groq"]
    assert found["ready"]
    assert [model["ready"] for model in found["models"]] == [False, True]
    assert found["calls_left"] == found["models"][1]["calls_left"] > 0


def test_models_that_are_all_gone_are_named_with_what_to_do(tmp_path: Path) -> None:
    file = kept(tmp_path, fault("model_gone"), fault("model_gone"), models=("m", "n"))
    said = run("quota", POINTSMAN_CONFIG=file).stdout
    assert "groq: groq no longer serves m, n" in said
    assert "pointsman doctor --online" in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (35, "35 s"), (600, "10 min"), (9000, "2 h 30 min"), (80_000, "22 h"), (600_000, "7 days")],
)
def test_times_are_told_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_amounts_are_told_by_their_unit() -> None:
    assert [number_of(0.0996, "dollars"), number_of(0, "dollars"), number_of(9812.7, "neurons")] == [
        "0.0996",
        "0",
        "9,812",
    ]
    assert [number_of(3, "requests"), number_of(3.46, "requests")] == ["3", "3.5"]
