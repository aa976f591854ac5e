"""Single sounds: a bubble, a bird's phrase, a cricket's chirp, a step. Each is drawn by chance.

A grain is (its two channels, 2×n). Frequencies are in hertz, times in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mutoscope.sound.span import RATE, Sound, Times

Chance = np.random.Generator
Params = Mapping[str, float]


def placed(mono: Times, side: float) -> Sound:
    """A sound at `side`: 0 left, 1 right, equally strong wherever it is."""
    angle = side * np.pi / 2
    return np.stack([mono * np.cos(angle), mono * np.sin(angle)]).astype(np.float32)


def clock(seconds: float) -> Times:
    return np.arange(max(1, int(seconds * RATE))) / RATE


def phase(hertz: Times) -> Times:
    """The angle of a tone that has these frequencies, sample by sample."""
    return np.asarray(2 * np.pi * np.cumsum(hertz) / RATE)


def bubble(chance: Chance, params: Params) -> Sound:
    """A bubble of air that rings as it rises: Minnaert's tone and the damping and rise of van den Doel,
    Physically based models for liquid sounds (ACM TAP 2, 2005)."""
    small, large = params.get("small", 0.8e-3), params.get("large", 8e-3)  # radius in metres
    radius = small * (large / small) ** (chance.uniform() ** params.get("bias", 1.6))
    damping = 0.13 / radius + 0.0072 * radius**-1.5
    time = clock(min(0.25, 6.2 / damping))
    rise = 0.1 * damping * (chance.uniform() < params.get("rising", 0.35))
    tone = np.sin(phase(3 / radius * (1 + rise * time))) * np.exp(-damping * time)
    height = (radius / large) ** params.get("tilt", 0.5) * 10 ** (chance.normal(0, 5) / 20)
    return placed(tone * height * np.minimum(1, time / 0.0008), chance.uniform(0.1, 0.9))


def song(chance: Chance, params: Params) -> Sound:
    """A phrase of a small bird: syllables of 30 to 180 ms between 2 and 8 kHz that glide, some of them
    repeated as a trill (Catchpole and Slater, Bird Song, 2008)."""
    base = params.get("base", 3600.0)
    notes: list[Times] = []
    for _ in range(chance.integers(2, 5)):
        length = chance.uniform(0.035, 0.16)
        begin, end = base * 2 ** chance.uniform(-0.25, 0.45, 2)
        bend = chance.uniform(-0.25, 0.25)
        note = _whistle(length, begin, end, bend, chance.uniform(0, 1) < 0.25)
        repeats = int(chance.choice((1, 1, 2, 3, 5)))
        gap = np.zeros(int(chance.uniform(0.02, 0.09) * RATE))
        notes += [one for _ in range(repeats) for one in (note, gap)]
    phrase = np.concatenate(notes)[: int(LONGEST["song"] * RATE)]
    height = 10 ** (chance.uniform(-12, 0) / 20)
    return placed(phrase * height, params.get("side", 0.5))


def _whistle(length: float, begin: float, end: float, bend: float, warble: bool) -> Times:
    time = clock(length)
    part = time / length
    octaves = np.log2(begin) + (np.log2(end) - np.log2(begin)) * part + bend * np.sin(np.pi * part)
    if warble:
        octaves += 0.06 * np.sin(2 * np.pi * 28 * time)
    turn = phase(2**octaves)
    tone = np.sin(turn) + 0.05 * np.sin(2 * turn)
    return np.asarray(tone * np.sin(np.pi * part) ** 0.7 * np.minimum(1, (1 - part) * 8))


def gull(chance: Chance, params: Params) -> Sound:
    """A gull's call: falling cries of some 0.4 s, rich in overtones, 1 to 4 of them."""
    cries = []
    top = params.get("base", 1250.0) * 2 ** chance.uniform(-0.2, 0.2)
    for number in range(chance.integers(1, 5)):
        length = chance.uniform(0.28, 0.5)
        part = clock(length) / length
        pitch = top * (0.82 + 0.25 * np.sin(np.pi * np.minimum(1, part * 1.2))) * 0.97**number
        turn = phase(pitch)
        tone = sum(np.sin(turn * k) * 10 ** (-7 * abs(k - 2) / 20) for k in range(1, 7))
        cries += [tone * np.sin(np.pi * part) ** 0.6, np.zeros(int(0.09 * RATE))]
    call = np.concatenate(cries)[: int(LONGEST["gull"] * RATE)]
    return placed(call * 10 ** (chance.uniform(-14, 0) / 20), chance.uniform(0.15, 0.85))


