"""Models that stay: loaded once, sharing what they share, making room, and trying again with less memory."""

from __future__ import annotations

import gc
import shutil
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from msgspec import structs

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engines.diffusion.wan_made import (  # noqa: E402
    BUILT,
    brief,
    checkpoint,
    first,
    folder,
    frames,
    picture,
)
from mutoscope import models  # noqa: E402
from mutoscope.catalog.checkpoint import Licence, Lora  # noqa: E402
from mutoscope.config import Gpu  # noqa: E402
from mutoscope.engines.diffusion import measured  # noqa: E402
from mutoscope.engines.diffusion.brief import Brief, Keyframe, Made  # noqa: E402
from mutoscope.engines.diffusion.devices import Device  # noqa: E402
from mutoscope.engines.diffusion.families.wan.adapter import Wan  # noqa: E402
from mutoscope.engines.diffusion.shot.project import Project  # noqa: E402
from mutoscope.engines.diffusion.worker import memory, ready, resident, staging, words  # noqa: E402
from mutoscope.engines.diffusion.worker.place import OFFLOADS, Offload, Place  # noqa: E402
from mutoscope.engines.diffusion.worker.resident import Shelf  # noqa: E402
from mutoscope.engines.diffusion.worker.watching import Watching  # noqa: E402
from mutoscope.engines.diffusion.worker.work import Wanted  # noqa: E402
from mutoscope.errors import Cancelled, EngineFailed, Missing  # noqa: E402
from mutoscope.shot import Size  # noqa: E402
from tiny import wan  # noqa: E402

pytestmark = pytest.mark.torch

CPU = Device("cpu", "a test's CPU", 8 << 30, 8 << 30)
LORA = Lora(
    repository="nobody/lora", files={"transformer": "one.safetensors"},
    licence=Licence(name="MIT", source="a test"),
)  # fmt: skip
GPU = Device("cuda:0", "a test's GPU", 8 << 30, 8 << 30, (9, 0))


@pytest.fixture(scope="module", autouse=True)
def quick_collection() -> Iterator[None]:
    """What the libraries left is not looked through at every eviction."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known from other tests."""
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path / "cache"))
    words.forget()


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    made = Shelf()
    yield made
    made.clear()


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that are loaded, one after the other."""
    loaded: list[str] = []
    whole = Wan.load

    def load(self: Wan, folder: Path, *rest: Any) -> Any:
        loaded.append(folder.name)
        return whole(self, folder, *rest)

    monkeypatch.setattr(Wan, "load", load)
    return loaded


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU stands for a GPU: all that is decided for one is decided, and moving is moving to itself."""
    monkeypatch.setattr(ready, "torch_name", lambda device: "cpu")
    monkeypatch.setattr(resident, "torch_name", lambda device: "cpu")
    monkeypatch.setattr(ready, "device_of", lambda wanted: wanted.here)
    monkeypatch.setattr(resident, "device_of", lambda wanted: wanted.here)


def wanted(name: str, here: Device = CPU, place: Path | None = None, **settings: Any) -> Wanted:
    return Wanted(
        engine=name, model=checkpoint_model(name), folder=place or folder(name),
        checkpoint=checkpoint(name, loras={"one": LORA}), settings=Gpu(**settings), here=here,
    )  # fmt: skip


def checkpoint_model(name: str) -> str:
    model: str = BUILT[name][0]
    return model


def watch(tmp_path: Path, cancel: Callable[[], bool] = lambda: False) -> Watching:
    size = Size(32, 32)

    def none(place: int, before: Any) -> Brief:
        raise AssertionError

    project = Project(1, none, size, 9, 24.0, 24.0)
    return Watching(tmp_path, lambda stage, done: None, cancel, project, 0)


def filmed(
    shelf: Shelf, tmp_path: Path, name: str, asked: Brief | None = None, **more: Any
) -> Made:
    looks = watch(tmp_path)
    asked = asked or brief()
    order = wanted(name, **more)
    at_hand = shelf.ready(order, asked, looks)
    made = at_hand.film(asked, looks)
    at_hand.remember(looks, 0.1)
    return made


def test_a_model_is_loaded_once(shelf: Shelf, tmp_path: Path, loads: list[str]) -> None:
    first_film = filmed(shelf, tmp_path, "ti2v")
    second_film = filmed(shelf, tmp_path, "ti2v")
    assert len(loads) == 1
    assert np.array_equal(first_film.frames, second_film.frames)
    assert np.array_equal(first_film.frames, frames("ti2v", brief()))  # as without all this


