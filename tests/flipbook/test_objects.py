"""What a cut-out can be made to do: its ways, its limits, and the truth about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from film_scenes import rows_scene

from mutoscope.direction.model import Direction
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.honesty import rest
from mutoscope.engines.flipbook.objects import courses, limits
from mutoscope.engines.flipbook.objects.chosen import CAST, asks, object_motion
from mutoscope.engines.flipbook.objects.courses import Beat, Course
from mutoscope.engines.flipbook.objects.kinds import movable, table
from mutoscope.engines.flipbook.objects.stand import Stand, stand_of, within
from mutoscope.engines.flipbook.rendering.carried import ANGLE, DX, DY, TALL, WIDE, SubjectMotion
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene, Subject
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Fit, Size

FRAMES, FPS = 48, 24.0
DISC = rows_scene(320, 180)


def box_scene(left: int, top: int, right: int, bottom: int) -> Scene:
    """A scene whose subject is a box of the frame, or beyond it."""
    scene = rows_scene(320, 180, subject=False)
    tall, wide = bottom - top, right - left
    alpha = np.full((tall, wide), 255, np.uint8)
    colour = np.full((tall, wide, 3), 200, np.uint8)
    grid = np.full((-(-tall // 8) + 1, -(-wide // 8) + 1), 0.8, np.float32)
    return replace(scene, subject=Subject(left, top, colour, alpha, grid))


CUP = box_scene(130, 60, 180, 140)


def stand(scene: Scene = CUP, plan: Plan | None = None) -> Stand:
    found = stand_of(scene, plan)
    assert found is not None
    return found


def beat(*, loop: bool = False, period: float = 1.0, seconds: float = 2.0) -> Beat:
    frames = round(seconds * FPS)
    times = np.arange(frames) / (frames if loop else frames - 1) * seconds
    return Beat(times, seconds, loop, period, np.random.default_rng(3))


COURSES: dict[str, tuple[Course, float]] = {
    "float": (courses.float_, 0.05),
    "bounce": (courses.bounce, 0.08),
    "whole turns": (courses.whole_turns, 1.0),
    "rock": (courses.rock, 8.0),
    "swing": (courses.swing, 6.0),
    "tilt": (courses.tilt, 8.0),
    "travel": (courses.travel, 0.1),
    "roll": (courses.roll, 0.1),
    "drift": (courses.drift, 0.1),
    "near": (courses.near, 1.15),
    "rise": (courses.rise, 0.1),
}


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("loop", [False, True])
def test_every_way_begins_where_it_was_photographed_and_never_jumps(name: str, loop: bool) -> None:
    course, amount = COURSES[name]
    places = course(stand(), beat(loop=loop), amount, 1)
    still = courses.rest(1)[0]
    assert np.allclose(places[0], still)
    after = np.vstack([places, places[:1]]) if loop else places
    if name == "whole turns":  # a whole turn is none
        after = after.copy()
        after[-1, ANGLE] = after[-2, ANGLE] + (after[1, ANGLE] if loop else 0)
    x, y = limits.moved(stand().outline, stand().middle, after)
    step = np.hypot(np.diff(x, axis=0), np.diff(y, axis=0)).max(axis=1)
    assert step.max() > 0.05
    assert step.max() < 8 * np.median(step) + 1


def test_a_bounce_touches_the_ground_where_it_stood() -> None:
    places = courses.bounce(stand(), beat(period=0.5), 0.1, 1)
    own = stand()
    foot = (own.foot.x, own.box.bottom)
    x, y = limits.moved(foot, own.middle, places)
    assert np.abs(x - foot[0]).max() < 1e-6
    assert (y <= foot[1] + 1e-6).all()
    assert (y > foot[1] - 1.0).sum() >= 4  # it comes down, again and again
    assert y.min() == pytest.approx(foot[1] - 18, abs=1.0)
    assert places[:, TALL].min() < 1 < places[:, WIDE].max()


def test_as_often_as_it_is_said_and_then_it_rests() -> None:
    twice = courses.bounce(stand(), replace(beat(period=0.5), count=2), 0.1, 1)
    assert (twice[24:] == courses.rest(24)).all()
    low = twice[:, DY] > -0.5
    assert int((low[1:] & ~low[:-1]).sum()) == 2


def test_what_floats_stays_above_where_it_stood() -> None:
    places = courses.float_(stand(), beat(), 0.1, 1)
    assert places[:, DY].max() <= 1e-9
    assert places[24:, DY].max() < -5
    assert places[:, DY].min() >= -18 - 1e-6


def test_what_swings_hangs_from_its_upper_end() -> None:
    own = stand()
    top = (own.middle[0], own.box.top)
    x, y = limits.moved(top, own.middle, courses.swing(own, beat(), 6.0, 1))
    assert np.hypot(x - top[0], y - top[1]).max() < 1e-6


def test_what_rolls_turns_as_far_as_it_goes() -> None:
    own = stand(DISC)
    places = courses.roll(own, beat(), 0.1, 1)
    radius = (own.box.width + own.box.height) / 4
    assert np.allclose(places[:, ANGLE] * radius, places[:, DX])


def test_the_frame_is_the_limit() -> None:
    own = stand()
    share, why = limits.most(own, lambda part: courses.rise(own, beat(), part, 1))
    assert why == "frame"
    assert share * 180 == pytest.approx(own.box.top, abs=2)
    assert limits.most(own, lambda part: courses.rise(own, beat(), 0.1 * part, 1)) == (1.0, "")


@pytest.mark.parametrize(
    ("scene", "side", "way", "allowed"),
    [
        (box_scene(130, 60, 180, 180), "bottom", {DY: -10.0}, False),
        (box_scene(130, 60, 180, 180), "bottom", {DY: 5.0}, True),
        (box_scene(130, 60, 180, 180), "bottom", {DX: 20.0}, True),
        (box_scene(0, 60, 80, 140), "left", {DX: 10.0}, False),
        (box_scene(0, 60, 80, 140), "left", {DY: -10.0}, True),
        (box_scene(240, 60, 320, 140), "right", {DX: -10.0}, False),
        (box_scene(130, 0, 180, 100), "top", {DY: 10.0}, False),
        (box_scene(130, 0, 180, 100), "top", {ANGLE: 0.2}, False),
    ],
)
def test_a_cut_edge_is_never_shown(
    scene: Scene, side: str, way: dict[int, float], allowed: bool
) -> None:
    own = stand(scene)
    assert own.cut == (side,)
    places = courses.rest(2)
    for column, value in way.items():
        places[1, column] = value
    assert limits.shows(own, places) == ("" if allowed else side)


def test_beyond_the_picture_a_third_of_what_was_made_up_may_be_shown() -> None:
    own = stand(box_scene(130, 60, 180, 192))  # 12 pixels of the margin, 180 is the picture's end
    places = courses.rest(2)
    places[1, DY] = -4.0
    assert limits.shows(own, places) == ""
    places[1, DY] = -6.0
    assert limits.shows(own, places) == "bottom"


def test_what_the_margin_mirrors_of_a_thing_does_not_go_along() -> None:
    scene = box_scene(130, 60, 180, 196)  # the picture ends at 180, and its margin at 196
    assert scene.subject is not None
    alpha = scene.subject.alpha.copy()
    alpha[100:126] = 0  # the thing ends at 160; what begins at 186 is its mirror image
    mirrored = replace(scene, subject=replace(scene.subject, alpha=alpha))
    assert stand(mirrored).cut == ()
    assert stand(mirrored).box.bottom == 160
    kept = within(mirrored).subject
    assert kept is not None
    assert (kept.alpha[:100] == 255).all()
    assert (kept.alpha[120:] == 0).all()
    whole = within(scene).subject
    assert whole is not None
    assert (whole.alpha == 255).all()  # cut off by the border, it goes on beyond


def test_where_the_picture_is_padded_its_border_is_inside_the_frame() -> None:
    padded = Plan(
        Size(300, 200), Size(320, 180), Fit.PAD, Box(0, 0, 300, 200), Box(25, 0, 295, 180)
    )
    scene = box_scene(25, 60, 90, 140)
    assert stand(scene).cut == ()
    assert stand(scene, padded).cut == ("left",)


def test_a_disc_is_round_and_a_cup_is_not() -> None:
    assert stand(DISC).round
    assert not stand().round


def test_a_foot_is_found_on_the_ground() -> None:
    foot = stand(DISC).foot
    disc = stand(DISC).box
    assert foot.x == pytest.approx((disc.left + disc.right) / 2, abs=1)
    assert disc.top < foot.y < disc.bottom
    assert stand().stands
    assert not stand(box_scene(130, 60, 180, 180)).stands
    assert not stand(box_scene(130, 10, 180, 60)).stands  # up in the sky


Found = tuple[SubjectMotion | None, tuple[Effect, ...], Answered]


def found(prompt: str, scene: Scene = CUP, *, seed: int = 0, loop: bool = False) -> Found:
    return object_motion(direct(prompt, 2.0), scene, Timing(FRAMES, FPS, loop, seed))


def asked(prompt: str, scene: Scene = CUP) -> dict[str, Instruction]:
    return {one.words: one for one in found(prompt, scene)[2].instructions}


def places_of(prompt: str, scene: Scene = CUP, *, seed: int = 0) -> courses.Array:
    motion, _, _ = found(prompt, scene, seed=seed)
    assert motion is not None
    return motion.places


@pytest.mark.parametrize(
    ("prompt", "how"),
    [
        ("the cup floats", "floats, up to 4 % of the frame's height"),
        ("the cup slowly floats", "up to 2 %"),
        ("the cup bounces", "hops up to 7 %"),
        ("the cup spins", "turns to and fro by 8° in the picture's plane"),
        ("the cup slides to the left", "slides left by 9 %"),
        ("the cup rises", "rises by 10 %"),
        ("the cup tilts to the left", "leans to the left by 7°"),
        ("the sign swings", "swings by 5° to each side"),
        ("the car drives to the right", "slides right by 9 %"),
        ("the cup moves closer", "comes nearer, 1.10 times as large"),
        ("the boat sails to the right", "drifts, rocking a little, right by 9 %"),
        ("the ball bounces twice", "comes down where it stood, 2 times"),
        ("die Tasse hüpft dreimal", "3 times"),
        ("die Tasse schwebt", "floats"),
        ("杯子漂浮", "floats"),
    ],
)
def test_each_is_approximated_and_says_how(prompt: str, how: str) -> None:
    (said,) = asked(prompt).values()
    assert said.outcome == "approximated"
    assert how in said.how
    assert said.how.startswith("the cut-out ")
    assert said.how.endswith("nothing else of it moves")


def test_what_is_round_turns_all_the_way() -> None:
    (said,) = asked("the ball spins counterclockwise", DISC).values()
    assert "turns anticlockwise in the picture's plane" in said.how
    places = places_of("the ball spins counterclockwise", DISC)
    assert places[-1, ANGLE] == pytest.approx(-2 * np.pi)


def test_less_room_is_less_motion_and_said() -> None:
    (said,) = asked("the cup quickly slides to the right", box_scene(240, 60, 298, 140)).values()
    assert said.outcome == "approximated"
    assert "slides right by 7 %" in said.how
    assert "no room for more" in said.how


REFUSED = {
    "cut off": ("the cup floats", box_scene(130, 60, 180, 180), "cuts it off at its lower border"),
    "no room": ("the cup rises", box_scene(130, 2, 180, 140), "no room to"),
    "nothing there": ("the cup floats", rows_scene(320, 180, subject=False), "nothing stands out"),
    "elsewhere": ("the clouds float", CUP, "not the clouds"),
    "auf Deutsch": ("der Tisch dreht sich", CUP, "not the tisch"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_not_possible_and_says_why(case: str) -> None:
    prompt, scene, why = REFUSED[case]
    motion, effects, answered = found(prompt, scene)
    (said,) = answered.instructions
    assert said.outcome == "not_possible"
    assert why in said.how
    assert (motion, effects) == (None, ())


def test_with_characters_in_its_layer_nothing_moves_by_itself() -> None:
    timing = Timing(FRAMES, FPS)
    motion, _, answered = object_motion(direct("the cup floats", 2.0), CUP, timing, bound=CAST)
    assert motion is None
    assert "characters" in answered.instructions[0].how


def test_one_thing_moves_and_the_second_does_not() -> None:
    said = asked("the cup floats, and the spoon spins")
    assert [one.outcome for one in said.values()] == ["approximated", "not_possible"]
    assert "taken to be the cup" in list(said.values())[1].how


def test_two_motions_of_one_thing_are_added() -> None:
    prompt = "the red cup floats, the cup tilts to the right"
    assert [one.outcome for one in asked(prompt).values()] == ["approximated"] * 2
    places = places_of(prompt)
    assert places[:, DY].min() < -3
    assert places[-1, ANGLE] > 0.05
    assert limits.shows(stand(), places) == ""


def test_what_needs_new_pixels_is_left_to_the_rest_of_the_report() -> None:
    for prompt in ("the door opens", "the flower grows", "the man walks"):
        direction = direct(prompt, 2.0)
        assert direction.motion
        assert not asks(direction)
        motion, effects, answered = object_motion(direction, CUP, Timing(FRAMES, FPS))
        assert (motion, effects, answered.instructions) == (None, (), ())
        (said,) = rest(direction, answered=answered)
        assert said.outcome == "not_possible"


def test_the_plate_is_painted_where_something_will_move() -> None:
    assert asks(direct("the cup floats", 2.0))
    assert not asks(direct("the clouds float", 2.0))
    assert not asks(Direction(seconds=2.0))


def test_the_table_names_what_the_lexicons_know() -> None:
    from mutoscope.direction.lexicon import LANGUAGES, index

    known = {
        sense.name
        for phrases in index(LANGUAGES, False).values()
        for senses in phrases.senses.values()
        for name, sense in senses.items()
        if name == "motion.object"
    }
    assert set(table()["moves"]) <= known
    assert movable(direct("the cup floats", 2.0).motion[0])


def test_a_seed_is_a_motion() -> None:
    one, same = (places_of("the cup floats", seed=5) for _ in range(2))
    assert np.array_equal(one, same)
    others = [places_of("the cup floats", seed=seed) for seed in range(6)]
    assert any(not np.array_equal(one, other) for other in others)


def test_stop_motion_goes_in_steps() -> None:
    places = places_of("stop motion, the cup floats")
    assert (places[0::2] == places[1::2]).all()
    assert np.ptp(places[:, DY]) > 3


def test_a_share_of_every_frame_is_a_share_of_the_motion() -> None:
    places = courses.near(stand(), beat(), 1.2, 1)
    weights = np.linspace(0, 1, len(places))
    calmed = courses.less(places, weights)
    assert np.allclose(calmed[0], courses.rest(1)[0])
    assert np.allclose(calmed[-1], places[-1])


def test_where_a_point_goes_is_what_the_renderer_undoes() -> None:
    own = stand()
    rng = np.random.default_rng(2)
    places = courses.rest(6) + rng.normal(0, (9, 9, 0.3, 0.1, 0.1), (6, 5))
    motion = SubjectMotion(own.middle, places)
    for number in range(6):
        x, y = (np.array(part[number]) for part in limits.moved(own.outline, own.middle, places))
        motion.undo(number, x, y)
        assert np.allclose(np.stack([x, y], -1), own.outline)
