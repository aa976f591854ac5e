"""A film made anew: changed by the model as the words say, or given more picture around its own.

What the house can do to a film's own frames it does (colours, speed, shape, steadiness, and in an edit the
camera), after the model; where the words ask for nothing else, the model is not asked at all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.direction.model import Direction, Edit
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.diffusion.brief import Brief, Keyframe, Made
from mutoscope.engines.diffusion.shot import saying
from mutoscope.engines.diffusion.shot.films import stretch
from mutoscope.engines.diffusion.shot.laying import laid
from mutoscope.engines.diffusion.shot.outpainting import outpainted
from mutoscope.engines.diffusion.shot.painting import regions, softened, union
from mutoscope.engines.diffusion.shot.pictures import Pictures, can, cast_as
from mutoscope.engines.diffusion.shot.project import Finish, Kept, Project
from mutoscope.engines.diffusion.shot.scripting import nothing, script
from mutoscope.engines.diffusion.shot.sizes import canvas
from mutoscope.engines.diffusion.shot.times import bounds, legal_lead, model_rate, timed
from mutoscope.engines.flipbook.footage.edit import near, sized
from mutoscope.engines.flipbook.footage.source import Source, look
from mutoscope.errors import BadShot
from mutoscope.shot import Fit, Kind, Role

#: Seconds of the longest film that is made anew: each part follows the film, so none goes astray.
LONGEST = 60.0
#: How freely a film is made anew where it is to be kept to as closely as can be; a source's strength of 0
#: is 1, made quite freely. Choices: makers give 0.7 to 0.9 for edits that shall be seen.
FREEDOM = {Kind.EDIT: 0.7, Kind.REMIX: 0.85, Kind.REFRAME: 0.7}


def made_anew(order: Order, path: Path, checkpoint: Checkpoint, engine: str) -> Project:
    """The project of an edit, a remix or a reframe of the film at `path`. Raises BadInput for a film that
    cannot be read, BadShot."""
    source = look(path)
    target = sized(order, source)
    whole = order.shot.fit in (Fit.AUTO, Fit.PAD) and not near(target, source.size)
    if (order.shot.kind is Kind.REFRAME or _reshaped(order)) and whole and can(checkpoint, "mask"):
        return outpainted(order, source, target, checkpoint, engine)
    house = _of_house(order)
    if _nothing_more(order) or order.shot.kind is Kind.REFRAME:
        return _untouched(order, source, checkpoint)
    if not can(checkpoint, "video"):
        raise BadShot(f"{engine} makes no film anew from another", field="kind")
    return _changed(order, source, checkpoint, engine, house)


def _of_house(order: Order) -> Direction:
    """What of the direction the house does to the film: edits of the whole picture; in an edit, the
    camera. A remix's film has its camera already."""
    read = order.direction
    edits = tuple(one for one in read.edits if not one.target)
    camera = read.camera if order.shot.kind is Kind.EDIT else ()
    return Direction(seconds=read.seconds, camera=camera, edits=edits)


def _nothing_more(order: Order) -> bool:
    """Whether the house can do all that is asked."""
    read = order.direction
    asks = read.motion or read.unread or read.style or read.lens != type(read.lens)()
    asks = asks or any(one.target for one in read.edits)
    free = [path for place, path in order.clips.items() if _role(order, place) is Role.REFERENCE]
    if asks or order.cast or order.masks or order.stills or free:
        return False
    known = bool(read.edits or read.sound or order.tracks or order.shot.sound)
    known |= bool(read.camera) and order.shot.kind is Kind.EDIT
    return known or not order.shot.prompt.strip()


def _reshaped(order: Order) -> bool:
    """Whether an edit's words ask for another shape, and for nothing else."""
    edits, camera = order.direction.edits, order.direction.camera
    only = bool(edits) and all(one.edit == "reframe" for one in edits) and not camera
    return only and order.shot.kind is Kind.EDIT and _nothing_more(order)


def _role(order: Order, place: int) -> Role:
    return order.shot.anchors[place].role


def _untouched(order: Order, source: Source, checkpoint: Checkpoint) -> Project:
    fps = float(source.rate)
    note = "there was nothing for the model to make: the film's own frames were changed as asked"
    said = tuple(saying.rest(order, checkpoint, guided=True, unused=True))
    return Project(0, nothing, source.size, source.frames, fps, checkpoint.fps, said, (note,))


