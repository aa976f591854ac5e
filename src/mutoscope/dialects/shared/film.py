"""The content of a finished job: the film, or its thumbnail or sprite sheet, as a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.shared import refusals
from mutoscope.dialects.shared.answers import caller
from mutoscope.jobs.job import Job
from mutoscope.jobs.previews import Preview
from mutoscope.server.content import content
from mutoscope.server.filenames import disposition

if TYPE_CHECKING:
    from mutoscope.server.house import House

ENDINGS = {"video/mp4": "mp4", "image/webp": "webp", "image/jpeg": "jpg", "image/png": "png"}
#: Where this server itself has content, below a dialect's prefix or without: the room and the id.
OWN = re.compile(
    r"(?:/[a-z]{1,20})?/(?:(?:openai/)?v1/(files|videos)|mutoscope/(jobs))"
    r"/([0-9A-Za-z_-]{1,80})/content",
    re.ASCII,
)


def content_path(job: Job, variant: str = "video") -> str:
    """Where the job's film, "thumbnail" or "spritesheet" is, whatever dialects are spoken; sign it for
    whoever has no key."""
    path = f"/mutoscope/jobs/{job.id}/content"
    return path if variant == "video" else f"{path}?variant={variant}"


def answer(request: Request, house: House, job: Job, variant: str = "video") -> Response:
    """The content; of a film that is being made, its preview for the thumbnail. Refusal (404, 410) where
    it is not there, or not there any more."""
    if variant == "thumbnail" and (preview := house.previews.of(job)) is not None:
        return _preview(job, preview)
    if job.status != "completed" or job.result is None:
        raise refusals.no_content(job)
    media = job.result.media.get(variant)
    if media is None:
        raise refusals.no_variant(variant)
    if not house.media.has(media):
        raise refusals.expired(job)
    name = job.id if variant == "video" else f"{job.id}-{variant}"
    return content(
        request,
        house.media.path(media),
        media_type=media.type,
        filename=f"{name}.{ENDINGS.get(media.type, 'bin')}",
        etag=media.sha256,
        inline=caller(request).link,
    )


def _preview(job: Job, preview: Preview) -> Response:
    """A picture that is soon another: nobody is to keep it."""
    headers = {
        "cache-control": "no-store",
        "content-disposition": disposition(
            f"{job.id}-preview.{ENDINGS.get(preview.type, 'bin')}", inline=True
        ),
        "x-content-type-options": "nosniff",
    }
    return Response(preview.content, headers=headers, media_type=preview.type)
