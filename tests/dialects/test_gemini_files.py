"""Files: the same store as every dialect's, in Google's form."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from wired import ADDRESS, Wired, picture, wired

from mutoscope.config import Retention, Settings
from mutoscope.dialects.gemini import ids
from mutoscope.server.app import build

KEY = {"x-goog-api-key": "AIza"}
PNG = picture(64, 36)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here")) as made:
        yield made


def sent(here: Wired, content: bytes = PNG, name: str = "first.png") -> dict[str, Any]:
    """A file, sent raw."""
    answer = here.client.post(
        "/upload/v1beta/files",
        content=content,
        headers=KEY | {"content-type": "image/png", "x-goog-upload-protocol": "raw",
                       "x-goog-upload-file-name": name},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    file: dict[str, Any] = answer.json()["file"]
    return file


def test_what_is_told_of_a_file(here: Wired) -> None:
    file = sent(here)
    digest = hashlib.sha256(PNG).hexdigest()
    assert file["name"].startswith("files/")
    assert ids.well(file["name"].removeprefix("files/"))
    assert (file["mimeType"], file["sizeBytes"], file["displayName"]) == (
        "image/png", str(len(PNG)), "first.png",
    )  # fmt: skip
    assert base64.b64decode(file["sha256Hash"]).decode() == digest
    assert (file["state"], file["source"]) == ("ACTIVE", "UPLOADED")
    assert "expirationTime" not in file
    assert here.client.get(f"/v1beta/{file['name']}", headers=KEY).json() == file


def test_a_file_that_expires_says_when(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(retention=Retention(file_days=2))) as here:
        assert sent(here)["expirationTime"] > sent(here)["createTime"]


def test_openais_files_and_these_are_the_same(here: Wired) -> None:
    file = sent(here)
    own = ids.file_id(ids.bare(file["name"].removeprefix("files/")))
    seen = here.client.get(f"/v1/files/{own}").json()
    assert (seen["filename"], seen["purpose"], seen["bytes"]) == (
        "first.png",
        "user_data",
        len(PNG),
    )
    theirs = here.client.post(
        "/v1/files", files={"file": ("theirs.png", PNG)}, data={"purpose": "vision"}
    ).json()
    shown = here.client.get(f"/v1beta/files/{ids.bare(theirs['id'])}", headers=KEY).json()
    assert shown["displayName"] == "theirs.png"


def test_the_list_in_pages(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        in_pages(here)


def in_pages(here: Wired) -> None:
    assert here.client.get("/v1beta/files", headers=KEY).json() == {}
    names = [sent(here, name=f"{number}.png")["name"] for number in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        page = here.client.get(f"/v1beta/files?pageSize=2&pageToken={token}", headers=KEY).json()
        seen += [file["name"] for file in page["files"]]
        if not (token := page.get("nextPageToken", "")):
            break
    assert seen == names[::-1]
    wrong = here.client.get("/v1beta/files?pageToken=!", headers=KEY)
    assert wrong.json()["error"]["details"][1]["fieldViolations"][0]["field"] == "pageToken"
    assert here.client.get("/v1beta/files?pageSize=x", headers=KEY).status_code == 400


def test_a_file_is_downloaded_whole_and_in_part(here: Wired) -> None:
    file = sent(here)
    for address in (file["downloadUri"], f"{file['uri']}?alt=media", f"{file['uri']}:download"):
        assert here.client.get(address, headers=KEY).content == PNG
    part = here.client.get(file["downloadUri"], headers=KEY | {"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")


def test_a_deleted_file_is_gone_in_both(here: Wired) -> None:
    file = sent(here)
    assert here.client.delete(f"/v1beta/{file['name']}", headers=KEY).json() == {}
    gone = here.client.get(f"/v1beta/{file['name']}", headers=KEY)
    assert (gone.status_code, gone.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert gone.json()["error"]["message"].startswith(
        "You do not have permission to access the File"
    )
    assert here.client.get(f"/v1/files/file-{ids.bare(file['name'])}").status_code == 404


def test_an_uploaded_file_is_filmed(here: Wired) -> None:
    file = sent(here, picture(1280, 720))
    for image in ({"uri": file["uri"]}, {"fileData": {"fileUri": file["name"]}}, file):
        body = {"instances": [{"prompt": "pan left", "image": image}]}
        answer = here.client.post("/v1beta/models/veo-3.1:predictLongRunning", json=body)
        assert answer.status_code == 200, answer.text
        shot = here.job(ids.video_id(answer.json()["name"].rpartition("/")[2])).shot
        assert shot is not None
        assert base64.b64decode(file["sha256Hash"]).decode() == shot.anchors[0].media.sha256


def test_a_file_that_is_not_there_cannot_be_filmed(here: Wired) -> None:
    body = {"instances": [{"prompt": "pan left", "image": {"uri": "files/abc"}}]}
    answer = here.client.post("/v1beta/models/veo-3.1:predictLongRunning", json=body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    details = answer.json()["error"]["details"]
    assert details[1]["fieldViolations"][0]["field"] == "instances[].image"


def test_objects_in_a_bucket_are_not_registered(here: Wired) -> None:
    answer = here.client.post("/v1beta/files:register", json={"uris": ["gs://b/x"]}, headers=KEY)
    assert answer.status_code == 400
    assert "reads no gs:// address" in answer.json()["error"]["message"]


def test_a_film_is_a_file_while_it_is_kept(here: Wired) -> None:
    video = here.completed()
    path = f"/v1beta/files/{ids.bare(video['id'])}"
    shown = here.client.get(path, headers=KEY).json()
    assert (shown["mimeType"], shown["source"]) == ("video/mp4", "GENERATED")
    assert shown["videoMetadata"] == {"videoDuration": "4s"}
    assert here.client.get(shown["downloadUri"], headers=KEY).content[4:8] == b"ftyp"
    result = here.job(video["id"]).result
    assert result is not None
    here.house.media.remove(result.media["video"])
    assert here.client.get(path, headers=KEY).status_code == 403
    assert here.client.get(f"{path}:download", headers=KEY).status_code == 410
    assert here.client.delete(path, headers=KEY).json() == {}
    assert here.client.get(f"/v1/videos/{video['id']}").status_code == 404


def test_a_job_that_is_not_finished_is_no_file(here: Wired) -> None:
    made = here.create()
    assert here.client.get(f"/v1beta/files/{ids.bare(made['id'])}", headers=KEY).status_code == 403


def test_a_film_is_a_video_for_a_keys_scopes_and_an_upload_a_file(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        every, videos, files = (
            here.house.keys.create(scopes=scopes)[0]
            for scopes in ((), ("videos:read",), ("files",))
        )
        here.client = TestClient(build(here.house), base_url=ADDRESS)  # with its door
        here.client.headers["authorization"] = f"Bearer {every}"
        film = f"files/{ids.bare(here.completed()['id'])}"
        own = sent(here)["name"]
        del here.client.headers["authorization"]
        for prefix in ("/v1beta/", "/v1/", "/interactions/v1/"):
            for path, good, bad, scope in (
                (f"{film}:download?alt=media", videos, files, "videos:read"),
                (film, videos, files, "videos:read"),
                (own, files, videos, "files:read"),
                ("files", files, videos, "files:read"),
            ):
                assert (
                    here.client.get(prefix + path, headers={"x-goog-api-key": good}).status_code
                    == 200
                ), path
                refused = here.client.get(prefix + path, headers={"x-goog-api-key": bad})
                assert (refused.status_code, scope in refused.text) == (403, True), path
        kept = here.client.delete(f"/v1beta/{film}", headers={"x-goog-api-key": files})
        assert (kept.status_code, "videos:write" in kept.text) == (403, True)
        assert (
            here.client.delete(f"/v1beta/{film}", headers={"x-goog-api-key": videos}).status_code
            == 403
        )