def test_parts_that_two_models_have_in_common_are_there_once(shelf: Shelf, tmp_path: Path) -> None:
    filmed(shelf, tmp_path, "ti2v")
    alone = shelf.standing(but="")
    filmed(shelf, tmp_path, "t2v")
    one, other = (model.pipe for model in shelf._models.values())
    assert one.text_encoder is other.text_encoder
    assert one.transformer is not other.transformer
    assert one.vae is not other.vae  # another kind
    twice = memory.weight(staging.modules(other).values())
    assert shelf.standing(but="") == alone + twice - memory.weight([one.text_encoder])
    again = filmed(shelf, tmp_path, "ti2v")
    assert np.array_equal(again.frames, frames("ti2v", brief()))


def test_a_part_of_the_same_name_that_is_another_is_not_shared(
    shelf: Shelf, tmp_path: Path
) -> None:
    place = tmp_path / "other"
    shutil.copytree(folder("t2v"), place)
    file = next((place / "text_encoder").glob("*.safetensors"))
    whole = bytearray(file.read_bytes())
    whole[-2] ^= 1
    file.write_bytes(whole)
    filmed(shelf, tmp_path, "ti2v")
    filmed(shelf, tmp_path, "t2v", place=place)
    one, other = (model.pipe for model in shelf._models.values())
    assert one.text_encoder is not other.text_encoder


def test_the_model_that_was_used_the_longest_ago_makes_room(
    shelf: Shelf, tmp_path: Path, loads: list[str]
) -> None:
    places = []
    for name in "abc":  # three of their own, with nothing in common
        places.append(tmp_path / name)
        shutil.copytree(folder("ti2v"), places[-1])
        for file in places[-1].rglob("*.safetensors"):
            data = bytearray(file.read_bytes())
            data[-1] ^= ord(name)
            file.write_bytes(data)
    filmed(shelf, tmp_path, "ti2v", place=places[0])
    size = shelf.standing(but="")
    gone = weakref.ref(next(iter(shelf._models.values())).pipe.transformer)
    for number in (1, 0, 2):  # room for two: the second one goes
        filmed(shelf, tmp_path, "ti2v", place=places[number], memory=int(size * 2.6))
    assert [one.split(" ")[0] for one in shelf._models] == [str(places[0]), str(places[2])]
    assert loads == ["a", "b", "c"]
    assert gone() is not None
    filmed(shelf, tmp_path, "ti2v", place=places[1], memory=int(size * 2.6))
    gc.collect()
    assert gone() is None  # nobody holds the first one any more: its memory is free


