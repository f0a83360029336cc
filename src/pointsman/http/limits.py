"""The limits of all callers and of each key: asked before work begins, told of tokens after it, kept over a restart."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, Final, Protocol, TypeVar

from starlette.requests import HTTPConnection

from pointsman.config.server import Allowance, Server
from pointsman.core.decision import COMMAND, Decision
from pointsman.core.errors import LimitReached, StoreError
from pointsman.core.happening import Ended, Happening, Went
from pointsman.core.ports import Clock
from pointsman.core.reply import Decided, Done, Event, Failed, Text
from pointsman.http.rates import EVERYBODY, Account, bearers

logger = logging.getLogger(__name__)

T = TypeVar("T")

ON_SHELF: Final = "gateway/limits"
EVERYONE: Final = ""
SAVED_AFTER: Final = 1.0  # seconds after which what was counted is kept: a killed process forgets no more
LETTERS_A_TOKEN: Final = 4
BOT: Final = "discord"  # the surface; a bot elsewhere shows a key


class Shelf(Protocol):
    """Keeps texts under keys, where they outlive the process."""

    async def change(self, key: str, change: Callable[[str], tuple[str, T]]) -> T:
        """Replaces a text by the first thing that `change` makes of it. Raises StoreError."""
        ...

    async def read(self, key: str) -> str:
        """A text; "" when there is none. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Lets go of what it is kept in."""
        ...


class Limits:
    """Counts what callers ask, by the name of their key; "" is everybody.

    `open_shelf` gives where that is kept; it is called when there is something to keep. `now` gives seconds since the
    epoch. Where the shelf fails, counting goes on in memory.
    """

    def __init__(
        self,
        allowances: Mapping[str, Allowance] | None = None,
        *,
        open_shelf: Callable[[], Shelf] | None = None,
        now: Clock = time.time,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._open_shelf = open_shelf
        self._shelf: Shelf | None = None
        self._now = now
        self._sleep = sleep
        self._kept: dict[str, Any] = {}
        self._read = False
        self._reading = asyncio.Lock()
        self._saving: asyncio.Task[None] | None = None
        self._going: dict[str, int] = {}  # pieces of the replies that are under way, by decision
        self._accounts: dict[str, Account] = {}
        self.become(allowances or {})

    def become(self, allowances: Mapping[str, Allowance]) -> None:
        """Takes other limits in the place of all; what was used stays used."""
        before, kept = self._accounts, {**self._kept, **self._data()}
        self._accounts = {
            name: Account(bearers(name) if name else EVERYBODY, allowance, kept.get(name) or {}, self._now())
            for name, allowance in allowances.items()
            if allowance != Allowance()
        }
        for name, account in self._accounts.items():
            if name in before:
                account.going = before[name].going  # the same: whoever is being answered leaves it as they entered it
        self._kept = kept

    def __bool__(self) -> bool:
        return bool(self._accounts)

    async def ready(self) -> None:
        """Reads what was counted before this process; a second call does nothing."""
        if self._read or not self._accounts:
            return
        async with self._reading:
            if self._read:
                return
            try:
                self._shelf = self._open_shelf() if self._open_shelf else None
                text = await self._shelf.read(ON_SHELF) if self._shelf else ""
            except StoreError as error:
                logger.warning("the limits begin anew: %s", error.message)
                text = ""
            self._kept = decoded(text)
            self._read = True
            self._accounts, allowed = {}, {name: it.allowance for name, it in self._accounts.items()}
            self.become(allowed)

    @contextmanager
    def passing(self, name: str, *, picture: bool = False) -> Iterator[None]:
        """Lets a request of a key pass, and counts it. Raises LimitReached where it may not; that counts as nothing."""
        accounts, now = self._of(name), self._now()
        for account in accounts:
            account.check_going()
            account.check("messages", 1, now)
            account.check("tokens", 1, now)
            if picture:
                account.check("pictures", 1, now)
        for account in accounts:
            account.going.number += 1
            account.spend("messages", 1, now)
            if picture:
                account.spend("pictures", 1, now)
        self._changed(accounts)
        try:
            yield
        finally:
            for account in accounts:
                account.going.number -= 1

    def pictures(self, name: str, number: int = 1) -> None:
        """Counts pictures of a key before they are drawn. Raises LimitReached where they may not be."""
        accounts, now = self._of(name), self._now()
        for account in accounts:
            account.check("pictures", number, now)
        for account in accounts:
            account.spend("pictures", number, now)
        self._changed(accounts)

    def tokens(self, name: str, number: int) -> None:
        """Counts tokens of a key, once they are known."""
        accounts, now = self._of(name), self._now()
        for account in accounts:
            account.spend("tokens", number, now)
        self._changed(accounts)

    def counts_tokens(self, name: str) -> bool:
        """Whether tokens of a key matter."""
        return any(account.limits("tokens") for account in self._of(name))

    def headers(self, name: str) -> dict[str, str]:
        """What OpenAI's clients read of the limits of a key; of its own before everybody's."""
        now = self._now()
        found: dict[str, str] = {}
        for account in self._of(name):
            found |= account.headers(now)
        return found

    def heard(self, happening: Happening) -> None:
        """Counts the tokens of routed replies; of one that broke off, what is likely.

        The bot beside the gateway has limits of its own.
        """
        if not self._accounts:
            return
        if isinstance(happening, Went) and isinstance(happening.event, Text):
            self._going[happening.decision.id] = self._going.get(happening.decision.id, 0) + 1
        elif isinstance(happening, Ended):
            pieces = self._going.pop(happening.decision.id, 0)
            key, outcome = happening.message.origin.key, happening.outcome
            if not key and happening.message.origin.surface == BOT:
                return
            if isinstance(outcome, Done):
                self.tokens(key, outcome.prompt_tokens + outcome.completion_tokens)
            elif pieces:
                self.tokens(key, len(happening.message.text) // LETTERS_A_TOKEN + pieces)

    async def close(self) -> None:
        """Keeps what was counted, and lets go of the shelf."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
        if self._shelf is not None:
            await self._save()
            await self._shelf.close()
            self._shelf = None

    def _of(self, name: str) -> list[Account]:
        names = (EVERYONE, name) if name else (EVERYONE,)
        return [self._accounts[it] for it in names if it in self._accounts]

    def _data(self) -> dict[str, Any]:
        return {name: account.data() for name, account in self._accounts.items()}

    def _changed(self, accounts: list[Account]) -> None:
        if accounts and self._shelf is not None and (self._saving is None or self._saving.done()):
            self._saving = asyncio.get_running_loop().create_task(self._save_soon())

    async def _save_soon(self) -> None:
        await self._sleep(SAVED_AFTER)
        await self._save()

    async def _save(self) -> None:
        if self._shelf is None:
            return
        text = json.dumps(self._data(), separators=(",", ":"))
        try:
            await self._shelf.change(ON_SHELF, lambda _: (text, None))
        except StoreError as error:
            logger.warning("what was used of the limits is not kept: %s", error.message)


