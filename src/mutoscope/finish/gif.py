"""Animated GIF: one palette for the whole film, dithered, a change of frames where it is.

The film is looked at twice (its frames wait on the disk): once for the 256 colours that serve all of it,
so that nothing flickers from frame to frame, and once to be drawn in them. GIF counts hundredths of a
second; a frame is shown at the hundredth nearest to its time. Faster films are shown in every second (or
third, ...) frame, for players slow down what has more than 25 a second. Transparency is there or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph
from av.filter.context import FilterContext

from mutoscope.finish.formats import named
from mutoscope.finish.rgb import rgba
from mutoscope.finish.spool import Spooled
from mutoscope.finish.whole import whole

HUNDREDTH = Fraction(1, 100)
#: An even pattern: it stands still where the picture does. Error diffusion takes twice the time, is larger and
#: 1.3 dB worse.
DITHER = "dither=bayer:bayer_scale=4:diff_mode=rectangle"
#: Colours of the palette are found in so many frames.
LOOKED_AT = 48


class GifWriter(Spooled):
    """See the module. `write` frames as in `FilmWriter`."""

    def make(self) -> None:
        """The GIF of the frames that were written. Raises CannotWrite."""
        palette = self._palette()
        *_, (begin, end) = self._times()
        options = {
            "final_delay": str(end - begin)
        }  # no later frame says how long the last one stays
        with (
            whole(self.path) as part,
            av.open(str(part), "w", format="gif", options=options) as container,
        ):
            stream = container.add_stream("gif", rate=self.rate)
            stream.width, stream.height = self.size.width, self.size.height
            stream.pix_fmt = "pal8"
            stream.time_base = stream.codec_context.time_base = HUNDREDTH
            for frame in self._drawn(palette):
                for packet in stream.encode(frame):
                    container.mux(packet)
            for packet in stream.encode(None):
                container.mux(packet)

    @property
    def step(self) -> int:
        """Every how many frames one is shown."""
        return named("gif").step(self.rate)

    def _times(self) -> Iterator[tuple[int, int]]:
        """When each shown frame begins and ends, in hundredths."""
        for number in range(0, self.frames, self.step):
            until = min(number + self.step, self.frames)
            yield round(number / self.rate / HUNDREDTH), round(until / self.rate / HUNDREDTH)

    def _shown(self) -> Iterator[av.VideoFrame]:
        for number, (frame, alpha) in enumerate(self.kept()):
            if number % self.step == 0:
                yield av.VideoFrame.from_ndarray(rgba(frame, alpha), format="rgba")

    def _palette(self) -> av.VideoFrame:
        """One frame of 16x16 colours that serve the whole film best."""
        every = max(1, -(-self.frames // self.step) // LOOKED_AT)
        graph = Graph()
        source = self._source(graph)
        made = graph.add("palettegen", "reserve_transparent=1:stats_mode=full")
        sink = graph.add("buffersink")
        source.link_to(made)
        made.link_to(sink)
        graph.configure()
        for place, frame in enumerate(self._shown()):
            if place % every == 0:
                frame.pts, frame.time_base = place, HUNDREDTH
                source.push(frame)
        source.push(None)
        return _next(sink)

    def _drawn(self, palette: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """The shown frames in the palette's colours."""
        graph = Graph()
        pictures = self._source(graph)
        colours = graph.add_buffer(
            width=palette.width, height=palette.height, format=palette.format,
            name="palette", time_base=HUNDREDTH,
        )  # fmt: skip
        used = graph.add("paletteuse", f"{DITHER}:alpha_threshold=128")
        sink = graph.add("buffersink")
        pictures.link_to(used, 0, 0)
        colours.link_to(used, 0, 1)
        used.link_to(sink)
        graph.configure()
        palette.pts, palette.time_base = 0, HUNDREDTH
        colours.push(palette)
        colours.push(None)
        times = self._times()
        for place, frame in enumerate(self._shown()):
            frame.pts, frame.time_base = place, HUNDREDTH
            pictures.push(frame)
            yield from _timed(sink, times)
        pictures.push(None)
        yield from _timed(sink, times)

    def _source(self, graph: Graph) -> FilterContext:
        return graph.add_buffer(
            width=self.size.width, height=self.size.height, format=av.VideoFormat("rgba"), name="film",
            time_base=HUNDREDTH,
        )  # fmt: skip


def _timed(sink: FilterContext, times: Iterator[tuple[int, int]]) -> Iterator[av.VideoFrame]:
    """What the graph has ready, each with its time."""
    while True:
        try:
            frame = _next(sink)
        except (av.BlockingIOError, av.EOFError):
            return
        begin, end = next(times)
        frame.pts, frame.duration, frame.time_base = begin, end - begin, HUNDREDTH
        yield frame


def _next(sink: FilterContext) -> av.VideoFrame:
    frame = sink.pull()
    assert isinstance(frame, av.VideoFrame)
    return frame
