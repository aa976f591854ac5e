"""A house with real records, media and worker, and two small engines: one here, one elsewhere on paper."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from mutoscope.compute.base import Cancel, Compute, Progress
from mutoscope.compute.threads import Threads
from mutoscope.config import EngineAccount, Jobs, Settings
from mutoscope.engines.base import (
    AsyncEngine,
    CastMember,
    Engine,
    Footage,
    Operation,
    Order,
    Readiness,
    Recovery,
    Status,
)
from mutoscope.engines.registry import Engines
from mutoscope.errors import Cancelled, EngineFailed
from mutoscope.jobs.job import Job, NewJob
from mutoscope.jobs.ledger import Ledger
from mutoscope.jobs.outbox import Outbox
from mutoscope.jobs.worker import Worker
from mutoscope.server.house import House
from mutoscope.server.metrics import Metrics
from mutoscope.shot import Anchor, Media, Shot, Size
from mutoscope.storage.ids import new_id
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records

SMALL = Size(64, 64)
LIMIT = 20.0  # seconds for anything that a test waits for


def film(path: Path, size: Size = SMALL, frames: int = 6, fps: float = 12) -> Path:
    """A film of grey frames that grow brighter."""
    from mutoscope.finish.encode import Mp4Writer, rgb_frame

    with Mp4Writer(path, size, fps, preset="ultrafast") as writer:
        for number in range(frames):
            grey = np.full((size.height, size.width, 3), 40 + 20 * number % 200, np.uint8)
            writer.write(rgb_frame(grey))
    return path


def sketched(order: Order, steps: int, pause: float, progress: Progress, cancel: Cancel) -> Footage:
    """What `Sketch` has a Compute do."""
    if "break" in order.shot.prompt:
        raise EngineFailed("the pencil broke")
    if "die" in order.shot.prompt:
        os.kill(os.getpid(), signal.SIGKILL)
    for step in range(steps):
        progress("sketch", step / steps)
        if cancel():
            raise Cancelled("stopped")
        time.sleep(pause)
    path = film(order.folder / "footage.mp4", order.shot.size, order.shot.frames, order.shot.fps)
    return Footage(path, order.shot.frames)


class Sketch:
    """An engine on this machine, with work as small as can be."""

    name = "sketch"
    recovery: Recovery = "repeatable"

    def __init__(self, compute: Compute | None = None, *, steps: int = 2, pause: float = 0.01):
        self.compute: Compute = compute or Threads()
        self.steps, self.pause = steps, pause

    def on(self, compute: Compute) -> Sketch:
        return Sketch(compute, steps=self.steps, pause=self.pause)

    def check(self) -> Readiness:
        return Readiness(ready=True)

    def start(self, order: Order) -> Operation:
        work = self.compute.submit(sketched, order, self.steps, self.pause)
        return Operation(self.name, {"work": work})

    def status(self, operation: Operation) -> Status:
        name = operation.detail["work"]
        stage, done = self.compute.progress(name)
        return Status("done" if self.compute.ended(name) else "running", done, stage)

    def fetch(self, operation: Operation) -> Footage:
        return cast(Footage, self.compute.result(operation.detail["work"]))

    def cancel(self, operation: Operation) -> None:
        if self.compute.known(operation.detail["work"]):
            self.compute.cancel(operation.detail["work"])
            self.compute.ended(operation.detail["work"], wait=5.0)


class Paper:
    """An engine elsewhere that keeps its creations as files in a folder: any process may count them.

    `does(order)` may raise what a vendor would answer with, before or (`after`) the creation. It keeps
    characters too, one file a registration.
    """

    introduces = True

    def __init__(
        self,
        folder: Path,
        recovery: Recovery = "idempotent",
        *,
        name: str = "paper",
        looks: int = 1,
        before: Callable[[Order], None] = lambda order: None,
        after: Callable[[Order], None] = lambda order: None,
    ) -> None:
        self.name = name
        self.recovery: Recovery = recovery
        self.folder, self.looks = folder, looks
        self.before, self.after = before, after
        self.asked: dict[str, int] = {}
        self.stopped: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def created(self) -> list[tuple[str, str]]:
        """(key, name) of every creation that was paid for."""
        files = sorted(self.folder.glob("*.order"))
        return [(file.read_text(), file.stem) for file in files]

    def check(self) -> Readiness:
        return Readiness(ready=True)

    async def start(self, order: Order) -> Operation:
        self.before(order)
        name = None
        if self.recovery == "idempotent":
            name = next((name for key, name in self.created() if key == order.key), None)
        if name is None:
            name = new_id("")
            part = self.folder / f"{name}.part"
            part.write_text(order.key)
            part.rename(self.folder / f"{name}.order")
        await asyncio.sleep(0)
        self.after(order)
        return Operation(self.name, {"name": name})

    async def introduce(self, member: CastMember, *, again: bool, instead: str) -> str:
        known = self.introduced() if self.recovery == "idempotent" else []
        name = next((name for id, name in known if id == member.id), "") or new_id("char_")
        (self.folder / f"{name}.character").write_text(member.id)
        return name

    async def knows(self, id: str) -> bool:
        return (self.folder / f"{id}.character").exists()

    def introduced(self) -> list[tuple[str, str]]:
        """(id here, id there) of every registration."""
        return [(file.read_text(), file.stem) for file in self.folder.glob("*.character")]

    async def status(self, operation: Operation) -> Status:
        name = operation.detail["name"]
        if not (self.folder / f"{name}.order").exists():
            return Status("failed", error="there is no such order")
        self.asked[name] = self.asked.get(name, 0) + 1
        done = self.asked[name] > self.looks
        return Status("done", 1.0) if done else Status("running", 0.5, wait=0.05)

    async def fetch(self, operation: Operation, folder: Path) -> Footage:
        path = await asyncio.to_thread(film, folder / "film.mp4")
        return Footage(path, 6, fps=12)

    async def cancel(self, operation: Operation) -> None:
        self.stopped.append(operation.detail["name"])

    async def find(self, order: Order) -> Operation | None:
        job = order.key.rpartition("/")[0]
        for key, name in self.created():
            if key.rpartition("/")[0] == job:
                return Operation(self.name, {"name": name})
        return None


def settings_for(*, lease: float = 30.0, timeout: float = 5.0, **account: Any) -> Settings:
    """Settings with an account at the vendor on paper, quick in everything."""
    paper = EngineAccount(kind="paper", timeout=timeout, **account)
    jobs = Jobs(lease=lease, poll_first=0.05, poll_last=0.2)
    return Settings(engines={"paper": paper}, jobs=jobs)


def workshop(
    records: Records,
    folder: Path,
    engines: Mapping[str, Engine | AsyncEngine] | None = None,
    *,
    settings: Settings | None = None,
    compute: Compute | None = None,
    fetch: Any = None,
) -> House:
    """The house; `engines` by name, else a Sketch."""
    settings = settings or Settings()
    at_work = compute or Threads()
    outbox = Outbox(records, settings)
    absent = cast(Any, None)
    return House(
        settings=settings,
        records=records,
        ledger=Ledger(records, outbox),
        media=MediaStore(folder / "media"),
        compute=at_work,
        probes=compute or Threads(),
        engines=Engines(settings, at_work, engines or {"sketch": Sketch()}),
        fetch=fetch,
        keys=absent,
        links=absent,
        outbox=outbox,
        metrics=Metrics(),
    )


def new_job(engine: str = "sketch", prompt: str = "slow push in", **more: Any) -> NewJob:
    """A job of words alone, half a second long."""
    anchors: tuple[Anchor, ...] = more.pop("anchors", ())
    shot = Shot(
        prompt=prompt, model=engine, size=SMALL, seconds=0.5, fps=12, anchors=anchors,
        **more.pop("shot", {}),
    )  # fmt: skip
    return NewJob(
        id=more.pop("id", None) or new_id("video_"),
        project=more.pop("project", "default"),
        dialect="openai",
        kind=str(shot.kind),
        model=engine,
        engine=engine,
        shot=shot,
        uses=tuple(anchor.media for anchor in anchors),
        **more,
    )


def photo(house: House, name: str = "coffee.jpg") -> Media:
    """One of the examples' photographs, in the store."""
    return house.media.put(Path(__file__).parents[1] / "examples" / name)


@asynccontextmanager
async def working(house: House, owner: str = "one", grace: float = 5.0) -> AsyncIterator[Worker]:
    """A worker at work; stopped at the end."""
    worker = Worker(house, owner)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop(grace)
        await task


async def until(seen: Callable[[], Any], limit: float = LIMIT) -> Any:
    """Wait until `seen()` is true (awaited where it is awaitable), and give what it was."""
    end = time.monotonic() + limit
    while True:
        value = seen()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < end, "it did not come about in time"
        await asyncio.sleep(0.01)


async def ended(house: House, job: str, limit: float = LIMIT) -> Job:
    """The job when it has ended."""

    async def over() -> Job | None:
        found = await house.ledger.get(job)
        assert found is not None
        return found if found.due is None else None

    return cast(Job, await until(over, limit))
