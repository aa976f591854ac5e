"""How long a GET waits while renders run on all cores, beside the same server at rest.

python -m benchmarks.serve_busy [SECONDS]
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.served import PHOTO, finished_video, ours, until

BAR = 50.0  # ms
PAUSE = 0.02  # seconds between requests: clients that poll, not a load of its own


def waits(url: str, video: str, seconds: float) -> list[float]:
    """Milliseconds of each GET over that time."""
    found = []
    end = time.monotonic() + seconds
    with httpx.Client(base_url=url, timeout=30) as client:
        while time.monotonic() < end:
            begin = time.perf_counter()
            client.get(f"/v1/videos/{video}").raise_for_status()
            found.append((time.perf_counter() - begin) * 1e3)
            time.sleep(PAUSE)
    return sorted(found)


def main(seconds: int = 20) -> dict[str, float]:
    """Runs it, prints the figures, gives them."""
    cores = os.cpu_count() or 1
    settings = {"MUTOSCOPE_COMPUTE_RENDERS": str(cores)}
    with (
        tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as data,
        ours(Path(data), settings, core=None) as server,
    ):
        video = finished_video(server.url)
        rest = waits(server.url, video, 5.0)
        made = []
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for number in range(3 * cores):
                answer = client.post(
                    "/v1/videos",
                    data={"prompt": f"truck left {number}", "seconds": "20", "size": "1280x720"},
                    files={"input_reference": PHOTO.read_bytes()},
                )
                made.append(answer.raise_for_status().json()["id"])

            def running() -> int:
                return sum(
                    client.get(f"/v1/videos/{one}").json()["status"] == "in_progress"
                    for one in made
                )

            until(lambda: running() >= cores)
            time.sleep(3.0)
            busy = waits(server.url, video, seconds)
            at_once = running()
            for one in made:
                client.delete(f"/v1/videos/{one}")
    figures = {
        "rest_p50": statistics.median(rest), "rest_p99": rest[int(0.99 * len(rest))],
        "busy_p50": statistics.median(busy), "busy_p99": busy[int(0.99 * len(busy))],
        "busy_most": busy[-1], "renders": at_once,
    }  # fmt: skip
    print(
        f"GET while {at_once} films render on {cores} cores, {len(busy)} requests: median "
        f"{figures['busy_p50']:.1f} ms, p99 {figures['busy_p99']:.1f} (bar {BAR:.0f}), most "
        f"{figures['busy_most']:.1f}; at rest {figures['rest_p50']:.1f} and {figures['rest_p99']:.1f}"
    )
    return figures


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
