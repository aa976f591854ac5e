"""Regions that are found by themselves, on the photographs of photographs.toml.

The sky is looked for in every one of them, whether it has one or not; `regions.toml` says where it is.
Each photograph is judged by a model that was fitted to all the others. Counted is area: how much of
what was taken is sky, and how much of the sky was taken; a band of 2 % of the height around the skyline
and what is neither is not counted. A wrong picture is one of which more than 2 % was taken wrongly.

    python -m benchmarks.regions           measure
    python -m benchmarks.regions --fit     fit the model to all of them, and write it
"""

from __future__ import annotations

import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.photographs import Photograph, photographs
from mutoscope.engines.flipbook.nature import sky
from mutoscope.images.decode import open_photo

LABELS = Path(__file__).with_suffix(".toml")
MODEL = Path(sky.__file__).with_suffix(".toml")
BAND, STEEP, PLACES = 0.02, 0.12, 13
#: Of a photograph's area.
WRONG = 0.02
PRECISION = 0.97
RIDGE = 30.0
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A photograph ready: `truth` is 1 where the sky is, 0 where not, 2 where it is not counted."""

    name: str
    picture: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.uint8]
    features: Array
    share: Array  # of each patch that is sky
    known: Array  # and that counts


def truth_of(row: dict[str, list[float]] | None, width: int, height: int) -> npt.NDArray[np.uint8]:
    """A label as a plane; None: no sky."""
    found = np.zeros((height, width), np.uint8)
    if row is None:
        return found
    x = (np.arange(width) + 0.5) / width * (PLACES - 1)
    y = ((np.arange(height) + 0.5) / height)[:, None]
    places = np.asarray(row["sky"])
    line = np.interp(x, np.arange(PLACES), places)[None]
    found[y < line] = 1
    if "may" in row:
        found[(y >= line) & (y < np.interp(x, np.arange(PLACES), row["may"])[None])] = 2
    cell = np.clip(x.astype(int), 0, PLACES - 2)
    low = np.minimum(places[cell], places[cell + 1])[None]
    high = np.maximum(places[cell], places[cell + 1])[None]
    steep = high - low > STEEP
    near = np.abs(y - line) < BAND
    near |= steep & (y > low - BAND) & (y < high + BAND)
    found[near & ((line > 0) | steep)] = 2
    for box in row.get("holes", ()):
        left, top, right, bottom = (float(side) for side in box)  # type: ignore[attr-defined]
        rows = slice(int(top * height), int(bottom * height))
        found[rows, int(left * width) : int(right * width)] = 0
    return found


def case(one: Photograph, row: dict[str, list[float]] | None) -> Case:
    picture = open_photo(one.path).thumbnail(480)
    small = sky.working(picture)
    truth = truth_of(row, small.shape[1], small.shape[0])
    label, features = sky.features(small)
    count = np.maximum(1, np.bincount(label.ravel()))
    share = np.bincount(label.ravel(), (truth == 1).ravel()) / count
    known = np.bincount(label.ravel(), (truth != 2).ravel()) / count
    return Case(one.name, picture, truth, features, share, known)


def fitted(cases: list[Case]) -> sky.Model:
    """A ridge-regularised logistic model of the cases' patches; each photograph counts the same."""
    features = np.concatenate([one.features for one in cases])
    target = np.concatenate(
        [np.clip(one.share / np.maximum(one.known, 0.1), 0, 1) for one in cases]
    )
    weight = np.concatenate([100 / len(one.known) * (one.known > 0.7) for one in cases])
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    rows = sky.pairs(features, mean, deviation)
    weights = np.zeros(rows.shape[1])
    for _ in range(8):
        likely = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (weight * (target - likely)) - RIDGE * weights
        bend = (rows * (weight * likely * (1 - likely) + 1e-6)[:, None]).T @ rows
        step = np.linalg.solve(bend + RIDGE * np.eye(rows.shape[1]), slope)
        weights += step
        if np.abs(step).max() < 1e-2:
            break
    return sky.Model(mean, deviation, weights)


def write(model: sky.Model) -> None:
    lines = ["# The model of `sky.py`, written by `python -m benchmarks.regions --fit`.", ""]
    for name in ("mean", "deviation", "weights"):
        values = [f"{value:.5g}" for value in getattr(model, name)]
        lines.append(f"{name} = [")
        lines += ["  " + ", ".join(values[k : k + 12]) + "," for k in range(0, len(values), 12)]
        lines.append("]")
    MODEL.write_text("\n".join(lines) + "\n")
    print(f"{MODEL.name}: {len(model.weights)} weights")


def main(fit: bool) -> None:
    labels = tomllib.loads(LABELS.read_text())
    listed = photographs()
    cases = [case(one, labels.get(one.name)) for one in listed]
    if fit:
        write(fitted(cases))
        return
    taken = right = all_sky = 0.0
    accepted, wrong, took = [], [], 0.0
    for number, one in enumerate(cases):
        model = fitted(cases[:number] + cases[number + 1 :])
        begin = time.process_time()
        mask = sky.find_sky(one.picture, model)
        took += time.process_time() - begin
        shape = one.truth.shape
        all_sky += float((one.truth == 1).mean())
        if mask is None:
            continue
        got = cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST) > 0
        bad = float((got & (one.truth == 0)).mean())
        good = float((got & (one.truth == 1)).mean())
        taken, right = taken + good + bad, right + good
        accepted.append(one.name)
        if bad > WRONG:
            wrong.append(one.name)
        of = float((one.truth == 1).mean())
        print(f"  {one.name:66} taken {good + bad:4.0%}  wrong {bad:5.1%}  of its sky {good / max(of, 1e-9):4.0%}")  # fmt: skip
    with_sky = sum(bool((one.truth == 1).mean() > 0.01) for one in cases)
    print(
        f"sky: {len(cases)} photographs, {with_sky} with sky; taken in {len(accepted)}, "
        f"wrong in {len(wrong)} {wrong or ''}"
    )
    precision = right / max(taken, 1e-9)
    verdict = "met" if precision >= PRECISION and not wrong else "NOT met"
    print(
        f"  precision {precision:.3f} of the area (bar {PRECISION} and no wrong picture: {verdict}), "
        f"recall {right / all_sky:.3f}; {1000 * took / len(cases):.0f} ms CPU a photograph"
    )


if __name__ == "__main__":
    main("--fit" in sys.argv)
