"""A model that is loaded: brought to its device, and filmed with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mutoscope.engines.diffusion.brief import Brief, Made
from mutoscope.engines.diffusion.family import Family, Reading, Wearing
from mutoscope.engines.diffusion.parts import READERS, identity
from mutoscope.engines.diffusion.worker import memory, speed, staging, words
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.engines.diffusion.worker.watching import Watching
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import EngineFailed


@dataclass
class Model:
    """`shared` are its parts that other models may have too, by their identity. `place` is where it is, None
    while it is nowhere but in main memory; `lora` what it wears."""

    key: str
    wanted: Wanted
    family: Family
    pipe: Any
    dtype: str
    shared: dict[str, str]
    place: Place | None = None
    lora: str = ""
    tiled: bool = False
    took: float = 0.0  # seconds to load
    notes: tuple[str, ...] = field(default=())

    @property
    def bytes(self) -> int:
        """Of its weights."""
        return memory.weight(staging.modules(self.pipe).values())

    @property
    def alone(self) -> bool:
        """Whether it stands by its layers, from which it cannot be brought back."""
        return self.place is not None and self.place.offload == "layers"

    def stand(self, place: Place, tiled: bool = False) -> None:
        """Bring it to its place. Raises what the device raises where memory runs out."""
        if place != self.place:
            self.place = None
            staging.staged(self.pipe, place)
            self.notes = speed.prepared(self.pipe, self.wanted, place)
            self.place = place
        self.tiled = staging.tiled(self.pipe, tiled) and tiled

    def leave(self, but: Collection[int] = ()) -> None:
        """Be in main memory alone, but for the parts whose `id` is named."""
        if self.place is not None and not self.alone:
            staging.unstaged(self.pipe, but)
            self.place = None

    @property
    def parts(self) -> frozenset[int]:
        """The `id` of each of its parts."""
        return frozenset(id(one) for one in staging.modules(self.pipe).values())

    def film(self, brief: Brief, wanted: Wanted, watch: Watching) -> Made:
        """What the model makes of the brief."""
        assert self.place is not None
        self.wear(brief.lora, wanted)
        checkpoint = wanted.checkpoint
        with speed.for_brief(self.pipe, brief) as said:
            read = self.words(brief, watch)
            with self._seen(watch):
                made = self.family.film(self.pipe, brief, checkpoint, watch, read)
        notes = (*made.notes, *said)
        return Made(made.frames, made.sound, made.rate, tuple(dict.fromkeys(notes)))

    def words(self, brief: Brief, watch: Watching) -> Mapping[str, Any] | None:
        """What the text encoder makes of the words, None where the family has no way to ask it alone. What
        was read before is not read again."""
        family, place = self.family, self.place
        if not isinstance(family, Reading):
            return None
        assert place is not None
        watch.stage("encode")
        readers = (f"{name}:{self.shared[name]}" for name in sorted(self.shared) if name.startswith(READERS))  # fmt: skip
        key = (*readers, self.wanted.checkpoint.family, self.dtype, brief.prompt, brief.negative)
        if words.known(key):
            return words.read(key, dict, place.device)
        with staging.reading(self.pipe, place):
            return words.read(
                key, lambda: family.encode(self.pipe, brief.prompt, brief.negative), place.device
            )

    def wear(self, lora: str, wanted: Wanted) -> None:
        """Lay that LoRA over the weights, "" for none; the model stays as it is otherwise. Raises
        EngineFailed where it is not here, or the family has no way to."""
        if lora == self.lora:
            return
        from mutoscope import models

        files = models.lora(wanted.model, lora) if lora else {}
        if files is None:
            how = f"get it with: mutoscope models pull {wanted.model} --lora {lora}"
            raise EngineFailed(f"the LoRA {lora} of {wanted.model} is not here; {how}")
        if not isinstance(self.family, Wearing):
            raise EngineFailed(f"{wanted.model} cannot wear a LoRA, and is asked for {lora}")
        place = self.place
        if place is not None and place.offload in ("words", "model"):
            self.leave()  # hooks and a change of layers do not go together
        self.lora = "?"  # until it is done
        self.family.wear(self.pipe, lora, files)
        self.lora = lora
        if place is not None:
            self.stand(place, self.tiled)

    @contextmanager
    def _seen(self, watch: Watching) -> Iterator[None]:
        """Tell the watch when the first step begins: no pipeline says so."""

        def began(*_: Any) -> None:
            watch.began()

        hooks = [
            one.register_forward_pre_hook(began)
            for one in staging.denoisers(self.pipe).values()
        ]  # fmt: skip
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


def shareable(folder: Any, dtype: str, names: list[str]) -> dict[str, str]:
    """Name → identity of the parts that models may share: what reads words and pictures, and what decodes. Not
    what denoises: each model's is its own, with its LoRA and all that makes it fast."""
    kinds = (*READERS, "vae")
    found = {name: identity(folder, name, dtype) for name in names if name.startswith(kinds)}
    return {name: one for name, one in found.items() if one}
