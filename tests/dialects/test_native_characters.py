"""/mutoscope/characters on the wire, with a worker behind it."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image
from wired import ADDRESS, SKETCHING, data_url

from clips_made import frame, orange, written
from fresh_records import put
from mutoscope import weights
from mutoscope.characters import frames
from mutoscope.characters.store import Characters
from mutoscope.config import Characters as Policy
from mutoscope.config import Server
from mutoscope.images.faces import Face
from mutoscope.images.plan import Box
from mutoscope.jobs import retention
from mutoscope.jobs.retention import Retention
from mutoscope.server.app import build
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.storage.records import Records
from workshop import until, working, workshop

pytestmark = pytest.mark.slow

PATH = "/mutoscope/characters"
Scenario = Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]
ADA = {"person": "Ada", "given_by": "Ada", "at": "2026-11-01", "uses": ["local", "export"]}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)
    with Records.open("", put(tmp_path / "data")) as records:
        made = workshop(records, tmp_path / "data", settings=SKETCHING)
        yield replace(made, keys=Keys(records), links=Links(b"a secret of tests", ADDRESS))


@pytest.fixture
def faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A face in every frame."""
    monkeypatch.setattr(frames, "find_faces", lambda rgb: (Face(Box(0.4, 0.4, 0.6, 0.6), 0.9),))


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    views = [frame(120), frame(150, wide=0.8), frame(170, mirrored=True)]
    path = written(tmp_path / "clip.mp4", [view for view in views for _ in range(4)])
    return path.read_bytes()


def picture(x: float = 150, wide: float = 0.5) -> bytes:
    out = io.BytesIO()
    Image.fromarray(frame(x, wide=wide)).save(out, "PNG")
    return out.getvalue()


def run(house: House, scenario: Scenario, *, work: bool = True) -> None:
    app = build(house, rooms=("mutoscope.dialects.native.characters",))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async def whole() -> None:
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            if not work:
                await scenario(client)
                return
            async with working(house):
                await scenario(client)

    asyncio.run(whole())


def under(house: House, **server: Any) -> House:
    policy = server.pop("faces", "warn")
    settings = msgspec.structs.replace(
        house.settings, server=Server(**server), characters=Policy(faces=policy)
    )
    return replace(house, settings=settings)


async def posted(client: httpx.AsyncClient, files: Any, **fields: Any) -> Any:
    answer = await client.post(PATH, data={"name": "Nova", **fields}, files=files)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def settled(client: httpx.AsyncClient, id: str) -> Any:
    async def over() -> Any:
        one = (await client.get(f"{PATH}/{id}")).json()
        return one if one["status"] != "preparing" else None

    return await until(over)


