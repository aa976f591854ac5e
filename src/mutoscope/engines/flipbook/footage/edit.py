"""A film changed as a direction says: shake, speed, frame, camera, weather and light, grade, in that order,
frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import av
import numpy as np

from mutoscope.compute.ahead import ahead
from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.footage import told
from mutoscope.engines.flipbook.footage.celluloid import grain_of
from mutoscope.engines.flipbook.footage.colour import coloured
from mutoscope.engines.flipbook.footage.focus import Attention, attended
from mutoscope.engines.flipbook.footage.grade import DEGREES, graded
from mutoscope.engines.flipbook.footage.moves import Moved, moved
from mutoscope.engines.flipbook.footage.reading import backwards, frames, own
from mutoscope.engines.flipbook.footage.reframe import (
    TRIFLE,
    crop,
    followed,
    padded,
    stretched,
    used,
)
from mutoscope.engines.flipbook.footage.retime import FASTEST, SLOWEST, count, retimed
from mutoscope.engines.flipbook.footage.sound import kept
from mutoscope.engines.flipbook.footage.source import Source, look
from mutoscope.engines.flipbook.footage.steady import CROPS, Steadied, asked, steadied
from mutoscope.engines.flipbook.footage.window import Matrix, through
from mutoscope.engines.flipbook.master import place
from mutoscope.engines.flipbook.pairs import learned
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.errors import Cancelled
from mutoscope.finish.formats import Format, named
from mutoscope.finish.writers import writer
from mutoscope.shot import Fit, Quality, Size

#: Quality of what is written again: a step finer than a film made anew.
FINER = 2.0
#: Seconds of the longest film that an edit makes.
MOST_SECONDS = 300.0
#: Of the work, the part that looking for the subject takes.
_LOOKING = 0.3
#: "slower" and "faster" without a number: how many times.
PLAIN = 2.0


def edited(order: Order, path: Path, progress: Progress, cancel: Cancel) -> Footage:
    """The film at `path` as the order's direction changes it. Raises BadInput for a film that cannot be
    read, ContractRefused for a strict fit, CannotWrite, Cancelled between frames."""
    shot, direction = order.shot, order.direction
    spent: dict[str, float] = {}
    with timed(spent, "look"):
        source = look(path)
    pace = paced(direction, source)
    target = sized(order, source)
    fit = used(source.size, target, shot.fit)
    with timed(spent, "subject"):
        attention = _attention(source, target, fit, progress, cancel)
    with timed(spent, "shake"):
        steady = _steadied(direction, source, progress, cancel)
    begin = _LOOKING if attention or steady else 0.0
    total = count(source.frames, pace.speed)
    camera = moved(direction, target, fps=float(source.rate), frames=total, seed=shot.seed)
    made = backwards(source, cancel) if pace.reverse else frames(source, cancel)
    held = None if steady is None else steady.windows
    if held is not None and (pace.speed != 1 or pace.reverse or fit is Fit.PAD):
        made, held = through(made, held[::-1] if pace.reverse else held, source.size), None
    made = retimed(
        made, source.frames, pace.speed, by_network=learned.used(shot.quality),
        fine=shot.quality is Quality.BEST,
    )  # fmt: skip
    shown = _framed(made, source, target, fit, _timeline(attention, pace, source), camera, total,
                    shot.pad_colour, held)  # fmt: skip
    over, answered = _effects(direction, target, Timing(total, float(source.rate), seed=shot.seed),
                              shot.prompt)  # fmt: skip
    if over:
        from mutoscope.engines.flipbook.effects.screen import screened

        shown = screened((own(frame) for frame in shown), over)
    grade = graded(direction.edits)
    shown = coloured(shown, grade, shot.seed)
    with timed(spent, "render"):
        film = place(order)
        written = write(
            film,
            shown,
            target,
            source,
            named(shot.delivery.format),
            lambda done: progress("render", _part(begin, done, total)),
            cancel,
            grain=grain_of(grade),
        )
    sound = _sound(film, source, pace)
    framed = target != source.size or camera.windows is not None or steady is not None
    said = (
        *camera.instructions,
        *told.shaded(direction.edits),
        *told.steadied(direction.edits, steady),
        *told.paced(direction.edits, pace.asked, pace.speed, pace.how),
        *_reframed(direction, source, target, fit, attention),
        *told.beside(order),
        *answered.instructions,
        *told.rest(direction, framed=framed, answered=answered),
    )
    return Footage(
        film, written, said, notes(source, sound), spent, fps=float(source.rate), size=target
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """`asked` and `speed`: how many times as fast was asked for, and is done."""

    asked: float = 1.0
    speed: float = 1.0
    reverse: bool = False
    how: str = ""


def paced(direction: Direction, source: Source) -> Pace:
    """The speed that the edits ask for together, as far as it goes."""
    asked, reverse = 1.0, False
    for edit in direction.edits:
        if edit.edit in ("faster", "slower"):
            times = edit.amount or PLAIN ** DEGREES[edit.degree]
            asked *= times if edit.edit == "faster" else 1 / times
        reverse |= edit.edit == "reverse"
    slowest = max(SLOWEST, source.seconds / MOST_SECONDS)
    speed = min(FASTEST, max(slowest, asked))
    total = count(source.frames, speed)
    how = f"{source.frames} frames became {total}"
    if speed < 1:
        how += ", those between computed from the motion"
        if not learned.here():
            how += f"; {learned.LESS}"
    return Pace(asked, speed, reverse, how)


def sized(order: Order, source: Source) -> Size:
    """The size of the film that is made: the shot's where it names another than the source's, else what
    a reframe in the words asks for, else the source's."""
    if not near(order.shot.size, source.size):
        return order.shot.size
    shape = next((edit.shape for edit in order.direction.edits if edit.edit == "reframe"), "")
    return shaped(source.size, shape) if shape else source.size


