"""A film gets its sound: through the engine's seam, with real films and real sound."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from sounds_heard import decoded, ebur128, noise, octaves, swing, tone, wave

from made_films import moved, pan, written
from mutoscope.direction.model import Direction, Move
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.film import film
from mutoscope.engines.flipbook.sounding import with_sound
from mutoscope.errors import BadInput, BadShot, Cancelled
from mutoscope.shot import Anchor, Delivery, Kind, Media, Role, Shot, Size, Track, TrackRole
from mutoscope.sound.events import Event
from mutoscope.sound.moments import events
from mutoscope.sound.span import RATE
from mutoscope.steps import needed, ordered

SIZE = Size(96, 54)
FPS = 12
MEDIA = Media("0" * 64, "audio/wav", 10)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds without sound."""
    frames = moved(4 * FPS, pan, (SIZE.width, SIZE.height))
    return written(tmp_path_factory.mktemp("film") / "film.mp4", frames, fps=FPS)


def order(folder: Path, prompt: str, **fields: object) -> Order:
    shot = replace(Shot(prompt=prompt, size=SIZE, fps=FPS), **fields)  # type: ignore[arg-type]
    return Order(shot=shot, direction=direct(prompt, seconds=shot.seconds), folder=folder)


def sounded(silent: Path, one: Order, *, stop: bool = False) -> tuple[Footage, dict[str, str]]:
    """The film with the order's sound, and the outcome of each instruction."""
    path = one.folder / "footage.mp4"
    if not path.exists():
        path.write_bytes(silent.read_bytes())
    footage = Footage(path, 4 * FPS, fps=FPS, size=SIZE)
    told: list[tuple[str, float]] = []
    made = with_sound(one, footage, lambda stage, done: told.append((stage, done)), lambda: stop)
    assert all(stage == "sound" and 0.9 < done <= 1 for stage, done in told)
    assert sorted(done for _, done in told) == [done for _, done in told]
    return made, {one.words: one.outcome for one in made.instructions}


def test_a_film_nobody_asked_sound_of_stays_silent(silent: Path, tmp_path: Path) -> None:
    made, said = sounded(silent, order(tmp_path, "slow push in, the trees sway"))
    assert said == {}
    assert made.path.read_bytes() == silent.read_bytes()


