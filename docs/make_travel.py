"""Runs the programs of docs/characters-travel.md and makes its picture: `python -m docs.make_travel`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from serving import Serving  # noqa: E402  the tests' way to start a server

PAGE = ROOT / "docs" / "characters-travel.md"
PICTURE = ROOT / "docs" / "pictures" / "character-travels.webp"
DEFAULT = "http://127.0.0.1:8640"
#: The client of Veo's years, as `make clients` installs it.
GOOGLE = ROOT / ".venv" / "clients" / "google-genai-2.34.0"
FILMS = ("openai.mp4", "alone.mp4", "veo.mp4")
WIDTH, HEIGHT, EVERY = 320, 180, 3  # pixels of one film; every third frame


def run(place: Path, url: str) -> list[str]:
    """Run the page's programs in `place` against the server at `url`: what each printed."""
    for name in ("astronaut.jpg", "rocket.jpg", "coffee.jpg"):
        shutil.copy(ROOT / "examples" / name, place / name)
    said = []
    for program in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S):
        path = f"import sys; sys.path.insert(0, {str(GOOGLE)!r})\n" if "genai" in program else ""
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", path + program.replace(DEFAULT, url)],
            cwd=place, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if ran.returncode:
            raise RuntimeError(ran.stderr[-3000:])
        said.append(ran.stdout.strip())
    return said


def frames(film: Path) -> list[Image.Image]:
    """Every third frame of a film, small."""
    with av.open(str(film)) as container:
        kept = [
            Image.fromarray(one.to_ndarray(format="rgb24"))
            for at, one in enumerate(container.decode(video=0))
            if at % EVERY == 0
        ]
    return [one.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS) for one in kept]


def beside(films: list[list[Image.Image]]) -> list[Image.Image]:
    """The films side by side, there and back again."""
    rows = []
    for parts in zip(*films, strict=False):
        row = Image.new("RGB", (WIDTH * len(parts), HEIGHT))
        for place, part in enumerate(parts):
            row.paste(part, (place * WIDTH, 0))
        rows.append(row)
    return rows + rows[-2:0:-1]


def main() -> None:
    """Make the picture."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with Serving(place / "data") as server:
            run(place, server.url)
        first, *rest = beside([frames(place / name) for name in FILMS])
        first.save(
            PICTURE, save_all=True, append_images=rest, duration=125, loop=0, quality=70, method=6
        )
    print(PICTURE.relative_to(ROOT), f"{PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
