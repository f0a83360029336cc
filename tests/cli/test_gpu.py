"""`pointsman gpu`: with a gateway that owns the card, without one, and without a card."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI

from pointsman.cli.gpu import PARTS, gpu
from pointsman.cli.gpu_looking import snapshot_of, url_of
from pointsman.config.load import load
from pointsman.core.errors import ConfigError, NotAllowed, Unreachable
from pointsman.gpu.backend import Loaded
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.providers.probes.trouble import Trouble

GB = 10**9


def run(*words: str) -> Result:
    return CliRunner().invoke(gpu, words)


def test_a_gateway_that_runs_is_asked(gpu_owner: Any) -> None:
    said = json.loads(run("--json").stdout)
    assert said["by"] == "gateway"
    assert {name: said[name] for name in ("cards", "tenants", "queue")} == json.loads(
        json.dumps(gpu_owner.found.to_dict())
    )
    shown = run().stdout
    assert "ours 9.0   ▓ others 3.0   ▒ driver 1.0   ░ free 11.0 of 24.0 GB, 1.0 kept" in shown
    assert "others: a game 3.0 GB" in shown
    assert [line.split() for line in shown.splitlines() if line.startswith("ollama:qwen3:14b")] == [
        ["ollama:qwen3:14b", "ctx=8192", "in", "use,", "pinned", "10.0", "9.0", "-", "-"]
    ]
    assert [line.split() for line in shown.splitlines() if line.startswith(("others ", "together"))] == [
        ["others", "-", "-", "-", "3.0"],
        ["together", "20.0", "18.0", "-", "3.0"],
    ]
    assert "1. image with comfyui:z (background) waits 2 s, about 12 s more: ollama:qwen3:14b is in use" in shown
    assert "No gateway" not in shown


@pytest.mark.usefixtures("gpu_owner")
def test_a_wrong_key_is_said_and_nothing_is_looked_up_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_KEY", "another")
    for words in ((), ("free",), ("--watch",)):
        refused = run(*words).exception
        assert isinstance(refused, NotAllowed)
        assert refused.exit_code == 2
        assert "POINTSMAN_KEY" in refused.cure


def test_a_gateway_that_owns_no_card_leaves_the_looking_to_us(gpu_start: Callable[..., None]) -> None:
    gpu_start(None)
    assert json.loads(run("--json").stdout)["by"] == "here"


def test_another_program_at_its_address_is_no_gateway(gpu_start: Callable[..., None]) -> None:
    gpu_start(None, FastAPI())
    assert json.loads(run("--json").stdout)["by"] == "here"


def test_without_a_gateway_the_card_and_the_servers_are_looked_at(gpu_here: Any) -> None:
    gpu_here.comfyui.fails = Unreachable("nobody answers", cure="start it")
    said = json.loads(run("--json").stdout)
    assert said["by"] == "here"
    assert said["cards"][0] | {"age": 0.0} == asdict(
        CardNow(
            device="gpu0",
            name="Fake 4090",
            total=24 * GB,
            reserved=GB,
            margin=int(0.04 * 24 * GB),
            used=12 * GB,
            booked=0,
            external=3 * GB,
            source="nvml",
            age=0.0,
            holders="ollama 9.0 GB, process 8 1.0 GB",
        )
    )
    (tenant,) = said["tenants"]
    assert (tenant["booked"], tenant["reported"], tenant["measured"]) == (0, 9 * GB, None)
    assert (tenant["spilled"], tenant["variant"]) == (2 * GB, "ctx=8192")
    assert said["remarks"] == ["comfyui: nobody answers"]
    shown = run().stdout
    assert "on it: ollama 9.0 GB, process 8 1.0 GB" in shown
    assert "2.0 GB of it lie in the computer's memory" in shown
    assert "comfyui: nobody answers" in shown
    assert "loaded" in shown
    assert "idle" not in shown
    assert "No gateway runs here" in shown
    assert (gpu_here.card.closed, gpu_here.ollama.closed) == (2, 2)


def test_of_several_cards_each_has_its_own_ledger(gpu_owner: Any) -> None:
    card, tenant = gpu_owner.found.cards[0], gpu_owner.found.tenants[0]
    cards = (card, replace(card, device="gpu1", name="Second"))
    tenants = (tenant, replace(tenant, name="ollama:b", device="gpu1"), replace(tenant, name="ollama:c", device=""))
    gpu_owner.found = Snapshot(cards, tenants, ())
    lines = run().stdout.splitlines()
    order = [line.split()[0] for line in lines if line.startswith(("Fake", "Second", "ollama"))]
    assert order == ["Fake", "ollama:qwen3:14b", "Second", "ollama:b", "ollama:c"]
    assert lines[-1] == "Nobody waits."


def test_several_cards_are_not_charged_with_what_lies_on_nobody_knows_which(gpu_here: Any) -> None:
    gpu_here.card.devices = ("gpu0", "gpu1")
    gpu_here.ollama.held = [Loaded("ollama:a", GB, GB), Loaded("ollama:b", 2 * GB, 2 * GB, device="gpu1")]
    assert [it["external"] for it in json.loads(run("--json").stdout)["cards"]] == [12 * GB, 10 * GB]


def test_no_card_is_said_calmly_with_what_follows(gpu_here: Any) -> None:
    gpu_here.card.blind = True
    gpu_here.card.trouble = Trouble("the NVIDIA driver is not loaded", "see what nvidia-smi says")
    gpu_here.servers = []
    done = run()
    assert done.exit_code == 0
    assert done.stdout.startswith(
        "No graphics card is seen here.\n  the NVIDIA driver is not loaded\n  cure: see what nvidia-smi says\n"
    )
    assert "budget: 20GB" in done.stdout
    said = json.loads(run("--json").stdout)
    assert (said["cards"], said["tenants"]) == ([], [])
    assert said["remarks"] == ["the NVIDIA driver is not loaded"]


def test_what_is_loaded_is_shown_without_a_card_too(gpu_here: Any) -> None:
    gpu_here.card.blind = True
    assert "ollama:qwen3:14b" in run().stdout


def test_a_budget_that_nobody_measures_is_told_as_one(gpu_owner: Any) -> None:
    card, tenant = gpu_owner.found.cards[0], gpu_owner.found.tenants[0]
    static = replace(card, name="", source="static", reserved=0, used=0, external=0, holders="")
    gpu_owner.found = Snapshot((static,), (tenant,), ())
    shown = run().stdout
    assert shown.startswith("gpu0, a budget that nobody measures\n")
    assert "booked 11.0   ░ free 13.0 of 24.0 GB, 1.0 kept" in shown
    assert "\nothers" not in shown


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ({"users": 3, "pinned": False}, "in use by 3"),
        ({"users": 0, "pinned": False, "idle_seconds": 42.0}, "idle 42 s"),
        ({"phase": "loading", "pinned": False}, "loading"),
        ({"phase": "releasing", "pinned": False}, "giving way"),
        ({"phase": "cold", "pinned": True}, "not loaded, pinned"),
    ],
)
def test_what_a_tenant_does(gpu_owner: Any, does: dict[str, Any], said: str) -> None:
    card, tenant = gpu_owner.found.cards[0], gpu_owner.found.tenants[0]
    gpu_owner.found = Snapshot((replace(card, age=7.0),), (replace(tenant, **does),), ())
    shown = run().stdout
    assert f"ollama:qwen3:14b ctx=8192  {said}" in shown
    assert "NVIDIA's driver 7 s ago" in shown


@pytest.mark.parametrize(
    "words", [("--every", "2"), ("--json", "free"), ("--watch", "budget"), ("--every", "0", "--watch")]
)
def test_options_that_make_no_sense_are_refused(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:1"), ("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1")],  # noqa: S104
)
def test_the_gateway_is_where_it_listens(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    for name, value in (("POINTSMAN_HOST", host), ("POINTSMAN_PORT", "1"), ("POINTSMAN_KEY", "not-a-secret")):
        monkeypatch.setenv(name, value)
    assert url_of(load().config) == url
    monkeypatch.setenv("POINTSMAN_PORT", "0")
    assert url_of(load().config) == ""


def test_another_versions_answer_is_read_as_far_as_it_goes() -> None:
    found = snapshot_of(
        {"cards": [{"device": "gpu0", "total": 5, "new": 1}, 3], "tenants": "x", "queue": [{"kind": "chat"}]}
    )
    assert found.cards == (CardNow("gpu0", "", 5, 0, 0, 0, 0, 0, "", 0.0, ""),)
    assert (found.tenants, found.queue) == ((), (WishNow(0, "chat", "", "", 0.0, 0.0, ""),))
    assert snapshot_of({"tenants": [{"name": "a"}]}).tenants[0] == TenantNow(
        "a", "cold", "", "", 0, None, None, 0, 0, False, 0.0
    )


def test_help_lists_the_parts_and_imports_nothing_heavy() -> None:
    said = run("--help").stdout
    assert all(name in said for name in PARTS)
    code = "import sys; from pointsman.cli.gpu import gpu; gpu(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"pynvml", "rich", "aiohttp", "pydantic", "asyncio", "numpy", "fastapi"}
    assert not {name.partition(".")[0] for name in done.stdout.split()} & heavy
    assert run("nonsense").exit_code == 2


def test_the_configuration_is_taken_from_the_part_or_from_the_group(tmp_path: Path) -> None:
    broken = tmp_path / "p.yaml"
    broken.write_text("nonsense: 1")
    for words in (("--config", str(broken)), ("--config", str(broken), "free"), ("free", "--config", str(broken))):
        assert isinstance(run(*words).exception, ConfigError)
