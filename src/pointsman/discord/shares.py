"""How much each person and each server may ask: counted over restarts, and told with the moment when there is more."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol, TypeVar

from pointsman.config.discord import Discord, Share
from pointsman.config.server import amount_in
from pointsman.core.errors import StoreError
from pointsman.core.ports import Clock
from pointsman.discord import wording
from pointsman.discord.gate import Refusal, Visitor, is_one_of
from pointsman.providers.remote.meters import Limit, Window, meter_of

logger = logging.getLogger(__name__)

T = TypeVar("T")
Counted = Literal["messages", "pictures"]

ON_SHELF: Final = "discord/shares"
SAVED_AFTER: Final = 1.0  # seconds after which what was counted is kept: a killed process forgets no more
ASKERS: Final = 10_000  # people whose last message is remembered for the slow mode
UNITS: Final = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Shelf(Protocol):
    """Keeps texts under keys, where they outlive the process."""

    async def change(self, key: str, change: Callable[[str], tuple[str, T]]) -> T:
        """Replaces a text by the first thing that `change` makes of it; returns the second. Raises StoreError."""
        ...

    async def read(self, key: str) -> str:
        """A text; "" when there is none. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Lets go of what it is kept in."""
        ...


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one limit: `left` of `amount` in so many `seconds`; `full_at`, since the epoch, of all of it."""

    whose: Literal["user", "guild"]
    what: Counted
    left: int
    amount: int
    seconds: float
    full_at: float


