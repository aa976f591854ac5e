"""What becomes of everything that was asked of a model, wish by wish: done, left to it in words, or not
possible. Nothing that a model can only be told is called done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mutoscope.catalog.checkpoint import Checkpoint, Licence
from mutoscope.catalog.rules import listed
from mutoscope.direction.model import Direction, Edit
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.diffusion.shot.sizes import Canvas, tier_of
from mutoscope.engines.diffusion.shot.times import Timing
from mutoscope.engines.diffusion.shot.words import setting, tokens, told
from mutoscope.engines.flipbook.honesty import named
from mutoscope.engines.flipbook.pairs import learned
from mutoscope.shot import Fit, Kind, Quality

LEFT = "left to the model, in words"
#: Characters of a prompt that is quoted in a report.
SHORT = 80
#: Beyond that share a tempo that had to give way is told.
TEMPO = 0.002


def words(
    order: Order,
    checkpoint: Checkpoint,
    engine: str,
    prompts: Sequence[str],
    read: Iterable[Instruction] = (),
) -> Iterator[Instruction]:
    """The prompt as a whole, and its length beside what the model reads. `prompts`: what the model is given;
    empty where the house does all that was asked in words. `read`: what is said of its wishes; a prompt that
    is one wish is not said twice."""
    once = _bare(order.shot.prompt) not in (_bare(one.words) for one in read)
    if order.shot.prompt and once and any(prompts):
        yield Instruction(
            short(order.shot.prompt), "approximated",
            f"given to {engine} as words, which it follows as it can",
        )  # fmt: skip
    most = setting(checkpoint.family, "tokens")
    longest = max(map(tokens, prompts), default=0)
    if longest > most:
        how = f"about {longest} tokens, of which the model reads the first {most}"
        yield Instruction("the prompt's length", "approximated", how)


def _bare(words: str) -> str:
    return words.strip(" .!。").lower()


def direction(read: Direction, family: str, *, camera: bool = True) -> Iterator[Instruction]:
    """What the model is told of the direction. `camera`: its moves, too."""
    foreign = bool(read.languages) and read.languages[0] != "en"
    made = told(read, family)
    for move, sentence in made.moves if camera else ():
        how = f'{LEFT}{", added in English" if foreign else ""}: "{sentence}"'
        yield Instruction(move.words or move.move.replace("_", " "), "approximated", how)
    for motion in read.motion:
        yield Instruction(named(motion), "approximated", LEFT)
    for kept in read.keep:
        yield Instruction(f"keep {kept}", "approximated", LEFT)
    if read.lens.focal_mm is not None:
        yield Instruction(f"{read.lens.focal_mm:g} mm lens", "approximated", LEFT)
    if read.lens.focus:
        yield Instruction(f"{read.lens.focus} focus", "approximated", LEFT)
    if read.style:
        yield Instruction(read.style.replace("_", " "), "approximated", LEFT)
    for words in read.unread:
        yield Instruction(words, "approximated", LEFT)
    for refused in read.refused:
        yield Instruction(f"no {refused.replace('_', ' ')}", "approximated", LEFT)


def edits(read: Direction) -> Iterator[Instruction]:
    """Edits of a film that is made anew: its colours are graded; its speed and shape are the shot's."""
    from mutoscope.engines.flipbook.footage.told import shaded

    yield from shaded(read.edits)
    for edit in read.edits:
        if edit.edit in ("faster", "slower", "reverse", "stabilise"):
            how = "there is no film yet whose motion could be changed; edit the finished one"
            yield Instruction(_words(edit), "not_possible", how)
        elif edit.edit == "reframe":
            how = "the film has the size that was asked for beside the words"
            yield Instruction(_words(edit), "not_possible", how)


def _words(edit: Edit) -> str:
    return edit.words or edit.edit.replace("_", " ")


def shaped(
    order: Order,
    canvas: Canvas,
    timing: Timing,
    made_fps: float,
    fps: float,
    *,
    dissolves: bool = False,
) -> Iterator[Instruction]:
    """How size, length and rate came about."""
    if how := canvas.says():
        yield Instruction(f"size {canvas.target}", "done", how)
    count = len(timing.parts)
    if count > 1:
        each = " and ".join(str(part.frames) for part in timing.parts)
        way = "running over into the next" if dissolves else "going on from the one before"
        how = f"filmed in {count} parts ({each} frames), each {way}"
        yield Instruction(_length(order), "done", how)
    if abs(made_fps - fps) > 1e-3:
        how = f"the model makes {made_fps:g} a second"
        if not timing.own:
            how += ", those between are computed from the motion"
            how += "" if learned.here() else f"; {learned.LESS}"
        else:
            how += f", of which {fps:g} are shown"
        yield Instruction(f"{fps:g} frames a second", "done", how)
    if abs(timing.tempo) > TEMPO:
        how = (
            f"up to {abs(timing.tempo):.1%} {'faster' if timing.tempo > 0 else 'slower'} than the model "
            "made it, so that each picture is the very frame that was asked for"
        )
        yield Instruction("tempo", "approximated", how)


def _length(order: Order) -> str:
    if order.shot.kind in (Kind.EDIT, Kind.REFRAME, Kind.REMIX):
        return "the film's length"
    return seconds(order)


def seconds(order: Order) -> str:
    """The length that was asked for: "1 second", "2.5 seconds"."""
    count = order.shot.seconds
    return f"{count:g} second{'s' * (count != 1)}"


def rest(
    order: Order, checkpoint: Checkpoint, *, guided: bool, unused: bool = False
) -> Iterator[Instruction]:
    """Seed, negative prompt, quality, and a fit that has nothing to fit. `unused`: the model makes nothing."""
    shot = order.shot
    if shot.seed:
        how = "the same seed gives the same film on the same machine"
        yield Instruction(f"seed {shot.seed}", "done", how)
    if shot.negative_prompt:
        words = f"not: {short(shot.negative_prompt)}"
        if unused:
            yield Instruction(words, "not_possible", "the model makes nothing of this film")
        elif guided:
            yield Instruction(words, "approximated", "given to the model as its negative prompt")
        else:
            how = "this model is run without guidance at this quality, and then reads none"
            yield Instruction(words, "not_possible", how)
    if shot.quality is not Quality.STANDARD:
        steps = f"{tier_of(checkpoint, shot.quality).steps} steps"
        how = "of what the house does; the model makes nothing" if unused else steps
        yield Instruction(f"quality {shot.quality}", "done", how)
    if shot.fit is not Fit.AUTO and not order.stills and not order.clips:
        yield Instruction(f"fit {shot.fit}", "not_possible", "there is no picture to fit")
    if shot.pad_colour and not order.stills and not order.clips:
        how = "there is no picture to pad"
        yield Instruction(f"pad colour {shot.pad_colour}", "not_possible", how)


def licences(given: Iterable[Licence]) -> Iterator[str]:
    """What whoever has the film must know of the weights' licences."""
    for one in given:
        if one.consent or one.conditions or one.regions_excluded:
            page = f" ({one.page})" if one.page else ""
            where = listed(list(one.regions_excluded), "and")
            regions = f" and is not granted in {where}" if where else ""
            yield f"the weights are under the {one.name}{page}, which has conditions{regions}"
        if one.mark:
            yield f"the licence of the weights wants the mark “{one.mark}” to be seen"


def short(words: str) -> str:
    """The words, cut to what a report quotes."""
    return words if len(words) <= SHORT else f"{words[: SHORT - 3]}..."
