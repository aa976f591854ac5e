"""Many photographs, five prompts each: no film may fail, nor show what lies beyond its picture.

The photographs of `benchmarks.photographs` are filmed at 480x270, 24 frames over five seconds, through the
engine's own door. For every frame the renderer is asked which places of the plate it shows, before they
are kept inside: beyond the plate's end is a border; beyond the photograph's own pixels is made up, and
may be seen so far and no farther. Each film with a subject is judged by its outline (`mutoscope.quality`);
the twenty worst are listed, and drawn where a folder is named.

    python -m benchmarks.many [--photographs N] [--only WORD] [--sheet FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.photographs import Photograph, photographs
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Order, Still
from mutoscope.engines.flipbook.camera.view import EDGE
from mutoscope.engines.flipbook.rendering import render as rendering
from mutoscope.engines.flipbook.rendering.seen import Seen
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.images.decode import open_photo
from mutoscope.images.framing import framed
from mutoscope.images.subject import forget
from mutoscope.shot import Anchor, Fit, Media, Role, Shot, Size

Rgb = npt.NDArray[np.uint8]
SIZE = Size(480, 270)
SECONDS, FRAMES = 5.0, 24
WORST = 20
#: Every kind of move, most of them large; the first begins with the whole picture.
PROMPTS = {
    "push": "Push in by 15 percent, starting with this picture.",
    "truck": "Fast truck right.",
    "orbit": "Fast orbit to the left.",
    "back": "Pull back fast while the camera rises.",
    "turn": "Handheld, pan right and roll clockwise.",
}
_DOWN = 2  # pixels of the frame between two places that are asked for
_LOOKED_AT = 3  # every third frame, for the outline
_SLACK = 0.75  # pixels: half the distance, and rounding


@dataclass
class Watch:
    """Looks on while a film is rendered. `border` and `made_up`: the most pixels, over all frames,
    beyond the plate's end and beyond what may be shown of its made-up part."""

    border: float = -np.inf
    made_up: float = -np.inf
    frames: list[Rgb] = field(default_factory=list)
    scene: Scene | None = None
    broken: str = ""

    def apply(self, frame: av.VideoFrame, seen: Seen) -> None:
        x, y = seen.places(_DOWN)
        scene = seen.scene
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            self.broken = "places that are no numbers"
            return
        ends = np.array([-x.min(), -y.min(), x.max() - scene.width + 1, y.max() - scene.height + 1])
        margin = np.array([scene.margin_x, scene.margin_y] * 2, float)
        real = np.minimum(np.array(scene.real, float), margin - EDGE)
        shown = np.minimum(real + scene.made_up * margin, margin - EDGE)
        self.border = max(self.border, float((ends - margin).max()))
        self.made_up = max(self.made_up, float((ends - shown).max()))

    def __call__(self, scene: Scene, poses: Any, *args: Any, **how: Any) -> Iterator[av.VideoFrame]:
        """In the place of `render`, with this looking on."""
        self.scene = scene
        parts = [poses, scene.plate_disparity]
        if scene.subject is not None:
            parts.append(scene.subject.disparity)
        if not all(np.isfinite(part).all() for part in parts):
            self.broken = "poses or disparities that are no numbers"
        how["effects"] = (*how.get("effects", ()), self)
        for frame in _render(scene, poses, *args, **how):
            self.frames.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            yield frame


_render = rendering.render


@dataclass(frozen=True, slots=True)
class Film:
    name: str
    prompt: str
    fault: str = ""  # why it failed
    outline: float | None = None
    of: str = ""
    picture: Rgb | None = None


