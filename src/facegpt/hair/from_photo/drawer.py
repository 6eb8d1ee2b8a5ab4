"""Silhouettes of grooms on one fitted head, in one photo or several, and how well they agree with the hair seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.body import body_of
from facegpt.hair.from_photo.seen import HairSeen
from facegpt.hair.from_photo.silhouette import Drawn, drawn, outline_px, pixels_of_places, ray_angles, rooted
from facegpt.hair.from_photo.traits import kind_of
from facegpt.hair.grow import Grown, locks_of
from facegpt.hair.plan import growth
from facegpt.hair.scalp import MIDDLE, Scalp, scalp_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.proxies import head_motion
from facegpt.types import Array, FaceParams, Groom

#: Level of detail that silhouettes are grown at.
LOD = 2
#: Hair shorter than this does not colour the scalp, mm.
ROOTED_MM = 1.5
#: Places of the scalp that are asked for roots.
ROOTS = 2400
#: What strands that run as in the photo are worth beside the silhouette's IoU; fewer sure pixels of them say less.
STRANDS, FEWEST_STRANDS = 0.25, 100.0
#: What stands for it where a groom has no strands that run anywhere, as cropped hair, which is painted, and coils:
#: strands of another style agree so much by chance. Up to which length hair is cropped, mm.
STRANDLESS, CROPPED_MM = 0.15, 7.0
#: Directions of temples and ears from the middle of the skull, degrees from straight up; how far below the highest ray
#: that a photo tells others count as the top as well.
TEMPLES_DEG, EARS_DEG, NEAR_DEG = 60.0, 100.0, 16.0
#: What an outline loses for each mm that it lies off the photo's on average, and how far off counts at most, mm: sides
#: of 3 and of 20 mm are a few pixels apart, which no share of areas tells.
OFF_OUTLINE, MOST_OFF_MM = 0.006, 15.0


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws silhouettes of grooms on one fitted head.

    model, identity (I,): the head. seen: the photo's hair. motion: how joints move the head. along: (S, S), which way
    the photo's strands run (`strand_directions`); None where they have no say. grown: locks that grew on this head
    already, by groom; several photos of it share them.
    """

    model: MorphableModel
    identity: Array
    seen: HairSeen
    motion: tuple[Array, Array]
    along: NDArray[np.complex64] | None = None
    grown: dict[Groom, Grown | None] = field(default_factory=dict, repr=False)
    _drawn: dict[Groom, Drawn] = field(default_factory=dict, init=False, repr=False)
    _fits: dict[Groom, float] = field(default_factory=dict, init=False, repr=False)
    _roots: dict[Groom, Array] = field(default_factory=dict, init=False, repr=False)
    _covered: dict[bytes, Array] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls, model: MorphableModel, params: FaceParams, seen: HairSeen, along: NDArray[np.complex64] | None = None
    ) -> Drawer:
        """For the head of some parameters."""
        return cls(model, np.asarray(params.identity, np.float32), seen, head_motion(model, params), along)

    @property
    def shares(self) -> tuple[tuple[float, Drawer], ...]:
        """This photo, which has the whole say."""
        return ((1.0, self),)

    def draw(self, groom: Groom) -> Drawn:
        """The picture of a groom, roots included; one that was drawn before is not drawn again."""
        if groom not in self._drawn:
            self._drawn[groom] = self._draw(groom)
        return self._drawn[groom]

    def _draw(self, groom: Groom) -> Drawn:
        groom = replace(groom, density=1.0)  # where hair is, be it thin or not
        if groom not in self.grown:
            self.grown[groom] = locks_of(groom, self.model, self.identity, LOD, outline=True)
        made = self.grown[groom]
        picture = drawn(self.seen.view, () if made is None else made.sets, self.motion)
        return Drawn(np.maximum(picture.cover, 0.9 * self._rooted(replace(groom, bulge=()))), picture.along)

    def _rooted(self, groom: Groom) -> Array:
        """Where the roots of a groom without its bulge are seen (S, S)."""
        if groom not in self._roots:
            grows, length = growth(_some_scalp(self.model), groom)  # type: ignore[arg-type]
            self._roots[groom] = self._seen_roots((grows > 0.4) & (length > ROOTED_MM))
        return self._roots[groom]

    def _seen_roots(self, grows: NDArray[np.bool_]) -> Array:
        """Where roots on these places of the scalp (N,) are seen (S, S); most grooms have them on the same places."""
        told = grows.tobytes()
        if told not in self._covered:
            self._covered[told] = rooted(self.seen.view, self._root_pixels, grows)
        return self._covered[told]

    @cached_property
    def _root_pixels(self) -> NDArray[np.int64]:
        """Where some places of the scalp are seen (`pixels_of_places`)."""
        places = _some_scalp(self.model).on(body_of(self.model, self.identity).vertices)  # type: ignore[arg-type]
        return pixels_of_places(self.seen.view, places, self.motion)

    def agreement(self, groom: Groom) -> float:
        """Soft IoU of a groom's silhouette with the hair seen, 0..1, where hair would be seen."""
        return soft_iou(self.draw(groom).cover, self.seen)

    def fit(self, groom: Groom) -> float:
        """What a groom is moved by: the same with more weight on bare eyes, strands that run as seen, and outlines."""
        if groom not in self._fits:
            self._fits[groom] = self._fit(groom)
        return self._fits[groom]

    def _fit(self, groom: Groom) -> float:
        picture = self.draw(groom)
        same = soft_iou(picture.cover, self.seen, self.seen.weight)
        runs = self._by_chance if _is_strandless(groom) else self.alike(picture)
        return same + STRANDS * runs - OFF_OUTLINE * self.off_mm(picture)

    @cached_property
    def _by_chance(self) -> float:
        """How far strands of another style run as in the photo, as `alike`; the less, the fewer strands tell."""
        total = 0.0 if self.along is None else float(np.abs(self.along).sum())
        return STRANDLESS * total / max(total, FEWEST_STRANDS)

    def off_mm(self, picture: Drawn) -> float:
        """How far a picture's outline lies off the photo's on average, mm; 0 where no ray tells it."""
        gaps = np.abs(self.gap_mm(picture))
        return float(np.minimum(gaps[np.isfinite(gaps)], MOST_OFF_MM).mean()) if np.isfinite(gaps).any() else 0.0

    def gap_mm(self, picture: Drawn) -> NDArray[np.float64]:
        """How far the photo's outline lies outside a picture's on each ray (RAYS,), mm; nan where it is not seen."""
        drawn_px = outline_px(picture.cover > 0.5, self.seen.known, self._middle)
        return (self._outline - drawn_px) / self.seen.view.px_per_mm

    def gaps_by_height(self, picture: Drawn) -> NDArray[np.float64]:
        """Median of `gap_mm` above the temples and beside the ears (2,), mm; 0 where it is not told."""
        gaps = self.gap_mm(picture)
        up = np.abs((np.degrees(ray_angles()) + 90) % 360 - 180)  # from straight up
        highest = float(up[np.isfinite(gaps)].min(initial=180.0))  # a photo may cut off the crown
        top = max(TEMPLES_DEG, min(highest + NEAR_DEG, EARS_DEG))
        rows = [np.isfinite(gaps) & (up < top), np.isfinite(gaps) & (up >= TEMPLES_DEG) & (up < EARS_DEG)]
        return np.array([float(np.median(gaps[row])) if row.any() else 0.0 for row in rows])

    @cached_property
    def _outline(self) -> NDArray[np.float64]:
        """The photo's outline (RAYS,), px."""
        return outline_px(self.seen.mask, self.seen.known, self._middle)

    @cached_property
    def _middle(self) -> NDArray[np.float64]:
        """The middle of the skull in the small picture (2,), px."""
        turn, shift = self.motion
        return self.seen.view.place((np.asarray(turn) @ MIDDLE + shift)[None])[0, :2]

    def alike(self, picture: Drawn) -> float:
        """How far strands run as in the photo: 1 everywhere, 0 as by chance, -1 across them; 0 where none tell."""
        if self.along is None:
            return 0.0
        sure = max(float(np.abs(self.along).sum()), FEWEST_STRANDS)
        return float((self.along * picture.along.conj()).real.sum()) / sure