def allowances_in(server: Server) -> dict[str, Allowance]:
    """The limits of a configuration by the name of their key; "" is everybody."""
    return {EVERYONE: server.limits, **{name: key.limits for name, key in server.keys.items()}}


def limits_of(request: HTTPConnection) -> Limits:
    """The limits of the gateway that a request came to."""
    found: Limits = request.app.state.gate.limits
    return found


def within(limits: Limits, events: AsyncGenerator[Event, None], name: str) -> AsyncGenerator[Event, None]:
    """A routed reply's events; where it would draw, and its key may not, it fails before anything is drawn."""
    return checked(limits, events, name) if limits else events


async def checked(limits: Limits, events: AsyncGenerator[Event, None], name: str) -> AsyncGenerator[Event, None]:
    """The same, where there are limits."""
    async with aclosing(events):
        async for event in events:
            yield event
            if isinstance(event, Decided) and draws(event.decision):
                try:
                    limits.pictures(name)
                except LimitReached as error:
                    yield Failed.of(error, event.decision)
                    return


def draws(decision: Decision) -> bool:
    """Whether a decision leads to a picture; where Pointsman only looks on, none does but what a command asks for."""
    return decision.path == "image" and (decision.mode != "shadow" or decision.tier == COMMAND)


def decoded(text: str) -> dict[str, Any]:
    """What was kept, by the name of a key; nothing of what cannot be read."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: it for name, it in data.items() if isinstance(it, dict)} if isinstance(data, dict) else {}
