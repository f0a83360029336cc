"""What the doctor says of the gateway, Ollama, the card, the clock and traces; dead services cost it little."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from pointsman.build import gpu as wiring
from pointsman.cli import doctor_models, doctor_server, doctor_state
from pointsman.cli.doctor_state import bytes_of
from pointsman.cli.main import pointsman
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.observe.otlp import ENDPOINTS
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.ollama import FakeOllamaOnCard

QUIET: dict[str, Any] = {"images": {"comfyui": {"enabled": False}}}
KEY = "a-key-that-is-long-enough"
Serve = Callable[[Any], Any]


@pytest.fixture
def beside() -> Iterator[Serve]:
    """Runs fakes in a loop of their own, as the verb has one."""
    over, threads = threading.Event(), []

    def serve(fake: Any) -> Any:
        up = threading.Event()

        async def run() -> None:
            async with fake:
                up.set()
                await asyncio.to_thread(over.wait)

        threads.append(threading.Thread(target=asyncio.run, args=(run(),)))
        threads[-1].start()
        assert up.wait(10)
        return fake

    yield serve
    over.set()
    for thread in threads:
        thread.join(10)


@contextmanager
def silent() -> Iterator[str]:
    """An address that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def findings(folder: Path, **config: object) -> tuple[int, list[dict[str, str]]]:
    file = folder / "pointsman.yaml"
    file.write_text(json.dumps(QUIET | {"store": {"path": "x.db"}} | config), encoding="utf-8")
    said = CliRunner().invoke(pointsman, ["doctor", "--json", "--config", str(file)])
    assert said.stdout, said.exception
    return said.exit_code, json.loads(said.stdout)["findings"]


def config(**sections: Any) -> Config:
    return Config.model_validate(QUIET | sections)


class TestAll:
    def test_dead_services_are_asked_at_once_and_not_for_long(self, tmp_path: Path) -> None:
        with silent() as url:
            began = time.monotonic()
            code, found = findings(
                tmp_path,
                models={"main": {"provider": "ollama", "model": "m", "url": url}},
                tools={"web_search": {"searxng": url, "timeout": "2s"}},
                images={"comfyui": {"enabled": True, "url": url}},
            )
            took = time.monotonic() - began
        failed = {it["check"] for it in found if it["grade"] == "failed"}
        assert failed == {"ollama", "chat model", "pictures", "web search"}
        assert all(it["cure"] for it in found if it["grade"] != "ok")
        assert code == 1
        assert took < 12, "one after another they would take longer"

    def test_no_file_is_fine_and_says_who_makes_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setenv("POINTSMAN_STORE", str(tmp_path / "x.db"))
        found = json.loads(CliRunner().invoke(pointsman, ["doctor", "--json"]).stdout)["findings"]
        assert "pointsman init" in found[0]["found"]
        names = [it["check"] for it in found]
        assert names[:3] == ["configuration", "secrets", "mode"]
        assert {"store", "clock", "traces", "address", "access", "limits", "clients"} <= set(names)


class TestOllama:
    @pytest.mark.parametrize(("version", "grade"), [("0.35.2", "ok"), ("0.9.6", "warning"), ("odd", "ok")])
    def test_an_old_one_is_told_of(self, beside: Serve, version: str, grade: str) -> None:
        ollama = beside(FakeOllamaOnCard(version=version))
        made = config(models={"main": {"provider": "ollama", "model": "qwen3:4b", "url": ollama.url}})
        (found,) = doctor_models.ollamas(made)
        assert found.grade == grade
        assert ("update" in found.cure) is (grade != "ok")

    def test_decision_models_take_a_new_one(self, beside: Serve) -> None:
        ollama = beside(FakeOllamaOnCard(version="0.30.0"))
        (found,) = doctor_models.ollamas(config(cloud={"ollama": {"enabled": True, "url": ollama.url}}))
        assert (found.grade, "decision models" in found.found) == ("failed", True)

    @pytest.mark.parametrize(("gib", "grade"), [(24, "ok"), (8, "warning")])
    def test_models_are_held_against_the_card(
        self, beside: Serve, monkeypatch: pytest.MonkeyPatch, gib: int, grade: str
    ) -> None:
        card = FakeCard(gib * GIB, time.monotonic)
        monkeypatch.setattr(wiring, "open_probe", lambda _: card)
        ollama = beside(FakeOllamaOnCard(card))
        (found,) = doctor_models.sizes(
            config(models={"main": {"provider": "ollama", "model": "qwen3:14b", "url": ollama.url}})
        )
        assert found.grade == grade
        assert ("qwen3:14b takes 11.5 GB" in found.found) is (grade == "warning")

    def test_a_size_that_was_declared_is_held_against_it_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wiring, "open_probe", lambda _: FakeCard(8 * GIB, time.monotonic))
        router = {"provider": "openai", "url": "http://127.0.0.1:9/v1", "model": "m", "router": True, "size": "9GB"}
        (found,) = doctor_models.sizes(config(models={"main": router}))
        assert found.found.startswith("m (its `size`) takes 9.0 GB; there is room for 8.")


