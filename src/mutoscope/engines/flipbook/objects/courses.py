"""The ways of a cut-out through a film: places for every frame, for each kind of motion.

Every way begins where the subject was photographed. In a loop it comes back there; else a way that
goes somewhere stays there, and one that swings ends at rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.objects.stand import Stand
from mutoscope.engines.flipbook.pairs.pace import eased
from mutoscope.engines.flipbook.rendering.carried import ANGLE, DX, DY, TALL, WIDE

Array = npt.NDArray[np.float64]

#: Seconds in which something lifts off, or comes under way.
LIFT = 1.2
#: Of a float's height, the part that it bobs by; how far it drifts aside, in heights; its lean.
BOB, ASIDE, LEAN = 0.28, 0.35, math.radians(1.2)
#: How much a bounce is pressed together on the ground, and the part of a hop, before and after, that it
#: is there: so that a frame shows it, wherever the frames fall.
PRESSED, TOUCH = 0.035, 0.08
#: Where the horizon is taken to be, of the frame's height.
HORIZON = 0.4
#: How fast a round thing's turn comes up to speed where it does not loop.
SPIN_UP = 0.2


@dataclass(frozen=True, slots=True)
class Beat:
    """The clock of a motion: `times` of the frames in seconds, of a clip of `seconds`; `period` is what
    once takes, `count` how often it is asked for (0: as often as there is time). `random` draws what
    differs from seed to seed."""

    times: Array
    seconds: float
    loop: bool
    period: float
    random: np.random.Generator
    count: int = 0

    @property
    def cycles(self) -> int:
        """Whole times in the clip, at least one."""
        return self.count or max(1, round(self.seconds / self.period))

    @property
    def lasting(self) -> float:
        """The seconds that it goes on: all of the clip, or what so many times take."""
        return min(self.seconds, self.count * self.period) if self.count else self.seconds

    def phase(self, cycles: int | None = None) -> Array:
        """Radians since the beginning; a whole number of turns while it lasts."""
        way = np.minimum(self.times / self.lasting, 1.0)
        return np.asarray(2 * np.pi * (self.cycles if cycles is None else cycles) * way)

    def there(self) -> Array:
        """0..1 through the clip; in a loop there and back."""
        if self.loop:
            return np.asarray((1 - np.cos(self.phase(1))) / 2)
        return np.asarray(eased(self.times / self.seconds))

    def held(self, seconds: float = LIFT) -> Array:
        """0 at the beginning, 1 once it is under way; in a loop 0 again at its end."""
        ramp = min(seconds, 0.35 * self.seconds)
        rising = eased(self.times / ramp, 0.5)
        if self.loop:
            rising = rising * eased((self.seconds - self.times) / ramp, 0.5)
        return np.asarray(rising)


#: (stand, beat, amount, sign) → places, frames×5, about the stand's middle.
Course = Callable[[Stand, Beat, float, int], Array]


def rest(frames: int) -> Array:
    """Where it was photographed, throughout."""
    places = np.zeros((frames, 5))
    places[:, [WIDE, TALL]] = 1.0
    return places


def together(one: Array, other: Array) -> Array:
    """Two motions at once: shifts and turns add, sizes multiply."""
    both = one + other
    both[:, [WIDE, TALL]] = one[:, [WIDE, TALL]] * other[:, [WIDE, TALL]]
    return np.asarray(both)


def less(places: Array, share: float | Array) -> Array:
    """A share of a motion; one number, or one a frame."""
    still = rest(len(places))
    part = np.asarray(share, np.float64)
    return np.asarray(still + (places - still) * (part[:, None] if part.ndim else part))


def about(stand: Stand, pivot: tuple[float, float], places: Array) -> Array:
    """Turns and sizes about the stand's middle, as ones that leave `pivot` where it is."""
    x, y = pivot[0] - stand.middle[0], pivot[1] - stand.middle[1]
    cos, sin = np.cos(places[:, ANGLE]), np.sin(places[:, ANGLE])
    wide, tall = x * places[:, WIDE], y * places[:, TALL]
    made = places.copy()
    made[:, DX] += x - (cos * wide - sin * tall)
    made[:, DY] += y - (sin * wide + cos * tall)
    return made


