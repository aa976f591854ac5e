"""/v1/files: upload, list, retrieve, content, delete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import Wired, picture, wired

from mutoscope.config import Retention, Settings

PNG = picture(64, 64)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here")) as made:
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Wired]:
    """A house in which nothing has happened yet."""
    with wired(tmp_path) as made:
        yield made


def upload(here: Wired, content: bytes = PNG, name: str = "a.png", **fields: Any) -> dict[str, Any]:
    data = {"purpose": "user_data"} | fields
    answer = here.client.post("/v1/files", data=data, files={"file": (name, content)})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_file_goes_in_and_comes_out(here: Wired) -> None:
    made = upload(here)
    assert made["id"].startswith("file-")
    assert (made["object"], made["bytes"], made["filename"]) == ("file", len(PNG), "a.png")
    assert (made["purpose"], made["status"]) == ("user_data", "processed")
    assert "expires_at" not in made
    assert here.client.get(f"/v1/files/{made['id']}").json() == made
    content = here.client.get(f"/v1/files/{made['id']}/content")
    assert (content.content, content.headers["content-type"]) == (PNG, "image/png")
    assert content.headers["content-disposition"].startswith("attachment")
    part = here.client.get(f"/v1/files/{made['id']}/content", headers={"range": "bytes=0-3"})
    assert part.content == PNG[:4]


def test_a_file_beyond_what_may_be_kept_is_refused(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(retention=Retention(disk_bytes=1000))) as small:
        upload(small, b"x" * 600, "a.txt")
        answer = small.client.post(
            "/v1/files", data={"purpose": "user_data"}, files={"file": ("b.txt", b"y" * 600)}
        )
    assert answer.status_code == 507
    assert answer.headers["x-should-retry"] == "false"
    assert "retention.disk_bytes" in answer.json()["error"]["hint"]


def test_any_purpose_and_any_content(here: Wired) -> None:
    made = upload(here, b"words", "notes.txt", purpose="my own")
    assert made["purpose"] == "my own"
    content = here.client.get(f"/v1/files/{made['id']}/content")
    assert content.content == b"words"
    assert content.headers["content-disposition"].startswith("attachment")


def test_a_file_expires_when_it_was_told_to(here: Wired) -> None:
    fields: dict[str, Any] = {
        "expires_after[anchor]": "created_at",
        "expires_after[seconds]": "3600",
    }
    made = upload(here, **fields)
    assert made["expires_at"] - made["created_at"] == 3600
    assert upload(here, b"{}", "b.jsonl", purpose="batch")["expires_at"] > made["expires_at"]


def test_what_is_past_its_time_is_not_there(fresh: Wired) -> None:
    from sqlalchemy import update

    from mutoscope.storage.tables import files

    made = upload(fresh)
    fresh.house.records.write_now(lambda c: c.execute(update(files).values(expires=1.0)))
    assert fresh.client.get(f"/v1/files/{made['id']}").status_code == 404
    assert fresh.client.get("/v1/files").json()["data"] == []


def test_delete_takes_the_content_unless_somebody_needs_it(fresh: Wired) -> None:
    one, two = upload(fresh), upload(fresh)
    fresh.age()
    path = f"/v1/files/{one['id']}"
    assert fresh.client.delete(path).json() == {"id": one["id"], "object": "file", "deleted": True}
    assert fresh.client.get(path).status_code == 404
    assert fresh.client.delete(path).status_code == 404
    assert fresh.client.get(f"/v1/files/{two['id']}/content").content == PNG
    fresh.client.delete(f"/v1/files/{two['id']}")
    left = [path for path in (fresh.house.media.folder).rglob("*") if path.is_file()]
    assert left == []


def test_a_job_keeps_the_picture_of_a_deleted_file(fresh: Wired) -> None:
    made = upload(fresh)
    video = fresh.create(input_reference={"file_id": made["id"]})
    fresh.age()
    fresh.client.delete(f"/v1/files/{made['id']}")
    shot = fresh.job(video["id"]).shot
    assert shot is not None
    assert fresh.house.media.has(shot.anchors[0].media)


def test_lists_by_page_order_and_purpose(fresh: Wired) -> None:
    ids = [upload(fresh, PNG, f"{n}.png", purpose="vision" if n % 2 else "evals")["id"] for n in range(5)]  # fmt: skip
    page = fresh.client.get("/v1/files?limit=2&order=asc").json()
    assert [one["id"] for one in page["data"]] == ids[:2]
    assert (page["has_more"], page["first_id"], page["last_id"]) == (True, ids[0], ids[1])
    rest = fresh.client.get(f"/v1/files?order=asc&after={ids[1]}").json()
    assert [one["id"] for one in rest["data"]] == ids[2:]
    assert rest["has_more"] is False
    visions = fresh.client.get("/v1/files?purpose=vision").json()
    assert [one["id"] for one in visions["data"]] == [ids[3], ids[1]]


@pytest.mark.parametrize(
    ("data", "files", "param"),
    [
        ({"purpose": "vision"}, None, "file"),
        ({"purpose": "vision", "file": "text"}, None, "file"),
        ({}, {"file": ("a.png", PNG)}, "purpose"),
        ({"purpose": ""}, {"file": ("a.png", PNG)}, "purpose"),
        ({"purpose": "a" * 65}, {"file": ("a.png", PNG)}, "purpose"),
        ({"purpose": "a", "expires_after": "soon"}, {"file": ("a.png", PNG)}, "expires_after"),
        (
            {"purpose": "a", "expires_after[seconds]": "1"},
            {"file": ("a.png", PNG)},
            "expires_after.seconds",
        ),
        (
            {"purpose": "a", "expires_after[anchor]": "now", "expires_after[seconds]": "3600"},
            {"file": ("a.png", PNG)},
            "expires_after.anchor",
        ),
        ({"purpose": "a", "expires_after[anchor]": "created_at"}, {"file": ("a.png", PNG)},
         "expires_after.seconds"),
    ],
)  # fmt: skip
def test_an_upload_that_will_not_do(here: Wired, data: Any, files: Any, param: str) -> None:
    answer = here.client.post("/v1/files", data=data, files=files)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_path_in_a_file_name_stays_a_name(here: Wired) -> None:
    made = upload(here, PNG, "../../etc/passwd")
    assert "/" not in made["filename"]
