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
    claims=tuple(
        # with the marks of Gemini's own claims, which would go first otherwise
        Claim(f"/{version}/interactions", **mark)
        for version in ("v1beta", "v1", "v1alpha")
        for mark in ({}, {"header": "x-goog-api-key"}, {"query": "key"})
    ),
    form=form,
    news=news,
    key_query="key",
    rooms={"files": "files", "upload": "files"},
    tables={"The body of a creation": "mutoscope.dialects.interactions.asking:FIELDS"},
)
