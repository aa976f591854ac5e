"""A character as one file: what comes out goes in again; what was tampered with does not."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from clips_made import frame, written
from fresh_records import put
from mutoscope.characters.arriving import stored
from mutoscope.characters.consent import Consent
from mutoscope.characters.model import Character, Frame, LeftOut, Origin
from mutoscope.characters.packed import MANIFEST, Bounds
from mutoscope.characters.packing import filename, pack
from mutoscope.characters.store import Characters
from mutoscope.characters.unpacking import Unpacked, unpack
from mutoscope.errors import BadInput
from mutoscope.shot import Media
from mutoscope.storage.ids import new_id
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records

ADA = Consent(person="Ada", given_by="Ada", at="2026-11-01", uses=("any",), note="for a test")
Members = dict[str, bytes]


def image(form: str, alpha: bool = False, side: int = 40) -> bytes:
    out = io.BytesIO()
    rgb = frame(150)[:side, :side]
    if alpha:
        rgb = np.dstack([rgb, np.full(rgb.shape[:2], 200, np.uint8)])
    Image.fromarray(rgb).save(out, form)
    return out.getvalue()


class Place:
    """A data folder: its records and media."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.records = Records.open("", put(folder))
        self.media = MediaStore(folder / "media")
        self.store = Characters(self.records)

    def add(self, *, film: bool = True, consent: Consent | None = ADA) -> Character:
        frames = [
            Frame(
                media=self.media.put(image("JPEG")),
                matte=self.media.put(image("PNG", alpha=True)),
                at=0.25,
                box=(0.1, 0.2, 0.9, 1.0),
                cut=("bottom",),
                sharpness=0.9,
                score=0.5,
                faces=1,
            )
        ]
        clip = self.media.put(written(self.folder / "clip.mp4", [frame(120)] * 6))
        pictures = (self.media.put(image("PNG", side=64)),)
        origin = Origin(kind="job", job="video_1", part=(1.0, 3.0))
        if not film:
            left = (LeftOut(picture=1, why="dark"),)
            origin = Origin(kind="pictures", pictures=pictures, left_out=left)
        adding = self.store.create(
            new_id("char_"), "default", "Roller Pan", "a red one, 小明",
            source=clip if film else None, frames=frames, origin=origin, consent=consent,
        )  # fmt: skip
        return asyncio.run(adding)

    def take_in(self, path: Path) -> Character:
        folder = self.folder / "unpacked"
        folder.mkdir(exist_ok=True)
        found = unpack(path, folder, Bounds())
        source, frames, origin = stored(found, self.media, "x.mutochar")
        adding = self.store.create(
            new_id("char_"), "default", found.manifest.name, found.manifest.description,
            source=source, frames=frames, origin=origin, consent=found.consent,
        )  # fmt: skip
        return asyncio.run(adding)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "here")
    yield place
    place.records.close()


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "there")
    yield place
    place.records.close()


@pytest.mark.parametrize("film", [True, False])
def test_exported_and_imported_elsewhere_it_is_the_same(
    here: Place, there: Place, tmp_path: Path, film: bool
) -> None:
    one = here.add(film=film)
    out = tmp_path / filename(one)
    assert out.name == "Roller-Pan.mutochar"
    pack(one, here.media, out)
    other = there.take_in(out)
    assert other.id != one.id
    for field in ("name", "description", "consent", "frames", "source", "status", "faces"):
        assert getattr(other, field) == getattr(one, field)
    assert one.origin is not None
    assert other.origin is not None
    assert (other.origin.kind, other.origin.of) == ("import", one.origin)
    assert set(other.media()) == set(one.media())
    assert all(there.media.verify(media) for media in other.media())
    again = tmp_path / "again.zip"
    pack(other, there.media, again)
    assert again.read_bytes() == out.read_bytes()
    once_more = here.take_in(again)
    assert once_more.origin is not None
    assert once_more.origin.of == one.origin  # no longer a chain with every journey