def near(size: Size, other: Size) -> bool:
    """The same but for what even sides cost."""
    return abs(size.width - other.width) <= 2 and abs(size.height - other.height) <= 2


def shaped(size: Size, shape: str) -> Size:
    """A size of another shape ("9:16") whose short side is as long: 1280x720 → 720x1280."""
    wide, _, tall = shape.partition(":")
    ratio = float(wide) / float(tall)
    short = min(size.width, size.height)
    sides = (short * ratio, short) if ratio >= 1 else (short, short / ratio)
    return Size(*(2 * round(side / 2) for side in sides))


def _attention(
    source: Source, target: Size, fit: Fit, progress: Progress, cancel: Cancel
) -> Attention | None:
    """Where the film's subject is, where a crop needs to know."""
    if fit is not Fit.COVER or crop(source.size, target).lost < TRIFLE:
        return None
    seen = 0

    def asked() -> bool:
        nonlocal seen
        progress("subject", _LOOKING * min(1.0, seen / source.frames))
        seen += 1
        return cancel()

    return attended(source, asked)


def _effects(
    direction: Direction, size: Size, timing: Timing, prompt: str
) -> tuple[Sequence[Effect], Answered]:
    """Weather and light over the film: it has no depth that is known."""
    if not direction.motion and not direction.lens.focus:
        return (), Answered()
    from mutoscope.engines.flipbook.effects.chosen import screen_effects_for

    return screen_effects_for(direction, size, timing, prompt)


def _steadied(
    direction: Direction, source: Source, progress: Progress, cancel: Cancel
) -> Steadied | None:
    """The film's shake and what takes it out, where that is asked for."""
    wish = asked(direction.edits)
    if wish is None:
        return None
    return steadied(
        frames(source, cancel), source.size, float(source.rate), CROPS[wish.degree],
        lambda done: progress("shake", _LOOKING * min(1.0, done / source.frames)),
    )  # fmt: skip


