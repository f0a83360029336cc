"""The toolset `code`: when a message is answered by its own program, what models may run, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import pytest

from pointsman.core.errors import MissingExtra, ToolFailed
from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.tool import First, Occasion, ToolResult
from pointsman.tiers.slots import expression
from pointsman.tools.code.replies import block, for_model, for_person
from pointsman.tools.code.sandbox import Outcome
from pointsman.tools.code.toolset import CodeTools
from pointsman.tools.code.trouble import Trouble

has_extra = pytest.mark.skipif(find_spec("pydantic_monty") is None, reason="needs the [code] extra")
SHARED = Origin(surface="discord", user="u1", channel="c1", guild="g1")
DIRECT = Origin(surface="discord", user="u1", channel="c2", direct=True)
FOUND = Outcome("45\n", seconds=0.004)


class Scripted:
    """A sandbox whose outcome is known beforehand."""

    def __init__(self, outcome: Outcome = FOUND) -> None:
        self.outcome = outcome
        self.ran: list[str] = []
        self.closed = False

    async def run(self, code: str) -> Outcome:
        self.ran.append(code)
        return self.outcome

    async def close(self) -> None:
        self.closed = True


def occasion(text: str, origin: Origin = DIRECT) -> Occasion:
    return Occasion(Message(text, origin=origin), expression.find(text))


async def called(toolset: CodeTools, text: str, arguments: Mapping[str, Any] | None = None) -> ToolResult:
    """What comes of a model's call in a reply to a message, or of the call that the message itself asks for."""
    first = toolset.first(occasion(text))
    (tool,) = await toolset.tools(occasion(text))
    return await tool.call(arguments or (first.call.arguments if first else {}))


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted sandbox needs no interpreter."""
    monkeypatch.setattr("pointsman.tools.code.toolset.find_spec", lambda _: True)


def test_it_is_not_used_where_others_read_along_unless_that_is_allowed() -> None:
    here, there = occasion("run this: print(1)", SHARED), occasion("run this: print(1)", DIRECT)
    assert CodeTools(Scripted()).refusal(there) == ""
    assert "tools.code.shared: true" in CodeTools(Scripted()).refusal(here)
    assert CodeTools(Scripted(), shared=True).refusal(here) == ""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("run this python: print(1)", First(ToolCall("run_python", {"code": "print(1)"}), answers=True)),
        ("run this js: console.log(1)", First(ToolCall("run_python", {"code": "console.log(1)"}), answers=True)),
        ("run this and explain it: `print(1)`", First(ToolCall("run_python", {"code": "print(1)"}))),
        ("explain this bash: `ls -la`", None),
        ("simulate 1000 dice rolls", None),
        ("2+2", None),
    ],
)
def test_what_a_message_asks_for_in_so_many_words(text: str, first: First | None) -> None:
    assert CodeTools(Scripted()).first(occasion(text)) == first


async def test_a_program_in_the_message_is_run_and_shown() -> None:
    sandbox = Scripted()
    result = await called(CodeTools(sandbox), "run this python: print(sum(range(10)))")
    assert sandbox.ran == ["print(sum(range(10)))"]
    assert result.shown == "```text\n45\n```\n\n*Python, 4 ms*"
    assert result.text == "It printed:\n45\n(4 ms)"
    assert not result.trusted  # he may have found it anywhere


async def test_a_model_program_is_trusted_and_its_fences_are_taken_off() -> None:
    sandbox = Scripted()
    result = await called(CodeTools(sandbox), "simulate 1000 dice rolls", {"code": "```python\nprint(1)\n```"})
    assert sandbox.ran == ["print(1)"]
    assert result.trusted


@pytest.mark.parametrize(
    "arguments", [{"program": "1"}, {"code": ""}, {"code": " \n"}, {"code": 5}, {"code": None}, {"code": ["1"]}]
)
async def test_a_call_without_code_says_how_it_is_made(arguments: dict[str, Any]) -> None:
    with pytest.raises(ToolFailed) as failed:
        await called(CodeTools(Scripted()), "simulate 1000 dice rolls", arguments)
    assert failed.value.cure == 'give the program as a text: {"code": "..."}'


WRONG = Outcome(
    trouble=Trouble("syntax", "this sandbox does not know yield expressions", 2, hint="it does not have yield")
)


async def test_a_model_that_wrote_no_python_gets_one_more_try() -> None:
    with pytest.raises(ToolFailed) as failed:
        await called(CodeTools(Scripted(WRONG)), "simulate 1000 dice rolls", {"code": "yield"})
    assert failed.value.message == "the program cannot be run: line 2: this sandbox does not know yield expressions"
    assert failed.value.cure == "it does not have yield; call run_python again"
    with pytest.raises(ToolFailed) as failed:
        await called(CodeTools(Scripted(WRONG)), "simulate 1000 dice rolls", {"code": "const x = 1;"})
    assert failed.value.cure == "only Python runs here, and this is JavaScript; call run_python again"


async def test_a_person_gets_the_errors_of_his_own_program_as_the_answer() -> None:
    result = await called(CodeTools(Scripted(WRONG)), "run this python: print(1)")
    assert result.shown.startswith("**Error in line 2:** `this sandbox does not know yield expressions`")


async def test_an_error_while_it_runs_is_a_result_that_a_model_learns_from() -> None:
    outcome = Outcome("a\n", trouble=Trouble("raised", "NameError: name 'x' is not defined", 3))
    result = await called(CodeTools(Scripted(outcome)), "simulate 1000 dice rolls", {"code": "x"})
    assert result.text == "It printed:\na\nIt failed: line 3: NameError: name 'x' is not defined\n(under 1 ms)"


async def test_other_languages_are_not_run() -> None:
    sandbox = Scripted()
    result = await called(CodeTools(sandbox), "run this bash: rm -rf /")
    assert sandbox.ran == []
    assert result.shown.startswith("I can run only Python here, and this is shell, so I have not run it.")


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (Outcome(seconds=0.25), "It ran, printed nothing, and has no value.\n\n*Python, 250 ms*"),
        (Outcome("a\n\n", value="3", seconds=1.25), "```text\na\n```\n\nValue: `3`\n\n*Python, 1.2 s*"),
        (Outcome("ab", cut=1234), "```text\nab\n```\n\n(1,234 more characters were cut.)\n\n*Python, under 1 ms*"),
        (Outcome(value="'a\\nb`'"), "Value: \n\n```text\n'a\\nb`'\n```\n\n*Python, under 1 ms*"),
        (
            Outcome(trouble=Trouble("limit", "it wanted more than 64 MB", hint="let it keep less")),
            "**Stopped:** it wanted more than 64 MB\n\nLet it keep less.\n\n*Python, under 1 ms*",
        ),
        (
            Outcome(trouble=Trouble("raised", "KeyError: 'a'", 4, ("line 9: g()", "line 4, in g: x")), seconds=1),
            "**Error in line 4:** `KeyError: 'a'`\n\n```text\nline 9: g()\nline 4, in g: x\n```\n\n*Python, 1.0 s*",
        ),
    ],
)  # fmt: skip
def test_a_person_reads_output_value_error_and_time(outcome: Outcome, shown: str) -> None:
    assert for_person(outcome) == shown


def test_a_model_is_told_when_nothing_was_printed() -> None:
    assert for_model(Outcome()) == "It ran and printed nothing. Print what you want to see.\n(under 1 ms)"
    assert (
        for_model(Outcome(value="5", cut=3))
        == "(3 more characters were cut)\nValue of the last expression: 5\n(under 1 ms)"
    )


def test_nothing_that_is_printed_leaves_its_block_or_moves_the_cursor() -> None:
    assert block("a\n```\n# big\n````") == "`````text\na\n```\n# big\n````\n`````"
    assert block("\x1b[31mred\x1b[0m\a\x00\rnext\x9b") == "```text\nred\ufffd\ufffd\nnext\ufffd\n```"


async def test_models_are_told_what_is_not_there() -> None:
    toolset = CodeTools(Scripted(), seconds=3, memory=128_000_000)
    (tool,) = await toolset.tools(occasion("simulate 1000 dice rolls"))
    assert (tool.spec.name, tool.spec.effect, toolset.name) == ("run_python", "reads", "code")
    for word in ("3 s and 128 MB", "no packages, no files, no network", "yield", "itertools"):
        assert word in tool.spec.description
    assert tool.spec.parameters["required"] == ["code"]
    assert tool.spec.seconds > 3
    assert len(tool.spec.description) < 1_000


async def test_without_the_extra_there_are_no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.tools.code.toolset.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pointsman\[code\]"):
        await CodeTools(Scripted()).tools(occasion("run this: print(1)"))


async def test_closing_closes_the_sandbox() -> None:
    sandbox = Scripted()
    await CodeTools(sandbox).close()
    assert sandbox.closed


@has_extra
async def test_the_whole_way_with_a_real_sandbox() -> None:
    toolset = CodeTools.opened(seconds=2, memory=64_000_000, output=20_000, workers=1, shared=False)
    for text, beginning in {
        "run this python: print(sum(range(10)))": "```text\n45\n```",
        "what does `[x * x for x in range(3)]` evaluate to": "Value: `[0, 1, 4]`",
        "run\n```python\ndef f(n):\n    1 / n\n```\n```python\nf(0)\n```": "**Error in line 2:** `ZeroDivisionError",
        "run this python: import numpy": "**Error in line 1:** `ModuleNotFoundError: No module named 'numpy'`",
    }.items():
        assert (await called(toolset, text)).shown.startswith(beginning)
    await toolset.close()
