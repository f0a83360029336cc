# ruff: noqa: RUF001  (words of many scripts)
"""How a wish about a picture says what is to take the place of what: instead of, too dark, three of them."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.followups.pointing import MEDIUM
from pointsman.tiers.slots.request import NUMBER

LETTER: Final = r"[\pL\pM]"
ARTICLE: Final = (
    r"(?:an?|the|some|one|two|three|his|her|its|un[ae]?|el|la|ein(?:e[nrm]?)?|der|die|das|le|les|un'|il|lo|uma?|o|os"
    r"|as|een|de|het)"
)
# Where the subject of a description ends and what is said about it begins.
SUBJECT_END: Final = (
    rf"[,;]|\s(?:in|on|at|with|without|riding|wearing|and|under|over|by|near|next|behind|inside|{LETTER}+ing|from"
    r"|through|for|as|holding|that|who"
    r"|mit|im|auf|am|unter|con|en|sobre|avec|dans|sur|su|nel|nella|com|no|na|em|met|op|z|ze|w|na|с|со|в|на)\s"
)
INSTEAD_OF: Final = (
    r"(.+?) (?:instead of|rather than|in place of|statt|anstelle (?:von|des|der)|en lugar de|en vez de|au lieu d[e']"
    r"|à la place d[eu']|al posto d[ei]l?|invece d[ei]l?|em vez d[eoa]|in plaats van|zamiast|вместо) (.+)\z"
)
REPLACE: Final = (
    r"(?:(?:replace|swap|change|turn|exchange|switch|transform|cambia|sustituye|reemplaza|remplace|échange"
    r"|sostituisci|troca|substitui|vervang|verander|ersetze?|tausche?|zamień|замени) "
    r"(?:the |his |her |that |el |la |los |le |les |il |lo |l'|o |a |de |het |den |die |das )?([^,]+?) (?:with|for"
    r"|into|to|by|por|con|par|contre|en|com|door|voor|in|durch|gegen|na|на) (.+))\z"
)
TOO: Final = r"(?:.*\s)?(?:too|zu|demasiado|trop|troppo|demais|te|za|zbyt|слишком)\s+([^\s,]+)\z"
NOT_ENOUGH: Final = r"(?:.*\s)?not (?:very |really )?([^\s,]+) enough\z|(?:.*\s)?not enough (.+)\z"
TOO_PART: Final = (
    r"(?:the|his|her|its|their|that) ([^,]+?) (?:is|are|looks?|seems?) (?:a bit |a little |way |far "
    r"|much )?too (\S+)\z"
)
OPPOSITES: Final = {
    "dark": "brighter", "bright": "darker", "small": "bigger", "tiny": "bigger", "big": "smaller",
    "large": "smaller", "short": "longer", "long": "shorter", "thin": "thicker", "thick": "thinner",
    "close": "further away", "far": "closer", "old": "younger", "young": "older", "sad": "happier",
    "fat": "thinner", "busy": "simpler", "empty": "fuller", "blurry": "sharper", "high": "lower",
    "low": "higher",
}  # fmt: skip
DEGREE: Final = (
    r"(?:(?:just )?(?:a (?:little )?bit|a little|a tad|a touch|slightly|somewhat|ein bisschen|etwas|un poco|un peu"
    r"|un po'|um pouco|een beetje|trochę|немного|чуть) )(\S.*)\z"
)
DEGREE_BEHIND: Final = r"(.*\S) (?:a (?:little )?bit|a little|a tad|a touch|slightly|un poco|un peu|um pouco)\z"
LESS: Final = {
    "too": "less",
    "zu": "weniger",
    "demasiado": "menos",
    "trop": "moins",
    "troppo": "meno",
    "te": "minder",
    "za": "mniej",
    "слишком": "менее",
}
NEW_SUBJECT: Final = rf"(?:(?:with|mit|con|avec|com|met)\s+)?({ARTICLE}\s+\S.*)\z"
# What was to be drawn was still to be said.
NOTHING_YET: Final = (
    r"(?:(?:an?|some|my|one|the|ein|eine|una?|une?|uma?|een) )?(?:new |nice |little )?(?:picture|image|drawing|pic"
    r"|photo|something|anything|one|it|me|art|bild|etwas|imagen|dibujo|algo|image|dessin|quelque chose|immagine"
    r"|disegno|qualcosa|imagem|desenho|plaatje|tekening|iets|obrazek|coś|картинку|рисунок|что-нибудь|絵|画像|图"
    r"|一张图|그림)?[^\pL\pN]*\z"
)
NUMBERED: Final = rf"({NUMBER}|an?|one)\s+(\S+?)(?:e?s)?\z"
A_BIT: Final = (
    rf"an? (?:{MEDIUM}|bit|little|lot|different|style|touch|tad|more|darker|lighter|\pL+er|watercolou?r|oil|pencil"
    r"|tattoo|mosaic|statue)\b"
)
BACKGROUND: Final = (
    r"(?:change|set|make|turn|put|switch) (?:the )?(background|sky|setting|scene|season|weather|foreground|caption"
    r"|text|title|words)(?: colou?r)? (?:to|into|be|as|say)?\s*(\S.*)\z"
)
CAPTIONS: Final = frozenset({"caption", "text", "title", "words"})
# A comma would part "a knight" from "riding a snail".
FOLLOWS_ON: Final = rf"(?:(?:{LETTER}+ing|with|wearing|holding|and|mit|con|avec|com|met)\s)"
NOT_FOLLOWING_ON: Final = (
    r"(?:morning|evening|spring|king|ring|string|painting|drawing|lighting|building|something|everything|nothing)\b"
)
