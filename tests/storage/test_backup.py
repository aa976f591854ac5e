"""What was backed up comes back whole, from either database into either, or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select

from databases import Place, Postgres
from mutoscope.errors import BadInput, CannotWrite
from mutoscope.shot import Media
from mutoscope.storage.backup import back_up
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records
from mutoscope.storage.restore import restore
from mutoscope.storage.tables import commits, jobs, metadata
from mutoscope.storage.uses import Uses


def job_row(name: str) -> dict[str, Any]:
    return {
        "id": name, "object": "video", "project": "default", "dialect": "openai", "kind": "create",
        "model": "sora-2", "engine": "flipbook", "status": "in_progress", "stage": "poll", "due": 1.5,
        "lease_owner": "gone", "lease_until": 9e9, "cancel_requested": True, "created": 1.25,
        "asked": '{"prompt": "ü"}',
    }  # fmt: skip


def fill(place: Place) -> list[Media]:
    """A server's folder: two jobs with a film each, a file, settings, and a medium nobody needs."""
    store, uses = MediaStore(place.data / "media"), Uses()
    films = [store.put(f"film {n}".encode() * 1000) for n in range(2)]
    store.put(b"nobody needs this")
    (place.data / "mutoscope.toml").write_text('[server]\nlog = "json"\n')
    (place.data / "work").mkdir()
    with place.open() as records:
        for number, film in enumerate(films):
            name = f"video_{number}"
            records.write_now(lambda c, n=name: c.execute(insert(jobs), job_row(n)))  # type: ignore[misc]
            records.write_now(lambda c, n=name, f=film: uses.add(c, n, [f]))  # type: ignore[misc]
    return films


def rows(records: Records) -> dict[str, list[Any]]:
    """All rows, as they are after a restore: nobody holds a lease."""
    found = {}
    for table in metadata.sorted_tables:
        if table is not commits:
            every = records.read_now(lambda c, t=table: c.execute(select(t)).mappings().all())  # type: ignore[misc]
            free = {"lease_owner": None, "lease_until": None} if table is jobs else {}
            found[table.name] = [dict(row) | free for row in every]
    return found


