"""What a film is like where its caller does not say: its length, rate and size, by the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.inputs import size_for
from mutoscope.shot import Role, Size

if TYPE_CHECKING:
    from mutoscope.catalog.model import Contract

SECONDS, FPS, SIZE = 4.0, 24.0, "1280x720"
EVEN = 2  # what a size's sides are multiples of
LARGER = 1.1  # how many times as many pixels as the model makes a film has without being asked
LIKE = 0.04  # by how much a shape may differ from the one that is meant


@dataclass(frozen=True, slots=True)
class Usual:
    """See the module. `area`: pixels of a frame that the engine's model makes, 0 where it makes any;
    `shapes`: the sizes that it makes best. `begins`: a photo that is given alone is the first frame; one
    that takes references besides would else take it for one of these."""

    seconds: float = SECONDS
    fps: float = FPS
    shape: str = SIZE
    area: int = 0
    shapes: tuple[str, ...] = ()
    begins: bool = False

    @classmethod
    def of(cls, engine: str) -> Usual:
        """An engine's, by its contract; flipbook's where nobody says."""
        if engine == "flipbook":
            return cls()
        from mutoscope.engines.here import limits

        contract = limits(engine)
        return cls() if contract is None else cls.by(contract)

    @classmethod
    def by(cls, contract: Contract) -> Usual:
        """What a contract says is usual."""
        shape = contract.default_size or SIZE
        if (model := contract.checkpoint) is None:
            return cls(contract.default_seconds, FPS, shape)
        begins = Role.FIRST_FRAME in contract.roles
        return cls(contract.default_seconds, model.fps, shape, model.area, model.shapes, begins)

    def size(self, asked: str | Size | None, photo: Path | None, short: int | None = None) -> Size:
        """The size that was asked for, else one in the shape of the photo, or the engine's own. `short`: most
        pixels of the short side where none was asked for. Raises BadShot, BadImage."""
        if asked is not None or photo is not None:
            found = size_for(asked, photo or Path(), short)
        else:
            from mutoscope.catalog.sizes import parse_size

            found = _shorter(parse_size(self.shape), short)
        larger = found.width * found.height / self.area if asked is None and self.area else 1.0
        return found if larger <= LARGER else self._made(found, larger)

    def _made(self, size: Size, larger: float) -> Size:
        """What the model makes in about this shape."""
        from mutoscope.catalog.sizes import parse_size

        ratio = size.width / size.height
        for one in map(parse_size, self.shapes):
            if abs(one.width / one.height / ratio - 1) < LIKE:
                return one
        return _scaled(size, larger**-0.5)


def _shorter(size: Size, short: int | None) -> Size:
    least = min(size.width, size.height)
    return size if short is None or short >= least else _scaled(size, short / least)


def _scaled(size: Size, by: float) -> Size:
    return Size(*(EVEN * round(side * by / EVEN) for side in (size.width, size.height)))
