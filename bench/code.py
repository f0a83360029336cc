"""The sandbox for code: what starting it and running programs takes, beside a Python process doing the same.

    python bench/code.py [--runs 20]

Both start a process for every program, so the whole way is compared: `python -I -c PROGRAM` on the one side, a run of
the sandbox on the other; the last columns have the computing alone, as each measures it inside. Medians.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from statistics import median

from pointsman.tools.code.sandbox import Sandbox

PROGRAMS = {
    "nothing": "print(1)",
    "fib(24)": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint(fib(24))",
    "loop of 10^6": "total = 0\nfor i in range(1_000_000):\n    total += i\nprint(total)",
    "sort 10^5": "import random\nprint(len(sorted([random.random() for _ in range(100_000)])))",
    "10^5 dict entries": "d = {}\nfor i in range(100_000):\n    d[str(i)] = i\nprint(len(d))",
}
AT_ONCE = 20
TIMED = "import sys, time\nbegan = time.perf_counter()\nexec(sys.argv[1], {})\nprint(time.perf_counter() - began)"


def by_python(program: str) -> tuple[float, float]:
    """Seconds that a Python process takes, and that it computes."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-I", "-c", TIMED, program], check=True, capture_output=True, text=True)
    return time.perf_counter() - began, float(done.stdout.split()[-1])


async def by_sandbox(sandbox: Sandbox, program: str) -> tuple[float, float]:
    """Seconds that a run takes, and that it computes."""
    began = time.perf_counter()
    outcome = await sandbox.run(program)
    assert outcome.trouble is None, outcome.trouble
    return time.perf_counter() - began, outcome.seconds


async def opening() -> tuple[float, float]:
    """Seconds of the first run, which opens the pool, and of the second."""
    sandbox = Sandbox()
    first, _ = await by_sandbox(sandbox, "1")
    second, _ = await by_sandbox(sandbox, "1")
    await sandbox.close()
    return first, second


async def measure(runs: int) -> None:
    """Prints the table."""
    print(f"the very first run, which imports the interpreter's client: {1000 * (await opening())[0]:.1f} ms")
    print(f"a pool's first run: {1000 * median([(await opening())[0] for _ in range(runs)]):.1f} ms")
    sandbox = Sandbox(seconds=20, memory=256_000_000)
    print(f"\n{'':20}{'python':>11}{'sandbox':>11}{'ratio':>8}{'computing alone':>26}{'ratio':>8}")
    for name, program in PROGRAMS.items():
        theirs, ours = [], []
        for _ in range(runs):  # in turn, so that a busy machine is busy for both
            theirs.append(by_python(program))
            ours.append(await by_sandbox(sandbox, program))
        (python, its), (whole, computing) = (tuple(map(median, zip(*each, strict=True))) for each in (theirs, ours))
        row = f"{name:20}{1000 * python:8.1f} ms{1000 * whole:8.1f} ms{whole / python:8.2f}"
        print(f"{row}{1000 * its:11.2f}{1000 * computing:12.2f} ms{computing / its:8.1f}")
    began = time.perf_counter()
    await asyncio.gather(*(sandbox.run("sum(range(1000))") for _ in range(AT_ONCE)))
    print(f"\n{AT_ONCE} runs at once on 2 workers: {1000 * (time.perf_counter() - began):.0f} ms")
    await sandbox.close()


def main() -> None:
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    asyncio.run(measure(parser.parse_args().runs))


if __name__ == "__main__":
    main()
