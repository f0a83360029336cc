# ruff: noqa: RUF001  (words of many scripts)
"""Orders that point at what was said before: "draw it in blue", "look that up", "remind me of it tomorrow"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.slots.linear import either, plain
from pointsman.tiers.slots.polite import openings
from pointsman.tiers.slots.request import ARTICLE
from pointsman.tiers.slots.style import KIND as STYLE

IT: Final = either(
    "it", "this(?: one)?", "that(?: one)?", "these", "those", "them", "him", "her", "one",
    "something like (?:that|this|it)", "das", "es", "ihn", "sie", "dies", "davon", "eso", "esto", "la", "lo", "le",
    "ça", "cela", "questo", "quello", "isso", "isto", "ele", "ela", "het", "dat", "hem", "dit", "to", "go", "ją",
    "je", "это", "его", "её", "ее", "их", "इसे", "उसे", "इसको", "यह", "それ", "これ", "它", "这个", "那个", "그거",
    "이거", "그것", "이것",
)  # fmt: skip
MEDIUM: Final = either(
    "picture", "image", "drawing", "painting", "photo", "sketch", "illustration", "portrait", "poster", "cartoon",
    "logo", "sticker", "comic", "wallpaper", "bild", "zeichnung", "imagen", "dibujo", "dessin", "immagine",
    "disegno", "imagem", "desenho", "tekening", "afbeelding", "plaatje", "obrazek", "rysunek", "картинку", "рисунок",
)  # fmt: skip
ME: Final = r"(?: me| us| mir| uns| mi| voor me| мне)?"
DRAW: Final = either(
    "re-?draw", "draw", "re-?paint", "paint", "sketch", "illustrate", "doodle", "render", "generate", "visuali[sz]e",
    "depict", "picture", "photoshop", "zeichne?", "male?", "teken", "schilder", "narysuj", "namaluj", "нарисуй",
    "изобрази", "dessine", "peins", "disegna", "dipingi", "desenhe?a?", "pinte?a?", "dibuja",
)  # fmt: skip
SURELY_DRAW: Final = either(
    "draw",
    "paint",
    "sketch",
    "doodle",
    "zeichne?",
    "male?",
    "teken",
    "schilder",
    "narysuj",
    "namaluj",
    "нарисуй",
    "изобрази",
    "dessine(?:-moi)?",
    "peins",
    "disegna(?:mi)?",
    "dipingi",
    "desenhe?a?(?:-me)?",
    "dib[uú]ja(?:me)?",
    "pinta(?:me)?",
)
DRAW_CJK: Final = (
    r"(?:を|絵|イラスト)(?:描いて|かいて)|^(?:请|帮我|给我)*画(?:一|个|只|幅|张|两|三)|(?:을|를|그림)\s*그려"
    r"|(?:चित्र|तस्वीर)\s*(?:बना|दिखा)"
)
DOES: Final = (
    ("image", either(
        rf"{DRAW}{ME}(?:[ -](?:{IT}|me))(?:-moi)?(?: for me| please| mal| bitte)*",
        r"(?:make|create|do|give|show|get|have|mach|erstelle?|haz(?:me)?|fais(?:-moi)?|fammi|faz|maak|zrób|сделай"
        rf"|покажи){ME} (?:it |that |this )?(?:into |as )?(?:an? |ein(?:e)? |una? |une? |uma? "
        rf"|een )?{MEDIUM} (?:(?:of|from|out of|about|with|de|di|van|с|z) {IT}|davon|daraus)",
        rf"(?:make|turn|convert) {IT} (?:in)?to (?:an? )?(?:{MEDIUM})",
        r"(?:dib[uú]j|p[ií]nt)(?:amel|al)[oa]s?|dessine-(?:l[ea]|les)(?:-moi)?|disegna(?:mel|l)[oai]|desenha-[oa]"
        rf"|(?:can|could) (?:i|we) see {IT}(?: (?:drawn|painted))?",
        "(?:(?:それ|これ)(?:を|の絵を|も)?)?(?:絵に|イラストに)?(?:描いて|かいて|して見せて)(?:ください|くれる|みて"
        "|もらえますか)?|(?:把?(?:它|这个|那个)?)画(?:出来|一下|下来|给我看)|(?:그거|이거|그걸|이걸|그것|이것)(?:을"
        "|를)?\\s*(?:그려|그림으로)\\s*(?:줘요?|주세요|그려줘)?|(?:इसे|उसे|इसका|इसकी|उसकी)\\s*(?:चित्र"
        "|तस्वीर)?\\s*(?:बनाओ|बनाइए|बना दो)",
    )),
    ("query", either(
        rf"look (?:{IT} up|up {IT}|into {IT})(?: online)?",
        rf"(?:google|search(?: for| up| the web for)?|check|find(?: out)?|verify|research) {IT}(?: (?:up|online"
        r"|on the web|on google|for me|out))*",
        "find out\\z", "look online\\z", "search (?:online|the web)\\z", "google\\z",
        "(?:such|google|prüf|schlag|schau)e? (?:das|es|danach)(?: (?:mal|bitte|nach|online))*",
        "b[uú]sc(?:al|amel)[oae]|búscame eso|googlea eso", "(?:cherche|vérifie|regarde)(?:-le|-la| ça)",
        "cerca(?:lo|la| questo)|verificalo", "(?:procura|pesquisa|verifica|busca|pesquise|procure) isso",
        "zoek (?:het|dat)(?: eens| even)? op", "(?:sprawdź|wyszukaj|poszukaj) (?:to|tego)",
        "(?:поищи|загугли|найди|проверь|погугли)(?: (?:это|его|её))?",
        "(?:それ|これ)(?:を|について)?(?:調べて|検索して)(?:ください|くれる|みて)?|(?:查|搜)(?:一下|一查"
        "|索一下)(?:它|这个)?|(?:그거|이거|그걸)?\\s*(?:찾아|검색해|알아)\\s*(?:봐|줘요?|주세요)|(?:इसे"
        "|उसे) (?:खोजो|ढूँढो|गूगल करो)",
    )),
    ("memory", either(
        rf"(?:remember|memori[sz]e|save|note|keep|store|write|jot) {IT}(?: (?:down|for (?:me|later)|in (?:my notes"
        r"|mind)))*",
        rf"(?:add|put|save|stick) {IT} (?:to|on|in|into|onto) (?:my|the|our) (?:[^\s,]+ ){{0,2}}(?:list|notes?"
        r"|calendar|to-?dos?|reminders?|diary|agenda)",
        rf"remind me(?: again)? (?:of|about|to do) {IT}",
        rf"(?:set|make|create)(?: me)? (?:an? )?reminder (?:for|about|of) {IT}",
        "remind me(?: again)?(?: (?:later|tomorrow.*|tonight|in .*|on .*|at .*|next .*))?\\z",
        "merk(?:e)? dir das|schreib(?:e)? das auf|speicher(?:e)? das|erinner(?:e)? mich daran",
        "(?:recuérda|anóta|apúnta|guárda)(?:me)?l[oa]|recuerda eso|recuérdame eso",
        "(?:note|retiens|rappelle|souviens)[- ](?:-?le|-?la|toi de ça|ça|-?le-moi|-?moi ça)",
        "(?:ricorda|segna|annota|salva)(?:me)?l[oa]|ricordamelo",
        "(?:anota|lembra|guarda|salva|anote|guarde) (?:isso|disso)|me lembra disso|lembra-me disso",
        "onthoud (?:dat|het)|schrijf (?:dat|het) op|herinner me (?:eraan|daaraan)",
        "zapamiętaj to|zapisz to|przypomnij mi o tym",
        "(?:запомни|запиши|сохрани)(?: это)?|напомни(?: мне)? об этом",
        "(?:それ|これ)?(?:を)?(?:覚えておいて|メモして(?:おいて)?|記録して|リマインドして)(?:ください|ね)?"
        "|记住(?:它|这个|这一点)?|记下来|提醒我(?:这个|这件事)?|(?:그거|이거|그걸)?\\s*(?:기억해|메모해"
        "|저장해)\\s*(?:줘요?|주세요|둬)|(?:इसे|यह) (?:याद रखो|याद रखना|नोट कर लो|लिख लो)",
    )),
    ("expression", either(
        rf"(?:run|execute|calculate|compute|evaluate|work out|re-?run) {IT}(?: (?:out|for me))*", "work it out",
        "(?:führe?|rechne) (?:das|es) aus|berechne (?:das|es)", "(?:ejecút|calcúl|córre)(?:a?l[oa])",
        "(?:exécute|calcule)-l[ea]", "(?:esegui|calcola)l[oa]", "(?:executa|calcula|executa|roda) isso",
        "voer (?:het|dat) uit|bereken (?:het|dat)", "(?:uruchom|oblicz|policz) (?:to|go)",
        "(?:выполни|запусти|посчитай|вычисли) (?:это|его)",
        "実行して|計算して|运行(?:一下|它)|算一下|실행해 ?줘|계산해 ?줘",
    )),
)  # fmt: skip
# After what was no picture: the medium is named, and at most "of it" besides.
SEE: Final = (
    r"(?:(?:i )?(?:want|would like|'d like|'d love) to see|(?:let me|can i|could i|may i"
    rf"|can we) see) {IT}(?: (?:drawn|painted|as an? \pL+))?\z"
)
OF_IT: Final = (
    rf"(?:(?:as|into|like|with|in|to|make|do|put|turn) )?(?:{IT} )?(?:(?:into|in|as|to) )?(?:an? |the |some "
    rf"|ein(?:e)? |una? |une? |uma? )?(?:(?:{STYLE}|\pL+) )?(?:{MEDIUM}|{STYLE})s?(?: (?:of|for|from|about"
    rf"|to go with|von|de|di|van) {IT}| davon| strip| book)?\z"
)
DEPICTS: Final = (SEE, OF_IT)
STYLED: Final = rf"(?:\A|\s){STYLE}(?:\s|\z)"
ONE_AS: Final = rf"(?:{IT}|one)(?:\s|,).*\b(?:as|like|in) (?:an? )?{MEDIUM}\s*\z"


@dataclass(frozen=True, slots=True)
class Pointer:
    """An order about what was said: `does` is a path or a slot's name, as in offers; `rest` what is said besides."""

    does: str
    rest: str