def _changed(
    order: Order, source: Source, checkpoint: Checkpoint, engine: str, house: Direction
) -> Project:
    shot, fps = order.shot, float(source.rate)
    pictures, unused = _beside(order, checkpoint, engine, source)
    written = script(
        order, checkpoint, engine, pictures, leave=house.edits, camera=not house.camera
    )
    made = canvas(source.size, checkpoint, shot.quality, pictured=True)
    rate = model_rate(checkpoint, fps)
    masked = bool(order.masks) and can(checkpoint, "mask")
    lead = legal_lead(10**6, checkpoint) if masked else overlap(checkpoint)
    timing = timed(
        source.frames, fps, checkpoint, (0,), model_fps=rate, lead=lead, longest=LONGEST
    )  # fmt: skip
    freedom, strength = _freedom(order)
    mask = union(order, made, None) if masked else None
    first = pictures.at(0)
    begin = None if first is None else laid(order, first.place, made)
    windows = [(part.fresh / rate, part.end / rate) for part in timing.parts]
    prompts = written.prompts(windows)

    def brief(place: int, before: Made | None) -> Brief:
        part = timing.parts[place]
        at = [number * fps / rate for number in range(part.start, part.end)]
        video = stretch(source, [min(one, source.frames - 1.0) for one in at], made)
        given: dict[str, object] = {"video": video, "strength": freedom}
        if mask is not None:
            new = np.repeat(mask[None], part.frames, axis=0)
            if before is not None:
                video[: part.lead] = before.frames[-part.lead :]
                new[: part.lead] = 0
            given |= {"mask": new, "strength": 1.0}
        if begin is not None and place == 0:
            given["keyframes"] = (Keyframe(0, begin),)
        return written.brief(place, prompts[place], made, timing, rate, **given)

    kept = None
    if mask is not None:
        from mutoscope.engines.flipbook.footage.reading import frames

        kept = Kept(softened(mask, made), lambda: frames(source))
    target = sized(order, source)
    changes = house.camera or house.edits or not near(target, source.size)
    said = [*written.said(prompts), *pictures.said, *unused]
    said += [_made(order, freedom, strength)] if mask is None else []
    if masked:
        said += regions(order)
    else:
        how = "this model takes no marks"
        said += [Instruction(f"region {one.kind}", "not_possible", how) for one in shot.regions]
    if order.direction.loop or shot.loop:
        said.append(Instruction("loop", "not_possible", "the film ends where its source ends"))
    said += [_whole(edit) for edit in order.direction.edits if edit.target]
    said += saying.shaped(order, made, timing, rate, fps, dissolves=mask is None)
    finish = Finish(
        timing=timing, canvas=made, dissolves=mask is None, remade=source, kept=kept,
        later=house if changes else None,
    )  # fmt: skip
    quiet = replace(written, sound=False)  # the source's own sound stays
    return quiet.project(timing, made, source.frames, fps, rate, tuple(said), finish, brief)


def overlap(checkpoint: Checkpoint) -> int:
    """Frames over which a part goes over into the next: so few that no three parts meet."""
    step, most = checkpoint.frames.a, bounds(checkpoint.frames)[1]
    return step * min(2, max(0, (most // 3 - 1) // step)) + 1


def _beside(
    order: Order, checkpoint: Checkpoint, engine: str, source: Source
) -> tuple[Pictures, list[Instruction]]:
    """The pictures that go along with the film, and what becomes of those that cannot."""
    edit = order.shot.kind is Kind.EDIT
    able = {
        Role.REFERENCE: "references" in checkpoint.conditions,
        Role.FIRST_FRAME: edit and can(checkpoint, "first", "frame"),
    }
    first = {at: one for at, one in order.stills.items() if able.get(_role(order, at))}
    pictures = cast_as(replace(order, stills=first), checkpoint, source.frames, engine)
    unused = []
    for place in order.stills:
        if place not in first:
            words = str(_role(order, place)).replace("_", " ")
            how = "it is in the film that is made anew"
            if order.shot.kind is not Kind.REMIX:
                how = "a film that is made anew has its own frames there"
            outcome = "approximated" if order.shot.kind is Kind.REMIX else "not_possible"
            unused.append(Instruction(words, outcome, how))  # type: ignore[arg-type]
    return pictures, unused


def _freedom(order: Order) -> tuple[float, float]:
    """How freely the model makes the film anew, and the source's strength that says so."""
    strength = next((one.strength for one in order.shot.anchors if one.role is Role.SOURCE), 1.0)
    least = FREEDOM[order.shot.kind]
    return least + (1 - least) * (1 - strength), strength


def _made(order: Order, freedom: float, strength: float) -> Instruction:
    how = f"made anew with a freedom of {freedom:.2g} (1: nothing of the film is kept)"
    if strength < 1.0:
        return Instruction(f"strength {strength:g}", "done", how)
    return Instruction(f"{order.shot.kind} the film", "done", how)


def _whole(edit: Edit) -> Instruction:
    words = edit.words or edit.edit
    return Instruction(f"{words}: {edit.target}", "approximated", saying.LEFT)
