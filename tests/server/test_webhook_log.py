"""The log of webhooks: what was told to whom, and telling it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from fresh_records import put
from mutoscope.storage.records import Records
from outgoing_house import asking, house
from receivers import receiving, status, until


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


def go(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(run())


def test_a_delivery_that_failed_is_found_and_replayed(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        async with asking(made) as client, receiving() as receiver:
            receiver.answers["/hook"] = status(410)
            body = {"name": "n", "url": receiver.url(), "event_types": ["video.failed"]}
            endpoint = (await client.post("/v1/webhook_endpoints", json=body)).json()["id"]
            event = await records.write(
                lambda c: made.outbox.add(c, "default", "video.failed", "video_1")
            )

            async def failed() -> list[dict[str, Any]]:
                page = await client.get("/mutoscope/webhooks/deliveries?status=failed")
                rows: list[dict[str, Any]] = page.json()["data"]
                return rows

            while not (rows := await failed()):
                await asyncio.sleep(0.01)
            [row] = rows
            assert (row["event"], row["endpoint"]) == (event, endpoint)
            assert row["attempts"][0]["status"] == 410
            assert row["next_attempt"] is None

            path = f"/mutoscope/webhooks/deliveries/{row['id']}"
            assert (await client.get(path)).json() == row
            refused = await client.post(f"{path}/replay")
            assert refused.status_code == 400  # the endpoint said that it is gone
            assert refused.json()["error"]["code"] == "endpoint_gone"

            receiver.answers.clear()
            await client.post(f"/v1/webhook_endpoints/{endpoint}", json={"status": "enabled"})
            again = await client.post(f"{path}/replay")
            assert again.status_code == 200
            await until(lambda: len(receiver.hooks) == 2)
            assert len({hook.headers["webhook-id"] for hook in receiver.hooks}) == 1

            seen = (await client.get(f"/mutoscope/webhooks/events/{event}")).json()
            assert (seen["type"], seen["subject"]) == ("video.failed", "video_1")
            assert [one["id"] for one in seen["deliveries"]][-1] == row["id"]
            events = (await client.get("/mutoscope/webhooks/events")).json()
            assert [one["id"] for one in events["data"]] == [event]

    go(run)


def test_an_event_that_nobody_wants_says_so_when_it_is_replayed(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        async with asking(made) as client, receiving() as receiver:
            event = await records.write(
                lambda c: made.outbox.add(c, "default", "video.failed", "video_1")
            )
            path = f"/mutoscope/webhooks/events/{event}/replay"
            answer = await client.post(path)
            assert answer.json()["error"]["code"] == "no_receiver"
            body = {"name": "n", "url": receiver.url(), "event_types": ["video.failed"]}
            await client.post("/v1/webhook_endpoints", json=body)
            assert len((await client.post(path)).json()["deliveries"]) == 1
            await until(lambda: receiver.hooks)

    go(run)


def test_the_projects_own_secret_signs_what_jobs_name_themselves(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        async with asking(made) as client, receiving() as receiver:
            secret = (await client.get("/mutoscope/webhooks/secret")).json()["signing_secret"]
            assert (await client.get("/mutoscope/webhooks/secret")).json()["signing_secret"] == secret  # fmt: skip
            keep = {"keep_old_secret_active_for_24_hours": True}
            rotated = await client.post("/mutoscope/webhooks/secret/rotate", json=keep)
            new = rotated.json()["signing_secret"]
            await records.write(
                lambda c: made.outbox.add(c, "default", "video.failed", "video_1", receiver.url())
            )
            [hook] = await until(lambda: receiver.hooks)
            for one in (secret, new):
                openai.OpenAI(api_key="x").webhooks.verify_signature(
                    hook.body, hook.headers, secret=one
                )

    go(run)


def test_pages_and_what_is_wrong_with_a_query(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        async with asking(made) as client:
            for n in range(3):
                await records.write(
                    lambda c, n=n: made.outbox.add(c, "default", "video.failed", f"video_{n}")  # type: ignore[misc]
                )
            path = "/mutoscope/webhooks/events"
            first = (await client.get(path, params={"limit": 2})).json()
            assert [one["subject"] for one in first["data"]] == ["video_2", "video_1"]
            assert first["has_more"]
            rest = (await client.get(path, params={"after": first["last_id"]})).json()
            assert [one["subject"] for one in rest["data"]] == ["video_0"]
            assert (await client.get(path, params={"type": "batch.failed"})).json()["data"] == []
            for query in ({"limit": 0}, {"limit": "x"}, {"limit": 101}):
                assert (await client.get(path, params=query)).status_code == 400
            deliveries = "/mutoscope/webhooks/deliveries"
            assert (await client.get(deliveries, params={"status": "lost"})).status_code == 400

    go(run)


def test_another_projects_log_is_not_there(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        theirs, _ = await asyncio.to_thread(made.keys.create, project="theirs")
        async with receiving() as receiver, asking(made, theirs) as client:
            event = await records.write(
                lambda c: made.outbox.add(c, "mine", "video.failed", "video_1", receiver.url())
            )
            [hook] = await until(lambda: receiver.hooks)
            assert hook.headers["webhook-id"] == event
            for path in ("events", "deliveries"):
                answer = await client.get(f"/mutoscope/webhooks/{path}")
                assert answer.json()["data"] == []
            for method, path in (
                ("GET", f"events/{event}"), ("POST", f"events/{event}/replay"),
                ("GET", "deliveries/dlv_1"), ("POST", "deliveries/dlv_1/replay"),
            ):  # fmt: skip
                answer = await client.request(method, f"/mutoscope/webhooks/{path}")
                assert answer.status_code == 404

    go(run)


def test_a_key_for_webhooks_alone_reads_the_log(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        key, _ = await asyncio.to_thread(made.keys.create, scopes=["webhooks:read"])
        async with asking(made, key) as client:
            assert (await client.get("/mutoscope/webhooks/events")).status_code == 200
            assert (await client.post("/mutoscope/webhooks/secret/rotate")).status_code == 403
            assert (await client.get("/v1/videos/video_1/events")).status_code == 403

    go(run)
