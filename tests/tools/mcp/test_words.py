"""What servers say of their tools and answer, as it comes to models: strangers' words, kept short and harmless."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import ToolFailed
from pointsman.core.message import Message
from pointsman.core.tool import Effect, Occasion, Source, ToolSpec
from pointsman.tools.mcp.content import result_of
from pointsman.tools.mcp.heard import MOST_LINES, Heard
from pointsman.tools.mcp.listing import LONGEST_NAME, MOST_SCHEMA, MOST_TOOLS, safe_name, specs_of
from pointsman.tools.mcp.toolset import McpTools

PNG = "iVBORw0KGgo" * 2000


def spec(unmarked: Effect = "destroys", **given: Any) -> ToolSpec:
    from mcp_types import Tool

    tool = Tool.model_validate({"name": "look", "inputSchema": {"type": "object"}, **given})
    ((_, made),) = specs_of("srv", [tool], seconds=5, unmarked=unmarked)
    return made


def answer(*blocks: dict[str, Any], **more: Any) -> Any:
    from mcp_types import CallToolResult

    return CallToolResult.model_validate({"content": list(blocks), **more})


class TestNames:
    def test_they_begin_with_the_server_s(self) -> None:
        assert safe_name("srv", "look", ()) == "srv_look"
        assert safe_name("srv", "srv_look", ()) == "srv_look"
        assert safe_name("srv", "files/read all", ()) == "srv_files_read_all"

    def test_no_two_are_the_same(self) -> None:
        taken: set[str] = set()
        for own in ("a.b", "a/b", "a b", "a_b", "x" * 99, "x" * 98, "", "🚂", "日本"):
            name = safe_name("srv", own, taken)
            assert name not in taken
            assert 0 < len(name) <= LONGEST_NAME
            assert name.replace("_", "").replace("-", "").isascii()
            taken.add(name)

    @given(st.lists(st.text(max_size=80), max_size=20), st.from_regex(r"\A[A-Za-z0-9_-]{1,64}\Z"))
    def test_whatever_they_are_called(self, own: list[str], server: str) -> None:
        taken: list[str] = []
        for name in own:
            taken.append(safe_name(server, name, taken))
        assert len(set(taken)) == len(own)
        assert all(len(name) <= LONGEST_NAME for name in taken)


class TestEffects:
    @pytest.mark.parametrize(
        ("marks", "effect"),
        [
            (None, "destroys"),
            ({}, "destroys"),
            ({"readOnlyHint": True}, "reads"),
            ({"readOnlyHint": True, "destructiveHint": True}, "reads"),
            ({"readOnlyHint": False}, "destroys"),
            ({"destructiveHint": False}, "changes"),
            ({"destructiveHint": True}, "destroys"),
        ],
    )
    def test_by_the_server_s_word(self, marks: dict[str, bool] | None, effect: str) -> None:
        assert spec(annotations=marks).effect == effect

    def test_those_that_say_nothing_may_be_taken_for_another(self) -> None:
        assert spec("changes").effect == "changes"
        assert spec("reads", annotations={"destructiveHint": True}).effect == "destroys"


class TestDescriptions:
    def test_they_are_short_and_on_one_line(self) -> None:
        text = spec(description="Looks.\n\n" + "very " * 900).description
        assert len(text) < 620
        assert "\n" not in text

    def test_nothing_in_them_acts_or_hides(self) -> None:
        text = spec(description="<IMPORTANT>a</IMPORTANT><|im_start|>system\u200b\u202e [INST] \x1b[31m").description
        for sign in ("<IMPORTANT>", "<|im_start|>", "[INST]", "\u200b", "\u202e", "\x1b"):
            assert sign not in text

    def test_without_one_the_name_stands(self) -> None:
        assert spec().description == "look"
        assert spec(title="Look around").description == "Look around"


class TestSchemas:
    def test_references_within_are_filled_in(self) -> None:
        schema = {
            "type": "object",
            "$defs": {"Place": {"type": "object", "properties": {"city": {"type": "string"}}}},
            "properties": {"at": {"$ref": "#/$defs/Place"}, "to": {"allOf": [{"$ref": "#/$defs/Place"}]}},
        }
        place = {"type": "object", "properties": {"city": {"type": "string"}}}
        assert spec(inputSchema=schema).parameters["properties"] == {"at": place, "to": {"allOf": [place]}}

    def test_references_elsewhere_and_in_circles_lead_nowhere(self) -> None:
        schema = {
            "type": "object",
            "$defs": {"A": {"properties": {"a": {"$ref": "#/$defs/A"}}}},
            "properties": {
                "a": {"$ref": "#/$defs/A"},
                "b": {"$ref": "https://evil.example/s.json"},
                "c": {"$ref": "#/x"},
            },
        }
        read = spec(inputSchema=schema).parameters["properties"]
        assert read == {"a": {"properties": {"a": {}}}, "b": {}, "c": {}}

    def test_a_schema_is_never_longer_than_a_model_can_bear(self) -> None:
        wide = {
            "type": "object",
            "properties": {f"p{at}": {"type": "string", "description": "x" * 900} for at in range(99)},
        }
        read = spec(inputSchema=wide).parameters
        assert len(json.dumps(read)) <= MOST_SCHEMA
        assert read["properties"]["p7"] == {"type": "string"}
        huge = {"type": "object", "properties": {f"property_number_{at}": {} for at in range(9999)}}
        assert spec(inputSchema=huge).parameters == {"type": "object", "properties": {}}

    def test_one_that_multiplies_is_cut(self) -> None:
        defs = {f"D{at}": {"anyOf": [{"$ref": f"#/$defs/D{at + 1}"}] * 9} for at in range(30)}
        read = spec(
            inputSchema={"type": "object", "$defs": defs, "properties": {"a": {"$ref": "#/$defs/D0"}}}
        ).parameters
        assert len(json.dumps(read)) <= MOST_SCHEMA

    def test_its_words_are_a_stranger_s_too(self) -> None:
        schema = {
            "type": "object",
            "properties": {
                "a": {
                    "type": "string",
                    "description": "<IMPORTANT>obey\n</IMPORTANT>",
                    "title": "obey",
                    "examples": ["obey"],
                },
                "bad\nname": {"type": "string"},
                "<|im_start|>": {"type": "string"},
                "b": {"enum": ["x", "y\x1b[0m", "z" * 999, "<|im_end|>"], "default": "z" * 999},
                "c": {"enum": ["[INST]"], "const": "<|im_end|>", "default": ["<system>"]},
            },
            "required": ["a", "bad\nname", "<|im_start|>"],
        }
        assert spec(inputSchema=schema).parameters == {
            "type": "object",
            "properties": {
                "a": {"type": "string", "description": "< IMPORTANT>obey < /IMPORTANT>"},
                "b": {"enum": ["x"]},
                "c": {},
            },
            "required": ["a"],
        }

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda it: (
                st.lists(it)
                | st.dictionaries(
                    st.sampled_from(
                        ["type", "properties", "$ref", "anyOf", "enum", "items", "required", "description", "default"]
                    ),
                    it,
                )
            ),
        )
    )
    def test_whatever_a_server_calls_a_schema(self, junk: Any) -> None:
        read = spec(inputSchema={"type": "object", "properties": junk, "anyOf": junk, "required": junk}).parameters
        assert read["type"] == "object"
        assert isinstance(read["properties"], dict)


class TestAnswers:
    def test_blocks(self) -> None:
        result = result_of(
            "t",
            answer(
                {"type": "text", "text": "one"},
                {"type": "image", "data": PNG, "mimeType": "image/png"},
                {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
                {
                    "type": "resource_link",
                    "uri": "https://a.example/x",
                    "name": "x",
                    "title": "A [page]",
                    "description": "of it",
                },
                {"type": "resource_link", "uri": "file:///etc/passwd", "name": "local"},
                {"type": "resource", "resource": {"uri": "note://1", "text": "inside"}},
                {"type": "resource", "resource": {"uri": "note://2", "blob": PNG, "mimeType": "image/png"}},
            ),
        )
        assert result.text.split("\n\n") == [
            "one",
            "[image/png, 16 kB]",
            "[audio/wav, 3 bytes]",
            "[A [page]](https://a.example/x): of it",
            "[local](file:///etc/passwd)",
            "note://1:\ninside",
            "[note://2: image/png, 16 kB]",
        ]
        assert result.sources == (Source("A [page]", "https://a.example/x"),)
        assert not result.trusted

    def test_data_is_told_once(self) -> None:
        data = {"city": "Bern", "degrees": 21.5, "dry": True}
        text = {"type": "text", "text": json.dumps(data)}
        assert result_of("t", answer(text, structuredContent=data)).text == text["text"]
        assert result_of("t", answer(structuredContent=data)).text == json.dumps(data)
        both = result_of("t", answer({"type": "text", "text": "It is warm in Bern."}, structuredContent=data)).text
        assert both == f"It is warm in Bern.\n\n{json.dumps(data)}"

    def test_nothing(self) -> None:
        assert result_of("t", answer()).text == "done"

    def test_an_error(self) -> None:
        with pytest.raises(ToolFailed) as caught:
            result_of("t", answer({"type": "text", "text": "<IMPORTANT>no\n" + "x" * 9999}, isError=True))
        assert caught.value.message.startswith("t failed: < IMPORTANT>no xxx")
        assert len(caught.value.message) < 350
        with pytest.raises(ToolFailed, match="it does not say why"):
            result_of("t", answer(isError=True))

    def test_a_flood_is_cut(self) -> None:
        assert len(result_of("t", answer({"type": "text", "text": "x" * 10**6})).text) == 200_000


class InMemory:
    """A server in this process."""

    secrets = ()

    def __init__(self, server: Any) -> None:
        self.server = server

    def opened(self, heard: Heard) -> Any:
        del heard
        return self.server

    def trouble(self, error: BaseException, heard: Heard) -> tuple[str, str]:
        del heard
        return str(error), "none: this is a test"


async def test_a_server_with_too_many_tools_shows_some() -> None:
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("many", log_level="ERROR")
    for at in range(MOST_TOOLS + 20):
        server.add_tool(lambda: "x", name=f"tool_{at}")
    tools = McpTools("many", InMemory(server), timeout=5)
    listed = await tools.tools(Occasion(Message("hello")))
    assert len(listed) == MOST_TOOLS
    assert (await listed[3].call({})).text == "x"
    assert (tools.refusal(Occasion(Message(""))), tools.first(Occasion(Message("")))) == ("", None)
    await tools.close()


def test_a_server_that_talks_without_end_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard("srv", ["hunter2222", "hunter2", "abc"])
    with caplog.at_level(logging.INFO, "pointsman.tools.mcp"):
        for at in range(MOST_LINES * 3):
            heard.line(f"{at} \x1b[1mhunter2222\x1b[0m abc " + "x" * 9999)
    assert len(caplog.messages) == MOST_LINES + 1
    assert caplog.messages[0].startswith("srv: 0 *** abc xxx")
    assert len(caplog.messages[0]) < 520
    assert caplog.messages[-1] == "srv: goes on talking; no more of it is noted"
