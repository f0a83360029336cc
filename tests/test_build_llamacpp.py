"""Models of llama-server in router mode, from the configuration to their rungs and their backends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.build.ladders import Ladders
from pointsman.build.llamacpp import LlamaTrack, backend_of, open_backends, routers
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError
from pointsman.core.message import Turn
from pointsman.core.ports import ChatModel
from pointsman.gpu.want import Rung
from pointsman.providers.openai_chat import OpenAiChat
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.llamacpp.router import FakeLlamaRouter

URL = "http://127.0.0.1:8081/v1"


def model(which: str, /, **more: Any) -> dict[str, Any]:
    return {"provider": "openai", "url": URL, "model": which, "router": True, "size": "8GiB", **more}


def config(**models: Any) -> Config:
    return Config.model_validate({"models": models})


def test_models_of_routers_are_found_and_others_are_not() -> None:
    plain = {"provider": "openai", "url": URL, "model": "elsewhere"}
    found = config(main=model("qwen"), small=plain)
    assert [it.model for it in routers(found)] == ["qwen"]
    assert [it.model for it in routers(config(main=model("qwen")))] == ["qwen"]  # `small` is the same
    assert routers(Config()) == ()
    assert open_backends(Config()) == []


async def test_there_is_one_backend_for_each_address() -> None:
    one = config(main=model("qwen"), small=model("gemma", url="http://127.0.0.1:8081"))
    assert [it.name for it in open_backends(one)] == ["llamacpp"]
    two = config(main=model("qwen"), small=model("gemma", url="http://127.0.0.1:8082/v1"))
    assert [(it.name, it.url) for it in open_backends(two)] == [
        ("llamacpp", "http://127.0.0.1:8081"),
        ("llamacpp_2", "http://127.0.0.1:8082"),
    ]
    assert [backend_of(two, it) for it in routers(two)] == ["llamacpp", "llamacpp_2"]


async def test_a_rung_names_what_is_booked_and_who_serves_it() -> None:
    (settings,) = routers(config(main=model("qwen", name="chat", device="gpu1")))
    serving: dict[str, ChatModel] = {}
    track = LlamaTrack(settings, "llamacpp", serving)
    whole = Rung("llamacpp:qwen", 8 * GIB, "", "chat", "", ("gpu1",))
    assert await track.rung() == whole
    assert await track.rung(context=2048, layers=3, note="why") == Rung(
        "llamacpp:qwen", 8 * GIB, "", "chat", "why", ("gpu1",)
    )
    assert isinstance(serving["chat"], OpenAiChat)
    await serving["chat"].close()


async def test_its_ladder_has_no_smaller_contexts() -> None:
    found = config(main=model("qwen"), small=model("gemma", size="4GiB"))
    serving: dict[str, ChatModel] = {}
    tracks: Any = {it.ids[0]: LlamaTrack(it, "llamacpp", serving) for it in routers(found)}
    want = await Ladders(tracks, small="gemma").chat("qwen", [Turn("user", "hello")])
    assert want is not None
    assert [(it.tenant, it.bytes) for it in want.ladder] == [("llamacpp:qwen", 8 * GIB), ("llamacpp:gemma", 4 * GIB)]
    for it in serving.values():
        await it.close()


async def test_what_is_configured_is_loaded_with_its_key() -> None:
    async with FakeLlamaRouter(FakeCard(12 * GIB, lambda: 0.0), {"qwen": 8 * GIB}, key="right") as server:
        found = config(main=model("qwen", url=f"{server.url}/v1", key="right"))
        (backend,) = open_backends(found)
        await backend.load(Rung("llamacpp:qwen", 8 * GIB), "gpu0")
        assert [it.tenant for it in await backend.loaded()] == ["llamacpp:qwen"]
        await backend.close()


@pytest.mark.parametrize(
    ("models", "problem", "cure"),
    [
        ({"main": model("qwen", size=None)}, "how large its models are", "such as 9GB"),
        ({"main": model("qwen", model=None, models=["a", "b"])}, "a router serves one", "`model`"),
        ({"spare": model("qwen")}, "for another computer", "`small`"),
    ],
)
def test_what_could_not_be_booked_is_refused_with_its_cure(
    models: dict[str, Any], problem: str, cure: str, tmp_path: Path
) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text(json.dumps({"models": models}))
    with pytest.raises(ConfigError) as raised:
        load(file, environ={})
    assert problem in str(raised.value)
    assert cure in str(raised.value)
