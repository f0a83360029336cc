# ruff: noqa: RUF001  (punctuation of many scripts)
"""What to draw: the prompt that is left when the request is gone, and what the text says about the picture.

The prompt keeps the person's own words; nothing is added. A text that asks for nothing is a prompt as it stands,
and an edit ("remove the background from this picture") keeps its instruction. A setting (size, count, seed, what
to leave out) leaves the prompt; a style does so only as a clause at its end, see `style`.
"""

from __future__ import annotations

from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots import request_cjk
from pointsman.tiers.slots.linear import as_typed, plain, regex
from pointsman.tiers.slots.polite import openings, without_ending
from pointsman.tiers.slots.request import FRAME, LABEL, VERB_AT_END, Framed, later, past, unframed
from pointsman.tiers.slots.settings import count_into, size_into, taken
from pointsman.tiers.slots.shape import of_frame
from pointsman.tiers.slots.style import first, styled

NAMES: Final = frozenset({"prompt", "negative", "style", "width", "height", "count", "seed"})
AFTERTHOUGHT: Final = (
    r"[\s,.;:!]+(?:please )?(?:can you |could you )?(?:now )?(?:draw|paint|generate|create|render"
    r"|make) (?:me )?(?:this|that|it)(?: for me)?[\s.!?]*\z"
)
DEVANAGARI: Final = "\u0900"
LEAST_QUOTED: Final = 3
QUOTES: Final = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "「": "」", "‘": "’"}


def find(text: str) -> dict[str, SlotValue]:
    """The slots of a picture; `prompt` is there for every text that is not blank."""
    whole = plain(text).strip()
    if not whole:
        return {}
    body, found = taken(without_ending(whole))
    _, begin = openings(body)
    rest, style_first = first(body[begin:])
    framed = request_of(rest if style_first else body)
    count_into(found, framed.count)
    if framed.frame:
        size_into(found, of_frame(framed.frame))
    body, style = styled(tidy(without_ending(framed.body), asked=framed.asked))
    if style and framed.asked:
        body = body[past(FRAME, body, 0) :]
    if style or style_first:
        found["style"] = style_first or style
    prompt = unquoted(tidy(body, asked=framed.asked)) or tidy(framed.body, asked=False)
    return {"prompt": as_typed(prompt or whole, text), **found}


def request_of(text: str) -> Framed:
    """What the request frames, whichever language it is in."""
    if max(text, default="") >= DEVANAGARI:  # the first of the scripts that request_cjk reads
        framed = request_cjk.unframed(text)
        if framed.asked:
            return framed
    sure, perhaps = openings(text)
    framed = unframed(text[perhaps:])
    if not framed.asked and perhaps > sure:
        framed = unframed(text[sure:])
    if not framed.asked and (begin := later(text)):
        rest = text[begin:]
        framed = unframed(rest[openings(rest)[1] :])
    body = framed.body
    label = regex(LABEL).match(body) if ":" in body[:30] else None
    if label:
        body = body[label.end :]
    if framed.asked and (last := regex(VERB_AT_END).search(body)):
        body = body[: last.start]
    if (after := regex(AFTERTHOUGHT).search(body)) and after.start:
        body = body[: after.start]
    return Framed(body, framed.count, framed.asked or bool(label), framed.frame)


def tidy(text: str, *, asked: bool) -> str:
    """The text without the punctuation that cuts leave at its ends; a request also loses its full stop."""
    text = text.strip().lstrip(",.;:!?，。、！：)").rstrip(",;，、(:").strip()
    if asked:
        text = text.rstrip("?！!？").rstrip()
        if text.endswith((".", "。")) and not text.endswith("..") and text.count(text[-1]) == 1:
            text = text[:-1]
    return text


def unquoted(text: str) -> str:
    """The text without the quotation marks that enclose all of it; lettering, short or in capitals, keeps them."""
    close = QUOTES.get(text[:1])
    inner = text[1:-1]
    if inner.isupper() or len(inner.split()) < LEAST_QUOTED:
        return text
    if close and text.endswith(close) and text[0] not in inner and close not in inner and inner.strip():
        return inner.strip()
    return text