def _is_strandless(groom: Groom) -> bool:
    longest = max(groom.top_mm, groom.sides_mm, groom.back_mm)
    return longest < CROPPED_MM or (groom.stand > 0.5 and kind_of(groom) == "coily")


@dataclass(frozen=True, eq=False)
class Drawers:
    """Silhouettes of grooms in several photos of one head: a groom is as good as it is in all of them.

    shares: how much say each photo has, in sum 1, and what draws on its head.
    """

    shares: tuple[tuple[float, Drawer], ...]

    @classmethod
    def of(cls, drawers: Sequence[Drawer], weights: Sequence[float]) -> Drawers:
        """Of photos by their weights; where all have one head, its hair grows once."""
        first = drawers[0]
        grown = first.grown if all(np.array_equal(one.identity, first.identity) for one in drawers) else None
        total = sum(weights)
        return cls(
            tuple(
                (weight / total, one if grown is None else replace(one, grown=grown))
                for weight, one in zip(weights, drawers, strict=True)
            )
        )

    def agreement(self, groom: Groom) -> float:
        """Mean soft IoU, 0..1, as `Drawer.agreement`."""
        return sum(share * one.agreement(groom) for share, one in self.shares)

    def fit(self, groom: Groom) -> float:
        """What a groom is moved by, as `Drawer.fit`."""
        return sum(share * one.fit(groom) for share, one in self.shares)


@lru_cache(maxsize=2)
def _some_scalp(model: MorphableModel) -> Scalp:
    """An even part of the scalp's places, for roots."""
    scalp = scalp_of(model)  # type: ignore[arg-type]
    return Scalp(*(getattr(scalp, each.name)[:ROOTS] for each in fields(scalp)))


def soft_iou(cover: Array, seen: HairSeen, weight: Array | None = None) -> float:
    """Σ w min / Σ w max of what is drawn and what is seen; weight (S, S), all one if not given."""
    drawn, hair = cover[seen.known], seen.hair[seen.known]
    counts = np.ones_like(hair) if weight is None else weight[seen.known]
    return float((counts * np.minimum(drawn, hair)).sum() / max(float((counts * np.maximum(drawn, hair)).sum()), 1.0))
