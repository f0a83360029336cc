"""Keeps the value of a program's last expression, as a notebook shows it, without the value leaving the sandbox."""

from __future__ import annotations

import keyword
import tokenize
from collections.abc import Iterator
from io import StringIO
from typing import Final

NAME: Final = "_value_"

NO_TEXT: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    }
)
# A statement that begins with a keyword has no value, but for these.
HAVE_VALUE: Final = frozenset({"None", "True", "False", "not", "lambda", "await"})
NO_VALUE: Final = frozenset(keyword.kwlist) - HAVE_VALUE
OPEN: Final = frozenset("([{")
CLOSE: Final = frozenset(")]}")

Statement = list[tokenize.TokenInfo]


def keeping_value(code: str) -> tuple[str, bool]:
    """The program with its last expression's value kept under NAME, and whether there is one.

    Lines end with a line feed alone, and none moves. The program ends with None then, so that no value of it crosses
    over to us. What has no tokens of Python comes back as it is, for the sandbox to say what is wrong with it.
    """
    last: Statement = []
    try:
        for line in logical_lines(code):
            last = line
    except (tokenize.TokenError, SyntaxError):  # an IndentationError is one
        return code, False
    place = last_expression(last)
    if place is None:
        return f"{code}\nNone\n", False
    row, column = place
    lines = code.split("\n")
    lines[row - 1] = f"{lines[row - 1][:column]}{NAME} = {lines[row - 1][column:]}"
    return "\n".join([*lines, "None\n"]), True


def writing(most: int) -> str:
    """A program whose value is that value written out, at most so many characters of it.

    A value may be larger written out than it is itself, without end even: lists that hold one list twice, sixty deep.
    So it is written inside, under the limits; an f-string needs no name that the program could have given to another.
    """
    return f'f"{{{NAME}!r:.{most}}}"'


def last_expression(line: Statement) -> tuple[int, int] | None:
    """Where the last statement of a program's last line begins, as (line from 1, column), when it is an expression.

    Only Python's tokens are looked at: its parser is nothing to give hostile programs to.
    """
    if not line or line[0].start[1] > 0:
        return None
    if line[0].string in NO_VALUE and any(token.string == ":" for token in line):
        return None  # `if x: y; z`
    statement = statements(line)[-1]
    if statement[0].string in NO_VALUE or is_assignment(statement):
        return None
    return statement[0].start


def logical_lines(code: str) -> Iterator[Statement]:
    """The program's lines as Python counts them, each with its tokens."""
    line: Statement = []
    for token in tokenize.generate_tokens(StringIO(code).readline):
        if token.type == tokenize.ERRORTOKEN:
            # A string without an end, which up to Python 3.11 is looked for again from every quote: 4 s for 20 KB.
            raise tokenize.TokenError("no Python", token.start)
        if token.type not in NO_TEXT:
            line.append(token)
        elif token.type in {tokenize.NEWLINE, tokenize.ENDMARKER} and line:
            yield line
            line = []


def statements(line: Statement) -> list[Statement]:
    """The statements of one line, which semicolons part."""
    parts: list[Statement] = [[]]
    for token, depth in with_depth(line):
        if depth == 0 and token.string == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def is_assignment(statement: Statement) -> bool:
    """Whether it binds a name, or only gives it a type; a bare lambda counts, too, and nobody misses its value."""
    return any(
        depth == 0 and token.type == tokenize.OP and (token.string == ":" or assigns(token.string))
        for token, depth in with_depth(statement)
    )


def assigns(operator: str) -> bool:
    """Whether an operator assigns: =, +=, := and so on, but no comparison."""
    return operator.endswith("=") and operator not in {"==", "!=", "<=", ">="}


def with_depth(tokens: Statement) -> Iterator[tuple[tokenize.TokenInfo, int]]:
    """Each token with the number of brackets around it."""
    depth = 0
    for token in tokens:
        if token.type == tokenize.OP and token.string in CLOSE:
            depth -= 1
        yield token, depth
        if token.type == tokenize.OP and token.string in OPEN:
            depth += 1
