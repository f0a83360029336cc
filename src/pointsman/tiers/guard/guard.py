"""Marks messages that try to steer the router or the model, and has the tiers judge what they ask for beside that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pointsman.core.decision import Signal
from pointsman.core.message import Message
from pointsman.tiers.guard import parts
from pointsman.tiers.guard.cutting import cuts
from pointsman.tiers.guard.head import GuardHead
from pointsman.tiers.guard.remains import rest
from pointsman.tiers.guard.view import View, fold, hidden
from pointsman.tiers.guard.weigher import Weigher
from pointsman.tiers.watch import UNREMARKABLE, Watched

INJECTION: Final = "injection"
HIDDEN: Final = "hidden"


class Guard:
    """Looks closer at messages that hold a trigger, and weighs their sentences.

    `threshold` is the least score, 0..1, that counts as an attack; `names` are the categories' names.
    """

    name = "guard"

    def __init__(self, head: GuardHead, names: Iterable[str], threshold: float) -> None:
        self._weigher = Weigher(head, names, threshold)

    def watch(self, message: Message) -> Watched:
        """The signal that a message raises, if any, and what it asks for without the attack."""
        text = message.look
        return self._examined(text) if self._weigher.opens(fold(text)) else UNREMARKABLE

    def _examined(self, text: str) -> Watched:
        view = View(text)
        padded, again = parts.padding(view.text)
        attacks = self._weigher.attacks(view.text, again)
        secrets = [(start, end) for start, end, said in hidden(text) if self._weigher.guilty(said)]
        if not attacks and not secrets:
            return UNREMARKABLE
        cut = [view.original(*span) for span in cuts(view, attacks, padded, self._weigher.guilty)] + secrets
        judged = rest(text, cut) if cut else None
        names = [it.sign.name for attack in attacks for it in attack.found] + [HIDDEN] * bool(secrets)
        scores = [attack.score for attack in attacks] + [self._weigher.weigh(said) for _, _, said in hidden(text)]
        left_out = 0 if judged is None else len(text) - len(judged)
        return Watched((Signal(INJECTION, max(scores), self.name, tuple(dict.fromkeys(names)), left_out),), judged)
