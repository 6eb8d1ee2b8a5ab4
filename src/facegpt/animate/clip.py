"""A take on a clip's own pixels: frames keep the head's place, turn and gaze, and get another expression.

Each frame is a photo of its own (facegpt.picture): it moves from the expression that was followed in it to the one that
the motion asks for, so that what is the same in both does not move at all. Dubbed, the mouth alone is asked for.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.animate.curves import Curves
from facegpt.animate.driver import LOOKS, MOST_AT_REST, calm_frames
from facegpt.animate.motion import Motion
from facegpt.animate.photo import kept_under
from facegpt.conventions import ARKIT_NAMES
from facegpt.data.images import Photo
from facegpt.face import Face
from facegpt.types import Array, FaceGPTError, FaceParams
from facegpt.video.reading import open_clip

Pixels = NDArray[np.uint8]

#: Units of the upper face, by the beginnings of their names.
UPPER = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith(("brow", "eye", "cheekSquint", "noseSneer"))]
#: A speech that goes on so long after its clip is told of, s.
_OVER_S = 0.3


@dataclass(frozen=True, eq=False)
class ClipMover:
    """The person of a clip whose expression changes.

    Attributes:
        model: what `facegpt.load()` gives. clip: the file. face: the person in the clearest frame.
        frames: the parameters in each frame, by its time, seconds. own: (52,) what of the person's expression goes on
            under the motion. size: longer side of the pictures, pixels.
        fps, count: of the clip. kept: units that stay as they are in each frame: lids follow the eyes, and those stay
            where they look.
    """

    model: Any
    clip: Any
    face: Face
    frames: Mapping[float, FaceParams]
    own: Array
    size: int
    fps: float
    count: int
    kept: Sequence[int] = tuple(LOOKS)

    @classmethod
    def of(
        cls, model: Any, clip: Any, face: Face, frames: Mapping[float, FaceParams], size: int, source: str
    ) -> ClipMover:
        """Make a clip's person ready to move; source: what moves them, as for a photo."""
        weights = np.array([frames[at].expression for at in sorted(frames)], np.float64)
        if not len(weights):
            raise FaceGPTError(f"no face was found in '{clip}'")
        rest = np.minimum(np.median(np.clip(weights[calm_frames(weights)], 0, 1), axis=0), MOST_AT_REST)
        with open_clip(clip) as opened:
            fps = opened.info.fps
            count = opened.info.frames or sum(1 for _ in opened)
        kept = UPPER if source in ("audio", "say") else LOOKS
        return cls(model, clip, face, frames, kept_under(rest, source), size, fps, count, kept)

    def fitted(self, curves: Curves) -> Curves:
        """Curves at the clip's rate and as long as it is; where they end their last frame stays."""
        even = curves.at_rate(self.fps).complete()
        row = np.minimum(np.arange(self.count), len(even) - 1)
        gaze = None if even.gaze_deg is None else even.gaze_deg[row]
        return Curves(ARKIT_NAMES, even.weights[row], self.fps, even.turns[row], gaze)

    def remark(self, curves: Curves) -> str | None:
        """A sentence where curves go on after the clip, which its video leaves out; else None."""
        lasts, clip_s = len(curves) / curves.fps, self.count / self.fps
        if lasts <= clip_s + _OVER_S:
            return None
        return f"the motion lasts {lasts:.1f} s and the clip {clip_s:.1f} s: the take ends with the clip"

    def params(self, shown: FaceParams, motion: Motion, k: int) -> FaceParams:
        """What the face of a frame becomes; shown: as it was followed there."""
        weights = 1 - (1 - self.own) * (1 - motion.curves.weights[k])
        kept = list(self.kept)
        weights[kept] = np.asarray(shown.expression)[kept]
        return shown.replace(expression=weights.astype(np.float32))

    def pictures(self, motion: Motion, rows: range | None = None) -> Generator[Pixels, None, None]:
        """Each frame (H, W, 3) uint8 of the clip, or those of `rows`, changed; those without the face as they are."""
        from facegpt.picture.prepare import prepare, resized

        with open_clip(self.clip) as opened:
            for frame in opened:
                if rows is not None and frame.index < rows.start:
                    continue
                if rows is not None and frame.index >= rows.stop:
                    break
                shown = self.frames.get(round(frame.time_s, 4))
                if shown is None:
                    yield resized(frame.pixels, self.size)
                    continue
                whole = Photo(frame.pixels, original_size=(frame.pixels.shape[1], frame.pixels.shape[0]))
                rig = prepare(self.model, whole, replace(self.face, params=shown), size=self.size)
                yield rig.picture(self.params(rig.params, motion, min(frame.index, len(motion) - 1)))
