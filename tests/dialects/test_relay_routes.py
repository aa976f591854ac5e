"""The relay's routes over a house: tasks, their links, characters, errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import ADDRESS, SKETCHING, Wired, data_url, wired

from clips_made import frame, orange, written
from mutoscope import weights
from mutoscope.characters import frames
from mutoscope.config import Server, Settings
from mutoscope.jobs.job import Change, Problem
from workshop import until, working

GENERATE, TASKS, CHARACTERS = "/v1/sora/generate", "/v1/sora/tasks", "/v1/sora/characters"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    views = [frame(120), frame(150, wide=0.8), frame(170, mirrored=True)]
    path = written(tmp_path / "clip.mp4", [view for view in views for _ in range(4)])
    return path.read_bytes()


def posted(here: Wired, path: str = GENERATE, status: int = 200, **given: Any) -> Any:
    usual = {"prompt": "slow dolly in", "image_data": data_url(48, 27)} if path == GENERATE else {}
    answer = here.client.post(path, json=usual | given)
    assert answer.status_code == status, answer.text
    return answer.json()


def got(here: Wired, path: str, status: int = 200, **query: Any) -> Any:
    answer = here.client.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def video_id(task: dict[str, Any]) -> str:
    return f"video_{task['task_id'].removeprefix('task_')}"


def introduced(here: Wired, clip: bytes, **fields: str) -> Any:
    answer = here.client.post(
        CHARACTERS, data=fields, files={"video": ("clip.mp4", clip, "video/mp4")}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_task_from_pending_to_completed(here: Wired) -> None:
    task = posted(here, duration=5, orientation="portrait")
    assert (task["status"], task["progress"], task["video_url"]) == ("pending", 0, None)
    assert (task["model"], task["duration"], task["size"]) == ("sora-2", 5, "720x1280")
    assert task["id"] == task["task_id"]
    id = video_id(task)
    here.change(id, Change(stage="render", status="in_progress", progress=0.5, wait=999.0))
    between = got(here, f"{TASKS}/{task['task_id']}")
    assert (between["status"], between["progress"]) == ("processing", 50)
    done = posted(here)
    here.finish(video_id(done))
    done = got(here, f"{TASKS}/{done['task_id']}")
    assert (done["status"], done["progress"], done["error"]) == ("completed", 100, None)
    assert (done["duration"], done["size"], done["expires_at"]) == (4, "1280x720", 4_000_000_000)
    assert done["report"]["done"]


def test_ten_seconds_where_nothing_is_said(here: Wired) -> None:
    assert posted(here)["duration"] == 10
    assert here.job(video_id(posted(here))).model == "relay/sora-2"


def test_its_link_plays_in_a_browser_without_a_key_and_no_longer_than_it_says(here: Wired) -> None:
    secret, _ = here.house.keys.create(project="default")
    here.client.headers["authorization"] = f"Bearer {secret}"
    task = posted(here)
    here.finish(video_id(task))
    url = got(here, f"{TASKS}/{task['task_id']}")["video_url"]
    assert url.startswith(f"{ADDRESS}/")
    del here.client.headers["authorization"]
    shown = here.client.get(url.removeprefix(ADDRESS), headers={"range": "bytes=4-7"})
    assert (shown.status_code, shown.content) == (206, b"ftyp")
    assert shown.headers["content-type"] == "video/mp4"
    assert shown.headers["content-disposition"].startswith("inline")
    later = url.removeprefix(ADDRESS).replace("expires=", "expires=9")
    assert here.client.get(later).status_code == 401
    assert here.client.get(f"{TASKS}/{task['task_id']}").status_code == 401


def test_a_failed_task_says_why(here: Wired) -> None:
    task = posted(here)
    here.fail(video_id(task), Problem(code="broken", message="it broke", hint="mend it"))
    failed = got(here, f"{TASKS}/{task['task_id']}")
    assert (failed["status"], failed["fail_reason"], failed["video_url"]) == (
        "failed",
        "it broke",
        None,
    )
    assert failed["error"] == {"code": "broken", "message": "it broke", "hint": "mend it"}


def test_a_cancelled_task_says_so(here: Wired) -> None:
    task = posted(here)
    assert posted(here, f"{TASKS}/{task['task_id']}/cancel")["status"] == "cancelled"
    assert here.job(video_id(task)).cancel_requested
    assert got(here, f"{TASKS}/{task['task_id']}")["status"] == "cancelled"
    assert got(here, TASKS)["tasks"] == []
    done = posted(here)
    here.finish(video_id(done))
    assert posted(here, f"{TASKS}/{done['task_id']}/cancel")["status"] == "completed"


def test_list_and_delete(here: Wired) -> None:
    ids = [posted(here)["task_id"] for _ in range(3)]
    page = got(here, TASKS, limit=2)
    assert ([one["task_id"] for one in page["tasks"]], page["has_more"]) == (ids[:0:-1], True)
    rest = got(here, TASKS, limit=2, after=ids[1])
    assert ([one["task_id"] for one in rest["tasks"]], rest["has_more"]) == (ids[:1], False)
    for query in ({"limit": "x"}, {"after": "x"}, {"order": "up"}):
        got(here, TASKS, 400, **query)
    here.finish(f"video_{ids[0][5:]}")
    gone = here.client.delete(f"{TASKS}/{ids[0]}")
    assert gone.json() == {"task_id": ids[0], "deleted": True}
    got(here, f"{TASKS}/{ids[0]}", 404)


def test_under_the_prefix_and_on_the_bare_host(here: Wired) -> None:
    task = posted(here)
    assert got(here, f"/relay{TASKS}/{task['task_id']}") == got(here, f"{TASKS}/{task['task_id']}")
    assert got(here, f"/v1/videos/{video_id(task)}")["id"] == video_id(task)
    assert got(here, f"{TASKS}/{video_id(task)}")["task_id"] == task["task_id"]


def test_a_repeated_request_makes_no_second_task(here: Wired) -> None:
    asked = {"prompt": "a", "image_data": data_url(48, 27)}
    key = {"idempotency-key": "one"}
    ids = {here.client.post(GENERATE, json=asked, headers=key).json()["task_id"] for _ in range(2)}
    assert len(ids) == 1


def test_words_alone_and_limits_are_told_in_these_words(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(compat="strict"))) as here:
        alone = here.client.post(GENERATE, json={"prompt": "a"}).json()["error"]
        assert (alone["code"], alone["param"]) == ("missing_required_parameter", "image_url")
        beyond = posted(here, status=400, duration=6)["error"]
        assert beyond["param"] == "duration"
        assert "5, 10 or 20" in beyond["message"]
        assert posted(here, strict=False, duration=6)["warnings"][0]["code"] == "outside_contract"


def test_a_picture_under_an_unknown_name_is_told_of_where_one_is_missing(here: Wired) -> None:
    asked = {"prompt": "slow push in", "start_picture": "https://x.org/a.png"}
    error = here.client.post(GENERATE, json=asked).json()["error"]
    assert error["code"] == "missing_required_parameter"
    assert error["message"].endswith("left out as not known here: start_picture")


def test_unknown_fields_are_named_on_the_task_and_in_a_header(here: Wired) -> None:
    answer = here.client.post(
        GENERATE, json={"prompt": "a", "image_data": data_url(48, 27), "style": "anime"}
    )
    assert answer.json()["warnings"][0]["field"] == "style"
    assert '"style"' in answer.headers["x-mutoscope-warnings"]


def test_characters_are_made_listed_told_of_and_deleted(here: Wired, clip: bytes) -> None:
    made = introduced(here, clip, name="Roller Pan", description="a red one")
    assert (made["status"], made["name"], made["username"]) == (
        "processing",
        "Roller Pan",
        "Roller_Pan",
    )
    assert made["character_id"].startswith("char_")
    by_url = posted(here, CHARACTERS, video_url="https://example.com/a.mp4", name="Far")
    listed = got(here, CHARACTERS)
    assert [one["character_id"] for one in listed["characters"]] == [
        by_url["character_id"], made["character_id"],
    ]  # fmt: skip
    assert got(here, CHARACTERS, limit=1)["has_more"] is True
    path = f"{CHARACTERS}/{made['character_id']}"
    assert got(here, path)["description"] == "a red one"
    assert got(here, f"/v1/videos/characters/{made['character_id']}")["name"] == "Roller Pan"
    gone = here.client.delete(path).json()
    assert (gone["character_id"], gone["deleted"]) == (made["character_id"], True)
    got(here, path, 404)
    assert here.client.delete(path).status_code == 404


def test_a_part_of_a_tasks_film_becomes_a_character_that_a_task_has(
    tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the film of one task to the next, through the worker."""
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)
    with wired(tmp_path / "house", SKETCHING) as here:
        task = posted(here)
        here.finish(video_id(task), film=clip)
        made = posted(
            here, f"{CHARACTERS}/extract", task_id=task["task_id"], name="Nova", timestamps="0,0.8"
        )
        id = made["character_id"]
        film = here.client.post(
            GENERATE,
            json={"prompt": f"@{id} on the left, pan right", "model": "sketch", "size": "64x64",
                  "duration": 1, "image_data": data_url(48, 27)},
        ).json()  # fmt: skip

        async def worked() -> Any:
            async def over() -> Any:
                job = await here.house.ledger.get(video_id(film))
                return job if job is not None and job.due is None else None

            async with working(here.house):
                return await until(over)

        job = asyncio.run(worked())
        assert job.status == "completed", job.error
        assert job.shot.cast == ("Nova",)
        ready = got(here, f"{CHARACTERS}/{id}")
        assert (ready["status"], ready["error"]) == ("completed", None)
        assert ready["profile_picture_url"].startswith(ADDRESS)
        native = got(here, f"/mutoscope/characters/{id}")
        assert native["origin"]["job"] == video_id(task)
        assert (native["origin"]["from"], native["origin"]["to"]) == (0.0, 0.8)


