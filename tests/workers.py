"""Workers as processes that a test starts, halts and kills."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from databases import Place
from mutoscope.engines.base import Recovery
from mutoscope.jobs.job import Job
from mutoscope.jobs.ledger import Ledger
from mutoscope.storage.records import Records
from workshop import Paper, new_job, workshop

LIMIT = 30.0  # seconds for whatever a test waits for
LEASE, TIMEOUT = 1.0, 0.5


@dataclass
class Running:
    """A worker's process."""

    pid: int

    @property
    def alive(self) -> bool:
        """Until its last thread is gone: its locks go with that."""
        return Path(f"/proc/{self.pid}").exists()

    @property
    def halted(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def kill(self) -> None:
        """As a power cut does."""
        self._send(signal.SIGKILL)
        wait(lambda: not self.alive)

    def halt(self) -> None:
        self._send(signal.SIGSTOP)
        wait(lambda: self.halted)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def stop(self) -> None:
        """In order."""
        self._send(signal.SIGTERM)
        wait(lambda: not self.alive)

    def _send(self, number: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, number)


class Zygote:
    """Starts workers; see `zygote.py`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, asked: dict[str, object]) -> Running:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Running(json.loads(self._process.stdout.readline())["pid"])

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(10)


class Scene:
    """A database, a vendor on paper, and the workers that a test has started."""

    def __init__(self, zygote: Zygote, place: Place, recovery: Recovery = "idempotent") -> None:
        self.zygote, self.place, self.recovery = zygote, place, recovery
        self.log = place.data / "workers.log"
        self.paper = Paper(place.data / "vendor", recovery)
        self.records: Records = place.open(exclusive=False)
        self.ledger = Ledger(self.records)
        self.house = workshop(self.records, place.data, {"paper": self.paper})
        self.workers: list[Running] = []
        self.looks = 1

    def worker(self, point: str = "") -> Running:
        """Another worker; it dies, or halts, at the fail point."""
        asked = {
            "url": self.place.url, "data": str(self.place.data), "recovery": self.recovery,
            "vendor": str(self.paper.folder), "point": point, "log": str(self.log),
            "lease": LEASE, "timeout": TIMEOUT, "looks": self.looks,
        }  # fmt: skip
        self.workers.append(self.zygote.start(asked))
        return self.workers[-1]

    def create(self, engine: str, count: int = 3) -> list[str]:
        """Jobs, written down."""
        new = [new_job(engine) for _ in range(count)]

        async def write() -> None:
            await asyncio.gather(*(self.ledger.create(one) for one in new))

        asyncio.run(write())
        return [one.id for one in new]

    def jobs(self, ids: Sequence[str]) -> list[Job]:
        async def read() -> list[Job | None]:
            return [await self.ledger.get(one) for one in ids]

        found = asyncio.run(read())
        assert all(found), "a job was lost"
        return [one for one in found if one is not None]

    def until(
        self, ids: Sequence[str], over: Callable[[Job], bool], limit: float = LIMIT
    ) -> list[Job]:
        """The jobs, when `over` holds for each."""
        try:
            wait(lambda: all(map(over, self.jobs(ids))), limit)
        except AssertionError:
            state = [(job.stage, job.status, job.due, job.lease_owner) for job in self.jobs(ids)]
            raise AssertionError(f"{state}\n{self.log.read_text()[-3000:]}") from None
        return self.jobs(ids)

    def completed(self, ids: Sequence[str], limit: float = LIMIT) -> list[Job]:
        """The jobs when they have ended: all well, with every file."""
        jobs = self.until(ids, lambda job: job.due is None, limit)
        for job in jobs:
            assert job.status == "completed", (job.error, self.log.read_text()[-3000:])
            assert job.result is not None
            assert set(job.result.media) == {"video", "thumbnail", "spritesheet"}
            assert all(self.house.media.verify(media) for media in job.result.media.values())
        wait(lambda: not [one for job in jobs for one in self.left(job.id)])
        return jobs

    def left(self, job: str) -> list[Path]:
        """What lies in work folders of a job."""
        return list((self.place.data / "work" / "jobs").glob(f"{job}.*"))

    def paid(self, job: str) -> int:
        """How often the vendor would bill a job."""
        return sum(key.startswith(f"{job}/") for key, _ in self.paper.created())

    def close(self) -> None:
        for worker in self.workers:
            worker.thaw()
            worker.kill()
        self.records.close()


def wait(seen: Callable[[], object], limit: float = LIMIT) -> None:
    """Until `seen()` is true."""
    end = time.monotonic() + limit
    while not seen():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def is_over(job: Job) -> bool:
    """Ended, or waiting for its owner."""
    return job.due is None or job.stage == "unconfirmed"
