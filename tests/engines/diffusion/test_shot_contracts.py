"""What a model's contract lets a caller ask for is what its checkpoint can be given, and nothing else; and
every brief that is written for it is one that it can film."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from engines.diffusion.shot_stage import SIZE, clip, media, order, picture
from mutoscope.catalog import load
from mutoscope.catalog.check import check
from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.catalog.model import Contract
from mutoscope.engines.base import CastMember, Order
from mutoscope.engines.diffusion.brief import Made
from mutoscope.engines.diffusion.families import legal
from mutoscope.engines.diffusion.shot.writing import written
from mutoscope.errors import ContractRefused
from mutoscope.shot import Kind, Quality, Region, Role, Size

CONTRACTS = [one for one in load.contracts("diffusion") if one.checkpoint is not None]
EVERY: frozenset[Condition] = frozenset(
    {"first", "last", "frame", "lead", "references", "video", "mask"}
)


def model(contract: Contract) -> Checkpoint:
    assert contract.checkpoint is not None
    return contract.checkpoint


def has(contract: Contract, *conditions: Condition) -> bool:
    return bool(model(contract).conditions & set(conditions))


def ids(contract: Contract) -> str:
    return contract.model


every_model = pytest.mark.parametrize("contract", CONTRACTS, ids=ids)


@every_model
def test_roles_are_the_conditions(contract: Contract) -> None:
    roles, checkpoint = contract.roles, model(contract)
    assert (Role.FIRST_FRAME in roles) == has(contract, "first", "frame")
    assert (Role.LAST_FRAME in roles) == has(contract, "last", "frame")
    assert (Role.FRAME in roles) == has(contract, "frame")
    assert (Role.SOURCE in roles) == (contract.kinds != (Kind.CREATE,))
    if has(contract, "references"):
        assert 1 <= roles[Role.REFERENCE] <= checkpoint.references
    elif Role.REFERENCE in roles:  # it is what the film begins with
        assert roles[Role.REFERENCE] == 1
        assert has(contract, "first", "frame")


@every_model
def test_kinds_are_the_conditions(contract: Contract) -> None:
    kinds = contract.kinds
    assert (Kind.EDIT in kinds) == (Kind.REMIX in kinds) == has(contract, "video")
    assert (Kind.REFRAME in kinds) == has(contract, "mask")
    if Kind.EXTEND in kinds:
        assert has(contract, "first", "frame", "lead")


@every_model
def test_features_are_what_the_checkpoint_has(contract: Contract) -> None:
    features, checkpoint = contract.features, model(contract)
    # the house's own, whatever the model
    assert {"seed", "sound", "tracks", "direction", "cast"} <= features
    assert ("regions" in features) == has(contract, "mask")
    assert ("strength" in features) == (checkpoint.strength or has(contract, "video"))
    assert ("crop" in features) == has(contract, "first", "frame", "references")
    guided = any(max(one.guidance, one.guidance_low or 0) > 1 for one in checkpoint.tiers.values())
    assert ("negative_prompt" in features) == guided
    alone = contract.images is None or contract.images.allows(1)
    if "loop" in features or alone:  # one that needs both pictures cannot be given one alone
        assert ("loop" in features) == has(contract, "last", "frame")
    if "cast_alone" in features:
        assert checkpoint.words_alone


@every_model
def test_words_alone_are_taken_where_they_can_be_filmed(contract: Contract) -> None:
    if Kind.CREATE not in contract.kinds:
        return
    assert contract.images is not None
    assert contract.images.allows(0) == model(contract).words_alone


@every_model
def test_no_length_is_promised_that_cannot_be_made(contract: Contract) -> None:
    checkpoint = model(contract)
    once = (checkpoint.frames.high - 1) / checkpoint.fps
    longest = max(once, checkpoint.longest)
    assert contract.seconds.nearest(1e6) <= longest + 1 / checkpoint.fps
    assert contract.seconds.allows(contract.default_seconds)
    if checkpoint.longest > once:
        assert has(contract, "first", "frame", "lead")


def small(checkpoint: Checkpoint) -> Checkpoint:
    """The same on canvases that are made in a blink."""
    sides = msgspec.structs.replace(checkpoint.sides, low=min(checkpoint.sides.low, 64))
    tiers = {name: msgspec.structs.replace(one, area=0) for name, one in checkpoint.tiers.items()}
    return msgspec.structs.replace(
        checkpoint, sides=sides, area=SIZE.width * SIZE.height * 2, shapes=(), tiers=tiers
    )


def asked(contract: Contract, folder: Path) -> list[Order]:
    """An order for everything that the contract takes."""
    one, other, film = picture(folder, 1), picture(folder, 2), clip(folder, range(12), fps=24)
    white = folder / "mask.png"
    Image.fromarray(np.full((SIZE.height, SIZE.width), 255, np.uint8)).save(white)
    mark = {"regions": (Region("wall", media(white)),), "masks": {0: white}}
    roles = contract.roles
    found = []

    def wish(files: dict, **fields: object) -> None:  # type: ignore[type-arg]
        seconds = contract.seconds.nearest(1.0)
        values = {"prompt": "a cat walks", "seconds": seconds, "fps": 24.0, "model": contract.model}
        given = order(folder, files, **(values | fields))  # type: ignore[arg-type]
        try:
            check(given.shot, contract)
        except ContractRefused:
            return
        found.append(given)

    both = {one: Role.FIRST_FRAME, other: Role.LAST_FRAME}
    for quality in Quality:
        for files in ({}, {one: Role.REFERENCE}, {one: Role.FIRST_FRAME}, both):
            wish(files, quality=quality)
    if has(contract, "frame"):  # others need a picture to begin with, too
        wish({other: Role.LAST_FRAME})
    wish({one: (Role.FRAME, {"frame": 9})})
    wish({one: Role.FIRST_FRAME}, loop=True)
    wish({one: (Role.FIRST_FRAME, {"strength": 0.5})})
    wish({one: Role.FIRST_FRAME}, **mark)
    wish({one: Role.FIRST_FRAME}, sound=True)
    wish({one: Role.FIRST_FRAME}, fps=30.0, size=Size(96, 96))
    wish({film: Role.SOURCE}, kind=Kind.EXTEND)
    wish({film: Role.SOURCE, one: Role.LAST_FRAME}, kind=Kind.EXTEND)
    for kind in (Kind.EDIT, Kind.REMIX):
        wish({film: Role.SOURCE}, kind=kind)
        wish({film: (Role.SOURCE, {"strength": 0.3})}, kind=kind)
    wish({film: Role.SOURCE, one: Role.FIRST_FRAME}, kind=Kind.EDIT)
    wish({film: Role.SOURCE}, kind=Kind.EDIT, **mark)
    wish({film: Role.SOURCE}, kind=Kind.REFRAME, size=Size(64, 96))
    cast = {"Fox": CastMember("Fox", description="red", pictures=(one,))}
    if "cast_alone" in contract.features:
        wish({}, cast=cast, prompt="@Fox runs")
    if Role.FIRST_FRAME in roles:
        wish({one: Role.FIRST_FRAME}, cast=cast, prompt="@Fox runs")
    return found


@every_model
def test_every_brief_that_is_written_is_one_that_the_model_films(
    contract: Contract, tmp_path: Path
) -> None:
    checkpoint = small(model(contract))
    orders = asked(contract, tmp_path)
    assert len(orders) >= 3
    for given in orders:
        project = written(given, checkpoint, contract.model)
        before: Made | None = None
        for place in range(project.parts):
            brief = project.brief(place, before)
            legal.check(brief, checkpoint, EVERY, shift=True)
            held = [one.frame for one in brief.keyframes]
            lead = 0 if brief.lead is None else len(brief.lead)
            assert len(set(held)) == len(held)
            assert all(at >= lead for at in held)
            assert lead < brief.frames
            assert brief.mask is None or len(brief.mask) == brief.frames
            frames = np.zeros((brief.frames, brief.size.height, brief.size.width, 3), np.uint8)
            before = Made(frames)
