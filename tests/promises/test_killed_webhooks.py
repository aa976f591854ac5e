"""A server killed between a film's completion and its webhook: whoever waits for it is told."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from mutoscope.jobs.failpoints import VARIABLE
from receivers import receiving, until
from serving import Serving

PHOTO = Path(__file__).parents[2] / "examples" / "coffee.jpg"


@pytest.mark.slow
@pytest.mark.parametrize(("point", "times"), [("webhook.sent", 2), ("finish.made", 1)])
def test_told_though_its_server_was_killed(tmp_path: Path, point: str, times: int) -> None:
    async def run() -> None:
        async with receiving() as receiver:
            killed = await asyncio.to_thread(Serving, tmp_path, environment={VARIABLE: point})
            try:
                async with httpx.AsyncClient(base_url=killed.url, timeout=30) as client:
                    fields = {
                        "prompt": "slow push in",
                        "seconds": "1",
                        "size": "320x180",
                        "webhook_url": receiver.url(),
                    }
                    files = {"input_reference": ("a.jpg", PHOTO.read_bytes(), "image/jpeg")}
                    answer = await client.post("/v1/videos", data=fields, files=files)
                    assert answer.status_code == 200, answer.text
                    video = answer.json()["id"]
                assert await asyncio.to_thread(killed.process.wait, 60) == -signal.SIGKILL
            finally:
                await asyncio.to_thread(killed.kill)
            assert len(receiver.hooks) == times - 1
            again = await asyncio.to_thread(Serving, tmp_path)
            try:
                await until(lambda: len(receiver.hooks) == times, 60)
            finally:
                await asyncio.to_thread(again.stop)
            assert {hook.event["data"]["id"] for hook in receiver.hooks} == {video}
            assert {hook.event["type"] for hook in receiver.hooks} == {"video.completed"}
            assert len({hook.headers["webhook-id"] for hook in receiver.hooks}) == 1

    asyncio.run(run())