def test_a_cue_is_heard_at_its_loudness_and_said(silent: Path, tmp_path: Path) -> None:
    made, said = sounded(silent, order(tmp_path, "push in, sound of rain"))
    assert said == {"sound: sound of rain": "done"}
    loud, peak = ebur128(made.path)
    assert loud == pytest.approx(-18, abs=1)
    assert peak <= -1
    heard = decoded(made.path)
    assert abs(heard.shape[1] - 4 * RATE) <= 1024
    assert swing(heard[:, RATE // 2 : -RATE // 2]) < 3
    assert any("-18.0 LUFS" in note for note in made.notes)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["footage.mp4"]
    assert "sound" in made.seconds_spent


def test_the_same_shot_is_the_same_bytes(silent: Path, tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made, _ = sounded(silent, order(tmp_path / name, "push in, room tone", seed=4))
        digests.add(hashlib.sha256(made.path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_sound_that_nobody_names_is_the_picture_s_and_the_report_says_which(
    silent: Path, tmp_path: Path
) -> None:
    made, _ = sounded(silent, order(tmp_path, "push in, the trees sway", sound=True))
    (one,) = made.instructions
    assert (one.words, one.outcome) == ("sound", "done")
    assert one.how == "synthesised: leaves, for “the trees sway”"
    level = octaves(decoded(made.path), [150, 3000])
    assert level[1] > level[0] + 10


WORDS = {
    "jazz music plays": ("not_possible", "--music FILE"),
    "sound of a dog barking": ("not_possible", "--music FILE"),
    "voice over": ("not_possible", "--voice FILE"),
    "no music": ("done", "none is made"),
    "silence": ("done", "no sound is made"),
}


@pytest.mark.parametrize("words", WORDS)
def test_what_cannot_be_made_is_said_with_what_to_do(
    words: str, silent: Path, tmp_path: Path
) -> None:
    made, _ = sounded(silent, order(tmp_path, f"push in, {words}"))
    (one,) = made.instructions
    outcome, how = WORDS[words]
    assert one.outcome == outcome
    assert how in one.how
    assert made.path.read_bytes() == silent.read_bytes()


def test_silence_wins_over_a_wish_for_sound_and_both_are_said(silent: Path, tmp_path: Path) -> None:
    made, said = sounded(silent, order(tmp_path, "push in, silence", sound=True))
    assert said == {"sound: silence": "done", "sound": "not_possible"}
    assert made.path.read_bytes() == silent.read_bytes()


def test_silence_wins_over_other_cues_too(silent: Path, tmp_path: Path) -> None:
    made, said = sounded(silent, order(tmp_path, "push in, sound of rain, silence"))
    assert said == {"sound: sound of rain": "not_possible", "sound: silence": "done"}
    assert made.path.read_bytes() == silent.read_bytes()


@pytest.mark.slow
def test_a_cue_that_is_heard_in_part_is_approximated(silent: Path, tmp_path: Path) -> None:
    made, said = sounded(silent, order(tmp_path, "sound of rain on a tin roof, café ambience"))
    assert said == {
        "sound: sound of rain on a tin roof": "approximated",
        "sound: café ambience": "approximated",
    }
    assert made.instructions[0].how == "synthesised: rain; not “tin roof”"


def test_a_loop_s_sound_loops(silent: Path, tmp_path: Path) -> None:
    """Played twice, there is no more of a step at the join than elsewhere, and no fade."""
    made, _ = sounded(silent, order(tmp_path, "push in, sound of a stream", loop=True))
    heard = decoded(made.path)[:, : 4 * RATE]
    twice = np.concatenate([heard, heard], axis=1)
    steps = np.abs(np.diff(twice, axis=1)).max(axis=0)
    join = steps[heard.shape[1] - 20 : heard.shape[1] + 20].max()
    assert join <= np.percentile(steps, 99.9)
    ends = np.abs(np.concatenate([heard[:, :4800], heard[:, -4800:]], axis=1)).std()
    assert ends > 0.4 * np.abs(heard).std()


@pytest.mark.slow
def test_a_film_that_ends_fades_its_sound(silent: Path, tmp_path: Path) -> None:
    made, _ = sounded(silent, order(tmp_path, "push in, sound of a stream"))
    heard = decoded(made.path)
    middle = heard[:, RATE : 2 * RATE].std()
    assert heard[:, :200].std() < 0.1 * middle
    assert heard[:, 4 * RATE - 600 : 4 * RATE].std() < 0.1 * middle


def with_tracks(one: Order, **paths: Path) -> Order:
    roles = {"music": TrackRole.MUSIC, "voice": TrackRole.VOICE}
    tracks = tuple(Track(MEDIA, roles[name]) for name in paths)
    return replace(
        one, shot=replace(one.shot, tracks=tracks), tracks=dict(enumerate(paths.values()))
    )


def test_the_owner_s_music_and_voice_are_heard(silent: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    music = wave(tmp_path / "music.wav", tone(880, 1.5))
    voice = wave(tmp_path / "voice.flac", noise(1, -14), codec="flac")
    one = with_tracks(order(folder, "push in"), music=music, voice=voice)
    made, said = sounded(silent, one)
    assert said == {"music": "done", "voice": "done"}
    assert "repeated" in made.instructions[0].how
    loud, peak = ebur128(made.path)
    assert loud == pytest.approx(-18, abs=1)
    assert peak <= -1
    heard = decoded(made.path)
    late = octaves(heard[:, 3 * RATE : 3 * RATE + RATE // 2], [250, 880], 0.2)
    assert late[1] > late[0] + 30  # the voice is over, the music goes on
    early = octaves(heard[:, RATE // 4 : RATE * 3 // 4], [2000, 880], 0.2)
    assert early[1] < late[1]


def test_a_music_cue_is_answered_by_the_owner_s_file(silent: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    music = wave(tmp_path / "music.wav", tone(880, 1.5))
    made, said = sounded(silent, with_tracks(order(folder, "soft piano music"), music=music))
    assert said["sound: soft piano music"] == "approximated"
    assert made.instructions[0].how == "your file is what is heard"


def test_a_broken_file_of_the_owner_s_is_one_sentence(silent: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    broken = tmp_path / "song.mp3"
    broken.write_bytes(b"not music")
    with pytest.raises(BadInput, match="the music file cannot be used"):
        sounded(silent, with_tracks(order(folder, "push in"), music=broken))
    assert [path.name for path in folder.iterdir()] == ["footage.mp4"]


def test_a_broken_file_is_refused_before_a_frame_is_made(silent: Path, tmp_path: Path) -> None:
    broken = tmp_path / "song.ogg"
    broken.write_bytes(b"OggS" + bytes(60))
    folder = tmp_path / "work"
    folder.mkdir()
    one = with_tracks(edit(silent, folder, "warmer, half speed"), voice=broken)
    begun: list[str] = []
    with pytest.raises(BadInput, match="the voice file cannot be used"):
        film(one, lambda stage, done: begun.append(stage), lambda: False)
    assert begun == []
    assert list(folder.iterdir()) == []


def test_a_stopped_film_leaves_no_sound_behind(silent: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        sounded(silent, order(tmp_path, "sound of rain"), stop=True)
    assert [path.name for path in tmp_path.iterdir()] == ["footage.mp4"]


def test_a_format_without_sound_says_so(silent: Path, tmp_path: Path) -> None:
    one = order(tmp_path, "sound of rain", delivery=Delivery("gif", ".gif"))
    path = tmp_path / "footage.gif"
    path.write_bytes(b"GIF89a")
    made = with_sound(one, Footage(path, 48), lambda stage, done: None, lambda: False)
    (said,) = made.instructions
    assert said.outcome == "not_possible"
    assert "gif holds no sound" in said.how


def edit(source: Path, folder: Path, prompt: str, **fields: object) -> Order:
    media = Media("1" * 64, "video/mp4", 10)
    one = order(folder, prompt, kind=Kind.EDIT, anchors=(Anchor(media, Role.SOURCE),), **fields)
    direction = direct(prompt, seconds=one.shot.seconds, film=True)
    return replace(one, direction=direction, clips={0: source})


def shown(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [
            hashlib.sha256(bytes(one)).hexdigest() for one in container.demux(video=0) if one.size
        ]


def test_where_only_sound_is_asked_the_pictures_are_not_coded_again(
    silent: Path, tmp_path: Path
) -> None:
    made = film(edit(silent, tmp_path, "sound of waves"), lambda stage, done: None, lambda: False)
    assert shown(made.path) == shown(silent)
    assert "not coded again" in made.notes[0]
    assert ebur128(made.path)[0] == pytest.approx(-18, abs=1)


@pytest.mark.slow
def test_a_film_s_own_sound_leads_what_is_put_under_it(silent: Path, tmp_path: Path) -> None:
    from mutoscope.sound.mux import add_sound
    from mutoscope.sound.owner import taken

    source = tmp_path / "source.mp4"
    given = wave(tmp_path / "tone.wav", tone(500, 4, -14))
    add_sound(silent, taken(given, tmp_path / "a.f32", "music"), source)
    folder = tmp_path / "work"
    folder.mkdir()
    made = film(edit(source, folder, "sound of rain"), lambda stage, done: None, lambda: False)
    level = octaves(decoded(made.path), [500, 5000])
    assert level[0] > level[1] + 6
    assert level[1] > octaves(decoded(source), [5000])[0] + 20  # the rain is there
    muted = tmp_path / "muted"
    muted.mkdir()
    made = film(edit(source, muted, "no sound"), lambda stage, done: None, lambda: False)
    with av.open(str(made.path)) as container:
        assert not container.streams.audio
    assert made.instructions[-1].how == "the film's own sound is taken out"


def test_swift_moves_are_heard_and_slow_ones_are_not() -> None:
    def moving(speed: str, end: float) -> Direction:
        move = Move(move="pan_right", start=1.0, end=end, speed=speed)  # type: ignore[arg-type]
        return Direction(seconds=4, camera=(move,))

    (one,) = events(moving("fast", 1.8), (), 4)
    assert replace(one, seconds=0.8) == Event(1.4, "whoosh", 0.55, 0.8, 0.2, 0.8)
    assert one.seconds == pytest.approx(0.8)
    assert events(moving("slow", 1.8), (), 4) == ()
    assert events(moving("fast", 4.0), (), 4) == ()
    (asked,) = events(moving("slow", 4.0), ("whoosh",), 4)
    assert asked.time == 2.5
    assert events(Direction(seconds=4), ("whoosh",), 4)[0].time == 2.0


@pytest.mark.parametrize(
    ("prompt", "count"), [("the ball bounces", 5), ("the ball bounces twice", 2)]
)
@pytest.mark.parametrize("loop", [False, True])
def test_a_bounce_is_heard_when_it_touches_the_ground(prompt: str, count: int, loop: bool) -> None:
    """Beside the way that the picture itself goes."""
    from types import SimpleNamespace

    from mutoscope.engines.flipbook.landings import landings
    from mutoscope.engines.flipbook.objects.courses import Beat, bounce
    from mutoscope.engines.flipbook.objects.kinds import times_of
    from mutoscope.engines.flipbook.rendering.carried import DY

    direction = direct(prompt, seconds=4)
    (motion,) = direction.motion
    said = (Instruction(motion.words, "approximated"),)
    heard = sorted(one.time for one in landings(direction, said, 4.0, loop=loop))
    times = np.arange(4 * 200) / 200
    beat = Beat(times, 4.0, loop, 0.75, np.random.default_rng(1), times_of(motion))
    stand = SimpleNamespace(
        height=100, middle=(0.0, 0.0), foot=SimpleNamespace(x=0.0), box=SimpleNamespace(bottom=0.0)
    )
    high = -bounce(stand, beat, 0.1, 1)[:, DY]  # type: ignore[arg-type]
    ends = count == 5 and not loop  # the last hop ends with the film, which is heard no more
    assert len(heard) == count - ends
    for time in heard:
        assert high[round(time * 200)] < 0.5  # on the ground
        if time > 0.2:
            assert high[round(time * 200) - 40] > 2  # a moment ago it was not
    assert landings(direction, (Instruction(motion.words, "not_possible"),), 4.0, loop=loop) == ()


def test_a_thud_of_nothing_is_not_claimed(silent: Path, tmp_path: Path) -> None:
    made, said = sounded(silent, order(tmp_path, "push in, sound of a thud"))
    assert said == {"sound: sound of a thud": "not_possible"}
    assert made.path.read_bytes() == silent.read_bytes()


def test_an_event_is_heard_when_it_happens() -> None:
    from mutoscope.sound.events import Accents
    from mutoscope.sound.span import Span

    span = Span(4 * RATE, seed=1)
    happening = (Event(1.0, "thud"), Event(3.0, "whoosh", 1.0, 0.6, 0.1, 0.9))
    made = Accents(span, happening).render(0, 4 * RATE)
    level = np.abs(made).max(axis=0)
    assert not level[: RATE - 100].any()
    assert int(np.argmax(level[: 2 * RATE])) == pytest.approx(RATE, abs=0.02 * RATE)
    power = np.convolve((made[:, 2 * RATE :] ** 2).sum(axis=0), np.ones(4800), "same")
    assert int(np.argmax(power)) == pytest.approx(RATE, abs=0.1 * RATE)
    early, late = made[:, int(2.7 * RATE) : 3 * RATE], made[:, 3 * RATE : int(3.25 * RATE)]
    sides = [np.sqrt((part**2).sum(axis=1)) for part in (early, late)]
    assert sides[0][0] > sides[0][1]  # from the left
    assert sides[1][1] > sides[1][0]  # to the right


def test_tracks_go_the_way_of_a_shot_as_json(tmp_path: Path) -> None:
    shot = Shot(
        prompt="push in",
        tracks=(Track(MEDIA, TrackRole.VOICE, -3), Track(replace(MEDIA, sha256="2" * 64))),
    )
    again = Shot.from_json(shot.to_json())
    assert again == shot
    assert again.tracks[0].role is TrackRole.VOICE
    assert {media.sha256 for media in needed(again)} == {"0" * 64, "2" * 64}
    files = {"0" * 64: tmp_path / "voice.wav", "2" * 64: tmp_path / "music.mp3"}
    one = ordered(again, direct("push in"), tmp_path, files, {})
    assert one.tracks == {0: tmp_path / "voice.wav", 1: tmp_path / "music.mp3"}


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Track("song.mp3"), "track.media"),  # type: ignore[arg-type]
        (lambda: Track(MEDIA, "drums"), "track.role"),  # type: ignore[arg-type]
        (lambda: Track(MEDIA, level=30), "track.level"),
        (lambda: Shot(tracks=(Track(MEDIA), Track(MEDIA))), "tracks"),
        (lambda: Shot(tracks=(MEDIA,)), "tracks"),  # type: ignore[arg-type]
    ],
)
def test_a_track_that_is_none_is_refused(make: object, field: str) -> None:
    with pytest.raises(BadShot) as caught:
        make()  # type: ignore[operator]
    assert caught.value.field == field
