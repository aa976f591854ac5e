"""How good a picture is to make a film of: numbers, each with a plain sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from mutoscope.images import measure
from mutoscope.images.decode import Photo, Rgb
from mutoscope.images.faces import Face, find_faces
from mutoscope.images.plan import GOOD_SHORT_SIDE, LEAST_SHORT_SIDE

Verdict = Literal["good", "fair", "poor", "unknown"]

#: Measured at this long side, so that figures of pictures of any size compare.
LONG_SIDE = 1024
#: Best part of the frame for a subject, and number of main elements.
BEST_SHARE = (0.30, 0.60)
BEST_ELEMENTS = (2, 4)
#: What to do where a model refuses faces.
THREE_WAYS_OUT = (
    "where a model refuses faces: take a picture in which no face is clear (from behind, far away, in "
    "silhouette), use a virtual person instead, or a stylised version (drawn, painted)"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure: `value` in `unit` (None where it could not be had), and what it means."""

    name: str
    value: float | None
    unit: str
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class ImageReport:
    """All findings of a picture of `width`×`height` pixels; `notes` are the decoder's."""

    name: str
    format: str
    width: int
    height: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Finding:
        """The finding of that name: size, subject, elements, exposure, contrast, sharpness, tilt, faces."""
        return next(finding for finding in self.findings if finding.name == name)


def image_report(photo: Photo) -> ImageReport:
    """Measure a photograph. Raises BadImage where its data is damaged."""
    rgb = photo.thumbnail(LONG_SIDE)
    light = measure.light(rgb)
    findings = (
        _size(photo),
        _subject(photo, rgb),
        _elements(measure.elements(rgb)),
        _exposure(light),
        _contrast(light),
        _sharpness(measure.sharpness(rgb)),
        _tilt(measure.tilt(rgb)),
        _faces(find_faces(rgb)),
    )
    return ImageReport(
        name=photo.name,
        format=photo.format,
        width=photo.width,
        height=photo.height,
        findings=tuple(
            found if found.value is None else replace(found, value=round(found.value, 3))
            for found in findings
        ),
        notes=photo.notes,
    )


def _size(photo: Photo) -> Finding:
    short = min(photo.width, photo.height)
    verdict: Verdict
    if short >= GOOD_SHORT_SIDE:
        verdict, said = "good", "Large enough for a sharp film."
    elif short >= LEAST_SHORT_SIDE:
        verdict, said = "fair", f"Enough; a short side of {GOOD_SHORT_SIDE} would be sharper."
    else:
        said = f"Small: at least {LEAST_SHORT_SIDE}, better {GOOD_SHORT_SIDE}, pixels are needed."
        verdict = "poor"
    return Finding("size", float(short), "pixels, short side", verdict, said)


def _subject(photo: Photo, rgb: Rgb) -> Finding:
    from mutoscope.images.subject import subject_of

    matte = subject_of(photo)
    low, high = BEST_SHARE
    if matte is None:
        map_ = (measure.standing_out(rgb) * 255).astype(np.uint8)
        share = float((map_ > cv2.threshold(map_, 0, 255, cv2.THRESH_OTSU)[0]).mean())
        said = (
            f"About {share:.0%} of the frame stands out by colour; a rough estimate, "
            "as the matte weights are not here (`mutoscope weights fetch matte`)."
        )
        return Finding("subject", share, "share of the frame", "unknown", said)
    if not matte.stable:
        said = "No one subject stands out clearly; the film will move through the scene as a whole."
        return Finding("subject", None, "share of the frame", "fair", said)
    share = matte.cover
    if low <= share <= high:
        return Finding(
            "subject", share, "share of the frame", "good",
            f"The subject fills {share:.0%} of the frame.",
        )  # fmt: skip
    advice = "move closer or crop" if share < low else "leave more room around it"
    said = f"The subject fills {share:.0%} of the frame; {low:.0%} to {high:.0%} is best: {advice}."
    verdict: Verdict = "fair" if share >= low / 3 else "poor"
    return Finding("subject", share, "share of the frame", verdict, said)


def _elements(count: int) -> Finding:
    low, high = BEST_ELEMENTS
    verdict: Verdict
    if low <= count <= high:
        verdict, said = "good", f"{count} main elements: clear."
    elif count < low:
        said, verdict = (
            "Nearly one even area: there is little that a camera could move past.",
            "fair",
        )
    else:
        verdict, said = "fair", f"{count} main elements; {low} to {high} read best."
    return Finding("elements", float(count), "large areas", verdict, said)


def _exposure(light: measure.Light) -> Finding:
    verdict: Verdict = "good"
    said = "Well exposed."
    if light.white > 0.08:
        verdict, said = "fair", f"{light.white:.0%} of it is burnt out to white: expose less."
    elif light.black > 0.25:
        verdict, said = "fair", f"{light.black:.0%} of it is lost in black: expose more."
    elif light.mean < 22:
        verdict, said = "fair", "Dark: fine for a night scene, else expose more."
    elif light.mean > 82:
        verdict, said = "fair", "Very bright: fine for a high-key picture, else expose less."
    return Finding("exposure", light.mean, "mean L*, 0 to 100", verdict, said)


def _contrast(light: measure.Light) -> Finding:
    verdict: Verdict = "good"
    said = "Enough contrast."
    if light.range < 20:
        verdict, said = "poor", "Very flat: things will hardly stand apart when the camera moves."
    elif light.range < 35:
        verdict, said = "fair", "Rather flat; a little more contrast would help."
    return Finding("contrast", light.range, "L* between the 5th and 95th percentile", verdict, said)


def _sharpness(value: float) -> Finding:
    verdict: Verdict
    if value >= 0.6:
        verdict, said = "good", "Sharp where it matters."
    elif value >= 0.45:
        verdict, said = "fair", "A little soft."
    else:
        verdict, said = "poor", "Blurred: take a sharper one if you can."
    return Finding("sharpness", value, "0 to 1, of the sharpest part", verdict, said)


def _tilt(degrees: float | None) -> Finding:
    if degrees is None:
        said = "No level or upright lines to judge it by."
        return Finding("tilt", None, "degrees", "unknown", said)
    if abs(degrees) < 1.5:
        return Finding("tilt", degrees, "degrees", "good", "The view is level.")
    way = "clockwise" if degrees > 0 else "anticlockwise"
    other = "anticlockwise" if degrees > 0 else "clockwise"
    said = f"The view leans {abs(degrees):.1f}° {way}; turn it {other} unless that is meant."
    return Finding("tilt", degrees, "degrees", "fair" if abs(degrees) < 5 else "poor", said)


def _faces(faces: tuple[Face, ...] | None) -> Finding:
    if faces is None:
        said = "Not looked for: the face weights are not here (`mutoscope weights fetch faces`)."
        return Finding("faces", None, "faces", "unknown", said)
    if not faces:
        return Finding("faces", 0.0, "faces", "good", "No face is seen.")
    count = "One face is" if len(faces) == 1 else f"{len(faces)} faces are"
    said = f"{count} seen, the largest {faces[0].box.height:.0%} of the height; {THREE_WAYS_OUT}."
    return Finding("faces", float(len(faces)), "faces", "fair", said)