class TestServer:
    def test_a_port_of_others_and_a_free_one(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            found = doctor_server.address(config(server={"port": port}))
        assert (found.grade, f"POINTSMAN_PORT={port % 65535 + 1}" in found.cure) == ("warning", True)
        assert doctor_server.address(config(server={"port": port})).grade == "ok"

    @pytest.mark.parametrize(("problem", "grade"), [("", "ok"), ("x.yaml:1: no", "warning")])
    def test_our_own_gateway_at_the_port(self, monkeypatch: pytest.MonkeyPatch, problem: str, grade: str) -> None:
        async def health(url: str) -> dict[str, Any]:
            assert url.startswith("http://127.0.0.1:")
            return {"version": "9.9", "config": {"problem": problem}}

        monkeypatch.setattr("pointsman.build.survey_servers.health", health)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            found = doctor_server.address(config(server={"port": listener.getsockname()[1]}))
        assert found.grade == grade
        assert "Pointsman 9.9 is running" in found.found
        assert problem in found.found

    def test_who_may_call(self) -> None:
        (alone,) = doctor_server.access(config())
        assert "nobody needs a key" in alone.found
        short, told = doctor_server.access(config(server={"key": "abc", "host": "0.0.0.0"}))  # noqa: S104
        assert (short.grade, told.found) == ("warning", "0.0.0.0, with the key main (all)")
        keys = {"phone": {"key": KEY}, "eye": {"key": KEY + "2", "scopes": ["read"]}}
        nobody, named = doctor_server.access(config(server={"keys": keys}))
        assert "scope admin" in nobody.found
        assert named.found.endswith("the keys phone (use), eye (read)")
        assert KEY not in f"{nobody}{named}{short}{told}"

    def test_limits_that_are_never_reached(self) -> None:
        limits = {"messages": ["60/1m", "100/1h"], "at_once": 4}
        (fine,) = doctor_server.limits(config(server={"limits": limits}))
        assert fine.found == "all callers together: 60/1m, 100/1h messages, 4 at once"
        keys = {"phone": {"key": KEY, "limits": {"messages": "200/1h", "at_once": 9}}}
        found = doctor_server.limits(config(server={"limits": limits, "keys": keys}))
        assert [it.found.partition(":")[0] for it in found] == [
            "server.keys.phone.limits.messages", "server.keys.phone.limits.at_once",
        ]  # fmt: skip
        (own,) = doctor_server.limits(config(server={"limits": {"messages": ["60/1m", "60/1d"]}}))
        assert "60/1m is never reached before 60/1d" in own.found

    @pytest.mark.parametrize(("mode", "grade"), [("full", "ok"), ("assist", "warning"), ("shadow", "warning")])
    def test_less_than_full_trust_is_called_to_mind(self, mode: str, grade: str) -> None:
        assert doctor_server.mode(config(mode=mode)).grade == grade

    def test_where_clients_point(self) -> None:
        assert "--network=host" in doctor_server.clients(config()).found
        open_to_all = config(server={"host": "0.0.0.0", "key": KEY, "port": 9000})  # noqa: S104
        assert "http://127.0.0.1:9000/v1" in doctor_server.clients(open_to_all).found

    def test_keys_that_others_can_read(self, tmp_path: Path) -> None:
        file = tmp_path / "pointsman.yaml"
        file.write_text(f"server: {{key: {KEY}}}\ncloud: {{groq: {{key: '${{SOME:-}}'}}}}\n")
        file.chmod(0o644)
        found = doctor_server.secrets(load(file, environ={}))
        assert (found.grade, "server.key" in found.found, "groq" in found.found) == ("warning", True, False)
        assert KEY not in str(found)
        file.chmod(0o600)
        assert doctor_server.secrets(load(file, environ={})).grade == "ok"


class TestState:
    def test_the_store_tells_its_size_and_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made = config(store={"path": tmp_path / "x.db"})
        assert "free on its disk" in doctor_state.store(made).found
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**6))
        found = doctor_state.store(made)
        assert (found.grade, "POINTSMAN_STORE" in found.cure) == ("warning", True)

    def test_a_clock_that_was_set_back(self, tmp_path: Path) -> None:
        store = tmp_path / "x.db"
        file = tmp_path / "pointsman.yaml"
        file.write_text(json.dumps(QUIET | {"store": {"path": str(store)}}))
        made = load(file).config
        assert doctor_state.clock(made, now=1e9).grade == "failed"
        assert doctor_state.clock(made).grade == "ok"
        said = CliRunner().invoke(pointsman, ["route", "hi", "--config", str(file)])
        assert said.exit_code == 0
        assert doctor_state.clock(made).grade == "ok"
        found = doctor_state.clock(made, now=time.time() - 3600)
        assert (found.grade, "60 minutes" in found.found) == ("warning", True)

    def test_where_traces_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ENDPOINTS:
            monkeypatch.delenv(name, raising=False)
        assert doctor_state.traces(config()).grade == "ok"
        with silent() as url:
            made = config(observe={"otel": {"enabled": True, "endpoint": url}})
            monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
            assert doctor_state.traces(made).found == f"sent to {url.removeprefix('http://')}"
        gone = doctor_state.traces(made)
        assert (gone.grade, "observe.otel.endpoint" in gone.cure) == ("warning", True)
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        assert doctor_state.traces(made).cure == "pip install 'pointsman[otel]'"


def test_a_log_that_goes_while_its_size_is_looked_at_counts_nothing(tmp_path: Path) -> None:
    """Whoever closes the database last removes it, between any two looks."""
    (tmp_path / "x.db").write_bytes(b"four")
    assert bytes_of(tmp_path / "x.db") == 4
    assert bytes_of(tmp_path / "x.db-wal") == 0
