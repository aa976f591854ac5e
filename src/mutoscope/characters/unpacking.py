"""A character's file, read: nothing in it is believed before it was checked. See `packed`.

It may come from a stranger: run `unpack` in a process of its own (`Processes`, `compute.awaited.called`),
where memory and time are bounded; `arriving.stored` puts what it has unpacked into the store.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mutoscope.characters import consent as consents
from mutoscope.characters.consent import Consent
from mutoscope.characters.model import checked_description, checked_name
from mutoscope.characters.packed import (
    FORMAT,
    MANIFEST,
    MOST_FRAMES,
    MOST_MEMBERS,
    MOST_PICTURES,
    NAME,
    VERSION,
    Bounds,
    Manifest,
)
from mutoscope.errors import BadInput, MutoscopeError

_TAIL = 22 + 65_535  # bytes in which the end record of a ZIP stands
_MOST_DIRECTORY = 256 << 10  # bytes of its list of members
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What a character's file holds, checked; `files` by their members' names."""

    manifest: Manifest
    consent: Consent | None
    files: dict[str, Path]


class _Newer(msgspec.Struct):
    format: str = ""
    version: int = 0


def unpack(path: Path, folder: Path, bounds: Bounds) -> Unpacked:
    """Check a character's file and write its members to `folder`, under names of ours. Raises BadInput
    (code invalid_character_file) in one sentence for whatever is wrong with it."""
    with _told():
        _directory(path)
        with zipfile.ZipFile(path) as archive:
            infos = _members(archive, bounds)
            manifest = _manifest(_read(archive, infos[MANIFEST], bounds.manifest))
            _accounted(manifest, set(infos) - {MANIFEST})
            files = {}
            for number, (name, member) in enumerate(manifest.members.items()):
                files[name] = folder / f"member-{number}"
                _written(archive, infos[name], member.length, member.sha256, files[name])
    _looked_at(manifest, files)
    record = manifest.consent
    return Unpacked(
        manifest=msgspec.structs.replace(
            manifest,
            name=checked_name(manifest.name),
            description=checked_description(manifest.description),
        ),
        consent=None if record is None else consents.read(msgspec.to_builtins(record)),
        files=files,
    )


def wrong(why: str) -> BadInput:
    """The file cannot be imported."""
    return BadInput(
        f"this is no character's file that can be imported: {why}",
        field="file",
        code="invalid_character_file",
        hint="export the character again, and send the file as it is",
    )


@contextmanager
def _told() -> Iterator[None]:
    """What the readers of ZIP and JSON raise, in one sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError):
        raise wrong("it is damaged, or not a ZIP") from None
    except (RuntimeError, UnicodeDecodeError, ValueError, OSError) as error:
        raise wrong(f"it cannot be read ({type(error).__name__})") from None


def _directory(path: Path) -> None:
    """Look at the end record before all members are listed: a list alone may fill the memory."""
    with path.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(0, length - _TAIL))
        tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise wrong("it is damaged, or not a ZIP")
    count, size = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > MOST_MEMBERS or size > _MOST_DIRECTORY:
        raise wrong(f"it lists more than {MOST_MEMBERS} members")


def _members(archive: zipfile.ZipFile, bounds: Bounds) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.orig_filename
        if not NAME.fullmatch(name):
            raise wrong(f"a member is called {name[:60]!r}, which none of its members may be")
        if name in found:
            raise wrong(f"{name} is in it twice")
        if info.flag_bits & 1:
            raise wrong(f"{name} is encrypted")
        found[name] = info
    if len(found) > MOST_MEMBERS:
        raise wrong(f"it lists more than {MOST_MEMBERS} members")
    if MANIFEST not in found:
        raise wrong(f"it has no {MANIFEST}")
    if sum(info.file_size for info in found.values()) > bounds.whole:
        raise wrong(f"its members have more than {bounds.whole:,} bytes")
    for name, info in found.items():
        most = bounds.film if name.startswith("source") else bounds.image
        if info.file_size > most:
            raise wrong(f"{name} has more than {most:,} bytes")
    return found


def _manifest(text: bytes) -> Manifest:
    try:
        beginning = msgspec.json.decode(text, type=_Newer)
        if beginning.format == FORMAT and beginning.version > VERSION:
            raise wrong(
                f"it was written by a newer Mutoscope (format {beginning.version}, this one reads "
                f"{VERSION}); update this one"
            )
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise wrong(f"its manifest is not one: {_plain(error)}") from None
    if manifest.version != VERSION:
        raise wrong(f"its manifest has version {manifest.version}; it must be {VERSION}")
    if not 1 <= len(manifest.frames) <= MOST_FRAMES or len(manifest.pictures) > MOST_PICTURES:
        raise wrong(f"it has {len(manifest.frames)} frames; it must have 1 to {MOST_FRAMES}")
    return manifest


def _plain(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))[:200]


def _accounted(manifest: Manifest, there: set[str]) -> None:
    """Every member is in the manifest and belongs to the character, and the other way round."""
    named = manifest.named()
    listed = set(manifest.members)
    if listed != there:
        raise wrong(f"{sorted(listed ^ there)[0]} is not both in it and in its manifest")
    if len(named) != len(set(named)) or set(named) != listed:
        raise wrong("its manifest does not say what each of its members is")
    for name in named:
        room = name.partition("/")[0].partition(".")[0]
        wanted = {
            "source": name == manifest.source,
            "pictures": name in manifest.pictures,
            "frames": any(frame.picture == name for frame in manifest.frames),
            "cutouts": any(frame.cutout == name for frame in manifest.frames),
        }
        if not wanted.get(room):
            raise wrong(f"{name} is not what its name says")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as file:
        text = file.read(most + 1)
    if len(text) > most:
        raise wrong(f"{info.filename} has more than {most:,} bytes")
    return text


def _written(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, length: int, sha256: str, path: Path
) -> None:
    """Write a member as far as its manifest says, and not a byte more."""
    digest, count = hashlib.sha256(), 0
    with archive.open(info) as file, path.open("wb") as out:
        while chunk := file.read(_CHUNK):
            count += len(chunk)
            if count > length:
                break
            digest.update(chunk)
            out.write(chunk)
    if count != length or digest.hexdigest() != sha256:
        raise wrong(f"{info.filename} is not the file that its manifest names")


def _looked_at(manifest: Manifest, files: dict[str, Path]) -> None:
    """Open every picture and the film: what they are, and that a cut-out fits its frame."""
    from mutoscope.finish.probe import probe
    from mutoscope.images.decode import open_photo

    seen = {}
    for name, path in files.items():
        try:
            seen[name] = probe(path)
        except MutoscopeError as error:
            raise wrong(f"{name}: {error.message}") from None
        if seen[name].kind != ("video" if name == manifest.source else "image"):
            raise wrong(f"{name} is {seen[name].type}")
    for frame in manifest.frames:
        picture, cutout = seen[frame.picture], seen[frame.cutout]
        alpha = cutout.type == "image/png" and open_photo(files[frame.cutout]).load().hasalpha()
        if not alpha or (picture.width, picture.height) != (cutout.width, cutout.height):
            raise wrong(f"{frame.cutout} is no cut-out of {frame.picture}")
