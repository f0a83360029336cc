"""Which programs end in an expression, and how its value is kept."""

from __future__ import annotations

import pytest

from pointsman.tools.code.lastvalue import keeping_value, writing


@pytest.mark.parametrize(
    ("program", "kept"),
    [
        ("1 + 1", "_value_ = 1 + 1"),
        ("x = 1; x + 1", "x = 1; _value_ = x + 1"),
        ("x;", "_value_ = x;"),
        ("(1,\n 2)", "_value_ = (1,\n 2)"),
        ("f(a=1, b={2: 3})", "_value_ = f(a=1, b={2: 3})"),
        ("a[1:2]", "_value_ = a[1:2]"),
        ("a == b", "_value_ = a == b"),
        ("[y := 1]", "_value_ = [y := 1]"),
        ("not x", "_value_ = not x"),
        ("await f()", "_value_ = await f()"),
        ("'''a\nb'''", "_value_ = '''a\nb'''"),
        ("def f():\n    return 1\nf()", "def f():\n    return 1\n_value_ = f()"),
        ("x\n# a remark\n\n", "_value_ = x\n# a remark\n\n"),
        ("\\\nx", "\\\n_value_ = x"),
        ("é + 1", "_value_ = é + 1"),
        ("match(1)", "_value_ = match(1)"),
    ],
)
def test_the_value_of_a_last_expression_is_kept(program: str, kept: str) -> None:
    assert keeping_value(program) == (f"{kept}\nNone\n", True)


@pytest.mark.parametrize(
    "program",
    [
        "", "# nothing", "x = 1", "x += 1", "a.b = c", "a[0] = 1", "x: int", "x: int = 1", "import math", "del x",
        "pass", "return 1", "raise ValueError", "assert x", "for i in x:\n    i", "if x: y", "if x: y; z", "lambda: 1",
        "type X = int", "with a as b: c",
    ],
)  # fmt: skip
def test_a_statement_has_none(program: str) -> None:
    assert keeping_value(program) == (f"{program}\nNone\n", False)


@pytest.mark.parametrize("program", ["print('a'", "x = 'a", "  x", "'''", "$", "if x:\n  y\n z", ")", "\0"])
def test_what_is_no_python_is_left_as_it_is(program: str) -> None:
    rewritten, valued = keeping_value(program)
    assert rewritten.startswith(program)
    assert not valued


def test_a_string_without_end_is_looked_for_but_once() -> None:
    # Up to Python 3.11 the tokenizer looks again from every quote: this would take half a minute.
    program = "'\\" * 25_000
    assert keeping_value(program) == (program, False)


def test_a_value_is_written_out_inside_up_to_a_length() -> None:
    assert writing(7) == 'f"{_value_!r:.7}"'
    assert eval(writing(7), {"_value_": "abcdefgh"}) == "'abcdef"  # noqa: S307 - our own text
