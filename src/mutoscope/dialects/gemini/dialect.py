"""The Gemini API: Veo's long-running operations, and the files and models around them."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.google.errors import form

#: Paths that OpenAI's API has too: who sends Google's key in Google's place means these.
_SHARED = ("/v1/files", "/v1/models")

DIALECT = Dialect(
    name="gemini",
    title="Gemini API",
    prefix="/gemini",
    routes=("mutoscope.dialects.gemini.routes", "mutoscope.dialects.interactions.routes"),
    claims=(
        Claim("/v1beta"),
        Claim("/v1alpha"),
        Claim("/upload"),
        *(Claim(path, header="x-goog-api-key") for path in _SHARED),
        *(Claim(path, query="key") for path in _SHARED),
        Claim("/v1/models", holding=":predictLongRunning"),
        Claim("/v1/models", holding="/operations/"),
        Claim("/v1/operations"),
        Claim("/v1/files", holding=":download"),
    ),
    form=form,
    key_query="key",
    rooms={"files": "files", "files:register": "files", "upload": "files"},
    beside={"files": "videos"},  # films are files, too
    tables={
        "`POST /v1beta/models/{model}:predictLongRunning`": "mutoscope.dialects.gemini.asking:FIELDS"
    },
)
