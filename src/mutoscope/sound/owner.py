"""The owner's own files: any sound that FFmpeg reads, as samples on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from mutoscope.errors import BadInput
from mutoscope.sound.pcm import Pcm
from mutoscope.sound.span import RATE, Sound
from mutoscope.storage.sniff import HEAD, media_type

#: media type → FFmpeg's demuxer: a file is opened by the one of its kind, so that no playlist can name
#: another file.
FORMATS = {
    "video/mp4": "mov", "video/quicktime": "mov", "audio/mp4": "mov",
    "video/webm": "matroska", "video/x-matroska": "matroska", "video/x-msvideo": "avi",
    "audio/wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/ogg": "ogg",
    "audio/aac": "aac", "audio/aiff": "aiff", "audio/x-caf": "caf",
}  # fmt: skip
CODE = "invalid_sound"
#: Seconds of the longest that is taken of a file.
MOST = 1200.0


def taken(
    path: Path, scratch: Path, field: str, *, most: float = MOST,
    stopped: Callable[[], None] = lambda: None,
) -> Pcm:  # fmt: skip
    """The first sound track of the file at 48 kHz in stereo, `most` seconds at most, in `scratch`. Raises
    BadInput for what has none or cannot be read."""
    kind = sound_type(path)
    if kind not in FORMATS:
        raise _wrong(field, f"it is {kind or 'nothing that is known here'}")
    count = 0
    try:
        with scratch.open("wb") as file:
            for block in _decoded(path, FORMATS[kind], field):
                stopped()
                left = int(most * RATE) - count
                file.write(np.ascontiguousarray(block[:, :left].T).tobytes())
                count += min(left, block.shape[1])
                if count >= int(most * RATE):
                    break
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        # a file that breaks off is taken as far as it goes
        if count < RATE // 10:
            raise _wrong(field, getattr(error, "strerror", None) or str(error)) from None
    if not count:
        raise _wrong(field, "there is no sound in it")
    return Pcm(scratch, count)


def usable(path: Path, field: str) -> None:
    """Raises BadInput, as `taken` would, for a file whose first sound cannot be decoded: before any work
    is done for it."""
    kind = sound_type(path)
    if kind not in FORMATS:
        raise _wrong(field, f"it is {kind or 'nothing that is known here'}")
    try:
        if next(_decoded(path, FORMATS[kind], field), None) is None:
            raise _wrong(field, "there is no sound in it")
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        raise _wrong(field, getattr(error, "strerror", None) or str(error)) from None


def _decoded(path: Path, container: str, field: str) -> Iterator[Sound]:
    from av.audio.resampler import AudioResampler

    with av.open(str(path), format=container) as held:
        if not held.streams.audio:
            raise _wrong(field, "there is no sound in it")
        stream = held.streams.audio[0]
        if stream.codec_context is None:
            raise _wrong(field, "its sound is coded in a way that is not known here")
        resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
        first = True
        for frame in held.decode(stream):
            if first and (late := _late(held, frame)):
                yield np.zeros((2, late), np.float32)
            first = False
            yield from _arrays(resampler.resample(frame))
        yield from _arrays(resampler.resample(None))


def _late(held: Any, frame: Any) -> int:
    """Samples of silence before the sound of a film that begins after its pictures do."""
    if not held.streams.video or frame.pts is None or frame.time_base is None:
        return 0
    shown = held.streams.video[0]
    begin = (shown.start_time or 0) * (shown.time_base or 0)
    late = float(frame.pts * frame.time_base - begin)
    return round(late * RATE) if 0.005 < late < MOST else 0


def _arrays(frames: list[Any]) -> Iterator[Sound]:
    for frame in frames:
        block = np.asarray(frame.to_ndarray(), np.float32)
        yield np.clip(np.nan_to_num(block, posinf=0.0, neginf=0.0), -4, 4)


def sound_type(path: Path) -> str:
    """The media type of a file of sound or film, by its bytes; "" for others."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return audio_type(head) or media_type(head)


def audio_type(head: bytes) -> str:
    """The media type of sound by a file's first bytes, or ""."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:4] == b"fLaC":
        return "audio/flac"
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[:4] == b"caff":
        return "audio/x-caf"
    if head[4:8] == b"ftyp" and head[8:11] in (b"M4A", b"M4B"):
        return "audio/mp4"
    if head[:3] == b"ID3" or (
        len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)
    ):
        return "audio/mpeg"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return ""


def _wrong(field: str, why: str) -> BadInput:
    return BadInput(
        f"the {field} file cannot be used ({why}); give a WAV, MP3, M4A, FLAC or Ogg file, or a film "
        "with sound",
        field=field, code=CODE,
    )  # fmt: skip
