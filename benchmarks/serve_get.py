"""`GET /v1/videos/{id}` of a finished film, beside a bare Starlette route that gives the same bytes from
memory: one core for the server, the client on the other, 16 connections, taking turns.

    python -m benchmarks.serve_get [SECONDS] [ROUNDS]
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks.load import Driven, drive, request
from benchmarks.served import (
    CLIENT_CORE,
    Address,
    address,
    bare,
    finished_video,
    ours,
    postgresql,
)  # fmt: skip

CLIENTS = 16
BARS = {"sqlite": 0.35, "postgresql": 0.15}


def measured(at: Address, path: str, seconds: float) -> Driven:
    """The same GET again and again."""
    asked = request("GET", path, accept="application/json")
    return asyncio.run(
        drive(
            at.host, at.port, itertools.repeat(asked),
            clients=CLIENTS, seconds=seconds, process=at.process,
        )
    )  # fmt: skip


def compared(database: str, seconds: float, rounds: int) -> dict[str, float]:
    """Ours on this database beside the bare route, in turns → the medians and their ratios."""
    environment = {"MUTOSCOPE_SERVER_DATABASE": database} if database else {}
    with (
        tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as data,
        ours(Path(data), environment) as server,
    ):
        path = f"/v1/videos/{finished_video(server.url)}"
        answer = httpx.get(f"{server.url}{path}").content
        with bare(answer) as plain:
            turns = []
            for _ in range(rounds):
                one = measured(address(server), path, seconds)
                other = measured(plain, path, seconds)
                assert not one.refused
                assert not other.refused
                turns.append((one, other))
    rate, bare_rate = (statistics.median(t[i].rate for t in turns) for i in (0, 1))
    cost, bare_cost = (statistics.median(t[i].processor for t in turns) for i in (0, 1))
    ratios = sorted(one.rate / other.rate for one, other in turns)
    return {
        "rate": rate, "bare_rate": bare_rate, "ratio": statistics.median(ratios),
        "low": ratios[0], "high": ratios[-1],
        "us": cost * 1e6, "bare_us": bare_cost * 1e6, "processor_ratio": bare_cost / cost,
        "p99_ms": statistics.median(one.percentile(0.99) for one, _ in turns) * 1e3,
    }  # fmt: skip


def main(seconds: int = 3, rounds: int = 5) -> dict[str, dict[str, float]]:
    """Runs it all, prints the table, gives the figures."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    figures = {"sqlite": compared("", seconds, rounds)}
    with postgresql() as uri:
        figures["postgresql"] = compared(uri, seconds, rounds)
    print(f"GET of a finished video, {CLIENTS} connections, medians of {rounds} x {seconds} s:")
    for name, one in figures.items():
        print(
            f"  {name:<11} {one['rate']:6.0f}/s, bare {one['bare_rate']:6.0f}/s: "
            f"{one['ratio']:.2f} x ({one['low']:.2f}-{one['high']:.2f}), bar {BARS[name]} x; "
            f"{one['us']:.0f} us of processor each, bare {one['bare_us']:.0f}"
        )
    return figures


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