def test_of_a_film_with_all_that_there_is_to_say(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(
            client, {"video": ("m.mp4", clip)}, description="blue", consent=json.dumps(ADA)
        )
        assert (made["status"], made["mention"], made["frames"]) == ("preparing", "@Nova", [])
        one = await settled(client, made["id"])
        assert (one["status"], one["description"]) == ("ready", "blue")
        assert one["consent"] == ADA | {"until": "", "note": ""}
        assert one["origin"] == {"kind": "upload", "filenames": ["m.mp4"]}
        assert (one["faces"], one["updated_at"], one["warnings"]) == (None, None, [])
        assert len(one["frames"]) >= 3
        for n, kept in enumerate(one["frames"]):
            assert kept["n"] == n
            shown = await client.get(kept["picture"])
            assert shown.headers["content-type"] == "image/jpeg"
            assert shown.headers["content-disposition"].startswith("inline")
            cut = await client.get(kept["cutout"])
            assert Image.open(io.BytesIO(cut.content)).mode == "RGBA"
        beyond = await client.get(f"{PATH}/{one['id']}/frames/99")
        assert beyond.status_code == 404

    run(house, scenario)


def test_links_open_without_a_key_and_nothing_else_does(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        key, _ = await asyncio.to_thread(lambda: house.keys.create(project="default"))
        client.headers["authorization"] = f"Bearer {key}"
        one = await settled(client, (await posted(client, {"video": ("m.mp4", clip)}))["id"])
        del client.headers["authorization"]
        link = one["frames"][0]["picture"]
        assert (await client.get(link)).status_code == 200
        assert (await client.get(link.replace("frames/0", "frames/1"))).status_code == 401
        assert (await client.get(f"{PATH}/{one['id']}")).status_code == 401
        signed = link.partition("?")[2]
        assert (await client.get(f"{PATH}/{one['id']}/export?{signed}")).status_code == 401

    run(house, scenario)


def test_of_pictures_in_every_form(house: House) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        files = [("pictures[]", ("a.png", picture())), ("pictures[]", ("b.png", picture(150, 0.9)))]
        made = await posted(client, [*files, ("pictures[]", ("c.png", picture(-900)))])
        one = await settled(client, made["id"])
        assert one["status"] == "ready", one
        assert sorted(kept["at"] for kept in one["frames"]) == [0, 1]
        assert one["origin"]["kind"] == "pictures"
        assert one["origin"]["pictures"] == 3
        (left,) = one["warnings"]
        assert (left["code"], left["field"]) == ("picture_left_out", "pictures[2]")
        import base64

        url = "data:image/png;base64," + base64.b64encode(picture()).decode()
        for body in ({"pictures": [url]}, {"image_urls": [url, url]}, {"image_urls": url}):
            made = (await client.post(PATH, json={"name": "N"} | body)).json()
            assert (await settled(client, made["id"]))["status"] == "ready"

    run(house, scenario)


def test_of_a_finished_job_and_of_a_part_of_it(house: House, clip: bytes, tmp_path: Path) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        body = {"prompt": "x", "image_data": data_url(64, 64), "model": "sketch", "size": "64x64"}
        video = (await client.post("/v1/videos", json=body)).json()["id"]
        early = await client.post(PATH, json={"name": "N", "job": video})
        assert early.status_code in (200, 400)

        async def over() -> Any:
            seen = (await client.get(f"/v1/videos/{video}")).json()
            return seen if seen["status"] == "completed" else None

        await until(over)
        for more in ({}, {"from": 0.1, "to": 0.4}):
            answer = await client.post(PATH, json={"name": "N", "job": video} | more)
            made = answer.json()
            assert made["origin"] == {"kind": "job", "job": video} | more
            failed = await settled(client, made["id"])  # a grey film: nobody stands out
            assert failed["error"]["code"] == "no_character"

    run(house, scenario)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "name", "missing_required_parameter"),
        ({"name": "N"}, "video", "missing_required_parameter"),
        ({"name": "N", "job": "video_none"}, "job", "not_found"),
        ({"name": "N", "video_url": "ftp://x"}, "video_url", "invalid_value"),
        ({"name": "N", "video_url": "http://x.example/a", "job": "j"}, "job", "contradicting_fields"),
        ({"name": "N", "job": "j", "pictures": ["x"]}, "pictures", "contradicting_fields"),
        ({"name": "N", "job": "j", "from": 1}, "to", "missing_required_parameter"),
        ({"name": "N", "job": "j", "from": 3, "to": 2}, "to", "invalid_value"),
        ({"name": "N", "image_urls": ["https://x.example/a"], "from": 1, "to": 2}, "from", "invalid_value"),
        ({"name": "N", "pictures": [7]}, "pictures[0]", "invalid_type"),
        ({"name": "N", "pictures": []}, "pictures", "missing_required_parameter"),
        ({"name": "N", "image_urls": ["https://x.example/a"] * 17}, "image_urls", "invalid_value"),
        ({"name": "N", "pictures": ["data:image/png;base64,aGVsbG8="]}, "pictures[0]", "invalid_image"),
        ({"name": "N", "consent": {"person": "A"}, "job": "j"}, "consent.given_by", "missing_required_parameter"),
        ({"name": "N", "consnt": {}, "job": "j"}, "consnt", "unknown_parameter"),
    ],
)  # fmt: skip
def test_what_is_refused_at_once(house: House, body: Any, param: str, code: str) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        answer = await client.post(PATH, json=body)
        error = answer.json()["error"]
        assert answer.status_code in (400, 404), answer.text
        assert (error["param"], error["code"]) == (param, code), error
        assert (await client.get(PATH)).json()["data"] == []

    run(house, scenario, work=False)


