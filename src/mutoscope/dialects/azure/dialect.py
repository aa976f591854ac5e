"""Azure OpenAI's videos and video generation jobs, under /openai."""

from __future__ import annotations

from mutoscope.dialects.azure.errors import form
from mutoscope.dialects.dialect import Claim, Dialect

DIALECT = Dialect(
    name="azure",
    title="Azure OpenAI",
    prefix="/azure",
    routes=("mutoscope.dialects.azure.routes",),
    claims=(Claim("/openai"),),
    form=form,
    rooms={"files": "files", "batches": "batches", "models": "models"},
    tables={
        "`POST /openai/v1/video/generations/jobs`": "mutoscope.dialects.azure.asking:FIELDS",
        "each of its `inpaint_items`": "mutoscope.dialects.azure.inpaint:ITEM_FIELDS",
    },
)
