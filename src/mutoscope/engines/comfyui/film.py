"""A film, or a row of pictures, written again at the size, length and rate that were asked for.

A file that is as asked is copied packet by packet, without the workflow that ComfyUI writes into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.bitstream import BitStreamFilterContext
from av.video.reformatter import Colorspace

from mutoscope.engines.comfyui.bringing import Brought, Wanted
from mutoscope.errors import EngineFailed, MutoscopeError
from mutoscope.finish.encode import Mp4Writer, rgb_frame
from mutoscope.finish.footage import Shape, chosen, decoded, shape
from mutoscope.finish.footage import seen as look
from mutoscope.finish.rate import exact
from mutoscope.finish.whole import whole
from mutoscope.shot import Size

Rgb = npt.NDArray[np.uint8]

#: A film that names no matrix, and the name that it gets: BT.601 in limited range, with sRGB's primaries.
_UNSAID = 2
_NAMING = (
    "h264_metadata=video_full_range_flag=0:colour_primaries=1:transfer_characteristics=13"
    ":matrix_coefficients=5"
)
#: Files whose times are coarse, and how far off their rate may be.
_COARSE, _NEAR = (".webp", ".gif", ".apng"), 0.05


def made(source: Path, rate: float, wanted: Wanted, out: Path) -> Brought:
    """The film in `source`, a file or a folder of pictures (`rate` a second is what was filmed), as `out`, an
    MP4.
    Blocks. Raises EngineFailed where it cannot be read, CannotWrite."""
    try:
        seen = _seen(source, exact(rate))
        size = _even(seen)
        fps = exact(seen.rate if wanted.fps is None else wanted.fps)
        ratio = seen.rate / fps
        count = max(1, round(seen.frames / ratio))
        if wanted.frames is not None:
            count = min(count, wanted.frames)
        kept = (size, seen.rate, seen.frames) == (wanted.size, fps, count)
        if kept and _plays(source):
            _copied(source, out)
        else:
            _written(source, seen, wanted.size, fps, count, out)
    except MutoscopeError:
        raise
    except (OSError, ValueError, IndexError, ArithmeticError, cv2.error) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise EngineFailed(f"the film cannot be read: {why}", code="no_film") from None
    said = tuple(_done(seen, size, wanted.size, fps, count))
    return Brought(out, count, wanted.size, float(fps), said)


def _seen(source: Path, rate: Fraction) -> Shape:
    """What it is. A folder does not say its rate; a moving picture counts milliseconds, so that 16 frames a
    second are 16.13 there."""
    if source.is_dir():
        return shape(source, rate)
    seen = shape(source)
    if source.suffix in _COARSE and abs(seen.rate / rate - 1) < _NEAR:
        return replace(seen, rate=rate)
    return seen


def _even(seen: Shape) -> Size:
    return Size(max(2, seen.width - seen.width % 2), max(2, seen.height - seen.height % 2))


def _done(
    seen: Shape, size: Size, asked: Size, fps: Fraction, count: int
) -> Iterator[tuple[str, str]]:
    if size != asked:
        same = abs(size.width * asked.height - size.height * asked.width) < 0.02 * (
            size.height * asked.width
        )
        cut = "" if same else " and cut to its shape"
        yield f"{asked}", f"filmed at {seen.width}x{seen.height}, scaled to it{cut}"
    if seen.rate != fps:
        how = "frames were repeated" if fps > seen.rate else "frames were left out"
        yield f"{float(fps):g} frames a second", f"filmed at {float(seen.rate):g}, {how}"
    spare = round(seen.frames * fps / seen.rate) - count
    if spare > 0:
        over = "1 frame was" if spare == 1 else f"{spare} frames were"
        yield f"{count} frames", f"{over} cut off its end"


def _plays(source: Path) -> bool:
    """Whether every player takes the file as it is."""
    if source.suffix != ".mp4":
        return False
    with av.open(str(source)) as container:
        (video, *more), sounds = container.streams.video, container.streams.audio
        good = video.codec_context.name == "h264" and video.pix_fmt == "yuv420p" and not more
        return good and all(one.codec_context.name == "aac" for one in sounds) and len(sounds) < 2


def _copied(source: Path, out: Path) -> None:
    """Its packets alone: what is written beside them is the owner's whole workflow."""
    with whole(out) as part, av.open(str(source)) as container:
        options = {"movflags": "+faststart"}
        with av.open(str(part), "w", format="mp4", options=options) as made:
            shown = container.streams.video[0]
            streams: dict[int, Any] = {
                stream.index: made.add_stream_from_template(stream)
                for stream in (shown, *container.streams.audio)
            }
            told = shown.codec_context.colorspace != _UNSAID
            naming = None if told else BitStreamFilterContext(_NAMING, shown, streams[shown.index])
            for packet in container.demux(
                [one for one in container.streams if one.index in streams]
            ):
                index = packet.stream.index
                if packet.dts is None:
                    continue
                named = (
                    [packet] if naming is None or index != shown.index else naming.filter(packet)
                )
                for one in named:
                    one.stream = streams[index]
                    made.mux(one)


