"""What a batch hands back: a file of the films that were made, and one of the lines that came to
nothing, each with its reason."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from mutoscope.dialects.openai.batch_state import State
from mutoscope.dialects.openai.video import video
from mutoscope.dialects.shared.answers import Signer
from mutoscope.jobs.job import Job
from mutoscope.shot import Media

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Why a line has no film where no job or answer says it.
REASONS = {
    "expired": ("batch_expired", "This request could not be executed before the completion window expired."),
    "cancelled": ("batch_cancelled", "The batch was cancelled before this request was executed."),
    "": ("video_deleted", "The video of this request was deleted before the batch had ended."),
}  # fmt: skip
TYPE = "application/jsonl"


class Output:
    """See the module. `folder` is where the files are made; `custom_ids` are the lines' names."""

    def __init__(
        self, house: House, job: Job, state: State, folder: Path, custom_ids: list[str]
    ) -> None:
        self.house, self.job, self.state = house, job, state
        self.folder, self.custom_ids = folder, custom_ids
        self.sign = Signer(house)

    async def write(self) -> tuple[Media | None, Media | None]:
        """The output and the error file in the media store; None for one that has no line."""
        good, bad = self.folder / "output.jsonl", self.folder / "error.jsonl"
        seen: set[int] = set()
        with good.open("wb") as made, bad.open("wb") as failed:
            async for jobs in self._pages():
                seen |= await asyncio.to_thread(self._films, jobs, made, failed)
            await asyncio.to_thread(self._rest, seen, failed)
        return await self._stored(good), await self._stored(bad)

    async def forget_cancelled(self) -> None:
        """Delete the rows of the films that were cancelled with their batch: nobody asks for them."""
        async for jobs in self._pages():
            for job in jobs:
                if job.hidden and job.due is None:
                    await self.house.ledger.discard(job.id)

    async def _pages(self) -> Any:
        after = None
        while jobs := await self.house.ledger.by_batch(self.job.id, after=after):
            yield jobs
            after = jobs[-1].id

    async def _stored(self, path: Path) -> Media | None:
        if not path.stat().st_size:
            return None
        return await asyncio.to_thread(self.house.media.put, path, type=TYPE)

    def _films(self, jobs: list[Job], made: IO[bytes], failed: IO[bytes]) -> set[int]:
        numbers = set()
        for job in jobs:
            number = int((job.idempotency_key or "/0").rpartition("/")[2])
            numbers.add(number)
            if job.status == "completed":
                made.write(self._line(number, 200, video(job, self.sign), None))
            elif job.cancel_requested:
                failed.write(self._line(number, None, None, REASONS[self.state.over]))
            else:
                error = job.error
                said = (error.code, error.message) if error is not None else REASONS[""]
                failed.write(self._line(number, 200, video(job, self.sign), said))
        return numbers

    def _rest(self, seen: set[int], failed: IO[bytes]) -> None:
        for number, refused in sorted(self.state.refused.items()):
            failed.write(self._line(number, refused.status, refused.body, None))
        for number in range(self.state.lines):
            if number not in seen and number not in self.state.refused:
                why = self.state.over if number >= self.state.next else ""
                failed.write(self._line(number, None, None, REASONS[why]))

    def _line(
        self, number: int, status: int | None, body: Any, error: tuple[str, str] | None
    ) -> bytes:
        tail = f"{self.job.id.removeprefix('batch_')}_{number}"
        response = {"status_code": status, "request_id": f"req_{tail}", "body": body}
        line = {
            "id": f"batch_req_{tail}",
            "custom_id": self.custom_ids[number] if number < len(self.custom_ids) else "",
            "response": response if status is not None else None,
            "error": {"code": error[0], "message": error[1]} if error is not None else None,
        }
        return msgspec.json.encode(line) + b"\n"
