"""A finished film gets its sound: what the direction's cues ask for, what the picture shows, the owner's
music and voice. The pictures stay as they are, packet for packet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.wishes import NONE, TAKEN_OUT, Wish, wished
from mutoscope.errors import Cancelled
from mutoscope.shot import Kind, Role, TrackRole

if TYPE_CHECKING:
    from mutoscope.sound.events import Event
    from mutoscope.sound.mix import Part
    from mutoscope.sound.span import Span

#: Of the progress bar, what is left for the sound.
_AFTER = 0.01
#: Seconds over which an extension's ambience comes in.
JOIN = 1.0
#: dB that bring ambience from under a film's own sound to 2 LU below it.
LIKE_OWN = 4.0


def heard(order: Order) -> bool:
    """Whether the order wishes for anything to be heard, or speaks of it."""
    return bool(order.shot.sound or order.direction.sound or order.tracks)


def files_usable(order: Order) -> None:
    """Raises BadInput for a file of the owner's that cannot be used, before a frame is made."""
    if not order.tracks:
        return
    from mutoscope.sound.owner import usable

    for role, path in _tracks(order):
        usable(path, role.value)


def with_sound(order: Order, footage: Footage, progress: Progress, cancel: Cancel) -> Footage:
    """The footage with its sound, and what became of every wish for one. Raises BadInput for a file of
    the owner's that cannot be used, CannotWrite, Cancelled."""
    shot = order.shot
    if not heard(order):
        return footage
    wish = wished(order, lands=bool(_landings(order, footage)))
    from mutoscope.sound.mux import coding_for, has_sound, silenced

    coding = coding_for(footage.path.suffix, shot.delivery.format)
    if not (wish.ambience or order.tracks):
        said = wish.said
        if wish.silent and coding is not None and has_sound(footage.path):
            silenced(footage.path)
            said = tuple(replace(one, how=TAKEN_OUT) if one.how == NONE else one for one in said)
        return replace(footage, instructions=(*footage.instructions, *said))
    if coding is None:
        why = f"a film in the format {shot.delivery.format} holds no sound"
        said = tuple(replace(one, outcome="not_possible", how=why) for one in wish.said)
        said += tuple(Instruction(role.value, "not_possible", why) for role, _ in _tracks(order))
        return replace(footage, instructions=(*footage.instructions, *said))
    spent = dict(footage.seconds_spent)
    with _timed(spent):
        said, note = _made(order, footage, wish, progress, cancel)
    return replace(
        footage,
        instructions=(*footage.instructions, *wish.said, *said),
        notes=(*footage.notes, note),
        seconds_spent=spent,
    )


def _made(
    order: Order, footage: Footage, wish: Wish, progress: Progress, cancel: Cancel
) -> tuple[tuple[Instruction, ...], str]:
    """The sound made and put into the film: what became of the owner's files, and a note on the whole."""
    from mutoscope.sound.level import levelled
    from mutoscope.sound.mix import weighed
    from mutoscope.sound.mux import add_sound, coding_for
    from mutoscope.sound.pcm import written
    from mutoscope.sound.span import RATE, Span

    fps = footage.fps or order.shot.fps
    samples = round(footage.frames / fps * RATE)
    span = Span(samples, _closes(order), order.shot.seed, blowing(order))
    done = 0.0

    def stopped() -> None:
        nonlocal done
        if cancel():
            raise Cancelled("the film was stopped")
        done = min(0.999, done + 0.5 * _AFTER / max(1.0, span.seconds))
        progress("sound", 1 - _AFTER + _AFTER * done)

    scratch = [order.folder / f".sound-{number}.f32" for number in range(5)]
    try:
        stopped()
        parts, said = _parts(order, footage, wish, span, scratch[2:], stopped)
        whole = weighed(parts, span, stopped)
        raw = written(whole, span.samples, scratch[0], loop=span.loop,
                      heard=lambda at, block: stopped())  # fmt: skip
        made = levelled(raw, scratch[1], stopped=stopped)
        coding = coding_for(footage.path.suffix, order.shot.delivery.format)
        add_sound(footage.path, made.sound, footage.path, coding=coding, stopped=stopped)
    finally:
        for path in scratch:
            path.unlink(missing_ok=True)
    return said, _note(wish, made.loudness, made.peak)


