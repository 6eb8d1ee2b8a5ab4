"""What is known of one face of a photo before a head is fitted to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from facegpt.data.images import Photo
from facegpt.detect import windows
from facegpt.encode.hands import beside_hands
from facegpt.encode.over_eyes import with_hair_over_eyes
from facegpt.encode.parts import HAT, FaceParts, parts
from facegpt.hair.from_photo.beards.agreed import agreed_beard
from facegpt.hair.from_photo.missed_headwear import with_disputed_cloth
from facegpt.runtime.stages import stage
from facegpt.types import Array, DensePoints, Detection

#: Mean belief in headwear of a quick look from which a close one follows: 35 of 295 CC0 pictures; all of the 28 whose
#: headwear is kept have more than .031.
SOME_CLOTH = 0.025


@dataclass(frozen=True, eq=False)
class SeenFace:
    """One face of a photo, and what the network of dense landmarks says of it (None without one).

    device: where the networks that look at it further run. quick: whether they look less closely. others: the other
    faces of the photo, whose hair may touch this one's. as_taken: the photo itself where it has one tone only
    (one_tone.py) and `photo` is in grey; None where it has colours.
    """

    photo: Photo
    detection: Detection
    dense: DensePoints | None = None
    device: str = "cpu"
    quick: bool = False
    others: tuple[Detection, ...] = ()
    as_taken: Photo | None = None

    @cached_property
    def levels(self) -> windows.Photo:
        """The photo's pixels with their halved copies, which those share who read parts of them."""
        return windows.Photo(self.photo.pixels)

    @property
    def _own(self) -> windows.Photo:
        """The photo up to the middle between this face and those beside it, in sizes of faces.

        Networks lose hair, and see hats, where other heads stand beside one.
        """
        width, height = self.levels.width, self.levels.height
        ends, (middle, size) = [0, 0, width, height], _place(self.detection)
        for other in self.others:
            away, theirs = _place(other)[0] - middle, _place(other)[1]
            axis = int(abs(away[1]) > abs(away[0]))
            between = round(float(middle[axis] + away[axis] * size / (size + theirs)))
            if away[axis] > 0:
                ends[axis + 2] = min(ends[axis + 2], between)
            else:
                ends[axis] = max(ends[axis], between)
        left, top, right, bottom = ends
        return self.levels.within((left, top, right, bottom)) if self.others else self.levels

    @cached_property
    def parts(self) -> FaceParts | None:
        """What each pixel around the face shows; None without the network of dense landmarks."""
        if not isinstance(self.dense, DensePoints):
            return None
        with stage("parts of the picture"):
            look = partial(parts, self._own, self.detection.points, self.dense, self.device)
            found, closely = look(quick=self.quick), not self.quick
            if self.quick and found.share(HAT).mean() > SOME_CLOTH:
                found, closely = look(), True
        found = found.apart_from(self.detection.points, [other.points for other in self.others])
        return with_hair_over_eyes(with_disputed_cloth(self.levels, found)) if closely else found

    @cached_property
    def fitted_to(self) -> DensePoints | None:
        """`dense`, whose points behind hands count less."""
        return self.dense if self.dense is None or self.parts is None else beside_hands(self.dense, self.parts)

    @cached_property
    def told(self) -> DensePoints | None:
        """`dense`, whose belief tells of as much of a beard as the parts of the picture agree to."""
        belief = self.dense.belief if isinstance(self.dense, DensePoints) else None
        if self.dense is None or belief is None or belief.beard is None or self.parts is None:
            return self.dense
        beard = agreed_beard(self.levels, self.parts, belief.beard)
        return replace(self.dense, belief=replace(belief, beard=beard))


def _place(detection: Detection) -> tuple[Array, float]:
    """The middle of a face's box (2,) and its longer side, px."""
    box = np.asarray(detection.box, float)
    return (box[:2] + box[2:]) / 2, max(float((box[2:] - box[:2]).max()), 1.0)
