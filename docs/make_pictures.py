"""Makes the pictures of the README from the photographs in examples/: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import mutoscope
from mutoscope.finish.extras import preview

ROOT = Path(__file__).parent.parent
EXAMPLES, PICTURES = ROOT / "examples", ROOT / "docs" / "pictures"

#: name → photograph, last frame or None, prompt
FILMS = {
    "push-in": ("coffee.jpg", None, "Push in on the cup"),
    "orbit": ("astronaut.jpg", None, "Orbit left around her"),
    "truck": ("rocket.jpg", None, "Truck right, then pedestal up"),
    "pair": ("coffee.jpg", "coffee-near.jpg", "Move closer"),
}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, (photo, last, prompt) in FILMS.items():
            clip = mutoscope.animate(
                EXAMPLES / photo,
                prompt,
                last=EXAMPLES / last if last else None,
                size="640x360",
                fit="cover",
                seconds=3,
                loop=True,
                output=Path(folder) / f"{name}.mp4",
            )
            preview(clip.path, PICTURES / f"{name}.webp")
            print(f"{name}: {prompt}", file=sys.stderr)


if __name__ == "__main__":
    main()
