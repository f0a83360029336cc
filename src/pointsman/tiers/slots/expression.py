# ruff: noqa: RUF001  (words of many scripts)
"""What to compute: an expression that our exact arithmetic can evaluate, or the code to run."""

from __future__ import annotations

from functools import cache
from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.core.sums import arithmetic
from pointsman.tiers.slots.linear import Together, either, holds, plain, regex
from pointsman.tiers.slots.polite import SURE, openings, without_ending

NAMES: Final = frozenset({"expression", "code"})

ASK: Final = (
    r"(?:(?:can|could|would|will) (?:you|u|ya)(?: please)?|(?:please|just|quickly|and|also|now|so|ok"
    r"|quick (?:maths?|question|one)|maths?|hey|tell me|give me|help me|let me know|provide"
    r"|i (?:need|want|wanna)(?: to)?(?: know)?|do you know)[\s:,]*"
    r"|what do (?:you|i|we) get (?:if (?:you|i|we)|for|when you)"
    r"|(?:(?:what|which)(?: is|'s)? )?(?:the )?(?:total |correct |right )?(?:amount|number) of"
    r"|what(?:'s|s| is| are| does| do| would| will)?|how (?:much|many)(?: (?:is|are|does|do))?|calculate"
    r"|how (?:far|long|tall|heavy|hot|cold|fast|big|wide|deep|high) (?:is|are)"
    r"|(?:how )?(?:do|can|would|could|should) (?:i|you|we)(?: please)?|convert|change|turn"
    r"|compute|evaluate|eval|solve|work out|figure out|find|do the math(?:s)?(?: for| on)?|the (?:result|value"
    r"|answer|solution) (?:of|to|for)|the answer (?:is )?|the"
    r"|cu[aá]nto (?:es|son|da)|calcula(?:me)?|(?:was|wie ?viel) (?:ist|sind|ergibt|macht|gibt)|berechne|convierte"
    r"|rechne(?: mir)?(?: aus)?|combien (?:font|fait|vaut)|calcule(?:r|z)?|quanto (?:fa|fanno|è|é|dá|são|vale)"
    r"|calcola|il|el|le|converti[sr]?|converta|converte[rz]?|convertissez|wandle|konvertiere|(?:um)?rechne|przelicz"
    r"|hoeveel is|wat is|bereken|ile (?:to )?(?:jest|wynosi)|oblicz|policz|сколько (?:будет|это)|вычисли|посчитай"
    r"|переведи|计算|算一下|请问|换算|把|कितना (?:है|होता है))(?:[\s:,]+|\z)"
)
ASKS: Final = rf"(?:{ASK})+"
AFTER: Final = (
    r"(?:\s*(?:=|\?|？|!\?|equals?(?: to)?(?: what)?|is(?: what| equal to| that)?|come to|make|please"
    r"|thanks|altogether|in total|exactly|は(?:いくつ|何)?(?:ですか)?|ですか|になりますか|等于(?:多少|几)?|是多少|은"
    r"|는|얼마(?:야|예요)?|인가요|이야|이에요|कितना (?:है|होता है)|ist|egal|igual a|fa|jest"
    r"|это сколько))+[\s?？.。!]*\z"
)
# "Rechne 5 Meilen in Kilometer um", but 5 mm in um.
PARTED: Final = r"(?:rechne|wandle|konvertiere)\s.*(\s(?:um|aus))[\s.?!]*\z"
# A bare "2/7/2021", "555-1234", "24/7" or "1990-2020" is a date, a number to call or a range unless somebody asks.
TIGHT: Final = r"[\s(]*[\d.,]+(?:[-–/][\d.,]+)+[\s).]*\z|\s*\d{4}-\d\d?-\d\d?\s*(?:[-–]|to)\s*\d{4}-\d\d?-\d\d?\W*\z"
PLAIN_NUMBER: Final = r"[-+\s(]*[\d.,]+\s*(?:%|percent|!)?[\s)]*\z"

# Without a digit there is a sum only where one of these is said; most messages hold none, and are done with.
WORDED: Final = (
    r"\b(?:(?:days?|weeks?|months?) (?:[a-z]+ ){0,2}(?:until|till?|to|before|since|left)"
    r"|how long (?:is it )?(?:until|till?)|(?:what|which) (?:week)?day|dates?|tomorrow|plus|minus|times"
    r"|divided|squared|cubed|percent|half|thirds?|quarter|dozen|twice|double|pi|easter"
    r"|in (?:decimal|numbers)|(?:how many|amount of|number of) [a-z]+ (?:[a-z]+ ){0,4}(?:in|is|are)"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|twenty|thirty|fifty|hundred"
    r"|an? [a-z]+ (?:in|to|into))\b"
)
NUMBERED: Final = rf"\d|{WORDED}"
LONGEST_WORDED: Final = 100
KEPT_LENGTH: Final = 20
# What these ask for is said in the answer, too: "what day of the week is 4 July 2027".
KEPT: Final = (
    r"(?:(?:what|which) (?:day|weekday|date|week|percent|percentage|%)|how (?:long|old)|when)\b"
    r"|what(?:'s| is) the (?:date|day)\W*\z"
)
UNIT_FIRST: Final = r"([^\d\W][^\d(+*]*?) (?:(?:are|is)(?: there)?(?: in)?|in|makes?|equals?) (.+)\z"
# A function's name means another thing in a program: log is ln there.
CALLS: Final = r"[\^%!]|[a-z]\s*\(|\b(?:in|log)\b"