def float_(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Lifts off and bobs in the air; `amount` of the frame's height is the highest."""
    places = rest(len(beat.times))
    high, held = amount * stand.height, beat.held()
    swings = max(1, beat.cycles - 1)
    aside, lean = beat.random.choice((-1.0, 1.0), 2)
    places[:, DY] = -high * held * (1 - BOB + BOB * np.sin(beat.phase()))
    places[:, DX] = aside * ASIDE * high * held * np.sin(beat.phase(swings))
    places[:, ANGLE] = lean * LEAN * held * np.sin(beat.phase(swings))
    return places


def bounce(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Hops, each time touching the ground where it stood."""
    places = rest(len(beat.times))
    hop = np.mod(beat.phase() / (2 * np.pi), 1.0)
    flown = np.clip((hop - TOUCH) / (1 - 2 * TOUCH), 0, 1)
    places[:, DY] = -amount * stand.height * 4 * flown * (1 - flown)
    touching = np.clip(1 - np.minimum(hop, 1 - hop) / TOUCH, 0, 1) ** 2
    # as photographed where the film begins, and where it ends
    ends = np.minimum(beat.held(0.3), eased((beat.lasting - beat.times) / 0.3, 0.5))
    pressed = PRESSED * touching * ends
    squeezed = rest(len(beat.times))
    squeezed[:, TALL], squeezed[:, WIDE] = 1 - pressed, 1 + 0.6 * pressed
    return together(places, about(stand, (stand.foot.x, stand.box.bottom), squeezed))


def whole_turns(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Turns all the way, in the picture's plane."""
    places = rest(len(beat.times))
    way = np.minimum(beat.times / beat.lasting, 1.0)
    even = beat.loop and not beat.count
    places[:, ANGLE] = sign * 2 * np.pi * beat.cycles * (way if even else eased(way, SPIN_UP))
    return places


def rock(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Turns a little to and fro on its foot."""
    places = rest(len(beat.times))
    grip = 1.0 if beat.loop else beat.held(0.6)
    places[:, ANGLE] = sign * math.radians(amount) * grip * np.sin(beat.phase())
    return about(stand, (stand.foot.x, stand.box.bottom), places)


def swing(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """A pendulum that hangs from its upper end."""
    places = rest(len(beat.times))
    grip = 1.0 if beat.loop else beat.held(0.8)
    places[:, ANGLE] = sign * math.radians(amount) * grip * np.sin(beat.phase())
    return about(stand, (stand.middle[0], stand.box.top), places)


def tilt(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Leans over the side of its foot."""
    places = rest(len(beat.times))
    places[:, ANGLE] = sign * math.radians(amount) * beat.there()
    return about(stand, (stand.foot.x + sign * 0.8 * stand.foot.wide, stand.box.bottom), places)


def travel(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Goes left (-1) or right; `amount` of the frame's width."""
    places = rest(len(beat.times))
    places[:, DX] = sign * amount * stand.width * beat.there()
    return places


def roll(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Goes left or right and turns as far as it goes."""
    places = travel(stand, beat, amount, sign)
    radius = max(4.0, (stand.box.width + stand.box.height) / 4)
    places[:, ANGLE] = places[:, DX] / radius
    return places


def drift(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Goes left or right on water: rocking a little."""
    places = travel(stand, beat, amount, sign)
    rocking = rest(len(beat.times))
    grip = 1.0 if beat.loop else beat.held(0.8)
    rocking[:, ANGLE] = LEAN * grip * np.sin(beat.phase())
    return together(places, about(stand, (stand.foot.x, stand.foot.y), rocking))


def near(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Comes nearer (1) or goes away (-1): grows about where the horizon passes behind it, or about its
    upper end where that is higher."""
    places = rest(len(beat.times))
    grown = np.exp(sign * math.log(max(amount, 1.0)) * beat.there())
    places[:, WIDE] = places[:, TALL] = grown
    upper = stand.box.top + 0.1 * stand.box.height
    return about(stand, (stand.middle[0], min(HORIZON * stand.height, upper)), places)


def rise(stand: Stand, beat: Beat, amount: float, sign: int) -> Array:
    """Goes up (1) or down (-1)."""
    places = rest(len(beat.times))
    places[:, DY] = -sign * amount * stand.height * beat.there()
    return places
