# ruff: noqa: RUF001  (words of many scripts)
"""How a picture should look: "in the style of X", "as a watercolor", "pixel art".

One rule: the style leaves the prompt only when it is a clause at its end ("a fox, oil painting"); where it is
part of the description ("an oil painting of a fox") it is named and stays. Whoever draws joins the two again:
the prompt, then a comma and the style unless the prompt has it already.
"""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import Match, either, regex

KIND: Final = either(
    r"(?:loose |soft )?water ?colou?rs?(?: painting| illustration| sketch)?", "oil(?: painting| on canvas|s)?",
    "acrylics?(?: painting)?",
    "gouache", "(?:soft )?pastels?(?: drawing)?",
    "(?:digital|matte|impressionist|renaissance|baroque|abstract|chinese|ink) (?:painting|art)",
    "(?:pencil|charcoal|pen|ink|crayon|chalk|line)(?: and ink)?(?: drawing| sketch| art| wash)?",
    "(?:rough |quick )?sketch", "line ?art",
    "pixel[- ]?art", "voxel art", "low[- ]poly(?: render| art)?", "vector(?: art| illustration| graphic)?",
    "flat design", "isometric(?: art| view)?",
    "photo-?realis(?:tic|m)", "hyper-?realis(?:tic|m)", "realistic(?: photo(?:graph)?)?",
    "cinematic(?: photo| still| lighting)?",
    "(?:studio |macro |polaroid |drone )?photo(?:graph(?:y)?)?", "polaroid", "anime", "manga", "cartoon",
    "comic(?: book| strip)?", "chibi",
    "3-?d(?: render(?:ing)?| model| art)?", "render(?:ing)?", "clay(?:mation)?", "origami", "paper ?cut(?:[- ]?out)?",
    "papercraft", "stained glass",
    "mosaic", "ukiyo-?e", "wood ?cut", "linocut", "engraving", "etching", "impressionis(?:t|m)",
    "expressionis(?:t|m)", "cubis(?:t|m)",
    "surreal(?:ist|ism)?", "minimalis(?:t|m|tic)", "art deco", "art nouveau", "pop art", "vapor ?wave", "synth ?wave",
    "cyberpunk", "steampunk",
    "graffiti", "concept art", "film noir", "noir", "black and white", "vintage", "retro", "doodle", "caricature",
    "gothic", "fresco", "storybook",
    "children's book(?: illustration)?", "acuarela", "óleo", "pintura al óleo", "lápiz", "aquarell?e?", "ölgemälde",
    "bleistiftzeichnung", "gemälde",
    "peinture à l'huile", "huile", "acquerell[oi]", "dipinto a olio", "olio", "aquarela", "pintura a óleo",
    "olieverf(?:schilderij)?", "akwarel[ai]",
    "akwarelę", "obraz olejny", "акварель(?:ю)?", "пиксель-арт", "масло(?:м)?", "аниме",
)  # fmt: skip
PAINTING: Final = either("painting", "drawing", "sketch", "illustration", "cartoon", "photo", "comic")
# Any of these words, else there is no style: one pass that tells most messages from the rest.
ANY: Final = rf"styl|paint|drawing|illustr|estilo|stil|стил|stij|風|风|スタイル|스타일|शैली|(?:^|\PL){KIND}(?:\PL|\z)"
WORD: Final = r"[^\s,;.!?()\n]+"
NAMED: Final = (
    rf"(?:(?:in|w|with) (?:the |an? )?styles? of (?:the |a )?{WORD}(?: {WORD}){{0,5}}"
    rf"|im stil (?:von|des|der|eine[rs]) {WORD}(?: {WORD}){{0,4}}|(?:al|con el|en el|no|ao"
    rf"|com) estilo d[eo]l? {WORD}(?: {WORD}){{0,4}}"
    rf"|dans le style (?:de |du |des |d'){WORD}(?: {WORD}){{0,4}}|(?:nello|in) stile (?:di "
    rf"|del )?{WORD}(?: {WORD}){{0,4}}"
    rf"|in de stijl van {WORD}(?: {WORD}){{0,4}}|w stylu {WORD}(?: {WORD}){{0,3}}|в стиле {WORD}(?: {WORD}){{0,3}})"
)
STYLED: Final = rf"{WORD}(?: {WORD}){{0,2}}[- ]styles?"
# Group 1 is the style.
AT_END: Final = (
    rf"(?:(?:[,;.] ?(?:an? )?((?:\pL+ )?(?:{KIND}|{PAINTING}),? {NAMED}))|[\s,;]+(?:but |and )?({NAMED})"
    rf"|[\s,;]+(?:made |done |drawn |painted )?(?:in|with) (?:an? |the )?({STYLED})|[,;]\s*({STYLED})"
    rf"|\s({KIND} styles?)"
    r"|[\s,;]+(?:(?:as|como|als|comme|come|jako|in|en|em|ad) |à l')(?:an? |una? |ein(?:e|en)? |une "
    rf"|een )?((?:[^\s,;]+ )?{KIND}|{PAINTING})|[,;.]\s*(?:an? )?({KIND}))[\s.!?]*\z"
)
AT_START: Final = (
    rf"(?:an? |the |una? |ein(?:e|en)? |une? |um(?:a)? |een )?(?:\pL+ )??({KIND})(?: (?:of|showing|depicting"
    r"|portrait|image|picture|style|with|de|von|di|van)\s|\s*:)"
)
INSIDE: Final = rf"(?:^|[\s,;])({NAMED})(?:[,;.!?\n]|\z)|[,;]\s*((?:in )?{STYLED}|{KIND})\s*[,;.]"
# "in watercolour, draw a heron", "in the style of Klee: a harbour": said first, it is a clause of its own.
FIRST: Final = rf"(?:({NAMED})|(?:in|as|with|using|use) (?:an? |the )?({STYLED}|{KIND}))\s*[,:]\s+(?:and )?(?:\S)"
# Where the name of a style ends and the picture goes on: "in the style of Klee of a harbour".
GOES_ON: Final = (
    r"\s(?:(?:of|showing|depicting) (?:an?|the|my|our|two|three)\s"
    r"|(?:wearing|holding|riding|sitting|standing|with an?)\s)"
)
NAMED_WHOLE: Final = r"\S+ (?:the |an? )?styles? of (?:the |an? )\S"
# A few characters, none of them a particle: more is a description, not the name of a style.
CJK: Final = r"(?:^|[、，,。\s])(?:以|采用|用|整体)?([^\s的の、，,。:：]{1,8}?(?:風|风格|スタイル|스타일))"
CJK_AT_END: Final = rf"{CJK}(?:で|に|로|으로)?[\s。.!！]*\z"