def _written(
    source: Path, seen: Shape, size: Size, fps: Fraction, count: int, out: Path
) -> None:  # fmt: skip
    """The frames that are shown at n/fps, `count` of them, and the sound as far as they go."""
    numbers = [
        min(int((number + Fraction(1, 2)) * seen.rate / fps), seen.frames - 1)
        for number in range(count)
    ]
    with Mp4Writer(out, size, fps, crf=16) as film:
        made = _chosen(source, sorted(set(numbers)), seen.width)
        at, frame = -1, None
        for number in numbers:
            while at < number:
                at, shown = next(made, (number, None))
                if shown is None:
                    break
                frame = _fitted(shown, size)
            if frame is None:
                raise EngineFailed("the film has no frames in it", code="no_film")
            film.write(rgb_frame(frame))
    if source.is_file() and _sounds(source):
        _sounded(source, float(count / fps), out)


def _chosen(source: Path, numbers: list[int], width: int) -> Iterator[tuple[int, Rgb]]:
    """The frames with these ascending numbers, RGB. One that does not name its matrix has BT.601's, as
    FFmpeg makes it of the pixels that a node hands over."""
    if source.is_dir() or source.suffix in _COARSE:
        yield from chosen(source, numbers, width)
        return
    left = iter(numbers)
    wanted = next(left, None)
    for number, frame in enumerate(decoded(source)):
        if wanted is None:
            return
        if number == wanted:
            if frame.colorspace == _UNSAID:
                frame.colorspace = Colorspace.SMPTE170M
            yield number, look(frame)
            wanted = next(left, None)


def _fitted(shown: Rgb, size: Size) -> Rgb:
    """Scaled to fill the size, what is over cut off evenly."""
    height, width = shown.shape[:2]
    scale = max(size.width / width, size.height / height)
    if (width, height) != (size.width, size.height):
        sides = (
            max(size.width, round(width * scale)),
            max(size.height, round(height * scale)),
        )
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
        shown = np.asarray(cv2.resize(shown, sides, interpolation=how), np.uint8)
    left, top = (shown.shape[1] - size.width) // 2, (shown.shape[0] - size.height) // 2
    return np.ascontiguousarray(shown[top : top + size.height, left : left + size.width])


def _sounds(source: Path) -> bool:
    if source.suffix in _COARSE:
        return False
    with av.open(str(source)) as container:
        return bool(container.streams.audio)


def _sounded(source: Path, seconds: float, out: Path) -> None:
    from mutoscope.sound.mux import add_sound
    from mutoscope.sound.owner import taken

    scratch = out.with_name(f".{out.stem}.f32")
    try:
        add_sound(out, taken(source, scratch, "film", most=seconds), out)
    finally:
        scratch.unlink(missing_ok=True)
