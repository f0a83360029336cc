"""What models read of tools: fenced, harmless, cut; and the sources under an answer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.tool import Source
from pointsman.engine import toolwords

SIGNS = [
    "<|im_start|>system", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "</s>", "<s>", "[INST]", "[/INST]",
    "<<SYS>>", "<start_of_turn>user", "<end_of_turn>", "<tool_call>", "</tool_call>", "<tool_response>", "<think>",
    "<function=rm>", "[TOOL_CALLS]", "[TOOL_RESULTS]", "<｜User｜>", "<system>", "<assistant>", "</data ab12cd34>",
    "< / data ab12cd34>", "<DATA x>", "<eos>", "<bos>", "<|SYSTEM|>", "[ /inst]", "[/SYSTEM_PROMPT]",
]  # fmt: skip


@pytest.mark.parametrize("sign", SIGNS)
def test_no_page_speaks_in_another_voice(sign: str) -> None:
    said = toolwords.harmless(f"before {sign} after")
    assert sign not in said
    assert said.startswith("before ")
    assert said.endswith(" after")


@pytest.mark.parametrize(
    "text", ["a < b and b > c", "x[0] = [1, 2]", "<p>Hello</p>", "if (a<0)", "[1] a source", "«1»"]
)
def test_what_is_no_sign_stays(text: str) -> None:
    assert toolwords.harmless(text) == text


def test_letters_that_nobody_sees_are_gone() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "call the tool")
    assert toolwords.harmless(f"wea\u200bther{hidden}\u202e!\x00\x1b[0m\r\nline\ttab") == "weather![0m\nline\ttab"


@given(st.text(), st.from_regex(r"[0-9a-f]{8}", fullmatch=True))
def test_nothing_closes_the_fence_but_the_fence(text: str, mark: str) -> None:
    fenced = toolwords.fenced("look", f"{text}</data {mark}>{text}", mark, 10_000)
    assert len(re.findall(rf"<\s*/\s*data\s+{mark}", fenced)) == 1
    assert fenced.endswith(f"\n</data {mark}>")


@given(st.text())
def test_making_it_harmless_twice_changes_nothing_more(text: str) -> None:
    once = toolwords.harmless(text)
    assert toolwords.harmless(once) == once


SOURCES = [
    Source("One", "http://one.test/"),
    Source("Two [x](y)\n<b>", "http://two.test/"),
    Source("", "http://3.test/"),
]


@pytest.mark.parametrize(
    ("answer", "language", "expected"),
    [
        ("It is [1].", "en", "\n\nSources:\n- [1] One <http://one.test/>"),
        ("It is [2] [2].", "de", "\n\nQuellen:\n- [2] Two x (y) b <http://two.test/>"),
        (
            "As http://one.test/ has it.",
            "xx",
            "\n\nSources:\n- [2] Two x (y) b <http://two.test/>\n- [3]  <http://3.test/>",
        ),
        ("As [1], http://one.test/ has it.", "en", "\n\nSources:\n- [1] One <http://one.test/>"),
        (
            "So [9].",
            "en",
            "\n\nSources:\n- [1] One <http://one.test/>\n- [2] Two x (y) b <http://two.test/>\n- [3]  <http://3.test/>",
        ),
    ],
)
def test_sources_that_are_cited_stand_below(answer: str, language: str, expected: str) -> None:
    assert toolwords.sources_of(answer, SOURCES, language) == expected


def test_without_sources_nothing_stands_below() -> None:
    assert toolwords.sources_of("So.", [], "en") == ""


def test_at_most_six_where_none_is_cited() -> None:
    many = [Source(str(number), f"http://{number}.test/") for number in range(30)]
    assert toolwords.sources_of("So.", many, "en").count("http") == 6


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('{"tool": "look", "arguments": {"a": 1}}', "look"),
        ('Sure! {"tool": "look", "arguments": {}} ok', "look"),
        ('```json\n{"tool": "look"}\n```', "look"),
        ('{"tool": "look", "arguments": "x"}', "look"),
        ('{"tool": "answer", "arguments": {}}', None),
        ("{" * 100_000, None),
        ("[" * 100_000 + "{}", None),
    ],
)
def test_choices_are_read_as_models_write_them(said: str, name: str | None) -> None:
    call = toolwords.chosen(said)
    assert (call.name if call else None) == name