FENCE: Final = "```"
FENCE_LANGUAGE: Final = r"[ \t]*(?:[A-Za-z][\w+#.-]{0,19})?[ \t]*\r?\n"
ORDER: Final = (
    r"(?:(?:can|could|would|will) (?:you|u)\s+|please\s+|i (?:want|need) (?:you )?to\s+|(?:i'd"
    r"|i would) like you to\s+|go ahead and\s+)*"
    r"(?:run|execute|exec|evaluate|eval|test|try|interpret|simulate|check|what (?:does|do|will|would|is|are)"
    r"|what['’]s|show(?: me)?|tell me|give me|print|output of|ejecuta|führe?|exécute|esegui|execut[ae]|voer|uruchom"
    r"|wykonaj|выполни|запусти|что (?:выведет|напечатает)|was gibt)\b"
)
ORDERED: Final = ORDER + r"[^\n:`(){}=;\[\]]{0,80}(?::[ \t]*|\s*\n)"
LANGUAGE: Final = r"(?:python|py|javascript|js|bash|shell|sh|sql|ruby|rust|go|java|c\+\+|node|perl|php|lua|r)"
RUN_IN: Final = (
    rf"(?:run|execute|eval|evaluate|exec)\s+(?:this\s+|the\s+)?(?:(?:{LANGUAGE})\s+)?(?:(?:code|snippet|script"
    r"|command|expression)\s+)?(.+?)\s+(?:in|with|using|through)\s+(?:a\s+"
    rf"|the\s+)?{LANGUAGE}(?: \d(?:\.\d+)?)?(?: (?:shell|interpreter|repl|console))?[\s.?!]*\z"
)
OUTPUT_OF: Final = (
    r"(?:(?:what(?:['’]s|s| is| would be| will be) )?(?:the )?(?:output|result|value|return value) of (?:running "
    r"|calling |executing )?(\S.*?)"
    r"|what (?:does|will|would|do) (\S.*?) (?:print|output|return|evaluate to|give|do|yield))[\s?]*\z"
)
RUNS: Final = (
    r"[^\n]*\b(?:run|execute|exec|eval|evaluate|interpret|ejecuta|führe?|exécute|esegui|execut[ae]|voer|uruchom"
    r"|wykonaj|выполни|запусти)\b"
)
RUN: Final = (
    r"(?:(?:can|could|would|will) (?:you|u)\s+|please\s+|go ahead and\s+)*"
    r"(?:run|execute|exec|eval|evaluate|test|try)\s+"
    rf"(?:this\s+|the following\s+)?(?:{LANGUAGE}\s+)?(?:(?:code|script|snippet|command|expression|query)\s+)?(\S.*)"
)
ASKED_AFTER: Final = (
    r"\n[^\n]{0,20}(?:what (?:does|is|will|would|do|are)\s[^\n]{0,80}|the (?:output|result)\s*\??"
    r"|(?:run|execute) (?:this|it)[^\n]{0,40}|(?:it|this) (?:prints?|returns?)[^\n(]{0,40})\z"
)
INLINE: Final = r"`([^`\n]+)`"
SIGNS_OF_CODE: Final = (
    r"\w\([^)]*\)|[;{}\[\]]|\w\s*[-+*/]?=\s*\S|^\s*(?:import|from|def|class|print|for|while|if|return|let|const"
    r"|var|function|echo|ls|cat|SELECT|#include|package|fn|pub|public)\b|\$\w|=>|->|::"
)
STARTS_AS_CODE: Final = (
    r"\s*(?:import\s+\w|from\s+\w+\s+import|def\s+\w+\s*\(|class\s+\w+\s*[:(]|print\s*\(|console\.log\(|#include"
    r"|#!|SELECT\s.+\sFROM\s|for\s+\w+\s+in\s|function\s+\w+\s*\(|(?:let|const|var)\s+\w+\s*="
    r"|\w+\s*=\s*[\[{(\"'\d]|>>> )"
)

BEGINNINGS: Final = Together(ORDERED, RUN_IN, RUN, OUTPUT_OF, STARTS_AS_CODE)
ASKING: Final = Together(SURE, RUN_IN, ASKS)


