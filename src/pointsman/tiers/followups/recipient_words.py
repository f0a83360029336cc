# ruff: noqa: RUF001  (words of many scripts)
"""Whom an offer is for ("draw you a fox"), and offers whose thing is only a pronoun ("draw him", "search for it")."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.followups.offer_words import THIS
from pointsman.tiers.slots.linear import either
from pointsman.tiers.slots.request import NUMBER

# What is given begins so; "her" before anything else is no recipient: "draw her dog".
GIVEN: Final = either(
    "an?", "the", "some", "another", "one", "more", "your", "my", "our", "ein(?:e[nmrs]?)?", "das", "die", "de[nr]",
    "deine[nrs]?", "un[oae]?", "unos", "unas", "el", "los", "las", "l[ae]", "les", "des", "une", "il", "i", "gli",
    "uma?", "uns", "umas", "o", "os", "as", "een", "het", NUMBER,
)  # fmt: skip
THEM: Final = either(
    "him", "her", "them", "everyone", "everybody", "dir", "dich", "euch", "ihm", "ihr", "ihnen", "uns",
    "für (?:dich|euch|ihn|sie|uns)", "te", "os", "nos", "les?", "para (?:ti|vosotros|él|ella|ellos)", "vous", "nous",
    "lui", "leur", "pour (?:toi|vous|lui|elle|eux)", "ti", "vi", "ci", "gli", "per (?:te|voi|lui|lei|loro)", "lhes?",
    "vos", "para (?:você|vocês|ele|ela|eles)", "je", "jou", "jullie", "hem", "haar", "hun", "hen", "ons",
    "voor (?:jou|je|jullie|u|hem|haar|hen|hun|ons)",
)  # fmt: skip
# Polish and Russian have no articles, and a case of its own for whom something is for.
DATIVE: Final = either(
    "ci", "wam", "nam", "jej", "mu", "dla (?:ciebie|was|niego|niej|nich|nas)", "тебе", "вам", "нам", "ему", "ей",
    "им", "для (?:тебя|вас|него|неё|нее|них|нас)",
)  # fmt: skip
# An offer's drawing verbs as they stand before what follows: "que te dibuje", "ti disegni", "je te dessine".
DRAWS: Final = (
    r"(?:dibuj[aeo]r?|pint[aeo]r?|dessine[rz]?|peign\pL+|peindre|disegn(?:[aio]|are)|dipin\pL+|desenh[aeo]r?"
    r"|narysuj\pL+|narysować|namaluj\pL+|нарис(?:ую|уем|овать|овал[аи]?))"
)
FOR_THEM: Final = (
    rf"((?:\S+ ){{0,2}}?){THEM} ((?:{GIVEN}\s|l'|un'|d'|{DRAWS}\s)\S.*)\z",
    rf"((?:\S+ ){{0,2}}?){DATIVE} (\S.*)\z",
)
FOR_YOU: Final = r"((?:\S+ ){1,2}?)(?:you|us) (.+)\z"
REMINDS: Final = r"remind (?:you|us)\s"
# "Draw you again", "paint us riding a horse": they are not whom it is for.
ABOUT_YOU: Final = (
    r"(?:again|now|too|as|in|on|at|by|with|without|like|and|from|under|near|next|behind|inside|or|up|out|down"
    r"|about|how|when|wh\pL+|\pL+ing)(?:[^\pL]|\z)"
)
I_DRAW: Final = rf"(?:(?:я|мы|yo|io|eu|ja) )?{DRAWS}\s+(\S.*)\z"
# Whatever it is, it is said elsewhere.
DOES_IT: Final = (
    r"\S+(?: (?:the (?:web|internet|net)|online|google))?(?: (?:me|you|up|out|down|for|into|on|after))?"
    rf" {THIS}(?: (?:now|up|down|online|quickly|again))*\z"
    r"|(?:ihn|sie|hem|haar|ze|hen|go|ją|je)\z"
    r"|(?:go|ją|je|их|eso|ça|cela|isso|quello)? ?(?:narysować|namalować|нарисовать|dibujar(?:l[oa]s?)?|dessiner"
    r"|peindre|disegnar(?:e|l[oa])|desenhar)\z"
    r"|(?:描いて|調べて|検索して|探して|覚えて|メモして|画?出?来|画|查(?:一下)?|搜索?(?:一下)?|找|记住|记下来?"
    r"|그려 ?줘?|검색해 ?줘?|찾아 ?(?:봐|줘)?|기억해 ?줘?|बनाओ|खोजो|याद रखो)\z"
    r"|(?:(?:das|es|danach|dat|het|ernaar|to|это|его|её|lo|la|le|l') ?)?(?:suchen|nachschlagen|nachsehen"
    r"|nachschauen|googeln|recherchieren|heraussuchen|merken|notieren|speichern|opzoeken|zoeken|onthouden|noteren"
    r"|opslaan|buscar|busque|busco|buscarlo|recuerde|recordarlo|anote|anotarlo|guarde|guardarlo|chercher?|cherche"
    r"|rechercher?|noter?|retenir|retienne|cercare|cerchi|cercarlo|ricordi|ricordarlo|annoti|procurar|procure"
    r"|pesquisar|pesquise|lembre|lembrar|anote|guarde|wyszukać|poszukać|sprawdzić|zapamiętać|zapisać|найти|поискать"
    r"|проверить|запомнить|записать)\z"
)
VAGUE: Final = rf"(?:(?:do|try|have|see|get|make|take|me to|to)(?:\s|\z))*(?:{THIS}|me|to)?[^\pL\pN]*\z"