def _timeline(attention: Attention | None, pace: Pace, source: Source) -> Attention | None:
    """The same on the frames of the film that is made."""
    if attention is None:
        return None

    def at(number: int) -> int:
        return round((source.frames - 1 - number if pace.reverse else number) / pace.speed)

    points = sorted(
        (replace(one, number=at(one.number)) for one in attention.points),
        key=lambda one: one.number,
    )
    late = 1 if pace.reverse else 0  # a scene's first frame is its last, backwards
    return Attention(tuple(points), tuple(sorted(at(cut - late) + late for cut in attention.cuts)))


def _framed(
    made: Iterable[av.VideoFrame], source: Source, target: Size, fit: Fit,
    attention: Attention | None, camera: Moved, total: int, colour: str, held: Matrix | None,
) -> Iterable[av.VideoFrame]:  # fmt: skip
    """The frames in the target's shape, under the camera: one resampling where it can be."""
    window: Matrix | None = None
    if source.size != target:
        if fit is Fit.PAD:
            made = padded(made, source.size, target, colour)
        elif fit is Fit.STRETCH:
            window = stretched(source.size, target, total)
        else:
            window = followed(source.size, target, attention, total, float(source.rate))
    if camera.windows is not None:
        window = camera.windows if window is None else np.asarray(window @ camera.windows)
    if held is not None:
        window = held if window is None else np.asarray(held @ window)
    return made if window is None else through(made, window, target)


def write(
    film: Path, shown: Iterable[av.VideoFrame], size: Size, source: Source, form: Format,
    progress: Callable[[int], None], cancel: Cancel, grain: float = 0.0,
) -> int:  # fmt: skip
    """The frames in a format at the source's rate; the number of them."""
    with writer(film, size, source.rate, form, finer=FINER, grain=grain) as made:
        for frame in ahead(shown):
            if cancel():
                raise Cancelled("the film was stopped")
            progress(made.frames)
            made.write(frame)
        return made.frames


def _sound(film: Path, source: Source, pace: Pace) -> str:
    return kept(film, source, pace.speed, reverse=pace.reverse)


def notes(source: Source, sound: str = "") -> tuple[str, ...]:
    """What was done to the source before anything else."""
    said = [sound] if sound else []
    if source.turned:
        said.append(f"the source is stored lying and was turned by {source.turned}°")
    if not source.even:
        rate = float(source.rate)
        said.append(f"the source's frames come unevenly; the film has {rate:.4g} a second")
    return tuple(said)


def _reframed(
    direction: Direction, source: Source, target: Size, fit: Fit, attention: Attention | None
) -> Iterator[Instruction]:
    asked = [edit for edit in direction.edits if edit.edit == "reframe"]
    if target == source.size:
        for edit in asked:
            yield Instruction(edit.words, "done", f"the film has {source.size} already")
        return
    how = f"{source.size} became {target}: {_way(source, target, fit, attention)}"
    words = asked[0].words if asked else f"size {target}"
    fits = not asked or any(_near(target, edit.shape) for edit in asked)
    yield Instruction(words, "done" if fits else "approximated", how)
    for edit in asked[1:]:
        yield Instruction(edit.words, "not_possible", f"the film has one shape, {target}")


def _near(size: Size, shape: str) -> bool:
    wide, _, tall = shape.partition(":")
    return abs(size.width / size.height / (float(wide) / float(tall)) - 1) < 0.02


def _way(source: Source, target: Size, fit: Fit, attention: Attention | None) -> str:
    if fit is Fit.PAD:
        return "the whole picture, with bars"
    if fit is Fit.STRETCH:
        return "the picture is stretched"
    lost = crop(source.size, target).lost
    if attention is None:
        return "about the middle" if lost > 0.005 else "the whole picture"
    return f"a crop that follows the subject; {lost:.0%} of the picture is cut off"


def _part(begin: float, done: int, total: int) -> float:
    return begin + (1 - begin) * min(1.0, done / max(1, total))


@contextmanager
def timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    """Note the seconds that a stage took."""
    begin = perf_counter()
    yield
    spent[stage] = round(perf_counter() - begin, 3)
