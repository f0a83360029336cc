"""The configuration is read again while the router works: what changed is put in force, and what is wrong is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from pointsman.build import open_parts, reload
from pointsman.build.opening import Opened
from pointsman.build.reload import Outcome, Reloader, concerns, files_of, watch
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.core.happening import Happening, Reloaded
from pointsman.core.message import Message
from pointsman.engine.router import Router
from pointsman.tiers.cascade import Cascade

BASE: dict[str, Any] = {
    "tiers": [{"kind": "tasks"}, {"kind": "patterns"}],
    "models": {"main": {"provider": "openai", "url": "http://127.0.0.1:9/v1", "model": "some/model"}},
    "images": {"comfyui": {"enabled": False}},
}
CATEGORY = """
name: weather
description: What the sky does.
path: llm
patterns:
  - {name: rain, regex: "will it rain", confidence: 0.99, must: ["will it rain today"], must_not: ["hello"]}
utterances:
  en: [will it rain today, is it sunny, how warm is it]
"""


class House:
    """A configuration file, and a router that goes by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "pointsman.yaml"
        self.write()
        self.taken: list[Config] = []
        self.heard: list[Happening] = []
        loaded = self.read()
        self.first: Opened = open_parts(loaded.config)
        self.router = Router(self.first.parts)
        self.router.watch(self.heard.append)
        self.reloader = Reloader(self.router, self.first, loaded, self.read, self.taken.append)

    def read(self) -> Any:
        return load(self.file, environ={"HOME": str(self.folder)}, start=self.folder)

    def write(self, **sections: Any) -> None:
        self.file.write_text(json.dumps({**BASE, **sections}), encoding="utf-8")

    async def reload(self, **sections: Any) -> Outcome:
        self.write(**sections)
        return await self.reloader.reload()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    yield made
    await made.router.close()


async def test_what_did_not_change_goes_on(house: House) -> None:
    before = house.router.parts
    assert await house.reload() == Outcome()
    assert house.router.parts is before
    outcome = await house.reload(mode="shadow")
    after = house.router.parts
    assert outcome.changed == ("mode",)
    assert after is not before
    assert after.executor.workshop is before.executor.workshop
    assert after.executor.tools.toolbox is before.executor.tools.toolbox
    assert after.log is before.log
    assert (await house.router.decide(Message("hello"))).mode == "shadow"
    assert house.heard[:2] == [Reloaded(()), Reloaded(("mode",))]
    assert house.taken[-1].mode == "shadow"


@pytest.mark.parametrize(
    ("sections", "stays"),
    [
        ({"tiers": [{"kind": "tasks"}]}, {"workshop", "toolbox", "log"}),
        ({"tools": {"rounds": 3}}, {"workshop", "log"}),
        ({"images": {"comfyui": {"enabled": False}, "refuse": ["x"]}}, {"toolbox", "log"}),
        ({"store": {"keep_text": 0}}, {"workshop", "toolbox"}),
        ({"gpu": {"poll": 3}}, {"toolbox", "log"}),
        ({"fallback": "reasoning"}, {"workshop", "toolbox", "log"}),
    ],
)
async def test_only_what_changed_is_made_anew(house: House, sections: dict[str, Any], stays: set[str]) -> None:
    before = house.router.parts
    assert (await house.reload(**sections)).changed == tuple(sections)
    after = house.router.parts
    same = {
        "workshop": after.executor.workshop is before.executor.workshop,
        "toolbox": after.executor.tools.toolbox is before.executor.tools.toolbox,
        "log": after.log is before.log,
    }
    assert {name for name, it in same.items() if it} == stays
    assert (await house.router.decide(Message("hello"))).category


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tiers: [{kind: taks}]", "pointsman.yaml:1"),
        ("mode: half", "mode"),
        ("fallback: nothing", "there is no category 'nothing'"),
        ("tools: {mcp_file: none.json}", "none.json"),
        ("{", "pointsman.yaml"),
        ("intents: {folder: nowhere}", "nowhere"),
    ],
)
async def test_what_is_wrong_leaves_the_old_one_and_says_so(house: House, text: str, problem: str) -> None:
    before = house.router.parts
    house.file.write_text(text)
    outcome = await house.reloader.reload()
    assert outcome.error is not None
    assert problem in outcome.error.message
    assert house.router.parts is before
    assert problem in house.router.loading.problem
    assert isinstance(house.heard[-1], Reloaded)
    assert problem in house.heard[-1].problem
    assert (await house.router.decide(Message("hello"))).mode == "full"
    assert house.taken == []
    await house.reload()
    assert house.router.loading.problem == ""


async def test_what_nobody_foresaw_leaves_the_old_one_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Opened:
        raise ZeroDivisionError("oh")

    before = house.router.parts
    monkeypatch.setattr(reload, "open_parts", broken)
    outcome = await house.reload(mode="shadow")
    assert outcome.error is not None
    assert "ZeroDivisionError" in house.router.loading.problem
    assert house.router.parts is before


async def test_who_goes_away_does_not_leave_it_half_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> None:
        begun.set()
        await go_on.wait()

    monkeypatch.setattr(Cascade, "warm", slow)
    asking = asyncio.create_task(house.reload(tiers=[{"kind": "tasks"}]))
    await begun.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    go_on.set()
    assert await house.reloader.reload() == Outcome()
    assert house.router.loading.problem == ""
    assert [it.kind for it in house.reloader.config.tiers] == ["tasks"]


