"""Whose face it is: 128 numbers that lie near each other for one person.

A face is laid onto the places where dlib's network expects eyes, nose and mouth (the mean face of dlib's
`get_face_chip_details`, with a quarter of its size around it), by the shift, turn and scale that fit best.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.faces import Face, find_faces
from mutoscope.images.sessions import session

Rgb = npt.NDArray[np.uint8]  # h×w×3
Vector = npt.NDArray[np.float32]

SIDE = 150  # pixels of the network's picture
_AROUND = 0.25
#: The middles of the eyes, the nose's tip and the mouth's corners, in a box around brows and chin.
_PLACES = (
    (0.2273, 0.2214), (0.7528, 0.2214), (0.4901, 0.5156), (0.2541, 0.7802), (0.7261, 0.7802),
)  # fmt: skip
TEMPLATE = (np.array(_PLACES) + _AROUND) / (1 + 2 * _AROUND) * SIDE
#: Pixels between the eyes: the network's picture has 53, and with less than these nobody is told apart.
LEAST_EYES = 12.0
#: Faces of a frame that are looked at, the largest first; one this much less wide than it is somebody
#: in the background.
MOST, LEAST_WIDE = 4, 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A face that is large enough, upright in `chip` (150×150×3), and its `vector` (128)."""

    face: Face
    chip: Rgb
    vector: Vector


def people(rgb: Rgb) -> tuple[list[Person], str]:
    """The people in a picture, largest face first, and, where there is nobody, why."""
    network, found = session("identity"), find_faces(rgb)
    if network is None:
        return [], "needs the weights identity: mutoscope weights fetch identity"
    if found is None:
        return [], "needs the weights faces: mutoscope weights fetch faces"
    if not found:
        return [], "no face is seen"
    seen = []
    widest = found[0].box.width
    for face in found[:MOST]:
        if face.box.width < LEAST_WIDE * widest:
            continue
        if (chip := laid(rgb, face)) is None:
            continue
        feed = np.ascontiguousarray(chip.transpose(2, 0, 1)[None], np.float32)
        (vector,) = network.run({"face": feed})
        seen.append(Person(face, chip, np.asarray(vector[0], np.float32)))
    return seen, "" if seen else "the face is too small to tell whose it is"


def laid(rgb: Rgb, face: Face) -> Rgb | None:
    """The face upright, SIDE×SIDE; None where it is too small."""
    height, width = rgb.shape[:2]
    points = np.array(face.points) * (width, height)
    if float(np.linalg.norm(points[1] - points[0])) < LEAST_EYES:
        return None
    matrix = similarity(points, TEMPLATE)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.5:  # one step of a warp looks at four pixels: what is larger is made small before
        size = (max(2, round(2 * scale * width)), max(2, round(2 * scale * height)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix[:, :2] @= np.diag([width / size[0], height / size[1]])
    chip = cv2.warpAffine(
        rgb, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(chip, np.uint8)


def similarity(
    points: npt.NDArray[np.float64], onto: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The 2×3 matrix of shift, turn and scale that brings n points nearest to others (Umeyama, 1991)."""
    middle, other = points.mean(0), onto.mean(0)
    a, b = points - middle, onto - other
    left, spread, right = np.linalg.svd(b.T @ a)
    upright = np.diag([1.0, np.sign(np.linalg.det(left @ right))])
    turn = left @ upright @ right
    scale = float((spread * np.diag(upright)).sum() / max(1e-9, (a * a).sum()))
    return np.asarray(np.c_[scale * turn, other - scale * turn @ middle], np.float64)
