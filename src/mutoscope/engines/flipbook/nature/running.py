"""What runs: streams, clouds, smoke and fire, each as a current with its own speed and cycle."""

from __future__ import annotations

import numpy as np

from mutoscope.engines.flipbook.nature.course import course
from mutoscope.engines.flipbook.nature.field import (
    STEP,
    Mode,
    Nodes,
    Waves,
    clearance,
    cycles,
    grid_of,
    noise,
    source,
)
from mutoscope.engines.flipbook.nature.flow import Flow
from mutoscope.engines.flipbook.nature.wind import Wind
from mutoscope.engines.flipbook.scene import Mask

# Pixels of a frame 720 high a second, and seconds a cycle.
RIVER, RIVER_CYCLE = 55.0, 1.3
FALL, FALL_CYCLE = 150.0, 0.9
CLOUD, CLOUD_CYCLE = 17.0, 4.0
#: How far clouds may drift in a film that need not close, of its height: no farther than the picture
#: reaches beyond the frame.
DRIFT = 0.09
SMOKE, SMOKE_CYCLE = 26.0, 2.6
FLAME, FLAME_CYCLE = 70.0, 0.7
#: What is far runs slower, down to this share.
FAR_WATER, FAR_CLOUD = 0.3, 0.45
#: Water that runs no steeper than this is seen from above: its far end is far away.
STEEP = 0.85
#: A flame's light: hertz, share; the most, of itself.
FLICKER, FLARE = ((2.3, 0.6), (3.7, 1.0), (5.9, 0.7), (8.3, 0.45)), 0.10
WOBBLE = ((1.7, 1.0), (2.9, 0.7), (4.3, 0.4))


def stream(
    region: Mask, frame_height: int, *, fps: float, loop: int | None, seed: int = 0,
    speed: float = 1.0, direction: str = "", falls: bool = False,
) -> Flow:  # fmt: skip
    """The current of a river or, with `falls`, a waterfall in `region` (plate height×width, 255 inside).
    `direction`: "left", "right", "up", "down", or as the region lies."""
    unit = frame_height / 720
    way = course(region, direction)
    pace, cycle = (FALL, FALL_CYCLE) if falls else (RIVER, RIVER_CYCLE)
    near = np.ones(way.shape[0], np.float32) if falls else _near(region, FAR_WATER)
    # threads of the current differ
    grain = (26 * unit / STEP + 1, 26 * unit / STEP + 1)
    thread = 1 + 0.18 * np.clip(noise(source(seed, "threads"), way.shape[:2], grain), -2, 2)
    velocity = way * (pace * unit * speed * near[:, None] * thread)[..., None]
    late = _late(seed, "stream", way.shape[:2], 34 * unit / STEP)
    return Flow(
        region, velocity.astype(np.float32), cycle=cycle / max(1.0, speed) ** 0.5, fps=fps,
        late=late, feather=9 * unit, contrast=0.75, loop=loop,
    )  # fmt: skip


def clouds(
    region: Mask, frame_height: int, *, fps: float, loop: int | None, seed: int = 0,
    speed: float = 1.0, wind: Wind, frames: int | None = None,
) -> Flow:  # fmt: skip
    """Clouds that drift with the wind in `region`, slower towards its lower end, where they are far.
    In a film of `frames` that need not close they drift on and on."""
    unit = frame_height / 720
    x, y = grid_of(region)
    up = 1 - _near(region, 0.0)
    velocity = np.zeros((len(y), len(x), 2), np.float32)
    velocity[..., 0] = wind.way * CLOUD * unit * speed * wind.strength
    velocity[..., 0] *= (FAR_CLOUD + (1 - FAR_CLOUD) * up)[:, None]
    late = _late(seed, "clouds", velocity.shape[:2], 260 * unit / STEP)
    once = loop is None and frames is not None
    cycle = CLOUD_CYCLE
    if loop is None and frames is not None:
        cycle = 2 * (frames + 1) / fps
        fastest = DRIFT * frame_height / (cycle / 2)
        velocity *= min(1.0, fastest / max(1e-6, float(np.abs(velocity).max())))
    return Flow(
        region, velocity, cycle=cycle, fps=fps, late=late, feather=28 * unit, loop=loop, once=once
    )


