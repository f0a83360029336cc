"""The router's side of a run: sessions of messages, with an observer before each account and each wire."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest import mock

import aiohttp  # noqa: F401 - or the first call of all would wait for this
from tests.chaos.clock import SharedClock, real, starved
from tests.chaos.plan import Plan, Session, config_of, plan_of
from tests.chaos.seen import CALL, Change, Decided, Pulse, Seen, Sent

from pointsman.build import open_router
from pointsman.build.services import Times
from pointsman.config.model import Config
from pointsman.core.decision import Abstain, Decision, Slots
from pointsman.core.faults import ServiceFailed
from pointsman.engine.router import Router
from pointsman.providers.remote.account import Account, Dropped, Faulted, Outcome, Permit
from pointsman.providers.remote.asking import Cost
from pointsman.providers.remote.ledger import Ledger
from pointsman.providers.remote.wire import Reply, Request, Wire
from pointsman.tiers import slots
from pointsman.tiers.cascade import FindSlots
from pointsman.tiers.surroundings import Surroundings

T = TypeVar("T")

SEEN: Final = Seen()
NUMBERS: Final = count(1)
message_now: ContextVar[int] = ContextVar("message_now", default=-1)
call_now: ContextVar[int] = ContextVar("call_now", default=0)
change_now: ContextVar[Change | None] = ContextVar("change_now", default=None)
# A message that takes so long has no decision.
HOPELESS: Final = 15.0
APART: Final = 0.02


class WatchedWire(Wire):
    """Gives every call a number, and notes how it ended."""

    async def send(self, request: Request, seconds: float) -> Reply:
        """As the wire's own."""
        sent = Sent(next(NUMBERS), message_now.get(), self.service, real())
        SEEN.sent.append(sent)
        call_now.set(sent.call)
        sent.end = "cancelled"
        try:
            reply = await super().send(replace(request, headers={**request.headers, CALL: str(sent.call)}), seconds)
            sent.end = "reply"
        except ServiceFailed:
            sent.end = "failed"
            raise
        finally:
            sent.ended = real()
        return reply


class WatchedLedger(Ledger):
    """Notes each change of an account at the moment when nobody else changes it."""

    async def admit(self, model: str, cost: Cost) -> Permit:
        """As the ledger's own."""
        change_now.set(Change("admitted", self._terms.service, message_now.get(), 0.0, 0.0, 0.0, model=model))
        return await super().admit(model, cost)

    async def settle(self, permit: Permit, outcome: Outcome) -> float:
        """As the ledger's own."""
        call = 0 if outcome == Dropped(sent=False) else call_now.get()
        change = Change("settled", self._terms.service, message_now.get(), 0.0, 0.0, 0.0, permit.id, permit.model, call)
        change.kind, change.scope = type(outcome).__name__.lower(), ""
        if isinstance(outcome, Faulted):
            change.kind, change.scope = outcome.fault.kind, outcome.fault.scope
        change_now.set(change)
        return await super().settle(permit, outcome)

    async def _change(self, work: Callable[[Account], T]) -> T:
        change = change_now.get()

        def noted(account: Account) -> T:
            low, t = self._now(), real()
            result = work(account)
            if change is not None:
                made = replace(change, t=t, low=low, high=self._now())
                if isinstance(result, Permit):
                    made.permit = result.id
                elif isinstance(result, ServiceFailed):
                    made.what, made.kind, made.scope = "refused", result.kind, result.scope
                SEEN.changes.append(made)
            return result

        return await super()._change(noted)


@contextmanager
def watched() -> Iterator[None]:
    """Puts the observers in."""
    patched: dict[str, Any] = {
        "pointsman.build.services.Wire": WatchedWire,
        "pointsman.providers.remote.caller.Ledger": WatchedLedger,
        "pointsman.build.stages.open_slots": light_slots,
    }
    with ExitStack() as stack:
        for name, instead in patched.items():
            stack.enter_context(mock.patch(name, instead))
        yield


def light_slots(known: Callable[[], tuple[Any, Surroundings]]) -> FindSlots:
    """Finds slots by rules alone, as those have nothing to do with clouds; opens the encoder, as the usual one does.

    That is done when a router is warmed.
    """
    opened = cache(lambda: known()[1].of("is anybody there?"))

    def find(category: str, text: str, names: Sequence[str]) -> Slots:
        opened()
        return slots.find(category, text, names)

    return find


