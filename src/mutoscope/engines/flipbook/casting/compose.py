"""A scene with its cast: each character a layer of its own depth, standing on the plate.

The scene has one layer in front, so the figures join the picture's own subject there: whoever stands
nearer is in front, each with the disparity of the ground at its feet, so that a camera that travels
shows them apart from what is behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from mutoscope.characters.names import mention
from mutoscope.engines.base import CastMember, Instruction
from mutoscope.engines.flipbook.casting.figure import Alpha, Cutout, faded, opened, resized
from mutoscope.engines.flipbook.casting.layer import Box as Span
from mutoscope.engines.flipbook.casting.layer import (
    Own,
    Standing,
    joined,
    on,
    overlap,
    own_subject,
)
from mutoscope.engines.flipbook.casting.light import matched, shadow
from mutoscope.engines.flipbook.casting.placing import Ground, Measures, Place, placed, settled
from mutoscope.engines.flipbook.casting.words import Wanted, wanted
from mutoscope.engines.flipbook.scene import CELL, Rgb, Scene
from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Fit

MOST = 2  # characters in one picture
_BOTH_SIDES = frozenset({"left", "right"})
_AROUND = 0.5  # of the figure's size, on each side: the surroundings whose light it takes
_HIDES = 0.5  # alpha from which a layer hides what is behind it
_MOST_HIDDEN = 0.3  # of a figure, behind the picture's own subject
_MANY = f"at most {MOST} characters fit into one picture"


def with_cast(
    scene: Scene,
    plan: Plan,
    cast: Mapping[str, CastMember],
    prompt: str,
    *,
    made: bool = False,
    home: Box | None = None,
) -> tuple[Scene, tuple[Instruction, ...]]:
    """The scene with the first MOST of the cast in it, and what became of each. `plan` says where in the
    frame the picture is; `cast` has each one's cut-outs by name, the best first. `made`: the picture is
    a ground that was made for them; `home`: where in the frame (fractions) one stands there who is alone
    and whose place the prompt leaves open. Raises BadShot for a file that is no cut-out."""
    with_files = {name: one for name, one in cast.items() if one.cutouts}
    playing = [opened(name, one.cutouts[0]) for name, one in with_files.items()][:MOST]
    if not playing:
        return scene, ()
    words = [wanted(prompt, mention(one.name)) for one in playing]
    figures = [(_measures(one), word) for one, word in zip(playing, words, strict=True)]
    ground = replace(_ground(scene, plan), made=made)
    free = len(playing) == 1 and words[0] == Wanted()
    at_home = settled(figures[0][0], home, ground) if home is not None and free else None
    places = placed(figures, ground) if at_home is None else [at_home]
    order = sorted(range(len(playing)), key=lambda one: places[one].y + places[one].height)
    for one in order:
        scene = _shaded(scene, playing[one], places[one])
    own = own_subject(scene)
    full = joined(scene, [_standing(scene, own, playing[one], places[one]) for one in order])
    # what was said of the picture now holds for its background alone
    notes = tuple(note.replace("the whole picture", "the background") for note in full.notes)
    said = tuple(
        Instruction(mention(one.name), "approximated", _how(one, word, place))
        for one, word, place in zip(playing, words, places, strict=True)
    )
    more = [Instruction(mention(name), "not_possible", _MANY) for name in list(cast)[MOST:]]
    return replace(full, notes=notes), (*said, *more)


def _how(one: Cutout, word: Wanted, place: Place) -> str:
    where = {"": "where there is room", "centre": "in the middle"}.get(
        word.side, f"on the {word.side}"
    )
    stands = "standing" if place.feet is not None else "seen as far down as that shows it,"
    if "top" in one.cut:
        stands = "as close up as that shows it, with its head cut off,"
    return (
        f"the character is a cut-out from its reference frame, {stands} {where} in the picture's light; "
        "it does not move by itself"
    )


def _measures(one: Cutout) -> Measures:
    height, width = one.alpha.shape
    return Measures(width, height, one.share, one.cut)


def _ground(scene: Scene, plan: Plan) -> Ground:
    """The part of the frame that shows the picture, and what of it its own subject takes."""
    left, top, right, bottom = 0, 0, scene.width, scene.height
    if plan.fit is Fit.PAD and plan.fill == "blur":
        box = plan.place
        left, top = max(0, round(box.left)), max(0, round(box.top))
        right, bottom = min(right, round(box.right)), min(bottom, round(box.bottom))
    taken = np.zeros(right - left, np.float32)
    subject = scene.subject
    if subject is not None:
        begin, end = max(left, subject.x), min(right, subject.x + subject.alpha.shape[1])
        if end > begin:
            part = subject.alpha[:, begin - subject.x : end - subject.x] > 127
            taken[begin - left : end - left] = part.sum(0) / np.float32(scene.height)
    return Ground(
        left, top, right - left, bottom - top,
        beyond=(
            scene.margin_x if left == 0 else 0,
            scene.margin_y if top == 0 else 0,
            scene.margin_x if right == scene.width else 0,
            scene.margin_y if bottom == scene.height else 0,
        ),
        taken=tuple(float(one.mean()) for one in np.array_split(taken, 100)),
        above=top,
        below=scene.height - bottom,
        margin=scene.margin_y,
    )  # fmt: skip


def _shaded(scene: Scene, one: Cutout, place: Place) -> Scene:
    """The scene with the figure's shadow on its ground."""
    if place.feet is None:
        return scene
    size = (place.width, place.height)
    alpha = np.asarray(cv2.resize(one.alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    room = max(8, round(0.25 * place.width))
    dark = shadow(alpha, room)
    at, part = overlap(dark.shape, scene, place.x - room, place.y)
    dark = dark[part]
    frame = (
        slice(scene.margin_y, scene.margin_y + scene.height),
        slice(scene.margin_x, scene.margin_x + scene.width),
    )
    subject = scene.subject
    if subject is not None:
        box, _ = overlap(subject.alpha.shape, scene, subject.x, subject.y)
        if box[0].stop - box[0].start == subject.alpha.shape[0] and (
            box[1].stop - box[1].start == subject.alpha.shape[1]
        ):
            subject = replace(subject, colour=_darkened(subject.colour, on(at, dark, box)))
    return replace(
        scene,
        plate=_darkened(scene.plate, on(at, dark, _whole(scene))),
        still=_darkened(scene.still, on(at, dark, frame)),
        subject=subject,
    )


def _whole(scene: Scene) -> Span:
    height, width = scene.plate.shape[:2]
    return slice(0, height), slice(0, width)


def _darkened(rgb: Rgb, dark: Alpha) -> Rgb:
    touched = np.flatnonzero((dark > 0.001).any(1))
    if not touched.size:
        return rgb
    out = np.array(rgb)
    rows = slice(int(touched[0]), int(touched[-1]) + 1)
    keep = (1 - dark[rows])[..., None]
    out[rows] = (rgb[rows] * keep + np.float32(0.5)).astype(np.uint8)
    return out


def _standing(scene: Scene, own: Own | None, one: Cutout, place: Place) -> Standing:
    colour, alpha = resized(one, place.width, place.height)
    if one.cut >= _BOTH_SIDES:  # it can stand at one edge of the frame, not at both
        alpha = faded(alpha)
    at, part = overlap(alpha.shape, scene, place.x, place.y)
    colour, alpha = np.ascontiguousarray(colour[part]), np.ascontiguousarray(alpha[part])
    across, down = round(_AROUND * place.width), round(_AROUND * place.height)
    around = scene.plate[
        max(0, at[0].start - down) : at[0].stop + down,
        max(0, at[1].start - across) : at[1].stop + across,
    ]
    lit = matched(colour, alpha, around, scene.plate[at])
    disparity = _stands_at(scene, place)
    behind = False
    if own is not None:
        before, depth = on(own.at, own.alpha, at), on(own.at, own.disparity, at)
        both = (before > _HIDES) & (alpha > _HIDES)
        if both.any() and float(np.median(depth[both])) > disparity:
            hidden = float(both.sum() / max(1, (alpha > _HIDES).sum()))
            behind = hidden <= _MOST_HIDDEN
            if not behind:  # it was asked for, so it is seen
                disparity = min(1.0, float(np.median(depth[both])) + 0.01)
    return Standing(one.name, at, lit, alpha, disparity, behind)


def _stands_at(scene: Scene, place: Place) -> float:
    """The plate's disparity where the figure stands; out of the picture, at its lower edge."""
    row = place.feet if place.feet is not None else scene.height
    grid = scene.plate_disparity
    j = min(grid.shape[0] - 1, max(0, round((row + scene.margin_y) / CELL)))
    third = place.width // 3
    ends = [place.x + third, place.x + place.width - third]
    i0, i1 = (min(grid.shape[1] - 1, max(0, round((x + scene.margin_x) / CELL))) for x in ends)
    return float(grid[j, i0 : max(i0, i1) + 1].mean())
