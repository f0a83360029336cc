# ruff: noqa: RUF001  (words of many scripts)
"""What a text says about a picture besides its subject: size, number, seed, what to leave out, command-line flags."""

from __future__ import annotations

from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots.linear import regex
from pointsman.tiers.slots.request import MEDIUM, NUMBER, PICTURE, PLAIN_ADJECTIVE, number
from pointsman.tiers.slots.shape import RATIO_WORDS, fitted, of_ratio, of_words

MAX_COUNT: Final = 10
MAX_NEGATIVE: Final = 1000

# One pass that tells most messages from those that need the others.
ANY: Final = (
    r"\d|--|—|seed|no\s|without|don't|do not|avoid|exclud|negative|square|portrait|landscape|format|horizontal|vertical"
    r"|wallpaper|wide|variations|versions|options|ohne|sans|zonder|senza|без|bez\s|sem\s|sin\s|cuadrad|quadrat"
    r"|carré|copies"
    r"|壁|縦|横|竖|正方|なし|不要|没有|없이|문자|가로|세로|निशान|बिना"
)
FLAGS: Final = (
    r"(?:^|\s)(?:--|—)(ar|aspect|no|seed|w|width|h|height|n|count|size|negative|neg|stylize|s|chaos|c|quality|q"
    r"|version|v|style"
    r"|niji|iw|stop|weird|tile|raw|hd|fast|turbo|relax|draft|steps|cfg|repeat|r|test|testp|video|sref|cref|sw|cw|p"
    r"|profile)\b[\s=:]*"
)
BARE_FLAGS: Final = frozenset({"tile", "raw", "hd", "fast", "turbo", "relax", "draft", "test", "testp", "video"})
SIZE: Final = (
    r"(?:^|[\s,;(]+)(?:(?:at|in|with|of|size|resolution|dimensions?|format|größe|tamaño|taille|на)[\s:=]+(?:a |an )?)*"
    r"(\d{2,5})\s*(?:px|pixels?)?\s*(x|×|\*|✕|by|por|на|mal)\s*(\d{2,5})(?:\s*(?:px|pixels?|пикселей"
    r"|píxeles))?(?:\s+(?:resolution|size))?\)?"
)
RATIO: Final = (
    r"(?:^|[,(]\s*|\s(?:in|as|at|with|im|en|au)\s+(?:a |an )?(?:format |aspect ratio (?:of )?|ratio (?:of )?)?"
    r"|\s(?:aspect ratio|format|ratio)[\s:=]+|比例[为是:：]?\s*|[\s，,、])"
    r"(\d{1,2}):(\d{1,2})(?:\s+(?:aspect ratio|aspect|ratio|format|image|picture))?\s*(?:\)|,|，|。|比例|宽高比|画幅"
    r"|[.!?]?\s*\z)"
)
RATIO_FIRST: Final = (
    rf"(?:^|\s)(\d{{1,2}}):(\d{{1,2}})\s+(?:(?:youtube|blog|web|cover|title|wide) )?"
    rf"(?:{PICTURE}|{MEDIUM}|photograph|thumbnail|header|cover|background|slide|card|scene|screenshot|flyer|shot)s?(?:\s|\z)"
)
SEED: Final = (
    r"(?:[\s,(]+(?:with|using|use|and|mit|con|avec|com|met)(?: the)?(?: random)?\s+seed|(?:^|[,;(]\s*)(?:random )?seed)"
    r"(?:\s*(?:number|is|of|=|:|#))*\s*(\d{1,19})\)?"
    r"|\s(?:seed|シード|种子|시드)(?:\s*(?:number|is|of|=|:|#|値))*\s*(\d{1,19})\)?\s*(?:[,.;)]|\z)"
)
# A clause that says what to leave out ends where the next clause or place begins.
LEFT_OUT: Final = r"([^,.;:!?()\n\"“”]{1,80}?)"
CLAUSE_END: Final = (
    r"(?:\s+(?:in|on|at) (?:it|them|there|the (?:image|picture|background|photo|scene)))?"
    r"(\s*(?:[,.;!?()\n]|\z)|\s+(?:at|in|on|with|during|while|under|but|next to|seed|--|please|thanks|bei|im|auf"
    r"|mit|bitte)(?:\s|\z))"
)
WITHOUT: Final = (
    r"(?:[\s,;]+(?:and |but |with |pero |aber |mais )?(?:without|ohne|zonder|senza|без)|(?:^|[,;.(]\s*|\s(?:and"
    r"|but|with)\s)no"
    r"|[,;.]?\s+(?:and |but )?(?:please )?(?:don't|do not|dont) (?:include|add|show|put|use|have|draw)"
    r"|[,;.]\s*(?:please )?(?:avoid|exclude|excluding|leave out)"
    r"|[,;.]?\s+(?:leaving out|excluding))\s+(?:any |the |an? |its |einen? |)" + LEFT_OUT + CLAUSE_END
)
# "an image without any text of a city": what the picture shows comes after what it lacks.
LACKING_FIRST: Final = (
    rf"\b(?:{PICTURE}|{MEDIUM}|photograph|art(?:work)?)(?:s|es)?"
    r"(\s+(?:without|with no|ohne|sin|sans|senza|sem|zonder|bez|без)"
    r"\s+(?:any |the |an? |)([^\s,.;:!?()\"“”]+(?:\s+(?:and|or)\s+[^\s,.;:!?()]+)?))"
    r"\s+(?:of|showing|depicting|de|von|di|van)\s"
)
# "sin", "sans", "sem" and "bez" are English or other words too: only before what pictures are asked to lack.
LACKING: Final = (
    r"[\s,]+(?:sin|sans|sem|bez)\s+((?:ning[uú]na? |nenhuma? |aucune? |des? |d')?(?:texto|letras|personas|gente"
    r"|marcas? de agua|fondo|humanos"
    r"|texte|lettres|personnes|gens|filigranes?|fond|humains|pessoas|marcas? d['’]água|fundo|tekstu|ludzi|tła"
    r"|napisów|znaku wodnego))"
    r"(\s*(?:[,.;!?]|\z)|\s)"
)
LACKING_CJK: Final = (
    r"[、，,。\s]*(?:(文字|人|人物|背景|テキスト|透かし)(?:は)?(?:なし|無し|抜き)(?:で)?|(?:不要|不要有|没有"
    r"|去掉)(文字|人物|人|水印|背景)|(글자|사람|배경|텍스트)\s*없이"
    r"|बिना\s+(\S+)(?:\s+के)?)"
)
NEGATIVE: Final = (
    r"[\s,;.(]*(?:negative(?: prompts?)?|neg(?:ative)? ?prompt)\s*[:=]\s*([^\n]*?)(\n|\s--|[,;.]?\s+seed"
    r"|[,;.]?\s+steps:|\z)"
)
COUNT: Final = (
    rf"(?:[\s,;.(]+(?:(?:in|as|with|and|make|make me|give me|i want|i need|do)\s+)?)(?P<count>{NUMBER})\s+"
    rf"(?:{PLAIN_ADJECTIVE}\s+)*(?:{PICTURE}|{MEDIUM}s|copies|takes|of them|renders)(?:\s+total)?\)?[\s.!?]*\z"
)


