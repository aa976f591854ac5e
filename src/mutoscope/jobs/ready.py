"""Whether an engine of this machine can film now: told before there is a job that could only fail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutoscope.engines.base import Lacking
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.engines.registry import Engines
    from mutoscope.shot import Shot

#: What nobody outside is to see of this machine.
_PATH = re.compile(r"(?:(?<=\s)|^)/[^\s;,]+")


async def ready(engine: str, engines: Engines, shot: Shot) -> None:
    """Refusal (503) where the engine lacks something, with what, and how its owner gets it. Engines elsewhere
    are not asked: they say so when the order comes."""
    door = engines.get(engine)
    if not door.local:
        return
    looked = await door.look()
    if not looked.ready:
        raise _not_ready(engine, "; ".join(looked.reasons) or "it does not say why")
    if isinstance(door.engine, Lacking) and (why := door.engine.lacking(shot)):
        raise _not_ready(engine, why)


def _not_ready(engine: str, why: str) -> Refusal:
    return Refusal(
        f"{engine} cannot film here: {_PATH.sub('…', why)}",
        status=503,
        param="model",
        code="engine_not_ready",
        hint="whoever runs this server can mend that; mutoscope doctor says the same",
        headers={"x-should-retry": "false"},
    )
