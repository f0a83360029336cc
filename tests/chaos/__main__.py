"""Runs the chaos: fakes that fail at random here, a router in another process, and then every check.

    python -m tests.chaos [--messages 10000] [--seed 1] [--late 0.1] [--keep FOLDER]

It ends with 1 and with what is broken, message by message; the same seed draws the same messages and troubles.
Services fail here and the disk does not: the store lies in memory where the system has a place for that, as a decision
waits until it is written down, which takes up to a second where other programs keep a disk busy.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pickle
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import Final

from tests.chaos import privacy
from tests.chaos.checks import circuits, decisions
from tests.chaos.clock import SharedClock
from tests.chaos.fakes import TROUBLES, running
from tests.chaos.fakes import Seen as SeenFake
from tests.chaos.plan import SERVICES, Plan, plan_of
from tests.chaos.report import lines
from tests.chaos.seen import Arrival, Seen

ROOT: Final = Path(__file__).resolve().parents[2]
MOST_TOLD: Final = 20
LATE: Final = 0.1
WHOLE_RUN: Final = 5_000
PATIENCE: Final = 600.0
IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - what is written there is a folder with a name of its own
# Threads that multiply matrices by turns wait by turning, on the core that the fakes need.
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def main() -> int:
    """Runs, checks, tells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late", type=float, default=LATE, help="how many seconds later than its deadline is too late")
    parser.add_argument("--keep", type=Path, help="a folder that the store, the log and what was seen are left in")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place())))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            parser.error(f"{folder} is not empty")
        broken = asyncio.run(run(plan_of(given.seed, given.messages), folder, given.late))
        (folder / "broken.txt").write_text("".join(f"{line}\n" for line in broken))
    for line in broken[:MOST_TOLD]:
        say(f"BROKEN (seed {given.seed}): {line}")
    if len(broken) > MOST_TOLD:
        say(f"... and {len(broken) - MOST_TOLD} more")
    return 1 if broken else 0


def place() -> Path | None:
    """Where a run is kept that nobody wants to keep: in memory, or wherever temporary files are."""
    return IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None


async def run(plan: Plan, folder: Path, late: float) -> list[str]:
    """One run, and what was broken in it."""
    clock = SharedClock(folder / "clock")
    async with running(plan, clock) as fakes:
        screen, code = await drive(plan, folder, {name: fake.url for name, fake in fakes.items()})
    clock.close()
    if code:
        return [f"the router's side ended with {code}: {screen}"]
    seen: Seen = pickle.loads((folder / "seen").read_bytes())  # noqa: S301 - written by our own process
    return [*decisions(plan, seen, late), *judge(plan, seen, fakes, folder, screen)]


async def drive(plan: Plan, folder: Path, urls: dict[str, str]) -> tuple[str, int]:
    """Runs the router's side in a process of its own; what it put on the screen, and its exit code."""
    given = json.dumps({"folder": str(folder), "seed": plan.seed, "messages": plan.messages, "urls": urls})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "tests.chaos.driving", given,
        cwd=ROOT, env=os.environ | ONE_THREAD, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        screen, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"it was not done after {PATIENCE:g} s", 1
    return screen.decode("utf-8", "replace"), process.returncode or 0


def judge(plan: Plan, seen: Seen, fakes: dict[str, SeenFake], folder: Path, screen: str) -> list[str]:
    """Every check but that of the decisions, and the table."""
    arrivals = {it.call: it for fake in fakes.values() for it in fake.arrivals}
    messages = {it.call: it.message for it in seen.sent}
    logs = {"the log": (folder / "log.txt").read_text(errors="replace"), "the screen": screen}
    found = circuits(plan, seen, arrivals)
    broken = chain(
        found.broken,
        privacy.in_logs(plan, logs),
        [f"the screen says: {screen[:300]}"] if screen else [],
        privacy.in_traces(plan, seen),
        privacy.in_files(plan, folder),
        *(privacy.in_requests(plan, fake.requests, messages) for fake in fakes.values()),
        seen.left_over,
        refused(fakes),
        tame(plan, arrivals) if plan.messages >= WHOLE_RUN else (),
    )
    told = list(islice(broken, 10_000))
    for line in lines(plan, seen, arrivals, found, logs["the log"]):
        say(line)
    return told


def refused(fakes: dict[str, SeenFake]) -> list[str]:
    """No fake saw a wrong key, or was followed to another address."""
    wrong = [f"{name} saw {fake.refused.auth} wrong keys" for name, fake in fakes.items() if fake.refused.auth]
    return wrong + [f"a redirect of {name} was followed" for name, fake in fakes.items() if fake.followed]


def tame(plan: Plan, arrivals: dict[int, Arrival]) -> list[str]:
    """What should have happened in a whole run, and did not: then it proves little."""
    happened = Counter(it.trouble for it in arrivals.values())
    missing = {it.kind if it else "" for it in TROUBLES} | {"error"}
    missing -= set(happened)
    quiet = [f"no call had the trouble {it or 'none'!r}" for it in sorted(missing)]
    well = Counter(it.service for it in arrivals.values() if it.status == 200)
    return quiet + [f"only {well[it]} calls to {it} were well" for it in SERVICES if well[it] < plan.messages / 50]


def say(line: str) -> None:
    """One line for whoever reads."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
