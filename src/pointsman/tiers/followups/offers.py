"""Finds what an assistant offered to do: what a "yes" is a yes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.tiers.followups import offer_words as words
from pointsman.tiers.followups import recipient_words
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.slots.linear import plain
from pointsman.tiers.slots.request import VERB_AT_END

# An offer stands at the end of what the assistant said.
LOOKED_AT: Final = 600
SENTENCE_END: Final = r"(?:[.!?;。！？…\n]+|\s[–—-]\s)+\s*"  # noqa: RUF001
MOST_SENTENCES: Final = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that the assistant offered: its sentence, what to do, and which kind of thing that is.

    `does` is a path or the name of a slot (see ACTIONS), "" when the words do not tell.
    """

    sentence: str
    request: str
    does: str


def last_offer(said: str) -> Offer | None:
    """The offer with which somebody ended, the last question first; None without one.

    "Want it?" offers what stands before it, when that is an offer.
    """
    vague: Offer | None = None
    for sentence in sentences(said):
        if regex(words.ASKS_WHAT).match(sentence):
            return vague
        offer = offered(sentence)
        if offer and (offer.does or not regex(recipient_words.VAGUE).match(offer.request)):
            return offer
        vague = vague or offer
    return vague


def offered(sentence: str) -> Offer | None:
    """What a sentence offers; None when it offers nothing."""
    match = regex(rf"(?:.*?[\s,;:(¿]|)(?:{words.OFFER})\s+(\pL.*)\z").match(sentence)
    if match and (asks(sentence) or regex(rf"(?:{words.OFFER})\s").match(sentence)):
        request = match.group(1)
        return Offer(sentence, without_recipient(without_you(request)), doing(request))
    if not sentence.isascii() and regex(words.OFFER_CJK).search(sentence):
        return Offer(sentence, requested(sentence), doing(sentence))
    # "Нарисовать?", "Lo busco?": a question that is nothing but the act.
    if asks(sentence) and len(sentence.split()) <= 6 and (does := doing(sentence)):
        return Offer(sentence, without_recipient(sentence.strip(" ?？¿")), does)  # noqa: RUF001
    return None


def without_recipient(request: str) -> str:
    """What is offered, without whom it is for: "draw a castle" of "draw them a castle"; "you" becomes "me"."""
    for pattern in recipient_words.FOR_THEM:
        if match := regex(pattern).match(request):
            request = f"{match.group(1)}{match.group(2)}"
    match = regex(recipient_words.FOR_YOU).match(request)
    about_you = match and regex(recipient_words.ABOUT_YOU).match(match.group(2))
    if match and (not about_you or regex(recipient_words.REMINDS).match(request)):
        request = f"{match.group(1)}me {match.group(2)}"
    drawn = regex(recipient_words.I_DRAW).match(request)
    return drawn.group(1) if drawn and not points(request) else request


def without_you(request: str) -> str:
    """What is offered, without "for you" and "if you like"."""
    match = regex(rf"(.*?\S)(?:[\s,]+{words.FOR_YOU})+[^\pL\pN]*\z").match(request)
    text = (match.group(1) if match else request).strip(" ?.!¿")
    last = regex(VERB_AT_END).search(text)
    return text[: last.start] if last and last.start else text


def requested(sentence: str) -> str:
    """What is offered in Chinese, Japanese, Korean or Hindi, as a request for it."""
    text = sentence.strip(" ?？。.")  # noqa: RUF001
    lead = regex(words.LEAD_CJK).match(text)
    text = text[lead.end :] if lead else text
    for ending, request in words.REQUESTED_CJK:
        if text.endswith(ending):
            return text.removesuffix(ending) + request
    return text


def thin(query: str) -> str:
    """What an offer says to look for when that alone says too little: "news" of "the news"; "" when it says enough."""
    match = regex(rf"(?:{words.LOOKS_FOR}\s+)?(?:{words.ARTICLE}\s+|l'|il )*(\S+(?:\s\S+)?)\z").match(query)
    if match is None or not regex(rf"(?:{words.GENERAL})\z").match(match.group(1)):
        return ""
    return match.group(1)


def described(said: str) -> str:
    """What the assistant proposed before it offered to make it: "Perhaps a kite over the dunes. Shall I?"."""
    for sentence in sentences(said):
        if match := regex(rf"{words.PROPOSES}\s+(\S.*)\z").match(sentence):
            return match.group(1).strip(" .!?")
    return ""


def asks(sentence: str) -> bool:
    """Whether a sentence is a question."""
    return sentence.rstrip().endswith(("?", "？"))  # noqa: RUF001


def asked(said: str) -> bool:
    """Whether somebody ended with a question."""
    found = sentences(said)
    return bool(found) and asks(found[0])


def sentences(said: str) -> list[str]:
    """The last sentences of what was said, the last one first, questions with their mark."""
    text = plain(said[-LOOKED_AT:]).strip()
    found: list[str] = []
    at = 0
    for match in regex(SENTENCE_END).finditer(text):
        found.append(text[at : match.end].strip())
        at = match.end
    found.append(text[at:].strip())
    return [sentence for sentence in reversed(found) if sentence][:MOST_SENTENCES]


def doing(text: str) -> str:
    """Which kind of thing the words are about: a path or a slot's name, "" when they do not tell."""
    for does, pattern in words.ACTIONS:
        latin = rf"(?:\A|[^\pL\pM]){pattern}(?:[^\pL\pM]|\z)"
        if regex(latin).search(text) or (max(text, default="") >= "\u2e80" and regex(pattern).search(text)):
            return does
    return ""


def points(request: str) -> bool:
    """Whether what is to be done is done to "it", so that it has to be found in what was said before."""
    if regex(recipient_words.DOES_IT).match(request):
        return True
    drawing = dict(words.ACTIONS)["image"]
    return regex(rf"(?:(?:{drawing}|{words.THIS}|{words.MAKES})(?:[\s,]+|\z))+\z").match(request) is not None


def is_picture(said: str) -> bool:
    """Whether what the assistant said holds a picture."""
    return regex(words.PICTURE).search(said[:4000]) is not None


def made_sure(said: str) -> bool:
    """Whether somebody ended by asking whether they understood: "do you mean Paris, Texas?"."""
    found = sentences(said)
    return bool(found) and asks(found[0]) and regex(rf"(?:.*[\s,;:(¿]|){words.MAKES_SURE}").match(found[0]) is not None
