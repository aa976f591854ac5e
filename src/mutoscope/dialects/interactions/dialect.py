"""Google's Interactions API, with the files around it."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.interactions.errors import form
from mutoscope.dialects.interactions.news import news

DIALECT = Dialect(
    name="interactions",
    title="Interactions",
    prefix="/interactions",
    routes=("mutoscope.dialects.interactions.routes", "mutoscope.dialects.gemini.routes"),
    claims=(
        Claim("/v1/interactions"),
        Claim("/v1beta/interactions"),
        Claim("/v1alpha/interactions"),
    ),
    form=form,
    news=news,
    key_query="key",
    rooms={"files": "files", "upload": "files"},
    beside={"files": "videos"},  # films are files, too
    tables={"The body of a creation": "mutoscope.dialects.interactions.asking:FIELDS"},
)
