"""The content of 1 GiB: megabytes a second from our server on one core to a client on the other, and the
memory that it took more for it.

    python -m benchmarks.serve_content [ROUNDS]
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.load import processor_seconds, request, resident_bytes
from benchmarks.served import CLIENT_CORE, address, ours

LENGTH = 1 << 30
BAR_RATE, BAR_MEMORY = 500.0, 64.0  # MB/s, MB
SETTINGS = {"MUTOSCOPE_LIMITS_FILE_BYTES": str(2 << 30), "MUTOSCOPE_LIMITS_REQUEST_BYTES": str(2 << 30)}  # fmt: skip


def uploaded(url: str, folder: Path) -> str:
    """A file of 1 GiB in the store; its id."""
    place = folder / "film.bin"
    block = os.urandom(1 << 20)
    with place.open("wb") as file:
        for _ in range(LENGTH >> 20):
            file.write(block)
    with place.open("rb") as file:
        answer = httpx.post(
            f"{url}/v1/files", data={"purpose": "user_data"}, files={"file": file}, timeout=600
        )
    place.unlink()
    return str(answer.raise_for_status().json()["id"])


def fetched(host: str, port: int, path: str) -> float:
    """Seconds to read all of it."""
    begin = time.perf_counter()
    buffer = bytearray(1 << 20)
    got = 0
    with socket.create_connection((host, port)) as line:
        line.sendall(request("GET", path, connection="close"))
        while count := line.recv_into(buffer):
            got += count
    assert got > LENGTH, got
    return time.perf_counter() - begin


def main(rounds: int = 5) -> dict[str, float]:
    """Runs it, prints the figures, gives them."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    with (
        tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as folder,
        ours(Path(folder) / "data", SETTINGS) as server,
    ):
        at = address(server)
        path = f"/v1/files/{uploaded(server.url, Path(folder))}/content"
        httpx.get(f"{server.url}{path}", headers={"Range": "bytes=0-9"})
        before = resident_bytes(at.process)
        Path(f"/proc/{at.process}/clear_refs").write_text("5")  # VmHWM counts anew
        spent = processor_seconds(at.process)
        seconds = [fetched(at.host, at.port, path) for _ in range(rounds)]
        spent = (processor_seconds(at.process) - spent) / rounds
        more = (resident_bytes(at.process, "VmHWM") - before) / 1e6
    rates = sorted(LENGTH / 1e6 / one for one in seconds)
    print(
        f"content of 1 GiB, medians of {rounds}: {statistics.median(rates):.0f} MB/s "
        f"({rates[0]:.0f}-{rates[-1]:.0f}, bar {BAR_RATE:.0f}), {spent:.2f} s of processor each; "
        f"{more:.0f} MB more memory (bar {BAR_MEMORY:.0f})"
    )
    return {"rate": statistics.median(rates), "low": rates[0], "high": rates[-1], "more": more}


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
