"""`mutoscope.measure`: every measure of one film, in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.errors import BadInput, Cancelled

if TYPE_CHECKING:
    from mutoscope.clip import Clip
    from mutoscope.quality.asking import Asked
    from mutoscope.quality.fidelity import Fidelity
    from mutoscope.quality.measured import Measured, Sound
    from mutoscope.quality.outline import Outline
    from mutoscope.quality.reel import Reel

#: Why a measure may be missing.
ONE_FRAME = "the film has too few frames"
NO_LPIPS = "LPIPS needs its weights: mutoscope weights fetch lpips"
NO_MATTE = "needs the matte weights: mutoscope weights fetch matte"
NO_SUBJECT = "no subject stands out clearly in the first frame"
NO_PARTING = "the subject does not part from its background, so no outline can show twice"
NO_SOUND = "the film has no sound"
NOT_WHOLE = "the film is very long: its beginning was measured"
CUT = "there is a cut in the film, so what comes after is not held against what was before"


def measure(
    film: str | Path | Clip | None = None,
    *,
    shot: str | Path | Clip | None = None,
    still: str | Path | None = None,
    last: str | Path | None = None,
    sheet: str | Path | None = None,
    progress: Progress = lambda stage, done: None,
    cancel: Cancel = lambda: False,
) -> Measured:
    """Measure a film: a path or a Clip.

    `shot`: the JSON file that `mutoscope animate --json` printed, or a Clip: its direction's moves are
    judged, and it names the film where that is left out. `still`, `last`: photographs that the film's
    first and last frame are held against, brought to the frame as the shot says (else by itself).
    `sheet`: a PNG to draw: the camera's way over the first frame, curves, the worst frames.
    `progress(stage, fraction)` is called as it goes on; it stops soon after `cancel()` is true.

    Raises BadInput, BadImage, CannotWrite or Cancelled, one sentence each.
    """
    from mutoscope.quality.measured import Measured
    from mutoscope.quality.reel import reel

    def step(stage: str, done: float) -> None:
        if cancel():
            raise Cancelled("the film was not measured to its end")
        progress(stage, done)

    wanted = _wanted(shot if shot is not None else film)
    place = _film(film, wanted)
    step("read", 0.0)
    read = reel(place)
    found = _figures(read, wanted, step)
    found |= _against(read, wanted, still, last)
    step("sound", 0.85)
    sound, silent = _heard(read)
    missing = found.pop("missing") | silent
    if not read.whole:
        missing["film"] = NOT_WHOLE
    made = Measured(
        path=place, width=read.width, height=read.height, fps=read.fps, frames=len(read.frames),
        seconds=read.seconds, times=read.times, sound=sound, missing=missing, **found,
    )  # fmt: skip
    if sheet is not None:
        from mutoscope.quality.sheet import sheet as drawn

        step("sheet", 0.95)
        drawn(made, read, Path(sheet))
    step("", 1.0)
    return made


def _wanted(shot: str | Path | Clip | None) -> Asked | None:
    from mutoscope.quality.asking import asked, of_clip

    if shot is None:
        return None
    if not isinstance(shot, str | Path):
        return of_clip(shot)
    return asked(Path(shot)) if Path(shot).suffix.lower() == ".json" else None


def _film(film: str | Path | Clip | None, wanted: Asked | None) -> Path:
    if film is not None and not isinstance(film, str | Path):
        return film.path
    if film is not None and Path(film).suffix.lower() != ".json":
        return Path(film)
    if wanted is None or wanted.film is None:
        raise BadInput("no film is named; give one, or a clip's JSON that names it", field="film")
    return wanted.film


def _figures(read: Reel, wanted: Asked | None, step: Progress) -> dict[str, Any]:
    """What the frames alone tell, and how far the camera did as it was asked."""
    from mutoscope.quality.asked import judged
    from mutoscope.quality.camera import camera
    from mutoscope.quality.cuts import cuts
    from mutoscope.quality.dynamics import dynamics
    from mutoscope.quality.flicker import flicker
    from mutoscope.quality.jerk import jerk
    from mutoscope.quality.likeness import likeness
    from mutoscope.quality.loop import loop
    from mutoscope.quality.sharpness import sharpness
    from mutoscope.quality.smoothness import smoothness
    from mutoscope.quality.vbench_camera import vbench_camera
    from mutoscope.quality.warping import warping

    frames, fps = read.frames, read.fps
    missing: dict[str, str] = {}
    found: dict[str, Any] = {"missing": missing}
    step("camera", 0.1)
    found["camera"] = way = camera(frames)
    found["vbench"] = vbench_camera(frames)
    if wanted is not None:
        looped = wanted.loop
        found["asked"] = judged(wanted.direction, way, read.times, loop=looped)
        found["loop_asked"] = looped
    step("motion", 0.35)
    found["cuts"] = cut = cuts(frames, fps)
    found["flicker"] = flicker(frames)
    found["smoothness"] = smoothness(frames)
    found["dynamics"] = dynamics(frames, fps)
    found["jerk"] = jerk(way, fps)
    found["warping"] = warping(frames)
    found["sharpness"] = sharpness(frames)
    step("loop", 0.6)
    found["loop"] = loop(frames)
    found["likeness"] = None if cut.cuts else likeness(frames, way)
    for name in ("flicker", "smoothness", "dynamics", "jerk", "warping", "loop"):
        if found[name] is None:
            missing[name] = ONE_FRAME
    if found["likeness"] is None:
        missing["likeness"] = CUT if cut.cuts else ONE_FRAME
    step("outline", 0.7)
    found["outline"], why = _outlined(read, bool(cut.cuts))
    if why:
        missing["outline"] = why
    return found


def _outlined(read: Reel, cut: bool) -> tuple[Outline | None, str]:
    from mutoscope import weights
    from mutoscope.images.subject import find_subject
    from mutoscope.quality.outline import drawn_to_edges, outline

    if len(read.frames) < 3:
        return None, ONE_FRAME
    if cut:
        return None, CUT
    if weights.find("matte") is None:
        return None, NO_MATTE
    matte = find_subject(read.first)
    if matte is None or not matte.stable:
        return None, NO_SUBJECT
    found = outline(list(read.frames), drawn_to_edges(read.frames[0], matte.alpha))
    return found, "" if found is not None else NO_PARTING


def _against(
    read: Reel, wanted: Asked | None, still: str | Path | None, last: str | Path | None
) -> dict[str, Fidelity | None]:
    from mutoscope.quality.prepared import held_against

    return {
        "first": held_against(read.first, still, wanted, "still"),
        "last": held_against(read.last, last, wanted, "last"),
    }


def _heard(read: Reel) -> tuple[Sound | None, dict[str, str]]:
    from mutoscope.quality.hearing import AAC_FRAME, hearing
    from mutoscope.quality.measured import Sound
    from mutoscope.quality.synchrony import synchrony
    from mutoscope.sound.span import RATE

    heard = hearing(read.path) if read.has_sound else None
    if heard is None:
        return None, {"sound": NO_SOUND}
    off = (heard.begins + heard.seconds - read.seconds) * RATE / AAC_FRAME
    together = synchrony(read.frames, read.times, heard.onsets)
    return Sound(heard.lufs, heard.peak, heard.seconds, off, together), {}
