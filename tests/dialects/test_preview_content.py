"""The preview of a film that is being made is its thumbnail until there is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from wired import Wired, picture, wired

from mutoscope.jobs.job import Change


def test_the_thumbnail_of_a_film_under_way_is_its_preview(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        video = here.create()
        content = f"/v1/videos/{video['id']}/content"
        assert here.client.get(f"{content}?variant=thumbnail").status_code == 404
        begin(here, video["id"])
        answer = here.client.get(f"{content}?variant=thumbnail")
        assert answer.status_code == 200
        assert answer.content == picture(64, 36, "WEBP")
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == "no-store"
        assert here.client.get(content).json()["error"]["code"] == "video_not_ready"
        assert here.client.get(f"{content}?variant=spritesheet").status_code == 404
        here.finish(video["id"])
        final = here.client.get(f"{content}?variant=thumbnail")
        assert final.status_code == 200
        assert final.headers["etag"]
        assert "no-store" not in final.headers["cache-control"]


@pytest.mark.parametrize("path", ["/v1/videos/{}/content", "/mutoscope/jobs/{}/content"])
def test_no_other_project_sees_a_preview(tmp_path: Path, path: str) -> None:
    with wired(tmp_path) as here:
        mine, his = (
            {"authorization": f"Bearer {here.house.keys.create(project=name)[0]}"}
            for name in ("mine", "his")
        )
        here.client.headers.update(mine)
        id = here.create()["id"]
        begin(here, id)
        url = f"{path.format(id)}?variant=thumbnail"
        assert here.client.get(url).status_code == 200
        assert here.client.get(url, headers=his).status_code == 404
        del here.client.headers["authorization"]
        assert here.client.get(url).status_code == 401


def test_a_film_that_is_taken_back_shows_nothing(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        id = here.create()["id"]
        begin(here, id)
        assert here.client.delete(f"/v1/videos/{id}").status_code == 200
        assert here.client.get(f"/v1/videos/{id}/content?variant=thumbnail").status_code == 404


def begin(here: Wired, id: str) -> None:
    """As a worker does it, and the engine's first preview."""
    here.change(id, Change(status="in_progress", stage="generate", progress=0.1))
    given = here.house.records.folder / "given"
    given.write_bytes(picture(64, 36, "WEBP"))
    here.house.previews.show(id, given)
