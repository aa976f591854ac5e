"""What a request points at, as what a character is made from."""

from __future__ import annotations

from mutoscope.characters.making import Material
from mutoscope.dialects.shared.making import Found
from mutoscope.dialects.shared.references import Reference
from mutoscope.server.body import Upload


def material(field: str, found: Found, reference: Reference | None = None) -> Material:
    """The material that a field's reference was found to be; an upload keeps its name."""
    return Material(
        field=field,
        media=None if found.url else found.media,
        url=found.url,
        job=found.job.id if found.job is not None else "",
        filename=reference.filename if isinstance(reference, Upload) else "",
    )
