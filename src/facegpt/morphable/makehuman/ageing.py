"""How a face ages in the texture: lines, bags, folds and spots, group by group, each person in their own way.

The albedo coefficient "wrinkles" says how far somebody has come; each group begins at its own place on that scale
(folds from the middle of life on, spots about 60) and then deepens. Which groups are deep on a person, and which of two
layouts they have, goes with the learnt components of their skin: those hardly show in likely skins, differ from person
to person, and stay when the skin is edited. So one's lines are one's own, and the mean skin has none of these.
Planes: built by lab/runs/albedo/age.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.planes import Values, enlarged, library_of, like, shrunk, sized
from facegpt.types import Array


@dataclass(frozen=True)
class Group:
    """One group of marks of age.

    Attributes:
        begins: wrinkles (SDs) from which it shows. gain: log units that the deepest line gains in one SD.
        varies: SD over people of the logarithm of its depth.
        colour: log units of red, green, blue per unit of depth (their mean is about 1). With what the skin's other
            components add, lines take as much of each as in photos of old people; too little of blue makes them
            violet scratches on dark skin.
    """

    begins: float
    gain: float
    varies: float = 0.45
    colour: tuple[float, float, float] = (0.81, 1.00, 1.19)


GROUPS = {
    "forehead": Group(0.0, 0.40, 0.5),
    "frown": Group(0.0, 0.36, 0.6),
    "crows_feet": Group(0.0, 0.55),
    "lids": Group(0.0, 0.36),
    "folds": Group(0.0, 0.46, 0.35),
    "mouth": Group(0.3, 0.54),
    "cheeks": Group(0.3, 0.58),
    "neck": Group(0.1, 0.34),
    "spots": Group(0.8, 0.42, 0.7, (0.60, 1.10, 1.30)),
    "lip_rim": Group(0.1, 0.05, 0.3, (0.35, 1.35, 1.1)),
}
#: Depth grows as DEEPEST · (1 - exp(-come / DEEPEST)) with the SDs come since a group began: soon at first, then less.
DEEPEST = 2.2
#: The learnt components that tell people's lines apart: depth of group k goes with OWN + k, its layout with
#: OTHER + k % OTHERS; and their SD in likely skins (skin.DRAWN_SHARE).
OWN, OTHER, OTHERS, OWN_SD = 4, 14, 8, 0.25
#: How sharply people fall to one layout or the other: few have half of both.
SHARP = 5.0
#: Individual differences saturate here, SDs.
MOST_OWN = 1.6
#: Lines are drawn deeper on dark skin by this share per SD (there they show by their sheen, which a texture lacks),
#: spots and pale lips less by this share.
DARK_SKIN, DARK_SPOTS = 0.85, 0.28
#: Height of the relief for one log unit of shade, mm.
RELIEF_MM = 0.3


class Ageing:
    """Evaluates the marks of age.

    Attributes:
        planes: (G, 2, h, w) float32, signed: grooves and spots below 0, ridges above.
    """

    def __init__(self, planes: NDArray[np.int8], scale: NDArray[np.float32]):
        self._stored, self._scale, all_of = planes, scale, GROUPS.values()
        self._begins, self._gain, self._varies, self._colour = (
            np.array([getattr(group, name) for group in all_of], np.float32)
            for name in ("begins", "gain", "varies", "colour")
        )
        self._is_line = np.array([name not in ("spots", "lip_rim") for name in GROUPS])
        self._darker = np.where(self._is_line, DARK_SKIN, -DARK_SPOTS).astype(np.float32)
        self._levels: dict[int, NDArray[np.float32]] = {}

    @cached_property
    def planes(self) -> NDArray[np.float32]:
        """See the class; made when a face has lines of its own."""
        planes: NDArray[np.float32] = self._stored.astype(np.float32)
        planes *= self._scale.astype(np.float32).reshape(len(GROUPS), 2, 1, 1)
        return planes

    @property
    def side(self) -> int:
        """Texels of a side of a plane."""
        return int(self._stored.shape[-1])

    def depths(self, albedo: Values, wrinkles: Values) -> Values:
        """The depth (B, G, 2) of each group's layouts for coefficients (B, A), log units; wrinkles (B,)."""
        groups, of = len(GROUPS), library_of(albedo)
        begins, gain, varies, darker = (like(c, albedo) for c in (self._begins, self._gain, self._varies, self._darker))
        own = MOST_OWN * of.tanh(albedo[:, OWN : OWN + groups] / (OWN_SD * MOST_OWN))
        other = albedo[:, [OTHER + k % OTHERS for k in range(groups)]] / OWN_SD
        come = DEEPEST * (1 - of.exp(-of.clip(wrinkles[:, None] - begins, 0, None) / DEEPEST))
        dark = 1 + of.clip(-albedo[:, :1], 0, 2.5) * darker
        depth = dark * gain * come * of.exp(varies * own - 0.5 * varies**2)
        share = 1 / (1 + of.exp(-SHARP * other))
        return depth[..., None] * of.stack([1 - share, share], -1)

    def change(self, albedo: Values, wrinkles: Values, size: int) -> Values | None:
        """The log change (B, 3, size, size) of colour; None where nobody has any. Arguments as `depths`."""
        depth = self.depths(albedo, wrinkles)
        if not bool((depth > 0).any()):
            return None
        weight = (depth[..., None] * like(self._colour, albedo)[:, None]).reshape(len(depth), -1, 3)  # (B, 2 G, 3)
        own = self.side
        planes = like(self._at(min(size, own)), albedo)
        change = library_of(albedo).swapaxes(weight, 1, 2) @ planes.reshape(weight.shape[1], -1)
        change = change.reshape(len(depth), 3, *planes.shape[-2:])
        return enlarged(change, size) if size > own else change

    def height_mm(self, albedo: Array, wrinkles: Array, size: int) -> NDArray[np.float32]:
        """The relief (size, size) of one person's lines (coefficients (1, A)), mm."""
        depth = self.depths(albedo, wrinkles) * self._is_line[:, None]
        if not depth.any():
            return np.zeros((size, size), np.float32)
        planes = self._at(min(size, self.side))
        plane = (depth.reshape(-1) @ planes.reshape(depth.size, -1)).reshape(planes.shape[-2:])
        return RELIEF_MM * sized(plane, size)

    def _at(self, size: int) -> NDArray[np.float32]:
        if size not in self._levels:
            self._levels[size] = shrunk(self.planes, size)
        return self._levels[size]
