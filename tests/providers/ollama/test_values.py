"""Keep-alives, options of a load in one fixed set, options of a request, and what Ollama says of models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import ConfigError
from pointsman.core.message import ToolCall
from pointsman.core.ports import ChatOptions
from pointsman.providers.ollama.asking import ChatAsk, ChatMessage, GenerateAsk, Manner, Setup
from pointsman.providers.ollama.keep_alive import on_the_wire
from pointsman.providers.ollama.options import RunnerOptions, asked_for
from pointsman.providers.ollama.said import End, Running, installed_of, piece_of, running_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WHOLE = st.integers(0, 300_000)


@pytest.mark.parametrize(
    ("seconds", "wire"), [(0.0, 0), (-1.0, -1), (float("inf"), -1), (300.0, 300), (0.5, "500ms"), (0.0001, "1ms")]
)
def test_a_keep_alive_on_the_wire(seconds: float, wire: int | str) -> None:
    assert on_the_wire(seconds) == wire


@given(st.floats(0.001, 1e6))
def test_a_keep_alive_that_is_not_zero_never_becomes_zero_on_the_wire(seconds: float) -> None:
    wire = on_the_wire(seconds)
    assert wire != 0
    told = wire if isinstance(wire, int) else int(wire.removesuffix("ms")) / 1000
    assert told == pytest.approx(seconds, abs=0.0006)


@given(
    st.builds(
        RunnerOptions,
        WHOLE,
        st.none() | WHOLE,
        st.none() | WHOLE,
        st.none() | WHOLE,
        st.none() | WHOLE,
        st.none() | st.booleans(),
        st.none() | WHOLE,
    )
)
def test_a_variant_and_its_options_are_the_same(options: RunnerOptions) -> None:
    assert RunnerOptions.of_variant(options.variant) == options


def test_variants() -> None:
    assert RunnerOptions(8192).variant == "ctx=8192"
    assert RunnerOptions(8192, 20).variant == "ctx=8192,gpu=20"
    assert RunnerOptions.of_variant("ctx=4096", RunnerOptions(8192, num_thread=4)) == RunnerOptions(4096, num_thread=4)
    assert RunnerOptions.of_variant("") == RunnerOptions()


@pytest.mark.parametrize("variant", ["ctx", "ctx=", "ctx=many", "context=8192", "ctx=1;gpu=2"])
def test_no_variant(variant: str) -> None:
    with pytest.raises(ConfigError, match="no variant") as told:
        RunnerOptions.of_variant(variant)
    assert "ctx=8192" in told.value.cure


def test_configured_options_are_told_apart() -> None:
    runner, others = RunnerOptions.split({"temperature": 0.2, "num_gpu": 20, "num_thread": 4}, num_ctx=4096)
    assert runner == RunnerOptions(4096, 20, num_thread=4)
    assert others == {"temperature": 0.2}
    with pytest.raises(ConfigError) as told:
        RunnerOptions.split({"num_ctx": 1})
    assert "context" in told.value.cure


@pytest.mark.parametrize(
    ("options", "defaults", "said"),
    [
        (ChatOptions(), {}, {"num_predict": 100}),
        (ChatOptions(max_tokens=7), {"num_predict": 9}, {"num_predict": 7}),
        (ChatOptions(), {"num_predict": 9}, {"num_predict": 9}),
        (ChatOptions(max_tokens=0), {}, {"num_predict": 1}),
        (ChatOptions(max_tokens=-1), {}, {"num_predict": 100}),
        (ChatOptions(max_tokens=10**9), {}, {"num_predict": 100}),
        (ChatOptions(seed=-1), {}, {"num_predict": 100, "seed": 2**31 - 1}),
        (ChatOptions(temperature=0.0), {"temperature": 1}, {"num_predict": 100, "temperature": 0}),
        (ChatOptions(stop=("", "x")), {}, {"num_predict": 100, "stop": ["x"]}),
        (ChatOptions(stop=("",)), {"stop": ["y"]}, {"num_predict": 100, "stop": ["y"]}),
    ],
)
def test_options_of_a_request(options: ChatOptions, defaults: dict[str, Any], said: dict[str, Any]) -> None:
    assert asked_for(options, defaults, most=100) == said


def test_the_options_of_the_load_win_over_those_of_a_request() -> None:
    assert Setup("m", RunnerOptions(4096)).body({"num_ctx": 1, "top_k": 2})["options"] == {"num_ctx": 4096, "top_k": 2}


def test_a_chat_on_the_wire() -> None:
    call = ToolCall("add", {"a": 1}, "call_1")
    messages = [
        ChatMessage("user", "1 + 1?", images=(b"png",)),
        ChatMessage("assistant", tool_calls=(call,), thinking="hm"),
        ChatMessage("tool", "2", tool_name="add", tool_call_id="call_1"),
    ]
    manner = Manner(options={"temperature": 0}, think="low", format="json", logprobs=3, truncate=False)
    body = ChatAsk(Setup("m", RunnerOptions(512), -1.0), messages, manner, tools=[{"type": "function"}]).body()
    assert body == {
        "model": "m",
        "options": {"temperature": 0, "num_ctx": 512},
        "keep_alive": -1,
        "messages": [
            {"role": "user", "content": "1 + 1?", "images": ["cG5n"]},
            {
                "role": "assistant",
                "content": "",
                "thinking": "hm",
                "tool_calls": [{"id": "call_1", "function": {"name": "add", "arguments": {"a": 1}}}],
            },
            {"role": "tool", "content": "2", "tool_name": "add", "tool_call_id": "call_1"},
        ],
        "think": "low",
        "format": "json",
        "truncate": False,
        "logprobs": True,
        "top_logprobs": 3,
        "tools": [{"type": "function"}],
    }


def test_a_completion_on_the_wire() -> None:
    body = GenerateAsk(Setup("m"), "def f(", suffix="return 1", raw=True).body()
    assert body == {
        "model": "m",
        "options": {"num_ctx": 8192},
        "prompt": "def f(",
        "suffix": "return 1",
        "raw": True,
    }


def test_pieces_of_a_reply() -> None:
    assert piece_of({"response": "a", "done": False}).text == "a"
    said = piece_of({"message": {"content": "", "thinking": "hm"}, "done": False})
    assert (said.text, said.thinking, said.end) == ("", "hm", None)
    called = piece_of({"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}, 3]}})
    assert called.tool_calls == (ToolCall("f", {"a": 1}),)
    odd = piece_of({"message": {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": [1]}}]}})
    assert odd.tool_calls == (ToolCall("f", {}, "c", "the arguments are no JSON object"),)
    ended = piece_of(
        {"message": {"content": ""}, "done": True, "done_reason": "length", "load_duration": 2_000_000_000}
    )
    assert ended.end == End("length", load_seconds=2.0)
    assert ended.end.cold
    assert not End(load_seconds=0.05).cold


@pytest.mark.parametrize(
    "line", [{}, {"message": None}, {"message": [], "done": "yes"}, {"logprobs": 3, "response": 4}]
)
def test_pieces_that_are_nothing_of_the_kind(line: dict[str, Any]) -> None:
    assert piece_of(line).text == ""


def test_what_runs() -> None:
    row = {"name": "m:latest", "size": 10, "size_vram": 4, "context_length": 512, "expires_at": "2318-07-18T01:02:03Z"}
    assert running_of(row, NOW) == Running("m:latest", 10, 4, 512)
    assert running_of(row, NOW).spilled
    assert not running_of({**row, "size_vram": 10}, NOW).spilled
    soon = running_of({**row, "expires_at": "2026-11-01T00:05:00.123456789+02:00"}, NOW)
    assert soon.expires
    assert soon.expires.utcoffset()
    assert running_of({"expires_at": 3}, NOW) == Running("", 0, 0)


def test_what_is_installed() -> None:
    row = {"name": "m", "size": 5, "details": {"family": "qwen3"}, "capabilities": ["tools"]}
    assert installed_of(row).abilities == {"tools"}
    assert installed_of({"details": None, "capabilities": None, "size": -1}).size == 0