def filmed(photo: Photograph, name: str, prompt: str, folder: Path) -> Film:
    """One film, watched."""
    from mutoscope.engines.flipbook.film import film

    watch = Watch()
    rendering.render = watch
    try:
        opened = open_photo(photo.path)
        role = Role.FIRST_FRAME if name == "push" else Role.REFERENCE
        anchor = Anchor(Media(opened.sha256, "image/jpeg", 1), role)
        shot = Shot(
            prompt=prompt,
            fit=Fit.COVER,
            size=SIZE,
            seconds=SECONDS,
            fps=FRAMES / SECONDS,
            anchors=(anchor,),
        )
        still = Still(photo.path, framed(opened, shot, anchor), photo.path)
        direction = direct(prompt, SECONDS)
        order = Order(shot=shot, direction=direction, folder=folder, stills={0: still})
        film(order, lambda stage, done: None, lambda: False)
    except Exception:  # whatever it is, it is what is looked for
        return Film(photo.name, name, traceback.format_exc(limit=-3))
    finally:
        rendering.render = _render
    fault = watch.broken
    if watch.border > _SLACK - EDGE:
        fault = f"shows {watch.border + EDGE:.1f} pixels too near the plate's end or beyond"
    elif watch.made_up > _SLACK:
        fault = f"shows {watch.made_up:.1f} pixels more of the made-up margin than it may"
    elif len(watch.frames) != FRAMES:
        fault = f"{len(watch.frames)} frames in place of {FRAMES}"
    score, of, number = judged(watch)
    picture = watch.frames[number] if watch.frames else None
    return Film(photo.name, name, fault, score, of, picture)


def judged(watch: Watch) -> tuple[float | None, str, int]:
    """The outline's faults, which they are, and the frame they are worst in."""
    from mutoscope.quality.outline import outline

    scene = watch.scene
    if scene is None or scene.subject is None or not watch.frames:
        return None, "", len(watch.frames) - 1
    subject = scene.subject
    matte = np.zeros((scene.height, scene.width), np.float32)
    x, y = max(0, subject.x), max(0, subject.y)
    part = subject.alpha[y - subject.y :, x - subject.x :][: scene.height - y, : scene.width - x]
    matte[y : y + part.shape[0], x : x + part.shape[1]] = part / np.float32(255)
    found = outline(watch.frames[::_LOOKED_AT], matte, scene.still)
    if found is None:
        return None, "", len(watch.frames) - 1
    parts = {"ghost": found.ghost, "halo": found.halo, "smear": found.smear}
    said = " ".join(f"{name} {value:.2f}" for name, value in parts.items())
    return found.faults, said, found.worst.number * _LOOKED_AT


def sheet(films: list[Film], path: Path) -> None:
    """The worst frames, in rows of four."""
    cells = []
    for film in films:
        if film.picture is None:
            continue
        cell = np.ascontiguousarray(film.picture[..., ::-1])
        text = f"{film.outline or 0:.2f} {film.prompt} {Path(film.name).name[:30]}"
        for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(cell, text, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, thick)
        cells.append(cell)
    while len(cells) % 4:
        cells.append(np.zeros_like(cells[0]))
    rows = [np.hstack(cells[at : at + 4]) for at in range(0, len(cells), 4)]
    cv2.imwrite(str(path), np.vstack(rows))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Film many photographs, and look for faults.")
    parser.add_argument("--photographs", type=int, default=1000)
    parser.add_argument("--only", default="", help="part of the name")
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args(arguments)
    chosen = [one for one in photographs() if asked.only in one.name][: asked.photographs]
    films: list[Film] = []
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        os.environ["MUTOSCOPE_CACHE"] = name
        for photo in chosen:
            forget()
            for short, prompt in PROMPTS.items():
                films.append(filmed(photo, short, prompt, Path(name)))
    spent = time.process_time() - begin
    kinds = {one.kind for one in chosen}
    print(
        f"{len(films)} films of {len(chosen)} photographs of {len(kinds)} kinds, {spent:.0f} s CPU"
    )
    faults = [film for film in films if film.fault]
    for film in faults:
        print(f"  FAULT {film.name} {film.prompt}: {film.fault}")
    print(f"  faults: {len(faults)} (bar 0)  {'met' if not faults else 'NOT met'}")
    scored = sorted((film for film in films if film.outline is not None), key=_by_outline)
    values = [film.outline or 0.0 for film in scored]
    if values:
        print(
            f"  outline, {len(values)} films with a subject: median {np.median(values):.3f}, "
            f"9 of 10 below {np.quantile(values, 0.9):.3f}; the {WORST} worst:"
        )
    for film in scored[:WORST]:
        print(f"    {film.outline:.3f}  {film.prompt:<6} {film.name}  ({film.of})")
    if asked.sheet is not None and scored:
        asked.sheet.mkdir(parents=True, exist_ok=True)
        sheet(scored[:WORST], asked.sheet / "worst.png")
    return 1 if faults else 0


def _by_outline(film: Film) -> float:
    return -(film.outline or 0.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
