"""Which function is which stage, and what may run at a time.

::

    inputs → cast → prepare ─┬─ render, or generate ───────────┬─ finish
                             └─ submit ⇄ room → poll → collect ─┘
                                   └─ unconfirmed

An engine on this machine renders, or generates where it has a device of its own, whose queue holds up no
render; one elsewhere is handed the order, polled, and its footage collected.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mutoscope.dialects.openai import batch_run
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.stages import character
from mutoscope.jobs.stages.cast import cast
from mutoscope.jobs.stages.collect import collect
from mutoscope.jobs.stages.finish import finish
from mutoscope.jobs.stages.inputs import inputs
from mutoscope.jobs.stages.poll import poll
from mutoscope.jobs.stages.prepare import prepare
from mutoscope.jobs.stages.render import render
from mutoscope.jobs.stages.submit import submit
from mutoscope.jobs.stages.unconfirmed import unconfirmed

if TYPE_CHECKING:
    from mutoscope.server.house import House

Stage = Callable[["House", Held], Awaitable[Change]]

STAGES: dict[tuple[str, str], Stage] = {
    ("video", "inputs"): inputs,
    ("video", "cast"): cast,
    ("video", "prepare"): prepare,
    ("video", "render"): render,
    ("video", "generate"): render,
    ("video", "submit"): submit,
    ("video", "room"): submit,  # waits for room at the engine, and tries again
    ("video", "poll"): poll,
    ("video", "collect"): collect,
    ("video", "finish"): finish,
    ("video", "unconfirmed"): unconfirmed,
    ("character", "fetch"): character.fetch,
    ("character", "frames"): character.frames,
    ("batch", "validate"): batch_run.validate,
    ("batch", "run"): batch_run.run,
    ("batch", "finalize"): batch_run.finalize,
}

#: Objects whose stages see to a wish to cancel them: a batch still hands back what was made.
ENDS_ITSELF = frozenset({"batch"})


#: Stages that end at the job's deadline. The others must not be cut off: an order on its way, a film that
#: is there.
TIMED = frozenset({"inputs", "cast", "prepare", "render", "generate"})


@dataclass(frozen=True, slots=True)
class Lane:
    """Stages that share their slots: so many, or as many as renders run at a time, or as there are devices."""

    name: str
    stages: tuple[str, ...]
    slots: int | Literal["renders", "devices"]


LANES = (
    Lane("ready", ("inputs", "cast", "prepare", "fetch"), 8),
    Lane("frames", ("frames",), 2),
    Lane("render", ("render",), "renders"),
    Lane("generate", ("generate",), "devices"),
    Lane("submit", ("submit", "room", "unconfirmed"), 32),
    Lane("poll", ("poll",), 200),
    Lane("collect", ("collect",), 8),
    Lane("finish", ("finish",), 4),
    Lane("batch", ("validate", "run", "finalize"), 2),
)
