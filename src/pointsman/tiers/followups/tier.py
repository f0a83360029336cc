"""Tier 0: a message that leans on what was said before inherits or refines what that wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pointsman.core.category import Catalogue, Measured
from pointsman.core.decision import Abstain, Answer, Evidence, Slots, SlotValue, Verdict
from pointsman.core.message import Message
from pointsman.tiers.cascade import FindSlots
from pointsman.tiers.followups import offers
from pointsman.tiers.followups.antecedent import Kinds, Wanted, topic_of
from pointsman.tiers.followups.commanded import Commanded
from pointsman.tiers.followups.earlier import Decide, Exchange, last_exchange
from pointsman.tiers.followups.measured import MEASURED, Kind
from pointsman.tiers.followups.merging import merged
from pointsman.tiers.followups.pointing import Pointer, depicts, draws, names_medium, pointer
from pointsman.tiers.followups.reading import LONGEST, Reading, calls_off, read
from pointsman.tiers.followups.refining import names_what_was_asked, refines
from pointsman.tiers.learned import quoted as beginning
from pointsman.tiers.watch import Watch

# How many of the user's turns are looked back at.
DEPTH: Final = 3
# Below this, an order to draw in a language that the tiers know little of is believed more than they are.
SURE: Final = 0.95
QUOTED: Final = 80
# The slots that say what "it" is.
THINGS: Final = ("prompt", "query", "memory")

NOTHING_BEFORE: Final = Abstain("nothing was said before")
LONG: Final = Abstain("it is long enough to say by itself what it wants")
SELF_CONTAINED: Final = Abstain("it says by itself what it wants")
NOT_ABOUT_IT: Final = Abstain("it does not go on from what was said")


@dataclass(frozen=True, slots=True)
class Found:
    """What a follow-up wants, which kind of follow-up it is, and why."""

    wanted: Wanted
    kind: Kind
    reason: str


class FollowUps:
    """Answers messages that mean nothing by themselves: "yes", "again", "now in blue", "and in Paris?".

    `decide` says what a text wants by itself. Up to three of the user's earlier turns are looked
    at, from the last one back to the one that says by itself what it wants; what the assistant
    offered or asked counts too. What the `watch` takes out of a message counts no more in its
    follow-ups. `measured` holds how often each kind of follow-up was right.
    """

    name = "followups"

    def __init__(
        self,
        decide: Decide,
        catalogue: Catalogue,
        fallback: str,
        find_slots: FindSlots,
        *,
        watch: Watch | None = None,
        measured: Mapping[Kind, Measured] = MEASURED,
    ) -> None:
        self._decide = decide
        self._watch = watch
        self._kinds = Kinds(catalogue, fallback)
        self._find_slots = find_slots
        self._measured = measured
        self._commanded = Commanded()

    def heed(self, message: Message, answer: Answer) -> None:
        """Takes what a command asked for, from which later messages may go on."""
        path = self._kinds.path_of(answer.category)
        self._commanded.keep(message, Wanted(answer.category, path, answer.slots, "", answer.language))

    def judge(self, message: Message) -> Verdict:
        """What the message inherits; abstains at once without earlier turns, and for what stands by itself."""
        if not message.history:
            return NOTHING_BEFORE
        if len(message.text) > LONGEST:
            return LONG
        exchange = last_exchange(message.history, self._watch, message.origin)
        if exchange is None:
            return NOTHING_BEFORE
        if message.wordless:
            return NOT_ABOUT_IT
        reading = read(message.look)
        found = self._resolve(reading, exchange, DEPTH)
        if found is None:
            return SELF_CONTAINED if reading.form in {"own", "remark"} else NOT_ABOUT_IT
        return self._answer(found)

    def _answer(self, found: Found) -> Answer:
        confidence = self._measured[found.kind].confidence
        wanted = found.wanted
        return Answer(
            wanted.category,
            confidence,
            confidence,
            found.reason,
            scores={wanted.category: confidence},
            evidence=(Evidence("followup", found.kind, wanted.category, confidence),),
            slots=wanted.slots,
            language=wanted.language,
        )

    def _resolve(self, reading: Reading, exchange: Exchange, depth: int) -> Found | None:
        """What a reading wants after an exchange; None when it wants something of its own."""
        offer = offers.last_offer(exchange.assistant)
        if reading.form in {"yes", "no", "again", "pick"}:
            return None if not offer and self._is_courtesy(reading.text) else self._replied(reading, exchange, depth)
        if pointed := pointer(reading.core):
            return self._pointed(pointed, reading, exchange, depth)
        named = reading.form == "remark" and names_what_was_asked(reading, exchange.assistant)
        if reading.form != "open" and not named:
            return None
        if offer and "no" in reading.openings:
            return self._refused(reading, exchange, depth)
        if offer and "yes" in reading.openings:
            return self._accepted(offer, exchange, depth, reading.core)
        return self._went_on(reading, exchange, depth)

    def _is_courtesy(self, text: str) -> bool:
        """Whether a text is thanks or a goodbye by its very words: "great, thanks!"."""
        alone = self._decide(Message(text))
        return alone is not None and alone.literal and self._kinds.path_of(alone.category) == "simple"

    def _replied(self, reading: Reading, exchange: Exchange, depth: int) -> Found | None:
        """What a whole reply wants: yes, no, again, the second one."""
        if reading.form == "yes":
            return self._confirmed(reading, exchange, depth)
        if reading.form == "no":
            return self._refused(reading, exchange, depth)
        before = self._antecedent(exchange, depth)
        if before is None or before.path == "simple":
            return None
        if reading.form == "pick":
            return Found(before, "pick", f"picks from {quoted(before.said)}")
        return Found(before, "again", f"repeats {quoted(before.said)}")

    def _went_on(self, reading: Reading, exchange: Exchange, depth: int) -> Found | None:
        """What a text wants that goes on from what was wanted: refined, asked further, in another shape."""
        before = self._antecedent(exchange, depth)
        if before is None or before.path == "simple":
            return None
        if before.path != "image" and (pointed := depicts(reading.core) or depicts(reading.text)):
            return self._pointed(pointed, reading, exchange, depth)
        if not refines(reading, before, exchange.assistant, self._decide, self._kinds.path_of):
            return None
        kind, slots = merged(reading, before, self._kinds.slots_of(before.category), self._find_slots)
        return Found(replace(before, slots=slots), kind, f"{WORDS[kind]} {quoted(before.said)}")

    def _confirmed(self, reading: Reading, exchange: Exchange, depth: int) -> Found:
        """A yes: to the offer, if there was one."""
        if offer := offers.last_offer(exchange.assistant):
            found = self._accepted(offer, exchange, depth, "")
            if found:
                return found
        if offers.made_sure(exchange.assistant) and (before := self._antecedent(exchange, depth)):
            return Found(before, "confirm", f"confirms {quoted(before.said)}")
        return self._nothing("says yes where nothing was offered", reading.text)

    def _refused(self, reading: Reading, exchange: Exchange, depth: int) -> Found | None:
        """A no: nothing is to be done, or what was noted is to be forgotten; None when nobody asked."""
        if offer := offers.last_offer(exchange.assistant):
            return self._nothing(f"refuses {quoted(offer.sentence)}", reading.text, "deny")
        before = self._antecedent(exchange, depth)
        if before and before.main == "memory" and calls_off(reading.text):
            return Found(before, "memory", f"calls off {quoted(before.said)}")
        if offers.asked(exchange.assistant):
            return self._nothing("says no to a question", reading.text, "deny")
        return None

    def _nothing(self, reason: str, said: str, kind: Kind = "bare") -> Found:
        fallback = self._kinds.fallback
        return Found(Wanted(fallback, self._kinds.path_of(fallback), {}, said), kind, reason)

    def _accepted(self, offer: offers.Offer, exchange: Exchange, depth: int, extra: str) -> Found | None:
        """What was offered, with what the user said besides; None when the offer does not tell."""
        said = self._decide(Message(offer.request))
        category = self._kinds.doing(offer.does) if offer.does else ""
        if not category:
            category = said.category if said else ""
        if not category or category not in self._kinds or self._kinds.path_of(category) == "simple":
            return None
        before = self._antecedent(exchange, depth)
        if before and before.path == "simple":  # nobody means a greeting by "it"
            before = None
        points = offers.points(offer.request)
        if before and points and (described := offers.described(exchange.assistant)):
            topic = topic_of(before, self._find_slots)
            before = Wanted(before.category, before.path, {"prompt": f"{topic}, {described}"}, before.said)
        slots = self._slots_for(category, offer.request, before, points=points)
        wanted = Wanted(category, self._kinds.path_of(category), slots, offer.request)
        if extra:
            _, slots = merged(read(extra), wanted, self._kinds.slots_of(category), self._find_slots)
            wanted = replace(wanted, slots=slots)
        return Found(wanted, "confirm", f"confirms the offer {quoted(offer.sentence)}")

    def _pointed(self, pointed: Pointer, reading: Reading, exchange: Exchange, depth: int) -> Found | None:
        """What is to be done with what was said."""
        category = self._kinds.doing(pointed.does)
        before = self._antecedent(exchange, depth)
        if not category or before is None or before.path == "simple":
            return None
        if before.category == category and names_medium(reading.core):  # "turn it into a sticker", when it was drawn
            return self._went_on(reading, exchange, depth)
        slots = self._slots_for(category, "", before, points=True)
        wanted = Wanted(category, self._kinds.path_of(category), slots, before.said)
        if pointed.rest:
            _, slots = merged(read(pointed.rest), wanted, self._kinds.slots_of(category), self._find_slots)
            wanted = replace(wanted, slots=slots)
        return Found(wanted, "point", f"points at {quoted(before.said)}")

    def _slots_for(self, category: str, request: str, before: Wanted | None, *, points: bool) -> Slots:
        """The slots of a request, whose "it" is what was said before; without what "it" is when nothing was."""
        names = self._kinds.slots_of(category)
        if before and before.category == category and (points or not request):
            return before.slots
        found: dict[str, SlotValue] = dict(self._find_slots(category, request, names)) if request else {}
        if before is None:
            said = {name: value for name, value in found.items() if not points or name not in THINGS}
            return said or {name: "" for name in THINGS if name in names}  # no slots would be read from the "yes"
        topic = topic_of(before, self._find_slots)
        for name in THINGS:
            if name not in names:
                continue
            if points or not found.get(name):
                found[name] = topic
            elif name == "query" and (thin := offers.thin(str(found[name]))):
                found[name] = f"{topic} {thin}"
        return found

    def _antecedent(self, exchange: Exchange, depth: int) -> Wanted | None:
        """What the last turn wanted that wanted anything; None when there was no such turn."""
        if (commanded := self._commanded.of(exchange.message)) is not None:
            return commanded
        earlier = exchange.before() if depth > 1 else None
        if exchange.emptied:
            return self._antecedent(earlier, depth - 1) if earlier else None
        if not exchange.user:
            return None
        if earlier and earlier.user and len(exchange.user) <= LONGEST:
            reading = read(exchange.user)
            found = self._resolve(reading, earlier, depth - 1)
            if found and found.kind not in {"bare", "deny"}:
                return found.wanted
            if (found or self._said_in_passing(exchange, reading)) and (back := self._antecedent(earlier, depth - 1)):
                return back
        return self._own(exchange)

    def _said_in_passing(self, exchange: Exchange, reading: Reading) -> bool:
        """Whether a turn wants nothing, so that the talk is still about what was said before it."""
        if reading.form == "remark" or not reading.text:
            return True
        said = self._decide(exchange.message)
        return said is not None and self._kinds.path_of(said.category) == "simple"

    def _own(self, exchange: Exchange) -> Wanted:
        """What a turn wants by itself; when it was answered with a picture, that is what it wanted."""
        said = self._decide(exchange.message)
        category = said.category if said and said.category in self._kinds else self._kinds.fallback
        painter = self._kinds.doing("image")
        drawn = offers.is_picture(exchange.assistant) or (
            draws(exchange.user) and (not said or said.path_confidence < SURE)
        )
        if painter and drawn and self._kinds.path_of(category) != "image":
            category = painter
        computer = self._kinds.doing("expression")
        if computer and self._kinds.path_of(category) == "llm" and not (said and said.path_confidence >= SURE):
            expression = self._find_slots(computer, exchange.user, ("expression",))
            category = computer if expression else category
        slots = self._find_slots(category, exchange.user, self._kinds.slots_of(category))
        return Wanted(category, self._kinds.path_of(category), slots, exchange.user, said.language if said else "")


WORDS: Final[Mapping[Kind, str]] = {
    "picture": "refines",
    "query": "asks further after",
    "sum": "computes further after",
    "memory": "changes",
    "text": "goes on from",
}


def quoted(text: str) -> str:
    """The beginning of a text, in quotation marks."""
    return f'"{beginning(text, QUOTED)}"'
