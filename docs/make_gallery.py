"""Makes docs/gallery.md and its films from photographs that anyone can install: `make gallery`.

`gallery.toml` says which. Every film is four seconds at 640x360 and made as its owner would make it; the
page shows a smaller animated WebP of it.

    python -m docs.make_gallery [NAME ...]     all films, or some; the page keeps what it had of the rest
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from benchmarks.photographs import package_files

import mutoscope
from mutoscope.clip import Clip
from mutoscope.finish.extras import preview
from mutoscope.images.decode import open_photo

DOCS = Path(__file__).parent
EXAMPLES, FILMS = DOCS.parent / "examples", DOCS / "pictures" / "gallery"
SECONDS, SIZE, FPS, WIDTH = 4, "640x360", 24, 320
HEAD = """# Gallery

Twenty films of photographs that anyone can install: `make gallery` fetches the photographs by package
name and makes them all again, this page with them. Each is four seconds at {size} and {fps} frames a
second; the seconds below it are what it took on a machine with {cores} cores once its photograph had been
filmed before (the first film of one takes about a second more). The pictures here are smaller copies.
What the report says of each stands with it, to the letter.
"""


def main(names: list[str]) -> None:
    entries = tomllib.loads((DOCS / "gallery.toml").read_text())
    FILMS.mkdir(parents=True, exist_ok=True)
    kept = FILMS / "reports.json"
    reports: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    for name in names or entries:
        reports[name] = filmed(name, dict(entries[name]))
        print(f"{name}: {reports[name]['seconds']} s", file=sys.stderr)
    kept.write_text(json.dumps(reports, indent=1, ensure_ascii=False) + "\n")
    (DOCS / "gallery.md").write_text(page(entries, reports))


def filmed(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Make one film; its report as plain values."""
    photo = found(entry.pop("photo"))
    last = found(entry.pop("last")) if "last" in entry else None
    at = {int(frame): found(path) for frame, path in entry.pop("at", {}).items()}
    if at:
        entry["at"] = at
    with tempfile.TemporaryDirectory() as folder:
        marks = entry.pop("marks", {})
        if marks:
            entry["regions"] = [
                f"{kind}={marked(photo, corners, Path(folder) / f'{kind}.png')}"
                for kind, corners in marks.items()
            ]
        begin = time.perf_counter()
        clip = mutoscope.animate(
            photo, entry.pop("prompt"), last=last, size=SIZE, fps=FPS, seconds=SECONDS,
            fit=entry.pop("fit", "cover"),
            output=Path(folder) / f"{name}.mp4", **entry,
        )  # fmt: skip
        took = time.perf_counter() - begin
        preview(clip.path, FILMS / f"{name}.webp", width=WIDTH)
    return {"seconds": round(took, 1), **told(clip)}


def marked(photo: Path, corners: list[list[float]], mask: Path) -> Path:
    """Write the mask of a polygon whose corners are fractions of the photograph's width and height."""
    opened = open_photo(photo)
    wide = 1000
    tall = round(wide * opened.height / opened.width)
    area = np.zeros((tall, wide), np.uint8)
    cv2.fillPoly(area, [np.rint(np.array(corners) * (wide, tall)).astype(np.int32)], 255)
    cv2.imwrite(str(mask), area)
    return mask


def told(clip: Clip) -> dict[str, Any]:
    """What the report says, line by line."""
    report = clip.report
    return {
        outcome: [f"{one.words}: {one.how}" if one.how else one.words for one in said]
        for outcome, said in (
            ("done", report.done),
            ("approximated", report.approximated),
            ("not possible", report.not_possible),
        )
    }


def found(photo: str) -> Path:
    """The file of "coffee.jpg" or "debian:package/file"."""
    source, colon, rest = photo.partition(":")
    if not colon:
        return EXAMPLES / photo
    scope = 2 if rest.startswith("@") else 1
    parts = rest.split("/")
    return package_files(source, "/".join(parts[:scope])) / Path(*parts[scope:])


def page(entries: dict[str, Any], reports: dict[str, Any]) -> str:
    """The page as Markdown."""
    import os

    lines = [HEAD.format(size=SIZE, fps=FPS, cores=os.cpu_count())]
    for name, entry in entries.items():
        if name not in reports:
            continue
        report = reports[name]
        lines += [
            f"\n## {entry['prompt']}\n",
            f"![{entry['prompt']}](pictures/gallery/{name}.webp)\n",
            "```sh",
            command(entry),
            "```\n",
            f"{report['seconds']} s.",
        ]
        for outcome in ("done", "approximated", "not possible"):
            lines += [f"* {outcome}: {line}" for line in report[outcome]]
    return "\n".join(lines) + "\n"


def command(entry: dict[str, Any]) -> str:
    """The command line that makes the film."""
    words = ["mutoscope animate", Path(entry["photo"]).name]
    if "last" in entry:
        words.append(Path(entry["last"]).name)
    words.append(json.dumps(entry["prompt"], ensure_ascii=False))
    words += [f"--region {kind}={kind}.png" for kind in entry.get("marks", ())]
    words += ["--loop"] * entry.get("loop", False)
    words += [f"--at {frame}={Path(path).name}" for frame, path in entry.get("at", {}).items()]
    return " ".join(words)


if __name__ == "__main__":
    main(sys.argv[1:])
