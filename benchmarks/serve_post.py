"""`POST /v1/videos` with a 1 MB JPEG from 32 clients, beside a bare Starlette route that parses the same
multipart: one core for the server, the client on the other, taking turns.

Ours also hashes and stores the picture, reads its header, checks the contract and writes the job down
durably. This process runs no jobs (`server.work`), as rendering is not what is measured.

    python -m benchmarks.serve_post [SECONDS] [ROUNDS]
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.load import Driven, drive, form, request
from benchmarks.served import CLIENT_CORE, Address, address, bare, ours

CLIENTS = 32
BAR = 0.5
SETTINGS = {
    "MUTOSCOPE_LIMITS_QUEUED": "1000000",
    "MUTOSCOPE_LIMITS_UPLOADS": "64",
    "MUTOSCOPE_SERVER_WORK": "false",
}
ANSWER = b'{"id":"video_0","object":"video","status":"queued"}'


def megabyte() -> bytes:
    """A JPEG of 1 MB: noise over a slope."""
    noise = np.random.default_rng(7).normal(0, 24, (1080, 1620, 3))
    picture = np.clip(np.linspace(40, 200, 1620)[None, :, None] + noise, 0, 255).astype(np.uint8)
    for quality in range(95, 20, -1):
        out = io.BytesIO()
        Image.fromarray(picture).save(out, "JPEG", quality=quality)
        if out.tell() <= 1 << 20:
            return out.getvalue()
    raise ValueError("no quality gives a megabyte")


def posts(picture: bytes) -> Iterator[bytes]:
    """The request, each with a picture of its own: the last bytes of a JPEG may be anything."""
    for number in itertools.count():
        fields = {
            "prompt": f"push in {number}",
            "model": "sora-2",
            "seconds": "4",
            "size": "1280x720",
        }
        body, kind = form(
            fields, "input_reference", "p.jpg", picture + number.to_bytes(8, "little")
        )
        yield request("POST", "/v1/videos", body, content_type=kind)


def measured(at: Address, requests: Iterator[bytes], seconds: float) -> Driven:
    return asyncio.run(
        drive(at.host, at.port, requests, clients=CLIENTS, seconds=seconds, process=at.process)
    )


def main(seconds: int = 4, rounds: int = 5) -> dict[str, float]:
    """Runs it all, prints the figures, gives them."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    picture = megabyte()
    # made before, so that the client's own work stays small
    requests = list(itertools.islice(posts(picture), 400))
    with (
        tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as data,
        ours(Path(data), SETTINGS) as server,
        bare(ANSWER) as plain,
    ):  # fmt: skip
        turns = []
        for _ in range(rounds):
            one = measured(address(server), itertools.cycle(requests), seconds)
            other = measured(plain, itertools.cycle(requests), seconds)
            assert not one.refused, f"{one.refused} of {one.answers} refused"
            turns.append((one, other))
    ratios = sorted(one.rate / other.rate for one, other in turns)
    rate, bare_rate = (statistics.median(t[i].rate for t in turns) for i in (0, 1))
    cost, bare_cost = (statistics.median(t[i].processor for t in turns) for i in (0, 1))
    figures = {
        "rate": rate, "bare_rate": bare_rate, "ratio": statistics.median(ratios),
        "low": ratios[0], "high": ratios[-1], "ms": cost * 1e3, "bare_ms": bare_cost * 1e3,
        "p99_ms": statistics.median(one.percentile(0.99) for one, _ in turns) * 1e3,
    }  # fmt: skip
    print(
        f"POST of a {len(picture) / 1e6:.2f} MB JPEG, {CLIENTS} clients, medians of {rounds}:\n"
        f"  {rate:.0f}/s, bare {bare_rate:.0f}/s: {figures['ratio']:.2f} x "
        f"({figures['low']:.2f}-{figures['high']:.2f}), bar {BAR} x; "
        f"{cost * 1e3:.2f} ms of processor each, bare {bare_cost * 1e3:.2f}; "
        f"p99 {figures['p99_ms']:.0f} ms"
    )
    return figures


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
