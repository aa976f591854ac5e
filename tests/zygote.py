"""A process that has imported everything and forks workers on demand: a start takes milliseconds, and
each is a process of its own that can be killed.

Reads a line of JSON, {url, data, vendor, recovery, point, ...}, and prints the child's process id.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psycopg  # noqa: F401

import mutoscope.finish.extras
import mutoscope.finish.probe  # noqa: F401
from mutoscope.direction.parse import direct
from mutoscope.engines.base import AsyncEngine, Engine
from mutoscope.jobs import failpoints
from mutoscope.jobs.worker import Worker
from mutoscope.storage.records import Records
from workshop import Paper, Sketch, settings_for, workshop


async def work(asked: dict[str, Any]) -> None:
    """Be a worker until SIGTERM."""
    data = Path(asked["data"])
    settings = settings_for(lease=asked["lease"], timeout=asked["timeout"])
    with Records.open(asked["url"], data, exclusive=not asked["url"]) as records:
        paper = Paper(Path(asked["vendor"]), asked["recovery"], looks=asked["looks"])
        engines: dict[str, Engine | AsyncEngine] = {"paper": paper, "sketch": Sketch(pause=0.02)}
        house = workshop(records, data, engines, settings=settings)
        worker = Worker(house, f"worker-{os.getpid()}")
        stopping: list[asyncio.Task[None]] = []

        def stop() -> None:
            stopping.append(asyncio.create_task(worker.stop(5.0)))

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
        await worker.run()
        await asyncio.gather(*stopping)


def child(asked: dict[str, Any]) -> None:
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.pop(failpoints.VARIABLE, None)
    if asked["point"]:
        os.environ[failpoints.VARIABLE] = asked["point"]
    asyncio.run(work(asked))


def main() -> None:
    direct("slow push in", seconds=1.0)  # read once, so that every child has it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                child(json.loads(line))
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        sys.stdout.write(json.dumps({"pid": pid}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
