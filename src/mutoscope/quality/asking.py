"""What was asked for: a shot's or a clip's JSON, as `mutoscope animate --json` prints it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.direction.model import Direction
from mutoscope.errors import BadInput
from mutoscope.shot import Crop, Fit, Shot

if TYPE_CHECKING:
    from mutoscope.clip import Clip

#: How a clip's report says that it was made as a loop.
LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Asked:
    """The direction, the film where the file names one, and how pictures were brought to the frame."""

    direction: Direction
    film: Path | None = None
    loop: bool = False
    fit: Fit = Fit.AUTO
    fill: str = ""
    crop: Crop | None = None


def asked(file: Path) -> Asked:
    """Read the JSON at `file`. Raises BadInput, one sentence, for what is neither a shot nor a clip."""
    try:
        values = json.loads(file.read_bytes())
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}", field="shot") from None
    except ValueError as error:
        raise BadInput(f"{file} is not JSON: {error}", field="shot") from None
    if not isinstance(values, dict):
        raise BadInput(_NEITHER.format(file), field="shot")
    if "anchors" in values or "prompt" in values:
        return _of_shot(Shot.from_json(file.read_bytes()))
    if not isinstance(values.get("direction"), dict):
        raise BadInput(_NEITHER.format(file), field="shot")
    return _of_clip(values, file)


_NEITHER = "{} is neither a shot nor a clip; give what `mutoscope animate --json` printed"


def _of_shot(shot: Shot) -> Asked:
    from mutoscope.steps import directed, pictures

    direction = directed(shot)
    places = list(pictures(shot))
    crop = shot.anchors[places[0]].crop if places else None
    return Asked(
        direction, None, shot.loop or direction.loop, shot.fit, shot.pad_colour, crop
    )  # fmt: skip


def _of_clip(values: Mapping[str, Any], file: Path) -> Asked:
    from mutoscope.direction.read import read

    seconds = values.get("seconds")
    given = float(seconds) if isinstance(seconds, int | float) else None
    direction = read(dict(values["direction"]), given)
    named = values.get("path")
    film = None
    if isinstance(named, str) and named:
        film = Path(named)
        if not film.is_absolute() and not film.exists():
            film = file.parent / film
    report = values.get("report")
    said = report.get("done") if isinstance(report, dict) else None
    loops = any(isinstance(one, dict) and one.get("words") == LOOP for one in said or ())
    return Asked(direction, film, direction.loop or loops)


def of_clip(clip: Clip) -> Asked:
    """What was asked for of a clip that this process made."""
    loops = any(one.words == LOOP for one in clip.report.done)
    return Asked(clip.direction, clip.path, clip.direction.loop or loops)
