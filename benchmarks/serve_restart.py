"""`kill -9` with 1,000 jobs open at a vendor: seconds from the start of the next server until every one of
them has been asked about again.

    python -m benchmarks.serve_restart [JOBS] [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.process import as_installed
from benchmarks.served import Serving, until
from benchmarks.vendor import vendor
from benchmarks.waiting import fences, seeded, settings

EVERY = 4.0  # seconds between questions about one job: all are overdue when it comes back
BAR = 5.0


def main(count: int = 1000, rounds: int = 3) -> dict[str, float]:
    """Runs it, prints the figures, gives them."""
    seconds = []
    with (
        tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as name,
        vendor(100_000.0) as far,
    ):
        folder = Path(name)
        config, data = folder / "mutoscope.toml", folder / "data"
        config.write_text(settings(far.base_url, EVERY))
        seeded(data, far.base_url, count, EVERY)
        options = ("--config", str(config))
        server = Serving(data, *options, environment=as_installed())
        for _ in range(rounds):
            time.sleep(1.5 * EVERY)
            server.kill()
            before = fences(data)
            assert len(before) == count
            time.sleep(EVERY)
            begin = time.perf_counter()
            server = Serving(data, *options, environment=as_installed())

            def moved(before: dict[str, int] = before) -> bool:
                now = fences(data)
                return all(now[job] > fence for job, fence in before.items())

            until(moved)
            seconds.append(time.perf_counter() - begin)
        server.stop()
    print(
        f"restart after kill -9 with {count} jobs open: all moving after "
        f"{statistics.median(seconds):.1f} s ({min(seconds):.1f}-{max(seconds):.1f}), bar {BAR:.0f}"
    )
    return {"seconds": statistics.median(seconds), "most": max(seconds)}


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
