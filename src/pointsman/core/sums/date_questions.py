"""The wordings of questions about dates and clock times: how long until, what day it was, three weeks after.

To have another one answered, add a line to `QUESTIONS`, and what it comes to to core/date_answers.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from pointsman.core.errors import InvalidInput, NoValue
from pointsman.core.sums import date_answers as answers

Today = Callable[[], date]

WORD: Final = re.compile(r"[a-z]+|[-+]")

UNIT: Final = r"(?P<unit>(?:business |working |work|week)?days?|weeks?|months?|years?|hours?|minutes?|fortnights?)"
COUNT: Final = r"(?P<count>\d{1,12}|an?|[a-z]{3,9}(?:-[a-z]{3,5})?)"
DATE: Final = r"[\da-z][\da-z ,./'-]{2,30}?"
TIME: Final = r"\d{1,2}(?:[:h]\d{2})?(?: ?[ap]\.?m\.?)?"
IT_IS: Final = r"(?:is it |are there |are left |left |remain |remaining |to go |do i have |have i got |is there )?"
ASKS_DATE: Final = r"(?:(?:what(?:'s| is)? |on what )?(?:the )?(?:date|day)(?: is| will it be| is it| was it| was)? )?"


# Unless it begins with a digit, there is a word in each question that begins with one of these.
TELLING: Final = frozenset(
    {
        "between", "born", "date", "day", "easter", "fortnight", "from", "hour", "long", "minute", "month", "week",
        "workday", "year",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """The words without one of which a text cannot be it, its wording in small letters, and how it is answered."""

    words: str
    wording: str
    answer: Callable[[re.Match[str], date], str]


def answered(text: str, today: Today) -> str | None:
    """The answer to a question about dates, None where it is none. Raises InvalidInput, NoValue."""
    low = " ".join(text.lower().split()).rstrip("?. ")
    words = set(WORD.findall(low))
    if words.isdisjoint(keys()):  # so it is with most texts
        return None
    refused = None
    for question in QUESTIONS:
        if words.isdisjoint(split(question.words)) or not (found := compiled(question.wording).fullmatch(low)):
            continue
        try:
            return question.answer(found, today())
        except NoValue:
            raise
        except InvalidInput as error:  # it may be another question
            refused = refused or error
    if refused:
        raise refused
    return None


@cache
def keys() -> frozenset[str]:
    """The words without one of which a text is none of these questions."""
    return frozenset(word for question in QUESTIONS for word in split(question.words))


@cache
def split(words: str) -> frozenset[str]:
    """The words, one by one."""
    return frozenset(words.split())


@cache
def compiled(wording: str) -> re.Pattern[str]:
    """A wording, compiled when the first question is asked."""
    return re.compile(wording)


FROM_TO: Final = rf"(?:between|from) (?P<first>{DATE}) (?:and|to|until|till) (?P<second>{DATE})"
TIMES: Final = rf"(?P<first>{TIME}) ?(?:to|and|until|till|-) ?(?P<second>{TIME})"
MORE: Final = rf"(?: (?:and )?{COUNT.replace('count', 'count2')} {UNIT.replace('unit', 'unit2')})?"
QUESTIONS: Final = (
    Question(
        "from between",
        rf"(?:how long (?:is it )?|(?:the )?(?:time |hours |minutes ))?(?:from|between) {TIMES}",
        answers.clock,
    ),
    Question("long", rf"how long (?:is it )?(?:is )?{TIMES}", answers.clock),
    Question("from between", rf"(?:how many )?{UNIT} (?:are |is )?(?:there |it )?{FROM_TO}", answers.between),
    Question(
        "from between",
        rf"(?:how long (?:is it |was it )?|(?:the )?(?:difference|time|days) ){FROM_TO}",
        answers.between,
    ),
    Question(
        "until till til to before",
        rf"(?:how many )?{UNIT} {IT_IS}(?:until|till|til|to|before) (?P<date>{DATE})",
        answers.until,
    ),
    Question("until till til to", rf"(?:how long )(?:is it )?(?:until|till|til|to) (?P<date>{DATE})", answers.until),
    Question(
        "since ago",
        rf"(?:how many )?{UNIT} (?:has it been |have passed |passed |ago was )?(?:since|ago was) (?P<date>{DATE})",
        answers.since,
    ),
    Question("since ago", rf"how long (?:has it been )?(?:since|ago was) (?P<date>{DATE})", answers.since),
    Question(
        "left remaining",
        rf"(?:how many )?{UNIT} (?:are |is )?(?:there )?(?:left|remaining) in (?:the|this) (?P<what>year|month)",
        answers.rest_of,
    ),
    Question(
        "is it was",
        r"(?:(?:what|which) )?(?:day(?: of the week)?|date|weekday) (?:is it|is|was it)(?: (?P<word>today))?",
        answers.this_day,
    ),
    Question(
        "current today now",
        r"(?:what(?:'s| is) )?(?:the )?(?:current (?:day|date)|(?:day|date) (?:today|now|is it today|is today))",
        answers.this_day,
    ),
    Question("what", r"what(?:'s| is) the (?:day|date)", answers.this_day),
    Question(
        "today tomorrow yesterday", r"(?:what(?:'s| is) )?(?P<word>today|tomorrow|yesterday)'s date", answers.this_day
    ),
    Question(
        "day weekday",
        rf"(?:(?:on )?(?:what|which) )?(?:day|weekday)(?: of the week)?(?: is| was| will| does| did| for| of)?(?: it)?"
        rf"(?: on)? (?P<date>{DATE})(?: be| fall on| fall| land on)?(?: on)?",
        answers.weekday,
    ),
    Question(
        "easter", r"(?:when|what date|which date|what day) (?:is|was) (?P<date>easter[a-z\d ]{0,20})", answers.weekday
    ),
    Question("week", rf"(?:the )?(?:iso )?week (?:number )?(?:of|for|is) (?P<date>{DATE})", answers.week_number),
    Question(
        "week",
        r"(?:what |which )?week (?:number )?(?:is it|is this|of the year is it)(?: now| today)?",
        answers.week_number,
    ),
    Question(
        "days",
        r"(?:how many )?days (?:are |are there |does )?(?:in )?(?:the year )?"
        r"(?:(?P<month>[a-z]{3,9}) ?)?(?P<year>\d{4,12})?(?: have)?",
        answers.length,
    ),
    Question(
        "after from before prior past since",
        rf"{ASKS_DATE}(?:in )?{COUNT} {UNIT}{MORE} ?(?P<way>after|from|before|prior to|past|since) (?P<date>{DATE})",
        answers.later,
    ),
    Question("in", rf"{ASKS_DATE}in {COUNT} {UNIT}{MORE}(?: from (?:now|today))?", answers.later),
    Question("ago", rf"{ASKS_DATE}{COUNT} {UNIT}{MORE} (?P<way>ago)", answers.later),
    Question("plus minus + -", rf"(?P<date>{DATE}) ?(?P<way>plus|minus|\+|-) ?{COUNT} {UNIT}{MORE}", answers.later),
    Question("minus - to", r"(?P<first>\d{4}-\d\d-\d\d) ?(?:-|minus|to) ?(?P<second>\d{4}-\d\d-\d\d)", answers.between),
    Question(
        "born",
        rf"(?:how old|what age) (?:is|am|are|would|was)[a-z ,']{{0,40}} born (?:on |in )?(?P<date>{DATE})(?: be)?",
        answers.age,
    ),
    Question("born", rf"(?:the )?age of (?:[a-z ]{{0,20}} )?born (?:on |in )?(?P<date>{DATE})", answers.age),
)
