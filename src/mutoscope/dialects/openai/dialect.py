"""OpenAI's Videos API, with the files, batches, models and webhooks around it."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect

_EXTRAS = "mutoscope.dialects.shared.extras_table:FIELDS"

DIALECT = Dialect(
    name="openai",
    title="OpenAI",
    prefix="/sora",
    routes=(
        "mutoscope.dialects.openai.routes",  # first, for it has what is polled all day
        "mutoscope.dialects.openai.characters",
        "mutoscope.server.events",
        "mutoscope.dialects.openai.webhooks",
    ),
    claims=(Claim("/v1"),),
    rooms={
        "files": "files",
        "batches": "batches",
        "models": "models",
        "webhook_endpoints": "webhooks",
        "webhook_event_types": "webhooks",
    },
    tables={"`POST /v1/videos`, and what every other dialect takes beside its own": _EXTRAS},
)
