"""What all ways of a shot share: words, cast, references, steps, and the brief that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mutoscope.catalog.checkpoint import Checkpoint, Licence, Tier
from mutoscope.direction.model import Edit
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.diffusion.brief import Brief, Made, Rgb
from mutoscope.engines.diffusion.shot import saying
from mutoscope.engines.diffusion.shot.casting import casted, plain
from mutoscope.engines.diffusion.shot.laying import on_white, reference
from mutoscope.engines.diffusion.shot.pictures import Pictures, films
from mutoscope.engines.diffusion.shot.project import Finish, Project
from mutoscope.engines.diffusion.shot.sizes import Canvas, notes, tier_of
from mutoscope.engines.diffusion.shot.sound import wanted
from mutoscope.engines.diffusion.shot.times import Timing
from mutoscope.engines.diffusion.shot.words import prompts
from mutoscope.shot import Kind


@dataclass(frozen=True, slots=True)
class Script:
    """See the module. `raw` is the prompt with characters by name; `camera`: the moves are the model's."""

    order: Order
    checkpoint: Checkpoint
    engine: str
    raw: str
    references: tuple[Rgb, ...]
    cast_said: tuple[Instruction, ...]
    sound: bool
    leave: tuple[Edit, ...] = ()
    camera: bool = True
    tier: Tier = field(kw_only=True)

    def prompts(self, windows: Sequence[tuple[float, float]]) -> tuple[str, ...]:
        """A prompt for each part."""
        return prompts(
            self.order.direction, self.raw, self.checkpoint.family, windows,
            sound=self.sound, leave=self.leave, camera=self.camera,
        )  # fmt: skip

    @property
    def guided(self) -> bool:
        """Whether the model reads a negative prompt at all."""
        low = self.tier.guidance_low
        return self.tier.guidance > 1 or (low is not None and low > 1)

    def brief(
        self, place: int, prompt: str, canvas: Canvas, timing: Timing, fps: float, **given: Any
    ) -> Brief:
        """The brief of the part at `place`."""
        shot, tier = self.order.shot, self.tier
        return Brief(
            prompt=prompt,
            negative=shot.negative_prompt or self.checkpoint.negative,
            size=canvas.size,
            frames=timing.parts[place].frames,
            fps=fps,
            seed=shot.seed + place,
            steps=tier.steps,
            guidance=tier.guidance,
            guidance_low=tier.guidance_low,
            shift=tier.shift,
            references=self.references,
            sound=self.sound,
            lora=tier.lora,
            cache=tier.cache,
            **given,
        )

    def said(self, prompts: Sequence[str]) -> Iterator[Instruction]:
        """What becomes of the words, the cast, and all that is no picture and no time."""
        order, checkpoint = self.order, self.checkpoint
        read = tuple(saying.direction(order.direction, checkpoint.family, camera=self.camera))
        yield from saying.words(order, checkpoint, self.engine, prompts, read)
        yield from read
        yield from self.cast_said
        yield from films(order)
        yield from saying.rest(order, checkpoint, guided=self.guided)

    def project(
        self, timing: Timing, canvas: Canvas, frames: int, fps: float, model_fps: float,
        said: tuple[Instruction, ...], finish: Finish, brief: Any,
    ) -> Project:  # fmt: skip
        """The project of the briefs."""
        remarks = [*notes(canvas, self.checkpoint, self.order.shot.quality)]
        licences = weights(self.checkpoint, self.tier)
        remarks += dict.fromkeys(saying.licences(licences))
        mark = " · ".join(dict.fromkeys(one.mark for one in licences if one.mark))
        return Project(
            len(timing.parts), brief, canvas.target, frames, fps, model_fps, said,
            tuple(remarks), replace(finish, mark=mark),
        )  # fmt: skip


def script(
    order: Order,
    checkpoint: Checkpoint,
    engine: str,
    pictures: Pictures,
    *,
    leave: tuple[Edit, ...] = (),
    camera: bool = True,
) -> Script:
    """The script of an order whose pictures have their parts. Raises BadImage."""
    cast = casted(order, checkpoint, len(pictures.references))
    anchors = order.shot.anchors
    given = [reference(order.stills[one], anchors[one].crop) for one in pictures.references]
    given += [on_white(path) for path, _ in cast.references]
    return Script(
        order, checkpoint, engine, still_asked(order, cast.prompt), tuple(given), tuple(cast.said),
        checkpoint.sound and wanted(order), leave, camera,
        tier=tier_of(checkpoint, order.shot.quality),
    )  # fmt: skip


def weights(checkpoint: Checkpoint, tier: Tier) -> tuple[Licence, ...]:
    """The licences of all that a quality is made with: the checkpoint's, and that of its LoRA."""
    laid = (checkpoint.loras[tier.lora].licence,) if tier.lora in checkpoint.loras else ()
    return tuple(dict.fromkeys((checkpoint.licence, *laid)))


def still_asked(order: Order, raw: str) -> str:
    """The words of a remix, and the motion of the film before it, which they do not speak of."""
    if order.shot.kind is not Kind.REMIX:
        return raw
    before = [one.words for one in order.direction.motion if one.words]
    left = [plain(order, one) for one in before if one.lower() not in order.shot.prompt.lower()]
    return ", ".join(filter(None, (raw.strip().rstrip(".,;"), *left)))


def nothing(place: int, before: Made | None) -> Brief:
    """The brief of a project for which the model has nothing to do: never asked for."""
    raise AssertionError(f"a project without parts has no part {place}")
