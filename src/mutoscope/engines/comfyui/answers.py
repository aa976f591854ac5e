"""What ComfyUI answers, read: an entry of its history, its refusal of a workflow, a film among its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mutoscope.catalog.rules import listed
from mutoscope.engines.base import Status
from mutoscope.engines.openai_videos import answers

#: Endings of the files that are a film each, the best first; those of pictures.
FILMS = (".mp4", ".mov", ".webm", ".mkv", ".m4v", ".avi")
MOVING = (".webp", ".gif", ".apng", ".png")
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class File:
    """A file on the server: `type` is its folder there, output or temp; `moving`: a picture that moves."""

    node: str
    name: str
    subfolder: str = ""
    type: str = "output"
    moving: bool = False
    rate: float | None = None

    @property
    def ending(self) -> str:
        return PurePosixPath(self.name.lower()).suffix

    @property
    def query(self) -> dict[str, str]:
        """How /view is asked for it."""
        return {"filename": self.name, "subfolder": self.subfolder, "type": self.type}


@dataclass(frozen=True, slots=True)
class Made:
    """The files that are the film: one film, or its pictures in order; and the names of the others."""

    files: tuple[File, ...]
    others: tuple[str, ...] = ()


def status(entry: Mapping[str, Any], output: str) -> Status:
    """What an entry of the history says; `output` is the node whose file is the film, where one is named."""
    said = entry.get("status")
    told = said if isinstance(said, Mapping) else {}
    if told.get("status_str") != "error":
        if made(entry, output) is not None:
            return Status("done", 1.0)
        names = ", ".join(one.name for one in files(entry)) or "no file"
        asked = f"node {output} made no film" if output else "no node of it made a film"
        why = f"the workflow ended, and {asked} ({names})"
        return Status("failed", error=answers.shortened(why), code="no_film")
    error = _message(told, "execution_error")
    if error is None and _message(told, "execution_interrupted") is not None:
        return Status("cancelled", error="it was interrupted there", code="cancelled")
    error = error or {}
    node = f"{error.get('node_type', 'a node')} (node {error.get('node_id', '?')})"
    why = str(error.get("exception_message") or error.get("exception_type") or "it says no more")
    code = str(error.get("exception_type") or "engine_failed")
    return Status("failed", error=answers.shortened(f"{node}: {why}"), code=code[:100])


def _message(told: Mapping[str, Any], event: str) -> Mapping[str, Any] | None:
    for one in told.get("messages") or ():
        if isinstance(one, list | tuple) and len(one) == 2 and one[0] == event:
            return one[1] if isinstance(one[1], Mapping) else {}
    return None


def files(entry: Mapping[str, Any]) -> Iterator[File]:
    """Every file of an entry, in the order in which its nodes ended: `images`, `gifs` (of Video Helper
    Suite), `video` and whatever else a node calls its list."""
    outputs = entry.get("outputs")
    for node, lists in (outputs if isinstance(outputs, Mapping) else {}).items():
        if not isinstance(lists, Mapping):
            continue
        moves = _flags(lists.get("animated"))
        for key, found in lists.items():
            for at, one in enumerate(found if isinstance(found, list) else ()):
                if not isinstance(one, Mapping) or not isinstance(one.get("filename"), str):
                    continue
                rate = one.get("frame_rate")
                yield File(
                    str(node), one["filename"], str(one.get("subfolder") or ""),
                    str(one.get("type") or "output"),
                    moving=key == "gifs" or (moves[at] if at < len(moves) else bool(moves and moves[0])),
                    rate=float(rate) if isinstance(rate, int | float) and rate > 0 else None,
                )  # fmt: skip


def _flags(value: Any) -> list[bool]:
    return [bool(one) for one in value] if isinstance(value, list | tuple) else [bool(value)]


def made(entry: Mapping[str, Any], output: str = "") -> Made | None:
    """The film among an entry's files; None where there is none. Of the node that is named; else saved files
    go before previews, films before pictures that move before rows of pictures, and what was made later
    before what was made earlier."""
    found = [one for one in files(entry) if not output or one.node == output]
    everything = list(files(entry))
    for folder in dict.fromkeys(("output", *(one.type for one in found))):
        here = [one for one in found if one.type == folder]
        films = [one for one in here if one.ending in FILMS]
        moving = [one for one in here if one.moving and one.ending in MOVING]
        if films or moving:
            return _chosen(((films or moving)[-1],), everything)
    for folder in ("output", "temp"):
        for node in reversed(list(dict.fromkeys(one.node for one in found))):
            row = tuple(
                one for one in found
                if one.node == node and one.type == folder and one.ending in PICTURES
            )  # fmt: skip
            if len(row) > 1:
                return _chosen(row, everything)
    return None


def _chosen(chosen: tuple[File, ...], everything: list[File]) -> Made:
    others = (one.name for one in everything if one not in chosen and one.type == "output")
    return Made(chosen, tuple(dict.fromkeys(others)))


def refusal(content: bytes, status: int, secret: str) -> tuple[str, str]:
    """Why a workflow was not taken, and the error's code: the node's name and what it lacks."""
    value = answers.read(content)
    told = (value or {}).get("node_errors")
    said = list(_node_errors(told)) if isinstance(told, Mapping) else []
    error = (value or {}).get("error")
    code = str(error.get("type")) if isinstance(error, Mapping) and error.get("type") else ""
    if said:
        return answers.shortened("; ".join(said[:3]), secret), code or "node_errors"
    if isinstance(error, Mapping) and error.get("message"):
        details = str(error.get("details") or "")
        whole = str(error["message"])
        whole += f" ({details})" if details and details != whole else ""
        return answers.shortened(whole, secret), code or f"http_{status}"
    return answers.error_text(content, status, secret)


def _node_errors(told: Mapping[str, Any]) -> Iterator[str]:
    for node, one in told.items():
        if not isinstance(one, Mapping):
            continue
        errors = [each for each in one.get("errors") or () if isinstance(each, Mapping)]
        reasons = [
            f"{each.get('message', 'an error')} ({each['details']})"
            if each.get("details") else str(each.get("message", "an error"))
            for each in errors
        ]  # fmt: skip
        yield f"{one.get('class_type', 'a node')} (node {node}): {listed(reasons, 'and') or 'an error'}"
