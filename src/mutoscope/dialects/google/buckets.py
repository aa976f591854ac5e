"""gs:// addresses: read from and written to folders that stand for buckets, where the settings name such.

`storage.gcs` maps "gs://bucket/prefix" to a folder. Whatever leads out of that folder, by "..", by a
link or otherwise, is no object of it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.catalog.rules import listed
from mutoscope.dialects.shared.references import Address
from mutoscope.dialects.shared.wish import Picture, Wish
from mutoscope.errors import BadInput, BadShot, CannotWrite
from mutoscope.server.body import Upload
from mutoscope.storage.media import TooLarge

if TYPE_CHECKING:
    from mutoscope.server.house import House

SCHEME = "gs://"
MOST = 1024  # bytes of an object's name, as the service has it


class Buckets:
    """`folders`: the setting, an address without a slash at its end → a folder."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        known = {name.rstrip("/"): Path(folder).expanduser() for name, folder in folders.items()}
        self._folders = sorted(known.items(), key=lambda one: -len(one[0]))

    def find(self, field: str, uri: str) -> Path:
        """The file that an object's address means, whether it is there or not. BadShot where no folder
        stands for its bucket, or the name leads out of it."""
        for prefix, folder in self._folders:
            if uri == prefix or uri.startswith(f"{prefix}/"):
                name = uri[len(prefix) :].removeprefix("/").removesuffix("/")
                return _within(field, uri, name, folder)
        if not self._folders:
            raise BadShot.of(
                field, uri, "left out: no folder stands for a bucket on this server",
                "send the bytes, or have storage.gcs in the server's settings name a folder",
            )  # fmt: skip
        raise BadShot.of(
            field, uri, f"below {listed([name for name, _ in self._folders])}",
            "storage.gcs in the server's settings says which folders stand for buckets",
        )  # fmt: skip

    def read(self, house: House, field: str, uri: str, kind: str) -> Upload:
        """The object, taken into the store. Blocks. BadInput where there is none, or it is too large."""
        path = self.find(field, uri)
        if not path.is_file():
            raise BadInput(
                f"{field} is {uri[:200]!r}, and there is no such object",
                field=field,
                code="not_found",
            )
        limits = house.settings.limits
        most = limits.image_bytes if kind == "image" else limits.video_bytes
        try:
            media = house.media.put(path, max_bytes=most)
        except TooLarge as error:
            error.field, error.hint = field, f"limits.{kind}_bytes in the server's settings"
            raise
        return Upload(media, path.name, media.type)

    async def settled(self, house: House, wish: Wish) -> Wish:
        """The wish with what it points at in buckets taken in. BadInput."""

        async def one(picture: Picture, kind: str) -> Picture:
            source = picture.source
            if not (isinstance(source, Address) and source.url[:5].lower() == SCHEME):
                return picture
            field = picture.field
            found = await asyncio.to_thread(self.read, house, field, source.url, kind)
            return replace(picture, source=found)

        pictures = [await one(each, "video" if each.film else "image") for each in wish.pictures]
        clip = None if wish.clip is None else await one(wish.clip, "video")
        return replace(wish, pictures=tuple(pictures), clip=clip)

    def write(self, field: str, uri: str, film: Path) -> None:
        """Copy a film to an object's address, whole or not at all; one that is there already as long is
        left alone. Blocks. Raises BadShot, CannotWrite."""
        path = self.find(field, uri)
        try:
            if path.is_file() and path.stat().st_size == film.stat().st_size:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}.part")
            try:
                shutil.copyfile(film, part)
                os.replace(part, path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise CannotWrite(f"{uri} cannot be written: {error.strerror}") from None


def _within(field: str, uri: str, name: str, folder: Path) -> Path:
    parts = name.split("/") if name else []
    strange = any(
        part in ("", ".", "..") or not part.isprintable() or "\\" in part for part in parts
    )
    root = folder.resolve()
    path = root.joinpath(*parts)
    if strange or len(name.encode()) > MOST or not path.resolve().is_relative_to(root):
        raise BadShot.of(field, uri, "an object's name without parts such as .. or empty ones")
    return path
