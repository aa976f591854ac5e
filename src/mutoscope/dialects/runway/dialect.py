"""Runway's API as a dialect."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.runway.errors import form
from mutoscope.dialects.runway.refused import REFUSED

#: Paths that nobody else has.
OWN = (
    "/v1/image_to_video",
    "/v1/text_to_video",
    "/v1/video_to_video",
    "/v1/generate/video",
    "/v1/tasks",
    "/v1/organization",
    *REFUSED,
)

DIALECT = Dialect(
    name="runway",
    title="Runway",
    prefix="/runway",
    routes=("mutoscope.dialects.runway.routes",),
    claims=(*map(Claim, OWN), Claim("/v1/uploads", header="x-runway-version")),
    form=form,
    rooms={"uploads": "files"},
    reads=("/organization/usage",),
    remembers=3600.0,
    tables={
        "POST /v1/image_to_video": "mutoscope.dialects.runway.asking:IMAGE_FIELDS",
        "POST /v1/text_to_video": "mutoscope.dialects.runway.asking:TEXT_FIELDS",
        "POST /v1/video_to_video": "mutoscope.dialects.runway.asking:VIDEO_FIELDS",
        "POST /v1/generate/video": "mutoscope.dialects.runway.routed:GENERATE_FIELDS",
    },
)
