"""The sound that a model makes with its pictures, brought under the finished film: at the house's rate and
loudness, its parts joined where theirs are. A silent model's film gets the house's own sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.diffusion.brief import Made, Samples, Watch
from mutoscope.engines.diffusion.shot.project import Finish, Project

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.footage.source import Source
    from mutoscope.sound.pcm import Pcm
    from mutoscope.sound.span import Sound

#: Seconds over which one part's sound goes over into the next, and in which the last one ends.
OVER, END = 0.04, 0.03
BY_MODEL = "the model makes it with the pictures"


def silent(read: Direction) -> bool:
    """Whether the words ask for silence."""
    if not read.sound:
        return False
    from mutoscope.sound.cues import read as cue

    return any(cue(words).meaning == "silence" for words in read.sound)


def wanted(order: Order) -> bool:
    """Whether anything is to be heard that a model could make."""
    return bool(order.shot.sound or order.direction.sound) and not silent(order.direction)


def sounded(
    order: Order, footage: Footage, project: Project, made: Sequence[Made], watch: Watch
) -> Footage:
    """The footage with its sound, and what became of every wish for one. Raises BadInput for a file of
    the owner's that cannot be used, CannotWrite, Cancelled."""
    from mutoscope.engines.flipbook.sounding import with_sound

    finish = project.finish
    assert finish is not None

    def progress(stage: str, done: float) -> None:
        watch.stage("finish", done)

    heard = [one for one in made if one.sound is not None and one.rate]
    if not (finish.sound and heard):
        return with_sound(order, footage, progress, lambda: False)
    said, notes = _own(order, footage, project, made, watch)
    footage = replace(
        footage,
        instructions=(*footage.instructions, *said),
        notes=(*footage.notes, *notes),
    )
    # the owner's tracks are laid over what the model made; nothing else is made up
    quiet = replace(
        order,
        shot=replace(order.shot, sound=False),
        direction=_without_sound(order.direction),
    )
    return with_sound(quiet, footage, progress, lambda: False)


def _own(
    order: Order, footage: Footage, project: Project, made: Sequence[Made], watch: Watch
) -> tuple[list[Instruction], list[str]]:
    from mutoscope.sound.level import levelled
    from mutoscope.sound.mux import add_sound, coding_for
    from mutoscope.sound.span import RATE

    coding = coding_for(footage.path.suffix, order.shot.delivery.format)
    words = [f"sound: {cue}" for cue in order.direction.sound] or ["sound"]
    if coding is None:
        why = f"a film in the format {order.shot.delivery.format} holds no sound"
        return [Instruction(one, "not_possible", why) for one in words], []
    finish = project.finish
    assert finish is not None
    samples = round(footage.frames / (footage.fps or project.fps) * RATE)
    scratch = [order.folder / f".model-{number}.f32" for number in range(2)]
    watch.stage("finish", 0.97)
    notes = []
    try:
        if finish.before is not None:
            begin = finish.before.seconds
            after = joined(made, finish, project.model_fps, samples - round(begin * RATE))
            pcm = _filed(_gone_on(finish.before, begin, after, order.folder), scratch[0])
            notes.append("the source's sound is kept; the model's begins at the join, as loud")
        else:
            whole = _filed(joined(made, finish, project.model_fps, samples), scratch[0])
            level = levelled(whole, scratch[1], stopped=lambda: watch.stage("finish", 0.98))
            pcm = level.sound
            notes.append(
                f"the sound has {level.loudness:.1f} LUFS, its true peak is {level.peak:.1f} dBTP"
                if level.loudness > float("-inf")
                else "the sound is silence"
            )
        add_sound(footage.path, pcm, footage.path, coding=coding)
    finally:
        for path in scratch:
            path.unlink(missing_ok=True)
    said = [
        Instruction(one, "approximated", f"{BY_MODEL}, which is told in words") for one in words
    ]
    if words == ["sound"]:
        said = [Instruction("sound", "done", BY_MODEL)]
    return said, notes


