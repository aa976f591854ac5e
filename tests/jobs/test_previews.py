"""A preview is the newest picture of a film that is being made, and is gone when the job has ended."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from fresh_records import put
from mutoscope.compute.base import Compute
from mutoscope.engines.base import Footage, Operation, Order, State, Status
from mutoscope.errors import EngineFailed
from mutoscope.jobs.job import Job
from mutoscope.jobs.previews import MOST, Previews
from mutoscope.storage.records import Records
from workshop import Sketch, ended, film, new_job, until, working, workshop


def picture(grey: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (16, 9), grey).save(out, "WEBP")
    return out.getvalue()


class Showing(Sketch):
    """A Sketch that is at work for as long as `state` says, and shows `shown` meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State = "running"
        self.shown = picture(10)
        self.order: Order | None = None

    def on(self, compute: Compute) -> Sketch:
        return self

    def start(self, order: Order) -> Operation:
        self.order = order
        return Operation(self.name, {})

    def status(self, operation: Operation) -> Status:
        assert self.order is not None
        place = self.order.folder / "preview"
        if self.state == "running" and not (place.exists() and place.read_bytes() == self.shown):
            place.write_bytes(self.shown)
        return Status(self.state, 0.5, "sketch", preview=place)

    def fetch(self, operation: Operation) -> Footage:
        assert self.order is not None
        if self.state == "failed":
            raise EngineFailed("the pencil broke")
        shot = self.order.shot
        return Footage(
            film(self.order.folder / "film.mp4", shot.size, shot.frames, shot.fps), shot.frames
        )

    def cancel(self, operation: Operation) -> None:
        self.state = "cancelled"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize("how", ["ends", "fails", "is cancelled"])
def test_it_is_the_newest_and_goes_with_the_job(records: Records, tmp_path: Path, how: str) -> None:
    engine = Showing()
    house = workshop(records, tmp_path, {"sketch": engine})

    async def run() -> None:
        async with working(house):
            made = (await house.ledger.create(new_job())).job

            async def shown() -> bytes:
                job = await house.ledger.get(made.id)
                preview = house.previews.of(job) if job is not None else None
                return preview.content if preview is not None else b""

            assert await until(shown) == picture(10)
            engine.shown = picture(200)

            async def newer() -> bool:
                return await shown() == picture(200)

            await until(newer)
            if how == "is cancelled":
                await house.ledger.cancel(made.id, "default")
            else:
                engine.state = "done" if how == "ends" else "failed"
            job = await ended(house, made.id)
            assert job.status == ("completed" if how == "ends" else "failed")
            await until(lambda: not list((tmp_path / "work" / "previews").iterdir()))

    asyncio.run(run())


def _job(id: str, **more: object) -> Job:
    made = new_job(id=id)
    values = dict.fromkeys(Job.__dataclass_fields__)
    values |= {"id": id, "object": "video", "status": "in_progress", "shot": made.shot}
    return Job(**(values | more))  # type: ignore[arg-type]


def test_what_is_no_small_picture_is_not_shown(tmp_path: Path) -> None:
    previews, given = Previews(tmp_path), tmp_path / "given"
    for content in (b"", b"<svg onload=alert(1)>", picture(9) + bytes(MOST)):
        given.write_bytes(content)
        previews.show("video_1", given)
        assert previews.of(_job("video_1")) is None
    previews.show("video_1", tmp_path / "gone")
    given.write_bytes(picture(9))
    previews.show("video_1", given)
    shown = previews.of(_job("video_1"))
    assert shown is not None
    assert (shown.content, shown.type) == (picture(9), "image/webp")


@pytest.mark.parametrize("state", [{"status": "queued"}, {"status": "failed"}, {"status": "completed"}, {"cancel_requested": True}])  # fmt: skip
def test_only_a_job_under_way_has_one(tmp_path: Path, state: dict[str, object]) -> None:
    previews, given = Previews(tmp_path), tmp_path / "given"
    given.write_bytes(picture(9))
    previews.show("video_1", given)
    assert previews.of(_job("video_1", **state)) is None


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    previews, given = Previews(tmp_path), tmp_path / "given"
    previews.sweep()  # nothing there yet
    given.write_bytes(picture(9))
    previews.show("video_1", given)
    previews.sweep(older_than=1.0)
    assert previews.version(_job("video_1"))
    previews.sweep()
    assert not previews.version(_job("video_1"))
