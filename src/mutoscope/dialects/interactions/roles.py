"""What each picture and film of a request is for: by the tags in its prompt, else by the task, else by how
many there are, as the service's guide has it.

``<FIRST_FRAME>``, ``<LAST_FRAME>``, ``<IMAGE_REF_n>``, ``<VIDEO_REF_n>``, ``<VIDEO_0>``, ``<PREVIOUS_VIDEO>``,
alone or bound in ``[# Sources <FIRST_FRAME>@Image1] [# References <IMAGE_REF_0>@Image2]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mutoscope.dialects.interactions.contents import Contents, Item
from mutoscope.dialects.shared.references import VideoId
from mutoscope.dialects.shared.wish import Operation, Picture
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Role

TASK = "generation_config.video_config.task"
PREVIOUS = "previous_interaction_id"
TASKS = ("text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale")
#: Tasks that start from a film, and what they are here.
STARTS: dict[str, Operation] = {"edit": "edit", "extend": "extend", "upscale": "reframe"}
_TAG = re.compile(r"<(FIRST_FRAME|LAST_FRAME|(?:IMAGE|VIDEO)_REF_\d{1,2}|VIDEO_\d|PREVIOUS_VIDEO)>(?:@(Image|Video)(\d{1,2}))?")  # fmt: skip
_DECLARED = re.compile(r"\[#\s*(?:Sources|References)\b[^\]]*\]", re.IGNORECASE)
_ON = re.compile(r"\b(?:extend|continue[sd]?|continuation|keep going|goes on)\b", re.IGNORECASE)
_ACROSS = re.compile(r"\b(?:transition|transform|morph|interpolat|turn(?:s|ing)? into|first (?:frame|image|picture).*last|between the (?:two|images|frames))|\bfrom\b.+\bto\b", re.IGNORECASE | re.DOTALL)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """`original` is the video that is remixed, `clip` the film that an edit, extension or upscaling
    starts from."""

    operation: Operation
    prompt: str
    pictures: tuple[Picture, ...] = ()
    clip: Picture | None = None
    original: str = ""
    loop: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True)
class _Tags:
    roles: dict[int, Role]
    loop: bool = False
    films: bool = False  # the films are references
    on: bool = False  # the earlier film goes on

    def free(self, count: int) -> int | None:
        return next((at for at in range(count) if at not in self.roles), None)


def assigned(contents: Contents, task: str, before: str) -> Roles:
    """`before` is the id of the video that the previous interaction made. BadInput where the task lacks
    the film that it starts from."""
    tags = _tags(contents.prompt, len(contents.images))
    prompt = " ".join(_TAG.sub("", _DECLARED.sub("", contents.prompt)).split(" ")).strip()
    prompt = re.sub(r"[ \t]{2,}", " ", prompt)
    films = list(contents.videos)
    references = tags.films or task == "reference_to_video"
    source = None if references or not films else films.pop(0)
    source = source or (contents.earlier if not before else None)
    operation = _operation(task, source, before, tags, prompt)
    notices = list(_notices(contents, task, operation, before))
    roles = _roles(contents.images, tags, task, operation, prompt, notices)
    pictures = [
        Picture(source=one.source, field=one.field, role=role)
        for one, role in zip(contents.images, roles, strict=True)
    ]
    pictures += [
        Picture(source=one.source, field=one.field, role=Role.REFERENCE, film=True) for one in films
    ]
    clip = None
    if operation in STARTS.values():
        clip = _clip(source, before)
    return Roles(
        operation=operation,
        prompt=prompt,
        pictures=tuple(pictures),
        clip=clip,
        original=before if operation == "remix" else "",
        loop=tags.loop,
        notices=tuple(notices),
    )


def _tags(prompt: str, images: int) -> _Tags:
    tags = _Tags({})
    frames = {"FIRST_FRAME": Role.FIRST_FRAME, "LAST_FRAME": Role.LAST_FRAME}
    for name, kind, number in _TAG.findall(prompt):
        if name in frames:
            at = int(number) - 1 if kind == "Image" else tags.free(images)
            if at is None or not 0 <= at < images:
                raise BadShot(f"<{name}> stands for a picture that the input does not have", field="input")  # fmt: skip
            if {tags.roles.get(at), frames[name]} == set(frames.values()):
                tags.roles[at], tags.loop = Role.FIRST_FRAME, True
            else:
                tags.roles[at] = frames[name]
        elif name.startswith("IMAGE_REF") and kind == "Image" and 0 < int(number) <= images:
            tags.roles.setdefault(int(number) - 1, Role.REFERENCE)
        elif name.startswith("VIDEO_REF"):
            tags.films = True
        elif name == "PREVIOUS_VIDEO":
            tags.on = True
    if "<IMAGE_REF_" in prompt:
        for at in range(images):
            tags.roles.setdefault(at, Role.REFERENCE)
    return tags


def _operation(task: str, source: Item | None, before: str, tags: _Tags, prompt: str) -> Operation:
    if task in STARTS:
        if source is None and not before:
            raise BadInput(
                f"the task {task} starts from a film, and the request has none",
                field=TASK,
                hint=f"send a video in input, or {PREVIOUS}",
            )
        return "remix" if task == "edit" and source is None else STARTS[task]
    if task:
        return "create"
    on = tags.on or bool(_ON.search(prompt))
    if source is not None:
        return "extend" if on else "edit"
    if before:
        return "extend" if on else "remix"
    return "create"


def _roles(
    images: Sequence[Item], tags: _Tags, task: str, operation: Operation, prompt: str,
    notices: list[Notice],
) -> list[Role]:  # fmt: skip
    """The role of each picture."""
    count = len(images)
    if tags.roles or operation != "create" or task == "reference_to_video" or count > 2:
        frames = task == "image_to_video" and not tags.roles and operation == "create"
        first = {0: Role.FIRST_FRAME} if frames else {}
        return [(tags.roles or first).get(at, Role.REFERENCE) for at in range(count)]
    if count < 2:
        return [Role.FIRST_FRAME] * count
    across = task == "image_to_video" or bool(_ACROSS.search(prompt))
    if not task:
        how = "the first and the last frame" if across else "references"
        notices.append(
            Notice(
                code="assumed",
                field="input",
                message=f"the two pictures were taken as {how}, by the words of the prompt; "
                "<FIRST_FRAME> <LAST_FRAME> or a task says it",
            )
        )
    return [Role.FIRST_FRAME, Role.LAST_FRAME] if across else [Role.REFERENCE] * 2


def _clip(source: Item | None, before: str) -> Picture:
    if source is None:
        return Picture(source=VideoId(before), field=PREVIOUS, role=Role.SOURCE)
    return Picture(source=source.source, field=source.field, role=Role.SOURCE)


def _notices(contents: Contents, task: str, operation: Operation, before: str) -> Iterable[Notice]:
    if before and operation == "create":
        yield Notice(
            code="ignored",
            field=PREVIOUS,
            message=f"{PREVIOUS} has no effect here: the task {task} makes a new film",
        )
    if task == "text_to_video" and (contents.images or contents.videos):
        yield Notice(
            code="ignored",
            field=TASK,
            message=f"{TASK} is text_to_video, but the input has pictures or films: they are used",
        )
