"""Luma's Agents API: generations of films, and the files that they start from."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.luma.form import form

_ASKING = "mutoscope.dialects.luma_agents.asking"
_POST = "`POST /v1/generations` with `type`"

DIALECT = Dialect(
    name="luma_agents",
    title="Luma Agents",
    prefix="/luma-agents",
    routes=("mutoscope.dialects.luma_agents.routes",),
    claims=(
        Claim("/v1/generations"),
        Claim("/v1/files", header="user-agent", saying="Luma/"),
        Claim("/v1/files", holding="/complete"),
    ),
    form=form,
    rooms={"files": "files"},
    tables={
        f"{_POST} `video`": f"{_ASKING}:VIDEO_FIELDS",
        f"{_POST} `video_edit`": f"{_ASKING}:EDIT_FIELDS",
        f"{_POST} `video_reframe`": f"{_ASKING}:REFRAME_FIELDS",
    },
)
