"""Which program a message gives to be run, in which language, and whether more is asked."""

from __future__ import annotations

import pytest

from pointsman.core.message import Message
from pointsman.core.tool import Occasion
from pointsman.tiers.slots import expression
from pointsman.tools.code.asking import Given, given


def asked(text: str) -> Given | None:
    """What a message gives, with the slots as the router finds them."""
    return given(Occasion(Message(text), expression.find(text)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("run this python: print(sum(range(10)))", "print(sum(range(10)))"),
        ("run dis: print(1)", "print(1)"),
        ("what does this print: print(1)", "print(1)"),
        ("run this: x = 5\nprint(x)", "x = 5\nprint(x)"),
        ("run this python code:\n\nfor i in range(3):\n    print(i)", "for i in range(3):\n    print(i)"),
        ("execute print('a') in python", "print('a')"),
        ("what's the output of sorted([3,1])?", "sorted([3,1])"),
        ("what will x = [1,2,3]; print(x[::-1]) output?", "x = [1,2,3]; print(x[::-1])"),
        ("what does `'ab' * 3` return?", "'ab' * 3"),
        ("please execute the following: import math; math.pi", "import math; math.pi"),
        ("def f(s):\n    return s\nprint(f('ab'))\n\nwhat is the output?", "def f(s):\n    return s\nprint(f('ab'))"),
        ("can you run ```print(2)``` please", "print(2)"),
        ("```python\nprint(1)\n``` run it pls", "print(1)"),
        ("run\n```\nprint(1)\n```", "print(1)"),
        ("run\r\n```py\r\nprint(1)\r\n```", "print(1)"),
        ("run this:\n```python\nprint(1)", "print(1)"),
        ("run\n```python\na = 1\n```\nthen\n```python\nprint(a)\n```", "a = 1\n\nprint(a)"),
        ("run\n```python\nprint(1)\n```\nit gave\n```\n2\n```", "print(1)"),
        ("run\n```\nprint(1)\n```\nit gave\n```\n2\n```", "print(1)"),
        ("run\n```json\n{}\n```\nwith\n```\nprint(1)\n```", "print(1)"),
        ("run:\n>>> x = 1\n>>> for i in x:\n...     print(i)\n...\n1\n>>> x", "x = 1\nfor i in x:\n    print(i)\n\nx"),
        ("run it:\n```\nx = ...\nprint('===', '=> ${x}')  # =>\n```", "x = ...\nprint('===', '=> ${x}')  # =>"),
        ("- run this\n  ```python\n  if 1:\n      print(1)\n  ```", "if 1:\n    print(1)"),
        ("run this python: x = 'select a from b'\nprint(x)", "x = 'select a from b'\nprint(x)"),
        ("run this:\u00a0print(1)", "print(1)"),
    ],
)  # fmt: skip
def test_a_program_is_taken_as_it_stands(text: str, code: str) -> None:
    assert asked(text) == Given(code)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("run this\n```js\nconsole.log(1)\n```", "JavaScript"),
        ("run this js: console.log([1,2,3].reverse())", "JavaScript"),
        ("run console.log([1,2,3].map(x => x*2))", "JavaScript"),
        ("check what `'5' + 3` returns in javascript by running it", "JavaScript"),
        ("run\n```\nconst x = 1;\nalert(x === 1)\n```", "JavaScript"),
        ("run this bash: ls -la", "shell"),
        ("execute: echo $((7*8))", "shell"),
        ("run `ls | wc -l` and tell me the number", "shell"),
        ("run\n```\n#!/bin/sh\nexit 1\n```", "shell"),
        ("run\n```\npip install numpy\n```", "shell"),
        ("run this sql: select * from t", "SQL"),
        ("run\n```\nSELECT a, b FROM t\n```", "SQL"),
        ("run\n```\n#include <stdio.h>\nint main(){}\n```", "C"),
        ('run the code below\n```c\nint main(){printf("%d",7/2);}\n```', "C"),
        ("run\n```rust\nlet x = 1;\n```", "Rust"),
        ("run\n```\npublic class A { }\n```", "Java"),
        ("run\n```elixir\nIO.puts 1\n```", "Elixir"),
    ],
)
def test_other_languages_are_known_by_their_name_or_their_signs(text: str, language: str) -> None:
    program = asked(text)
    assert program is not None
    assert program.language == language


@pytest.mark.parametrize(
    "text",
    [
        "simulate 1000 dice rolls",
        "eval 1+1",
        "run 2+2 in python",
        "run the numbers for me",
        "what do you get for 12! / 10!",
        "calculate the mean of the age column",
        "don't run this, what does it do: print(1)",
        "explain without running it: `print(1)`",
        "run\n```json\n{}\n```",
        "run\n```python\n```",
    ],
)
def test_what_gives_no_program_is_left_to_a_model(text: str) -> None:
    assert asked(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("run this and explain why it fails:\n```python\n1/0\n```", "1/0"),
        ("run this python: print(1) and explain it", "print(1)"),
        ("run it and fix the bugs\n```python\nprint(x)\n```", "print(x)"),
        ("warum gibt das 3 aus?\n```python\nprint(1+2)\n```", "print(1+2)"),
        ("```python\nprint(1)\n```\n" + "I have been thinking about this for a while now. " * 8, "print(1)"),
    ],
)
def test_what_asks_for_more_is_run_and_then_answered_by_a_model(text: str, code: str) -> None:
    assert asked(text) == Given(code, more=True)


def test_an_afterthought_that_wants_only_the_output_is_no_part_of_the_program() -> None:
    assert asked("run this python: print(1) and tell me the result") == Given("print(1)")


@pytest.mark.parametrize(
    "code",
    ["`" * 27_000, "select " + " " * 20_000, "printf(" * 4_000, "\n" * 20_000 + "x", "> " * 10_000, "'" * 20_000],
)
def test_hostile_programs_are_read_in_time(code: str) -> None:
    # Some took more than ten seconds with a pattern that counts blanks, or looks for an end, from every place.
    program = given(Occasion(Message(f"run: {code}"), {"code": code}))
    assert program is None or len(program.code) <= len(code)