def test_edited_in_its_name_description_and_consent(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        id = (await posted(client, {"video": ("m.mp4", clip)}))["id"]
        path = f"{PATH}/{id}"
        one = (await client.patch(path, json={"name": "  Roller   Pan ", "consent": ADA})).json()
        assert (one["name"], one["mention"]) == ("Roller Pan", "@Roller_Pan")
        assert one["consent"]["uses"] == ADA["uses"]
        assert one["updated_at"] >= one["created_at"]
        one = (await client.patch(path, json={"description": "red", "consent": None})).json()
        assert (one["name"], one["description"], one["consent"]) == ("Roller Pan", "red", None)
        for body, param in (
            ({}, None),
            ({"name": None}, "name"),
            ({"nmae": "x"}, "nmae"),
            ({"consent": {"person": "A"}}, "consent.given_by"),
            ({"description": 7}, "description"),
        ):
            refused = await client.patch(path, json=body)
            assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
        missing = await client.patch(f"{PATH}/char_none", json={"name": "x"})
        assert missing.status_code == 404
        assert (await client.put(path, json={})).status_code == 405

    run(house, scenario, work=False)


def test_listed_and_searched(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        ids = {}
        for name, about in (("Mossy", "a frog"), ("Nova", "blue coat"), ("Zoé", "100% real")):
            files = {"video": ("m.mp4", clip)}
            ids[name] = (await posted(client, files, name=name, description=about))["id"]

        async def found(**query: Any) -> list[str]:
            return [one["name"] for one in (await client.get(PATH, params=query)).json()["data"]]

        assert await found() == ["Zoé", "Nova", "Mossy"]
        assert await found(order="asc", limit=2) == ["Mossy", "Nova"]
        assert await found(after=ids["Zoé"]) == ["Nova", "Mossy"]
        assert await found(q="mOs") == ["Mossy"]
        assert await found(q="coat") == ["Nova"]
        assert await found(q="%") == ["Zoé"]
        assert await found(q="nobody") == []

    run(house, scenario, work=False)


def test_deleting_leaves_no_orphan_media(
    house: House, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "YOUNG", 0.0)

    async def scenario(client: httpx.AsyncClient) -> None:
        films = [await posted(client, {"video": ("m.mp4", clip)}) for _ in range(2)]
        part = await posted(client, {"video": ("m.mp4", clip)}, **{"from": "0.2", "to": "0.8"})
        still = await posted(client, {"pictures": ("a.png", picture())})
        for one in (*films, part, still):
            assert (await settled(client, one["id"]))["status"] == "ready"
        package = (await client.get(f"{PATH}/{still['id']}/export")).content
        taken = await client.post(f"{PATH}/import", files={"file": ("a.mutochar", package)})
        assert taken.status_code == 200, taken.text
        assert (await client.delete(f"{PATH}/{films[0]['id']}")).status_code == 200
        kept = await Characters(house.records).get(films[1]["id"], "default")
        assert kept is not None
        assert all(house.media.has(media) for media in kept.media())
        for one in (films[1], part, still, taken.json()):
            gone = await client.delete(f"{PATH}/{one['id']}")
            assert gone.json() == {"id": one["id"], "object": "character.deleted", "deleted": True}
        await Retention(house).turn()
        assert list(house.media.stored()) == []
        assert not list((house.records.folder / "work").rglob("import-*"))

    run(house, scenario)


def test_exported_and_imported_it_is_the_same(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(
            client, {"video": ("m.mp4", clip)}, name="Roller Pan", consent=json.dumps(ADA)
        )
        early = await client.get(f"{PATH}/{made['id']}/export")
        one = await settled(client, made["id"])
        if early.status_code != 200:
            assert (early.status_code, early.json()["error"]["code"]) == (
                409,
                "character_not_ready",
            )
        first = await client.get(f"{PATH}/{one['id']}/export")
        assert first.headers["content-type"] == "application/zip"
        assert "Roller-Pan.mutochar" in first.headers["content-disposition"]
        assert "x-mutoscope-warnings" not in first.headers  # the consent covers it
        files = {"file": ("Roller-Pan.mutochar", first.content)}
        other = (await client.post(f"{PATH}/import", files=files)).json()
        assert other["id"] != one["id"]
        for field in ("name", "description", "consent", "faces", "status"):
            assert other[field] == one[field]
        assert other["origin"]["of"] == one["origin"]
        for ours, theirs in zip(one["frames"], other["frames"], strict=True):
            for what in ("picture", "cutout"):
                mine, yours = await client.get(ours[what]), await client.get(theirs[what])
                assert mine.content == yours.content
        again = await client.get(f"{PATH}/{other['id']}/export")
        assert again.content == first.content
        named = await client.post(f"{PATH}/import", files=files, data={"name": "Pan 2"})
        assert named.json()["name"] == "Pan 2"

    run(house, scenario)


def test_a_file_that_is_broken_is_refused_in_one_sentence(house: House) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", b" " * (80 << 20))
        for content, said in (
            (b"hello", "not a ZIP"),
            (bomb.getvalue(), "more than"),
        ):
            answer = await client.post(f"{PATH}/import", files={"file": ("x.mutochar", content)})
            error = answer.json()["error"]
            assert (answer.status_code, error["code"]) == (400, "invalid_character_file")
            assert said in error["message"]
        missing = await client.post(f"{PATH}/import", json={"file": "x"})
        assert missing.json()["error"]["param"] == "file"
        assert (await client.get(PATH)).json()["data"] == []

    run(house, scenario, work=False)


@pytest.mark.usefixtures("faces")
def test_a_face_without_a_consent_is_told_of_wherever_it_is_used(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(client, {"video": ("m.mp4", clip)})
        one = await settled(client, made["id"])
        assert (one["faces"], one["consent"]) == (True, None)
        assert [(w["code"], w["field"]) for w in one["warnings"]] == [("no_consent", "consent")]
        theirs = (await client.get(f"/v1/videos/characters/{one['id']}")).json()
        assert (theirs["faces"], theirs["consent"]) == (True, None)
        assert theirs["warnings"][0]["code"] == "no_consent"

        async def filmed(**more: Any) -> list[tuple[str, str]]:
            body = {"prompt": "@nova waves", "image_data": data_url(64, 64), "model": "sketch"}
            answer = await client.post("/v1/videos", json=body | more)
            assert answer.status_code == 200, answer.text
            return [(one["code"], one["field"]) for one in answer.json().get("warnings", [])]

        assert ("no_consent", "characters") in await filmed()
        exported = await client.get(f"{PATH}/{one['id']}/export")
        assert "no_consent" in exported.headers["x-mutoscope-warnings"]
        await client.patch(f"{PATH}/{one['id']}", json={"consent": ADA})
        assert not [w for w in await filmed() if "consent" in w[0]]
        over = ADA | {"until": "2026-11-02"}
        seen = await client.patch(f"{PATH}/{one['id']}", json={"consent": over})
        assert [w["code"] for w in seen.json()["warnings"]] == ["consent_expired"]
        assert ("consent_expired", "characters") in await filmed()
        await client.patch(f"{PATH}/{one['id']}", json={"consent": ADA | {"uses": ["export"]}})
        assert ("consent_use", "characters") in await filmed()

    run(house, scenario)


@pytest.mark.usefixtures("faces")
@pytest.mark.parametrize(
    ("server", "model", "refused"),
    [
        ({"compat": "strict"}, "sora-2", True),
        ({"compat": "strict"}, "sketch", False),
        ({"compat": "strict", "faces": "allow"}, "sora-2", False),
        ({"compat": "lenient"}, "sora-2", False),
        ({"faces": "refuse"}, "sketch", True),
    ],
)
def test_the_policy_decides_about_faces(
    house: House, clip: bytes, server: dict[str, Any], model: str, refused: bool
) -> None:
    house = under(house, **server)

    async def scenario(client: httpx.AsyncClient) -> None:
        made = await posted(client, {"video": ("m.mp4", clip)})
        await settled(client, made["id"])
        body = {
            "prompt": "@nova waves", "image_data": data_url(1280, 720), "model": model,
            "size": "1280x720", "seconds": "4",
        }  # fmt: skip
        answer = await client.post("/v1/videos", json=body)
        assert answer.status_code == (400 if refused else 200), answer.text
        if refused:
            error = answer.json()["error"]
            assert (error["code"], error["param"]) == ("moderation_blocked", "characters")
            assert "policy" in error["message"]
            await client.patch(f"{PATH}/{made['id']}", json={"consent": ADA})
            assert (await client.post("/v1/videos", json=body)).status_code == 200

    run(house, scenario)


@pytest.mark.usefixtures("faces")
@pytest.mark.parametrize("policy", ["warn", "refuse"])
def test_a_face_that_is_seen_after_the_shot_was_taken_in(
    house: House, clip: bytes, policy: str
) -> None:
    house = under(house, faces=policy)

    async def scenario(client: httpx.AsyncClient) -> None:
        await posted(client, {"video": ("m.mp4", clip)})
        body = {"prompt": "@nova waves", "image_data": data_url(64, 64), "model": "sketch"}
        made = (await client.post("/v1/videos", json=body)).json()
        assert made["status"] == "queued"
        async with working(house):

            async def over() -> Any:
                seen = (await client.get(f"/v1/videos/{made['id']}")).json()
                return seen if seen["status"] in ("completed", "failed") else None

            seen = await until(over)
        if policy == "refuse":
            assert seen["error"]["code"] == "moderation_blocked"
        else:
            assert seen["status"] == "completed"
            assert [one["code"] for one in seen["warnings"]].count("no_consent") == 1

    run(house, scenario, work=False)


def test_a_repeat_of_what_was_deleted_says_so(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        client.headers["idempotency-key"] = "one"
        first = await posted(client, {"video": ("m.mp4", clip)})
        assert (await posted(client, {"video": ("m.mp4", clip)}))["id"] == first["id"]
        assert (await client.delete(f"{PATH}/{first['id']}")).status_code == 200
        again = await client.post(PATH, data={"name": "Nova"}, files={"video": ("m.mp4", clip)})
        assert again.status_code == 409
        assert again.json()["error"]["code"] == "character_deleted"

    run(house, scenario, work=False)


def test_deleting_by_another_things_id_touches_nothing(house: House) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        body = {"prompt": "x", "image_data": data_url(64, 64), "model": "sketch"}
        video = (await client.post("/v1/videos", json=body)).json()["id"]
        assert (await client.delete(f"{PATH}/{video}")).status_code == 404
        job = await house.ledger.get(video)
        assert job is not None
        assert not job.cancel_requested

    run(house, scenario, work=False)


def test_a_page_that_may_call_may_edit(house: House) -> None:
    page = "https://studio.example"
    house = under(house, allowed_origins=(page,))

    async def scenario(client: httpx.AsyncClient) -> None:
        asked = {"origin": page, "access-control-request-method": "PATCH"}
        answer = await client.options(f"{PATH}/char_1", headers=asked)
        assert answer.status_code == 204
        assert "PATCH" in answer.headers["access-control-allow-methods"].split(", ")
        edited = await client.patch(f"{PATH}/char_1", json={"name": "x"}, headers={"origin": page})
        assert edited.status_code == 404
        assert edited.headers["access-control-allow-origin"] == page

    run(house, scenario, work=False)


def test_of_two_named_alike_the_newest_is_meant_and_the_other_has_its_id(
    house: House, clip: bytes
) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        first, second = [await posted(client, {"video": ("m.mp4", clip)}) for _ in range(2)]
        body = {"image_data": data_url(64, 64), "model": "sketch"}

        async def meant(prompt: str) -> list[str]:
            made = (await client.post("/v1/videos", json=body | {"prompt": prompt})).json()
            job = await house.ledger.get(made["id"])
            assert job is not None
            return list(job.work["characters"].values())

        assert await meant("@nova waves") == [second["id"]]
        assert await meant(f"@{first['id']} waves") == [first["id"]]
        assert await meant(f"@{first['id']} and @{second['id']}") == [first["id"], second["id"]]
        package = None
        async with working(house):
            await settled(client, first["id"])
            package = (await client.get(f"{PATH}/{first['id']}/export")).content
        third = (await client.post(f"{PATH}/import", files={"file": ("n", package)})).json()
        assert await meant("@nova waves") == [third["id"]]
        await client.delete(f"{PATH}/{third['id']}")
        assert await meant("@nova waves") == [second["id"]]

    run(house, scenario, work=False)


def test_another_projects_character_is_a_404(house: House, clip: bytes) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        one, _ = await asyncio.to_thread(lambda: house.keys.create(project="one"))
        two, _ = await asyncio.to_thread(lambda: house.keys.create(project="two"))
        reads, _ = await asyncio.to_thread(
            lambda: house.keys.create(project="one", scopes=("videos:read",))
        )
        client.headers["authorization"] = f"Bearer {one}"
        path = f"{PATH}/{(await posted(client, {'video': ('m.mp4', clip)}))['id']}"
        client.headers["authorization"] = f"Bearer {two}"
        for method, place in (
            ("GET", path), ("PATCH", path), ("DELETE", path), ("GET", f"{path}/export"),
            ("GET", f"{path}/frames/0"), ("GET", f"{path}/frames/0/cutout"),
        ):  # fmt: skip
            assert (await client.request(method, place)).status_code == 404
        client.headers["authorization"] = f"Bearer {reads}"
        assert (await client.get(path)).status_code == 200
        assert (await client.delete(path)).status_code == 403

    run(house, scenario, work=False)


def test_a_server_loads_nothing_that_decodes() -> None:
    rooms = "mutoscope.dialects.native.characters, mutoscope.jobs.stages.character"
    look = f"import sys, {rooms}; print(*{{'av', 'cv2', 'numpy', 'pyvips'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
