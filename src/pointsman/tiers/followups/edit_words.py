# ruff: noqa: RUF001  (words of many scripts)
"""How short messages say that something is to be changed, and how those that want something else give it away."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.followups import picture_words
from pointsman.tiers.followups.wish_words import TOO_PART
from pointsman.tiers.slots.request import NUMBER
from pointsman.tiers.slots.style import KIND as STYLE

NO_WORD: Final = r"(?:[\s,.!?]|\z)"
# Opens as a clause that is missing its head: with, in, more, bigger, riding.
CLAUSE: Final = (
    r"(?:in|on|at|with|without|under|over|as|from|by|near|behind|inside|for|like|but|more|less|much|even|way"
    r"|slightly|a bit|a little|a lot|no|not|too|bigger|smaller|larger|darker|brighter|lighter|\pL{3,}(?:ier|er|ing)"
    r"|mit|ohne|im|auf|am|als|mehr|weniger|etwas|noch|viel|größer|kleiner|con|sin|en|como|más|menos|al|de|avec|sans"
    r"|dans|sur|plus|moins|à|au|senza|come|più|meno|nel|nella|com|sem|em|no|na|mais|à|met|zonder|meer|minder|op|z|ze"
    r"|bez|w|we|na|bardziej|mniej|jako|с|со|без|в|во|на|как|более|менее|больше|меньше|поменьше|побольше)" + NO_WORD
)
# A look, a size, a time, a style: what a picture is said to be like.
LOOKS: Final = (
    CLAUSE,
    rf"(?:{picture_words.COLOUR}|{picture_words.SIZE}|{picture_words.HOUR}|{STYLE}){NO_WORD}",
    (
        r"\d+ ?[:x×] ?\d+|(?:square|portrait|landscape|vertical|horizontal|wide(?:screen)?|4k|hd|close-?up|full[- ]body"
        r"|(?:wide|long|side|front|back|rear|top|aerial|low|high)[- ](?:shot|view|angle)|bird'?s[- ]eye)(?:[^\pL]|\z)"
    ),
)
# Verbs of change; some of them only when what they change is known: "make it", but not "make a cake".
CHANGES: Final = (
    r"(?:add|remove|replace|swap|erase|zoom|rotate|flip|crop|brighten|darken|lighten|blur|tilt|mirror|colou?r"
    r"|recolou?r|enlarge|shrink|extend|change|delete|increase|decrease|upscale|cambia|cambiar|ändere?|ersetze?"
    r"|change|remplace|sostituisci|troca|vervang|verander|zmień|zamień|замени|измени|поменяй)(?:\s|\z)"
    r"|(?:make|turn|give|put|move|use|keep|let|set|switch|fix|mark|tick(?: off)?|cancel|cross(?: off)?|try|have|take"
    r"|bring|leave|show|start|end|begin|finish) (?:it|this|that|these|those|them|him|her|his|its|their|the"
    r"|everything|another|a different|some|more|less|fewer)(?:\s|\z)"
)
EDIT: Final = (
    rf"(?:{picture_words.MAKE}\s|{picture_words.REMOVE}\s|{'|'.join(pattern for _, pattern in picture_words.ADD)}\s"
    rf"|{CHANGES})"
)
# "A dirtier one", "cheaper ones": of what was there.
ONES: Final = (
    r"(?:(?:an?|some|the|any|two|three|other|different) )?(?:[^\s,]+ ){0,3}ones?\z|(?:another|one more|two more"
    r"|three more|\d+ more|a few more|some more|more)(?:\s|\z)|ones? (?:with|without|in|on|for|that|about|from)\s"
)
GERUND: Final = r"\pL+ing\s"
STRONG: Final = (*LOOKS, ONES, TOO_PART, picture_words.REMOVE, picture_words.SHOULD_BE)
EDIT_CJK: Final = (
    r"(?:して|変えて|加えて|足して|追加して|消して|取って|外して|つけて|なしで?|っぽく|風に?|改|换|變|变|加|去掉|删"
    r"|不要|更|再|大一点|小一点|一点|一些|으로|로|게|바꿔|추가|빼|없이|में|बिना|कर|बना|जोड़|हटा|बदल|ज़्यादा|और)"
)
# "Make me a sandwich" asks for a thing of its own; "make it a dog" does not.
NEW_THING: Final = (
    r"(?:make|create|do|give|get|have|put together|set|use|mach|haz|fais|fai|faz|maak|zrób|сделай)(?: me| us| mir"
    r"| mi| мне)? (?:an?|some|my|the following|ein(?:e|en)?|una?|une?|uma?|een)\s"
)
# A sentence with its own verb, in the middle.
SENTENCE: Final = (
    r"(?:\S+ ){1,6}(?:is|are|was|were|ist|sind|war|es|son|est|sont|è|sono|é|são|jest|są|have|has|hat|tiene|tem"
    r"|heeft)\s+\S"
)
# A sum of its own.
SUM: Final = rf"(?:add|subtract|multiply|divide|sum)\s+(?:\d|{NUMBER}|twelve|twenty|thirty|forty|fifty|hundred)"
ELSEWHERE: Final = (
    r"(?:\A|[^\pL])(?:my|our|list|calendar|reminder|alarm|timer|notes?|email|code|function|script|app|recipe|essay"
    r"|poem|story|liste|kalender|lista|calendario|calendrier|lijst|agenda)(?:[^\pL]|\z)"
)
# A new picture that is described by itself: "a fox in the snow".
NEW_PICTURE: Final = r"(?:an?|two|three|ein(?:e|en)?|una?|une?|uma?|een)\s+(?:\S+\s+){2,}"
MINE: Final = (
    r"(?:my|our|the|mein[ers]?|unser[e]?|mi|mon|ma|mes|il mio|la mia|meu|minha|mijn|mój|moj[aą]|мо[йяюё]|मेर[ाीे])\s"
)
ON_IT: Final = r"\pL+ (?:it|them|that)(?:\s|\z)"
# "En brood": and bread. Elsewhere "en" is in, which nobody says after "add milk to my list".
DUTCH_AND: Final = r"en \pL+\z"