@pytest.fixture
def other(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> Place:
    """A place to restore into."""
    kind: str = request.param
    return Place(postgres.fresh() if kind == "postgresql" else "", tmp_path / "other")


@pytest.mark.parametrize("other", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_all_comes_back_from_either_database_into_either(
    place: Place, other: Place, name: str, tmp_path: Path
) -> None:
    place = Place(place.url, tmp_path / "data")
    films = fill(place)
    with place.open() as running:
        before = rows(running)
        made = back_up(running, tmp_path / name)
    assert (made.manifest.files, made.manifest.missing) == (2, 0)
    assert made.manifest.bytes == sum(film.length for film in films)
    assert made.manifest.rows["jobs"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["data", name])
    assert {path.name for path in place.data.iterdir() if path.name[0] == "."} == set()
    if name == "backup":
        linked = tmp_path / name / "media" / films[0].sha256[:2] / films[0].sha256
        assert linked.stat().st_nlink == 2
    shutil.rmtree(place.data)
    done = restore(tmp_path / name, other.data, other.url)
    assert (done.files, done.damaged) == (2, ())
    with other.open() as restored:
        assert rows(restored) == before
    store = MediaStore(other.data / "media")
    assert all(store.verify(film) for film in films)
    left = {path.name for path in other.data.iterdir()} - {"server.lock"}
    assert left == {"media", "mutoscope.toml"} | ({"records.sqlite3"} if not other.url else set())


@pytest.mark.slow
def test_a_backup_of_a_busy_server_has_every_medium_that_its_rows_need(
    place: Place, tmp_path: Path
) -> None:
    place = Place(place.url, tmp_path / "data")
    store, uses, ended = MediaStore(place.data / "media"), Uses(), threading.Event()
    with place.open() as records:

        def work() -> None:
            kept: list[str] = []
            for number in range(100_000):
                film = store.put(f"film {number}".encode())
                records.write_now(lambda c, f=film: uses.add(c, f.sha256, [f]))  # type: ignore[misc]
                kept.append(film.sha256)
                if len(kept) > 300:  # retention: rows first, files then
                    for gone in records.write_now(lambda c: uses.drop(c, kept.pop(0))):
                        store.remove(gone)
                if ended.is_set():
                    return

        worker = threading.Thread(target=work)
        worker.start()
        try:
            for number in range(3):
                made = back_up(records, tmp_path / f"backup{number}")
                assert made.manifest.missing == 0
                assert made.manifest.files == made.manifest.rows["media_uses"]
        finally:
            ended.set()
            worker.join()
    assert restore(tmp_path / "backup2", tmp_path / "other").damaged == ()


@pytest.fixture
def backed_up(tmp_path: Path) -> Path:
    place = Place("", tmp_path / "data")
    fill(place)
    with place.open() as records:
        return back_up(records, tmp_path / "backup").path


def damage(backup: Path) -> str:
    """Turn a byte of a medium around; its name."""
    (path, *_) = sorted((backup / "media").glob("??/*"))
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.unlink()  # a file of its own now, not the data folder's
    path.write_bytes(content)
    return path.name


def test_a_damaged_medium_is_found_and_nothing_is_restored(backed_up: Path, tmp_path: Path) -> None:
    name = damage(backed_up)
    other = tmp_path / "other"
    with pytest.raises(BadInput, match=f"1 of the media.*{name[:16]}.*--skip-damaged"):
        restore(backed_up, other)
    assert [path.name for path in other.iterdir()] == ["server.lock"]
    done = restore(backed_up, other, skip_damaged=True)
    assert (done.files, done.damaged) == (1, (name,))
    assert (backed_up / "media" / name[:2] / name).exists()


def test_damaged_records_are_found(backed_up: Path, tmp_path: Path) -> None:
    content = bytearray((backed_up / "records.sqlite3").read_bytes())
    content[4096:40960] = b"\xff" * (40960 - 4096)
    (backed_up / "records.sqlite3").write_bytes(content)
    with pytest.raises(BadInput, match=r"records in .* are damaged"):
        restore(backed_up, tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["server.lock"]


def test_nothing_is_written_over(backed_up: Path, postgres: Postgres, tmp_path: Path) -> None:
    place = Place("", tmp_path / "data")
    with place.open() as records:
        for taken in ("backup", "data/records.sqlite3"):
            with pytest.raises(BadInput, match="there already"):
                back_up(records, tmp_path / taken)
        with pytest.raises(BadInput, match=r"must be a folder, or a file that ends in \.tar"):
            back_up(records, tmp_path / "backup.tar.gz")
        with pytest.raises(CannotWrite, match="cannot be written"):
            back_up(records, tmp_path / "data" / "records.sqlite3" / "backup")
        (tmp_path / "empty").mkdir()
        assert back_up(records, tmp_path / "empty").manifest.files == 2
    with pytest.raises(BadInput, match="not empty"):
        restore(backed_up, tmp_path / "data")
    full = Place(postgres.fresh(), tmp_path / "full")
    with full.open() as records:
        records.write_now(lambda c: c.execute(insert(jobs), job_row("video_9")))
    with pytest.raises(BadInput, match=r"has rows already \(in jobs\)"):
        restore(backed_up, tmp_path / "third", full.url)
    assert [path.name for path in (tmp_path / "third").iterdir()] == ["server.lock"]


def test_what_is_no_backup_is_refused(backed_up: Path, tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_text("no archive")
    with pytest.raises(BadInput, match="no backup, or is damaged"):
        restore(tmp_path / "text.tar", tmp_path / "other")
    with pytest.raises(BadInput, match="is not there"):
        restore(tmp_path / "nowhere", tmp_path / "other")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match=r"has no backup\.json"):
        restore(tmp_path / "folder", tmp_path / "other")
    whole = tmp_path / "whole.tar"
    with tarfile.open(whole, "w") as archive:
        archive.add(backed_up, arcname="")
    (tmp_path / "cut.tar").write_bytes(whole.read_bytes()[:-60_000])
    with pytest.raises(BadInput, match="damaged"):
        restore(tmp_path / "cut.tar", tmp_path / "other")
    with tarfile.open(tmp_path / "sly.tar", "w") as archive:
        archive.add(backed_up / "backup.json", arcname="../outside.json")
    with pytest.raises(BadInput, match="no backup"):
        restore(tmp_path / "sly.tar", tmp_path / "other")
    assert not (tmp_path / "outside.json").exists()
    manifest = msgspec.json.decode((backed_up / "backup.json").read_bytes())
    (backed_up / "backup.json").write_bytes(msgspec.json.encode(manifest | {"tables": "9999"}))
    with pytest.raises(BadInput, match="newer than this one"):
        restore(backed_up, tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["server.lock"]


def test_a_folder_with_a_server_in_it_is_not_restored_into(backed_up: Path, tmp_path: Path) -> None:
    with (
        Records.open("", tmp_path / "data"),
        pytest.raises(BadInput, match=r"not empty|in use by another server"),
    ):
        restore(backed_up, tmp_path / "data")


@pytest.mark.slow
def test_the_verbs_do_it(tmp_path: Path) -> None:
    fill(Place("", tmp_path / "data"))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "MUTOSCOPE_SERVER_DATA": str(tmp_path / "other")}
        line = [sys.executable, "-m", "mutoscope", *words]
        return subprocess.run(line, capture_output=True, text=True, env=environ, check=False)

    made = run("backup", str(tmp_path / "b.tar"), "--data", str(tmp_path / "data"))
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == f"{tmp_path}/b.tar: 2 jobs, 2 media files of 0.0 MB\n"
    done = run("restore", str(tmp_path / "b.tar"), "--json")
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(done.stdout)["files"] == 2
    again = run("restore", str(tmp_path / "b.tar"))
    assert again.returncode == 2
    assert again.stderr.startswith(f"mutoscope: {tmp_path}/other is not empty")
    with sqlite3.connect(tmp_path / "other" / "records.sqlite3") as records:
        assert records.execute("SELECT count(*) FROM jobs").fetchone() == (2,)
    records.close()


def test_files_of_a_backup_are_their_owners_alone(backed_up: Path) -> None:
    assert backed_up.stat().st_mode & 0o077 == 0
    assert (backed_up / "records.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../outside", "/outside", "media/../../outside"])
def test_an_archive_writes_nowhere_else(name: str, tmp_path: Path) -> None:
    archive, data = tmp_path / "backup.tar", tmp_path / "data"
    with tarfile.open(archive, "w") as made:
        made.addfile(tarfile.TarInfo(name))
    with pytest.raises(BadInput, match="no backup"):
        restore(archive, data)
    assert not (tmp_path / "outside").exists()
