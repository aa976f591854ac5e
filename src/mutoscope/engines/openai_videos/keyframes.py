"""Pictures and films that a model takes by their place in time: a first frame, a last one, or both; or
references, to one model of MiniMax-H3's two. Pure.

============ ======================================================================================
conditions   SGLang-Diffusion: `conditions` of {type, role, frame_index, uri}, `task` and `target`
tasks        vLLM-Omni: files in order, and `extra_params` of {task, duration, frame_indices}
============ ======================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.openai_videos.quirks import Quirks
from mutoscope.shot import Role, Shot

if TYPE_CHECKING:
    from mutoscope.engines.openai_videos.request import Upload

#: The short side of the films that the open weights make, in pixels, and the shapes that they are told by
#: name (vLLM-Omni's recipe for MiniMax-H3).
SHORT_EDGE = 768
RATIOS = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")

_FIRST, _LAST = 0, -1
#: A picture: its path, whether it moves, and its frame; None for a reference.
_Piece = tuple[Path, bool, int | None]


def framed(order: Order) -> bool:
    """Whether a picture stands at a frame: then there is no place for references."""
    return any(_frame(order, at) is not None for at in order.stills)


def keyframed(
    order: Order, quirks: Quirks, films: Sequence[int], cast: Sequence[Path],
    fields: dict[str, Any], uploads: list[Upload],
) -> Iterator[Instruction]:  # fmt: skip
    """Put pictures, `films` by their place and the `cast`'s files into `fields` and `uploads`; what has no
    place is told."""
    shot, found = order.shot, framed(order)
    pieces: list[_Piece] = []
    for at, still in order.stills.items():
        path, frame = still.prepared or still.original, _frame(order, at)
        role = shot.anchors[at].role
        if frame is not None:
            pieces.append((path, False, frame))
            words = "last frame" if frame == _LAST else "first frame"
            yield Instruction(words, "done", f"sent as the {words}")
        elif role is Role.REFERENCE and not found:
            pieces.append((path, False, None))
            yield Instruction("reference picture", "done", "sent as a reference")
        else:
            words = str(role).replace("_", " ")
            how = "it takes references only where no frame comes with them"
            if role is Role.FRAME:
                how = "it takes a first and a last frame, and none between"
            yield Instruction(words, "not_possible", how)
        if shot.anchors[at].strength < 1.0:
            lack = "this engine takes no strength"
            yield Instruction(f"strength {shot.anchors[at].strength:g}", "not_possible", lack)
    for at in films:
        if found:
            how = "it takes no film to go by beside a first frame"
            yield Instruction("reference video", "not_possible", how)
        else:
            pieces.append((order.clips[at], True, None))
            yield Instruction("reference video", "done", "sent as a film to go by")
    clips = {member.clip for member in order.cast.values()}
    pieces += [(path, path in clips, None) for path in cast]
    first = [path for path, _, frame in pieces if frame == _FIRST]
    if shot.loop and first and not any(frame == _LAST for _, _, frame in pieces):
        pieces.append((first[0], False, _LAST))
        yield Instruction("loop", "approximated", "its first frame was sent as its last, too")
    elif shot.loop:
        how = "there is no first frame to come back to"
        yield Instruction("loop", "not_possible", how)
    pieces.sort(key=lambda piece: piece[2] == _LAST)  # the first one first
    for name in ("size", "seconds", "fps"):
        fields.pop(name, None)
    _WAYS[quirks.keyframes](shot, quirks, pieces, fields, uploads)


def _frame(order: Order, at: int) -> int | None:
    """The frame at which a picture stands, as it is counted there; None for one that stands at none."""
    anchor = order.shot.anchors[at]
    if anchor.role is Role.FIRST_FRAME or anchor.frame == 0:
        return _FIRST
    last = anchor.role is Role.LAST_FRAME or anchor.frame == order.shot.frames - 1
    return _LAST if last else None


def _task(pieces: Sequence[_Piece]) -> str:
    if not pieces:
        return "t2va"
    return "ref2va" if any(frame is None for *_, frame in pieces) else "fl2va"


def _ratio(shot: Shot) -> str:
    """The named shape that is nearest to the shot's."""
    asked = shot.size.width / shot.size.height

    def off(name: str) -> float:
        width, height = map(int, name.split(":"))
        shape = width / height
        return max(shape / asked, asked / shape)

    return min(RATIOS, key=off)


def _conditions(
    shot: Shot, quirks: Quirks, pieces: Sequence[_Piece], fields: dict[str, Any],
    uploads: list[Upload],
) -> None:  # fmt: skip
    from mutoscope.engines.openai_videos.request import Upload

    fields["task"] = task = _task(pieces)
    fields["target"] = {
        "short_edge": SHORT_EDGE,
        "aspect_ratio": "auto" if task == "fl2va" else _ratio(shot),
        "duration_seconds": shot.seconds,
    }
    for path, film, frame in pieces:
        within: dict[str, Any] = {"type": "video" if film else "image"}
        within |= {"role": "reference"} if frame is None else {"role": "keyframe", "frame_index": frame}  # fmt: skip
        uploads.append(Upload(quirks.references, path, within=within))


def _tasks(
    shot: Shot, quirks: Quirks, pieces: Sequence[_Piece], fields: dict[str, Any],
    uploads: list[Upload],
) -> None:  # fmt: skip
    from mutoscope.engines.openai_videos.request import Upload

    task = _task(pieces)
    extra: dict[str, Any] = {"task": task, "duration": shot.seconds}
    if task == "fl2va":
        extra["frame_indices"] = [frame for *_, frame in pieces]
    else:  # a first frame rules the shape
        fields["aspect_ratio"] = _ratio(shot)
    fields["short_edge"] = SHORT_EDGE
    fields["extra_params"] = extra
    alone = len(pieces) == 1 and not pieces[0][1]
    field = quirks.picture if alone else quirks.references
    uploads += [Upload(field, path) for path, *_ in pieces]


_Way = Callable[[Shot, Quirks, Sequence[_Piece], dict[str, Any], "list[Upload]"], None]
_WAYS: dict[str, _Way] = {"conditions": _conditions, "tasks": _tasks}