def test_what_belongs_to_one_house_stays_there(here: Place, tmp_path: Path) -> None:
    one = here.add()
    pack(one, here.media, tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        text = archive.read(MANIFEST).decode()
        assert archive.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    assert one.id not in text
    assert "default" not in text


def test_one_that_is_not_ready_is_not_exported(here: Place, tmp_path: Path) -> None:
    one = asyncio.run(here.store.create("char_1", "default", "Nova"))
    with pytest.raises(BadInput, match="preparing") as caught:
        pack(one, here.media, tmp_path / "x.zip")
    assert caught.value.code == "character_not_ready"


@pytest.fixture
def members(here: Place, tmp_path: Path) -> Members:
    path = tmp_path / "good.mutochar"
    pack(here.add(), here.media, path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, members: Members, **more: Any) -> Path:
    with zipfile.ZipFile(path, "w", more.get("compression", zipfile.ZIP_STORED)) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def read(path: Path, bounds: Bounds = Bounds()) -> Unpacked:  # noqa: B008
    folder = path.parent / "out"
    folder.mkdir(exist_ok=True)
    return unpack(path, folder, bounds)


def told(members: Members, change: Callable[[dict[str, Any]], None]) -> Members:
    manifest = json.loads(members[MANIFEST])
    change(manifest)
    return members | {MANIFEST: json.dumps(manifest).encode()}


def test_packed_again_by_hand_it_is_read(members: Members, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", members, compression=zipfile.ZIP_DEFLATED)
    assert read(path).manifest.name == "Roller Pan"
    assert read(path).consent == ADA


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(version=2), "newer Mutoscope"),
        (lambda m: m.update(version=0), "version 0"),
        (lambda m: m.update(format="other"), "manifest is not one"),
        (lambda m: m.pop("frames"), "manifest is not one"),
        (lambda m: m.update(frames=[]), "0 frames"),
        (lambda m: m["frames"][0].update(box=[0, 0, 1, 2]), "manifest is not one"),
        (lambda m: m["members"].pop("source.mp4"), r"source\.mp4 is not both"),
        (lambda m: m["members"]["source.mp4"].update(sha256="0" * 64), r"source\.mp4 is not the file"),
        (lambda m: m["members"]["source.mp4"].update(length=5), r"source\.mp4 is not the file"),
        (lambda m: m.update(source=None), "does not say what each"),
        (lambda m: m.update(source="frames/0.jpg"), "does not say what each"),
        (lambda m: m["frames"][0].update(picture="cutouts/0.png", cutout="frames/0.jpg"), "not what its name"),
        (lambda m: m["frames"].append(m["frames"][0]), "does not say what each"),
    ],
)  # fmt: skip
def test_a_manifest_that_is_wrong(
    members: Members, tmp_path: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    path = zipped(tmp_path / "x.zip", told(members, change))
    with pytest.raises(BadInput, match=said) as caught:
        read(path)
    assert (caught.value.code, caught.value.field) == ("invalid_character_file", "file")


def test_a_name_or_consent_that_would_be_refused_is_refused_here_too(
    members: Members, tmp_path: Path
) -> None:
    for change in ({"name": "!!!"}, {"consent": {"person": "a", "given_by": "b", "at": "x", "uses": ["any"]}}):  # fmt: skip
        changed = msgspec.json.encode(msgspec.json.decode(members[MANIFEST]) | change)
        path = zipped(tmp_path / "x.zip", members | {MANIFEST: changed})
        with pytest.raises(BadInput):
            read(path)


def replaced(name: str, content: bytes) -> Callable[[Members], Members]:
    """A member that the manifest vouches for, and that is something else."""
    import hashlib

    def change(members: Members) -> Members:
        entry = {"sha256": hashlib.sha256(content).hexdigest(), "length": len(content)}
        return told(members | {name: content}, lambda m: m["members"][name].update(entry))

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m | {"../evil": b"x"}, "evil"),
        (lambda m: m | {"/etc/passwd": b"x"}, "passwd"),
        (lambda m: m | {"frames/../../x.jpg": b"x"}, "none of its members"),
        (lambda m: m | {"frames\\0.jpg": b"x"}, "none of its members"),
        (lambda m: m | {"frames/": b""}, "none of its members"),
        (lambda m: m | {"frames/9.jpg": b"x"}, r"frames/9\.jpg is not both"),
        (lambda m: {k: v for k, v in m.items() if k != MANIFEST}, r"no manifest\.json"),
        (lambda m: {k: v for k, v in m.items() if k != "frames/0.jpg"}, r"frames/0\.jpg is not both"),
        (lambda m: m | {"frames/0.jpg": m["frames/0.jpg"][:-1] + b"x"}, "not the file"),
        (lambda m: m | {f"frames/{n}.j{k}": b"x" for n in range(99) for k in range(9)}, "more than 130"),
        (replaced("frames/0.jpg", b"hello, I am no picture"), r"frames/0\.jpg"),
        (replaced("source.mp4", image("PNG")), r"source\.mp4 is image/png"),
        (replaced("cutouts/0.png", image("PNG")), "no cut-out"),
        (replaced("cutouts/0.png", image("PNG", alpha=True, side=39)), "no cut-out"),
    ],
)  # fmt: skip
def test_members_that_are_wrong(
    members: Members, tmp_path: Path, change: Callable[[Members], Members], said: str
) -> None:
    path = zipped(tmp_path / "x.zip", change(members))
    with pytest.raises(BadInput, match=said) as caught:
        read(path)
    assert caught.value.code == "invalid_character_file"
    assert not (tmp_path.parent / "evil").exists()


def test_a_bomb_is_not_unpacked(members: Members, tmp_path: Path) -> None:
    bomb = members | {"frames/0.jpg": bytes(60 << 20)}
    path = zipped(tmp_path / "x.zip", bomb, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(BadInput, match=r"frames/0\.jpg has more than"):
        read(path)
    with pytest.raises(BadInput, match="its members have more than"):
        read(path, Bounds(whole=1 << 20))
    path = zipped(tmp_path / "y.zip", bomb, compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes()  # a header that claims less than there is
    real = struct.pack("<I", 60 << 20)
    small = struct.pack("<I", len(members["frames/0.jpg"]))
    path.write_bytes(content.replace(real, small))
    with pytest.raises(BadInput):
        read(path)
    assert sum(one.stat().st_size for one in (tmp_path / "out").iterdir()) < 4 << 20


@pytest.mark.parametrize("content", [b"", b"PK", b"hello" * 100, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(BadInput):
        read(tmp_path / "x")


def test_cut_short_anywhere_it_is_refused(members: Members, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", members)
    content = path.read_bytes()
    for cut in range(0, len(content), max(1, len(content) // 40)):
        path.write_bytes(content[:cut])
        with pytest.raises(BadInput):
            read(path)


def test_a_byte_changed_anywhere_changes_nothing_unseen(members: Members, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", members)
    content = path.read_bytes()
    good = read(path).manifest
    for at in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :])
        try:
            found = read(path)
        except BadInput:
            continue
        assert found.manifest.members == good.members
        media = MediaStore(tmp_path / "media")
        for name, file in found.files.items():
            assert media.put(file) == Media(
                good.members[name].sha256, good.members[name].type, good.members[name].length
            )
