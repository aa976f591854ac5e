"""Pull: a checkpoint and its LoRAs, each made whole and verified beside its place before it takes its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack

import msgspec

from mutoscope.errors import BadInput, Cancelled, CannotWrite, Missing, WeightsCorrupt
from mutoscope.models import (
    hub,
    layout,
    licences,
    locking,
    pieces,
    places,
    plan,
    record,
    removal,
    state,
)
from mutoscope.models.carrying import Report, carried
from mutoscope.models.pieces import Piece
from mutoscope.models.plan import Share
from mutoscope.models.record import File, Record


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """`downloaded` and `linked` in bytes; both are 0 where it was here already."""

    name: str
    path: str
    repository: str
    commit: str
    size: int
    downloaded: int = 0
    linked: int = 0
    already: bool = False


def pull(
    name: str,
    *,
    loras: tuple[str, ...] | None = None,
    revision: str = "",
    agree: Callable[[list[Share]], bool] = lambda shares: True,
    report: Report | None = None,
) -> list[Pulled]:
    """Have the model's checkpoint here, and of its LoRAs those named; without any named, those that its
    qualities use. `agree` hears what will be downloaded, once it is clear that it fits.

    `BadInput` where a licence was not accepted, `Missing` with the reason where the hub does not give it,
    `CannotWrite` where it does not fit or the folder cannot be written, `WeightsCorrupt` where the hub
    sends something else than it lists, `Cancelled` where `agree` says no.
    """
    report = report or Report()
    wanted = _wanted(name, loras, report)
    try:
        with ExitStack() as held:
            for piece in wanted:
                held.enter_context(locking.locked(piece, report.said))
                held.callback(_tidy, piece)
            # another process may have pulled it while this one waited
            here = {piece.key: _here(piece, _revision(piece, revision)) for piece in wanted}
            shares = {
                piece.key: plan.share(piece, _revision(piece, revision))
                for piece in wanted
                if here[piece.key] is None
            }
            plan.check_room(list(shares.values()))
            if shares and not agree(list(shares.values())):
                raise Cancelled("nothing was pulled")
            for key, one in shares.items():
                here[key] = _carried_out(one, report)
            return [one for one in here.values() if one is not None]
    except OSError as error:
        raise CannotWrite(
            f"{error.filename or places.folder()} cannot be written: {error.strerror or error}; "
            "MUTOSCOPE_MODELS names another folder"
        ) from None


def _wanted(name: str, loras: tuple[str, ...] | None, report: Report) -> list[Piece]:
    wanted = [pieces.checkpoint(name)]
    _check_consent(wanted[0])
    for called in pieces.used(name) if loras is None else loras:
        one = pieces.lora(name, called)
        if loras is None and (said := licences.lacking(one)):
            report.said(f"left out: {said}")
        else:
            _check_consent(one)
            wanted.append(one)
    return wanted


def _check_consent(piece: Piece) -> None:
    if said := licences.lacking(piece):
        raise BadInput(said, field="licence")


def _revision(piece: Piece, asked: str) -> str:
    return piece.revision if piece.lora or not asked else asked


def _here(piece: Piece, revision: str) -> Pulled | None:
    known = record.read(places.record(piece.key))
    if known is None:
        return None
    if said := state.flaw(piece, known):
        if known.folder:
            raise BadInput(
                f"{said}; `mutoscope models remove {piece.model}` forgets it, so that the model can be pulled",
                field="name",
            )
        return None
    if not known.folder and revision not in (known.revision, known.commit):
        return None
    place = state.home(piece, known)
    return Pulled(
        name=piece.key,
        path=str(place),
        repository=known.repository,
        commit=known.commit,
        size=state.length(place),
        already=True,
    )


def _tidy(piece: Piece) -> None:
    """A pull that ended before anything came leaves nothing."""
    if not state.length(places.arriving(piece.key)):
        shutil.rmtree(places.work(piece.key), ignore_errors=True)


def _carried_out(share: Share, report: Report) -> Pulled:
    piece, work = share.piece, places.arriving(share.piece.key)
    coming, linked = share.coming, share.linked
    try:
        files = carried(share, work, report)
    except (Missing, WeightsCorrupt) as error:
        if isinstance(error, hub.Gone):
            plan.outdate(piece)
        raise type(error)(
            f"{piece.words} could not be pulled: {error.message}. What came is kept; "
            f"`mutoscope models pull {piece.verb}` goes on with it"
        ) from None
    if not piece.lora and (lacks := layout.lacks(work)):
        raise Missing(
            f"{piece.repository} was pulled, but its folder {lacks}; it is left in {work}"
        )
    _named(share, files)
    return Pulled(
        name=piece.key,
        path=str(places.place(piece.key)),
        repository=piece.repository,
        commit=share.plan.commit,
        size=share.size,
        downloaded=coming,
        linked=linked,
    )


def _named(share: Share, files: dict[str, File]) -> None:
    """The work takes its name. Whenever this is cut off, what is not whole is not found, and the next pull
    has nothing to download."""
    key = share.piece.key
    removal.set_aside(key)
    record.write(
        places.record(key),
        Record(
            repository=share.plan.repository,
            revision=share.plan.revision,
            commit=share.plan.commit,
            when=record.now(),
            files=files,
        ),
    )
    os.rename(places.arriving(key), places.place(key))
    shutil.rmtree(places.work(key))
    removal.clear(key)
