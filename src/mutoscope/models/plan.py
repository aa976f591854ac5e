"""What a pull will do: which files, of which commit, and where each comes from."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mutoscope.errors import CannotWrite, Missing
from mutoscope.models import choice, hf_cache, hub, layout, places, record, state
from mutoscope.models.amounts import amount
from mutoscope.models.layout import INDEX
from mutoscope.models.listing import Listing
from mutoscope.models.pieces import Piece
from mutoscope.models.record import File


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Kept beside what has come, so that a pull that was cut off goes on with the same commit."""

    repository: str
    revision: str
    patterns: tuple[str, ...]
    commit: str
    files: dict[str, File]


@dataclass
class Share:
    """A plan beside what is here of it. `links` are files that are here already, in another checkpoint or
    in the hub client's cache; `gets` are those to download, and the bytes that are still to come."""

    piece: Piece
    plan: Plan
    links: dict[str, Path] = field(default_factory=dict)
    gets: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all of its files."""
        return sum(file.size for file in self.plan.files.values())

    @property
    def coming(self) -> int:
        """Bytes to download."""
        return sum(self.gets.values())

    @property
    def linked(self) -> int:
        """Bytes that are here already."""
        return sum(self.plan.files[name].size for name in self.links)


def share(piece: Piece, revision: str) -> Share:
    """The plan, made or gone on with. Raises Missing, OSError; the piece must be locked."""
    made = Share(piece, _kept(piece, revision) or _made(piece, revision))
    elsewhere = _contents()
    for name, file in made.plan.files.items():
        place = places.arriving(piece.key) / name
        if _size(place) == file.size:
            continue
        here = _elsewhere(piece, file, elsewhere)
        # what lies in its place without a record that can be read is not trusted, but looked into
        unknown = places.place(piece.key) / name
        if here is None and not places.record(piece.key).exists() and _size(unknown) == file.size:
            here = unknown
        if here is not None:
            made.links[name] = here
        elif file.size > hub.MOST:
            raise Missing(
                f"{name} is too large for plain HTTP ({amount(file.size)}); get it with `hf download "
                f"{piece.repository} --revision {made.plan.commit}`, and the same command links it"
            )
        else:
            had = max(0, _size(part(place)))
            made.gets[name] = file.size - (had if had <= file.size else 0)
    return made


def outdate(piece: Piece) -> None:
    """The commit is gone from the hub: the next plan is made anew, and what came counts where it has the
    same files. Raises OSError."""
    if (kept := _saved(piece)) is not None:
        record.write(_file(piece), msgspec.structs.replace(kept, commit=""))


def part(place: Path) -> Path:
    """Where a file lies until it is whole and verified."""
    return place.with_name(f"{place.name}.part")


def free() -> int:
    """Bytes that are free where the checkpoints lie."""
    there = places.folder().absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def check_room(shares: list[Share]) -> None:
    """CannotWrite where what is to be downloaded does not fit."""
    needed, left = sum(one.coming for one in shares), free()
    if needed > left:
        raise CannotWrite(
            f"{amount(needed)} are still to be downloaded, and only {amount(left)} are free in "
            f"{places.folder()}; make room, or name another disk's folder with MUTOSCOPE_MODELS"
        )


def _kept(piece: Piece, revision: str) -> Plan | None:
    kept, asked = _saved(piece), (piece.repository, revision, piece.files)
    if kept is None or not kept.commit or not state.length(places.arriving(piece.key)):
        return None  # where nothing came yet, the branch is asked again
    return kept if (kept.repository, kept.revision, kept.patterns) == asked else None


def _saved(piece: Piece) -> Plan | None:
    try:
        return msgspec.json.decode(_file(piece).read_bytes(), type=Plan)
    except (OSError, msgspec.MsgspecError):
        return None


def _file(piece: Piece) -> Path:
    return places.work(piece.key) / "plan.json"


def _made(piece: Piece, revision: str) -> Plan:
    try:
        listing = hub.listing(piece.repository, revision)
        files = _files(piece, listing, online=True)
    except hub.Unreachable as error:
        listing, files = _cached(piece, revision, error)
    made = Plan(
        repository=piece.repository,
        revision=revision,
        patterns=piece.files,
        commit=listing.commit,
        files=files,
    )
    _sweep(piece, made)
    record.write(_file(piece), made)
    return made


def _cached(piece: Piece, revision: str, why: hub.Unreachable) -> tuple[Listing, dict[str, File]]:
    """What the hub's client has of it, whole. Raises Missing."""
    listing = hf_cache.listing(piece.repository, revision)
    if listing is None:
        raise hub.Unreachable(
            f"{piece.words} cannot be pulled: {why.message}, and nothing of {piece.repository} is in "
            f"{hf_cache.folder()}"
        )
    try:
        files = _files(piece, listing, online=False)
    except Missing:
        files = {}
    if not files or any(hf_cache.blob(piece.repository, file) is None for file in files.values()):
        raise Missing(
            f"{piece.words} cannot be pulled: {why.message}, and {hf_cache.folder()} has "
            f"{piece.repository} only in part"
        )
    return listing, files


def _files(piece: Piece, listing: Listing, *, online: bool) -> dict[str, File]:
    """Those of the listing that are needed."""
    if piece.lora:
        if missing := [name for name in piece.files if name not in listing.files]:
            raise Missing(f"{piece.repository} has no {missing[0]} at {listing.commit[:12]}")
        names = piece.files
    else:
        if INDEX not in listing.files:
            raise Missing(f"{piece.repository} is no checkpoint in diffusers' layout: no {INDEX}")
        elsewhere = _contents()

        def read(name: str) -> bytes:
            file = listing.files[name]
            here = _elsewhere(piece, file, elsewhere)
            if here is None and not online:
                raise Missing(f"the hub client's cache has no {name} of {piece.repository}")
            if here is None:
                return hub.read(piece.repository, listing.commit, name)
            return here.read_bytes()

        try:
            parts = layout.components(layout.index(read(INDEX)))
            names = choice.wanted(listing.files, parts, piece.files)
        except ValueError as error:
            raise Missing(f"{piece.repository} cannot be used: {error}") from None
        if said := layout.missing(parts, names, read):
            raise Missing(f"{piece.repository} is not whole at {listing.commit[:12]}: it {said}")
    return {name: listing.files[name] for name in names}


def _sweep(piece: Piece, made: Plan) -> None:
    """What came for another plan is kept only where this one has the same file."""
    old = _saved(piece)
    before = old.files if old else {}
    room = places.arriving(piece.key)
    for path in list(room.rglob("*")):
        name = path.relative_to(room).as_posix().removesuffix(".part")
        if not path.is_dir() and (name not in before or before[name] != made.files.get(name)):
            path.unlink()


def _elsewhere(piece: Piece, file: File, contents: dict[str, Path]) -> Path | None:
    """Where this content is already: in a checkpoint that is here, or in the hub client's cache."""
    here = contents.get(file.sha256) or contents.get(file.git)
    return here or hf_cache.blob(piece.repository, file)


def _contents() -> dict[str, Path]:
    """Hash → a file of a checkpoint that is here and, as far as is known, undamaged."""
    found: dict[str, Path] = {}
    for path in places.folder().glob("*.json"):
        known = record.read(path)
        if known is None or known.folder:
            continue
        for name, file in known.files.items():
            place = places.place(path.name.removesuffix(".json")) / name
            if name not in known.damaged and _size(place) == file.size:
                found |= {file.sha256: place, file.git: place}
    found.pop("", None)
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