def taken(text: str) -> tuple[str, dict[str, SlotValue]]:
    """The text without its settings, and the settings: negative, width, height, count, seed."""
    found: dict[str, SlotValue] = {}
    if regex(ANY).search(text) is None:
        return text, found
    if "--" in text or "—" in text:
        text = take_flags(text, found)
    text = take_negative(text, found)
    if any(map(str.isdigit, text)):
        text = take_seed(text, found)
        text = take_size(text, found)
    text = take_shape(text, found)
    match = regex(COUNT).search(text)
    if match and match.start and not quoted(text, match.start):
        count_into(found, number(match.group("count")))
        text = text[: match.start]
    return text, found


def quoted(text: str, place: int) -> bool:
    """Whether a place lies inside quotation marks: what is to be written on the picture is no setting."""
    before = text[:place]
    return (
        before.count('"') % 2 == 1
        or any(before.count(left) > before.count(right) for left, right in ("“”", "«»", "「」", "„“"))
        or before.count(" '") > sum(before.count(close) for close in ("' ", "',", "'."))
    )


def count_into(found: dict[str, SlotValue], count: int) -> None:
    """Notes how many pictures are wanted: more than one, at most ten."""
    if count > 1:
        found["count"] = min(count, MAX_COUNT)


def size_into(found: dict[str, SlotValue], size: tuple[int, int] | None) -> None:
    """Notes a size, unless one is noted already."""
    if size and "width" not in found:
        found["width"], found["height"] = size


def negative_into(found: dict[str, SlotValue], wanted: str) -> None:
    """Adds to what the picture must not show, a list with commas."""
    parts = [part.strip(" \"'“”.,") for part in wanted.replace(" or ", ",").replace(" and ", ",").split(",")]
    said = ", ".join(part for part in parts if part)
    before = str(found.get("negative", ""))
    if said:
        found["negative"] = f"{before}, {said}"[:MAX_NEGATIVE] if before else said[:MAX_NEGATIVE]


