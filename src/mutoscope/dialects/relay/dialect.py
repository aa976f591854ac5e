"""The dialect of relays, under /v1/sora."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect

DIALECT = Dialect(
    name="relay",
    title="Relays",
    prefix="/relay",
    routes=("mutoscope.dialects.relay.routes",),
    claims=(Claim("/v1/sora"),),
    tables={
        "`POST /v1/sora/generate`": "mutoscope.dialects.relay.asking:FIELDS",
        "`POST /v1/sora/characters` and `/v1/sora/characters/extract`": (
            "mutoscope.dialects.relay.introducing:CHARACTER_FIELDS"
        ),
    },
)
