"""What docs/sound.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

from mutoscope.direction.parse import direct
from mutoscope.sound import docs
from mutoscope.sound.cues import LOUD, QUIET, read
from mutoscope.sound.level import GATED, REACH, TARGET
from mutoscope.sound.mux import CODINGS, LOSSLESS
from mutoscope.sound.span import RATE

PATH = Path(__file__).parents[2] / "docs" / "sound.md"
PAGE = PATH.read_text("utf-8")


def test_the_tables_have_not_drifted() -> None:
    assert docs.main([str(PATH), "--check"]) == 0, f"python -m {docs.__name__} docs/sound.md"


def test_the_page_s_commands_are_heard() -> None:
    prompts = re.findall(r'mutoscope animate \S+ "([^"]+)"', PAGE)
    assert len(prompts) == 3
    assert direct(prompts[0]).sound == ("sound of rain", "distant thunder")
    for cue in re.findall("“([^”]+)”", PAGE.splitlines()[_line("| a cue:")]):
        assert read(cue).meaning == "made", cue


def _line(start: str) -> int:
    return next(at for at, line in enumerate(PAGE.splitlines()) if line.startswith(start))


def test_figures_are_the_code_s() -> None:
    assert f"{TARGET:g} LUFS" in PAGE
    assert f"{-QUIET:g} dB softer, {LOUD:g} dB louder" in PAGE
    assert f"under\n{GATED:g} s" in PAGE
    assert f"over {1000 * REACH / RATE:g} ms" in PAGE
    assert CODINGS[".mp4"].rate == 256_000
    assert CODINGS[".webm"].rate == 128_000
    assert set(LOSSLESS) == {"prores", "ffv1"}
