"""A source's sound beside the pictures made from it: copied packet by packet, or left out and said."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from mutoscope.engines.flipbook.footage.source import Source, opened
from mutoscope.errors import CannotWrite

#: What an MP4 may hold as it is.
COPIED = ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac")


def kept(film: Path, source: Source) -> str:
    """Put the source's sound into the film, from the beginning on, in place. The sentence that says
    what became of it, "" where there was none."""
    if not source.sound:
        return ""
    if source.sound not in COPIED:
        return f"the source's sound ({source.sound}) does not fit into an MP4 and was left out"
    part = film.with_name(f".{film.stem}-sound.mp4")
    try:
        _joined(film, source, part)
        os.replace(part, film)
    except OSError as error:
        raise CannotWrite(f"{film} cannot be written: {error.strerror or error}") from error
    except ValueError:
        return "the source's sound could not be copied and was left out"
    finally:
        part.unlink(missing_ok=True)
    return "the source's sound is kept"


def _joined(film: Path, source: Source, out: Path) -> None:
    options = {"movflags": "+faststart"}
    with (
        av.open(str(film)) as pictures,
        opened(source.path) as (given, _),
        av.open(str(out), "w", format="mp4", options=options) as made,
    ):
        shown, heard = pictures.streams.video[0], given.streams.audio[0]
        video = made.add_stream_from_template(shown)
        audio = made.add_stream_from_template(heard)
        length = Fraction(shown.frames, 1) / (shown.average_rate or 1)
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
