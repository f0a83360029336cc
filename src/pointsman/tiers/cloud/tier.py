"""The tier that asks services, one after another, about what no tier before it was sure of."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from pointsman.core.category import Catalogue
from pointsman.core.deadline import within
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.tiers.asking import KEPT_LOCAL
from pointsman.tiers.cascade import Bars
from pointsman.tiers.cloud.asking import Asking, Patience, Sleep
from pointsman.tiers.cloud.members import Member, Sensor
from pointsman.tiers.cloud.opinions import Opinions
from pointsman.tiers.cloud.privacy import Privacy, staying

# The stage around this tier waits so many seconds longer than the tier's own deadline: an abstention with its reasons
# is worth more than "no answer within 2 s", and takes a moment to be written.
GRACE: Final = 0.05

NO_WORDS: Final = Abstain("there are no words in it")
NOBODY: Final = Abstain("no service is set up")


class Cloud:
    """Asks its members in order until one is sure enough for the `bars`, all within `deadline` seconds.

    A member that fails is passed over, its reason kept. One that is not sure enough speaks for its path when later
    ones are weighed, as does the `leaning` of the local tiers. With `hedge`, a member that takes longer than it does
    19 times in 20 is not waited for alone: the next one is asked beside it. Only members on this machine are asked
    about what `privacy` holds back, and only those in the house about what its writer wants kept there. `sensors` are
    asked beside members that are not on this machine.
    """

    remote = True
    minds_local = True

    def __init__(
        self,
        members: Sequence[Member],
        catalogue: Catalogue,
        *,
        bars: Bars,
        privacy: Privacy | None = None,
        leaning: Callable[[Message], Verdict] | None = None,
        sensors: Sequence[Sensor] = (),
        deadline: float = 2.0,
        hedge: bool = False,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        name: str = "cloud",
    ) -> None:
        self.name = name
        self.members = tuple(members)
        self._catalogue = catalogue
        self._bars = bars
        self._privacy = privacy or Privacy()
        self._leaning = leaning
        self._sensors = tuple(sensors)
        self._deadline = deadline
        self._patience = Patience(clock, sleep, hedge)
        self._let_go: set[asyncio.Task[Any]] = set()

    async def judge(self, message: Message) -> Verdict:
        """The first sure answer, or an abstention that says who was asked and what came of it; never raises."""
        if message.wordless:
            return NO_WORDS
        with within(self._deadline, self._patience.clock):
            leant = self._leaning(message) if self._leaning else None
            held_back = self._privacy.holds_back(message, leant)
            members = [member for member in self.members if member.local or not held_back]
            if message.local:
                members = [member for member in members if member.local or member.at_home]
            if not members:
                kept = KEPT_LOCAL if message.local else Abstain(held_back)
                return kept if self.members else NOBODY
            asking = Asking(
                members,
                () if message.local else self._sensors,
                Opinions(self._bars, self._side_of, leant if isinstance(leant, Answer) else None),
                self._patience,
                own=staying(message),
                sent=self._privacy.leaving(message),
                let_go=self._let_go,
            )
            verdict, signals = await asking.verdict()
        return replace(verdict, signals=(*verdict.signals, *signals)) if signals else verdict

    def _side_of(self, category: str) -> str:
        return self._catalogue.side_of(category) if category in self._catalogue else category
