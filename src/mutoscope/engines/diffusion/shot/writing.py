"""A shot said in a model's terms: which way it is made, and the brief of each part."""

from __future__ import annotations

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.diffusion.brief import Brief, Frames, Keyframe, Made, Rgb
from mutoscope.engines.diffusion.shot import saying
from mutoscope.engines.diffusion.shot.anew import made_anew
from mutoscope.engines.diffusion.shot.films import ending, source_of
from mutoscope.engines.diffusion.shot.laying import laid
from mutoscope.engines.diffusion.shot.painting import painted
from mutoscope.engines.diffusion.shot.pictures import Pictures, can, cast_as, looped
from mutoscope.engines.diffusion.shot.project import Finish, Project
from mutoscope.engines.diffusion.shot.scripting import script
from mutoscope.engines.diffusion.shot.sizes import canvas
from mutoscope.engines.diffusion.shot.times import Timing, legal_lead, model_rate, timed
from mutoscope.errors import BadShot
from mutoscope.shot import Kind


def written(order: Order, checkpoint: Checkpoint, engine: str) -> Project:
    """The project of an order. Raises BadShot for what the model cannot be asked at all, BadInput for a
    film that cannot be read, BadImage."""
    shot, source = order.shot, source_of(order)
    if shot.kind is Kind.EXTEND:
        return extended(order, checkpoint, engine)
    if (
        shot.kind is Kind.REMIX
        and (source is None or not can(checkpoint, "video"))
        and order.stills
    ):
        return created(order, checkpoint, engine)
    if shot.kind is not Kind.CREATE:
        if source is None:
            raise BadShot(
                f"to {shot.kind} takes a film, and this shot has none; give it as the source",
                field="anchors",
            )
        return made_anew(order, source, checkpoint, engine)
    return created(order, checkpoint, engine)


def created(order: Order, checkpoint: Checkpoint, engine: str) -> Project:
    """A film of pictures and words."""
    shot = order.shot
    frames, fps = shot.frames, shot.fps
    pictures = cast_as(order, checkpoint, frames, engine)
    looped(pictures, order, checkpoint, frames)
    written = script(order, checkpoint, engine, pictures)
    if not (pictures.pinned or written.references or checkpoint.words_alone):
        raise BadShot(
            f"{engine} films a picture, and this shot has none; give it one, or ask a model that films "
            "words",
            field="anchors",
        )
    needs = pictures.pinned and not checkpoint.words_alone and not can(checkpoint, "frame")
    if needs and pictures.at(0) is None:
        raise BadShot(
            f"{engine} needs a picture to begin with, and this shot has one to end with alone",
            field="anchors",
        )
    if order.masks and can(checkpoint, "mask") and pictures.at(0) is not None:
        return painted(order, checkpoint, pictures, written)
    made = canvas(shot.size, checkpoint, shot.quality, pictured=bool(pictures.pinned))
    rate = model_rate(checkpoint, fps)
    timing = timed(
        frames, fps, checkpoint, pictures.frames, model_fps=rate, whole_end=ends(pictures, checkpoint, frames),
        lead=going_on(checkpoint),
    )  # fmt: skip
    images = {one.place: laid(order, one.place, made) for one in pictures.pinned}
    prompts = written.prompts(windows(timing, rate))

    def brief(place: int, before: Made | None) -> Brief:
        keyframes = pinned(pictures, timing, place, images)
        lead = None
        if place and before is not None:
            keyframes, lead = gone_on(before.frames, keyframes, timing, place, checkpoint)
        return written.brief(
            place, prompts[place], made, timing, rate, keyframes=keyframes, lead=lead
        )

    said = (
        *written.said(prompts),
        *saying.edits(order.direction),
        *pictures.said,
        *unmarked(order, checkpoint),
        *saying.shaped(order, made, timing, rate, fps),
    )
    finish = Finish(
        timing=timing, canvas=made, edits=order.direction.edits, sound=written.sound,
    )  # fmt: skip
    return written.project(timing, made, frames, fps, rate, said, finish, brief)


