"""What a reference points at, looked up: uploads and data become media, ids are the project's own.

A link to this server's own files and videos is read from the store; any other address is left to the
stage `inputs`, which fetches it under the rules of `fetch`.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from mutoscope.dialects.shared import refusals
from mutoscope.dialects.shared.film import OWN
from mutoscope.dialects.shared.film_frames import frame_of
from mutoscope.dialects.shared.making import Found
from mutoscope.dialects.shared.references import (
    Address,
    Data,
    FileId,
    FilmFrame,
    Reference,
    Resource,
    VideoId,
    not_a_file,
)
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Job
from mutoscope.outside.fetch import fetchable
from mutoscope.shot import Media
from mutoscope.storage.media import TooLarge

if TYPE_CHECKING:
    from mutoscope.server.callers import Caller
    from mutoscope.server.house import House
    from mutoscope.storage.files import Files

#: Google's address of a file of this server's.
_RESOURCE = re.compile(r"(?:/[a-z]+)?/v1\w*/files/([a-z0-9]{1,80})(?::download)?", re.ASCII)


class Finder:
    """`hosts`: the names under which clients reach this server, as in a Host header."""

    def __init__(self, house: House, files: Files, caller: Caller, hosts: Iterable[str]) -> None:
        self.house = house
        self.files = files
        self.caller = caller
        self.hosts = {host.lower() for host in hosts if host}

    async def picture(self, field: str, reference: Reference) -> Found:
        """The medium of a picture. BadInput, or Refusal (404) for an id that the project has not."""
        match reference:
            case VideoId():
                raise not_a_file(field, reference.id)
            case FilmFrame(id, last):
                film = self.film(await self.video(id, field), field)
                return Found(await frame_of(self.house, film.media, last=last))
            case Resource(id):
                return await self._resource(field, id, self.caller.project)
            case Address(url):
                return await self._address(field, url, "image")
        return await self._file(field, reference)

    async def clip(self, field: str, reference: Reference) -> Found:
        """The medium of a film: a finished video's own, an uploaded file's, or one at an address."""
        match reference:
            case VideoId(id):
                return self.film(await self.video(id, field), field)
            case Resource(id):
                return await self._resource(field, id, self.caller.project)
            case Address(url):
                return await self._address(field, url, "video")
        return await self._file(field, reference, "video")

    async def video(self, id: str, field: str | None = None, project: str | None = "") -> Job:
        """The project's video, or any project's for None. Refusal (404)."""
        job = await self.house.ledger.get(id, self.caller.project if project == "" else project)
        if job is None or job.object != "video" or job.hidden:
            raise refusals.no_video(id, field)
        return job

    @staticmethod
    def film(job: Job, field: str) -> Found:
        """The film of a finished video. BadInput where it is not finished."""
        media = job.result.media.get("video") if job.result is not None else None
        if job.status != "completed" or media is None:
            raise BadInput(
                f"Video '{job.id}' is {job.status}; it must be completed",
                field=field,
                code="video_not_completed",
                hint="wait until its status is completed"
                if job.status != "failed"
                else "a failed video has no film: create another",
            )
        return Found(media, job=job)

    async def _file(self, field: str, reference: Reference, kind: str = "image") -> Found:
        match reference:
            case FileId(id, plain):
                file = await self.files.get(id, self.caller.project)
                if file is None:
                    raise not_a_file(field, id) if plain else refusals.no_file(id, field)
                return Found(file.media)
            case Data():
                return Found(await asyncio.to_thread(self._stored, field, reference, kind))
        assert not isinstance(reference, VideoId | FilmFrame | Resource | Address)
        return Found(reference.media)

    def _stored(self, field: str, data: Data, kind: str) -> Media:
        limits = self.house.settings.limits
        most = limits.image_bytes if kind == "image" else limits.video_bytes
        try:
            return self.house.media.put(data.decode(field), max_bytes=most)
        except TooLarge as error:
            error.field, error.hint = field, f"limits.{kind}_bytes in the server's settings"
            raise

    async def _resource(self, field: str, id: str, project: str | None) -> Found:
        """The medium of a file, or of a finished video."""
        file = await self.files.get(f"file-{id}", project)
        if file is not None:
            return Found(file.media)
        job = await self.house.ledger.get(f"video_{id}", project)
        if job is None or job.object != "video" or job.hidden:
            raise refusals.no_resource(id, field)
        found = self.film(job, field)
        return found if job.project == self.caller.project else Found(found.media)

    async def _address(self, field: str, url: str, kind: str) -> Found:
        parts = urlsplit(url)
        mine = parts.netloc.lower() in self.hosts
        if mine and (named := _RESOURCE.fullmatch(parts.path)) is not None:
            signed = self.house.links.opens("GET", parts.path, parts.query)
            return await self._resource(field, named[1], None if signed else self.caller.project)
        own = OWN.fullmatch(parts.path) if parts.netloc.lower() in self.hosts else None
        if own is None:
            fetchable(url, self.house.settings.fetch, field=field)
            name = hashlib.sha256(url.encode()).hexdigest()
            return Found(Media(name, f"{kind}/unknown", 0), url=url)
        # a signed link opens what it names to whoever has it; else the caller must own it
        signed = self.house.links.opens("GET", parts.path, parts.query)
        project = None if signed else self.caller.project
        room, _, id = own.groups()
        if room == "files":
            file = await self.files.get(id, project)
            if file is None:
                raise refusals.no_file(id, field)
            return Found(file.media)
        job = await self.video(id, field, project)
        variant = parse_qs(parts.query).get("variant", ["video"])[0]
        found = self.film(job, field)
        if variant == "video":
            mine = job.project == self.caller.project
            return found if mine else Found(found.media)
        media = job.result.media.get(variant) if job.result is not None else None
        if media is None:
            raise refusals.no_variant(variant)
        return Found(media)
