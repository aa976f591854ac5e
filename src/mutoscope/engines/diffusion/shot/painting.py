"""A picture in which only what is marked moves: the rest is kept, pixel for pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.diffusion.brief import Brief, Made, Rgb
from mutoscope.engines.diffusion.shot import saying
from mutoscope.engines.diffusion.shot.laying import laid, marked, shown
from mutoscope.engines.diffusion.shot.pictures import Pictures
from mutoscope.engines.diffusion.shot.project import Finish, Kept, Project, Share
from mutoscope.engines.diffusion.shot.scripting import Script
from mutoscope.engines.diffusion.shot.sizes import Canvas, canvas
from mutoscope.engines.diffusion.shot.times import Timing, legal_lead, model_rate, timed
from mutoscope.images.plan import Plan

#: Of the frame's short side, the width over which what is made goes over into what is kept.
SOFT = 0.008


def painted(order: Order, checkpoint: Checkpoint, pictures: Pictures, written: Script) -> Project:
    """The project of a picture with marked regions."""
    shot, written = order.shot, replace(written, camera=False)
    first = pictures.at(0)
    assert first is not None
    made = canvas(shot.size, checkpoint, shot.quality, pictured=True)
    rate = model_rate(checkpoint, shot.fps)
    lead = legal_lead(10**6, checkpoint) if "lead" in checkpoint.conditions else 1
    timing = timed(shot.frames, shot.fps, checkpoint, (0,), model_fps=rate, lead=lead)
    picture = laid(order, first.place, made)
    mask = union(order, made, order.stills[first.place].plan)
    prompts = written.prompts([(part.fresh / rate, part.end / rate) for part in timing.parts])

    def brief(place: int, before: Made | None) -> Brief:
        part = timing.parts[place]
        video = np.repeat(picture[None], part.frames, axis=0)
        new = np.repeat(mask[None], part.frames, axis=0)
        begin = 1 if before is None else part.lead
        if before is not None:
            video[:begin] = before.frames[-begin:]
        new[:begin] = 0
        return written.brief(place, prompts[place], made, timing, rate, video=video, mask=new)

    kept = Kept(softened(mask, made), lambda: _still(picture, made, timing))
    moves = order.direction.camera
    how = "what is not marked is kept as it is, so the camera stays"
    said = (
        *written.said(prompts),
        *saying.edits(order.direction),
        *(Instruction(move.words or move.move, "not_possible", how) for move in moves),
        *(one for one in pictures.said if one.words != "loop"),
        *_others(pictures),
        *regions(order),
        *saying.shaped(order, made, timing, rate, shot.fps),
    )
    finish = Finish(
        timing=timing, canvas=made, kept=kept, edits=order.direction.edits, sound=written.sound,
    )  # fmt: skip
    return written.project(timing, made, shot.frames, shot.fps, rate, said, finish, brief)


def union(order: Order, canvas: Canvas, plan: Plan | None) -> npt.NDArray[np.uint8]:
    """Everything that is marked, on the canvas: 255 where it is made anew."""
    found = [marked(path, plan, canvas) for path in order.masks.values()]
    return np.asarray(np.where(np.maximum.reduce(found) >= 128, 255, 0), np.uint8)


def softened(mask: npt.NDArray[np.uint8], canvas: Canvas) -> Share:
    """A mask on the canvas as a share in the frame, soft outside of it: 0 stays well beyond, 1 within."""
    rgb: Rgb = np.repeat(mask[..., None], 3, axis=2)
    frame = shown(rgb, canvas)[..., 0]
    soft = max(1, round(SOFT * min(frame.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * soft + 1, 4 * soft + 1))
    wider = cv2.dilate(frame, kernel).astype(np.float32) / 255
    share = cv2.GaussianBlur(wider, (0, 0), soft)
    return np.asarray(np.clip((share - 0.02) / 0.96, 0, 1), np.float32)


def regions(order: Order) -> Iterator[Instruction]:
    """What becomes of each mark."""
    for place, region in enumerate(order.shot.regions):
        words = f"region {region.kind}"
        if place in order.masks:
            yield Instruction(words, "done", "made anew there; what is not marked is kept as it is")
        else:
            how = "this model takes a mask, not a point to grow from"
            yield Instruction(words, "not_possible", how)


def _others(pictures: Pictures) -> Iterator[Instruction]:
    for one in pictures.pinned:
        if one.frame:
            how = "what is not marked stays the first picture"
            yield Instruction(f"picture at frame {one.frame}", "not_possible", how)


def _still(picture: Rgb, canvas: Canvas, timing: Timing) -> Iterator[av.VideoFrame]:
    from mutoscope.finish.frame import rgb_frame

    rgb = np.ascontiguousarray(shown(picture, canvas))
    for _ in timing.positions:
        yield rgb_frame(rgb)
