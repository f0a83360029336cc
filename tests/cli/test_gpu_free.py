"""`pointsman gpu free`: through the gateway, or by telling the servers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli import gpu_free
from pointsman.cli.gpu import gpu
from pointsman.cli.gpu_free import Outcome, freed, freed_here, lines_of
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError, InvalidInput, NoRoom, PointsmanError, Unreachable
from pointsman.core.ports import Clock
from pointsman.gpu.backend import Loaded

GB = 10**9


def run(*words: str) -> Result:
    return CliRunner().invoke(gpu, words)


def noted(slept: list[float]) -> Callable[[float], Awaitable[None]]:
    """A sleep that takes no time."""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return sleep


def test_the_gateway_frees_and_says_what_stays(gpu_owner: Any, gpu_here: Any) -> None:
    done = run("free", "comfyui:z")
    assert done.stdout == "4.0 GB came free.\n"
    assert gpu_owner.asked == ["comfyui:z"]
    assert run("free").stdout == (
        "4.0 GB came free.\nStill in memory: ollama:qwen3:14b (in use, pinned, or about to let go).\n"
    )
    assert json.loads(run("free", "--json").stdout)["freed"] == 4 * GB
    assert gpu_here.ollama.told == []  # the servers are the gateway's


def test_what_the_gateway_refuses_is_said(gpu_owner: Any) -> None:
    gpu_owner.fails = NoRoom("not now", cure="wait")
    refused = run("free").exception
    assert isinstance(refused, PointsmanError)
    assert refused.exit_code == 4
    assert "not now" in refused.message


def test_without_a_gateway_the_servers_are_told_and_freed_is_what_is_seen(
    gpu_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def at_once(config: Config, tenant: str, clock: Clock, _: object) -> Outcome:
        return await freed(config, tenant, clock, noted(slept))

    # Not asyncio.sleep: the servers in other threads of this process would sleep no more either.
    monkeypatch.setattr(gpu_free, "freed", at_once)
    gpu_here.card.used = [12 * GB, 12 * GB, 12 * GB, 3 * GB]
    done = run("free")
    assert done.stdout == "9.0 GB came free.\n"
    assert gpu_here.ollama.told == [("ollama:qwen3:14b", True)]
    assert gpu_here.comfyui.told == [("comfyui:", True)]  # it does not list what it keeps
    assert len(slept) == 2
    assert gpu_here.card.closed == gpu_here.ollama.closed == 1


def test_one_tenant_is_freed_and_the_others_stay(gpu_here: Any) -> None:
    gpu_here.ollama.held.append(Loaded("ollama:other", GB, GB))
    gpu_here.card.used = [12 * GB, 11 * GB]
    assert run("free", "ollama:other").stdout == "1.0 GB came free.\n"
    assert gpu_here.ollama.told == [("ollama:other", True)]
    assert gpu_here.comfyui.told == []


async def test_memory_that_does_not_come_back_is_not_said_to(gpu_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stubborn(tenant: str, *, deep: bool = False) -> None:
        gpu_here.ollama.told.append((tenant, deep))

    monkeypatch.setattr(gpu_here.ollama, "unload", stubborn)
    slept: list[float] = []
    outcome = await freed_here(gpu_here.card, [gpu_here.ollama], "ollama:qwen3:14b", lambda: sum(slept), noted(slept))
    assert outcome == Outcome("here", 0, ("ollama:qwen3:14b",), still=("ollama:qwen3:14b",))
    assert sum(slept) == 5.0
    assert list(lines_of(outcome, "")) == [
        "Nothing came free.",
        "Still in memory: ollama:qwen3:14b (in use, pinned, or about to let go).",
    ]


@pytest.mark.parametrize("asked", ["", "comfyui:another"])
async def test_a_comfyui_that_kept_its_memory_is_listed(
    gpu_here: Any, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    async def stubborn(_tenant: str, *, deep: bool = False) -> None:  # noqa: ARG001 - it lets go of nothing
        gpu_here.comfyui.held = [Loaded("comfyui:z", GB, GB)]

    monkeypatch.setattr(gpu_here.comfyui, "unload", stubborn)
    slept: list[float] = []
    outcome = await freed_here(gpu_here.card, [gpu_here.comfyui], asked, lambda: sum(slept), noted(slept))
    assert outcome.still == ("comfyui:z",)


def test_with_nobody_who_measures_it_says_so(gpu_here: Any) -> None:
    gpu_here.card.blind = True
    assert "no sensor here can see whether the memory is back" in run("free").stdout


def test_nothing_to_free_is_no_failure(gpu_here: Any) -> None:
    gpu_here.ollama.held, gpu_here.servers = [], [gpu_here.ollama]
    assert run("free").stdout == "Nothing is in memory that could be given back.\n"
    assert run("free", "ollama:x").stdout == "ollama:x is not in memory.\n"
    assert run("free", "ollama:x").exit_code == 0


def test_a_gateway_that_is_there_and_breaks_off_is_not_gone_round(
    gpu_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        for _ in range(2):  # a broken connection is tried once more
            listener.accept()[0].close()

    monkeypatch.setenv("POINTSMAN_PORT", str(listener.getsockname()[1]))
    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    refused = run("free").exception
    listener.close()
    assert isinstance(refused, Unreachable)
    assert "does not answer" in refused.message
    assert gpu_here.ollama.told == []


@pytest.mark.usefixtures("gpu_here")
def test_a_tenant_of_nobody_is_a_mistake_of_the_caller() -> None:
    refused = run("free", "vllm:x").exception
    assert isinstance(refused, InvalidInput)
    assert "ollama:…, comfyui:…" in refused.message


def test_without_any_server_it_says_what_to_set(gpu_here: Any) -> None:
    gpu_here.servers = []
    assert isinstance(run("free").exception, ConfigError)


def test_a_server_that_does_not_answer_is_named_and_all_of_them_is_an_error(gpu_here: Any) -> None:
    gpu_here.comfyui.fails = Unreachable("ComfyUI does not answer", cure="start it")
    gpu_here.card.used = [12 * GB, 3 * GB]
    assert run("free").stdout == "9.0 GB came free.\nNot asked: ComfyUI does not answer\n"
    gpu_here.ollama.fails = Unreachable("Ollama does not answer", cure="start it")
    failed = run("free").exception
    assert isinstance(failed, Unreachable)
    assert failed.exit_code == 4
    assert "Ollama does not answer; ComfyUI does not answer" in failed.message