def take_flags(text: str, found: dict[str, SlotValue]) -> str:
    """The text without flags in the manner of Midjourney: --ar 16:9, --no hands, --seed 42."""
    kept: list[str] = []
    name, at = "", 0
    sides: dict[str, int] = {}
    for match in [*regex(FLAGS).finditer(text), None]:
        value = text[at : match.start if match else len(text)]
        if not name or name in BARE_FLAGS:
            kept.append(value)
        elif name in {"no", "neg", "negative"}:
            negative_into(found, value)
        else:
            first, _, rest = value.strip().partition(" ")
            kept.append(rest)
            flag_into(found, sides, name, first.strip(","))
        if match:
            name, at = match.group(1).lower(), match.end
    if len(sides) == 2:
        size_into(found, fitted(sides["w"], sides["h"]))
    return " ".join(part.strip() for part in kept if part.strip())


def flag_into(found: dict[str, SlotValue], sides: dict[str, int], name: str, value: str) -> None:
    """Notes what a flag with one value says."""
    left, _, right = value.lower().replace("x", ":").partition(":")
    if name in {"ar", "aspect"} and left.isdecimal() and right.isdecimal():
        size_into(found, of_ratio(int(left[:4]), int(right[:4])))
    elif name == "size" and left.isdecimal() and right.isdecimal():
        size_into(found, fitted(int(left[:5]), int(right[:5])))
    elif value.isdecimal() and name == "seed":
        found["seed"] = int(value[:19])
    elif value.isdecimal() and name in {"n", "count", "repeat", "r"}:
        count_into(found, int(value[:3]))
    elif value.isdecimal() and name in {"w", "width", "h", "height"}:
        sides[name[0]] = int(value[:5])


def take_seed(text: str, found: dict[str, SlotValue]) -> str:
    """The text without "seed 42"."""
    match = regex(SEED).search(text)
    if match is None or "seed" in found or quoted(text, match.start):
        return text
    found["seed"] = int(match.group(1) or match.group(2))
    return text[: match.start] + " " + text[match.end :].lstrip(" ,")


def take_size(text: str, found: dict[str, SlotValue]) -> str:
    """The text without "1024x768" or "16:9"; small numbers, as in "2x4 lumber", are no picture's size."""
    match = regex(SIZE).search(text)
    if match and not quoted(text, match.start):
        width, height = int(match.group(1)), int(match.group(3))
        least = 64 if match.group(2) in {"x", "X", "×", "*", "✕"} else 128
        if min(width, height) >= least:
            size_into(found, fitted(width, height))
            return text[: match.start] + text[match.end :]
    match = regex(RATIO).search(text)
    if match and not quoted(text, match.start) and (match.group(1), match.group(2)) in RATIO_WORDS:
        size_into(found, of_ratio(int(match.group(1)), int(match.group(2))))
        return text[: match.start] + " " + text[match.end :]
    match = regex(RATIO_FIRST).search(text)
    if match and not quoted(text, match.start) and (match.group(1), match.group(2)) in RATIO_WORDS:
        size_into(found, of_ratio(int(match.group(1)), int(match.group(2))))
        said = f"{match.group(1)}:{match.group(2)}"
        return (text[: match.start] + text[match.start :].replace(said, "", 1).replace("  ", " ", 1)).lstrip()
    return text


def take_shape(text: str, found: dict[str, SlotValue]) -> str:
    """The text without a clause such as "square" or "in portrait format"; "4k" and "wallpaper" stay in it."""
    start, end, size = of_words(text)
    size_into(found, size)
    return text[:start] + text[end:] if end and not quoted(text, start) else text


def take_negative(text: str, found: dict[str, SlotValue]) -> str:
    """The text without "no text", "without people" and "negative prompt: ..."."""
    match = regex(NEGATIVE).search(text) if "neg" in text.lower() else None
    if match:
        negative_into(found, match.group(1))
        text = text[: match.start] + " " + match.group(2).lstrip() + text[match.end :]
    match = regex(LACKING_FIRST).search(text)
    if match and not quoted(text, match.start):
        negative_into(found, match.group(2))
        text = text.replace(match.group(1), "", 1)
    for pattern in (WITHOUT, LACKING) if text.isascii() else (WITHOUT, LACKING, LACKING_CJK):
        for _ in range(8):
            match = regex(pattern).search(text)
            if match is None or not match.start or quoted(text, match.start):
                break
            wanted = next(filter(None, map(match.group, range(1, 5 if pattern is LACKING_CJK else 2))), "")
            negative_into(found, wanted)
            ending = "" if pattern is LACKING_CJK else match.group(2)
            text = text[: match.start] + ending + text[match.end :]
    return text