def extended(order: Order, checkpoint: Checkpoint, engine: str) -> Project:
    """The film that is there, as it is, and `seconds` more, at its own size and rate."""
    from mutoscope.engines.flipbook.footage.edit import near
    from mutoscope.engines.flipbook.footage.source import look

    path = source_of(order)
    if path is None:
        raise BadShot(
            "to extend takes a film, and this shot has none; give it as the source", field="anchors"
        )
    if not can(checkpoint, "first", "frame", "lead"):
        raise BadShot(f"{engine} goes on from no film", field="kind")
    source, shot = look(path), order.shot
    fps = float(source.rate)
    frames = max(1, round(shot.seconds * fps))
    pictures = cast_as(order, checkpoint, frames, engine)
    looped(pictures, order, checkpoint, frames)
    written = script(order, checkpoint, engine, pictures)
    rate = model_rate(checkpoint, fps)
    given = going_on(checkpoint, int(source.seconds * rate))
    made = canvas(source.size, checkpoint, shot.quality, pictured=True)
    timing = timed(
        frames, fps, checkpoint, pictures.frames, before=given, lead=going_on(checkpoint), model_fps=rate,
        whole_end=ends(pictures, checkpoint, frames),
    )  # fmt: skip
    begin = ending(source, given, rate, made, shot.quality)
    images = {one.place: laid(order, one.place, made) for one in pictures.pinned}
    prompts = written.prompts(windows(timing, rate, given))

    def brief(place: int, before: Made | None) -> Brief:
        frames = begin if before is None else before.frames
        keyframes = pinned(pictures, timing, place, images)
        keyframes, lead = gone_on(frames, keyframes, timing, place, checkpoint)
        return written.brief(
            place, prompts[place], made, timing, rate, keyframes=keyframes, lead=lead
        )

    said = [*written.said(prompts), *pictures.said, *unmarked(order, checkpoint)]
    if not near(shot.size, source.size):
        how = f"an extension keeps the film's size, {source.size}"
        said.append(Instruction(f"size {shot.size}", "not_possible", how))
    for edit in order.direction.edits:
        how = "an extension keeps the film as it is; edit the extended film"
        said.append(Instruction(edit.words or edit.edit, "not_possible", how))
    how = f"{source.frames} frames as they are, then {frames} that go on from "
    how += "the last one" if given == 1 else f"the last {given}"
    said.append(Instruction(f"{saying.seconds(order)} more", "done", how))
    said += saying.shaped(order, made, timing, rate, fps)
    finish = Finish(
        timing=timing, canvas=made, before=source, lead=begin, sound=written.sound,
    )  # fmt: skip
    return written.project(
        timing, made, source.frames + frames, fps, rate, tuple(said), finish, brief
    )


def going_on(checkpoint: Checkpoint, there: int = 10**6) -> int:
    """How many frames a part goes on from, where so many are there."""
    return legal_lead(there, checkpoint) if can(checkpoint, "lead") else 1


def ends(pictures: Pictures, checkpoint: Checkpoint, frames: int) -> bool:
    """Whether the film's end is a picture that the model takes as its own last frame alone."""
    return not can(checkpoint, "frame") and any(one >= frames - 1 > 0 for one in pictures.frames)


def windows(timing: Timing, fps: float, before: int = 0) -> list[tuple[float, float]]:
    """The seconds of the film in which each part's own frames lie."""
    begin = max(0, before)
    return [
        (max(0.0, (part.fresh - begin) / fps), (part.end - begin) / fps) for part in timing.parts
    ]


def pinned(
    pictures: Pictures, timing: Timing, place: int, images: dict[int, Rgb]
) -> tuple[Keyframe, ...]:
    """The pictures that fall into a part, at their frames in it."""
    part = timing.parts[place]
    return tuple(
        Keyframe(timing.pins[one.frame] - part.start, images[one.place], one.strength)
        for one in pictures.pinned
        if part.fresh <= timing.pins[one.frame] < part.end
    )


def gone_on(
    before: Frames,
    keyframes: tuple[Keyframe, ...],
    timing: Timing,
    place: int,
    checkpoint: Checkpoint,
) -> tuple[tuple[Keyframe, ...], Frames | None]:
    """Keyframes and lead of a part that goes on from the frames before it."""
    count = timing.parts[place].lead
    last = before[-count:]
    if can(checkpoint, "lead"):
        return keyframes, last
    return (Keyframe(0, last[-1]), *keyframes), None


def unmarked(order: Order, checkpoint: Checkpoint) -> list[Instruction]:
    """What becomes of marked regions where nothing can be kept to them."""
    said = []
    for region in order.shot.regions:
        how = "this model takes no marks"
        if can(checkpoint, "mask"):
            how = "a mark needs the first picture that it lies on"
            if region.point is not None:
                how = "this model takes a mask, not a point to grow from"
        said.append(Instruction(f"region {region.kind}", "not_possible", how))
    return said
