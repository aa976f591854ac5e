"""Webhook endpoints as the SDK manages them, and what it verifies of a real delivery."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
import openai
import pytest

from fresh_records import put
from mutoscope.config import Server, Settings
from mutoscope.dialects.openai.webhooks import EVENT_TYPES
from mutoscope.server.house import House
from mutoscope.storage.records import Records
from outgoing_house import ADDRESS, app, asking, house
from receivers import Receiver, receiving, status, until

BOTH: Any = ["video.completed", "video.failed"]


@contextlib.asynccontextmanager
async def sdk(
    records: Records, **more: Any
) -> AsyncIterator[tuple[openai.AsyncOpenAI, House, Receiver]]:
    """The official client in front of the app, the outbox running, and a receiver."""
    made = house(records, **more)
    transport = httpx2.ASGITransport(app=cast(Any, app(made)))
    task = asyncio.create_task(made.outbox.run())
    try:
        async with (
            receiving() as receiver,
            openai.AsyncOpenAI(
                api_key="any",
                base_url=f"{ADDRESS}/v1",
                max_retries=0,
                http_client=httpx2.AsyncClient(transport=transport),
            ) as client,
        ):
            yield client, made, receiver
    finally:
        await made.outbox.stop(1)
        await task


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


def go(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(run())


def test_an_endpoint_lives_through_every_method_of_the_sdk(records: Records) -> None:
    async def run() -> None:
        async with sdk(records) as (client, _, receiver):
            made = await client.webhooks.create(name="mine", url=receiver.url(), event_types=BOTH)
            assert made.object == "webhook_endpoint"
            assert made.signing_secret.startswith("whsec_")
            assert made.signing_secret_hint == f"whsec_…{made.signing_secret[-4:]}"
            assert abs(made.created_at - time.time()) < 10
            assert made.updated_at is not None

            seen = await client.webhooks.retrieve(made.id)
            assert (seen.name, seen.url, seen.event_types) == ("mine", receiver.url(), BOTH)
            assert "signing_secret" not in seen.model_dump()

            changed = await client.webhooks.update(made.id, name="yours")
            assert (changed.name, changed.event_types) == ("yours", BOTH)

            result = await client.webhooks.test(made.id, event_type="video.failed")
            assert (result.success, result.status_code) == (True, 204)
            [hook] = receiver.hooks
            event: Any = client.webhooks.unwrap(hook.body, hook.headers, secret=made.signing_secret)
            assert event.type == "video.failed"

            rotated = await client.webhooks.rotate_secret(made.id)
            assert rotated.signing_secret != made.signing_secret

            gone = await client.webhooks.delete(made.id)
            assert (gone.id, gone.object, gone.deleted) == (made.id, "webhook_endpoint.deleted", True)  # fmt: skip
            with pytest.raises(openai.NotFoundError):
                await client.webhooks.retrieve(made.id)
            types = await client.webhooks.event_types.list()
            assert tuple(types.data) == EVENT_TYPES

    go(run)


def test_pages_hold_the_newest_first(records: Records) -> None:
    async def run() -> None:
        async with sdk(records) as (client, _, receiver):
            made = [
                await client.webhooks.create(name=str(n), url=receiver.url(), event_types=BOTH)
                for n in range(5)
            ]
            names = [one.name async for one in client.webhooks.list(limit=2)]
            assert names == ["4", "3", "2", "1", "0"]
            page = await client.webhooks.list(after=made[3].id, limit=2)
            assert [one.name for one in page.data] == ["2", "1"]
            assert page.has_more
            with pytest.raises(openai.BadRequestError, match="after"):
                await client.webhooks.list(after="whe_none")

    go(run)


def test_a_delivery_is_unwrapped_with_the_secret_that_create_showed(records: Records) -> None:
    async def run() -> None:
        async with sdk(records) as (client, made, receiver):
            endpoint = await client.webhooks.create(name="n", url=receiver.url(), event_types=BOTH)
            await records.write(
                lambda c: made.outbox.add(c, "default", "video.completed", "video_1")
            )
            await until(lambda: receiver.hooks)
            [hook] = receiver.hooks
            event: Any = client.webhooks.unwrap(
                hook.body, hook.headers, secret=endpoint.signing_secret
            )
            assert event.type == "video.completed"
            assert event.data.id == "video_1"

    go(run)


def test_the_old_secret_stays_good_for_a_day_only_where_that_was_asked_for(
    records: Records,
) -> None:
    async def run() -> None:
        async with sdk(records) as (client, made, receiver):
            first = await client.webhooks.create(name="n", url=receiver.url(), event_types=BOTH)
            second = await client.webhooks.rotate_secret(
                first.id, keep_old_secret_active_for_24_hours=True
            )
            await records.write(
                lambda c: made.outbox.add(c, "default", "video.completed", "video_1")
            )
            [hook] = await until(lambda: receiver.hooks)
            for secret in (first.signing_secret, second.signing_secret):
                client.webhooks.unwrap(hook.body, hook.headers, secret=secret)

    go(run)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"name": None}, "name", "Missing required parameter: 'name'"),
    ({"name": " "}, "name", "must have 1 to 200"),
    ({"name": 3}, "name", "expected a string"),
    ({"url": None}, "url", "Missing required parameter: 'url'"),
    ({"url": "ftp://a.example/"}, "url", "begins with https://"),
    ({"url": "http://169.254.169.254/"}, "url", "link-local network address"),
    ({"url": "http://10.0.0.1/"}, "url", "webhooks.allow_private"),
    ({"event_types": []}, "event_types", "at least one of video.completed"),
    ({"event_types": ["video.done"]}, "event_types[0]", "'video.completed', "),
    ({"event_types": [["x"]]}, "event_types[0]", "expected a string"),
]


def test_what_is_wrong_is_said_of_its_field(records: Records) -> None:
    async def run() -> None:
        async with asking(house(records)) as client:
            for fields, param, says in WRONG:
                body = {"name": "n", "url": "http://a.example/", "event_types": BOTH} | fields
                body = {name: value for name, value in body.items() if value is not None}
                answer = await client.post("/v1/webhook_endpoints", json=body)
                error = answer.json()["error"]
                assert (answer.status_code, error["param"]) == (400, param), fields
                assert says in error["message"], fields

    go(run)


def test_a_server_that_others_reach_takes_no_endpoint_on_its_own_machine(records: Records) -> None:
    async def run() -> None:
        made = house(records, Settings(server=Server(host="0.0.0.0")))
        key, _ = await asyncio.to_thread(made.keys.create)
        async with asking(made, key) as client:
            body = {"name": "n", "url": "http://127.0.0.1:9999/", "event_types": BOTH}
            answer = await client.post("/v1/webhook_endpoints", json=body)
            assert answer.status_code == 400
            assert "loopback network address" in answer.json()["error"]["message"]

    go(run)


def test_a_test_that_reaches_nobody_says_so_at_once(records: Records) -> None:
    async def run() -> None:
        async with receiving() as gone:
            url = gone.url("/hook?token=hunter2")
        async with sdk(records) as (client, _, receiver):
            made = await client.webhooks.create(name="n", url=url, event_types=BOTH)
            with pytest.raises(
                openai.BadRequestError, match="no connection could be made"
            ) as error:
                await client.webhooks.test(made.id, event_type="video.completed")
            assert error.value.code == "webhook_unreachable"
            assert "hunter2" not in error.value.message
            receiver.answers["/hook"] = status(500)
            await client.webhooks.update(made.id, url=receiver.url())
            result = await client.webhooks.test(made.id, event_type="video.completed")
            assert result.status_code == 500

    go(run)


def test_a_disabled_endpoint_can_be_enabled_again(records: Records) -> None:
    async def run() -> None:
        async with asking(house(records)) as client, receiving() as receiver:
            body = {"name": "n", "url": receiver.url(), "event_types": BOTH}
            id = (await client.post("/v1/webhook_endpoints", json=body)).json()["id"]
            for word in ("disabled", "enabled"):
                answer = await client.post(f"/v1/webhook_endpoints/{id}", json={"status": word})
                assert answer.json()["status"] == word
            wrong = await client.post(f"/v1/webhook_endpoints/{id}", json={"status": "off"})
            assert wrong.status_code == 400

    go(run)


def test_another_projects_endpoint_is_not_there(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        mine, _ = await asyncio.to_thread(made.keys.create, project="mine")
        theirs, _ = await asyncio.to_thread(made.keys.create, project="theirs")
        body = {"name": "n", "url": "http://127.0.0.1:9999/", "event_types": BOTH}
        async with asking(made, mine) as client:
            id = (await client.post("/v1/webhook_endpoints", json=body)).json()["id"]
        async with asking(made, theirs) as client:
            path = f"/v1/webhook_endpoints/{id}"
            answers = [
                await client.get(path),
                await client.post(path, json={"name": "stolen"}),
                await client.delete(path),
                await client.post(f"{path}/rotate_secret", json={}),
                await client.post(f"{path}/test", json={"event_type": "video.failed"}),
                await client.get("/v1/webhook_endpoints", params={"after": id}),
            ]
            assert [answer.status_code for answer in answers] == [404] * 5 + [400]
            assert (await client.get("/v1/webhook_endpoints")).json()["data"] == []

    go(run)
