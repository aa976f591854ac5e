"""Callbacks of generations: what the outbox sends to whom, in whose form, and that it tries again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from standardwebhooks.webhooks import Webhook
from wired import ADDRESS, FILM, Wired, data_url, wired

from mutoscope.config import Server, Settings, Webhooks
from mutoscope.dialects.shared.announced import Announced
from mutoscope.jobs.job import Change, Job, Lease, Result
from mutoscope.jobs.outbox import Outbox
from mutoscope.jobs.stages.manner import told_of_start
from mutoscope.outside.endpoints import Endpoints, project_secret
from receivers import QUICK, Receiver, receiving, status, until

IMAGE = {"type": "image", "url": data_url(640, 360)}


@contextlib.asynccontextmanager
async def delivering(here: Wired) -> AsyncIterator[Outbox]:
    """An outbox that says what the server's own would."""
    settings = Settings(server=Server(host="127.0.0.1"), webhooks=Webhooks(timeout=2))
    news = Announced(here.house.records, here.house.links, settings)
    outbox = Outbox(here.house.records, settings, news=news, backoff=QUICK, idle=0.05)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        await outbox.stop(1)
        await task


async def worked(here: Wired, job: Job, meanwhile: Callable[[], object] = lambda: True) -> None:
    """The job begins and, as soon as `meanwhile` holds, ends, as the worker commits it."""
    ledger = here.house.ledger
    (claimed,) = await ledger.claim("tests", limit=1, lease=60)
    assert claimed.id == job.id
    lease = Lease(job.id, "tests", claimed.fence)
    begun = Change(hold=True, status="in_progress", event=told_of_start(claimed))
    assert await ledger.commit(lease, begun)
    await until(meanwhile)
    video = here.house.media.put(FILM)
    result = Result(
        media={"video": video}, size="640x360", seconds=1, fps=24, frames=24, engine="flipbook"
    )
    done = Change(
        ended=True, status="completed", progress=1.0, result=result, uses=(video,), expires=4e9,
        event="video.completed",
    )  # fmt: skip
    assert await ledger.commit(lease, done)


def generation(here: Wired, receiver: Receiver, path: str = "/luma") -> Job:
    body = {"prompt": "zoom in", "keyframes": {"frame0": IMAGE}, "callback_url": receiver.url(path)}
    answer = here.client.post("/dream-machine/v1/generations", json=body)
    assert answer.status_code == 201, answer.text
    return here.job(answer.json()["id"])


def test_a_callback_gets_generations_and_an_endpoint_its_events(tmp_path: Path) -> None:
    async def run(here: Wired) -> None:
        async with receiving() as receiver, delivering(here):
            hook = {"name": "n", "url": receiver.url("/openai"), "event_types": ["video.completed"]}
            await Endpoints(here.house.records).create("default", **hook)  # type: ignore[arg-type]
            job = await asyncio.to_thread(generation, here, receiver)
            await worked(here, job, lambda: receiver.at("/luma"))
            await until(lambda: len(receiver.at("/luma")) == 2 and receiver.at("/openai"))
            told = {hook.event["state"]: hook for hook in receiver.at("/luma")}
            assert set(told) == {"dreaming", "completed"}
            assert all(hook.event["id"] == job.id for hook in told.values())
            assert told["dreaming"].event["assets"] is None
            assert told["completed"].event["assets"]["video"].startswith(ADDRESS)
            (event,) = (hook.event for hook in receiver.at("/openai"))
            assert (event["type"], event["data"]) == ("video.completed", {"id": job.id})
            secret = here.house.records.read_now(lambda c: project_secret(c, "default")).secret
            done = told["completed"]
            assert Webhook(secret).verify(done.body, done.headers) == done.event

    with wired(tmp_path) as here:
        asyncio.run(run(here))


def test_a_callback_that_fails_is_tried_again_with_the_same_generation(tmp_path: Path) -> None:
    async def run(here: Wired) -> None:
        async with receiving() as receiver, delivering(here):
            receiver.answers["/luma"] = status(500)
            job = await asyncio.to_thread(generation, here, receiver)
            await worked(here, job, lambda: receiver.at("/luma"))
            start = receiver.at("/luma")[0].headers["webhook-id"]
            await until(lambda: len(receiver.at("/luma")) > 6)
            receiver.answers.pop("/luma")
            seen = [hook for hook in receiver.at("/luma") if hook.headers["webhook-id"] != start]
            assert len({hook.headers["webhook-id"] for hook in seen}) == 1
            assert {hook.event["state"] for hook in seen} == {"completed"}
            assert len({hook.body for hook in seen}) == 1


def test_a_start_that_is_told_of_late_does_not_follow_the_end(tmp_path: Path) -> None:
    async def run(here: Wired) -> None:
        async with receiving() as receiver, delivering(here):
            receiver.answers["/luma"] = status(500)
            job = await asyncio.to_thread(generation, here, receiver)
            await worked(here, job, lambda: receiver.at("/luma"))
            before = receiver.at("/luma")
            start = before[0].headers["webhook-id"]
            assert before[0].event["state"] == "dreaming"

            def late() -> list[str]:
                tries = [one for one in receiver.at("/luma") if one.headers["webhook-id"] == start]
                return [one.event["state"] for one in tries]

            await until(lambda: late()[-1] == "completed")
            receiver.answers.pop("/luma")
            assert sorted(late(), reverse=True) == late(), "dreaming, then completed"

    with wired(tmp_path) as here:
        asyncio.run(run(here))


def test_a_videos_own_webhook_is_told_as_openai_tells_and_of_no_start(tmp_path: Path) -> None:
    async def run(here: Wired) -> None:
        async with receiving() as receiver, delivering(here):
            made = await asyncio.to_thread(here.create, webhook_url=receiver.url("/own"))
            await worked(here, await asyncio.to_thread(here.job, made["id"]))
            await until(lambda: receiver.hooks)
            (hook,) = receiver.hooks
            assert hook.event["type"] == "video.completed"
            assert hook.event["data"] == {"id": made["id"]}

    with wired(tmp_path) as here:
        asyncio.run(run(here))
