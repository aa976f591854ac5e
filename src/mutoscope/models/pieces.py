"""Pieces: what is pulled, kept and licensed as one — a model's checkpoint, or one of its LoRAs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint, Licence
from mutoscope.catalog.model import Contract
from mutoscope.catalog.rules import listed
from mutoscope.errors import BadInput, BadShot


@dataclass(frozen=True)
class Piece:
    """`lora` is "" for the checkpoint itself. `files` are the patterns of what is needed, none for
    whatever its `model_index.json` names; `parts` are a LoRA's files by the component that each is for.
    `bytes`: to download, 0 where that is not known."""

    model: str
    title: str
    repository: str
    revision: str
    bytes: int
    licence: Licence
    family: str = ""
    lora: str = ""
    files: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is called on disk and among the accepted licences."""
        return f"{self.model}+{self.lora}" if self.lora else self.model

    @property
    def words(self) -> str:
        """What sentences call it."""
        return f"the LoRA {self.lora!r} of {self.model}" if self.lora else self.model

    @property
    def verb(self) -> str:
        """The arguments that mean it on the command line."""
        return f"{self.model} --lora {self.lora}" if self.lora else self.model


def models() -> tuple[Contract, ...]:
    """The catalogue's models that have a checkpoint."""
    return tuple(one for one in load.contracts("diffusion") if one.checkpoint is not None)


def model(name: str) -> Contract:
    """The model of that name, or of one of its other names. Raises BadShot."""
    known = models()
    for one in known:
        if name in one.names:
            return one
    import difflib

    near = difflib.get_close_matches(name, [one.model for one in known], n=1)
    hint = f"did you mean {near[0]}?" if near else "`mutoscope models list` has them all"
    raise BadShot.of("model", name, f"one of {', '.join(one.model for one in known)}", hint)


def checkpoint(name: str) -> Piece:
    """The weights that the model films with: its own, or those of the model that it shares them with.
    Raises BadShot."""
    one = model(name)
    kept = _checkpoint(one)
    if kept.weights:
        return checkpoint(kept.weights)
    return Piece(
        model=one.model,
        title=one.title,
        repository=kept.repository,
        revision=kept.revision,
        bytes=kept.bytes,
        licence=kept.licence,
        family=kept.family,
        files=kept.files,
    )


def lora(name: str, called: str) -> Piece:
    """One of the model's LoRAs. Raises BadShot for the model, BadInput for the LoRA."""
    found = loras(name)
    if called not in found:
        one = model(name).model
        has = f"it has {listed(list(found), 'and')}" if found else "it has none"
        raise BadInput(f"{one} has no LoRA {called!r}; {has}", field="lora")
    return found[called]


def loras(name: str) -> dict[str, Piece]:
    """All of the model's LoRAs by name. Raises BadShot."""
    one = model(name)
    return {
        called: Piece(
            model=one.model,
            title=f"{one.title}, {called}",
            repository=laid.repository,
            revision=laid.revision,
            bytes=laid.bytes,
            licence=laid.licence,
            lora=called,
            files=tuple(dict.fromkeys(laid.files.values())),
            parts=laid.files,
        )
        for called, laid in _checkpoint(one).loras.items()
    }


def sharing(kept: Iterable[Piece]) -> tuple[str, ...]:
    """The models that film with the weights of these, though they are kept as another's."""
    owners = {piece.model for piece in kept if not piece.lora}
    return tuple(one.model for one in models() if _checkpoint(one).weights in owners)


def used(name: str) -> tuple[str, ...]:
    """The LoRAs that one of the model's qualities is made with: those that a pull gets unasked."""
    kept = _checkpoint(model(name))
    return tuple(dict.fromkeys(tier.lora for tier in kept.tiers.values() if tier.lora))


def _checkpoint(one: Contract) -> Checkpoint:
    assert one.checkpoint is not None
    return one.checkpoint