def _parts(
    order: Order,
    footage: Footage,
    wish: Wish,
    span: Span,
    scratch: list[Path],
    stopped: Callable[[], None],
) -> tuple[list[Part], tuple[Instruction, ...]]:
    from mutoscope.sound import fit
    from mutoscope.sound.events import Accents
    from mutoscope.sound.making import Sum, mixed
    from mutoscope.sound.mix import Part
    from mutoscope.sound.moments import events
    from mutoscope.sound.mux import has_sound
    from mutoscope.sound.owner import taken
    from mutoscope.sound.span import Source

    parts: list[Part] = []
    said: list[Instruction] = []
    own = None
    if has_sound(footage.path):
        own = taken(footage.path, scratch[0], "film", most=span.seconds, stopped=stopped)
        parts.append(Part(own, "own"))
    if wish.ambience:
        sounds: list[tuple[Source, float]] = [(mixed(wish.levels, span), 0.0)]
        found = events(order.direction, wish.accents, span.seconds)
        found += _landings(order, footage)
        if found:
            sounds.append((Accents(span, found), 0.0))
        ambience: Source = Sum(sounds)
        if not span.loop:
            ambience = fit.Faded(ambience, span.samples)
        level = 0.0
        if own is not None and order.shot.kind is Kind.EXTEND:
            # the source's sound ends at the join; there the ambience comes in, as loud
            join = span.seconds - order.shot.seconds
            parts[0] = Part(fit.Between(own, None, join + JOIN / 2, JOIN), "own")
            ambience, level = fit.Between(ambience, join - JOIN / 2, None, JOIN), LIKE_OWN
            said.append(Instruction("the added part", "done", "the ambience comes in at the join"))
        parts.append(Part(ambience, "ambience", level))
    for number, (role, path) in enumerate(_tracks(order)):
        pcm = taken(path, scratch[1 + number], role.value, stopped=stopped)
        level = next(one.level for one in order.shot.tracks if one.role is role)
        source, how = (fit.music if role is TrackRole.MUSIC else fit.voice)(pcm, span)
        parts.append(Part(source, "music" if role is TrackRole.MUSIC else "voice", level))
        said.append(_told(role, how, len(order.tracks) > 1))
    return parts, tuple(said)


def _told(role: TrackRole, how: str, both: bool) -> Instruction:
    if role is TrackRole.MUSIC:
        under = "; softer where the voice speaks" if both else ""
        return Instruction("music", "done", f"your file, {how}{under}")
    if how:
        return Instruction("voice", "approximated", f"your file; {how}")
    return Instruction("voice", "done", "your file, from the first frame on")


def blowing(order: Order) -> float:
    """The way of the wind that the picture has, too: 1 to the right, -1 to the left."""
    from mutoscope.engines.flipbook.nature.wind import wind_of

    motions = order.direction.motion
    said = [order.shot.prompt, *(words for one in motions for words in (one.cause, one.words))]
    ways = [one.direction for one in motions if one.kind in ("drift", "flutter")]
    return wind_of(said, ways, order.shot.seed).way


def _tracks(order: Order) -> Iterator[tuple[TrackRole, Path]]:
    for place, path in order.tracks.items():
        yield order.shot.tracks[place].role, path


def _landings(order: Order, footage: Footage) -> tuple[Event, ...]:
    """When something in the film comes down."""
    if not any(motion.kind == "bounce" for motion in order.direction.motion):
        return ()
    from mutoscope.engines.flipbook.landings import landings

    seconds = footage.frames / (footage.fps or order.shot.fps)
    return landings(order.direction, footage.instructions, seconds, loop=_closes(order))


def _closes(order: Order) -> bool:
    """Whether the film's end goes over into its beginning."""
    shot = order.shot
    if any(anchor.role is Role.SOURCE for anchor in shot.anchors) and shot.kind is not Kind.REMIX:
        return False
    return shot.loop or order.direction.loop


def _note(wish: Wish, loudness: float, peak: float) -> str:
    if loudness == float("-inf"):
        return "the sound is silence"
    return f"the sound has {loudness:.1f} LUFS, its true peak is {peak:.1f} dBTP"


@contextmanager
def _timed(spent: dict[str, float]) -> Iterator[None]:
    begin = perf_counter()
    yield
    spent["sound"] = round(perf_counter() - begin, 3)
