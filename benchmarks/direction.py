"""How well and how fast prompts are read: `python -m benchmarks.direction`.

Precision and recall per camera move on the labelled corpus of the tests, its tuning part and its
held-back part apart, and the time of one reading.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

TESTS = Path(__file__).parent.parent / "tests" / "direction"
sys.path.insert(0, str(TESTS))

from corpus_score import Score, rows, score  # noqa: E402

from mutoscope.direction.model import MOVES  # noqa: E402
from mutoscope.direction.parse import direct  # noqa: E402


def table(name: str, result: Score) -> None:
    print(f"\n{name}: {len(rows(name))} prompts")
    print(f"{'move':<16}{'asked':>6}{'precision':>11}{'recall':>8}")
    for move in MOVES:
        right, wrong, missed = result.right[move], result.wrong[move], result.missed[move]
        precision = f"{right / (right + wrong):.3f}" if right + wrong else "–"
        recall = f"{right / (right + missed):.3f}" if right + missed else "–"
        print(f"{move:<16}{right + missed:>6}{precision:>11}{recall:>8}")
    asked = result.right.total() + result.missed.total()
    print(f"{'all':<16}{asked:>6}{result.precision:>11.3f}{result.recall:>8.3f}")


def warm() -> list[float]:
    """Seconds of each prompt of the corpus, the lexicons in memory; the best of five."""
    texts = [row["text"] for part in ("tuning", "held_back") for row in rows(part)]
    best = [float("inf")] * len(texts)
    for _ in range(5):
        for place, text in enumerate(texts):
            started = time.perf_counter()
            direct(text, 8)
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def cold() -> tuple[float, float]:
    """Milliseconds of the import and of the first reading, in a fresh process; medians of five."""
    code = (
        "import time; a = time.perf_counter(); from mutoscope.direction.parse import direct;"
        " b = time.perf_counter(); direct('pan left slowly', 8); print(b - a, time.perf_counter() - b)"
    )
    # compiled modules are kept, as an installed package has them, whatever the shell says
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
    }
    with tempfile.TemporaryDirectory() as folder:
        environment["PYTHONPYCACHEPREFIX"] = folder
        command = [sys.executable, "-c", code]
        runs = [
            subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            for _ in range(6)
        ][1:]
    pairs = [tuple(map(float, run.stdout.split())) for run in runs]
    return median(pair[0] for pair in pairs) * 1e3, median(pair[1] for pair in pairs) * 1e3


def main() -> None:
    for name in ("tuning", "held_back"):
        table(name, score(name))
    spent = sorted(warm())
    print(
        f"\none reading, warm: median {median(spent) * 1e3:.2f} ms, longest {spent[-1] * 1e3:.2f} ms"
    )
    imported, first = cold()
    print(f"fresh process: import {imported:.0f} ms, first reading {first:.0f} ms")
    long = "The camera pans left over the valley, then slowly pushes in. " * 525
    started = time.perf_counter()
    direct(long[:32_000], 8)
    print(f"32,000 characters: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
