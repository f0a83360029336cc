"""Messages that need tools, the whole way: search with sources, memory over a restart, code, servers of the user's."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.forked import command
from tests.journeys.card_house import chat_of, opened_client
from tests.journeys.tool_house import House, open_router, opened_house, say

from pointsman.core.message import ToolCall

SEARCH = "search the web for the latest python release"
FOUND = [
    {"url": "https://python.test/3.15", "title": "Python 3.15", "content": "3.15 is the newest release."},
    {"url": "https://news.test/python", "title": "News", "content": "All about it."},
]
needs_code = pytest.mark.skipif(find_spec("pydantic_monty") is None, reason="the [code] extra is not installed")
needs_mcp = pytest.mark.skipif(find_spec("mcp") is None, reason="the [mcp] extra is not installed")


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with opened_house(tmp_path, monkeypatch) as made:
        yield made


def saying(*pieces: str | ToolCall) -> Any:
    """A model that says this, whatever it is asked."""
    return lambda _: pieces


class TestSearch:
    async def test_the_slot_is_looked_up_and_the_answer_cites_its_sources(self, house: House) -> None:
        house.search.find = lambda _: FOUND
        house.model.use_tool = saying("It is 3.15 [1].")
        async with open_router(house.config()) as router:
            told = await say(router, SEARCH)
        assert told.category == "web_search"
        assert house.search.asked[0]["q"] == "the latest python release"
        assert told.called == [("web_search", "done")]
        assert told.text == "It is 3.15 [1].\n\nSources:\n- [1] Python 3.15 <https://python.test/3.15>"
        assert len(house.heard) == 1
        assert "3.15 is the newest release." in house.said_to_model()

    async def test_a_model_may_look_again_in_other_words(self, house: House) -> None:
        house.search.find = lambda query: FOUND if query == "python 3.15" else []
        house.model.use_tool = lambda body: (
            ("It is [1].",) if "newest" in str(body) else (ToolCall("web_search", {"query": "python 3.15"}, "a"),)
        )
        async with open_router(house.config()) as router:
            told = await say(router, SEARCH)
        assert told.text.startswith("It is [1].")
        assert [it["q"] for it in house.search.asked] == ["the latest python release", "python 3.15"]

    async def test_nothing_found_is_what_the_model_is_told(self, house: House) -> None:
        house.model.use_tool = saying("Nothing was found.")
        async with open_router(house.config()) as router:
            told = await say(router, SEARCH)
        assert told.text == "Nothing was found."
        assert "nothing" in house.heard[0]["messages"][-1]["content"].lower()

    async def test_without_a_model_the_results_are_told(self, house: House) -> None:
        house.search.find = lambda _: FOUND
        config = house.config()
        await house.model.__aexit__(None, None, None)
        async with open_router(config) as router:
            told = await say(router, SEARCH)
        assert told.failed is None
        assert "https://python.test/3.15" in told.text

    async def test_a_searxng_without_json_says_what_to_set(self, house: House) -> None:
        house.search.formats = ("html",)
        house.model.use_tool = saying("I could not look.")
        async with open_router(house.config()) as router:
            told = await say(router, SEARCH)
        assert told.called == [("web_search", "failed")]
        assert "search.formats" in told.uses[0].text

    async def test_where_none_is_set_up_the_cure_is_told(self, house: House) -> None:
        async with open_router(house.config(web_search={})) as router:
            told = await say(router, SEARCH)
        assert "tools.web_search.searxng" in told.notices[0]
        assert told.text

    async def test_a_model_without_tool_calls_answers_with_what_was_found(self, house: House) -> None:
        house.search.find = lambda _: FOUND
        house.model.toolless = {"m"}
        house.model.reply = lambda _: "It is 3.15 [1]."
        async with open_router(house.config()) as router:
            told = await say(router, SEARCH)
        assert told.text.startswith("It is 3.15 [1].\n\nSources:")

    async def test_through_the_gateway_streamed(self, house: House) -> None:
        house.search.find = lambda _: FOUND
        house.model.use_tool = saying("It is 3.15 [1].")
        async with open_router(house.config()) as router, opened_client(router) as client:
            reply = await client.post("/v1/chat/completions", json=chat_of(SEARCH, stream=True))
        assert reply.headers["x-pointsman-category"] == "web_search"
        lines = reply.text.splitlines()
        assert any(line.startswith(": status web_search(query='the latest python release'): done") for line in lines)
        chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        said = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"])
        assert said.endswith("- [1] Python 3.15 <https://python.test/3.15>")

    async def test_what_was_called_stands_in_the_record(self, house: House) -> None:
        house.search.find = lambda _: FOUND
        house.model.use_tool = saying("It is 3.15 [1].")
        async with open_router(house.config()) as router:
            told = await say(router, SEARCH)
            (use,) = await router.uses(told.decision)
        assert (use.call.name, use.state) == ("web_search", "done")
        assert [source.url for source in use.sources] == [row["url"] for row in FOUND]


class TestMemory:
    async def test_remembered_over_a_restart_and_recalled(self, house: House) -> None:
        async with open_router(house.config()) as router:
            kept = await say(router, "remember that my locker code is 4711")
        assert kept.called == [("remember", "done")]
        assert house.heard == []
        house.model.use_tool = saying("It is 4711.")
        async with open_router(house.config()) as router:
            told = await say(router, "what's my locker code?")
        assert told.text == "It is 4711."
        assert "my locker code is 4711" in house.said_to_model()

    async def test_it_is_stored_and_recalled_while_every_model_is_down(self, house: House) -> None:
        config = house.config()
        await house.model.__aexit__(None, None, None)
        async with open_router(config) as router:
            kept = await say(router, "remember that my locker code is 4711")
            told = await say(router, "what's my locker code?")
        assert "4711" in kept.text
        assert kept.failed is None
        assert "4711" in told.text
        assert told.failed is None

    async def test_what_one_says_nobody_else_hears(self, house: House) -> None:
        house.model.use_tool = saying("I do not know.")
        async with open_router(house.config()) as router:
            await say(router, "remember that my locker code is 4711", surface="discord", user="ann", direct=True)
            await say(router, "what's my locker code?", surface="discord", user="bob", direct=True)
            assert "4711" not in house.said_to_model()
            await say(router, "what's my locker code?", surface="discord", user="ann", channel="c", guild="g")
            assert "4711" not in house.said_to_model()
            await say(router, "what's my locker code?", surface="discord", user="ann", direct=True)
            assert "4711" in house.said_to_model()


@needs_code
class TestCode:
    async def test_code_in_the_message_is_run_without_a_model(self, house: House) -> None:
        async with open_router(house.config()) as router:
            told = await say(router, "run this python: print(sum(range(10)))")
        assert told.category == "code_execution"
        assert "45" in told.text
        assert house.heard == []

    async def test_a_model_writes_the_code_where_none_is_given(self, house: House) -> None:
        house.model.use_tool = lambda body: (
            ("The 10th is 29.",)
            if body["messages"][-1]["role"] == "tool"
            else (ToolCall("run_python", {"code": "print(29)"}, "a"),)
        )
        async with open_router(house.config()) as router:
            told = await say(router, "write and run python code that finds the 10th prime")
        assert told.called == [("run_python", "done")]
        assert told.text == "The 10th is 29."

    async def test_in_a_channel_it_does_not_run(self, house: House) -> None:
        async with open_router(house.config()) as router:
            told = await say(router, "run this python: print(6*7)", user="ann", channel="c", guild="g")
        assert told.called == []
        assert "tools.code.shared" in " ".join(told.notices)


class TestOwnTools:
    @needs_mcp
    async def test_the_tools_of_an_mcp_server_are_listed_and_called(self, house: House) -> None:
        server: dict[str, Any] = {"command": sys.executable, "args": ["-m", "pointsman.testing.mcp_server"]}
        server["env"] = {"PYTHONPATH": os.pathsep.join(sys.path)}
        names: list[str] = []

        def script(body: Mapping[str, Any]) -> Sequence[str | ToolCall]:
            names.extend(tool["function"]["name"] for tool in body["tools"])
            if body["messages"][-1]["role"] == "tool":
                return (f"It says {body['messages'][-1]['content']}",)
            return (ToolCall(next(it for it in names if it.endswith("_add")), {"a": 20, "b": 22}, "a"),)

        house.model.use_tool = script
        config = house.config(mcpServers={"demo": server}, allow={"general_chat": ["demo"]})
        async with open_router(config) as router:
            told = await say(router, "i had a strange day, let me tell you about it")
        assert told.category == "general_chat"
        assert told.called == [("demo_add", "done")]
        assert "42" in told.text

    async def test_a_function_is_called_and_what_destroys_waits_for_a_word(self, house: House) -> None:
        gone: list[str] = []

        def script(body: Mapping[str, Any]) -> Sequence[str | ToolCall]:
            if body["messages"][-1]["role"] == "tool":
                return ("I asked you.",)
            return (ToolCall("delete_note", {"title": "milk"}, "a"),)

        house.model.use_tool = script
        async with open_router(house.config()) as router:

            @router.tool(categories="general_chat", effect="destroys")
            def delete_note(title: str) -> str:
                """Deletes a note."""
                gone.append(title)
                return f"{title} is gone"

            told = await say(router, "i had a strange day, let me tell you about it")
            assert gone == []
            assert "confirm " in told.text
            agreed = await say(router, f"confirm {told.text.rpartition('confirm ')[2]}")
            assert gone == ["milk"]
            assert agreed.text == "milk is gone"


async def cli(folder: Path, *args: str, **env: str) -> tuple[int, str, str]:
    """What `pointsman ARGS` prints in a folder; its home is there, too."""
    home = {"HOME": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **env}
    home |= {name: str(folder / name) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    home["XDG_CACHE_HOME"] = os.environ["XDG_CACHE_HOME"]
    process = await asyncio.create_subprocess_exec(
        *command(), *args, cwd=folder, env=home, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


class TestCommandLine:
    async def test_search_memory_and_sums(self, house: House) -> None:
        house.search.find = lambda _: FOUND
        house.model.use_tool = saying("It is 3.15 [1].")
        settings = house.config().model_dump(mode="json", include={"gpu": {"enabled"}})
        settings["models"] = {"main": {"provider": "openai", "url": house.model.url, "model": "m", "key": "sk-test"}}
        settings["images"] = {"comfyui": {"enabled": False}}
        settings["store"] = {"path": str(house.folder / "cli.db")}
        (house.folder / "pointsman.yaml").write_text(json.dumps(settings), encoding="utf-8")
        (code, out, err), (_, kept, _), (_, summed, _) = await asyncio.gather(
            cli(house.folder, "ask", SEARCH, SEARXNG_URL=house.search.url),
            cli(house.folder, "ask", "-q", "remember that my locker code is 4711"),
            cli(house.folder, "ask", "-q", "what's 17 % of 2,340"),
        )
        assert (code, out) == (0, "It is 3.15 [1].\n\nSources:\n- [1] Python 3.15 <https://python.test/3.15>\n")
        assert "web_search(query='the latest python release'): done" in err
        assert "4711" in kept
        assert "397.8" in summed
        _, listed, _ = await cli(house.folder, "memory", "list")
        assert "my locker code is 4711" in listed


async def test_a_search_that_hangs_ends_with_the_reply(house: House) -> None:
    house.search.hold = asyncio.Event()
    async with open_router(house.config()) as router:
        task = asyncio.create_task(say(router, SEARCH))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if house.search.asked:
                break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert house.heard == []