class Shares:
    """Counts what people ask. `now` gives seconds since the epoch.

    Admins of the configuration are not counted. Where the shelf fails, counting goes on in memory; the shelf is not
    closed, as it is not this one's alone.
    """

    def __init__(
        self,
        settings: Discord,
        shelf: Shelf,
        *,
        now: Clock = time.time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._shelf = shelf
        self._now = now
        self._sleep = sleep
        self._kept: dict[str, Mapping[str, Any]] = {}
        self._accounts: dict[str, Account] = {}
        self._dirty: set[str] = set()
        self._ready = False
        self._reading = asyncio.Lock()
        self._saving: asyncio.Task[None] | None = None
        self._asked: dict[str, float] = {}

    async def ask(self, visitor: Visitor, *, waiting: int = 0, pictures: int = 0) -> Refusal | None:
        """Counts a message, or says why it may not be asked now, which counts as nothing.

        `waiting` is how many wait for the card; `pictures` how many it is known to want, which are not counted yet.
        """
        await self._read()
        if self._is_exempt(visitor):
            return None
        now = self._now()
        accounts = list(self._of(visitor))
        refusal = self._slowed(visitor, waiting, now) or first_refusal(accounts, {"messages": 1}, now)
        refusal = refusal or (first_refusal(accounts, {"pictures": pictures}, now) if pictures else None)
        if refusal is None:
            self._spend(accounts, "messages", 1, now)
            self._asked.pop(visitor.user, None)
            self._asked[visitor.user] = now
            if len(self._asked) > ASKERS:
                del self._asked[next(iter(self._asked))]
        return refusal

    async def draw(self, visitor: Visitor, number: int = 1) -> Refusal | None:
        """Counts pictures before they are drawn, or says why they may not be."""
        await self._read()
        if self._is_exempt(visitor):
            return None
        now = self._now()
        accounts = list(self._of(visitor))
        refusal = first_refusal(accounts, {"pictures": number}, now)
        if refusal is None:
            self._spend(accounts, "pictures", number, now)
        return refusal

    async def give_back(self, visitor: Visitor, number: int = 1) -> None:
        """Counts pictures no longer that were not drawn after all."""
        await self._read()
        if not self._is_exempt(visitor):
            self._spend(list(self._of(visitor)), "pictures", -number, self._now())

    async def left(self, visitor: Visitor) -> tuple[Left, ...]:
        """What is left to a visitor, and to his server; empty for who has no limits."""
        await self._read()
        now = self._now()
        return () if self._is_exempt(visitor) else tuple(it for one in self._of(visitor) for it in one.left(now))

    async def close(self) -> None:
        """Keeps what was counted."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
        await self._save()

    def _is_exempt(self, visitor: Visitor) -> bool:
        return is_one_of(visitor, self._settings.admins)

    def _slowed(self, visitor: Visitor, waiting: int, now: float) -> Refusal | None:
        slow = self._settings.slow
        again = self._asked.get(visitor.user, -math.inf) + slow.every
        return Refusal(wording.slowed(waiting, again)) if waiting >= slow.waiting and now < again else None

    def _of(self, visitor: Visitor) -> Iterator[Account]:
        limits = self._settings.limits
        for whose, its_id, share in (("user", visitor.user, limits.user), ("guild", visitor.guild, limits.guild)):
            name = f"{whose}:{its_id}"
            if its_id and share != Share():
                if name not in self._accounts:
                    kept = self._kept.get(name, {})
                    self._accounts[name] = Account(name, share, kept, self._now())
                yield self._accounts[name]

    def _spend(self, accounts: list[Account], what: Counted, amount: int, now: float) -> None:
        for account in accounts:
            account.spend(what, amount, now)
            self._dirty.add(account.name)
        if self._dirty and (self._saving is None or self._saving.done()):
            self._saving = asyncio.get_running_loop().create_task(self._save_soon())

    async def _read(self) -> None:
        async with self._reading:
            if not self._ready:
                try:
                    self._kept = decoded(await self._shelf.read(ON_SHELF))
                except StoreError as error:
                    logger.warning("the limits begin anew: %s", error.message)
                self._ready = True

    async def _save_soon(self) -> None:
        await self._sleep(SAVED_AFTER)
        await self._save()

    async def _save(self) -> None:
        if not self._dirty:
            return
        now, dirty, self._dirty = self._now(), self._dirty, set()
        news = {name: self._accounts[name].data(now) for name in dirty}

        def change(text: str) -> tuple[str, None]:
            # Others may count other servers in the same file, where a bot runs in several processes.
            kept = {name: it for name, it in {**decoded(text), **news}.items() if counts(it, now)}
            return json.dumps(kept, separators=(",", ":")), None

        try:
            await self._shelf.change(ON_SHELF, change)
        except StoreError as error:
            logger.warning("what was used of the limits is not kept: %s", error.message)
        self._accounts = {name: it for name, it in self._accounts.items() if name in self._dirty or it.data(now)}
        self._kept = {}


class Account:
    """What one person, or one server, has asked."""

    def __init__(self, name: str, share: Share, kept: Mapping[str, Any], now: float) -> None:
        self.name = name
        self._whose: Literal["user", "guild"] = "user" if name.startswith("user:") else "guild"
        self._meters: dict[Counted, list[Window]] = {
            "messages": meters(share.messages, "messages", kept, now),
            "pictures": meters(share.pictures, "pictures", kept, now),
        }

    def refusal(self, what: Counted, amount: int, now: float) -> Refusal | None:
        """Why there is not so much left, by the limit that takes longest to come back; None where there is."""
        short = [(meter.wait(amount, now), meter) for meter in self._meters[what] if meter.left(now) < amount]
        if not short:
            return None
        wait, meter = max(short, key=lambda it: it[0])
        size = f"{meter.limit.amount:g} {what if meter.limit.amount != 1 else what[:-1]} {span(meter.limit.seconds)}"
        if math.isinf(wait):
            return Refusal(wording.too_many(size, amount))
        whose = "You have used up your" if self._whose == "user" else "This server has used up its"
        return Refusal(wording.reached(whose, size, now + math.ceil(wait)))

    def spend(self, what: Counted, amount: int, now: float) -> None:
        """Counts what was asked; less than nothing gives back."""
        of_it = self._meters[what]
        self._meters[what] = [it.spend(amount, now) if amount > 0 else given_back(it, -amount) for it in of_it]

    def left(self, now: float) -> Iterator[Left]:
        """What is left of each limit."""
        for what, of_it in self._meters.items():
            for it in of_it:
                amount, seconds = int(it.limit.amount), it.limit.seconds
                yield Left(self._whose, what, int(it.left(now)), amount, seconds, now + it.full_in(now))

    def data(self, now: float) -> dict[str, list[Any]]:
        """What is kept of it."""
        return {
            f"{what}/{it.limit.seconds:g}": [*it.data(it.limit), now + it.full_in(now)]
            for what, of_it in self._meters.items()
            for it in of_it
            if it.counting(now)
        }


def first_refusal(accounts: list[Account], wanted: Mapping[Counted, int], now: float) -> Refusal | None:
    """Why one of them may not ask so much."""
    found = (account.refusal(what, amount, now) for account in accounts for what, amount in wanted.items())
    return next((it for it in found if it is not None), None)


def meters(rates: tuple[str, ...], what: Counted, kept: Mapping[str, Any], now: float) -> list[Window]:
    """The meters of some rates, with what was kept of them."""
    found = []
    for rate in rates:
        amount, seconds = amount_in(rate)
        state = kept.get(f"{what}/{seconds:g}")
        numbers = state[:-1] if isinstance(state, list) else None
        meter = meter_of(Limit("requests", amount, seconds, "trailing", "service"), numbers, now)
        if isinstance(meter, Window):  # as all are that trail
            found.append(meter)
    return found


def given_back(window: Window, amount: float) -> Window:
    """A window of which so much was not spent after all; what was spent last is given back first."""
    spent = []
    for at, used in reversed(window.spent):
        back = min(used, amount)
        amount -= back
        spent.append((at, used - back))
    return replace(window, spent=tuple((at, used) for at, used in reversed(spent) if used > 0))


def counts(kept: object, now: float) -> bool:
    """Whether anything that is kept of somebody counts yet: each meter ends with the moment when it is full again."""
    meters_of_it = kept.values() if isinstance(kept, dict) else ()
    ends = [it[-1] for it in meters_of_it if isinstance(it, list) and it and isinstance(it[-1], int | float)]
    return any(end > now for end in ends)


def decoded(text: str) -> dict[str, Mapping[str, Any]]:
    """What was kept, by name; nothing of what cannot be read."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: it for name, it in data.items() if isinstance(it, dict)} if isinstance(data, dict) else {}


def span(seconds: float) -> str:
    """A time as people say it: "in 10 minutes", "an hour"."""
    length, unit = next(((length, unit) for length, unit in UNITS if seconds % length == 0), (1, "second"))
    number = seconds / length
    return f"in {number:g} {unit}s" if number != 1 else f"in {'an' if unit == 'hour' else 'a'} {unit}"
