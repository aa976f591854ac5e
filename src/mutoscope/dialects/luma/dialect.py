"""Luma's Dream Machine API, v1."""

from __future__ import annotations

from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.luma.form import form
from mutoscope.dialects.luma.generation import news

_ASKING, _AGAIN = "mutoscope.dialects.luma.asking", "mutoscope.dialects.luma.again"
_BASE = "/dream-machine/v1/generations"

DIALECT = Dialect(
    name="luma",
    title="Luma Dream Machine",
    prefix="/luma",
    routes=("mutoscope.dialects.luma.routes",),
    claims=(Claim("/dream-machine"),),
    form=form,
    news=news,
    told_of_start=True,
    tables={
        f"`POST {_BASE}/video` (and `{_BASE}`)": f"{_ASKING}:CREATE_FIELDS",
        f"`POST {_BASE}/video/modify`": f"{_ASKING}:MODIFY_FIELDS",
        f"`POST {_BASE}/video/reframe`": f"{_ASKING}:REFRAME_FIELDS",
        f"`POST {_BASE}/{{id}}/upscale`": f"{_AGAIN}:UPSCALE_FIELDS",
        f"`POST {_BASE}/{{id}}/audio`": f"{_AGAIN}:AUDIO_FIELDS",
    },
)
