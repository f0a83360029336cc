"""The commands in docs/ollama.md do what the page says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import httpx
from tests.http.openai.speaking import config_of

from pointsman.build import open_router
from pointsman.http.app import create_app
from pointsman.http.ollama.options import READ
from pointsman.http.ollama.routes import RUNNING, VERSION

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ollama.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8080"


async def test_the_commands_of_the_page_are_answered(tmp_path: Path) -> None:
    block = re.search(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert block
    asked = 0
    async with open_router(config_of(tmp_path), store=False) as router:
        transport = httpx.ASGITransport(app=create_app(router, close_router=False))
        async with httpx.AsyncClient(transport=transport) as client:
            for command in block[1].strip().splitlines():
                curl, _, url, *more = shlex.split(command)
                assert (curl, url.startswith(HOST)) == ("curl", True)
                reply = await client.post(url, json=json.loads(more[1])) if more else await client.get(url)
                assert reply.status_code == 200, command
                last = json.loads(reply.text.splitlines()[-1])
                assert last.get("done") or last.get("embeddings") or last["models"], command
                asked += 1
    assert asked == 4


def test_what_the_page_names_is_so() -> None:
    assert f"the version is {VERSION}" in PAGE
    assert f"`{RUNNING}`" in PAGE
    assert all(f"`{name}`" in PAGE or "penalty" in name for name in READ)
