"""Everybody who is measured, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who is asked, on which port, for which model."""

    name: str
    port: int
    model: str
    process: subprocess.Popen[bytes]
    key: str = ""


@contextmanager
def process(*command: str, port: int, path: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers at a path."""
    environ = {**os.environ, **variables}
    started = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(started, port, path)
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()


def wait_for(started: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Waits until it takes requests."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if started.poll() is not None:
            raise SystemExit(f"{started.args!r} ended with {started.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{started.args!r} did not answer within {READY_SECONDS:g} s")


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def everybody(litellm: str) -> Iterator[list[Contestant]]:
    """All contestants, running."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        start = stack.enter_context
        python = sys.executable
        port = free_port()
        upstream = start(process(python, str(HERE / "upstream.py"), str(port), port=port, path="/v1/models"))
        url = f"http://127.0.0.1:{port}/v1"
        found = [Contestant("upstream alone", port, "bench", upstream)]
        port = free_port()
        bare = start(process(python, str(HERE / "bare.py"), url, str(port), port=port, path="/"))
        found.append(Contestant("bare pass-through", port, "bench", bare))
        port = free_port()
        plain = start(process(python, str(HERE / "bare.py"), url, str(port), "plain", port=port, path="/"))
        found.append(Contestant("bare, plain uvicorn", port, "bench", plain))
        port = free_port()
        config = folder / "pointsman.yaml"
        config.write_text(pointsman_config(url, folder), encoding="utf-8")
        command = (python, "-m", "pointsman", "serve", "--no-page", "--config", str(config), "--port", str(port))
        pointsman = start(process(*command, port=port, path="/healthz", ROUTER_USE_CLOUD="false"))
        found.append(Contestant("Pointsman by name", port, "bench", pointsman))
        found.append(Contestant("Pointsman auto", port, "auto", pointsman))
        if litellm:
            port = free_port()
            config = folder / "litellm.yaml"
            config.write_text(litellm_config(url), encoding="utf-8")
            proxy = start(
                process(
                    *(litellm, "--config", str(config), "--port", str(port)),
                    port=port,
                    path="/health/liveliness",
                    LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY="true",  # it listens to nobody else here
                    LITELLM_LOCAL_MODEL_COST_MAP="true",  # its list of prices is not fetched
                )
            )
            found.append(Contestant("LiteLLM", port, "bench", proxy))
        yield found


def pointsman_config(url: str, folder: Path) -> str:
    """A gateway in front of the upstream alone."""
    return (
        f"models: {{main: {{provider: openai, url: '{url}', model: bench}}}}\n"
        f"images: {{comfyui: {{enabled: false}}}}\nstore: {{path: '{folder}/bench.db'}}\n"
    )


def litellm_config(url: str) -> str:
    """The same in LiteLLM's words."""
    return (
        "model_list:\n  - model_name: bench\n    litellm_params: "
        f"{{model: openai/bench, api_base: '{url}', api_key: none}}\n"
        "litellm_settings: {telemetry: false}\n"
    )