async def test_what_cannot_be_opened_lets_go_of_what_it_shares(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    with monkeypatch.context() as patch:
        patch.setattr(Cascade, "warm", broken)
        assert (await house.reload(tiers=[{"kind": "tasks"}])).error is not None
    shop = house.router.parts.executor.workshop
    await house.reload(gpu={"poll": 3})
    await asyncio.wait_for(shop.gone.wait(), 10)


async def test_what_is_looked_at_once_waits_for_a_restart_and_says_so(house: House) -> None:
    outcome = await house.reload(server={"port": 9999, "max_body": "1MB"}, reply={"footer": False})
    assert set(outcome.changed) == {"server", "reply"}
    assert set(outcome.restart) == {"server.port", "reply.footer"}
    assert house.router.loading.problem == f"takes a restart: {', '.join(outcome.restart)}"
    assert house.taken[-1].server.max_body == 1_000_000


async def test_files_beside_it_count_as_well(house: House) -> None:
    folder = house.folder / "intents"
    folder.mkdir()
    (house.folder / ".mcp.json").write_text('{"mcpServers": {}}')
    own = {"intents": {"folder": "intents"}, "tools": {"mcp_file": ".mcp.json"}, "fallback": "general_chat"}
    assert (await house.reload(**own)).changed == ("intents", "tools")
    assert (await house.reload(**own)).changed == ()
    (folder / "weather.yaml").write_text(CATEGORY)
    assert (await house.reload(**own)).changed == ("intents",)
    assert (await house.router.decide(Message("will it rain tomorrow?"))).category == "weather"
    (house.folder / ".mcp.json").write_text('{"mcpServers": {"a": {"command": "true"}}}')
    assert (await house.reload(**own)).changed == ("tools",)
    (folder / "weather.yaml").write_text(CATEGORY.replace("will it rain", "("))
    outcome = await house.reload(**own)
    assert outcome.error is not None
    assert (await house.router.decide(Message("will it rain tomorrow?"))).category == "weather"


async def test_the_files_of_all_workflows_count(house: House) -> None:
    upscale = house.folder / "upscale.json"
    upscale.write_text("{}")
    jobs = {"comfyui": {"enabled": False, "jobs": {"upscale": {"workflow": str(upscale)}}}}
    assert (await house.reload(images=jobs)).changed == ("images",)
    assert upscale in files_of(house.reloader.loaded, house.reloader.config)
    assert (await house.reload(images=jobs)).changed == ()
    upscale.write_text('{"1": {}}')
    assert (await house.reload(images=jobs)).changed == ("images",)


async def test_a_function_of_the_users_is_there_after_it(house: House) -> None:
    @house.router.tool(categories="general_chat")
    def dice(sides: int = 6) -> int:
        """Throws a dice."""
        return sides

    assert dice(3) == 3
    await house.reload(tools={"rounds": 3})
    assert house.router.parts.executor.tools.toolbox.added == {"general_chat": ("dice",)}


async def test_two_at_once_take_their_turns(house: House) -> None:
    house.write(mode="assist")
    outcomes = await asyncio.gather(house.reloader.reload(), house.reloader.reload())
    assert [it.changed for it in outcomes] == [("mode",), ()]


async def test_old_parts_are_closed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    shop, log = house.router.parts.executor.workshop, house.router.parts.log

    def note(name: str, close: Callable[[], Any]) -> Callable[[], Any]:
        async def noted() -> None:
            closed.append(name)
            await close()

        return noted

    monkeypatch.setattr(shop, "close", note("workshop", shop.close))
    monkeypatch.setattr(log, "close", note("log", log.close))
    await house.reload(mode="shadow")
    await house.reload(mode="shadow", gpu={"poll": 3})
    for _ in range(20):
        await asyncio.sleep(0)
    assert closed == ["workshop"]
    await house.router.close()
    assert closed == ["workshop", "log"]


@pytest.mark.parametrize(
    ("path", "counts"),
    [("a/pointsman.yaml", True), ("a/other.yaml", False), ("a/intents/x.yaml", True), ("a/..data", True)],
)
def test_which_changes_concern_it(tmp_path: Path, path: str, *, counts: bool) -> None:
    (tmp_path / "a" / "intents").mkdir(parents=True)
    files = (tmp_path / "a" / "pointsman.yaml", tmp_path / "a" / "intents")
    assert concerns(files, str(tmp_path / path)) is counts


def test_where_a_configuration_would_be_found_is_looked_at_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load(environ={})
    assert tmp_path / "pointsman.yaml" in files_of(loaded, loaded.config)


async def test_a_saved_file_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "QUIET_MS", 50)
    stop, ready = asyncio.Event(), asyncio.Event()
    house.router.watch(lambda _: ready.set())
    watching = asyncio.create_task(watch(house.reloader, stop))
    try:
        async with asyncio.timeout(30):
            for mode in ("shadow", "assist"):
                while house.reloader.config.mode != mode:  # the watcher may not have begun when it is written first
                    house.write(mode=mode)
                    ready.clear()
                    await asyncio.wait({asyncio.create_task(ready.wait())}, timeout=0.5)
    finally:
        stop.set()
        await watching
