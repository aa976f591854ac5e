"""Webhooks: written down with what they tell of, delivered until they are there."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import openai
import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from databases import Place, Postgres
from mutoscope.config import Settings, Webhooks
from mutoscope.jobs import delivery_log
from mutoscope.jobs.deliveries import sweep
from mutoscope.jobs.delivery_log import DeliveryRow
from mutoscope.jobs.outbox import Outbox
from mutoscope.jobs.verdicts import Backoff
from mutoscope.outside.endpoints import Endpoint, Endpoints, project_secret
from mutoscope.storage.records import Records
from mutoscope.storage.tables import deliveries, events
from receivers import QUICK, Receiver, receiving, running, status, until

DONE = ("video.completed", "video.failed")


def go(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(run())


async def tell(
    records: Records,
    subject: str = "video_1",
    type: str = "video.completed",
    url: str | None = None,
    project: str = "p",
    outbox: Outbox | None = None,
) -> str:
    """Write an event down as the ledger does; its id."""
    box = outbox or Outbox(records, Settings())
    return await records.write(lambda c: box.add(c, project, type, subject, url))


async def endpoint(
    records: Records, receiver: Receiver, path: str = "/hook", project: str = "p", **more: Any
) -> Endpoint:
    made = {"name": "n", "url": receiver.url(path), "event_types": DONE} | more
    return await Endpoints(records).create(project, **made)


def log(records: Records, **wanted: Any) -> list[DeliveryRow]:
    page = records.read_now(lambda c: delivery_log.delivery_page(c, None, limit=100, **wanted))
    return list(page.rows)


def test_an_event_reaches_an_endpoint_that_openai_unwraps_and_standard_webhooks_verifies(
    records: Records,
) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records) as outbox:
            made = await endpoint(records, receiver)
            event = await tell(records, outbox=outbox)
            await until(lambda: log(records, status="delivered"))
            [hook] = receiver.hooks
            client = openai.OpenAI(api_key="x", webhook_secret=made.signing.secret)
            seen = client.webhooks.unwrap(hook.body, hook.headers)
            assert (seen.id, seen.type) == (event, "video.completed")
            assert Webhook(made.signing.secret).verify(hook.body, hook.headers) == hook.event
            assert hook.event["data"] == {"id": "video_1"}
            assert hook.event["object"] == "event"
            assert abs(hook.event["created_at"] - time.time()) < 10
            assert hook.headers["webhook-id"] == event
            assert hook.headers["content-type"] == "application/json"
            with pytest.raises(openai.InvalidWebhookSignatureError):
                client.webhooks.unwrap(hook.body + b" ", hook.headers)
            [row] = log(records)
            assert (row.event, row.endpoint, row.attempt) == (event, made.id, 1)
            assert row.attempts[0]["status"] == 204

    go(run)


def test_an_event_goes_to_those_who_want_it_and_to_nobody_else(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            await endpoint(records, receiver, "/both")
            await endpoint(records, receiver, "/failed", event_types=["video.failed"])
            await endpoint(records, receiver, "/other", project="q")
            off = await endpoint(records, receiver, "/off")
            await Endpoints(records).update(off.id, "p", {"status": "disabled"})
            await tell(records, url=receiver.url("/own?job=1"))
            await tell(records, "video_2", "video.failed")
            await until(lambda: len(log(records, status="delivered")) == 4)
            got = sorted((hook.path, hook.event["data"]["id"]) for hook in receiver.hooks)
            assert got == [
                ("/both", "video_1"), ("/both", "video_2"), ("/failed", "video_2"),
                ("/own?job=1", "video_1"),
            ]  # fmt: skip

    go(run)


def test_a_jobs_own_webhook_is_signed_by_the_secret_of_its_project(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            await tell(records, url=receiver.url())
            [hook] = await until(lambda: receiver.hooks)
            secret = records.write_now(lambda c: project_secret(c, "p")).secret
            assert openai.OpenAI(api_key="x").webhooks.unwrap(
                hook.body, hook.headers, secret=secret
            )
            other = records.write_now(lambda c: project_secret(c, "q")).secret
            with pytest.raises(openai.InvalidWebhookSignatureError):
                openai.OpenAI(api_key="x").webhooks.unwrap(hook.body, hook.headers, secret=other)

    go(run)


@pytest.mark.slow
def test_a_receiver_that_was_down_gets_it_once_it_is_up(records: Records) -> None:
    words: Counter[str] = Counter()

    async def run() -> None:
        async with receiving() as gone:
            made = await endpoint(records, gone)
        async with running(records, count=lambda word: words.update([word])):
            event = await tell(records)
            [row] = await until(lambda: [r for r in log(records) if len(r.attempts) >= 2])
            assert row.attempts[0]["error"] == "no connection could be made"
            assert row.status == "pending"
            async with receiving(gone.port) as back:
                await until(lambda: log(records, status="delivered"))
                assert [hook.headers["webhook-id"] for hook in back.hooks] == [event]
                assert made.id == log(records)[0].endpoint
        assert words["delivered"] == 1
        assert words["retried"] >= 2

    go(run)


def test_a_refusal_is_retried_and_the_same_event_sent_again(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            receiver.answers["/hook"] = status(500)
            await endpoint(records, receiver)
            await tell(records)
            await until(lambda: len(receiver.hooks) >= 2)
            receiver.answers.clear()
            await until(lambda: log(records, status="delivered"))
            assert len({hook.body for hook in receiver.hooks}) == 1
            assert len({hook.headers["webhook-id"] for hook in receiver.hooks}) == 1
            [row] = log(records)
            assert [one["status"] for one in row.attempts][-2:] == [500, 204]

    go(run)


@pytest.mark.slow
def test_a_slow_receiver_holds_up_nobody_else_and_is_not_flooded(records: Records) -> None:
    async def run() -> None:
        async with receiving() as slow, receiving() as quick, running(records):
            slow.delay["/hook"] = 1.5
            await endpoint(records, slow, project="slow")
            await endpoint(records, quick, project="quick")
            for n in range(80):  # more than there are attempts at a time
                await tell(records, f"video_{n}", project="slow")
            await until(lambda: slow.waiting)
            began = time.monotonic()
            await tell(records, project="quick")
            await until(lambda: quick.hooks)
            assert time.monotonic() - began < 1
            assert slow.most_waiting <= 4

    go(run)


@pytest.mark.slow
def test_an_attempt_that_takes_too_long_is_given_up_and_made_again(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records, webhooks=Webhooks(timeout=0.2)):
            receiver.delay["/hook"] = 30
            await endpoint(records, receiver)
            await tell(records)
            await until(lambda: receiver.hooks)
            receiver.delay.clear()
            await until(lambda: log(records, status="delivered"))
            [row] = log(records)
            assert row.attempts[0]["error"] == "it did not answer in time"

    go(run)


@pytest.mark.slow
def test_retry_after_is_obeyed(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            receiver.answers["/hook"] = status(429, retry_after="1")
            await endpoint(records, receiver)
            await tell(records)
            await until(lambda: log(records) and log(records)[0].attempts)  # refused, and noted
            receiver.answers.clear()
            began = time.monotonic()
            await until(lambda: log(records, status="delivered"))
            assert time.monotonic() - began > 0.7

    go(run)


def test_an_endpoint_that_is_gone_is_disabled(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            receiver.answers["/hook"] = status(410)
            made = await endpoint(records, receiver)
            await tell(records)
            await until(lambda: log(records, status="failed"))
            found = await Endpoints(records).get(made.id, "p")
            assert found is not None
            assert found.status == "disabled"
            await tell(records, "video_2")
            await tell(records, "video_3", url=receiver.url("/own"))
            await until(lambda: receiver.at("/own"))
            assert len(receiver.at("/hook")) == 1

    go(run)


def test_redirects_are_not_followed(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            receiver.answers["/hook"] = status(302, location=receiver.url("/elsewhere"))
            await endpoint(records, receiver)
            await tell(records)
            await until(lambda: len(receiver.at("/hook")) >= 2)
            assert not receiver.at("/elsewhere")

    go(run)


@pytest.mark.slow
def test_trying_ends_after_the_hours_that_are_set(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver:
            receiver.answers["/hook"] = status(500)
            window = Webhooks(timeout=2, hours=0.3 / 3600)
            async with running(records, webhooks=window):
                await endpoint(records, receiver)
                await tell(records)
                [row] = await until(lambda: log(records, status="failed"))
                assert row.next_attempt is None
                assert row.attempt >= 2

    go(run)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5"])
def test_a_server_that_others_reach_sends_nothing_to_its_own_machine(
    records: Records, host: str
) -> None:
    async def run() -> None:
        async with receiving() as receiver:
            async with running(records, host=host):
                await endpoint(records, receiver)
                await tell(records, url=receiver.url("/own", "localhost"))
                rows = await until(lambda: [r for r in log(records) if r.attempts][:2] or None)
                await until(lambda: all(r.attempts for r in log(records)))
                assert not receiver.hooks
                for row in log(records):
                    assert "webhooks.allow_private" in row.attempts[0]["error"]
                assert rows
            async with running(
                records, host=host, webhooks=Webhooks(timeout=2, allow_private=True)
            ):
                await until(lambda: len(log(records, status="delivered")) == 2)

    go(run)


def test_after_a_rotation_both_secrets_sign_where_that_was_asked_for(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            made = await endpoint(records, receiver)
            kept = await Endpoints(records).rotate(made.id, "p", keep=True)
            await tell(records)
            await until(lambda: len(receiver.hooks) == 1)
            cut = await Endpoints(records).rotate(made.id, "p", keep=False)
            await tell(records)
            await until(lambda: len(receiver.hooks) == 2)
            assert kept is not None
            assert cut is not None
            client = openai.OpenAI(api_key="x")
            first, second = receiver.hooks
            for secret in (made.signing.secret, kept.signing.secret):
                client.webhooks.verify_signature(first.body, first.headers, secret=secret)
                with pytest.raises(openai.InvalidWebhookSignatureError):
                    client.webhooks.verify_signature(second.body, second.headers, secret=secret)
            client.webhooks.verify_signature(second.body, second.headers, secret=cut.signing.secret)

    go(run)


def test_an_endpoint_that_moves_takes_what_waits_with_it(records: Records) -> None:
    async def run() -> None:
        async with receiving() as gone:
            made = await endpoint(records, gone)
        async with receiving() as receiver, running(records):
            await tell(records)
            await until(lambda: [r for r in log(records) if r.attempts])
            await Endpoints(records).update(made.id, "p", {"url": receiver.url("/new")})
            await until(lambda: receiver.at("/new"))

    go(run)


def test_what_waits_for_a_deleted_endpoint_is_given_up(records: Records) -> None:
    async def run() -> None:
        async with receiving() as gone:
            made = await endpoint(records, gone)
        async with running(records):
            await tell(records)
            await until(lambda: [r for r in log(records) if r.attempts])
            await Endpoints(records).delete(made.id, "p")
            await until(lambda: log(records, status="failed"))

    go(run)


def test_events_and_deliveries_are_replayed_under_the_same_id(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records) as outbox:
            made = await endpoint(records, receiver)
            event = await tell(records, url=receiver.url("/own"))
            await until(lambda: len(log(records, status="delivered")) == 2)
            page = await records.read(lambda c: delivery_log.event_page(c, "p"))
            assert [row.id for row in page.rows] == [event]
            again = await records.write(lambda c: delivery_log.replay_event(c, "p", event))
            assert len(again or []) == 2
            outbox.hint()
            await until(lambda: len(log(records, status="delivered")) == 4)
            one = next(row for row in log(records) if row.endpoint == made.id)
            await records.write(lambda c: delivery_log.replay_delivery(c, "p", one.id))
            outbox.hint()
            await until(lambda: len(receiver.at("/hook")) == 3)
            assert {hook.headers["webhook-id"] for hook in receiver.hooks} == {event}
            assert await records.write(lambda c: delivery_log.replay_event(c, "q", event)) is None

    go(run)


@pytest.mark.slow
def test_two_servers_share_the_deliveries(postgres: Postgres, tmp_path: Path) -> None:
    async def run(records: Records) -> None:
        async with receiving() as receiver, running(records), running(records):
            await endpoint(records, receiver)
            for n in range(60):
                await tell(records, f"video_{n}")
            await until(lambda: len(log(records, status="delivered")) == 60)
            seen = Counter(hook.headers["webhook-id"] for hook in receiver.hooks)
            assert set(seen.values()) == {1}

    with Records.open(postgres.fresh(), tmp_path) as records:
        asyncio.run(run(records))


def test_an_event_is_written_with_its_commit_or_not_at_all(records: Records) -> None:
    async def run() -> None:
        box = Outbox(records, Settings())

        def work(connection: Any) -> None:
            box.add(connection, "p", "video.completed", "video_1")
            raise ValueError("undone")

        with pytest.raises(ValueError, match="undone"):
            await records.write(work)
        page = await records.read(lambda c: delivery_log.event_page(c, None))
        assert not page.rows

    go(run)


@pytest.mark.slow
def test_a_clean_stop_hands_back_what_is_under_way(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver:
            receiver.delay["/hook"] = 30
            await endpoint(records, receiver)
            box = Outbox(records, Settings(), backoff=QUICK)
            task = asyncio.create_task(box.run())
            await tell(records, outbox=box)
            await until(lambda: receiver.hooks)
            await box.stop(0.05)
            await task
            receiver.delay.clear()
            async with running(records):
                await until(lambda: log(records, status="delivered"), 3)
            assert len({hook.headers["webhook-id"] for hook in receiver.hooks}) == 1

    go(run)


PROGRAM = """
import asyncio, os, signal, sys
from pathlib import Path
from mutoscope.config import Settings
from mutoscope.jobs.outbox import Outbox
from mutoscope.storage.records import Records
from mutoscope.storage.tables import deliveries, events