def test_words_are_read_once_and_the_film_is_the_same(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = Wan.encode

    def encode(self: Wan, pipe: Any, prompt: str, negative: str) -> dict[str, Any]:
        read.append(prompt)
        return whole(self, pipe, prompt, negative)

    monkeypatch.setattr(Wan, "encode", encode)
    films = [filmed(shelf, tmp_path, "ti2v").frames for _ in range(2)]
    assert len(read) == 1
    assert np.array_equal(films[0], films[1])
    other = brief(prompt="the sea, slow pan left")
    assert not np.array_equal(filmed(shelf, tmp_path, "ti2v", other).frames, films[0])
    assert len(read) == 2
    filmed(shelf, tmp_path, "t2v")  # the same encoder read these words for another model
    assert len(read) == 2
    filmed(shelf, tmp_path, "ti2v", brief(negative="warm"))
    assert len(read) == 3


def test_what_a_model_took_is_known_the_next_time(shelf: Shelf, tmp_path: Path) -> None:
    order = wanted("ti2v")
    filmed(shelf, tmp_path, "ti2v")
    (known,) = measured.films(measured.key(order.model, order.folder), CPU.title)
    assert known.step > 0
    assert known.volume == 9 * 32 * 32
    looks = watch(tmp_path)
    looks.part(0, 2)
    shelf.ready(order, brief(), looks)
    assert looks.pace.step == known.step


@pytest.mark.parametrize("offload", OFFLOADS)
def test_a_film_is_the_same_wherever_the_parts_are(
    shelf: Shelf, tmp_path: Path, gpu: None, offload: Offload
) -> None:
    for name in ("ti2v", "a14b"):
        asked = brief() if name == "ti2v" else brief(keyframes=(first(1), Keyframe(8, picture(2))))
        order = wanted(name, GPU, offload=offload)
        films = []
        for _ in range(2):
            looks = watch(tmp_path)
            at_hand = shelf.ready(order, asked, looks)
            assert at_hand.place.offload == offload
            films.append(at_hand.film(asked, looks).frames)
        plain = wanted(name, GPU, offload="none")
        looks = watch(tmp_path)
        films.append(shelf.ready(plain, asked, looks).film(asked, looks).frames)
        assert all(np.array_equal(films[0], one) for one in films)


def test_a_film_is_decoded_in_tiles_where_there_is_no_room_for_all_of_it(
    shelf: Shelf, tmp_path: Path, gpu: None
) -> None:
    """Told before, and not found out when all its steps are made."""
    order = wanted("ti2v", GPU)
    for decode, tiled in ((1, False), (1 << 50, True)):
        memory = structs.replace(order.checkpoint.memory, decode=decode, tiled=1, work=1)
        there = replace(order, checkpoint=structs.replace(order.checkpoint, memory=memory))
        at_hand = shelf.ready(there, brief(), watch(tmp_path))
        assert (at_hand.place.offload, at_hand.model.tiled) == ("none", tiled)


def test_a_text_encoder_comes_by_its_layers_as_the_model_does(
    shelf: Shelf, tmp_path: Path, gpu: None
) -> None:
    """LTX-2's alone is larger than most cards."""
    from diffusers.hooks.group_offloading import _is_group_offload_enabled

    pipe = shelf.ready(wanted("ti2v", GPU, offload="layers"), brief(), watch(tmp_path)).model.pipe
    assert _is_group_offload_enabled(pipe.text_encoder)
    assert _is_group_offload_enabled(pipe.transformer)


@pytest.mark.parametrize(("room", "sparing"), [(1 << 40, False), (1 << 30, True)])
def test_layers_are_pinned_only_where_main_memory_has_room_for_it(
    monkeypatch: pytest.MonkeyPatch, room: int, sparing: bool
) -> None:
    """Pinned, weights of 57 GB take 82: each is rounded up to a power of two."""
    told: dict[str, Any] = {}
    monkeypatch.setattr("diffusers.hooks.apply_group_offloading", lambda _, **how: told.update(how))
    monkeypatch.setattr(memory, "free", lambda device: room)
    layer = torch.nn.Linear(33, 32, bias=False)
    assert memory.pinned(layer) == 8192
    staging._by_layers(layer, torch.device("cuda:0"), leaves=False)
    assert (told["use_stream"], told["low_cpu_mem_usage"]) == (True, sparing)


def test_a_shared_part_stands_where_its_model_needs_it(
    shelf: Shelf, tmp_path: Path, gpu: None
) -> None:
    """One model's hooks do not move the text encoder away from under another."""
    films: dict[str, list[Any]] = {"ti2v": [], "t2v": []}
    ways: tuple[Offload, ...] = ("none", "model", "words", "none", "layers", "none")
    for offload in ways:
        for name, made in films.items():
            order = wanted(name, GPU, offload=offload)
            looks = watch(tmp_path)
            words.forget()
            made.append(shelf.ready(order, brief(), looks).film(brief(), looks).frames)
    for made in films.values():
        assert all(np.array_equal(made[0], one) for one in made)


def test_a_model_that_makes_room_on_a_gpu_waits_in_main_memory(
    shelf: Shelf, tmp_path: Path, gpu: None, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"cpu": 100 << 30}
    monkeypatch.setattr(memory, "free", lambda device: free["cpu"])
    monkeypatch.setattr(resident, "_free", lambda device, shelf, but: 1 << 40)
    tiny = ("ti2v", "t2v", "vace")
    films = [filmed(shelf, tmp_path, name, here=GPU).frames for name in tiny]
    monkeypatch.setattr(resident, "room", lambda device, settings: 1)  # room for one alone
    assert np.array_equal(filmed(shelf, tmp_path, "ti2v", here=GPU).frames, films[0])
    assert [model.place is None for model in shelf._models.values()] == [True, True, False]
    assert np.array_equal(filmed(shelf, tmp_path, "t2v", here=GPU).frames, films[1])
    assert len(shelf) == 3
    assert len(loads) == len(set(loads)) == 2  # and VACE has a way of its own
    free["cpu"] = 0  # main memory is short, too
    assert np.array_equal(filmed(shelf, tmp_path, "vace", here=GPU).frames, films[2])
    assert len(shelf) == 1


class Out:
    """Makes films run out of memory: `times` times, with something large in hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int, error: Exception) -> None:
        self.times, self.tries = times, 0
        self.held: list[weakref.ref[Any]] = []
        self.free_at_retry: list[bool] = []
        whole = Wan.film

        def film(this: Wan, pipe: Any, *rest: Any, **more: Any) -> Made:
            self.tries += 1
            self.free_at_retry.append(all(one() is None for one in self.held))
            if self.tries <= self.times:
                large = torch.zeros(1000)
                self.held.append(weakref.ref(large))
                raise type(error)(*error.args)  # a new one: it holds what its frames hold
            return whole(this, pipe, *rest, **more)

        monkeypatch.setattr(Wan, "film", film)


OUT = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


@pytest.mark.parametrize(
    "error",
    [
        OUT,
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"),
        RuntimeError("GET was unable to find an engine to execute this computation"),
        MemoryError(),
    ],
)
def test_a_film_that_runs_out_of_memory_is_tried_once_more_with_less(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: None, error: Exception
) -> None:
    filmed(shelf, tmp_path, "t2v", here=GPU)
    out = Out(monkeypatch, 1, error)
    made = filmed(shelf, tmp_path, "ti2v", here=GPU)
    assert out.tries == 2
    assert out.free_at_retry == [True, True]  # what the first try held is free by then
    assert len(shelf) == 2
    assert shelf.standing(but=next(reversed(shelf._models))) == 0  # the other model made room
    assert "memory ran out once, and the film was made again with parts kept off the device" in made.notes  # fmt: skip
    looks = watch(tmp_path)
    at_hand = shelf.ready(wanted("ti2v", GPU), brief(), looks)
    assert at_hand.place.offload == "words"  # and the next one begins there
    assert at_hand.model.tiled is False


def test_a_film_that_runs_out_twice_fails_and_the_next_is_made(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: None
) -> None:
    out = Out(monkeypatch, 2, OUT)
    with pytest.raises(EngineFailed, match="9 frames of 32x32 ran out of memory on cuda:0") as caught:  # fmt: skip
        filmed(shelf, tmp_path, "ti2v", here=GPU)
    assert caught.value.code == "out_of_memory"
    assert "ask for a smaller or shorter film" in caught.value.hint
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # it would hold what could not be had
    assert out.tries == 2
    asked = brief()
    assert np.array_equal(
        filmed(shelf, tmp_path, "ti2v", asked, here=GPU).frames.shape, (9, 32, 32, 3)
    )


def test_on_the_cpu_the_second_try_has_the_machine_to_itself(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filmed(shelf, tmp_path, "t2v")
    Out(monkeypatch, 1, MemoryError())
    made = filmed(shelf, tmp_path, "ti2v")
    assert len(shelf) == 1
    assert "memory ran out once, and the film was made again in tiles" in made.notes
    assert (
        measured.films(measured.key("wan2.2-ti2v-5b", folder("ti2v")), CPU.title)[0].failed is False
    )


def test_running_out_while_moving_counts_as_the_one_time(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: None
) -> None:
    whole, places = staging.staged, []

    def staged(pipe: Any, place: Place) -> None:
        places.append(place.offload)
        if place.offload == "none":
            raise OUT
        whole(pipe, place)

    monkeypatch.setattr(staging, "staged", staged)
    made = filmed(shelf, tmp_path, "ti2v", here=GPU)
    assert places == ["none", "words"]
    assert any("memory ran out once" in one for one in made.notes)
    out = Out(monkeypatch, 1, OUT)
    with pytest.raises(EngineFailed, match="ran out of memory"):
        filmed(shelf, tmp_path, "ti2v", here=GPU, offload="none")
    assert out.tries == 0


def test_a_broken_device_is_said_to_be_broken(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Out(
        monkeypatch, 1, RuntimeError("CUDA error: an illegal memory access was encountered\nx")
    )
    with pytest.raises(EngineFailed, match="cpu does nothing more: CUDA error: an illegal") as caught:  # fmt: skip
        filmed(shelf, tmp_path, "ti2v")
    assert caught.value.code == "device_failed"  # its process is started anew
    assert out.tries == 1


def test_an_error_of_the_models_own_is_not_tried_again(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Out(monkeypatch, 1, ValueError("the shapes do not fit"))
    with pytest.raises(ValueError, match="shapes"):
        filmed(shelf, tmp_path, "ti2v")
    assert out.tries == 1


def test_a_model_that_fits_nowhere_is_refused_before_it_is_loaded(
    shelf: Shelf, tmp_path: Path, loads: list[str]
) -> None:
    with pytest.raises(EngineFailed, match=r"needs .* of main memory, and .* may be used \(gpu.memory\)"):  # fmt: skip
        filmed(shelf, tmp_path, "ti2v", memory=1000)
    assert not loads


def test_a_cancelled_film_leaves_the_model_ready(
    shelf: Shelf, tmp_path: Path, loads: list[str]
) -> None:
    asked = brief(steps=8)
    steps: list[int] = []

    def cancel() -> bool:
        return len(looks.step_seconds) >= 3

    looks = watch(tmp_path, cancel)
    at_hand = shelf.ready(wanted("ti2v"), asked, looks)
    with pytest.raises(Cancelled):
        at_hand.film(asked, looks)
    assert len(looks.step_seconds) == 3, steps  # it ended within that step
    again = filmed(shelf, tmp_path, "ti2v", asked)
    assert len(loads) == 1
    assert np.array_equal(again.frames, frames("ti2v", asked))


def test_another_lora_keeps_the_model(
    shelf: Shelf, tmp_path: Path, loads: list[str], monkeypatch: pytest.MonkeyPatch, gpu: None
) -> None:
    file = wan.lora(tmp_path / "loras" / "one.safetensors")
    monkeypatch.setattr(models, "lora", lambda model, name: {"transformer": file})
    plain = filmed(shelf, tmp_path, "ti2v", here=GPU)
    offloads: tuple[Offload, ...] = ("none", "words", "model")
    for offload in offloads:
        dressed = filmed(shelf, tmp_path, "ti2v", brief(lora="one"), here=GPU, offload=offload)
        assert not np.array_equal(dressed.frames, plain.frames)
        bare = filmed(shelf, tmp_path, "ti2v", here=GPU, offload=offload)
        assert np.array_equal(bare.frames, plain.frames)
    assert len(loads) == 1


def test_a_lora_that_is_not_here_is_said_with_its_mend(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "lora", lambda model, name: None)
    with pytest.raises(EngineFailed, match=r"mutoscope models pull wan2.2-ti2v-5b --lora one"):
        filmed(shelf, tmp_path, "ti2v", brief(lora="one"))
    assert filmed(shelf, tmp_path, "ti2v").frames.shape[0] == 9


def test_a_damaged_checkpoint_is_told_by_its_name(shelf: Shelf, tmp_path: Path) -> None:
    place = tmp_path / "damaged"
    shutil.copytree(folder("ti2v"), place)
    file = next((place / "transformer").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(
        EngineFailed, match=r"cannot be loaded: .*mutoscope models verify"
    ) as caught:
        filmed(shelf, tmp_path, "ti2v", place=place)
    assert caught.value.code == "checkpoint_broken"
    with suppress(KeyError):
        shelf.clear()
    assert len(shelf) == 0


def test_a_gpu_is_counted_as_its_driver_counts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA itself is stood in for: there is none here."""
    gib, bound = 1 << 30, []
    cuda = torch.cuda
    monkeypatch.setattr(cuda, "is_available", lambda: True)
    monkeypatch.setattr(cuda, "mem_get_info", lambda device: (10 * gib, 80 * gib))
    monkeypatch.setattr(cuda, "memory_reserved", lambda device: 30 * gib)
    monkeypatch.setattr(cuda, "memory_allocated", lambda device: 25 * gib)
    monkeypatch.setattr(
        cuda, "set_per_process_memory_fraction", lambda share, device: bound.append(share)
    )
    assert memory.free("cuda:0") == 15 * gib  # nobody's, and its own that it does not use
    here = Device("cuda:1", "a GPU that another program has half of", 80 * gib, 10 * gib, (9, 0))
    order = wanted("ti2v", here, memory=20 * gib)
    assert ready.device_of(order).memory == 40 * gib
    assert bound == [0.25]


def test_a_gpu_that_is_gone_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineFailed, match="sees no GPU in the process of cuda:0") as caught:
        ready.device_of(wanted("ti2v", GPU))
    assert caught.value.code == "device_failed"


@pytest.mark.parametrize(
    "error", [ImportError("libtorch.so: undefined symbol"), OSError("libcudart.so.13: not found")]
)
def test_a_pytorch_that_does_not_start_is_said_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Broken:
        def find_spec(self, name: str, *more: object) -> None:
            if name == "torch":
                raise error

    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(Missing, match=rf"{error}\)?.*pip install --force-reinstall"):
        resident.resident(*[cast(Any, None)] * 3)
