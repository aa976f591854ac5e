"""500 jobs through a gateway to a stand-in vendor: create with a picture, poll, fetch the film; beside the
LiteLLM proxy on the same machine, with the same stand-in. Gateway on one core, clients and vendor on the
other. Each client asks again as soon as it is answered, so that requests a second are the gateway's.

    python -m benchmarks.serve_gateway [PATH OF THE litellm COMMAND]

Without LiteLLM (`pip install 'litellm[proxy]'` in an environment of its own) only ours is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.load import form, most_memory, processor_seconds, request
from benchmarks.process import as_installed
from benchmarks.served import CLIENT_CORE, PHOTO, SERVER_CORE, Address, address, ours, until
from benchmarks.vendor import vendor

JOBS, CLIENTS = 500, 32
BAR_RATE, BAR_MEMORY = 3.0, 1 / 3
RENDER = 2.0  # seconds that the stand-in takes


@dataclass(frozen=True)
class Passed:
    """`requests` answered in `wall` seconds for `jobs` films; `memory` in bytes at its most, of the
    gateway's process and all that it started."""

    jobs: int
    requests: int
    wall: float
    processor: float
    memory: int

    @property
    def rate(self) -> float:
        return self.requests / self.wall


class Line:
    """One client's connection."""

    def __init__(self, at: Address) -> None:
        self.at = at
        self.requests = 0

    async def __aenter__(self) -> Line:
        self.reader, self.writer = await asyncio.open_connection(self.at.host, self.at.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def ask(self, asked: bytes) -> tuple[int, bytes]:
        """Send a request → the status and the body of the answer."""
        self.writer.write(asked)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        self.requests += 1
        if b"transfer-encoding: chunked" in head:
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += await self.reader.readexactly(size)
                await self.reader.readline()
            await self.reader.readline()
        else:
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await self.reader.readexactly(length)
        return int(head[9:12]), body


async def through(at: Address, picture: bytes) -> tuple[int, int]:
    """All jobs, by all clients → films fetched, requests made."""
    left = iter(range(JOBS))
    films = requests = 0

    async def client() -> None:
        nonlocal films, requests
        async with Line(at) as line:
            for number in left:
                fields = {"prompt": f"pan {number}", "model": "sora-2", "seconds": "4",
                          "size": "1280x720"}  # fmt: skip
                body, kind = form(fields, "input_reference", "p.jpg", picture)
                status, said = await line.ask(
                    request("POST", "/v1/videos", body, content_type=kind)
                )
                assert status == 200, said
                video = json.loads(said)
                path = f"/v1/videos/{video['id']}"
                while video["status"] in ("queued", "in_progress"):
                    status, said = await line.ask(request("GET", path))
                    assert status == 200, said
                    video = json.loads(said)
                assert video["status"] == "completed", video
                status, said = await line.ask(request("GET", f"{path}/content"))
                assert status == 200, said
                assert said[4:8] == b"ftyp"
                films += 1
            requests += line.requests

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return films, requests


def passed(at: Address, picture: bytes) -> Passed:
    """The 500 jobs, measured."""
    before = processor_seconds(at.process)
    begin = time.perf_counter()
    with most_memory(at.process) as memory:
        films, requests = asyncio.run(through(at, picture))
    wall = time.perf_counter() - begin
    spent = processor_seconds(at.process) - before
    return Passed(films, requests, wall, spent, memory[0])


@contextlib.contextmanager
def litellm(command: str, upstream: str, folder: Path) -> Iterator[Address]:
    """The LiteLLM proxy with one worker, on the same core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "litellm.json"  # YAML reads JSON
    settings = {"model": "openai/sora-2", "api_base": upstream, "api_key": "sk-vendor"}
    config.write_text(
        json.dumps({"model_list": [{"model_name": "sora-2", "litellm_params": settings}]})
    )
    process = subprocess.Popen(
        ["taskset", "-c", str(SERVER_CORE), command, "--config", str(config), "--port", str(port),
         "--host", "127.0.0.1", "--num_workers", "1"],
        env=as_installed(LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY="true",
                         PATH=f"{Path(command).parent}:{os.environ['PATH']}"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        at = Address("127.0.0.1", port, process.pid)

        def alive() -> bool:
            with contextlib.suppress(OSError), socket.create_connection((at.host, port), 1):
                return True
            return False

        until(alive, pause=0.5)
        yield at
    finally:
        process.terminate()
        process.wait()


def main(command: str = "") -> dict[str, float]:
    """Runs it, prints the figures, gives them."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    out = io.BytesIO()
    with Image.open(PHOTO) as photo:
        photo.resize((1280, 720)).save(out, "JPEG", quality=85)
    picture = out.getvalue()
    found: dict[str, Passed] = {}
    with tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as name, vendor(RENDER) as far:
        folder, upstream = Path(name), far.base_url
        config = folder / "mutoscope.toml"
        config.write_text(
            f'[routes]\ndefault = "upstream"\n[engines.upstream]\nkind = "openai_videos"\n'
            f'base_url = "{upstream}"\napi_key = "sk-vendor"\nquirks = "sora"\n'
        )
        with ours(folder / "data", config=config) as server:
            found["mutoscope"] = passed(address(server), picture)
        if command:
            with litellm(command, upstream, folder) as at:
                found["LiteLLM"] = passed(at, picture)
    print(f"{JOBS} jobs of a {len(picture) / 1e3:.0f} kB picture, {CLIENTS} clients, one core:")
    for who, one in found.items():
        print(
            f"  {who:<10} {one.rate:6.0f} requests/s, {one.jobs / one.wall:5.1f} films/s, "
            f"{one.processor / one.requests * 1e3:.2f} ms of processor a request, "
            f"{one.memory / 1e6:.0f} MB"
        )
    figures = {f"{who}_{what}": float(getattr(one, what)) for who, one in found.items()
               for what in ("rate", "wall", "memory")}  # fmt: skip
    if len(found) == 2:
        faster = found["mutoscope"].rate / found["LiteLLM"].rate
        memory = found["mutoscope"].memory / found["LiteLLM"].memory
        print(f"  {faster:.1f} x the requests (bar {BAR_RATE:.0f}), {memory:.2f} of the memory "
              f"(bar {BAR_MEMORY:.2f})")  # fmt: skip
        figures |= {"ratio": faster, "memory_ratio": memory}
    return figures


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:2])))
