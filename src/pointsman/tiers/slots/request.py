# ruff: noqa: RUF001  (words of many scripts)
"""The words that ask for a picture, in languages that put spaces between words; what they frame is the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.tiers.slots.linear import either, regex
from pointsman.tiers.slots.polite import GAP, PLEASE

NUMBER_WORDS: Final = {
    word: number
    for number, words in {
        2: "two|a couple of|couple of|dos|zwei|deux|due|dois|duas|twee|dwa|dwie|два|две",
        3: "three|a few|several|tres|drei|trois|tre|três|drie|trzy|три",
        4: "four|cuatro|vier|quatre|quattro|quatro|cztery|четыре",
        5: "five|cinco|fünf|cinq|cinque|vijf|pięć|пять",
        6: "six|seis|sechs|sei|zes|sześć|шесть",
        7: "seven",
        8: "eight|ocho|acht|huit|otto|oito|восемь",
        9: "nine",
        10: "ten|diez|zehn|dix|dieci|dez|tien",
        12: "twelve|a dozen",
    }.items()
    for word in words.split("|")
}
NUMBER: Final = either(r"\d{1,3}", *sorted(NUMBER_WORDS, key=len, reverse=True))
ARTICLE: Final = (
    "an?|the|some|one|another|more|my|our|una?|el|la|ein(?:e[nmrs]?)?|das|die|de[nr]|une|le|les|un'|uno|il|uma?|o|os|as"
    "|een|het|de|jaki[śe]ś?"
)
# Says nothing about the picture itself, so "a picture of" goes; "a photo of" says how it should look, and stays.
PICTURE: Final = either(
    "pictures?", "pics?", "images?", "imgs?", "imagen(?:es)?", "imágenes", "imagem", "imagens", "bild(?:er)?",
    "afbeelding(?:en)?",
    "plaatjes?", "immagin[ei]", "obraz(?:ek|ki|y)?", "картинк[ауи]|картинок", "изображени[еяй]", "visuals?",
    "ai[- ](?:images?|pictures?|art)", "(?:visual )?(?:depiction|representation|visuali[sz]ation)s?", "variations?",
    "versions?",
)  # fmt: skip
# These say how the picture should look or what it is for; several of them are still a count of pictures.
MEDIUM: Final = either(
    "photo(?:graph)?", "drawing", "painting", "illustration", "sketch", "rendering", "render", "logo", "icon", "poster",
    "sticker", "meme", "portrait", "wallpaper", "cartoon", "avatar", "doodle", "banner", "foto", "dibujo", "zeichnung",
    "dessin", "disegno", "desenho", "tekening", "watercolor", "selfie", "concept", "design", "option",
)  # fmt: skip
PLAIN_ADJECTIVE: Final = either(
    "new", "nice", "cool", "good", "great", "quick", "random", "single", "different", "unique", "fresh", "separate",
    "more",
    "square", "portrait", "landscape", "vertical", "horizontal", "wide", "widescreen", "other", "ai[- ]generated",
    "diferentes", "distintas", "verschiedene", "différentes", "diverse", "verschillende", "разных", "różne",
)  # fmt: skip
OF: Final = (
    r"(?:\s+(?:of|showing|depicting|illustrating|representing|portraying|featuring|containing)\s+"
    r"|\s+(?:with|where|in which)\s+"
    r"|\s+(?:that|which) (?:shows?|depicts?|illustrates?|(?:visually )?represents?|features?|contains?)\s+"
    r"|(?:\s+(?:based on|from|using|for|of|with|inspired by))?(?:\s+(?:the|this|my))?(?:\s+following)?"
    r"(?:\s+(?:text|given|short|brief|image)){0,2}\s+(?:text|description|prompt|input|scene|idea|quote)\s*(?:of\s+"
    r"|:\s*|\s)"
    r"|\s+(?:de|del|con|que muestre|donde|von|vom|mit|des|du|avec|représentant|qui montre|di|che mostra|da|do|com"
    r"|van|met"
    r"|z|ze|przedstawiając[ye]|со?|где)\s+|\s+d'|\s*:\s*)"
)
# Polish and Russian say "a picture" and its subject in the genitive, with nothing in between.
OF_NOTHING: Final = r"(?:obraz(?:ek|ki|y)?|картинк[ауи]|изображени[ея])\s+"
FRAME: Final = (
    rf"(?:(?:(?:{NUMBER}|{ARTICLE})\s+){{0,2}}(?:un'\s*)?(?:{PLAIN_ADJECTIVE}\s+){{0,3}}(?:{PICTURE}{OF}|{OF_NOTHING}))"
)

ASK: Final = either(
    r"(?:can|could|would|will|c) (?:you|u|ya|we)(?: be able to)?",
    "(?:can|could|may|might) (?:i|we)(?: please)? (?:get|have|see)(?: you to)?",
    "(?:would|do) you mind", "are you able to",
    "(?:is|would) it (?:be )?possible (?:for you )?to(?: (?:get|have|see))?", "do me a favou?r and",
    "(?:(?:i|we) (?:really |just |also )?(?:need|want|wanna|wish)|(?:i'd|we'd|id|(?:i |we )?would|i wd) (?:really "
    "|just |also )?(?:like|love))"
    "(?: for)?(?: you)?(?: to)?(?: (?:see|have|get|view|look at))?(?: i had| i could see)?",
    "(?:i was |i'm |i am |im |we're )?(?:hoping|looking|going|trying)(?: for| to| you (?:could|can)"
    "| (?:to )?(?:see|get|have))*",
    "let's(?: see)?", "let me (?:see|have)", "how about", "what about", "(?:try|remember) to", "go ahead and",
    "help me(?: to)?",
    "(?:it )?would be (?:great|nice|cool|lovely|awesome)(?: to (?:have|see|get)| if (?:you|u) (?:could|can|would))",
    "your task is to", "provide (?:me|us) with", "need", "want", "looking for",
    "any chance (?:of|for|to (?:get|see)|you (?:could|can))",
    r"(?:my|our) [a-z]+ (?:wants|needs|would like|would love)(?: to see| to have)?",
    "is there (?:any|a) (?:way|chance) (?:you (?:can|could)|to (?:get|see|have))", "show (?:me|us)",
    "(?:give|get|send) (?:me|us)", "gimme",
    r"(?:¿\s*)?(?:me )?(?:puedes|podr[ií]as|puede|podr[ií]a|quiero|quisiera|necesito"
    r"|me gustar[ií]a)(?: que)?(?: ver| tener)?",
    "mu[eé]strame", "ens[eé]ñame", "dame",
    "(?:ich )?(?:kannst|könntest|würdest|magst|möchte|will|brauche|hätte|können|könnten)"
    "(?: du| ich| sie)?(?: gerne?)?", "zeig(?:e)?(?: mir| uns)?", "gib mir",
    "(?:est-ce que )?(?:tu peux|tu pourrais|peux-tu|pourrais-tu|vous pouvez|pouvez-vous|pourriez-vous)(?: me| nous)?",
    "je (?:veux|voudrais)(?: voir| avoir)?", "j'aimerais(?: voir| avoir)?", "montre(?:z)?-(?:moi|nous)", "donne-moi",
    "(?:mi )?(?:puoi|potresti|può|potrebbe)", "(?:vorrei|voglio)(?: vedere| avere)?", "mostrami", "fammi vedere",
    "dammi",
    "(?:voc[eê] |tu )?(?:me )?(?:pode|podes|poderia|podias|consegue|consegues)(?: me)?",
    "(?:eu )?(?:quero|queria|gostaria de)(?: ver| ter)?", "mostr[ae](?:-me)?", "me mostr[ae]",
    "(?:kun|kan|zou|wil)(?: je| jij| u)?(?: voor me| voor mij)?", "ik (?:wil|wou|zou)(?: graag)?",
    "laat (?:me|mij) zien", "toon(?: me)?",
    "(?:czy )?(?:możesz|mógłbyś|mogłabyś)(?: mi)?", "chcę", "chciał(?:bym|abym)", "poka[żz](?: mi)?", "potrzebuję",
    "(?:ты )?(?:можешь|мог бы|можно|можете)(?: ли)?(?: ты| вы)?(?: мне)?",
    "(?:я )?(?:хочу|хотел бы|хотела бы)(?: увидеть| чтобы ты)?",
    "покажи(?:те)?(?: мне)?", "мне нужн[аоы]?",
)  # fmt: skip
ME: Final = (
    r"(?:me|us|mir|uns|mi|mij|me een keer|мне|нам|for me|for us|up|eens|mal|voor (?:me|mij)|dla mnie|moi|nous"
    r"|pour moi|para m[ií]m?|per me|per noi)"
)
VERB: Final = either(
    r"[/!](?:imagine|draw|image|img|paint|create|generate|gen|picture|pic|dream|art|sd)(?: prompt)?",
    "draw", "re-?draw", "generate", "create", "illustrate", "visuali[sz]e", "imagine", "depict", "doodle",
    "(?:paint|sketch|design|craft) (?:me|us)",
    "dib[uú]ja(?:me|nos)?", "dibujar(?:me|nos)?", "p[ií]nta(?:me|nos)", "pintar(?:me)?", "cr[eé]a(?:me)?",
    "crear(?:me)?", "gen[eé]ra(?:me)?",
    "generar(?:me)?", "dise[ñn]a(?:me)?", "dise[ñn]ar(?:me)?", "ilustra(?:me)?",
    "zeichne", "zeichnet", "mal", "male", "erstelle?", "generiere?", "erzeuge?", "entwirf", "gestalte",
    "dessine[rz]?(?:-(?:moi|nous))?", "pein(?:s|dre|dras)(?:-moi)?", "cr[ée]{1,2}(?:e|er|ez)(?:-moi)?",
    "g[ée]n[èe]re[rz]?(?:-moi)?",
    "illustre[rz]?", "disegna(?:mi|re|rmi)?", "dipingi(?:mi)?", "dipingere", "crea(?:mi|re|rmi)",
    "genera(?:mi|re|rmi)", "realizza",
    "desenh(?:a|e|ar)(?:-me)?", "me desenh[ae]", "pint(?:a|e|ar)(?:-me)?", "cri(?:a|e|ar)(?:-me)?",
    "ger(?:a|e|ar)(?:-me)?",
    "teken", "genereer", "schilder", "ontwerp", "narysuj(?:cie)?", "narysować", "namaluj", "namalować", "stwórz",
    "stworzyć",
    "wygeneruj", "wygenerować", "нарисуй(?:те)?", "нарисовать", "рисуй", "создай(?:те)?", "создать",
    "сгенерируй(?:те)?",
    "сгенерировать", "изобрази(?:те|ть)?", "render", "çiz", "rita",
)  # fmt: skip
# Verbs that edits and descriptions use too ("make it blue", "paint splatter"): they need an article or a number.
WEAK_VERB: Final = either(
    "make", "paint", "sketch", "design", "produce", "craft", "show", "give", "do", "build", "compose", "whip up",
    "come up with",
    "put together", "photograph", "prepare", "h[aá]z(?:me)?", "hacer(?:me)?", "mache?", "fai(?:s|re|tes)(?:-moi)?",
    "fammi", "farmi",
    "(?:me )?fa(?:z|ça|zer)(?:-me)?", "maak", "zrób", "zrobić", "сделай(?:те)?", "сделать",
)  # fmt: skip
# "make the sky darker" is an edit; "paint the sky" is none.
PAINTS_IT: Final = r"(?:paint|sketch|design|photograph|illustrate)\s+(?:(?:me|us)\s+)?(?:the|my|our)\s"
WEAK_OBJECT: Final = rf"(?:(?:an?|some|one|another|more|une?|una|uno|ein(?:e[nmr]?)?|uma?|een|{NUMBER})\s)"
SPACE: Final = r"(?:\s*[:,]\s*|\s+)"
# Only words that mean nothing in any of the languages: "um" is a hesitation in one and an article in another.
MEANWHILE: Final = (
    rf"(?:(?:{PLEASE}|just|maybe|possibly|quickly|simply|also|now|mal|bitte mal|eben|eens|me|mir|uns|nous|mij"
    rf"|ons){GAP})"
)
ASKED: Final = rf"(?:{ASK}{SPACE}{MEANWHILE}*)+"
ORDERED: Final = rf"{VERB}{SPACE}(?:(?:{ME}|{PLEASE}){SPACE})*"
WEAKLY: Final = rf"{WEAK_VERB}\s+(?:{ME}\s+)*"
LABEL: Final = r"(?:(?:the )?(?:image |picture )?prompt|image|picture|drawing|draw)\s*:\s*"
# German and Dutch put the verb last: "kannst du mir einen Hund zeichnen?"
VERB_AT_END: Final = (
    r"\s+(?:zu )?(?:zeichnen|malen|erstellen|generieren|machen|erzeugen|entwerfen|gestalten|zeigen|sehen|haben|geben"
    r"|tekenen|maken|genereren|schilderen|ontwerpen|zien|hebben)[\s?.!]*\z"
)
# "my son loves trains, please draw a tram": a request after a clause that says why.
OBJECT: Final = rf"(?:(?:me|us)\s+)?(?:an?|the|my|our|some|one|{NUMBER})\s"
LATER: Final = (
    r"^[^\"“„«]{2,120}?[,.!?;:]\s+(?:and |so |but |then |now )?"
    rf"((?:(?:(?:can|could|would|will) (?:you|u) (?:please |maybe |just )?|please )"
    rf"(?:{VERB}|{WEAK_VERB}|illustrate|paint|sketch|design)|(?:{VERB}|paint|make|sketch|design|create|illustrate)"
    rf"|i (?:want|need)|i'd (?:like|love|want)|we (?:want|need))\s+{OBJECT})"
)
FOR_WHAT: Final = rf"^for [^,.:;\"“]{{1,40}}?,?\s+((?:i|we)(?: need| want|(?: would|'d) (?:like|love))\s+{OBJECT})"
COUNTED: Final = rf"(?:^|\s)({NUMBER})\s"
SEVERAL: Final = rf"({NUMBER})\s+(?:{PLAIN_ADJECTIVE}\s+){{0,2}}({MEDIUM})s?\b"
LOOKS_LIKE: Final = (
    r"what (?:would |does |do |might )?(.+?) (?:would |will )?looks? like(?:[\s.?!]*(?:can you "
    r"|could you )?(?:show me|draw it|draw that))?[\s.?!]*\z"
)


@dataclass(frozen=True, slots=True)
class Framed:
    """What a request frames: its `body`, how many pictures it counts, and whether anything was asked at all.

    `frame` is what was cut; it may say a shape, as in "a square picture of".
    """

    body: str
    count: int = 1
    asked: bool = False
    frame: str = ""


def unframed(text: str) -> Framed:
    """The text without the words that ask for a picture at its beginning."""
    if text[:5].lower() == "what " and (looks := regex(LOOKS_LIKE).match(text)):
        return Framed(looks.group(1), asked=True)
    # One match a part: asking RE2 for all parts at once would cost it the fast automaton, and us three times the time.
    asked = past(ASKED, text, 0)
    ordered = past(ORDERED, text, asked)
    weakly = past(WEAKLY, text, ordered) if ordered == asked else ordered
    end = past(FRAME, text, weakly)
    framed = end > weakly
    if not framed:
        wanted = regex(WEAK_OBJECT).match(text[weakly:]) or regex(PAINTS_IT).match(text[ordered:])
        end = weakly if weakly > ordered and wanted else ordered
    body = text[end:]
    if not end or (not framed and body[:3].lower() in {"of ", "is "}):  # "render of a chair": a noun, no request
        return Framed(text)
    counted = regex(COUNTED).search(text[weakly:end]) if framed else None
    count = number(counted.group(1)) if counted else 1
    several = regex(SEVERAL).match(body) if weakly else None
    if several:
        count = number(several.group(1))
        body = several.group(2) + body[several.end :]
    looks = regex(LOOKS_LIKE).match(body) if body[:5].lower() == "what " else None
    return Framed(looks.group(1) if looks else body, count, asked=True, frame=text[:end])


def later(text: str) -> int:
    """Where a request begins that stands after another clause; 0 when there is none."""
    match = regex(LATER).match(text) or regex(FOR_WHAT).match(text)
    return match.end - len(match.group(1)) if match else 0


def past(pattern: str, text: str, place: int) -> int:
    """The place after what a pattern matches there; the same place when it does not."""
    match = regex(pattern).match(text[place:] if place else text)
    return place + match.end if match else place


def number(text: str) -> int:
    """The number that a word or digits name; 1 for anything else."""
    text = text.lower()
    return NUMBER_WORDS.get(text) or (int(text) if text.isdecimal() else 1)
