"""Reference frames of a character: from its clip or its pictures, the few that show it best and each
differently.

clip → clearest frame of each stretch ┐
                             pictures ┴ → matte, gate → figures → same one → best, then the most different
→ picture and cut-out as files
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mutoscope import weights
from mutoscope.characters import pictures as still
from mutoscope.characters.clip import Seen, best_of_each_stretch, shrunk
from mutoscope.characters.cutting import Figure, cut_out, judged
from mutoscope.characters.variety import Look, look, of_one, varied
from mutoscope.characters.work import ReferenceFrame
from mutoscope.errors import BadInput, Cancelled, Missing
from mutoscope.images.encode import encoded, put
from mutoscope.images.faces import find_faces
from mutoscope.images.subject import WORKING_WIDTH, SubjectMatte, find_subject

Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]

LEAST, MOST = 3, 8  # frames kept, where the clip has that many that differ
#: Frames whose subject is looked for, each at two to four runs of the network; and how many that are
#: beyond doubt are enough.
_TRIED, _ENOUGH, _BEYOND_DOUBT = 9, 6, 0.9
_CLEAR = 0.4  # of the clearest frames' clearness: what is less was smeared or in the dark
#: Beside the clip's best figures: what is less is not kept, as one poor reference spoils the rest.
_SHARP, _EXPOSED, _GOOD = 0.72, 0.75, 0.3


@dataclass(slots=True, eq=False)
class _Candidate:
    seen: Seen
    matte: SubjectMatte
    figure: Figure
    look: Look
    sharp: float = 0.0
    score: float = 0.0
    why_not: str = ""


def reference_frames(
    clip: Path, folder: Path, progress: Progress, cancel: Cancel
) -> tuple[ReferenceFrame, ...]:
    """The frames kept of `clip`, the best first, as files in `folder`.

    Raises BadInput for a clip that cannot be read, or in which nothing stands out in a usable frame;
    Missing without matte weights; Cancelled where `cancel` says so."""
    _with_weights()
    seen = best_of_each_stretch(clip, lambda stage, done: progress(stage, 0.3 * done), cancel)
    tried = _far_apart(_worth_trying(seen))
    candidates = []
    for number, one in enumerate(tried):
        progress("find", 0.3 + 0.5 * number / len(tried))
        found = _candidate(one, cancel)
        if found is not None:
            candidates.append(found)
        if sum(each.matte.quality >= _BEYOND_DOUBT for each in candidates) == _ENOUGH:
            break
    kept = _chosen(candidates)
    if not kept:
        raise _nothing(seen, "clip", "video")
    return _all_written(kept, folder, progress, cancel)


def of_pictures(
    paths: Sequence[Path], folder: Path, progress: Progress, cancel: Cancel
) -> tuple[tuple[ReferenceFrame, ...], tuple[tuple[int, str], ...]]:
    """The same of pictures (any that `images.decode` opens): the frames, and the pictures, by their place
    from 0, that gave none, each with the reason. Their `at` is their place.

    Raises BadImage for one that cannot be read, BadInput where nothing stands out in any."""
    seen, candidates, left_out = [], [], []
    for place, path in enumerate(paths):
        progress("find", 0.8 * place / len(paths))
        one = still.seen(path, place)
        if one.cutout is None:
            _with_weights()
        seen.append(one)
        found = _candidate(one, cancel)
        if found is None:
            left_out.append((place, "nobody and nothing stands out in it clearly"))
        else:
            candidates.append(found)
    kept = _chosen(candidates)
    if not kept:
        raise _nothing(seen, "picture" if len(paths) == 1 else "pictures", "pictures")
    left_out += [(int(one.seen.at), one.why_not) for one in candidates if one.why_not]
    return _all_written(kept, folder, progress, cancel), tuple(sorted(left_out))


def _with_weights() -> None:
    if weights.find("matte") is None:
        raise Missing(
            "a character is cut out with the matte weights, and they are not here",
            hint="fetch them once: mutoscope weights fetch matte",
        )


def _all_written(
    kept: Sequence[_Candidate], folder: Path, progress: Progress, cancel: Cancel
) -> tuple[ReferenceFrame, ...]:
    frames = []
    for number, candidate in enumerate(kept):
        progress("cut", 0.8 + 0.2 * number / len(kept))
        if cancel():
            raise Cancelled("stopped while the character was cut out")
        frames.append(_written(candidate, folder, number))
    return tuple(frames)


def _worth_trying(seen: list[Seen]) -> list[Seen]:
    """The clear ones, at most _TRIED of them, spread over the clip."""
    best = float(np.percentile([one.clear for one in seen], 90))
    clear = [one for one in seen if one.clear >= _CLEAR * best and one.clear > 0]
    if len(clear) <= _TRIED:
        return clear
    spread = np.array_split(np.arange(len(clear)), _TRIED)
    return [max((clear[i] for i in part), key=lambda one: one.clear) for part in spread]


def _far_apart(seen: list[Seen]) -> list[Seen]:
    """The same in an order that goes to and fro over the clip, so that the first few are of all of it."""
    if not seen:
        return []
    left, order = list(seen), [seen[len(seen) // 2]]
    left.remove(order[0])
    while left:
        farthest = max(left, key=lambda one: min(abs(one.at - other.at) for other in order))
        order.append(farthest)
        left.remove(farthest)
    return order


def _candidate(seen: Seen, cancel: Cancel) -> _Candidate | None:
    if cancel():
        raise Cancelled("stopped while the character was looked for")
    if seen.cutout is not None:
        matte: SubjectMatte | None = _own(seen.cutout)
    else:
        matte = find_subject(shrunk(seen.rgb, 2 * WORKING_WIDTH), cancel=cancel)
        if matte is not None and not matte.stable:
            return None
    if matte is None:
        return None
    figure = judged(seen.rgb, matte)
    if figure is None:
        return None
    return _Candidate(seen, matte, figure, look(seen.rgb, matte.alpha, figure.box))


def _own(cutout: npt.NDArray[np.uint8]) -> SubjectMatte:
    """What somebody cut out is beyond doubt, and may fill its picture."""
    alpha = cutout[..., 3].astype(np.float32) / np.float32(255)
    return SubjectMatte(alpha, 1.0, float((alpha > 0.5).mean()))


def _chosen(candidates: list[_Candidate]) -> list[_Candidate]:
    """Those to keep, the best first."""
    if not candidates:
        return []
    same = of_one([one.look for one in candidates])
    for place, one in enumerate(candidates):
        one.why_not = "" if place in same else "it shows something else than the others"
    alike = [candidates[place] for place in same]
    sharpest = max(1e-6, float(np.percentile([one.figure.sharp for one in alike], 90)))
    clearest = max(one.figure.exposed for one in alike)
    for one in alike:
        figure = one.figure
        one.sharp = min(1.0, figure.sharp / sharpest)
        seen = one.sharp**1.5 * figure.exposed**0.5 * figure.large**0.5
        one.score = seen * figure.whole * figure.single * one.matte.quality**2
        if one.sharp < _SHARP:
            one.why_not = "it is less sharp than the others"
        elif figure.exposed < _EXPOSED * clearest:
            one.why_not = "it is darker or more burnt out than the others"
    clear = [one for one in alike if not one.why_not]
    best = max((one.score for one in clear), default=0.0)
    good = [one for one in clear if one.score >= _GOOD * best]
    for one in clear:
        one.why_not = "" if one in good else "the others show the figure far better"
    if not good:
        return []
    places = varied([one.look for one in good], [one.score for one in good], LEAST, MOST)
    for place, one in enumerate(good):
        one.why_not = "" if place in places else "it shows what another shows as well"
    return sorted((good[place] for place in places), key=lambda one: -one.score)


def _nothing(seen: list[Seen], what: str, field: str) -> BadInput:
    dark = max(one.clear for one in seen) < 0.05
    each = "every frame of the clip" if what == "clip" else "every picture"
    why = (
        f"{each} is too dark, too bright or too blurred to tell anybody in it"
        if dark
        else f"nobody and nothing stands out clearly in the {what}"
    )
    hint = (
        "film one person, animal or thing in good light, whole in the picture, before a "
        "background that differs from it"
    )
    return BadInput(
        f"no character can be made from {'these' if what == 'pictures' else 'this'} {what}: {why}",
        code="no_character",
        field=field,
        hint=f"{hint}; 2 to 4 seconds are enough" if what == "clip" else hint,
    )


def _written(one: _Candidate, folder: Path, number: int) -> ReferenceFrame:
    picture, cutout = folder / f"frame-{number}.jpg", folder / f"cutout-{number}.png"
    put(encoded(one.seen.rgb, "jpeg"), picture)
    own = one.seen.cutout
    put(encoded(cut_out(one.seen.rgb, one.matte) if own is None else own, "png"), cutout)
    figure = one.figure
    faces = find_faces(one.seen.rgb)
    return ReferenceFrame(
        picture=picture,
        cutout=cutout,
        at=round(one.seen.at, 3),
        box=tuple(round(value, 4) for value in figure.box),  # type: ignore[arg-type]
        cut=figure.cut,
        sharpness=round(one.sharp, 3),
        exposure=round(figure.exposed, 3),
        whole=round(figure.whole, 3),
        matte=round(one.matte.quality, 3),
        score=round(one.score, 3),
        faces=None if faces is None else len(faces),
    )