def chirp(chance: Chance, params: Params) -> Sound:
    """A field cricket's chirp: 3 or 4 pulses of 20 ms, 35 ms apart, of a nearly pure tone at 4 to 5 kHz
    (Bennet-Clark, JASA 105, 1999)."""
    tone = params.get("base", 4600.0)
    length, gap = 0.022, 0.036
    pulse = np.hanning(int(length * RATE)) ** 0.6
    made = np.zeros(int((4 * gap + 0.01) * RATE))
    for number in range(int(params.get("pulses", 3))):
        time = clock(length)[: len(pulse)]
        hertz = tone * (1.01 - 0.03 * time / length)
        at = int(number * gap * RATE)
        made[at : at + len(pulse)] += np.sin(phase(hertz)) * pulse * (0.7 + 0.12 * number)
    return placed(made * 10 ** (chance.normal(0, 0.6) / 20), params.get("side", 0.5))


def step(chance: Chance, params: Params) -> Sound:
    """A foot set down: the heel's thud, the sole's scuff, and the toe 0.1 s later."""
    time = clock(0.34)
    made = np.zeros(len(time))
    noise = np.convolve(chance.standard_normal(len(time)), np.ones(5) / 5, "same")
    for late, height in ((0.0, 1.0), (chance.uniform(0.08, 0.13), 0.45)):
        since = np.maximum(0, time - late)
        on = (time >= late) * np.minimum(1, since / 0.002)
        thud = np.sin(2 * np.pi * chance.uniform(85, 120) * since) * np.exp(-since / 0.022)
        scuff = noise * np.exp(-since / chance.uniform(0.018, 0.04)) * params.get("grit", 0.8)
        made += on * height * (thud + scuff)
    height = 10 ** (chance.normal(0, 1.5) / 20)
    return placed(made * height * np.minimum(1, (0.34 - time) / 0.02), chance.uniform(0.4, 0.6))


def clink(chance: Chance, params: Params) -> Sound:
    """A cup on its saucer: three inharmonic partials of 2 to 7 kHz that die away within 0.15 s."""
    time = clock(0.4)
    base = chance.uniform(1900, 3600)
    tone = sum(
        np.sin(2 * np.pi * base * ratio * time + chance.uniform(0, 6))
        * np.exp(-time / fall)
        * height
        for ratio, fall, height in ((1.0, 0.06, 1.0), (1.52, 0.045, 0.6), (2.43, 0.03, 0.5))
    )
    knock = np.diff(chance.standard_normal(len(time) + 1)) * np.exp(-time / 0.002) * 0.25
    made = (tone + knock) * np.minimum(1, time / 0.0006) * np.minimum(1, (0.4 - time) / 0.03)
    return placed(made * 10 ** (chance.uniform(-16, 0) / 20), chance.uniform(0.15, 0.85))


#: The longest that a grain of a kind can be.
LONGEST = {
    "bubble": 0.26, "song": 2.2, "gull": 2.4, "chirp": 0.2, "step": 0.35, "clink": 0.41,
}  # fmt: skip
GRAINS: dict[str, Callable[[Chance, Params], Sound]] = {
    "bubble": bubble, "song": song, "gull": gull, "chirp": chirp, "step": step, "clink": clink,
}  # fmt: skip