def pointer(core: str) -> Pointer | None:
    """The order in a text that points at what was said; None in any other."""
    core = plain(core)
    for does, pattern in DOES:
        match = regex(rf"{pattern}(?:[\s,.!?;:]+|\z)").match(core)
        if match is None and not core.isascii():
            match = regex(rf"(?:.{{0,20}}?){pattern}[\s。.!！?？]*\z").match(core)
            if match:
                return Pointer(does, "")
        if match:
            return Pointer(does, core[match.end :].strip(" ,.!?;:"))
    if match := regex(ONE_AS).match(core):
        first = regex(rf"(?:{IT}|one)(?:\s|,)").match(core)
        return Pointer("image", core[first.end :].strip(" ,") if first else "")
    return None


def depicts(core: str) -> Pointer | None:
    """An order for a picture of what was said, without a verb: "as a drawing", "a picture of it"; None in any other."""
    core = plain(core)
    for pattern in DEPICTS:
        if regex(pattern).match(core):
            return Pointer("image", core if regex(STYLED).search(core) else "")
    return None


def names_medium(core: str) -> bool:
    """Whether a text says what kind of picture it should be."""
    return regex(rf"(?:\A|\s){MEDIUM}(?:\s|\z)").search(core) is not None


def draws(text: str) -> bool:
    """Whether a text orders a drawing of something."""
    whole = plain(text).strip()
    _, begin = openings(whole)
    if regex(rf"(?:{SURELY_DRAW}{ME}\s+\S|{DRAW}{ME}\s+(?:{ARTICLE}\s|\d|two|three|zwei|drei))").match(whole[begin:]):
        return True
    return not whole.isascii() and regex(DRAW_CJK).search(whole) is not None
