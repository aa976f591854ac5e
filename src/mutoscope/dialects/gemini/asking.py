"""What a request's fields become; `google.veo` reads a body by this table."""

from __future__ import annotations

from mutoscope.dialects.google import media, veo

DIALECT = VENDOR = "gemini"
#: POST /v1beta/models/{model}:predictLongRunning
FIELDS = veo.fields_with(media.picture, media.clip)