def find(text: str, *, code: bool = True) -> dict[str, SlotValue]:
    """The slot `expression` for pure arithmetic, else `code` where there is some and it is asked for."""
    if expression := expression_of(text):
        return {"expression": expression}
    if code and (found := code_of(text)):
        return {"code": found}
    return {}


def expression_of(text: str) -> str:
    """The expression that the whole text asks for, "" when it asks for anything else."""
    if len(text) > 2 * arithmetic.MAX_LENGTH or "\n" in text.strip():
        return ""
    whole = plain(text).strip()
    if not numbered(whole):
        return ""
    body, begins = whole, ASKING(whole)
    if sure := begins.match(SURE):
        body = whole[sure.end :]
        begins = ASKING(body)
    run = begins.match(RUN_IN)
    if run and not regex(CALLS).search(run.group(1)) and arithmetic.is_sum(run.group(1)):
        return run.group(1)
    asked = begins.match(ASKS)
    if asked and (parted := regex(PARTED).match(body)):
        body = body[: parted.end - len(parted.group()) + parted.group().rindex(parted.group(1))]
    if asked is None:
        return computed(body, asked=False)
    kept = regex(KEPT).search(body[: asked.end + KEPT_LENGTH])
    return (computed(body[kept.start :], asked=True) if kept else "") or computed(body[asked.end :], asked=True)


def numbered(text: str) -> bool:
    """Whether a text holds a digit, or, unless it is long, a word without which no sum is asked for in words."""
    if text.isascii() and len(text) <= LONGEST_WORDED:
        return holds(NUMBERED, text)
    return any(map(str.isdigit, text)) or (len(text) <= LONGEST_WORDED and holds(WORDED, text))


def hopeless(body: str) -> bool:
    """Whether neither a text nor any beginning of it is a sum, as far as its first word and those of phrases tell.

    It is sure where it says so, and that is a tenth of the time that it takes to see it by trying.
    """
    return body.isascii() and not arithmetic.begins(body) and not holds(phrased(), body)


@cache
def phrased() -> str:
    """A pattern for how the words begin without one of which a text is no phrase that is computed."""
    words = [word for word in arithmetic.phrase_words() if word.isascii() and word.isalpha()]
    return f"(?:^|[^a-z]){either(*sorted(words))}|%"


def computed(body: str, *, asked: bool) -> str:
    """What is to be computed in a text from whose front the asking was taken, if it was `asked`; "" for nothing."""
    if hopeless(body):
        return ""
    after = regex(AFTER).search(body)
    body = without_ending(body[: after.start] if after else body).rstrip(", ")
    again = regex(AFTER).search(body)
    body = (body[: again.start] if again else body).strip().rstrip("?=., ").strip("`\"' ")
    after = after or again
    if not body or regex(PLAIN_NUMBER).match(body):
        return body if asked and body.endswith("!") and arithmetic.is_sum(body) else ""
    if not asked and not after and regex(TIGHT).match(body):
        return ""
    return (turned(body) if asked else body) if arithmetic.is_sum(body) else ""


def turned(body: str) -> str:
    """What was asked as "how many" cups (are) in 2 liters, as people would answer it: 2 liters in cups."""
    match = regex(UNIT_FIRST).match(body)
    if match is None or not arithmetic.is_unit(match.group(1)):
        return body
    answered = f"{match.group(2)} in {match.group(1)}"
    return answered if arithmetic.is_sum(answered) else body


def code_of(text: str) -> str:
    """The code in a text: the first fenced block, else what follows an order to run it, "" when there is none."""
    start = text.find(FENCE)
    if start >= 0:
        return fenced(text[start + len(FENCE) :])
    body = text.strip()
    sure, _ = openings(body)
    body = body[sure:]
    begins = BEGINNINGS(body)
    if match := begins.match(ORDERED):
        rest = body[match.end :].strip("\n")
        if rest.strip() and (regex(RUNS).match(match.group()) or regex(SIGNS_OF_CODE).search(rest)):
            return rest.rstrip()
    if match := regex(INLINE).search(body):
        return match.group(1).strip()
    for pattern in (RUN_IN, RUN, OUTPUT_OF):
        if match := begins.match(pattern):
            code = without_ending(match.group(1) or match.group(match.groups)).strip()
            if regex(SIGNS_OF_CODE).search(code):
                return code
    if begins.match(STARTS_AS_CODE):
        asked = regex(ASKED_AFTER).search(body)
        return body[: asked.start].rstrip() if asked else body
    return ""


def fenced(rest: str) -> str:
    """What stands in a fenced block, without the name of its language; an unclosed block runs to the end."""
    block, _, _ = rest.partition(FENCE)
    language = regex(FENCE_LANGUAGE).match(block)
    return (block[language.end :] if language else block).strip("\r\n").rstrip()