@pytest.mark.parametrize(
    ("path", "given", "status", "param"),
    [
        (CHARACTERS, {"name": "A"}, 400, "video_url"),
        (CHARACTERS, {"name": "", "video_url": "ftp://x"}, 400, "video_url"),
        (CHARACTERS, {"name": "x" * 81, "video_url": "https://x.org/a.mp4"}, 400, "name"),
        (CHARACTERS, {"name": "A", "video_url": "http://127.0.0.1/a.mp4"}, 400, "video_url"),
        (CHARACTERS, {"name": "A", "url": "http://127.0.0.1/a.mp4"}, 400, "url"),
        (CHARACTERS, {"name": "A", "video_url": "https://x.org/a.mp4", "timestamps": "3,1"}, 400, "timestamps"),
        (f"{CHARACTERS}/extract", {"name": "A"}, 400, "task_id"),
        (f"{CHARACTERS}/extract", {"name": "A", "task_id": "task_none"}, 404, "task_id"),
        (f"{CHARACTERS}/extract", {"name": "A", "task_id": "t", "url": "https://x.org"}, 400, "task_id"),
    ],
)  # fmt: skip
def test_what_is_refused(
    here: Wired, path: str, given: dict[str, Any], status: int, param: str
) -> None:
    error = posted(here, path, status, **given)["error"]
    assert error["param"] == param, error
    assert error["message"]


