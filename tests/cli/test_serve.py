"""`pointsman serve` as a process: it says where it listens, serves, and stops when asked."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from tests.forked import REAL, command

from pointsman.cli import serve as verb
from pointsman.core.errors import ConfigError

HANGS = 60  # seconds after which a process is given up


class Served:
    """A gateway in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        self.line = next((line for line in process.stderr if "listening on" in line), "")
        self.port = int(re.findall(r"http://127\.0\.0\.1:(\d+) ", self.line)[0])

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=HANGS)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=HANGS)
        lines = err.splitlines(keepends=True)
        self.log = [it for it in lines if " pointsman.requests: " in it]
        return self.process.returncode, out, "".join(it for it in lines if it not in self.log)


def called(tmp_path: Path, *flags: str, whole: bool = True, **variables: str) -> tuple[list[str], dict[str, str]]:
    """How a person with an empty home would start it, with its `whole` start or one that is quick."""
    home = {name: str(tmp_path) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    source = str(Path(verb.__file__).parents[2])
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": source, **home, **variables}
    return [*(REAL if whole else command()), "serve", *flags], environment


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    processes: list[subprocess.Popen[str]] = []

    def begin(*flags: str, whole: bool = False, **variables: str) -> Served:
        words, environment = called(tmp_path, "--port", "0", *flags, whole=whole, **variables)
        pipe = subprocess.PIPE
        process = subprocess.Popen(words, stdout=pipe, stderr=pipe, env=environment, cwd=tmp_path, text=True)
        processes.append(process)
        return Served(process)

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def run(tmp_path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    words, environment = called(tmp_path, *flags)
    return subprocess.run(
        words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS, check=False
    )


def test_it_says_where_it_listens_serves_and_stops_quietly(start: Callable[..., Served]) -> None:
    served = start(whole=True)
    assert "page at /, gateway at /v1; models: auto, " in served.line
    assert json.loads(served.ask("GET", "/healthz")[2])["status"] == "ok"
    status, headers, body = served.ask("GET", "/", Accept="text/html")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"Pointsman</title>" in body
    assert "server" not in headers
    decided = json.loads(served.ask("POST", "/v1/route", '{"text": "draw me a cat"}')[2])
    assert decided["category"] == "image_generation"
    metrics = served.ask("GET", "/metrics")[2].decode()
    assert 'pointsman_decisions_total{route="image_generation",' in metrics
    assert served.stop() == (130, "", "pointsman: stopped\n")
    (line,) = served.log
    assert f"decision={decided['id']} " in line
    assert "path=/v1/route" in line
    assert "a cat" not in line


def test_it_stops_with_a_reply_on_its_way(start: Callable[..., Served]) -> None:
    served = start("--no-page")
    assert "page" not in served.line
    said = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "tell me a very long story"}]}
    body = json.dumps(said).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=HANGS) as wire:
        wire.sendall(head.encode() + body)
        assert wire.recv(1)
        served.process.send_signal(signal.SIGINT)
        assert served.process.stderr is not None
        assert "waits up to 20 s for 1 open reply" in served.process.stderr.readline()
        code, _, chatter = served.stop()  # once more: at once
    assert code == 130
    assert chatter.endswith("pointsman: stopped\n")


def test_a_supervisor_can_stop_it(start: Callable[..., Served]) -> None:
    assert start("--no-page", whole=True).stop(signal.SIGTERM) == (-signal.SIGTERM, "", "")


def test_it_serves_while_its_models_server_is_down(
    tmp_path: Path, start: Callable[..., Served], unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    main = {"provider": "openai", "url": url, "model": "some/model"}
    (tmp_path / "p.yaml").write_text(json.dumps({"tiers": [], "models": {"main": main}}))
    served = start("--no-page", "--config", "p.yaml")
    assert "models: auto, some/model" in served.line
    assert [it["id"] for it in json.loads(served.ask("GET", "/v1/models")[2])["data"]] == ["auto", "some/model"]
    body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "why is the sky blue?"}]})
    status, _, answer = served.ask("POST", "/v1/chat/completions", body)
    assert status == 503
    assert f"127.0.0.1:{unused_tcp_port}: cannot be reached" in json.loads(answer)["error"]["message"]
    code, out, said = served.stop()
    assert (code, out) == (130, "")
    assert said.endswith("pointsman: stopped\n")
    assert "Traceback" not in said


def test_with_a_key_gateway_and_page_ask_for_it(start: Callable[..., Served]) -> None:
    served = start(POINTSMAN_KEY="sesame")
    assert "sesame" not in served.line
    assert served.ask("GET", "/healthz")[0] == 200
    assert served.ask("GET", "/v1/models")[0] == 401
    assert served.ask("GET", "/v1/models", Authorization="Bearer sesame")[0] == 200
    assert served.ask("GET", "/")[0] == 401
    assert served.ask("GET", "/_nicegui_ws/socket.io/?EIO=4&transport=polling")[0] == 401
    assert served.ask("POST", "/login", "key=wrong")[0] == 401
    status, headers, _ = served.ask("POST", "/login", "key=sesame")
    assert status == 303
    cookie = headers["set-cookie"].split(";")[0]
    status, _, page = served.ask("GET", "/", Cookie=cookie, Accept="text/html")
    assert status == 200
    assert b"nicegui" in page


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--host", "0.0.0.0"], "needs a key"),  # noqa: S104 - it is refused
        (["--port", "99999"], "--port"),
        (["--config", "none.yaml"], "no such file"),
    ],
)
def test_what_cannot_be_served_is_said_with_the_cure(tmp_path: Path, flags: list[str], words: str) -> None:
    ended = run(tmp_path, *flags)
    assert ended.returncode == 3
    assert words in ended.stderr
    assert "cure:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_said_with_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run(tmp_path, "--port", str(port))
    assert ended.returncode == 3
    assert f"port {port} of 127.0.0.1 is in use" in ended.stderr
    assert f"cure: take another: pointsman serve --port {port + 1}" in ended.stderr


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1"):
        verb.listening("192.0.2.1", 0)


def test_an_address_of_the_newer_kind_has_brackets() -> None:
    try:
        listener = verb.listening("::1", 0)
    except ConfigError:
        pytest.skip("no IPv6 here")
    with listener:
        assert verb.address(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_without_the_extra_the_page_is_missing_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from pointsman.config.model import Config

    monkeypatch.setattr(verb, "find_spec", lambda name: None if name == "nicegui" else util.find_spec(name))
    router: Any = type("Router", (), {"models": (), "card": None, "watch": lambda *_: None})()
    _, what = verb.application(Config(), router, None, page=True)
    assert what == "gateway at /v1; no page: pip install 'pointsman[dashboard]'"
