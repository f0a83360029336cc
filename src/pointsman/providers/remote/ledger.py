"""Keeps the account of one service where several processes share it, and says aloud when a circuit opens."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from pointsman.core.errors import StoreError
from pointsman.core.faults import ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers.remote.account import Account, Outcome, Permit, Terms, account_of
from pointsman.providers.remote.asking import Cost
from pointsman.providers.remote.permits import Opened, admit, blocked, settle
from pointsman.providers.remote.refusals import trouble

logger = logging.getLogger("pointsman.providers")

T = TypeVar("T")

# After the shelf has failed it is left alone for so long: one that is locked takes a second to say so.
SHELF_REST: Final = 60.0


class Shelf(Protocol):
    """Keeps texts under keys, where they outlive the process."""

    async def change(self, key: str, change: Callable[[str], tuple[str, T]]) -> T:
        """Replaces a text ("" when there is none) by what `change` makes of it, while nobody else does.

        Returns the other thing that `change` gave; it may be called in another thread. Raises StoreError.
        """
        ...

    async def read(self, key: str) -> str:
        """A text; "" when there is none. Raises StoreError."""
        ...


class Ledger:
    """The account of a service on a shelf; in memory while the shelf cannot be used.

    `now` gives seconds since the epoch: the account is shared, and outlives this process's own clock. Within this
    process it is read and changed in the order in which that is asked for.
    """

    def __init__(
        self, shelf: Shelf, terms: Terms, *, now: Clock, new_id: Callable[[], str] = lambda: secrets.token_hex(6)
    ) -> None:
        self._shelf = shelf
        self._terms = terms
        self._now = now
        self._new_id = new_id
        self._key = f"service/{terms.service}"
        self._text = ""
        self._seen = ""
        self._failed_at = -math.inf
        self._turn = asyncio.Lock()

    async def admit(self, model: str, cost: Cost) -> Permit:
        """Lets a call pass, with its cost reserved. Raises ServiceFailed, `asked` False, when it may not."""
        permit_id = self._new_id()
        given = await self._change(lambda account: admit(account, model, cost, permit_id, self._now()))
        if isinstance(given, ServiceFailed):
            raise given
        return given

    async def settle(self, permit: Permit, outcome: Outcome) -> float:
        """Ends a call; in how many seconds its model may be asked again."""

        def settled(account: Account) -> tuple[list[Opened], float]:
            now = self._now()
            return settle(account, permit, outcome, now), blocked(account, permit.model, now)

        opened, rest = await self._change(settled)
        for it in opened:
            self._tell(it)
        return rest

    async def forgive(self, served: Collection[str]) -> None:
        """Closes what a refused key or a wrong address has opened, and what models that are `served` again have."""

        def closed(account: Account) -> None:
            for whose, circuit in list(account.circuits.items()):
                if circuit.kind in {"auth", "bad_request"} or (circuit.kind == "model_gone" and whose in served):
                    del account.circuits[whose]

        await self._change(closed)

    async def account(self) -> Account:
        """The account as it is now."""
        async with self._turn:
            if self._resting:
                return account_of(self._text, self._terms)
            try:
                return account_of(self._base(await self._shelf.read(self._key)), self._terms)
            except StoreError as error:
                self._fall(error)
                return account_of(self._text, self._terms)

    @property
    def _resting(self) -> bool:
        return 0 <= self._now() - self._failed_at < SHELF_REST

    @property
    def _fallen(self) -> bool:
        return self._failed_at != -math.inf

    async def _change(self, work: Callable[[Account], T]) -> T:
        # One after another: a settlement that nobody waited for counts before the next call is let pass, and a shelf
        # that is locked is waited for once, and not by each call in turn.
        async with self._turn:
            return await self._changed(work)

    async def _changed(self, work: Callable[[Account], T]) -> T:
        def changed(text: str) -> tuple[str, tuple[str, T]]:
            account = account_of(text, self._terms)
            result = work(account)
            text = account.text()
            return text, (text, result)

        if not self._resting:
            try:
                self._text, result = await self._shelf.change(self._key, lambda text: changed(self._base(text)))
            except StoreError as error:
                self._fall(error)
            else:
                self._seen = self._text
                if self._fallen:
                    logger.info("%s: circuits and quotas are kept on disk again", self._terms.service)
                    self._failed_at = -math.inf
                return result
        self._text, (_, result) = changed(self._text)
        return result

    def _base(self, text: str) -> str:
        # What happened while the shelf failed counts, unless another process has written since.
        return self._text if self._fallen and text == self._seen else text

    def _fall(self, error: StoreError) -> None:
        if not self._fallen:
            logger.warning("%s: circuits and quotas are kept in memory for now: %s", self._terms.service, error.message)
        self._failed_at = self._now()

    def _tell(self, opened: Opened) -> None:
        circuit = opened.circuit
        # Minutes' limits are met all the time, and pass.
        level = logging.INFO if circuit.kind == "rate_limited" else logging.WARNING
        until = "the configuration changes"
        if circuit.back < math.inf:
            until = f"{datetime.fromtimestamp(circuit.back, UTC):%Y-%m-%d %H:%M:%S} UTC"
        whose = f"{self._terms.service} {opened.model}".rstrip()
        cure = "; pointsman doctor --online says more" if circuit.kind in {"auth", "model_gone", "bad_request"} else ""
        what = trouble(circuit) if circuit.slow else circuit.kind
        logger.log(level, "%s: %s, not asked until %s%s", whose, what, until, cure)
