"""Hold the frames of clips against a character's reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mutoscope.errors import BadInput, Cancelled
from mutoscope.quality.consistency.figure import Seen, Vector, seen
from mutoscope.quality.consistency.result import ClipScores, Consistency, Sample
from mutoscope.quality.consistency.sampling import Frame, sampled
from mutoscope.quality.consistency.scores import CURVES, PARTS, distances

Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]
Source = str | Path

#: Frames of a clip, and of a film that is a reference; and sights of the character in all.
SAMPLES, OF_A_FILM, MOST_REFERENCES = 8, 6, 12
MOST_SAMPLES = 64
NOTHING = np.zeros((0, 0, 3), np.uint8)
TYPICAL = "no reference was given: the frame of the first clip that is most like its others is it"


def consistency(
    reference: Source | Sequence[Source] | None,
    clips: Sequence[Source],
    *,
    samples: int = SAMPLES,
    grid: Source | None = None,
    progress: Progress = lambda stage, done: None,
    cancel: Cancel = lambda: False,
) -> Consistency:
    """How much the character of `reference` is the same in each of the `clips`.

    `reference`: pictures or films that show it, at most 12 sights are kept; None: the frame of the first
    clip that is most like its others. A clip is a film, or a picture. `samples` frames of each are looked
    at, evenly over its length. `grid`: a PNG to draw, a row for the reference and for each clip.

    Raises BadInput, BadImage, CannotWrite or Cancelled, one sentence each. Weights that are not here
    leave a part out, and say so.
    """
    if not clips:
        raise BadInput("no clip is named; give at least one film to be held against the character")
    if not 1 <= samples <= MOST_SAMPLES:
        raise BadInput(f"samples is {samples}; it must be 1 to {MOST_SAMPLES}", field="samples")
    paths = [Path(clip) for clip in clips]
    sources = [] if reference is None else _listed(reference)
    total = len(sources) + len(paths)

    def step(stage: str, done: float) -> None:
        if cancel():
            raise Cancelled("the clips were not looked at to their end")
        progress(stage, done / total)

    references, shown = _references(sources, step, cancel)
    scored = []
    for number, path in enumerate(paths):
        looked: list[tuple[Frame, Seen]] = []
        for place, frame in enumerate(sampled(path, samples)):
            step("compare", len(sources) + number + place / samples)
            one = seen(frame.rgb, _faces(references), own=frame.alpha, cancel=cancel)
            looked.append(
                (replace(frame, rgb=NOTHING, alpha=None), one)
            )  # the crops are all that is kept of it
        own = None if references else _typical([one for _, one in looked])
        if own is not None:
            references = [looked[own][1]]
        scored.append(ClipScores(path, tuple(
            _sample(frame, one, reference=True) if place == own else _scored(frame, one, references)
            for place, (frame, one) in enumerate(looked)
        )))  # fmt: skip
        if own is not None:
            shown.append((path, scored[-1].samples[own]))
    found = Consistency(tuple(shown), tuple(scored), () if sources else (TYPICAL,))
    if grid is not None:
        from mutoscope.quality.consistency.grid import grid as drawn

        step("sheet", total)
        drawn(found, Path(grid))
    step("", total)
    return found


def _listed(reference: Source | Sequence[Source]) -> list[Path]:
    several = [reference] if isinstance(reference, str | Path) else list(reference)
    if not several:
        raise BadInput(
            "the character has no reference frames; give a picture or a film of it", field="reference"
        )  # fmt: skip
    return [Path(one) for one in several[:MOST_REFERENCES]]


def _references(
    sources: Sequence[Path], step: Progress, cancel: Cancel
) -> tuple[list[Seen], list[tuple[Path, Sample]]]:
    """The sights of the character that show anything of it, and the same to be shown."""
    found: list[Seen] = []
    shown: list[tuple[Path, Sample]] = []
    each = max(1, min(OF_A_FILM, MOST_REFERENCES // max(1, len(sources))))
    for number, path in enumerate(sources):
        for frame in sampled(path, each):
            step("reference", number)
            one = seen(frame.rgb, _faces(found), own=frame.alpha, cancel=cancel)
            if _shows(one):
                found.append(one)
                shown.append((path, _sample(frame, one, reference=True)))
    if sources and not found:
        names = ", ".join(path.name for path in sources[:3])
        raise BadInput(
            f"nobody and nothing stands out clearly in the reference ({names}); give a picture that "
            "shows the character whole, in good light",
            field="reference",
        )
    return found, shown


def _typical(looked: Sequence[Seen]) -> int | None:
    """The place of the sight that the others are nearest to; None where none shows anything."""
    places = [place for place, one in enumerate(looked) if _shows(one)]

    def like(place: int) -> float:
        apart = [distances(looked[place], [looked[other]]) for other in places if other != place]
        return sum(CURVES[part].score(value) for one in apart for part, value in one.items())

    return max(places, key=like, default=None)


def _faces(references: Sequence[Seen]) -> list[Vector]:
    return [one.face for one in references if one.face is not None]


def _shows(one: Seen) -> bool:
    return one.body is not None or one.face is not None


def _scored(frame: Frame, one: Seen, references: Sequence[Seen]) -> Sample:
    """The frame with its scores, and why where there is none."""
    apart = distances(one, references)
    missing: dict[str, str] = {}
    for part in PARTS:
        if part in apart:
            continue
        whose = next((each.missing[part] for each in references if part in each.missing), "")
        unseen = f"of the reference: {whose}" if whose else "there is no reference"
        missing[part] = one.missing.get(part) or unseen
    scores = {part: CURVES[part].score(value) for part, value in apart.items()}
    return Sample(frame.number, frame.at, scores, missing, False, one.face_tile, one.figure_tile)


def _sample(frame: Frame, one: Seen, *, reference: bool) -> Sample:
    return Sample(
        frame.number, frame.at, missing=one.missing, reference=reference,
        face_tile=one.face_tile, figure_tile=one.figure_tile,
    )  # fmt: skip
