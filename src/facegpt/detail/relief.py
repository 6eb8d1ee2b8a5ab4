"""A person's detail: what the skin always has, what the photo's expression made, and what others would make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from facegpt.detail.fold_groups import pressed
from facegpt.detail.relief_network import relief_network
from facegpt.detail.skin_window import Maps
from facegpt.types import Array, FaceGPTError

#: Below this much pressing, what a photo shows of a group's folds is not taken for all of them.
LEAST_PRESSED = 0.35
#: Largest factor of the slider.
MOST_STRENGTH = 3.0


@dataclass(frozen=True, eq=False)
class Detail:
    """Displacement of one person's skin along its normal, in the window of the skin (skin_window.py).

    The folds of an expression are static + dynamic, the latter in proportion to how strongly each group of folds
    (fold_groups.py) is pressed. At the photo's expression that is what the photo showed. Groups that are pressed harder
    than in the photo get folds in addition that no photo showed, made up as `invented` says.

    Attributes:
        static: (HEIGHT, WIDTH) mm, there at rest.
        dynamic: (HEIGHT, WIDTH) mm, what the photo's expression added.
        seen: (52,) the photo's expression.
        invented: 0..1, depth of folds that no photo showed.
        strength: factor of everything, 0 for none.
        share: 0..1, how much of the detail the photo's resolution bears; 0: too small or blurred, no detail.
        pixels_per_mm: of the photo at the face.
        own: the relief that the photo showed, where the folds are another's; its hollows are dark in the texture.
    """

    static: Maps
    dynamic: Maps
    seen: Array
    invented: float
    strength: float = 1.0
    share: float = 1.0
    pixels_per_mm: float = 0.0
    own: Maps | None = None

    def displacement(self, expression: Array) -> Maps:
        """The displacement (HEIGHT, WIDTH) mm at an expression (52,), read-only."""
        return _displacement(self, np.asarray(expression, np.float32).tobytes())

    @property
    def smooth(self) -> bool:
        """Whether no expression shows any relief."""
        return self.strength == 0 or not (self.invented > 0 or self.static.any() or self.dynamic.any())

    def strengthened(self, strength: float) -> Detail:
        """The same detail times a factor: 0 for smooth skin, 1 as seen.

        Raises:
            FaceGPTError: if it is not within 0 and MOST_STRENGTH.
        """
        if not 0 <= strength <= MOST_STRENGTH:
            raise FaceGPTError(f"the strength of wrinkles is 0 to {MOST_STRENGTH:g}, not {strength}")
        return self if strength == self.strength else replace(self, strength=float(strength))

    def with_folds_of(self, other: Detail) -> Detail:
        """This skin at rest with the folds of another's expressions."""
        if other is self:
            return self
        own = self.photographed()
        return replace(self, dynamic=other.dynamic, seen=other.seen, invented=other.invented, own=own)

    def photographed(self) -> Maps:
        """The relief (HEIGHT, WIDTH) mm that this skin's own photo showed."""
        return self.strengthened(1.0).displacement(self.seen) if self.own is None else self.own


@lru_cache(maxsize=8)
def _displacement(detail: Detail, expression: bytes) -> Maps:
    """What `Detail.displacement` gives, kept for the pictures and files of one head; expression: (52,) float32."""
    if detail.smooth:
        moved = np.zeros(detail.static.shape, np.float32)
        moved.flags.writeable = False
        return moved
    if expression == np.asarray(detail.seen, np.float32).tobytes():  # what follows comes to this
        moved = np.asarray(detail.strength * (detail.static + detail.dynamic), np.float32)
        moved.flags.writeable = False
        return moved
    fields = fold_fields()
    then, now = fields.pressed(detail.seen), fields.pressed(np.frombuffer(expression, np.float32))
    moved = detail.static + detail.dynamic * fields.grown(then, now)
    if detail.invented > 0:
        moved += detail.invented * (np.maximum(now - then, 0) * fields.folds).sum(0)
    moved = (detail.strength * moved).astype(np.float32)
    moved.flags.writeable = False
    return moved


def split(total: Maps, expression: Array, age_years: float) -> tuple[Maps, Maps]:
    """Part a photo's displacement (HEIGHT, WIDTH) into what stays at rest and what the expression (52,) made.

    One photo cannot tell. Where folds of a group run that is pressed they are taken for the expression's, as far as the
    person is young: with age, folds stay (Lemperle et al. 2001).
    """
    fields = fold_fields()
    made = np.clip((fields.pressed(expression) * fields.regions).sum(0), 0, 1)
    dynamic = (total * made * np.interp(age_years, [25, 70], [0.95, 0.45])).astype(np.float32)
    return total - dynamic, dynamic


def invented_depth(age_years: float) -> float:
    """Depth 0..1 of folds that no photo showed, by age: skin loses its stretch."""
    return float(np.interp(age_years, [8, 20, 40, 70], [0.1, 0.3, 0.5, 0.9]))


@dataclass(frozen=True, eq=False)
class FoldFields:
    """Where folds run (K, HEIGHT, WIDTH) 0..1, what they look like (mm), and the share of the left side."""

    regions: Maps
    folds: Maps
    left: Maps

    def pressed(self, expression: Array) -> Maps:
        """How strongly each group is pressed, texel by texel: (K, HEIGHT, WIDTH)."""
        sides = pressed(expression)
        left, right = sides.left[:, None, None], sides.right[:, None, None]
        return right + (left - right) * self.left

    def grown(self, then: Maps, now: Maps) -> Maps:
        """Factor (HEIGHT, WIDTH) by which folds that were pressed by `then` change when pressed by `now`."""
        shares = then * self.regions
        total = shares.sum(0)
        more = ((now - then) / np.maximum(then, LEAST_PRESSED) * shares).sum(0)
        return np.where(total > 1e-4, 1 + more / np.maximum(total, 1e-6), 1.0).astype(np.float32)


@lru_cache(maxsize=1)
def fold_fields() -> FoldFields:
    """Where and how folds run, as shipped."""
    network = relief_network()
    return FoldFields(network.regions, network.folds, network.left)
