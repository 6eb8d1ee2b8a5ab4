"""One frame ahead: while a frame is fitted, a second thread reads the next one and looks where its faces should be.

The tracker says through which windows it expects to look. What was seen through a window is used only if the tracker
then asks for that very window; else it looks anew. So a clip gives the same records, bit for bit, as frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.windows import Window
from facegpt.video.clip import Frame
from facegpt.video.look import Glimpse

_Look = Callable[[NDArray[np.uint8], Window], "Glimpse | None"]


class FramesAhead:
    """The frames of a clip, the next of which is read while the caller works on one; a context that ends the thread.

    Two frames are held. An error in reading is raised where its frame's turn is.

    Args:
        frames: read in the second thread.
        look: FaceLook.glimpse, or another that is safe to call from two threads at once.
    """

    def __init__(self, frames: Iterable[Frame], look: _Look) -> None:
        self._frames, self._look = iter(frames), look
        self._pool = ThreadPoolExecutor(1, "facegpt-ahead")
        self._next: Future[Frame | None] | None = None
        self._seen: dict[Window, Glimpse | None] = {}
        self._coming: dict[Window, Glimpse | None] = {}

    def __iter__(self) -> Iterator[Frame]:
        while True:
            self.expect(())
            assert self._next is not None
            frame, self._next = self._next.result(), None
            if frame is None:
                return
            self._seen, self._coming = self._coming, {}
            yield frame

    def expect(self, windows: Sequence[Window]) -> None:
        """Begin with the next frame, if that was not done: read it and look through the windows."""
        if self._next is None:
            self._next = self._pool.submit(self._read, windows)

    def glimpse(self, pixels: NDArray[np.uint8], window: Window) -> Glimpse | None:
        """What is seen through a window of the frame whose turn it is."""
        return self._seen[window] if window in self._seen else self._look(pixels, window)

    def _read(self, windows: Sequence[Window]) -> Frame | None:
        frame = next(self._frames, None)
        if frame is None:
            return None
        for window in windows:
            try:
                self._coming[window] = self._look(frame.pixels, window)
            except Exception:  # whoever asks for this window finds it out anew; perhaps nobody does
                continue
        return frame

    def __enter__(self) -> FramesAhead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the thread: after that nobody reads the frames' source."""
        self._pool.shutdown(wait=True)
