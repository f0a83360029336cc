"""What to compute: pure arithmetic only, and code only where there is some."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.errors import NoValue
from pointsman.core.sums import date_questions, everyday
from pointsman.core.sums.arithmetic import evaluate, first_words, is_sum, phrase_words
from pointsman.tiers.slots import find
from pointsman.tiers.slots.expression import hopeless

NAMES = ("expression", "code")

EXPRESSIONS = [
    ("what's 23*19?", "23*19", "437"),
    ("What’s 23 * 19", "23 * 19", "437"),
    ("calculate 15% of 80", "15% of 80", "12"),
    ("12 plus 7", "12 plus 7", "19"),
    ("square root of 144", "square root of 144", "12"),
    ("2^10", "2^10", "1024"),
    ("7 times 8 divided by 4", "7 times 8 divided by 4", "14"),
    ("what is 17 % of 2,340", "17 % of 2,340", "397.8"),
    ("1,234.5 + 6", "1,234.5 + 6", "1240.5"),
    ("3 × 4 ÷ 2", "3 × 4 ÷ 2", "6"),
    ("how much is 3x4", "3x4", "12"),
    ("hey! what is 5 squared", "5 squared", "25"),
    ("what is 5!", "5!", "120"),
    ("what's 10 percent of 50?", "10 percent of 50", "5"),
    ("what's 80 + 15%?", "80 + 15%", "92"),
    ("73-63 = ?", "73-63", "10"),
    ("73 - 63", "73 - 63", "10"),
    ("what's 9/11?", "9/11", "≈ 0.818181818182"),
    ("2+2=", "2+2", "4"),
    ("What does 2*6000 equal?", "2*6000", "12000"),
    ("quick math: 6*50*.01", "6*50*.01", "3"),
    ("please work out (3+4)*2, thanks", "(3+4)*2", "14"),
    ("run 18 * 2.50 in python", "18 * 2.50", "45"),
    ("`6*7`", "6*7", "42"),
    ("cuánto es 12 por 7?", "12 por 7", "84"),
    ("was ist 12 mal 7?", "12 mal 7", "84"),
    ("combien font 12 fois 7 ?", "12 fois 7", "84"),
    ("quanto fa 12 per 7?", "12 per 7", "84"),
    ("hoeveel is 12 keer 7?", "12 keer 7", "84"),
    ("сколько будет 12 умножить на 7?", "12 умножить на 7", "84"),
    ("compute 5 factorial", "5 factorial", "120"),
    ("123加456等于多少", "123加456", "579"),
    ("25かける4は？", "25かける4", "100"),
    ("23*19は？", "23*19", "437"),
    ("23*19等于多少", "23*19", "437"),
]

NOTHING = [
    "3 pigs and 4 cows: how many legs",
    "2/7/2021",
    "2021-07-02",
    "555-1234",
    "call 555-123-4567",
    "+1 555 123 4567",
    "3.11.7",
    "v1.2",
    "24/7",
    "1990-2020",
    "192.168.0.1/24",
    "12:30 - 13:00",
    "100",
    "what is 100",
    "50%",
    "5!",
    "-5",
    "what's 2+2 and why",
    "1 + 1 = 2",
    "what is 3 apples plus 4",
    "is 7 prime",
    "run the marathon with me",
    "what does this mean: love",
    "calculate the mean of this column",
    "what is the value of my house (in euros)?",
    "run 2^3 in python",
    "run it",
    "",
    "   ",
]

CODE = [
    ("```python\nprint(1)\n```", "print(1)"),
    ("```\nprint(1)\nprint(2)\n```", "print(1)\nprint(2)"),
    ("```print(1)```", "print(1)"),
    ("please execute:\n```sh\necho hi\n``` thanks", "echo hi"),
    ("```js\nlet a = 1", "let a = 1"),
    ("run this:\nprint(2)", "print(2)"),
    ("run this: print(3)", "print(3)"),
    ("what does this print?\nx = 3\nprint(x)", "x = 3\nprint(x)"),
    ("Run this code:\n\ndef f(a):\n    return a\nprint(f(2))", "def f(a):\n    return a\nprint(f(2))"),
    ("evaluate this code: for i in range(3): print(i)", "for i in range(3): print(i)"),
    ("execute this sql on my table: select count(*) from t", "select count(*) from t"),
    ("run this bash: echo $((86 % 17))", "echo $((86 % 17))"),
    ("run print(512 - 81) in python", "print(512 - 81)"),
    ("can you run `ls -la`?", "ls -la"),
    ("kannst du `ls -lä` ausführen?", "ls -lä"),
    ("what’s the output of len('ab')?", "len('ab')"),
    ("what is the output of print('a' * 3)?", "print('a' * 3)"),
    ("what does len('abc') return?", "len('abc')"),
    ("def f(x):\n  return x\nprint(f(1))\nwhat is the output?", "def f(x):\n  return x\nprint(f(1))"),
    ("print('hello')", "print('hello')"),
    ("for i in range(2):\n    print(i)", "for i in range(2):\n    print(i)"),
    ("x = 1\nresult = x + 1\nprint(result)", "x = 1\nresult = x + 1\nprint(result)"),
    ("import os\nprint(os.sep)\nrun it please", "import os\nprint(os.sep)"),
    ("can you run print(max(3, 8)) for me?", "print(max(3, 8))"),
    ("run this code print(len('a'))", "print(len('a'))"),
    ("x = 5; print(x)", "x = 5; print(x)"),
]


@pytest.mark.parametrize(("text", "expression", "value"), EXPRESSIONS)
def test_pure_arithmetic_is_an_expression(text: str, expression: str, value: str) -> None:
    assert find("code_execution", text, NAMES) == {"expression": expression}
    assert evaluate(expression) == value


@pytest.mark.parametrize("text", NOTHING)
def test_numbers_alone_are_no_arithmetic(text: str) -> None:
    assert find("code_execution", text, NAMES) == {}


@pytest.mark.parametrize(("text", "code"), CODE)
def test_code_is_found_without_the_order_to_run_it(text: str, code: str) -> None:
    assert find("code_execution", text, NAMES) == {"code": code}


ORDERS = st.sampled_from(
    [
        "run",
        "what's",
        "`",
        "```",
        "\n",
        ":",
        "2",
        "+",
        "3",
        "in python",
        "print(",
        ")",
        "=",
        "?",
        "!",
        "of",
        "%",
        "to run",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(ORDERS, max_size=12).map(" ".join)))
def test_an_expression_can_always_be_computed(text: str) -> None:
    found = find("code_execution", text, NAMES)
    assert len(found) <= 1
    if "expression" in found:
        with suppress(NoValue):  # 1/0 is a sum too
            assert evaluate(str(found["expression"]))


@pytest.mark.parametrize(("text", "expression"), [("what is 1/0", "1/0"), ("9**9**9", "9**9**9"), ("5/0 =", "5/0")])
def test_a_sum_without_a_value_is_a_sum_too(text: str, expression: str) -> None:
    """The evaluator says why there is none; a language model would make one up."""
    assert find("code_execution", text, NAMES) == {"expression": expression}


def test_a_sum_without_a_value_that_goes_on_is_no_sum() -> None:
    assert find("code_execution", "what is 1/0 apples", NAMES) == {}


PHRASES = [
    "how long is it from 9:00 to 17:30",
    "from 9am to 5pm",
    "between 9:00 and 17:30",
    "how long is 9:00 to 17:30",
    "business days between today and tomorrow",
    "workdays from 2026-01-05 to 2026-03-01",
    "the difference between 2026-01-05 and 2026-03-01",
    "days until christmas",
    "how many workdays until 2027-01-01",
    "how many fortnights until 2027-01-01",
    "how many hours until 2027-01-01",
    "how many minutes until 2027-01-01",
    "how many weeks until 2027-01-01",
    "how many months until 2027-01-01",
    "how many years since 2001-02-03",
    "the time between 2026-01-05 and 2026-03-01",
    "the time from 2026-01-05 to 2026-03-01",
    "how long until easter",
    "how long since 2001-02-03",
    "weeks left in the year",
    "what day is it",
    "which date was it",
    "current date",
    "what's the date",
    "tomorrow's date",
    "yesterday's date",
    "weekday of 2027-07-04",
    "when is easter 2027",
    "week of 2027-07-04",
    "what week is it",
    "days in february 2027",
    "three weeks after christmas",
    "in three weeks",
    "two months ago",
    "christmas plus two weeks",
    "how old is somebody born 2001-02-03",
    "age of someone born on 2001-02-03",
    "tip of 18% on 40",
    "split 90 between three",
    "what percentage of 90 is 45",
    "what % of ninety is three",
    "increase 80 by 15%",
    "round 2.345 to two decimals",
    "nine to the 2nd power",
    "add three and four",
    "hex ff in decimal",
    "XIV as a number",
]


@pytest.mark.parametrize("tail", ["", "?", "fa", " please", "is", "."])
@pytest.mark.parametrize("phrase", PHRASES)
def test_no_question_in_words_is_given_up_before_it_is_read(phrase: str, tail: str) -> None:
    assert not hopeless(phrase + tail)
    assert not hopeless(f' "{phrase}{tail}"')


def test_the_questions_in_words_are_ones_that_can_be_answered() -> None:
    """So that the test above says something; "ninety" is no number to the wordings, but might be one day."""
    assert [phrase for phrase in PHRASES if not is_sum(phrase)] == ["what % of ninety is three"]


WORDS_OF_SUMS = sorted(filter(str.isascii, first_words() | phrase_words() | everyday.keys() | date_questions.keys()))
ANY_WORDS = st.lists(
    st.one_of(
        st.sampled_from(WORDS_OF_SUMS),
        st.sampled_from(["why", "cat", "2", "3.5", "20%", "+", "of", "in", "what", "the", "christmas", '"', "(", ")"]),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(ANY_WORDS, st.sampled_from(["", "fa", "ist", " please", "?"]))
def test_what_is_given_up_before_it_is_read_is_no_sum(words: list[str], tail: str) -> None:
    text = " ".join(words)
    if hopeless(text + tail):
        assert not is_sum(text)


@pytest.mark.parametrize("text", ["why is a small one so common?", "who has twelve cats", "explain (2+3) to me"])
def test_a_text_that_begins_with_a_word_of_no_sum_is_given_up_at_once(text: str) -> None:
    assert hopeless(text)


def test_code_is_only_looked_for_where_it_is_asked_for() -> None:
    assert find("", "```\nls\n```", ("expression",)) == {}
    assert find("", "```\nls\n```", ("expression", "code")) == {"code": "ls"}
    assert find("", "run 2+2 in python", ("code",)) == {}
