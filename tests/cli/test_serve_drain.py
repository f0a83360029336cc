"""`pointsman serve` told to stop, or given another configuration, while replies are on their way: a real process."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_serve import HANGS, Served, start

__all__ = ["start"]

SAYS = b'data: {"choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": null}]}\n\n'
ENDS = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
CHAT = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "why is the sky blue?"}]}


class Slow(ThreadingHTTPServer):
    """A model's server that says one word, and the end of it when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.may_end = threading.Event()
        self.gone = threading.Event()


class Talk(BaseHTTPRequestHandler):
    """One chat."""

    server: Slow

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(SAYS)
        self.wfile.flush()
        if self.server.may_end.wait(HANGS):
            self.wfile.write(ENDS)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def upstream() -> Iterator[Slow]:
    with Slow() as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.may_end.set()
        server.shutdown()


@pytest.fixture
def served(tmp_path: Path, start: Callable[..., Served], upstream: Slow) -> Served:
    write(tmp_path, upstream)
    return start("--no-page", "--config", "p.yaml")


def write(folder: Path, upstream: Slow, **sections: Any) -> None:
    main = {"provider": "openai", "url": f"http://127.0.0.1:{upstream.server_port}/v1", "model": "some/model"}
    written = {"tiers": [], "models": {"main": main}, "server": {"drain": "30s"}, **sections}
    (folder / "p.yaml").write_text(json.dumps(written))


class Reply:
    """A reply that has begun."""

    def __init__(self, served: Served) -> None:
        body = json.dumps(CHAT).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wire = socket.create_connection(("127.0.0.1", served.port), timeout=HANGS)
        self.wire.sendall(head.encode() + body)
        self.received = b""
        while b"word " not in self.received:
            self.received += self.wire.recv(65536)

    def rest(self) -> bytes:
        with self.wire:
            while b"[DONE]" not in self.received and (more := self.wire.recv(65536)):
                self.received += more
        return self.received


def until_it_says(served: Served, words: str) -> None:
    assert served.process.stderr is not None
    assert any(words in line for line in served.process.stderr), f"it never said {words!r}"


def test_what_is_on_its_way_ends_in_peace_and_nothing_new_begins(served: Served, upstream: Slow) -> None:
    assert served.ask("GET", "/readyz")[0] == 200
    reply = Reply(served)
    served.process.send_signal(signal.SIGTERM)
    until_it_says(served, "waits up to 30 s for 1 open reply")
    status, headers, answer = served.ask("POST", "/v1/chat/completions", json.dumps(CHAT))
    assert (status, headers["retry-after"]) == (503, "5")
    assert "takes nothing new" in json.loads(answer)["error"]["message"]
    assert served.ask("GET", "/readyz")[0] == 503
    assert served.ask("GET", "/healthz")[0] == 200
    upstream.may_end.set()
    assert b"the server is stopping" not in reply.rest()
    assert b'"finish_reason": "stop"' in reply.received
    served.process.communicate(timeout=HANGS)
    assert served.process.returncode == -signal.SIGTERM


def test_a_second_signal_ends_it_with_a_last_valid_frame(served: Served) -> None:
    reply = Reply(served)
    served.process.send_signal(signal.SIGINT)
    until_it_says(served, "once more stops at once")
    served.process.send_signal(signal.SIGINT)
    ended = reply.rest()
    assert b"the server is stopping" in ended
    assert ended.rstrip(b"\r\n0").endswith(b"data: [DONE]")
    _, said = served.process.communicate(timeout=HANGS)
    assert served.process.returncode == 130
    assert said.endswith("pointsman: stopped\n")


def test_the_configuration_is_read_again_while_a_reply_goes_on(tmp_path: Path, served: Served, upstream: Slow) -> None:
    def config() -> Any:
        return json.loads(served.ask("GET", "/healthz")[2])["config"]

    def until(met: Callable[[Any], bool]) -> None:
        with_patience = threading.Event()
        for _ in range(HANGS * 20):
            if met(config()):
                return
            with_patience.wait(0.05)
        raise AssertionError(config())

    reply = Reply(served)
    began = config()
    assert (began["mode"], began["problem"]) == ("full", "")
    write(tmp_path, upstream, mode="shadow")
    until(lambda said: said["mode"] == "shadow")
    write(tmp_path, upstream, mode="no such")
    until(lambda said: "p.yaml:1" in said["problem"])
    assert config()["mode"] == "shadow"
    write(tmp_path, upstream, mode="assist")
    served.process.send_signal(signal.SIGHUP)
    until(lambda said: said["mode"] == "assist" and not said["problem"])
    connection = HTTPConnection("127.0.0.1", served.port, timeout=HANGS)
    connection.request("POST", "/v1/config/reload")
    assert json.loads(connection.getresponse().read())["changed"] == []
    connection.close()
    upstream.may_end.set()
    assert b'"finish_reason": "stop"' in reply.rest()
