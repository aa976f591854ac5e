"""The media store keeps its promises: whole or not there, once, under its own hash."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutoscope.errors import BadInput, CannotWrite
from mutoscope.shot import Media
from mutoscope.storage.media import DiskFull, MediaMissing, MediaStore, TooLarge

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 100


def files(store: MediaStore) -> list[Path]:
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def test_bytes_path_and_file_object_give_the_same_handle(store: MediaStore, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(PNG)
    handles = {store.put(PNG), store.put(path), store.put(io.BytesIO(PNG))}
    assert handles == {Media(hashlib.sha256(PNG).hexdigest(), "image/png", len(PNG))}
    assert len(files(store)) == 1


def test_what_went_in_comes_out(store: MediaStore) -> None:
    media = store.put(PNG)
    assert store.path(media).read_bytes() == PNG
    with store.open(media) as file:
        assert file.read() == PNG
    assert store.has(media)
    assert store.verify(media)
    assert store.path(media) == store.folder / media.sha256[:2] / media.sha256


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=3000))
def test_any_content_survives(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    store = MediaStore(tmp_path_factory.mktemp("store"))
    assert store.path(store.put(content)).read_bytes() == content


def test_stored_files_are_read_only(store: MediaStore) -> None:
    assert store.path(store.put(PNG)).stat().st_mode & 0o222 == 0


def test_the_senders_type_counts_only_where_the_content_shows_none(store: MediaStore) -> None:
    assert store.put(PNG, type="image/jpeg").type == "image/png"
    assert store.put(b"no signature", type="text/plain").type == "text/plain"
    assert store.put(b"no signature either").type == "application/octet-stream"


def test_too_long_is_refused_and_leaves_nothing(store: MediaStore) -> None:
    with pytest.raises(TooLarge, match="longer than 100 bytes"):
        store.put(PNG, max_bytes=100)
    bounded = MediaStore(store.folder, max_bytes=10)
    with pytest.raises(TooLarge):
        bounded.put(io.BytesIO(PNG))
    assert bounded.put(b"0123456789").length == 10
    assert len(files(store)) == 1


def test_a_missing_file_is_a_missing_file(store: MediaStore) -> None:
    media = Media("ab" * 32, "image/png", 5)
    assert not store.has(media)
    assert not store.verify(media)
    assert not store.remove(media)
    with pytest.raises(MediaMissing, match="abababab"):
        store.open(media)


def test_remove_takes_the_file_and_its_empty_shard(store: MediaStore) -> None:
    media = store.put(PNG)
    assert store.remove(media)
    assert not store.has(media)
    assert files(store) == []
    assert not (store.folder / media.sha256[:2]).exists()


def test_a_cut_off_file_is_not_there_and_is_mended_by_the_next_put(store: MediaStore) -> None:
    media = store.put(PNG)
    path = store.path(media)
    path.chmod(0o644)
    path.write_bytes(PNG[:50])
    assert not store.has(media)
    assert not store.verify(media)
    store.put(PNG)
    assert store.verify(media)


def test_a_changed_file_fails_to_verify(store: MediaStore) -> None:
    media = store.put(PNG)
    path = store.path(media)
    path.chmod(0o644)
    path.write_bytes(b"x" * len(PNG))
    assert store.has(media)
    assert not store.verify(media)


@pytest.mark.parametrize("name", ["nothing.png", "."])
def test_a_path_that_cannot_be_read_is_the_callers_error(
    store: MediaStore, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        store.put(tmp_path / name)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotWrite, match="cannot be written"):
        MediaStore(tmp_path / "file" / "media").put(PNG)


def test_a_full_disk_leaves_nothing_behind(
    store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(temporary: Path, place: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DiskFull, match="No space left"):
        store.put(PNG)
    assert files(store) == []


def test_a_sender_that_breaks_off_leaves_nothing_behind(store: MediaStore) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    with pytest.raises(BadInput, match="Connection reset"):
        store.put(Broken())  # type: ignore[arg-type]
    assert files(store) == []


CRASH = """
import os, sys
from pathlib import Path
from mutoscope.storage.media import MediaStore
os.replace = lambda temporary, place: os._exit(9)
MediaStore(Path(sys.argv[1])).put(b"half a film" * 1000)
"""
PUT = """
import sys
from pathlib import Path
from mutoscope.storage.media import MediaStore
store = MediaStore(Path(sys.argv[1]))
for turn in range(40):
    media = store.put(b"the same content" * 5000)
    assert store.verify(media)
print(media.sha256)
"""


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_crash_before_the_name_leaves_nothing_visible(store: MediaStore) -> None:
    with run(CRASH, str(store.folder)) as child:
        assert child.wait() == 9
    left = files(store)
    assert [path.parent.name for path in left] == [".incoming"]
    assert store.sweep() == 0, "a file as young as this may belong to a living process"
    assert store.sweep(older_than=-1) == 1
    assert files(store) == []


def test_processes_that_put_the_same_content_make_one_file(store: MediaStore) -> None:
    children = [run(PUT, str(store.folder)) for _ in range(3)]
    hashes = {child.communicate()[0].strip() for child in children}
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(hashes) == 1
    assert [path.name for path in files(store)] == list(hashes)
