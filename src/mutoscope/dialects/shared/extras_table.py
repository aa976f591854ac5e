"""The fields of `extras`, as a table like those of the vendors' dialects."""

from __future__ import annotations

from mutoscope.dialects.shared import extras
from mutoscope.dialects.shared.table import Field

_PICTURES = {
    "input_reference": "picture: first frame; several: references",
    "image_url": "picture: first frame",
    "image_data": "picture: first frame",
    "first_frame": "picture: first frame",
    "last_frame": "picture: last frame",
    "reference_video": "picture: reference, a film",
}
_BESIDE = {
    "influence_strength": "picture: its strength, 0 to 1",
    "crop_bounds": "picture: its crop, as fractions",
    "frame_index": "picture: its frame; -1 is the last",
}

FIELDS: dict[str, Field] = (
    {name: Field(f"shot.{target}", read) for name, (target, read) in extras.SHOT.items()}
    | {name: Field(_PICTURES[name], read) for name, read in extras.MEDIA.items()}
    | {name: Field(_BESIDE[name], read) for name, read in extras.BESIDE.items()}
    | {name: Field(f"job.{target}", read) for name, (target, read) in extras.JOB.items()}
)
