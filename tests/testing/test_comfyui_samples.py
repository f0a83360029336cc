"""The fake answers as the recorded ComfyUI did: statuses, bodies, and the order and the fields of its events."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from pointsman.testing.comfyui import FakeComfyUi

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference" / "samples" / "comfyui"
CHECKPOINT = {"checkpoints": {"random_sd15.safetensors": 2_100_000_000}}
# What is long and says nothing of how it is spoken, and values that differ in each run.
LEFT_OUT = {"tooltip", "description", "output_tooltips", "traceback", "timestamp", "create_time", "input_order"}
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the reference samples are not beside this checkout")


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def essence(value: Any) -> Any:
    """A body without what may differ: ids become "ID", file names of temporary pictures "FILE"."""
    if isinstance(value, dict):
        return {essence(key): essence(it) for key, it in value.items() if key not in LEFT_OUT}
    if isinstance(value, list):
        return [essence(it) for it in value]
    if isinstance(value, str):
        value = re.sub(r"'/\S*/corrupt\.png'", "'corrupt.png'", IDS.sub("ID", value))
        return re.sub(r"^(ComfyUI_temp|probe|rnd)_.*\.png$", "FILE", value)
    return value


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


async def ask(session: aiohttp.ClientSession, fake: FakeComfyUi, request: dict[str, Any]) -> tuple[int, str, Any]:
    more: dict[str, Any] = {"json": request["json"]} if "json" in request else {"data": request.get("body")}
    async with session.request(request["method"], fake.url + request["path"], **more) as response:
        body = await response.read()
        kind = response.headers.get("content-type", "").partition(";")[0]
        return response.status, kind, json.loads(body) if kind == "application/json" else body.decode("latin-1")


def cases(name: str) -> list[Any]:
    return sample(name) if SAMPLES.is_dir() else []


@pytest.mark.parametrize("case", cases("prompt_invalid"), ids=lambda it: it["case"])
async def test_what_is_refused(session: aiohttp.ClientSession, case: Any) -> None:
    async with FakeComfyUi(models={}) as fake:
        status, kind, said = await ask(session, fake, case["request"])
    expected = case["response"]
    assert status == expected["status"]
    assert kind == expected["content_type"].partition(";")[0]
    if "json" not in expected:
        assert said == expected["text"]
        return
    said["number"] = expected["json"].get("number", said.get("number"))
    if said["number"] is None:
        del said["number"]
    assert essence(said) == essence(expected["json"])


@pytest.mark.parametrize("name", ["misc_get", "free", "interrupt_idle", "post_history"])
async def test_calls_without_a_prompt(session: aiohttp.ClientSession, name: str) -> None:
    async with FakeComfyUi(models={}) as fake:
        for case in sample(name):
            path, expected = case["request"]["path"], case["response"]
            if path.startswith("/api/jobs"):
                continue  # newer than the oldest version that is spoken to: the fake is one without
            status, _, said = await ask(session, fake, case["request"])
            assert status == expected["status"], path
            if path.endswith("system_stats"):
                assert {key: set(it) for key, it in said.items() if isinstance(it, dict)} == {
                    key: set(it) for key, it in expected["json"].items() if isinstance(it, dict)
                }
                assert set(said["devices"][0]) == set(expected["json"]["devices"][0])
            elif path.endswith(("KSampler", "CLIPLoader")):
                assert shape(said) == shape(expected["json"]), path
            elif "json" in expected:
                assert without_empty(essence(said)) == without_empty(essence(expected["json"])), path
            else:
                assert said == expected.get("text", ""), path


def shape(info: Any) -> Any:
    """What a class of nodes takes and gives, without the lists of values, of which the fake has fewer."""
    ((name, told),) = info.items()
    groups = {group: {key: kinds(spec) for key, spec in its.items()} for group, its in told["input"].items()}
    return name, groups, told["output"], told["category"], told["display_name"], told["output_node"]


def kinds(spec: Any) -> Any:
    if not isinstance(spec, list):
        return spec
    limits = essence(spec[1]) if len(spec) > 1 else {}
    return "one of" if isinstance(spec[0], list) else spec[0], limits


def without_empty(value: Any) -> Any:
    """A body without empty objects in lists, which stand for tooltips that were left out."""
    if isinstance(value, dict):
        return {key: without_empty(it) for key, it in value.items()}
    if isinstance(value, list):
        return [without_empty(it) for it in value if it != {}]
    return value


async def run(session: aiohttp.ClientSession, fake: FakeComfyUi, post: Any, *, features: bool) -> list[Any]:
    """The frames of one run, from the connection on."""
    client = post["request"]["json"]["client_id"]
    frames: list[Any] = []
    async with session.ws_connect(f"{fake.url}/ws?clientId={client}") as socket:
        if features:
            await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
            frames += [json.loads((await socket.receive()).data) for _ in range(2)]
        status, _, said = await ask(session, fake, post["request"])
        assert (status, set(said)) == (200, {"prompt_id", "number", "node_errors"})
        while not frames or frames[-1].get("type") != "executing" or frames[-1]["data"]["node"] is not None:
            message = await asyncio.wait_for(socket.receive(), 10)
            binary = message.type is aiohttp.WSMsgType.BINARY
            frames.append({"binary": message.data} if binary else json.loads(message.data))
    return frames


def told(frame: Any) -> Any:
    """A frame as it is compared."""
    if "binary" in frame:
        data = frame["binary"]
        return ("binary", data["event"] if isinstance(data, dict) else int.from_bytes(data[:4], "big"))
    return essence({key: frame[key] for key in ("type", "data")})


RUNS = {
    "prompt_ok_no_model": True,
    "prompt_client_supplied_id_front_preview_temp": False,
    "prompt_runtime_error": False,
}


@pytest.mark.parametrize("name", RUNS)
async def test_a_run_tells_the_same_in_the_same_order(session: aiohttp.ClientSession, name: str) -> None:
    recorded = sample(name)
    async with FakeComfyUi(models={}) as fake:
        frames = await run(session, fake, recorded["post"], features=RUNS[name])
        (entry,) = fake.prompts.ended.values()
    assert [told(it) for it in frames] == [told(it.get("json", it)) for it in recorded["ws"]]
    (expected,) = (recorded.get("history") or recorded["history_by_id"]["response"]["json"]).values()
    for it in (entry, expected):
        it["prompt"][0] = 0
    assert essence(entry) == essence(expected)


async def test_a_second_run_tells_the_same_in_the_same_order(session: aiohttp.ClientSession) -> None:
    recorded = sample("prompt_cached_second_run")
    async with FakeComfyUi(models={}) as fake:
        await run(session, fake, sample("prompt_ok_no_model")["post"], features=False)
        frames = await run(session, fake, recorded["post"], features=False)
        entry = list(fake.prompts.ended.values())[-1]
    assert [told(it) for it in frames] == [told(it["json"]) for it in recorded["ws"]]
    assert essence(entry) == essence(next(iter(recorded["history"].values())))


@pytest.mark.parametrize(
    ("name", "features"),
    [("sampler_run_with_progress_and_preview_metadata", True), ("sampler_run_legacy_preview", False)],
)
async def test_a_sampler_tells_its_steps_with_previews(
    session: aiohttp.ClientSession, name: str, features: bool
) -> None:
    recorded = sample(name)
    first = sample("sampler_run_with_progress_and_preview_metadata")["post"]
    async with FakeComfyUi(models=CHECKPOINT) as fake:
        if not features:
            await run(session, fake, first, features=True)
        post = first if features else legacy(first)
        frames = await run(session, fake, post, features=features)
    ours, theirs = (
        [order(told(it)) for it in some] for some in (frames, [it.get("json", it) for it in recorded["ws"]])
    )
    # Which of two texts is encoded first is up to its scheduler.
    assert sorted(map(str, ours[:-1])) == sorted(map(str, theirs[:-1]))
    sampler = [it for it in ours if "3" in str(it) or it[0] == "binary"]
    assert sampler == [it for it in theirs if "3" in str(it) or it[0] == "binary"]
    if features:
        (about, *_) = (metadata(it["binary"]) for it in frames if "binary" in it)
        (expected, *_) = (it["binary"]["metadata"] for it in recorded["ws"] if "binary" in it)
        assert about | {"prompt_id": ""} == expected | {"prompt_id": ""}


def metadata(frame: bytes) -> Any:
    """What a preview says of itself."""
    size = int.from_bytes(frame[4:8], "big")
    assert frame[8 + size :].startswith(b"\xff\xd8\xff\xe0")
    return json.loads(frame[8 : 8 + size])


def legacy(first: Any) -> Any:
    """The request of the second recording: three steps, and another seed."""
    post = json.loads(json.dumps(first))
    post["request"]["json"]["prompt"]["3"]["inputs"] |= {"steps": 3, "seed": 2}
    return post


def order(frame: Any) -> Any:
    """A frame with just what tells it apart: its kind, the node, how far it is."""
    if isinstance(frame, tuple):
        return frame
    data = frame["data"]
    if frame["type"] == "progress_state":
        *_, (node, last) = data["nodes"].items()
        return ("progress_state", node, last["value"], last["max"], last["state"])
    return (frame["type"], data.get("node"), data.get("value"), data.get("max"), data.get("nodes"), data.get("status"))


async def test_to_interrupt_and_to_delete(session: aiohttp.ClientSession) -> None:
    recorded = sample("interrupt_and_queue")
    expected_running = next(iter(recorded["history_a"].values()))
    async with FakeComfyUi(models=CHECKPOINT) as fake:
        fake.mishaps.hang = True
        graph = recorded["queue_during"]["response"]["json"]["queue_running"][0][2]
        for name in ("a", "b", "c"):
            body = {"prompt": graph, "prompt_id": name, "client_id": "me", "extra_data": {"tag": "long"}}
            await ask(session, fake, {"method": "POST", "path": "/prompt", "json": body})
        await fake.until(lambda: fake._run is not None and fake._run.node == "3")
        get = {"method": "GET", "path": "/queue"}
        _, _, queue = await ask(session, fake, get)
        shown = recorded["queue_during"]["response"]["json"]
        assert [[len(row) for row in queue[part]] for part in shown] == [
            [len(row) for row in shown[part]] for part in shown
        ]
        assert set(queue["queue_running"][0][3]) == set(shown["queue_running"][0][3])
        remaining = await ask(session, fake, {"method": "GET", "path": "/prompt"})
        assert remaining[2] == recorded["get_prompt_during"]["response"]["json"]
        delete = {"method": "POST", "path": "/queue", "json": {"delete": ["c"]}}
        assert (await ask(session, fake, delete))[0] == recorded["delete_pending_c"]["response"]["status"]
        wrong = {"method": "POST", "path": "/interrupt", "json": {"prompt_id": "b"}}
        await ask(session, fake, wrong)
        assert not fake.world.interrupted.is_set()
        fake.mishaps.hang = False
        await ask(session, fake, {"method": "POST", "path": "/interrupt", "json": {"prompt_id": "a"}})
        await fake.until(lambda: "b" in fake.prompts.ended)
        a, b = fake.prompts.ended["a"], fake.prompts.ended["b"]
        assert (await ask(session, fake, {"method": "GET", "path": "/history/c"}))[2] == {}
    assert (a["outputs"], a["meta"]) == (expected_running["outputs"], expected_running["meta"])
    ended = expected_running["status"]
    assert [a["status"][key] for key in ("status_str", "completed")] == [ended["status_str"], ended["completed"]]
    assert [it[0] for it in a["status"]["messages"]] == [it[0] for it in ended["messages"]]
    assert set(a["status"]["messages"][-1][1]) == set(ended["messages"][-1][1])
    assert b["status"]["status_str"] == recorded["history_b_status"]["status_str"]