def joined(made: Sequence[Made], finish: Finish, fps: float, samples: int) -> Sound:
    """The parts' sounds as one of 2×`samples`, each begun where its first fresh frame lies."""
    from mutoscope.sound.span import RATE

    parts = finish.timing.parts
    first = parts[0].lead / fps if finish.before is not None else 0.0
    whole = np.zeros((2, samples), np.float32)
    fade = round(OVER * RATE)
    for place, (one, part) in enumerate(zip(made, parts, strict=True)):
        if one.sound is None or not one.rate:
            continue
        sound = resampled(one.sound, one.rate)
        at = round((part.start / fps - first) * RATE)  # where the sound's first sample lies
        fresh = round((part.fresh / fps - first) * RATE) if place or finish.before else 0
        begin = max(0, fresh - fade // 2) if place else max(0, fresh)
        piece = sound[:, max(0, begin - at) :][:, : max(0, samples - begin)]
        if not piece.shape[1]:
            continue
        if place:
            ramp = np.linspace(0, 1, min(fade, piece.shape[1]), dtype=np.float32)
            count = len(ramp)
            whole[:, begin : begin + count] *= np.cos(ramp * np.pi / 2)
            whole[:, begin + count :] = 0
            piece = piece.copy()
            piece[:, :count] *= np.sin(ramp * np.pi / 2)
        whole[:, begin : begin + piece.shape[1]] += piece
    last = min(samples, round(END * RATE))
    if last:
        whole[:, -last:] *= np.linspace(1, 0, last, dtype=np.float32)
    return whole


def resampled(sound: Samples, rate: int) -> Sound:
    """Samples×channels at any rate → 2×samples at the house's."""
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler

    from mutoscope.sound.span import RATE

    stereo = sound if sound.ndim == 2 else sound[:, None]
    stereo = stereo[:, :2] if stereo.shape[1] > 1 else np.repeat(stereo, 2, axis=1)
    plain = np.ascontiguousarray(np.nan_to_num(stereo, posinf=0, neginf=0).T, np.float32)
    plain = np.clip(plain, -1, 1)
    if rate == RATE:
        return plain
    frame = AudioFrame.from_ndarray(plain, format="fltp", layout="stereo")
    frame.sample_rate = rate
    resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
    blocks = [one.to_ndarray() for one in (*resampler.resample(frame), *resampler.resample(None))]
    return np.asarray(np.concatenate(blocks, axis=1), np.float32)


def _filed(sound: Sound, path: Path) -> Pcm:
    from mutoscope.sound.pcm import Pcm

    path.write_bytes(np.ascontiguousarray(sound.T).tobytes())
    return Pcm(path, sound.shape[1])


def _gone_on(before: Source, begin: float, made: Sound, folder: Path) -> Sound:
    """The sound of the film that is gone on with, then the model's, as loud."""
    from mutoscope.sound.level import TARGET, levelled, loudness, measured
    from mutoscope.sound.owner import taken
    from mutoscope.sound.span import RATE

    count = round(begin * RATE)
    whole = np.zeros((2, count + made.shape[1]), np.float32)
    scratch = [folder / f".before-{number}.f32" for number in range(3)]
    try:
        target = TARGET
        if before.sound:
            own = taken(before.path, scratch[0], "film", most=begin)
            target = min(-10.0, max(-40.0, loudness(measured(own, own.samples), own.samples)))
            whole[:, : own.samples] = own.render(0, own.samples)
        level = levelled(_filed(made, scratch[1]), scratch[2], target)
        whole[:, count:] = level.sound.render(0, made.shape[1])
    finally:
        for path in scratch:
            path.unlink(missing_ok=True)
    fade = min(round(OVER * RATE), count, made.shape[1])
    if fade:
        ramp = np.sin(np.linspace(0, 1, fade, dtype=np.float32) * np.pi / 2)
        whole[:, count - fade : count] *= ramp[::-1]
        whole[:, count : count + fade] *= ramp
    return whole


def _without_sound(read: Direction) -> Direction:
    return msgspec.structs.replace(read, sound=())
