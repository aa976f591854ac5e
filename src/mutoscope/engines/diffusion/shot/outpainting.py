"""A film in another shape, whole: what lies around its picture is made, its own pixels stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import av
import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.diffusion.brief import Brief, Frames, Made, Rgb
from mutoscope.engines.diffusion.shot import saying
from mutoscope.engines.diffusion.shot.films import GIVEN
from mutoscope.engines.diffusion.shot.laying import framed, scaled
from mutoscope.engines.diffusion.shot.pacing import paced
from mutoscope.engines.diffusion.shot.pictures import Pictures, cast_as
from mutoscope.engines.diffusion.shot.project import Finish, Kept, Project, Share
from mutoscope.engines.diffusion.shot.scripting import script
from mutoscope.engines.diffusion.shot.sizes import Canvas, canvas
from mutoscope.engines.diffusion.shot.times import legal_lead, model_rate, timed
from mutoscope.engines.flipbook.footage.source import Source
from mutoscope.finish.rgb import rgb
from mutoscope.shot import Role, Size

#: What stands for a picture that is not there yet.
GREY = 127
#: Of the picture's short side, its border that goes over into what is made around it.
SOFT = 0.015

Box = tuple[int, int, int, int]  # left, top, right, bottom


def outpainted(
    order: Order, source: Source, target: Size, checkpoint: Checkpoint, engine: str
) -> Project:
    """The project of the film in the frame of `target` pixels."""
    shot, fps = order.shot, float(source.rate)
    pictures = _references(order, checkpoint, source, engine)
    written = script(order, checkpoint, engine, pictures, leave=order.direction.edits)
    made = canvas(target, checkpoint, shot.quality, pictured=True)
    rate = model_rate(checkpoint, fps)
    lead = legal_lead(10**6, checkpoint) if "lead" in checkpoint.conditions else 1
    timing = timed(source.frames, fps, checkpoint, (0,), model_fps=rate, lead=lead)
    box = inside(source.size, target)
    around = np.full((target.height, target.width), 255, np.uint8)
    around[box[1] : box[3], box[0] : box[2]] = 0
    mask = _canvassed(around, made)
    prompts = written.prompts([(part.fresh / rate, part.end / rate) for part in timing.parts])

    def brief(place: int, before: Made | None) -> Brief:
        part = timing.parts[place]
        at = [number * fps / rate for number in range(part.start, part.end)]
        video = _placed(source, at, box, target, made)
        new = np.repeat(mask[None], part.frames, axis=0)
        if before is not None:
            video[: part.lead] = before.frames[-part.lead :]
            new[: part.lead] = 0
        return written.brief(place, prompts[place], made, timing, rate, video=video, mask=new)

    kept = Kept(share(box, target), lambda: _framed(source, box, target))
    asked = [edit for edit in order.direction.edits if edit.edit == "reframe"]
    words = asked[0].words if asked else f"size {target}"
    how = f"{source.size} became {target}: the film is whole, what is around it is made"
    said = (
        *written.said(prompts),
        *saying.edits(_graded(order)),
        Instruction(words, "done", how),
        *pictures.said,
        *(
            Instruction(f"region {one.kind}", "not_possible", "what is made lies around the film")
            for one in shot.regions
        ),
        *saying.shaped(order, made, timing, rate, fps),
    )
    finish = Finish(
        timing=timing, canvas=made, remade=source, kept=kept, edits=order.direction.edits,
    )  # fmt: skip
    return written.project(timing, made, source.frames, fps, rate, said, finish, brief)


def inside(size: Size, target: Size) -> Box:
    """Where a film lies in a frame of another shape: whole, in its middle, on even pixels."""
    scale = min(target.width / size.width, target.height / size.height)
    wide = min(target.width, 2 * round(size.width * scale / 2))
    tall = min(target.height, 2 * round(size.height * scale / 2))
    left, top = (target.width - wide) // 4 * 2, (target.height - tall) // 4 * 2
    return left, top, left + wide, top + tall


def share(box: Box, target: Size) -> Share:
    """1 where the model's picture is shown, 0 where the film's own is, soft just within its border."""
    own = np.zeros((target.height, target.width), np.uint8)
    own[box[1] : box[3], box[0] : box[2]] = 1
    padded = cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    deep = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    soft = max(2.0, SOFT * min(box[2] - box[0], box[3] - box[1]))
    return np.asarray(np.where(own > 0, np.clip(1 - deep / soft, 0, 1), 1), np.float32)


def _placed(source: Source, at: list[float], box: Box, target: Size, canvas: Canvas) -> Frames:
    """The film within the frame, on the canvas, at these of its frames."""
    from mutoscope.engines.flipbook.footage.reading import frames

    positions = [min(one, source.frames - 1.0) for one in at]
    made = []
    for frame in paced(frames(source), positions, GIVEN):
        page = np.full((target.height, target.width, 3), GREY, np.uint8)
        page[box[1] : box[3], box[0] : box[2]] = _within(rgb(frame), box)
        made.append(framed(page, canvas))
    return np.stack(made)


def _framed(source: Source, box: Box, target: Size) -> Iterator[av.VideoFrame]:
    from mutoscope.engines.flipbook.footage.reading import frames
    from mutoscope.finish.frame import rgb_frame

    for frame in frames(source):
        page = np.full((target.height, target.width, 3), GREY, np.uint8)
        page[box[1] : box[3], box[0] : box[2]] = _within(rgb(frame), box)
        yield rgb_frame(page)


def _within(pixels: Rgb, box: Box) -> Rgb:
    return scaled(pixels, Size(box[2] - box[0], box[3] - box[1]))


def _canvassed(mask: npt.NDArray[np.uint8], canvas: Canvas) -> npt.NDArray[np.uint8]:
    page = framed(np.repeat(mask[..., None], 3, axis=2), canvas)[..., 0]
    return np.asarray(np.where(page > 8, 255, 0), np.uint8)


def _references(order: Order, checkpoint: Checkpoint, source: Source, engine: str) -> Pictures:
    anchors = order.shot.anchors
    only = {at: still for at, still in order.stills.items() if anchors[at].role is Role.REFERENCE}
    pictures = cast_as(replace(order, stills=only), checkpoint, source.frames, engine)
    for at in order.stills:
        if at not in only:
            how = "a film in another shape has its own frames there"
            words = str(anchors[at].role).replace("_", " ")
            pictures.said.append(Instruction(words, "not_possible", how))
    return pictures


def _graded(order: Order) -> Direction:
    """The direction without the shape, which is what is done here."""
    edits = tuple(one for one in order.direction.edits if one.edit != "reframe")
    return msgspec.structs.replace(order.direction, edits=edits)
