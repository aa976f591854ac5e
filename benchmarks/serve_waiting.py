"""10,000 jobs that wait on a vendor and are asked about every 30 seconds, the server pinned to one core:
its memory for each, beside itself with 100, and how late its questions are.

    python -m benchmarks.serve_waiting [JOBS] [SECONDS]
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.load import processor_seconds, resident_bytes
from benchmarks.served import CLIENT_CORE, ours
from benchmarks.vendor import vendor
from benchmarks.waiting import lateness, seeded, settings

EVERY = 30.0  # seconds between questions about one job
FEW = 100
BAR_BYTES, BAR_LATE = 2048, 0.2 * EVERY


def waiting(count: int, seconds: float) -> dict[str, float]:
    """Serve with so many waiting jobs for so long, after two rounds of questions."""
    with (
        tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as name,
        vendor(100_000.0) as far,
    ):
        folder = Path(name)
        config = folder / "mutoscope.toml"
        config.write_text(settings(far.base_url, EVERY))
        seeded(folder / "data", far.base_url, count, EVERY)
        with ours(folder / "data", config=config) as server:
            process = server.process.pid
            time.sleep(2 * EVERY)
            asked = far.seen()["requests"]
            spent, late, memory = processor_seconds(process), [], []
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                late.append(lateness(folder / "data"))
                memory.append(resident_bytes(process))
                time.sleep(1.0)
            spent = processor_seconds(process) - spent
            now = far.seen()["requests"]
    questions = sum(now.get(kind, 0) - asked.get(kind, 0) for kind in ("poll", "list"))
    return {
        "memory": statistics.median(memory), "late": max(late), "processor": spent / seconds,
        "questions": questions / seconds,
    }  # fmt: skip


def main(count: int = 10_000, seconds: int = 60) -> dict[str, float]:
    """Runs it, prints the figures, gives them."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    few, many = waiting(FEW, seconds), waiting(count, seconds)
    each = (many["memory"] - few["memory"]) / (count - FEW)
    print(
        f"{count} jobs asked about every {EVERY:.0f} s: {many['memory'] / 1e6:.0f} MB, "
        f"{FEW} jobs {few['memory'] / 1e6:.0f} MB: {each:.0f} bytes each (bar {BAR_BYTES}); "
        f"the latest question {many['late']:.1f} s late (bar {BAR_LATE:.0f}); "
        f"{many['questions']:.0f} requests/s to the vendor, {many['processor']:.0%} of the core"
    )
    return {"bytes": each, "late": many["late"], "memory": many["memory"],
            "few": few["memory"], "processor": many["processor"]}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