async def main(url, data, then):
    with Records.open(url, Path(data), exclusive=False) as records:
        box = Outbox(records, Settings(), idle=0.05)
        await records.write(lambda c: box.add(c, "p", "video.completed", "video_1"))
        if then == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        await box.run()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("then", "failpoint", "times"), [("die", "", 1), ("run", "webhook.sent", 2)]
)
def test_told_at_least_once_when_killed_after_the_commit_and_after_the_sending(
    records: Records, place: Place, then: str, failpoint: str, times: int
) -> None:
    async def run() -> None:
        async with receiving() as receiver:
            await endpoint(records, receiver)
            environment = os.environ | {"MUTOSCOPE_FAILPOINT": failpoint}
            program = [sys.executable, "-c", PROGRAM, place.url, str(place.data), then]
            child = await asyncio.create_subprocess_exec(*program, env=environment)
            assert await asyncio.wait_for(child.wait(), 30) == -signal.SIGKILL
            if failpoint:
                assert [row.status for row in log(records)] == ["pending"]
            if failpoint and records.dialect == "postgresql":
                past = update(deliveries).values(lease_until=1.0)  # as if the lease had ended
                records.write_now(lambda c: c.execute(past))
            async with running(records):
                await until(lambda: log(records, status="delivered"))
            assert len(receiver.hooks) == times
            assert len({hook.headers["webhook-id"] for hook in receiver.hooks}) == 1

    go(run)


