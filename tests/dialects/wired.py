"""The dialect's routes over a house with real records, ledger, media, engines, keys and links.

Nothing renders here: a job is brought to its end by the ledger's own claim and commit.
"""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import update
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from fresh_records import put
from mutoscope.config import Routes, Settings
from mutoscope.engines.base import AsyncEngine, Engine
from mutoscope.jobs.job import Change, Job, Lease, Problem, Result
from mutoscope.server.app import build
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs
from workshop import workshop

ADDRESS = "http://127.0.0.1:8640"
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(range(256)) * 40
CLOCK = 60.0  # seconds of a lease in these tests
_LATEST = itertools.count(1000)  # the priority of the job that is to be claimed next


@dataclass
class Wired:
    """`client` calls the app; `house` is what is behind it."""

    house: House
    client: TestClient

    def create(self, **fields: Any) -> dict[str, Any]:
        """A video made by JSON, with a picture unless `input_reference` is given."""
        fields = {"prompt": "slow dolly in"} | fields
        if not ({"input_reference", "image_url", "image_data"} & set(fields)):
            fields["image_data"] = data_url(1280, 720)
        answer = self.client.post("/v1/videos", json=fields)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def age(self) -> None:
        """Make all media as old as can be: what was sent a moment ago is not removed."""
        for path in self.house.media.folder.rglob("*"):
            if path.is_file():
                os.utime(path, (0, 0))

    def job(self, id: str) -> Job:
        found = asyncio.run(self.house.ledger.get(id))
        assert found is not None
        return found

    def change(self, id: str, change: Change) -> None:
        """Claim the job and commit a change to it, as the worker does."""
        asyncio.run(self._change(id, change))

    async def _change(self, id: str, change: Change) -> None:
        ledger = self.house.ledger
        first = update(jobs).where(jobs.c.id == id).values(priority=next(_LATEST))
        await self.house.records.write(lambda c: c.execute(first))
        (job,) = await ledger.claim("tests", limit=1, lease=CLOCK)
        assert job.id == id
        assert await ledger.commit(Lease(job.id, "tests", job.fence), change)

    def finish(
        self,
        id: str,
        *,
        film: bytes = FILM,
        size: str = "1280x720",
        seconds: float = 4.0,
        expires: float | None = 4e9,
    ) -> None:
        """Complete the job with a film, a thumbnail and a sheet."""
        media = {
            "video": self.house.media.put(film),
            "thumbnail": self.house.media.put(picture(64, 36, "WEBP")),
            "spritesheet": self.house.media.put(picture(640, 360, "JPEG")),
        }
        result = Result(
            media=media,
            size=size,
            seconds=seconds,
            fps=24.0,
            frames=round(seconds * 24),
            engine="flipbook",
            report={"done": [{"words": "slow dolly in", "outcome": "done", "how": ""}]},
        )
        self.change(
            id,
            Change(
                ended=True, status="completed", progress=1.0, result=result,
                uses=tuple(media.values()), expires=expires,
            ),
        )  # fmt: skip

    def fail(self, id: str, problem: Problem) -> None:
        self.change(id, Change(ended=True, status="failed", error=problem, expires=4e9))

    def completed(self, **fields: Any) -> dict[str, Any]:
        """A video that is finished."""
        made = self.create(**fields)
        self.finish(made["id"])
        seen: dict[str, Any] = self.client.get(f"/v1/videos/{made['id']}").json()
        return seen


@contextmanager
def wired(
    folder: Path,
    settings: Settings | None = None,
    engines: Mapping[str, Engine | AsyncEngine] | None = None,
) -> Iterator[Wired]:
    """The routes over a house in `folder`. There are flipbook and a sketch, which takes every kind."""
    settings = settings or Settings()
    with Records.open("", put(folder)) as records:
        house = replace(
            workshop(records, folder, engines, settings=settings),
            keys=Keys(records),
            links=Links(b"a secret of these tests", ADDRESS),
        )
        with TestClient(app(house), base_url=ADDRESS, raise_server_exceptions=False) as client:
            yield Wired(house, client)


def app(house: House) -> ASGIApp:
    """This dialect's routes behind the server's own front."""
    return build(house)


def picture(width: int, height: int, format: str = "PNG") -> bytes:
    """A picture's file: a gradient, so that every size is a file of its own."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, format)
    return out.getvalue()


def data_url(width: int, height: int) -> str:
    return "data:image/png;base64," + base64.b64encode(picture(width, height)).decode()


#: Vendors' names go to the sketch, which films words alone too.
SKETCHING = Settings(routes=Routes(default="sketch"))