async def run(plan: Plan, clock: SharedClock, folder: Path, urls: Mapping[str, str]) -> None:
    """All sessions, on one store."""
    sockets = opened_sockets()
    for session in plan.sessions:
        asyncio.get_running_loop().set_debug(session.debug)
        clock.advance(session.leap)
        clock.session = session.number
        config = Config.model_validate(config_of(plan, session, str(folder / "store.db"), urls))
        times = Times(now=clock.now)
        async with AsyncExitStack() as stack:
            routers = [
                await stack.enter_async_context(open_router(config, times=times)) for _ in range(session.routers)
            ]
            for router in routers:
                await router.warm()
            gc.collect()
            gc.freeze()  # as the gateway does when it starts
            await talk(plan, session, clock, routers)
            SEEN.standings += [str([it.to_dict() for it in await router.services()]) for router in routers]
        await asyncio.sleep(0.02)  # connections that were closed say goodbye
        gc.collect()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        SEEN.left_over += [f"session {session.number}: the task {task.get_name()} goes on" for task in others]
        if (now := opened_sockets()) > sockets:
            SEEN.left_over.append(f"session {session.number}: {now - sockets} sockets are still open")


async def talk(plan: Plan, session: Session, clock: SharedClock, routers: list[Router]) -> None:
    """The messages of a session, so many at once."""
    numbers = iter(session.numbers)

    async def speak(place: int) -> None:
        await asyncio.sleep(place * APART)  # nobody's messages all come at the same moment
        for number in numbers:
            clock.advance(plan.pause(number))
            SEEN.decided.append(await decided(plan, number, routers[number % len(routers)]))

    pulse = asyncio.create_task(beat())
    await asyncio.gather(*(speak(place) for place in range(session.at_once)))
    pulse.cancel()
    await asyncio.gather(pulse, return_exceptions=True)


async def decided(plan: Plan, number: int, router: Router) -> Decided:
    """What becomes of one message."""
    message_now.set(number)
    call_now.set(0)
    message = plan.message(number)
    it = Decided(number, 0.0, began=real())
    try:
        decision = await asyncio.wait_for(router.decide(message), HOPELESS)
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no decision
        it.failed = repr(error)
    it.seconds, it.starved = real() - it.began, starved()
    if not it.failed:
        it.category, it.tier, it.trace = decision.category, decision.tier, trace_of(decision)
    return it


def trace_of(decision: Decision) -> tuple[str, ...]:
    """All that a decision tells but its slots, which hold words of the message: its reasons, and what it leans to."""
    told = [f"{line.tier}: {line.verdict.reason}" for line in decision.trace]
    leanings = [line.verdict.leaning for line in decision.trace if isinstance(line.verdict, Abstain)]
    return (*told, *(it.reason for it in leanings if it), *(str(signal) for signal in decision.signals))


async def beat() -> None:
    """Notes by how much the loop is late, all the time."""
    while True:
        wanted = real() + 0.01
        await asyncio.sleep(0.01)
        SEEN.pulses.append(Pulse(real(), max(0.0, real() - wanted), starved()))


def opened_sockets() -> int:
    """How many sockets this process has open; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    names = [Path(folder, name) for name in os.listdir(folder)] if folder.is_dir() else []  # noqa: PTH208
    return sum(name.is_symlink() and os.readlink(name).startswith("socket:") for name in names)  # noqa: PTH115


def main() -> None:
    """Reads what to do from the command line, and leaves what was seen in the folder."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    folder = Path(given["folder"])
    logging.basicConfig(level=logging.DEBUG, filename=folder / "log.txt", format="%(levelname)s %(name)s %(message)s")
    clock = SharedClock(folder / "clock")
    began = real()
    with watched():
        asyncio.run(run(plan_of(given["seed"], given["messages"]), clock, folder, given["urls"]))
    SEEN.seconds = real() - began
    (folder / "seen").write_bytes(pickle.dumps(SEEN))
    clock.close()


if __name__ == "__main__":
    main()