@pytest.mark.slow
def test_a_database_that_was_away_loses_nothing(postgres: Postgres, tmp_path: Path) -> None:
    async def run(records: Records) -> None:
        async with receiving() as receiver, running(records):
            await endpoint(records, receiver)
            for n in range(20):
                await tell(records, f"video_{n}")
            await until(lambda: receiver.hooks)
            await asyncio.to_thread(postgres.restart, "immediate")
            await tell(records, "video_20")
            # what was under way in the crash is sent again when its lease has ended
            past = update(deliveries).values(lease_until=1.0).where(deliveries.c.due.is_not(None))
            await records.write(lambda c: c.execute(past))
            await until(lambda: len(log(records, status="delivered")) == 21, 20)
            assert len({hook.headers["webhook-id"] for hook in receiver.hooks}) == 21

    with Records.open(postgres.fresh(), tmp_path) as records:
        asyncio.run(run(records))


def test_old_events_are_swept_out(records: Records) -> None:
    async def run() -> None:
        async with receiving() as receiver, running(records):
            await endpoint(records, receiver)
            old, new = await tell(records), await tell(records, "video_2")
            await until(lambda: len(log(records, status="delivered")) == 2)
            await records.write(
                lambda c: c.execute(update(events).where(events.c.id == old).values(created=1.0))
            )
            assert await records.write(sweep) <= 1  # the outbox may have swept by itself meanwhile
            assert await records.write(sweep) == 0
            page = await records.read(lambda c: delivery_log.event_page(c, None))
            assert [row.id for row in page.rows] == [new]
            assert [row.event for row in log(records)] == [new]

    go(run)


def test_waiting_grows_up_to_four_hours() -> None:
    waits = [Backoff().after(n, 0.5) for n in range(1, 12)]
    assert waits[:4] == [5, 15, 45, 135]
    assert waits[-1] == 4 * 3600
    assert Backoff().after(1, 0) == 4
    assert Backoff().after(10**9, 1) < 5 * 3600
