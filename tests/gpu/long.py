"""The invariants of the card for as long as somebody likes.

    python -m tests.gpu.long [--steps 20000] [--seed 1]

It ends with 1 and the shortest way to a violation that it found; the same seed plays the same steps.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import warnings

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.gpu.invariants import Invariants
from tests.gpu.machine import CardMachine

LENGTH = 40


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description="plays everything that can happen to a card, at random")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-long", action="store_true", help="do not look for a shorter way to a violation")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    phases = [Phase.generate] if asked.keep_long else [Phase.generate, Phase.shrink]
    began = time.monotonic()
    number = asked.seed
    try:
        while Invariants.steps < asked.steps:
            left = asked.steps - Invariants.steps
            run_state_machine_as_test(
                seed(number)(CardMachine),
                settings=settings(
                    max_examples=max(20, left // LENGTH),
                    stateful_step_count=LENGTH,
                    deadline=None,
                    database=None,
                    report_multiple_bugs=False,
                    phases=phases,
                    verbosity=Verbosity.normal,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            number += 1
    except AssertionError as error:
        print(f"violated after {Invariants.steps} steps, seed {asked.seed}: {error}", file=sys.stderr)  # noqa: T201
        print(*getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)  # noqa: T201
        return 1
    took = time.monotonic() - began
    print(f"{Invariants.steps} steps, seed {asked.seed}, {took:.0f} s: no invariant was violated")  # noqa: T201
    print(", ".join(f"{count} {kind}" for kind, count in Invariants.happened.most_common()))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