def test_a_task_that_is_not_finished_has_no_character_yet(here: Wired) -> None:
    task = posted(here)
    error = posted(here, f"{CHARACTERS}/extract", 400, task_id=task["task_id"], name="A")["error"]
    assert (error["code"], error["param"]) == ("video_not_completed", "task_id")


def test_a_task_that_is_not_finished_cannot_be_remixed_yet(here: Wired) -> None:
    task = posted(here)
    error = posted(here, status=400, prompt="b", remix_target_id=task["task_id"])["error"]
    assert (error["code"], error["param"]) == ("video_not_completed", "remix_target_id")


def test_another_projects_tasks_and_characters_are_not_there(here: Wired, clip: bytes) -> None:
    one, _ = here.house.keys.create(project="one")
    two, _ = here.house.keys.create(project="two")
    here.client.headers["authorization"] = f"Bearer {one}"
    task, character = posted(here), introduced(here, clip, name="Mine")
    here.finish(video_id(task))
    here.client.headers["authorization"] = f"Bearer {two}"
    for path in (f"{TASKS}/{task['task_id']}", f"{CHARACTERS}/{character['character_id']}"):
        got(here, path, 404)
        assert here.client.delete(path).status_code == 404
    posted(here, f"{TASKS}/{task['task_id']}/cancel", 404)
    posted(here, f"{CHARACTERS}/extract", 404, task_id=task["task_id"], name="B")
    assert (got(here, TASKS)["tasks"], got(here, CHARACTERS)["characters"]) == ([], [])
