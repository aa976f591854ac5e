"""/v1/videos/characters on the wire, and characters in videos, with a worker behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from wired import ADDRESS, SKETCHING, data_url

from clips_made import frame, orange, written
from fresh_records import put
from mutoscope import weights
from mutoscope.characters import frames
from mutoscope.characters.store import Characters
from mutoscope.jobs import retention
from mutoscope.server.app import build
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.storage.records import Records
from workshop import until, working, workshop

PATH = "/v1/videos/characters"
Scenario = Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)
    with Records.open("", put(tmp_path / "data")) as records:
        made = workshop(records, tmp_path / "data", settings=SKETCHING)
        yield replace(made, keys=Keys(records), links=Links(b"a secret of tests", ADDRESS))


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    views = [frame(120), frame(150, wide=0.8), frame(170, mirrored=True)]
    path = written(tmp_path / "clip.mp4", [view for view in views for _ in range(4)])
    return path.read_bytes()


def run(house: House, scenario: Scenario, *, work: bool = True, key: str = "") -> None:
    app = build(
        house,
        rooms=("mutoscope.dialects.openai.routes", "mutoscope.dialects.openai.characters"),
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {key}"} if key else {}

    async def whole() -> None:
        async with httpx.AsyncClient(
            transport=transport, base_url=ADDRESS, headers=headers
        ) as client:
            if not work:
                await scenario(client)
                return
            async with working(house):
                await scenario(client)

    asyncio.run(whole())


async def posted(client: httpx.AsyncClient, clip: bytes, name: str = "Nova", **fields: str) -> Any:
    answer = await client.post(
        PATH, data={"name": name, **fields}, files={"video": ("m.mp4", clip, "video/mp4")}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def settled(client: httpx.AsyncClient, id: str) -> Any:
    async def over() -> Any:
        one = (await client.get(f"{PATH}/{id}")).json()
        return one if one["status"] != "preparing" else None

    return await until(over)


def test_create_answers_at_once_and_frames_follow(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(client, clip, "  Roller Pan ", description="a red one")
        assert made["id"].startswith("char_")
        assert made["name"] == "Roller Pan"
        assert isinstance(made["created_at"], int)
        ready = await settled(client, made["id"])
        assert ready["status"] == "ready"
        assert ready["description"] == "a red one"
        assert len(ready["frames"]) >= 3
        assert {"id", "name", "created_at"} <= set(ready)
        stored = await Characters(house.records).get(made["id"], "default")
        assert stored is not None
        for kept in stored.frames:
            assert house.media.has(kept.media)
            assert kept.matte.type == "image/png"

    run(house, scenario)


def test_a_clip_with_nobody_in_it_fails_with_a_hint(house: House, tmp_path: Path) -> None:
    empty = written(tmp_path / "wall.mp4", [frame(-900)] * 6).read_bytes()

    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(client, empty)
        failed = await settled(client, made["id"])
        assert failed["status"] == "failed"
        assert failed["error"]["code"] == "no_character"
        assert "good light" in failed["error"]["hint"]
        body = {"prompt": "@nova waves", "image_data": data_url(64, 64)}
        refused = await client.post("/v1/videos", json=body)
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "character_failed"

    run(house, scenario)


def test_a_shot_waits_for_its_character_and_gets_its_cut_outs(
    house: House, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "YOUNG", 0.0)

    async def scenario(client: httpx.AsyncClient) -> None:
        nova = await posted(client, clip)
        body = {
            "prompt": "Nova on the left, pan right. A sign: '@home'", "image_data": data_url(64, 64),
            "seconds": "4", "model": "sketch", "size": "64x64",
        }  # fmt: skip
        made = (await client.post("/v1/videos", json=body)).json()
        assert made["prompt"] == body["prompt"]
        ghost = body | {"prompt": "@nove waves"}
        refused = (await client.post("/v1/videos", json=ghost)).json()["error"]
        assert (refused["code"], refused["param"]) == ("unknown_character", "prompt")
        assert "@Nova" in refused["message"]

        async def over() -> Any:
            job = await house.ledger.get(made["id"])
            return job if job is not None and job.due is None else None

        job = await until(over)
        assert job.status == "completed", job.error
        assert job.shot.cast == ("Nova",)
        assert job.shot.prompt.startswith("@Nova on the left")
        kept = await Characters(house.records).get(nova["id"], "default")
        assert kept is not None
        assert [one["sha256"] for one in job.work["cast"]["Nova"]["cutouts"]] == [
            frame.matte.sha256 for frame in kept.frames[:3]
        ]
        assert (await client.delete(f"{PATH}/{nova['id']}")).status_code == 200
        assert house.media.has(kept.frames[0].matte)  # the video still needs it

    run(house, scenario)


def test_a_character_that_goes_while_a_shot_waits_fails_the_shot(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        nova = await posted(client, clip)
        body = {"prompt": "slow push in", "characters": [{"id": nova["id"]}], "model": "sketch"}
        made = (await client.post("/v1/videos", json=body)).json()
        assert (await client.delete(f"{PATH}/{nova['id']}")).status_code == 200
        async with working(house):

            async def over() -> Any:
                seen = (await client.get(f"/v1/videos/{made['id']}")).json()
                return seen if seen["status"] == "failed" else None

            failed = await until(over)
        assert failed["error"]["code"] == "not_found"
        assert "deleted" in failed["error"]["message"]

    run(house, scenario, work=False)


def test_the_same_key_gives_the_same_character(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        client.headers["idempotency-key"] = "one"
        first, second = await posted(client, clip), await posted(client, clip)
        assert first["id"] == second["id"]
        other = await client.post(
            PATH, data={"name": "Other"}, files={"video": ("m.mp4", clip, "video/mp4")}
        )
        assert other.status_code == 400
        del client.headers["idempotency-key"]
        assert (await posted(client, clip))["id"] != first["id"]  # the same name twice is allowed
        listed = (await client.get(PATH)).json()
        assert [one["name"] for one in listed["data"]] == ["Nova", "Nova"]

    run(house, scenario, work=False)


def test_list_pages_as_the_other_lists_do(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        ids = [(await posted(client, clip, f"N{n}"))["id"] for n in range(3)]
        first = (await client.get(PATH, params={"limit": 2})).json()
        assert [one["id"] for one in first["data"]] == ids[:0:-1]
        assert (first["object"], first["has_more"]) == ("list", True)
        assert (first["first_id"], first["last_id"]) == (ids[2], ids[1])
        rest = (await client.get(PATH, params={"limit": 2, "after": ids[1]})).json()
        assert [one["id"] for one in rest["data"]] == ids[:1]
        assert not rest["has_more"]
        for query in ({"limit": "x"}, {"order": "up"}, {"after": "char_none"}):
            assert (await client.get(PATH, params=query)).status_code == 400

    run(house, scenario, work=False)


def test_delete_takes_the_files_along(
    house: House, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "YOUNG", 0.0)  # nobody is about to need them

    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(client, clip)
        await settled(client, made["id"])
        stored = await Characters(house.records).get(made["id"], "default")
        assert stored is not None
        assert stored.source is not None
        gone = await client.delete(f"{PATH}/{made['id']}")
        assert gone.json() == {"id": made["id"], "object": "character.deleted", "deleted": True}
        assert (await client.get(f"{PATH}/{made['id']}")).status_code == 404
        assert (await client.delete(f"{PATH}/{made['id']}")).status_code == 404
        for media in (stored.source, stored.frames[0].media, stored.frames[0].matte):
            assert not house.media.has(media)  # nobody needs it any more
        assert await house.ledger.get(made["id"]) is None

    run(house, scenario)


def test_another_projects_character_is_a_404(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        one, _ = await asyncio.to_thread(lambda: house.keys.create(project="one"))
        two, _ = await asyncio.to_thread(lambda: house.keys.create(project="two"))
        client.headers["authorization"] = f"Bearer {one}"
        made = await posted(client, clip)
        client.headers["authorization"] = f"Bearer {two}"
        assert (await client.get(f"{PATH}/{made['id']}")).status_code == 404
        assert (await client.delete(f"{PATH}/{made['id']}")).status_code == 404
        assert (await client.get(PATH)).json()["data"] == []
        body = {"prompt": "x", "characters": [{"id": made["id"]}], "model": "sketch"}
        assert (await client.post("/v1/videos", json=body)).status_code == 400

    run(house, scenario, work=False)


@pytest.mark.parametrize(
    ("fields", "files", "param", "code"),
    [
        ({}, True, "name", "missing_required_parameter"),
        ({"name": "Nova"}, False, "video", "missing_required_parameter"),
        ({"name": ""}, True, "name", "invalid_value"),
        ({"name": "x" * 81}, True, "name", "invalid_value"),
        ({"name": "Nova", "description": "x" * 4001}, True, "description", "invalid_value"),
        (
            {"name": "Nova", "video_url": "http://127.0.0.1/a.mp4"},
            True,
            "video_url",
            "invalid_value",
        ),
        ({"name": "Nova", "video": "x"}, False, "video", "invalid_type"),
        ({"name": "Nova", "video[id]": "video_none"}, False, "video", "not_found"),
        ({"name": "Nova", "video[file_id]": "file-none"}, False, "video", "not_found"),
        ({"name": "Nova", "video_url": "ftp://x/y"}, False, "video_url", "invalid_value"),
    ],
)
def test_what_is_refused_at_once(
    house: House, clip: bytes, fields: dict[str, str], files: bool, param: str | None, code: str
) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        sent = {"video": ("m.mp4", clip, "video/mp4")} if files else {"other": ("o", b"x")}
        answer = await client.post(PATH, data=fields, files=sent)
        error = answer.json()["error"]
        assert answer.status_code in (400, 404), answer.text
        assert (error["param"], error["code"]) == (param, code)
        assert (await client.get(PATH)).json()["data"] == []

    run(house, scenario, work=False)


@pytest.mark.parametrize("content", [b"MP4DATA", b"\xff\xd8\xff\xe0" + b"x" * 99])
def test_a_file_that_is_no_film_is_refused_at_once(house: House, content: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        answer = await client.post(PATH, data={"name": "N"}, files={"video": ("m.mp4", content)})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "invalid_video"
        assert answer.json()["error"]["param"] == "video"

    run(house, scenario, work=False)


def test_from_an_uploaded_file_and_a_data_url(house: House, clip: bytes) -> None:
    import base64

    async def scenario(client: httpx.AsyncClient) -> None:
        upload = await client.post(
            "/v1/files", data={"purpose": "user_data"}, files={"file": ("c.mp4", clip)}
        )
        by_id = {"name": "A", "video": {"file_id": upload.json()["id"]}}
        inline = "data:video/mp4;base64," + base64.b64encode(clip).decode()
        for body in (by_id, {"name": "B", "video_url": inline}, {"name": "C", "video": inline}):
            made = await client.post(PATH, json=body)
            assert made.status_code == 200, made.text
            assert (await settled(client, made.json()["id"]))["status"] == "ready"

    run(house, scenario)
