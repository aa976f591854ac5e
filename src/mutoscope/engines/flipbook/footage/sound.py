"""A source's sound beside the pictures made from it: copied packet by packet where it can be, coded anew
where the file or the speed is another, or left out and said."""

from __future__ import annotations

import heapq
import os
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from mutoscope.engines.base import Footage, Order
from mutoscope.engines.flipbook.footage import told
from mutoscope.engines.flipbook.footage.source import Source, look, opened
from mutoscope.errors import BadInput, CannotWrite
from mutoscope.shot import Kind

#: ending of a film's file → what it may hold as it is
COPIED = {
    ".mp4": ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"),
    ".m4v": ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"),
    ".mov": ("aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le"),
    ".webm": ("opus", "vorbis"),
    ".mkv": ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac", "vorbis", "pcm_s16le", "pcm_s24le"),
}  # fmt: skip
UNTOUCHED = "the pictures are the source's own, not coded again"
KEPT = "the source's sound is kept"
#: How many times as fast a sound may become and still sound like itself.
LEAST, MOST = 0.5, 2.0


def kept(film: Path, source: Source, speed: float = 1.0, *, reverse: bool = False) -> str:
    """Put the source's sound into the film, from the beginning on, in place; at another `speed` its
    pitch stays. The sentence that says what became of it, "" where there was none."""
    from mutoscope.sound.mux import CODINGS

    if not source.sound:
        return ""
    if reverse:
        return "the source's sound does not go with a film that runs backwards and was left out"
    if not LEAST - 0.001 <= speed <= MOST + 0.001:
        return f"at {speed:.3g} times the speed the source's sound would be torn; it was left out"
    suffix = film.suffix.lower()
    if suffix not in CODINGS:
        return f"a file ending in {suffix or 'nothing'} holds no sound; the source's was left out"
    part = film.with_name(f".{film.stem}-sound{suffix}")
    try:
        if speed != 1 or source.sound not in COPIED[suffix]:
            return _anew(film, source, speed)
        _joined(film, source, part, CODINGS[suffix].container)
        os.replace(part, film)
    except OSError as error:
        raise CannotWrite(f"{film} cannot be written: {error.strerror or error}") from error
    except ValueError:
        return "the source's sound could not be copied and was left out"
    finally:
        part.unlink(missing_ok=True)
    return KEPT


def untouched(order: Order, path: Path) -> Footage | None:
    """The film at `path` as it is, copied, where an edit asks for nothing but sound; None where it asks
    for more, or the film is of another kind than the one that is delivered."""
    shot, direction = order.shot, order.direction
    asks = direction.camera or direction.motion or direction.edits or direction.unread
    if shot.kind is not Kind.EDIT or asks or not (shot.sound or direction.sound or order.tracks):
        return None
    if shot.delivery != type(shot.delivery)():
        return None
    source = look(path)
    with opened(path) as (container, stream):
        fits = stream.codec_context.name == "h264" and container.format.name == "mov"
    if not (fits and source.even and source.size == shot.size and source.coded == source.size):
        return None
    film = order.folder / f"footage{shot.delivery.suffix}"
    try:
        shutil.copyfile(path, film)
    except OSError as error:
        raise CannotWrite(f"{film} cannot be written: {error.strerror or error}") from error
    return Footage(
        film, source.frames, tuple(told.rest(direction)), (UNTOUCHED,),
        fps=float(source.rate), size=source.size,
    )  # fmt: skip


def _anew(film: Path, source: Source, speed: float) -> str:
    """The sound decoded, stretched where the speed is another, and coded for the film's file."""
    from mutoscope.sound.mux import add_sound
    from mutoscope.sound.owner import taken
    from mutoscope.sound.pcm import written
    from mutoscope.sound.span import RATE
    from mutoscope.sound.stretch import stretched

    scratch = [film.with_name(f".{film.stem}-{number}.f32") for number in range(3)]
    seconds = source.seconds / speed
    try:
        sound = taken(source.path, scratch[0], "film", most=source.seconds)
        if speed != 1:
            sound = stretched(sound, speed, scratch[1])
        # as long as the pictures: a sound that ends before them is followed by silence
        whole = written(sound, round(seconds * RATE), scratch[2])
        add_sound(film, whole, film)
    except BadInput:
        return "the source's sound cannot be read and was left out"
    finally:
        for path in scratch:
            path.unlink(missing_ok=True)
    if speed == 1:
        return f"{KEPT}, coded anew"
    return f"the source's sound is stretched to the new speed ({speed:.3g} times), at its pitch"


def _joined(film: Path, source: Source, out: Path, container: str) -> None:
    options = {"movflags": "+faststart"} if container in ("mp4", "mov") else {}
    with (
        av.open(str(film)) as pictures,
        opened(source.path) as (given, _),
        av.open(str(out), "w", format=container, options=options) as made,
    ):
        shown, heard = pictures.streams.video[0], given.streams.audio[0]
        video = made.add_stream_from_template(shown)
        audio = made.add_stream_from_template(heard)
        length = Fraction(shown.frames, 1) / (shown.average_rate or 1)
        if not shown.frames:  # Matroska does not count them
            length = Fraction(pictures.duration or 0, 1_000_000)
        packets = heapq.merge(
            _packets(pictures, shown, Fraction(0), length),
            _packets(given, heard, _begin(given), length),
            key=lambda pair: pair[0],
        )
        to = {shown.type: video, heard.type: audio}
        for _, packet in packets:
            packet.stream = to[packet.stream.type]
            made.mux(packet)


def _packets(
    container: InputContainer, stream: Any, begin: Fraction, end: Fraction
) -> Iterator[tuple[Fraction, Any]]:
    """(when it is decoded, packet) in that order, counted from `begin`; sound up to `end`."""
    for packet in container.demux(stream):
        if not packet.size or packet.pts is None or packet.time_base is None:
            continue
        late = round(begin / packet.time_base)
        packet.pts -= late
        packet.dts = packet.pts if packet.dts is None else packet.dts - late
        if stream.type == "audio":
            if packet.pts < 0:
                continue
            if packet.pts * packet.time_base >= end:
                return
        yield packet.dts * packet.time_base, packet


def _begin(given: InputContainer) -> Fraction:
    """When the source's first frame is shown."""
    stream = given.streams.video[0]
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return stream.start_time * stream.time_base
