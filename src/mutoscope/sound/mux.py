"""A sound track put beside a film's pictures, which stay packet for packet what they are."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer

from mutoscope.errors import EngineFailed
from mutoscope.finish.whole import whole
from mutoscope.sound.pcm import Pcm
from mutoscope.sound.span import RATE


class Coding(NamedTuple):
    """How sound is coded in a container."""

    container: str  # FFmpeg's muxer
    codec: str
    rate: int | None  # bits a second
    options: dict[str, str]


_FAST = {"movflags": "+faststart"}
_EXACT = {"fflags": "+bitexact"}  # no random numbers in a Matroska
#: file ending → its coding
CODINGS = {
    ".mp4": Coding("mp4", "aac", 256_000, _FAST),
    ".m4v": Coding("mp4", "aac", 256_000, _FAST),
    ".mov": Coding("mov", "aac", 256_000, _FAST),
    ".webm": Coding("webm", "libopus", 128_000, _EXACT),
    ".mkv": Coding("matroska", "libopus", 128_000, _EXACT),
}
#: Where pictures are kept for editing, sound is kept as it is: format → its coding
LOSSLESS = {
    "prores": Coding("mov", "pcm_s24le", None, _FAST),
    "ffv1": Coding("matroska", "flac", None, _EXACT),
}


def coding_for(suffix: str, format: str = "") -> Coding | None:
    """How sound is coded in a file with that ending, of that format; None where it holds none."""
    coding = CODINGS.get(suffix.lower())
    return coding and LOSSLESS.get(format, coding)


def keep_alpha(shown: Any, video: Any) -> None:
    """Say of the copied pictures that a matte comes with them, as WebM does for VP9, where it does."""
    for name, value in shown.metadata.items():
        if name.lower() == "alpha_mode":
            video.metadata["alpha_mode"] = value


def has_sound(film: Path) -> bool:
    """Whether the film has a sound track."""
    with av.open(str(film)) as container:
        return bool(container.streams.audio)


def silenced(film: Path) -> None:
    """Take the film's sound out of it, in place."""
    with whole(film) as part, av.open(str(film)) as pictures:
        shown = pictures.streams.video[0]
        coding = CODINGS[film.suffix.lower()]
        with av.open(str(part), "w", format=coding.container, options=coding.options) as made:
            video = made.add_stream_from_template(shown)
            keep_alpha(shown, video)
            for _, packet in _pictures(pictures, shown):
                packet.stream = video
                made.mux(packet)


def carried(film: Path, made: Path, format: str = "") -> None:
    """The sound of `film`, where it has any, put into `made`, the same film in another format."""
    coding = coding_for(made.suffix, format)
    if coding is None or not has_sound(film):
        return
    from mutoscope.sound.owner import taken

    scratch = made.with_name(f".{made.stem}.f32")
    try:
        add_sound(made, taken(film, scratch, "film"), made, coding=coding)
    finally:
        scratch.unlink(missing_ok=True)


def add_sound(
    film: Path, sound: Pcm, out: Path, *, coding: Coding | None = None,
    stopped: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """The film's pictures with the sound as `out` (which may be `film`), in the coding that `out`'s
    ending asks for (`CODINGS`). What the film had for sound is left out. The pictures' packets and times
    do not change. Raises CannotWrite, EngineFailed for an ending that holds no sound."""
    chosen = coding or CODINGS.get(out.suffix.lower())
    if chosen is None:
        raise EngineFailed(f"{out.name} cannot hold sound; {', '.join(CODINGS)} can")
    with whole(out) as part:
        _joined(film, sound, part, chosen, stopped)


def _joined(film: Path, sound: Pcm, out: Path, coding: Coding, stopped: Callable[[], None]) -> None:
    with (
        av.open(str(film)) as pictures,
        av.open(str(out), "w", format=coding.container, options=coding.options) as made,
    ):
        shown = pictures.streams.video[0]
        video = made.add_stream_from_template(shown)
        keep_alpha(shown, video)
        audio: Any = made.add_stream(coding.codec, rate=RATE)
        audio.codec_context.layout = "stereo"
        if coding.rate:
            audio.bit_rate = coding.rate
        merged = heapq.merge(
            _pictures(pictures, shown), _coded(sound, audio), key=lambda one: one[0]
        )
        for _, packet in merged:
            stopped()
            if packet.stream is shown:
                packet.stream = video
            made.mux(packet)


def _pictures(container: InputContainer, stream: Any) -> Iterator[tuple[Fraction, Any]]:
    for packet in container.demux(stream):
        if packet.size and packet.dts is not None and packet.time_base is not None:
            yield packet.dts * packet.time_base, packet


def _coded(sound: Pcm, stream: Any) -> Iterator[tuple[Fraction, Any]]:
    context = stream.codec_context
    context.open()
    count = context.frame_size or 1024
    kind = context.format.name
    for at in range(0, sound.samples, count):
        block = sound.render(at, min(sound.samples, at + count))
        for packet in stream.encode(_frame(block, kind, at)):
            yield _timed(packet)
    for packet in stream.encode(None):
        yield _timed(packet)


def _frame(block: Any, kind: str, at: int) -> AudioFrame:
    import numpy as np

    if kind == "fltp":
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
    elif kind == "flt":
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(block.T).reshape(1, -1), format="flt", layout="stereo"
        )
    else:  # whole numbers
        wide = 2**31 if kind == "s32" else 2**15
        values = np.clip(np.round(block.T.astype(np.float64) * wide), -wide, wide - 1)
        packed = values.astype(np.int32 if kind == "s32" else np.int16).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format=kind, layout="stereo")
    frame.sample_rate = RATE
    frame.pts = at
    frame.time_base = Fraction(1, RATE)
    return frame


def _timed(packet: Any) -> tuple[Fraction, Any]:
    at = packet.dts if packet.dts is not None else packet.pts or 0
    return at * (packet.time_base or Fraction(1, RATE)), packet
