"""The measures as a person reads them: rows of name, figure, and what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from mutoscope.quality.fidelity import Fidelity
from mutoscope.quality.measured import Measured

Verdict = Literal["good", "fair", "poor", ""]


@dataclass(frozen=True, slots=True)
class Row:
    """`figure` is short; `said` a sentence without a stop; `verdict` "" where it is a matter of taste."""

    group: str
    name: str
    figure: str
    said: str
    verdict: Verdict = ""


def rows(made: Measured) -> list[Row]:
    """Every measure that could be taken, in the order of the page."""
    return [*_asked(made), *_camera(made), *_motion(made), *_pictures(made), *_sound(made)]


def _asked(made: Measured) -> list[Row]:
    marks: dict[str, Verdict] = {"yes": "good", "little": "fair", "no": "poor", "unknown": ""}
    words = {"yes": "done", "little": "too little", "no": "not done", "unknown": "cannot be told"}
    return [
        Row("asked", one.words or one.move, words[one.verdict], one.saw, marks[one.verdict])
        for one in made.asked
    ]


def _camera(made: Measured) -> list[Row]:
    way = made.camera
    pan, tilt = 100 * float(way.pan[-1]), 100 * float(way.tilt[-1])
    zoom, roll = float(way.zoom[-1]), float(way.roll[-1])
    across = f"{'right' if pan >= 0 else 'left'} {abs(pan):.1f} %"
    down = f"{'up' if tilt >= 0 else 'down'} {abs(tilt):.1f} %"
    found = [
        Row("camera", "strict fit", across, f"{down}, {zoom:.3f} times as large, rolled {roll:.1f}°; {way.agreeing:.0%} of the picture agrees"),
        Row("camera", "VBench's rule", "", ", ".join(name.replace("_", " ") for name in made.vbench.classes) or "no class of its seven"),
    ]  # fmt: skip
    if made.jerk is not None:
        verdict: Verdict = (
            "good" if made.jerk.worst < 8 else "fair" if made.jerk.worst < 30 else "poor"
        )
        if any(one.move == "handheld" for one in made.asked):
            verdict = ""
        found.append(
            Row("camera", "jerk", f"{made.jerk.typical:.1f} ‰", f"at worst {made.jerk.worst:.1f} ‰ of the frame a frame³", verdict)
        )  # fmt: skip
    return found


def _motion(made: Measured) -> list[Row]:
    found = []
    if made.dynamics is not None:
        word = "dynamic" if made.dynamics.dynamic else "calm"
        found.append(Row("motion", "dynamic degree", word, f"{made.dynamics.moving:.0%} of it moves fast (VBench's rule, DIS flow)"))  # fmt: skip
    if made.smoothness is not None:
        score = made.smoothness.score
        found.append(Row("motion", "smoothness", f"{score:.4f}", "VBench's formula, DIS in place of AMT", _high(score, 0.97, 0.94)))  # fmt: skip
    if made.flicker is not None:
        found.append(Row("motion", "flicker", f"{made.flicker.score:.4f}", "VBench's formula: 1 where nothing changes, camera moves count"))  # fmt: skip
    if made.warping is not None:
        error = made.warping.error
        found.append(Row("motion", "warp error", f"{error:.1f}", f"levels left once motion is taken out, of {made.warping.staying:.0%} of the picture", _low(error, 6, 12)))  # fmt: skip
    cuts = made.cuts
    if cuts.cuts:
        found.append(Row("motion", "cuts", str(len(cuts.cuts)), "at frame " + ", ".join(map(str, cuts.cuts[:8])), "poor"))  # fmt: skip
    if cuts.frozen:
        calm = any(one.move == "static" for one in made.asked)
        found.append(Row("motion", "stands still", f"{cuts.still:.0%}", "frames " + ", ".join(f"{a}-{b}" for a, b in cuts.frozen[:4]), "" if calm else "fair"))  # fmt: skip
    if made.loop is not None and (made.loop_asked or made.loop.closed):
        one = made.loop
        verdict: Verdict = "good" if one.closed else "poor" if made.loop_asked else ""
        lpips = "" if one.lpips is None else f", LPIPS {one.lpips:.3f} ({one.lpips_neighbours or 0:.3f})"  # fmt: skip
        found.append(Row("motion", "loop's seam", f"{one.seam:.2f} ×", f"a usual step; {one.psnr:.1f} dB ({one.psnr_neighbours:.1f} usual){lpips}, motion turns by {one.turn:.0%}", verdict))  # fmt: skip
    return found


def _pictures(made: Measured) -> list[Row]:
    found = []
    for name, one in (("first frame", made.first), ("last frame", made.last)):
        if one is not None:
            found.append(Row("picture", name, f"{one.aligned:.1f} dB", _fidelity(one), _high(one.aligned, 32, 24)))  # fmt: skip
    if (alike := made.likeness) is not None:
        found.append(Row("picture", "stays itself", f"{alike.mean:.2f}", f"SSIM to the first frame with the camera taken out, {alike.least:.2f} at worst"))  # fmt: skip
    sharp = made.sharpness
    if len(sharp) > 1 and sharp.max() > 0:
        least = float(sharp.min() / sharp.max())
        found.append(Row("picture", "sharpness", f"{float(sharp.mean()):.1f}", f"the softest frame has {least:.0%} of the sharpest's", _high(least, 0.6, 0.4)))  # fmt: skip
    if (edge := made.outline) is not None:
        found.append(Row("picture", "outline", f"{edge.faults:.2f}", f"faults: ghost {edge.ghost:.2f}, halo {edge.halo:.2f}, smear {edge.smear:.2f}; worst at frame {edge.worst.number}", _low(edge.faults, 0.25, 0.5)))  # fmt: skip
    return found


def _fidelity(one: Fidelity) -> str:
    lpips = "" if one.lpips is None else f", LPIPS {one.lpips:.3f}"
    if one.framed:
        return f"SSIM {one.ssim:.3f}{lpips} against the still"
    across = f"{100 * abs(one.right):.1f} % {'right' if one.right > 0 else 'left'}"
    down = f"{100 * abs(one.down):.1f} % {'down' if one.down > 0 else 'up'}"
    return f"the still once it is laid as the film shows it: {one.zoom:.3f} times as large, {across}, {down}"


def _sound(made: Measured) -> list[Row]:
    if made.sound is None:
        return []
    one = made.sound
    loud = "silent" if math.isinf(one.lufs) else f"{one.lufs:.1f} LUFS"
    found = [
        Row("sound", "loudness", loud, f"peak {20 * math.log10(one.peak):.1f} dBFS" if one.peak > 0 else ""),
        Row("sound", "length", f"{one.off:+.1f}", "AAC frames against the picture", "good" if abs(one.off) <= 1 else "fair"),
    ]  # fmt: skip
    if one.synchrony is not None:
        lag = one.synchrony
        verdict: Verdict = "" if not lag.sure else "good" if abs(lag.offset) <= 60 else "poor"
        how = (
            "sound comes after what is seen" if lag.offset >= 0 else "sound comes before it is seen"
        )
        said = f"{how}, correlation {lag.strength:.2f}" + ("" if lag.sure else ": may be chance")
        found.append(Row("sound", "against motion", f"{lag.offset:+.0f} ms", said, verdict))
    return found


def _high(value: float, good: float, fair: float) -> Verdict:
    return "good" if value >= good else "fair" if value >= fair else "poor"


def _low(value: float, good: float, fair: float) -> Verdict:
    return "good" if value <= good else "fair" if value <= fair else "poor"
