"""Vertex AI, by its later name the Gemini Enterprise Agent Platform: Veo, and interactions of a project."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.google.errors import form

#: Paths with a version that is also another service's: who is meant is told as that service tells it.
_ROOMS = ("/v1/projects", "/v1/publishers", "/v1beta/projects", "/v1beta/publishers")

DIALECT = Dialect(
    name="vertex",
    title="Vertex AI",
    prefix="/vertex",
    routes=("mutoscope.dialects.vertex.routes",),
    claims=(
        Claim("/v1beta1"),
        Claim("/projects"),
        Claim("/publishers"),
        *(Claim(path) for path in _ROOMS),
    ),
    form=form,
    key_query="key",
    reads=(":fetchPredictOperation",),
    tables={
        "`POST …/models/{model}:predictLongRunning`": "mutoscope.dialects.vertex.asking:FIELDS"
    },
)
