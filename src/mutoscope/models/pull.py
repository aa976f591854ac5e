"""Pull: a checkpoint and its LoRAs, each made whole and verified beside its place before it takes its name."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import msgspec

from mutoscope.errors import BadInput, Cancelled, CannotWrite, Missing, WeightsCorrupt
from mutoscope.models import (
    hashes,
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
from mutoscope.models.pieces import Piece
from mutoscope.models.plan import Share
from mutoscope.models.record import File, Record

AT_ONCE = 4  # files; one connection seldom fills a line


class Report:
    """What a pull tells while it is at work; this one tells nobody."""

    def said(self, line: str) -> None:
        """Something to know: it waits, it leaves something out."""

    def moved(self, length: int) -> None:
        """Bytes came; a negative number has to come again."""

    def done(self, name: str) -> None:
        """A file is whole and verified."""


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
        files = _files(share, work, report)
    except (Missing, WeightsCorrupt) as error:
        if isinstance(error, hub.Gone):
            plan.outdate(piece)
        raise type(error)(
            f"{piece.words} could not be pulled: {error.message}. What came is kept; "
            f"`mutoscope models pull {piece.verb}` goes on with it"
        ) from None
    if not piece.lora and (lacks := layout.lacks(work)):
        shutil.rmtree(places.work(piece.key))
        raise Missing(
            f"{piece.repository} is not whole at {share.plan.commit[:12]}: its folder {lacks}"
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


def _files(share: Share, work: Path, report: Report) -> dict[str, File]:
    """Every file of the plan in `work`, verified; with its SHA-256."""
    stop = threading.Event()
    largest_first = sorted(share.plan.files.items(), key=lambda one: -one[1].size)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = [
            pool.submit(_file, share, name, file, work / name, report, stop)
            for name, file in largest_first
        ]
        try:
            done, _ = wait(ended, return_when=FIRST_EXCEPTION)
            for one in done:
                one.result()  # raises what went wrong, while the others are still at work
            return dict(one.result() for one in ended)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _file(
    share: Share, name: str, file: File, place: Path, report: Report, stop: threading.Event
) -> tuple[str, File]:
    place.parent.mkdir(parents=True, exist_ok=True)
    if name in share.links and (sha256 := _linked(share.links[name], place, file)):
        pass
    elif name not in share.gets and name not in share.links:
        sha256 = file.sha256 or hashes.sha256(place)  # verified before it got its name
    else:
        sha256 = _downloaded(share, name, file, place, report, stop)
    report.done(name)
    return name, File(size=file.size, sha256=sha256, git=file.git)


def _linked(source: Path, place: Path, file: File) -> str:
    """The file's SHA-256 once it is there without a copy; "" where the source is not what it should be.
    A link that keeps the content when its other name goes is better than one that only points there."""
    if not (sha256 := hashes.checked(source, file)):
        return ""
    place.unlink(missing_ok=True)
    try:
        os.link(source, place)
    except OSError:
        if source.is_relative_to(places.folder()):
            return ""  # what is ours may be removed
        place.symlink_to(source)
    return sha256


def _downloaded(
    share: Share, name: str, file: File, place: Path, report: Report, stop: threading.Event
) -> str:
    part, plan_ = plan.part(place), share.plan
    part.touch()
    for _ in range(2):  # a start that was damaged on the disk comes again
        hub.download(plan_.repository, plan_.commit, name, part, file.size, report.moved, stop)
        if sha256 := hashes.checked(part, file):
            with part.open("rb") as whole:
                os.fsync(whole.fileno())
            os.replace(part, place)
            return sha256
        part.unlink()
        report.moved(-file.size)
        part.touch()
    part.unlink()
    raise WeightsCorrupt(f"{name} came damaged twice: its hash is not the one that the hub lists")


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