def smoke(
    region: Mask, frame_height: int, *, fps: float, loop: int | None, seed: int = 0,
    speed: float = 1.0, wind: Wind, direction: str = "", lies: bool = False,
) -> Flow:  # fmt: skip
    """Smoke or steam that rises and leans with the wind; with `lies` a bank of fog that drifts with it."""
    unit = frame_height / 720
    x, y = grid_of(region)
    shape = (len(y), len(x))
    velocity = np.zeros((*shape, 2), np.float32)
    lean = {"left": -1.0, "right": 1.0}.get(direction, wind.way) * wind.strength
    grain = (70 * unit / STEP + 1, 70 * unit / STEP + 1)
    random = source(seed, "smoke")
    eddy = np.stack([noise(random, shape, grain) for _ in range(2)], axis=-1)
    velocity[..., 0] = lean * (0.75 if lies else 0.22)
    velocity[..., 1] = -0.05 if lies else -1.0
    velocity += (0.12 if lies else 0.22) * eddy.astype(np.float32)
    velocity *= SMOKE * (0.6 if lies else 1.0) * unit * speed
    late = _late(seed, "smoke late", shape, 120 * unit / STEP)
    cycle = SMOKE_CYCLE * (2.0 if lies else 1.0)
    return Flow(
        region,
        velocity,
        cycle=cycle,
        fps=fps,
        late=late,
        feather=24 * unit,
        contrast=0.2,
        loop=loop,
    )


def fire(
    region: Mask, frame_height: int, *, fps: float, period: int, loop: int | None, seed: int = 0,
    speed: float = 1.0, strength: float = 1.0, worn: Nodes | None = None,
    glow: Nodes | None = None,
) -> tuple[Flow, Waves, Waves]:  # fmt: skip
    """Flames that lick upwards, wobble and flicker in `region`; `worn`: see `Waves`; `glow`: how much
    each node does so, 0..1 (left out: all of it)."""
    unit = frame_height / 720
    x, y = grid_of(region)
    shape = (len(y), len(x))
    velocity = np.zeros((*shape, 2), np.float32)
    width = 2 * float(clearance(region).max()) / unit
    size = min(1.0, max(0.15, width / 90))  # a candle's flame is small
    velocity[..., 1] = -FLAME * unit * speed * size
    late = _late(seed, "fire", shape, 30 * unit / STEP)
    up = Flow(
        region, velocity, cycle=FLAME_CYCLE, fps=fps, late=late, feather=10 * unit, contrast=0.3,
        loop=loop,
    )  # fmt: skip
    random = source(seed, "flames")
    grain = max(2.0, 40 * size * unit / STEP)
    modes = []
    rise = (y.max() - y)[:, None] / (120 * size * unit + 1)
    for hertz, share in WOBBLE:
        count = cycles(hertz * speed, period, fps)
        phase = 2 * np.pi * rise + 0.5 * noise(random, shape, (grain, grain))
        weight = np.full(shape, share, np.float32)
        modes.append(Mode(phase.astype(np.float32), weight, (1.0, 0.35), count))
    wobble = np.full(shape, 2.6 * size * unit * strength, np.float32)
    top = 1 - _near(region, 0.0)
    wobble *= (0.25 + 0.75 * top)[:, None]
    waves = Waves(region, modes, wobble, feather=8 * unit, period=period, worn=worn)
    # the light is one for the whole flame, but for a little
    whole = sum(share for _, share in FLICKER)
    lights = []
    for hertz, share in FLICKER:
        count = cycles(hertz * speed, period, fps)
        phase = random.uniform(0, 2 * np.pi) + 0.3 * noise(random, shape, (2 * grain, 2 * grain))
        weight = np.full(shape, share / whole, np.float32)
        lights.append(Mode(phase.astype(np.float32), weight, (0.0, 0.0), count, FLARE * strength))
    flames = np.ones(shape, np.float32) if glow is None else glow
    flicker = Waves(region, lights, flames, feather=16 * unit, period=period)
    return up, waves, flicker


def _near(region: Mask, far: float) -> Nodes:
    """`far` at the region's top row, 1 at its bottom one, row by row of nodes."""
    _, y = grid_of(region)
    rows = np.flatnonzero((region >= 128).any(axis=1))
    if not len(rows):
        return np.ones(len(y), np.float32)
    down = np.clip((y - rows[0]) / max(1, rows[-1] - rows[0]), 0, 1)
    near: Nodes = (far + (1 - far) * down).astype(np.float32)
    return near


def _late(seed: int, name: str, shape: tuple[int, int], grain: float) -> Nodes:
    """How far each place is out of step, 0..1."""
    late: Nodes = np.clip(
        0.5 + 0.28 * noise(source(seed, name), shape, (max(2.0, grain),) * 2), 0, 1
    ).astype(np.float32)
    return late