def styled(text: str) -> tuple[str, str]:
    """The text, without the style if that is a clause at its end, and the style, "" when none is named."""
    if regex(ANY).search(text) is None:
        return text, ""
    match = regex(AT_END).search(text) or (None if text.isascii() else regex(CJK_AT_END).search(text))
    if match and match.start and text[: match.start].strip(" ,.;"):
        style, rest = named(said(match))
        return text[: match.start] + rest, style
    match = regex(AT_START).match(text) or regex(INSIDE).search(text)
    if match is None and not text.isascii():
        match = regex(CJK).search(text)
    style = said(match) if match else ""
    return text, "" if style.startswith("整体") else style


def first(text: str) -> tuple[str, str]:
    """The text without a style that is said before everything else, and the style, "" when there is none."""
    match = regex(FIRST).match(text)
    return (text[match.end - 1 :], said(match)) if match else (text, "")


def named(style: str) -> tuple[str, str]:
    """A style as far as its name goes, and what stands behind the name."""
    if regex(NAMED_WHOLE).match(style):  # "in the style of a poster of the 1930s"
        return style, ""
    match = regex(GOES_ON).search(style) if " of " in style[:20] else None
    return (style[: match.start], style[match.start :]) if match else (style, "")


def said(match: Match) -> str:
    """The style in a match: the group that took part."""
    whole = match.group()
    return next((group for number in range(1, match.groups + 1) if (group := match.group(number))), whole).strip()
