# ruff: noqa: RUF001  (words of many scripts)
"""What an earlier turn wanted, as far as a follow-up needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.core.category import Catalogue, Path
from pointsman.core.decision import Slots
from pointsman.tiers.cascade import FindSlots
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.slots.linear import plain

# The slot that says what is wanted, in a category that has it.
MAIN_SLOTS: Final = ("prompt", "query", "expression", "memory")
# "Write a poem about a fox": whoever then says "paint that" means the fox.
SUBJECT: Final = (
    r".{0,60}?\s(?:about|on the topic of|regarding|über|sobre|acerca de|à propos de?|sur|riguardo a|over|o|об?"
    r"|про)\s+(\S.*)\z"
)
WRITES: Final = (
    r"(?:\pL+ ){0,3}(?:write|tell|compose|make up|invent|schreib\pL*|erzähl\pL*|escrib\pL*|cuént\pL*|écri\pL*"
    r"|racont\pL*|scriv\pL*|escrev\pL*|cont\pL*|schrijf|vertel|napisz|opowiedz|напиши|расскажи)\b"
)
EXPLAINS: Final = (
    r"(?:can you |could you |please )*(?:explain|describe|define|summari[sz]e|introduce|tell me (?:more )?about"
    r"|what (?:is|are|was|were|do you know about)|what's|who (?:is|was|are|were)|erkläre?|beschreibe?|was (?:ist"
    r"|sind)|wer (?:ist|war)|explica(?:me)?|describe|qué (?:es|son)|quién (?:es|fue)|explique(?:-moi)?|décris"
    r"|qu'est-ce que?|c'est quoi|qui (?:est|était)|spiega(?:mi)?|descrivi|cos'è|chi (?:è|era)|explica|explique"
    r"|descreve|o que é|quem (?:é|foi)|leg uit|beschrijf|wat (?:is|zijn)|wie (?:is|was)|wyjaśnij|opisz"
    r"|co to(?: jest)?|kim (?:jest|był[a]?)|объясни|опиши|что такое|кто такой)(?: mir| me| to me| мне)? (\S.*)\z"
)
LOOKS_LIKE: Final = r"what (?:does|do|did|would|could|should|might|will) (.+?) looks? like[^\pL\pN]*\z"
HEARD: Final = (
    r"(?:(?:people say|they say|i(?:'ve)? (?:heard|read|wonder|love|like|miss|adore|am thinking about"
    r"|keep thinking about)|i (?:wish i could see|dream(?:ed)? (?:of|about))|i'm (?:curious about|thinking (?:of"
    r"|about)|obsessed with)|apparently|no idea|not sure|chissà|me (?:encantan?|gustan?)|j'(?:adore|aime)"
    r"|mi piacciono|(?:eu )?(?:adoro|amo)|ik (?:hou van|vind)|ich (?:liebe|mag)|uwielbiam|(?:я )?люблю)(?:,? (?:that"
    r"|if|whether|when|se|que|dass|ob|co|что))?(?: there (?:was|were|is|are|has been))?) (\S.*)\z"
)
SAYS: Final = (
    r"(?:my|our|i have|i've got|we have|i saw|i'm (?:building|making|writing)|imagine|picture this:?|there is"
    r"|there's|mein[er]?|unser[e]?|ich habe|tengo|mi|j'ai|mon|ma|ho|il mio|tenho|meu|minha|ik heb|mijn|mam|mój|моя?"
    r"|у меня) (\S.*)\z"
)
LONGEST_TOPIC: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a turn wanted: its category and slots, and the words that it goes back to."""

    category: str
    path: Path
    slots: Slots
    said: str
    language: str = ""

    @property
    def main(self) -> str:
        """The name of the slot that says what is wanted; "" in a category that has none."""
        return next((name for name in MAIN_SLOTS if name in self.slots), "")


class Kinds:
    """Finds categories by what they do, so that a user's own may take the place of those that are shipped."""

    def __init__(self, catalogue: Catalogue, fallback: str) -> None:
        self._catalogue = catalogue
        self.fallback = fallback
        self._by_kind: dict[str, str] = {}
        for category in catalogue:
            for kind in (category.path, *category.slots):
                self._by_kind.setdefault(kind, category.name)

    def doing(self, kind: str) -> str:
        """The category on a path or with a slot of that name; "" without one."""
        return self._by_kind.get(kind, "")

    def path_of(self, name: str) -> Path:
        """The path that serves a category."""
        return self._catalogue.path_of(name)

    def slots_of(self, name: str) -> tuple[str, ...]:
        """The slots that a category asks for."""
        return self._catalogue[name].slots

    def __contains__(self, name: object) -> bool:
        return name in self._catalogue


def topic_of(wanted: Wanted, find_slots: FindSlots) -> str:
    """What a turn was about: the thing in it, without the words that asked."""
    if wanted.main in {"prompt", "query", "memory"}:
        return str(wanted.slots[wanted.main])
    text = plain(wanted.said)[:LONGEST_TOPIC].strip(" \t\n.?!")
    if match := regex(LOOKS_LIKE).match(text):
        return match.group(1)
    if regex(WRITES).match(text) and (match := regex(SUBJECT).match(text)):
        return match.group(1)
    if match := regex(EXPLAINS).match(text) or regex(HEARD).match(text) or regex(SAYS).match(text):
        return match.group(1)
    return str(find_slots(wanted.category, text, ("query",)).get("query", text))
