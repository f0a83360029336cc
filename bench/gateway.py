"""The gateway under load: an upstream alone, a bare pass-through, Pointsman by name and `auto`, and LiteLLM, in turn.

All run at once in processes of their own, and are asked in turn, so that a noisy moment hits all alike; the figures
are the medians of the rounds. POINTSMAN_BENCH_LITELLM names LiteLLM's command, where it is installed in an environment
of its own (`pip install 'litellm[proxy]'`); without it that row is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.gateway_house.contestants import HERE, Contestant, everybody

UPSTREAM, BARE, PLAIN, BY_NAME, AUTO, LITELLM = (
    "upstream alone",
    "bare pass-through",
    "bare, plain uvicorn",
    "Pointsman by name",
    "Pointsman auto",
    "LiteLLM",
)
Taken = dict[str, Any]


def main() -> None:
    """Prints the tables, and whether each promise is kept."""
    arguments = read_arguments()
    with everybody(os.environ.get("POINTSMAN_BENCH_LITELLM", "")) as contestants:
        for it in contestants:
            load(it, 8, 2.0)  # nobody is measured cold
        found = {
            connections: rounds(contestants, connections, arguments) for connections in map(int, arguments.connections)
        }
        for connections, rows in found.items():
            print_table(f"{connections} connections, not streamed", rows)
        streamed = rounds(contestants, 8, arguments, stream=True)
        print_table("8 connections, streamed", streamed)
        # Under full load, each waits for all others on the same cores: what one message has to wait for is told here.
        house = [it for it in contestants if it.name != LITELLM]  # which does not manage as many
        paced = rounds(house, 8, arguments, rate=arguments.rate)
        print_table(f"8 connections, {arguments.rate:g} a second", paced)
        paced_streams = rounds(house, 8, arguments, stream=True, rate=arguments.rate)
        print_table(f"8 connections, {arguments.rate:g} streams a second", paced_streams)
        memory = remembered(contestants, arguments.memory)
    print_promises(found, streamed, memory)
    print_paced(paced, paced_streams, arguments.rate)


def read_arguments() -> argparse.Namespace:
    """How long, how often, how many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", nargs="+", default=["1", "8", "64", "256"])
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second of the tables without full load")
    parser.add_argument("--memory", type=int, default=100_000, help="requests after which memory is looked at again")
    return parser.parse_args()


def load(
    it: Contestant, connections: int, seconds: float, *, most: int = 10**9, stream: bool = False, rate: float = 0
) -> Taken:
    """One run of the load in a process of its own."""
    how = "stream" if stream else "whole"
    command = [sys.executable, str(HERE / "load.py"), str(it.port), it.model]
    command += [str(connections), str(seconds), str(most), how, str(rate), *([it.key] if it.key else [])]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    taken: Taken = json.loads(said)
    if taken["failed"]:
        print(f"  {it.name}: not all went well: {taken['failed']}")
    return taken


def rounds(
    contestants: list[Contestant],
    connections: int,
    arguments: argparse.Namespace,
    *,
    stream: bool = False,
    rate: float = 0,
) -> dict[str, Taken]:
    """The medians of several rounds, in which everybody has his turn."""
    taken: dict[str, list[Taken]] = {it.name: [] for it in contestants}
    for _ in range(arguments.rounds):
        for it in contestants:
            seconds = arguments.seconds
            taken[it.name].append(load(it, connections, seconds, stream=stream, rate=rate))
    return {
        name: {what: median(run[what] for run in runs) for what in runs[0] if what != "failed"}
        for name, runs in taken.items()
    }


def print_table(title: str, rows: dict[str, Taken]) -> None:
    """One table."""
    bare, upstream = rows[BARE], rows[UPSTREAM]
    print(f"\n{title:<34}{'req/s':>9}{'vs bare':>9}{'p50 ms':>9}{'p99 ms':>9}{'added p50':>11}{'first byte':>12}")
    for name, row in rows.items():
        ratio, added = row["rate"] / bare["rate"], row["p50"] - upstream["p50"]
        print(
            f"{name:<34}{row['rate']:>9.0f}{ratio:>8.2f}x{row['p50']:>9.2f}{row['p99']:>9.2f}{added:>11.2f}"
            f"{row['first_p50']:>12.2f}"
        )


def remembered(contestants: list[Contestant], requests: int) -> tuple[int, int, int]:
    """The gateway's resident bytes after the first tenth of so many requests, after half, and at the end."""
    it = next(it for it in contestants if it.name == AUTO)
    sizes = []
    for most in (requests // 10, requests * 4 // 10, requests // 2):
        load(it, 32, 3600.0, most=most)
        sizes.append(resident(it.process.pid))
    return sizes[0], sizes[1], sizes[2]


def resident(pid: int) -> int:
    """The resident bytes of a process (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def print_promises(
    found: dict[int, dict[str, Taken]], streamed: dict[str, Taken], memory: tuple[int, int, int]
) -> None:
    """Each promise beside what was measured."""
    print("\npromises")
    for connections, rows in found.items():
        ratio, plain = (rows[AUTO]["rate"] / rows[name]["rate"] for name in (BARE, PLAIN))
        print(f"  auto at least half as many as bare, {connections:>3} connections: {ratio:.2f} (plain: {plain:.2f})")
        if LITELLM in rows:
            ratio = rows[AUTO]["rate"] / rows[LITELLM]["rate"]
            print(f"  auto at least 15 times LiteLLM,    {connections:>3} connections: {ratio:.1f}")
    if at_eight := found.get(8):
        over = [f"{at_eight[AUTO]['p50'] - at_eight[name]['p50']:.2f} over {name}" for name in (UPSTREAM, BARE)]
        print(f"  auto adds at most 1.5 ms to p50 (8): {', '.join(over)}")
    added = {name: row["first_p50"] - streamed[UPSTREAM]["first_p50"] for name, row in streamed.items()}
    print("  first byte at most 2 ms later: " + ", ".join(f"{name} {ms:.2f}" for name, ms in added.items()))
    print("  resident MB after 10 %, 50 %, 100 % of the requests: " + ", ".join(f"{it / 1e6:.0f}" for it in memory))


def print_paced(paced: dict[str, Taken], streams: dict[str, Taken], rate: float) -> None:
    """What is added to a message where the machine has time for it."""
    added = [f"{name} {row['p50'] - paced[UPSTREAM]['p50']:.2f}" for name, row in paced.items()]
    print(f"  added to p50 at {rate:g} a second: {', '.join(added)}")
    added = [f"{name} {row['first_p50'] - streams[UPSTREAM]['first_p50']:.2f}" for name, row in streams.items()]
    print(f"  first byte later at {rate:g} streams a second: {', '.join(added)}")


if __name__ == "__main__":
    main()
