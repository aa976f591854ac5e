"""A file or a finished film → the File on the wire. Pure but for the addresses."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from mutoscope.dialects.gemini import ids
from mutoscope.dialects.gemini.operation import stamp
from mutoscope.jobs.job import Job
from mutoscope.shot import Media
from mutoscope.storage.files import File

if TYPE_CHECKING:
    from mutoscope.dialects.gemini.address import Addresses


def uploaded(file: File, addresses: Addresses) -> dict[str, Any]:
    """What somebody sent, or a batch wrote."""
    shown = _shown(ids.bare(file.id), file.media, file.created, addresses)
    shown |= {"displayName": file.filename} if file.filename else {}
    if file.expires is not None:
        shown["expirationTime"] = stamp(file.expires)
    return shown | {"source": "UPLOADED"}


def generated(job: Job, addresses: Addresses) -> dict[str, Any]:
    """The film of a finished job."""
    assert job.result is not None
    media = job.result.media["video"]
    shown = _shown(ids.bare(job.id), media, job.ended or job.created, addresses)
    if job.expires is not None:
        shown["expirationTime"] = stamp(job.expires)
    return shown | {
        "source": "GENERATED",
        "videoMetadata": {"videoDuration": f"{job.result.seconds:g}s"},
    }


def _shown(id: str, media: Media, created: float, addresses: Addresses) -> dict[str, Any]:
    return {
        "name": f"files/{id}",
        "mimeType": media.type,
        "sizeBytes": str(media.length),
        "createTime": stamp(created),
        "updateTime": stamp(created),
        # the service writes the digits, not the bytes that they stand for
        "sha256Hash": base64.b64encode(media.sha256.encode()).decode(),
        "uri": addresses.file(id),
        "downloadUri": addresses.download(id),
        "state": "ACTIVE",
    }
