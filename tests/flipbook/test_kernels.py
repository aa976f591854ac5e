"""The compiled loops against plain arithmetic, and every read of theirs inside its array."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import AT_REST, FAR, Lens
from mutoscope.engines.flipbook.rendering import fill as kernels_fill
from mutoscope.engines.flipbook.rendering import positions as kernels_map
from mutoscope.engines.flipbook.rendering.layers import enlarged, pack

HERE = Path(__file__).parent


def test_packed_samples_hold_their_neighbours() -> None:
    plane = np.arange(12, dtype=np.uint8).reshape(3, 4)
    packed = pack(plane)
    assert packed.shape == (3, 5)
    assert packed[1, 2] == 6 | 10 << 8
    assert packed[2, 3] == packed[2, 4] == 11 | 11 << 8  # the last ones repeat


def test_a_tap_is_bilinear_to_half_a_level() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        tl, tr, bl, br = (int(v) for v in rng.integers(0, 256, 4))
        x, y = (int(v) for v in rng.integers(0, 1 << 16, 2))
        four = np.uint32(tl | bl << 8 | tr << 16 | br << 24)
        got = (kernels_fill.mixed(four, np.uint32(x), np.uint32(y)) >> 8) / 256
        fx, fy = (x >> 8) / 256, (y >> 8) / 256
        true = (tl * (1 - fx) + tr * fx) * (1 - fy) + (bl * (1 - fx) + br * fx) * fy
        assert abs(got - true) < 0.01


def test_over_is_exact_at_both_ends() -> None:
    for value in range(0, 256, 5):
        assert kernels_fill.over(value << 8, 0, 255 << 8) == value
        assert abs(kernels_fill.over(0, value << 8, 0) - value) == 0
    assert kernels_fill.over(255 << 8, 255 << 8, 128 << 8) == 255  # never wraps


def test_enlarged_keeps_the_samples_and_a_slope() -> None:
    ramp = np.repeat(np.arange(0, 200, 8, dtype=np.uint8)[None], 10, axis=0)
    large = enlarged(ramp, 2)
    assert large.shape == (20, 50)
    assert (large[::2, ::2] == ramp).all()
    assert np.abs(np.diff(large[8].astype(int))[6:-6] - 4).max() == 0
    assert enlarged(ramp, 1) is ramp


def _solved(pose: camera.Array, disparity: float) -> camera.Array:
    lens = Lens(320, 180)
    xs, ys = np.zeros((13, 21)), np.zeros((13, 21))
    grid = np.full((24, 42), disparity, np.float32)
    ray = np.ascontiguousarray(camera.rays(pose[None], lens)[0])
    numbers = np.array([lens.focal, *lens.centre, *pose[:3], FAR])
    kernels_map.solve(xs, ys, ray, numbers, grid, 0.0, 0.0, 8.0, 16.0)
    return np.stack([xs, ys], -1)


def test_solved_nodes_are_the_camera_s() -> None:
    pose = np.array([0.03, -0.02, 0.1, 0.02, -0.03, 0.05, 1.1])
    points = np.stack(np.meshgrid(np.arange(21) * 16.0, np.arange(13) * 16.0), -1).reshape(-1, 2)
    true = camera.source(pose, Lens(320, 180), points, float(camera.inverse_depth(0.7)))
    assert np.abs(_solved(pose, 0.7).reshape(-1, 2) - true[0]).max() < 1e-4


def test_the_search_along_the_line_settles() -> None:
    lens, pose = Lens(1280, 720), np.array(AT_REST)
    pose[:3] = 0.03, 0.0, 0.12
    rows, cols = 91, 161
    grid = np.repeat(np.linspace(0, 1, rows, dtype=np.float32)[:, None], cols, axis=1)
    xs, ys = np.zeros((46, 81)), np.zeros((46, 81))
    ray = np.ascontiguousarray(camera.rays(pose[None], lens)[0])
    numbers = np.array([lens.focal, *lens.centre, *pose[:3], FAR])
    kernels_map.solve(xs, ys, ray, numbers, np.ascontiguousarray(grid), 0.0, 0.0, 8.0, 16.0)
    points = np.stack(np.meshgrid(np.arange(81) * 16.0, np.arange(46) * 16.0), -1).reshape(-1, 2)
    rho = camera.inverse_depth(np.clip(ys.ravel() / 8 / (rows - 1), 0, 1))
    settled = camera.source(pose, lens, points, rho)[0]
    assert np.abs(settled - np.stack([xs, ys], -1).reshape(-1, 2)).max() < 0.05


def test_fixed_positions_stay_inside() -> None:
    xs, ys = np.array([[-1e4, 0.0, 1e4]]), np.array([[-1e4, 5.0, 1e4]])
    fx, fy = np.zeros((1, 3), np.int64), np.zeros((1, 3), np.int64)
    kernels_map.fix(xs, ys, fx, fy, 0.0, 0.0, 2.0, 40, 30, True)
    assert fx.min() >= kernels_map.GUARD
    assert fx.max() >> 16 < 40
    assert fy.max() >> 16 < 30
    kernels_map.fix(xs, ys, fx, fy, 0.0, 0.0, 2.0, 40, 30, False)
    assert fx[0, 0] == -20_000 * kernels_map.ONE


@pytest.mark.slow
def test_no_read_or_write_is_out_of_bounds(tmp_path: Path) -> None:
    """All kernels with numba's bounds checking, over sizes that end inside a cell and wild poses."""
    environment = dict(os.environ, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    environment["PYTHONPATH"] = str(HERE)
    done = subprocess.run(
        [sys.executable, str(HERE / "bounds.py")], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "all drawn" in done.stdout
