"""What was asked for by commands lately, so that "again" and "now in blue" go on from all that was said with one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.core.message import Message, Origin, digest_of
from pointsman.tiers.followups.antecedent import Wanted

MOST: Final = 512
# What is made of a picture is not made of the next one; whoever wants that attaches it, and says so.
ONCE: Final = frozenset({"job"})

Key = tuple[str, ...]


class Commanded:
    """The latest commands, each by where it was given and the digest of its text.

    A slot that says no more than the text does is not kept, but read from the turn when it comes again.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._latest: OrderedDict[Key, tuple[Wanted, tuple[str, ...]]] = OrderedDict()

    def keep(self, message: Message, wanted: Wanted) -> None:
        """Keeps what a message asked for."""
        if not (text := message.text.strip()):  # nobody could tell it from any other
            return
        slots = {name: value for name, value in wanted.slots.items() if name not in ONCE}
        same = tuple(name for name, value in slots.items() if value == text)
        kept = replace(wanted, slots={**slots, **dict.fromkeys(same, "")}, said="")
        key = key_of(message)
        self._latest[key] = (kept, same)
        self._latest.move_to_end(key)
        while len(self._latest) > self._most:
            self._latest.popitem(last=False)

    def of(self, message: Message) -> Wanted | None:
        """What an earlier turn asked for, if it was a command."""
        found = self._latest.get(key_of(message)) if self._latest else None
        if found is None:
            return None
        wanted, same = found
        text = message.text.strip()
        slots: Mapping[str, SlotValue] = {**wanted.slots, **dict.fromkeys(same, text)}
        return replace(wanted, slots=slots, said=text)


def key_of(message: Message) -> Key:
    """Which command it is: others in a channel go on from it, too, so its writer counts only where there is none."""
    return (*place_of(message.origin), digest_of(message.text.strip()).hex())


def place_of(origin: Origin) -> tuple[str, ...]:
    """Where somebody writes."""
    return (origin.surface, origin.key, origin.guild, origin.channel or f"@{origin.user}")
