"""A chat model on a server, by hand: what `ask`, `doctor` and `serve` say while it works, and while it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli import models, serve
from pointsman.cli.main import pointsman
from pointsman.config.load import load
from pointsman.core.errors import ModelFailed, Unreachable
from pointsman.core.faults import ServiceFailed

KEY = "sk-not-to-be-seen"
WORDS = ("The", " sky", " is", " blue.")


class Handler(BaseHTTPRequestHandler):
    """Speaks OpenAI's language: lists "sky", and says four words, of which it may keep the last to itself."""

    breaks = False

    def do_GET(self) -> None:
        if self.refused():
            return
        self.say(200, json.dumps({"data": [{"id": "sky"}, {"id": "sea"}]}).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.refused():
            return
        said = WORDS[:-1] if self.breaks else WORDS
        events: list[Any] = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in said]
        if not self.breaks:
            events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.say(200, b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events))

    def refused(self) -> bool:
        if self.headers["Authorization"] == f"Bearer {KEY}":
            return False
        self.say(401, b'{"error": {"message": "no", "code": "invalid_api_key"}}')
        return True

    def say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {}))
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def configured(folder: Path, port: int, **more: Any) -> tuple[str, str]:
    main = {"provider": "openai", "url": f"http://127.0.0.1:{port}/v1", "model": "sky", "key": KEY} | more
    said = {"tiers": [], "models": {"main": main}, "store": {"path": str(folder / "x.db")}}
    (folder / "p.yaml").write_text(json.dumps(said))
    return "--config", str(folder / "p.yaml")


def run(*words: str) -> Result:
    return CliRunner().invoke(pointsman, words)


def chat_model(*config: str) -> dict[str, str]:
    result = run("doctor", "--json", *config)
    (found,) = (it for it in json.loads(result.stdout)["findings"] if it["check"] == "chat model")
    assert (result.exit_code == 1) == (found["grade"] == "failed")
    assert KEY not in result.output
    return dict(found)


def test_ask_prints_what_the_server_says(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    result = run("ask", "-q", "why is the sky blue?", *configured(tmp_path, server.server_port))
    assert (result.stdout, result.stderr, result.exit_code) == ("The sky is blue.\n", "", 0)


def test_ask_keeps_what_came_of_a_reply_that_breaks_off(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    server.RequestHandlerClass.breaks = True  # type: ignore[attr-defined]
    result = run("ask", "-q", "why is the sky blue?", *configured(tmp_path, server.server_port))
    assert result.stdout == "The sky is\n"
    assert isinstance(result.exception, Exception)
    assert str(result.exception).startswith("sky broke off after 3 words: ")
    assert result.exception.exit_code == ModelFailed.exit_code  # type: ignore[attr-defined]


def test_doctor_finds_the_model_at_its_server(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    found = chat_model(*configured(tmp_path, server.server_port))
    assert (found["grade"], found["found"]) == ("ok", f"sky at 127.0.0.1:{server.server_port}")


def test_doctor_warns_of_a_model_that_the_server_does_not_list(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    found = chat_model(*configured(tmp_path, server.server_port, model="skies", name="mine"))
    where = f"127.0.0.1:{server.server_port}"
    assert (found["grade"], found["found"]) == ("warning", f"mine: {where} does not list skies; it has sky, sea")
    assert found["cure"]


def test_doctor_fails_with_a_wrong_key_and_without_a_server(
    tmp_path: Path, server: ThreadingHTTPServer, unused_tcp_port: int
) -> None:
    refused = chat_model(*configured(tmp_path, server.server_port, key="wrong"))
    assert refused["grade"] == "failed"
    assert "refuses the key" in refused["found"]
    down = chat_model(*configured(tmp_path, unused_tcp_port))
    assert (down["grade"], down["found"]) == (
        "failed",
        f"127.0.0.1:{unused_tcp_port}: cannot be reached: Connection refused",
    )
    assert "is the server running?" in down["cure"]


def test_doctor_looks_at_both_models(tmp_path: Path, server: ThreadingHTTPServer, unused_tcp_port: int) -> None:
    option, file = configured(tmp_path, server.server_port)
    said = json.loads(Path(file).read_text())
    said["models"]["small"] = said["models"]["main"] | {"url": f"http://127.0.0.1:{unused_tcp_port}/v1", "name": "tiny"}
    Path(file).write_text(json.dumps(said))
    findings = {it["check"]: it["grade"] for it in json.loads(run("doctor", "--json", option, file).stdout)["findings"]}
    assert (findings["chat model"], findings["small model"]) == ("ok", "failed")


@pytest.mark.parametrize(("key", "kind"), [("wrong", ServiceFailed), (KEY, Unreachable)])
def test_ask_says_which_server_and_what_to_do(
    tmp_path: Path, server: ThreadingHTTPServer, unused_tcp_port: int, key: str, kind: type[Exception]
) -> None:
    port = unused_tcp_port if kind is Unreachable else server.server_port
    result = run("ask", "why is the sky blue?", *configured(tmp_path, port, key=key))
    error = result.exception
    assert error is not None
    assert error.exit_code == 4  # type: ignore[attr-defined]
    assert f"127.0.0.1:{port}: " in str(error)
    assert "cure:" in str(error)


def test_serve_warns_of_a_server_that_is_down_and_of_a_model_that_is_not_there(
    tmp_path: Path, server: ThreadingHTTPServer, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for port, model, words in (
        (unused_tcp_port, "sky", "Connection refused"),
        (server.server_port, "skies", "it has sky"),
    ):
        serve.warn_of_models(load(Path(configured(tmp_path, port, model=model)[1])).config)
        said = capsys.readouterr().err
        assert said.startswith(f"pointsman: warning: 127.0.0.1:{port}")
        assert words in said
        assert "cure:" in said
    serve.warn_of_models(load(Path(configured(tmp_path, server.server_port)[1])).config)
    assert capsys.readouterr().err == ""


def test_long_lists_are_cut_and_begin_with_what_is_near() -> None:
    listed = tuple(f"model-{number}" for number in range(300))
    said = models.shown("model-77b", listed)
    assert said.startswith("model-77, ")
    assert said.endswith(" and 292 more")
    assert models.shown("x", ()) == "none"
