"""A full beard as a photo shows it: whether there is one, how far it hangs below the chin, and its colour.

Three cues: the network of parts sees dark beards; white ones, which it takes for skin, are brighter and less red on the
chin than the cheeks are; in grey ones the bright hairs are the less red ones, while in stubble the dark hairs are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.detect.outlines import in_hull
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BEARD, HAIR, MAP_PX, FaceParts, map_crop
from facegpt.hair.from_photo.colour import (
    AS_BRIGHT,
    DARKEST,
    GREYNESS,
    LIGHTEST,
    as_it_grows,
    light_on_hair,
    mean_colour,
)
from facegpt.types import Array, Hair

#: Points of the detector about the chin below the lip, the two jaws, and skin where no beard grows.
CHIN = ((17, 84, 314, 176, 400, 152, 148, 377, 175),)
JAWS = ((172, 136, 150, 149, 176, 212, 202), (397, 365, 379, 378, 400, 432, 422))
BARE = ((50, 205, 101, 118), (280, 425, 330, 347), (9, 107, 336))
TOP, TIP, EYES, EYES_MM = 10, 152, (33, 263), 92.0
#: Share of chin and jaws that a full dark beard covers; belief in a beard's pixel.
COVERS, SURE = 0.6, 0.5
#: A white beard: light of the chin over that of bare skin, at least, how much less red it is (log of red over green),
#: and what the reader of looks says of a beard, at least.
AS_LIGHT, LESS_RED, LEAST_LOOKED, DARK_LOOKED = 0.93, 0.1, 0.05, 0.3
#: A grey beard: how much less red its pixels are than bare skin and how dark at most (logs); share of chin or jaws that
#: they cover; correlation of brightness and redness of what is finer than so many px of the map, at most; what the
#: reader of looks says of a beard, and how likely grey hair is at the age that the face looks, at least.
PALER, DARKEST_GREY, GREY_COVERS, GREY_GOES, FINE_PX, GREY_LOOKED, GREY_AGE = 0.25, -1.3, 0.35, -0.1, 2.0, 0.15, 0.25
#: A dark beard with grey hairs: pale share of chin or jaws, correlation as above, how likely grey hair is at the age.
SALTED, SALTED_GOES, SALTED_AGE = 0.25, 0.05, 0.06
#: How red such hair is over green at most, freed of the light: stubble lets skin through.
GREY_RED = 1.4
#: It grows about the chin alone if that is so many times as grey as the jaws; how full it is where it is only painted.
GOATEE, GREY_AMOUNT = 1.3, 0.5
#: Belief in a pixel of the head's hair; how dark grey hair is at most beside bare skin (log), and its share of pale px.
SURE_HAIR, GREY_HAIR_LIGHT, GREY_HAIR = 0.7, -0.8, 0.5
#: A dark beard grows about the chin alone if the parts' belief in it is so much there, and so many times the jaws', and
#: the reader of looks says so much of a beard.
CHIN_SEEN, DARK_GOATEE, GOATEE_LOOKED = 0.12, 1.72, 0.295
#: How far below the chin's tip a beard is followed, mm, and how far its colour may change (logs) on the way.
FURTHEST_MM, SAME, STEP_MM = 90.0, 0.45, 1.0
#: How long a beard is that ends at the chin, and how short one is worn as hair, and a grey one, whose short cards lie
#: like crumbs on the darker skin: shorter ones stay paint.
AT_CHIN_MM, SHORTEST_MM, SHORTEST_GREY_MM = 6.0, 12.0, 15.0
#: How much the colour that is read of a beard counts beside that of the head's hair, by how likely grey hair is.
GREYING, OWN_COLOUR = (0.1, 0.4), (0.5, 0.85)
#: How full beards of photos are: that one is sure to be seen says nothing of its length.
FULL_BEARD = 0.85
#: How full a dark beard is at least that covers chin and jaws: stubble is less.
NO_STUBBLE = 0.5
#: Fewest pixels of a region that tell anything.
FEWEST = 12


@dataclass(frozen=True)
class BeardSeen:
    """A beard.

    mm: how long it is on the chin, as hair; 0 where it stays paint. albedo: (3,) linear RGB. shape: one of
    `hair.whiskers.SHAPES`. amount: how full, 0..1, as `Hair.beard`; 0 for as full as the reader of looks says, and at
    least `least`.
    """

    mm: float
    albedo: tuple[float, float, float]
    shape: str = "full"
    amount: float = FULL_BEARD
    least: float = 0.0

    @property
    def is_painted(self) -> bool:
        """Whether it is a short one that was seen."""
        return self.mm == 0 and self.amount > 0


def coloured_beard(hair: Hair, beard: BeardSeen | None, greyness: float) -> Hair:
    """The hair whose beard of cards is coloured between what was read of it and the hair of the head.

    What is read of a beard is shaded by the chin and mixed with skin; but beards turn grey on their own.

    greyness: 0..1, how likely grey hair is at the age that the face looks.
    """
    if beard is None or 0 in (beard.mm, hair.beard_mm) or hair.style == "bald":
        return hair
    own = float(np.interp(greyness, GREYING, OWN_COLOUR))
    return replace(hair, beard_colour=mean_colour((hair.colour, beard.albedo), (1 - own, own)))


@dataclass(frozen=True, eq=False)
class _Face:
    """The photo on the map of parts: colours (S, S, 3) linear, points (P, 2) px, px_per_mm along the face."""

    colours: NDArray[np.floating]
    points: Array
    px_per_mm: float
    grid: Array

    def region(self, outlines: tuple[tuple[int, ...], ...]) -> NDArray[np.bool_]:
        """Pixels (S, S) within any of some rings of points."""
        return np.any([in_hull(self.grid, self.points[list(ring)]) for ring in outlines], axis=0)


def beard_seen(
    image: NDArray[np.uint8] | Photo, parts: FaceParts, lighting: Array, looked: float, greyness: float = GREYNESS
) -> BeardSeen | None:
    """The full beard of a face; None where there is none.

    Args:
        image: (H, W, 3) uint8 sRGB.
        parts: of the face; without points nothing is told.
        lighting: (9, 3) fitted, camera frame.
        looked: 0..1, how much of a beard the face seems to wear (`IdentityBelief.beard`).
        greyness: 0..1, how likely grey hair is at the age that the face looks.
    """
    if parts.points is None or looked < LEAST_LOOKED:
        return None
    face = face_on_map(image, parts)
    if (regions := _chin_jaws_bare(face, parts)) is None:
        return None
    chin, jaws, bare = regions
    belief, pale = parts.probabilities[..., BEARD] > SURE, _pale(face.colours, bare)
    dark = looked >= DARK_LOOKED and (belief[chin].mean() + belief[jaws].mean()) / 2 >= COVERS
    hue = partial(_albedo, lighting=lighting, greyness=greyness)
    found = None
    if dark or _white(face.colours, chin, bare):
        own = (chin | jaws) & belief if dark else chin
        mean = face.colours[own].mean(0)
        hair = belief if dark else pale | (np.abs(np.log((face.colours + 0.01) / (mean + 0.01))).max(-1) < SAME)
        mm = _long_mm(face, parts, hair)
        found = BeardSeen(mm, hue(mean), amount=FULL_BEARD if mm > 0 else 0.0, least=NO_STUBBLE if dark else 0.0)
    grey_hair = _has_grey_hair(face.colours, pale, parts, bare)
    greys = (looked >= GREY_LOOKED and greyness >= GREY_AGE) or grey_hair
    if not dark and (found is None or found.mm == 0) and greys:
        shape = _grey(face.colours, pale, chin, jaws)
        albedo = hue(face.colours[pale & (chin | jaws)].mean(0)) if shape else None
        if shape and albedo and albedo[0] < GREY_RED * albedo[1]:
            return BeardSeen(_long_mm(face, parts, pale, SHORTEST_GREY_MM), albedo, shape, GREY_AMOUNT)
    on_chin, on_jaws = (parts.probabilities[..., BEARD][where].mean() for where in (chin, jaws))
    if found is None and looked >= GOATEE_LOOKED and on_chin >= max(CHIN_SEEN, DARK_GOATEE * on_jaws):
        return BeardSeen(0.0, hue(face.colours[chin].mean(0)), "goatee", 0.0)
    return found


def _chin_jaws_bare(face: _Face, parts: FaceParts) -> list[NDArray[np.bool_]] | None:
    """What is seen (S, S) of the chin, the jaws, and skin where no beard grows; None where one tells too little."""
    regions = [face.region(rings) & parts.seen for rings in (CHIN, JAWS, BARE)]
    return regions if min(region.sum() for region in regions) >= FEWEST else None


def _has_grey_hair(colours: Array, pale: NDArray[np.bool_], parts: FaceParts, bare: NDArray[np.bool_]) -> bool:
    """Whether the hair of the head is grey or white, whatever age the face seems to be.

    colours: (S, S, 3) linear. pale: (S, S), where they are less red than skin. bare: (S, S), bare skin.
    """
    hair = parts.probabilities[..., HAIR] * parts.seen > SURE_HAIR
    if hair.sum() < FEWEST:
        return False
    light = np.log(colours + 0.004).mean(-1)
    bright = np.median(light[hair]) > np.median(light[bare]) + GREY_HAIR_LIGHT
    return bool(bright and pale[hair].mean() > GREY_HAIR)


def _albedo(mean: Array, lighting: Array, greyness: float) -> tuple[float, float, float]:
    """The albedo (3,) of hair of a mean colour (3,) in a photo."""
    seen = np.clip(mean / np.maximum(light_on_hair(lighting) * AS_BRIGHT, 1e-3), DARKEST, LIGHTEST)
    red, green, blue = as_it_grows(seen, greyness).tolist()
    return red, green, blue


def face_on_map(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> _Face:
    """The photo on the map of its parts, which have points."""
    points = parts.on_map(np.asarray(parts.points)[:, :2])
    away = np.asarray(parts.points)[EYES[1]] - np.asarray(parts.points)[EYES[0]]
    scale = float(np.linalg.norm(away)) * parts.px_per_photo_px / EYES_MM  # turned away, with its depth
    columns, rows = np.meshgrid(np.arange(MAP_PX), np.arange(MAP_PX))
    colours = map_crop(image, parts, linear=True)
    return _Face(colours, points, max(scale, 1e-3), np.stack([columns, rows], -1).astype(float))


def _white(colours: Array, chin: NDArray[np.bool_], bare: NDArray[np.bool_]) -> bool:
    below, skin = colours[chin].mean(0) + 1e-3, colours[bare].mean(0) + 1e-3
    less_red = np.log(skin[0] / skin[1]) - np.log(below[0] / below[1])
    return bool(below.mean() > AS_LIGHT * skin.mean() and less_red > LESS_RED)


def _pale(colours: Array, bare: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where colours (S, S, 3) linear are less red than bare skin and not much darker."""
    logs = np.log(colours + 0.004)
    light, red = logs.mean(-1), logs[..., 0] - logs[..., 1]
    return np.asarray((red < np.median(red[bare]) - PALER) & (light > np.median(light[bare]) + DARKEST_GREY))


def _grey(
    colours: Array, pale: NDArray[np.bool_], chin: NDArray[np.bool_], jaws: NDArray[np.bool_]
) -> Literal["", "full", "goatee"]:
    """The shape of a grey beard on colours (S, S, 3) linear; "" where too little of chin and jaws is grey hair."""
    greyer = chin if pale[chin].mean() > pale[jaws].mean() else jaws
    if pale[greyer].mean() < GREY_COVERS or _goes_with_red(colours, greyer) > GREY_GOES:
        return ""
    return "goatee" if pale[chin].mean() > GOATEE * pale[jaws].mean() else "full"


def _goes_with_red(colours: Array, where: NDArray[np.bool_]) -> float:
    """How fine brightness goes with redness on colours (S, S, 3) linear: below 0 bright hairs are grey; 1 untold."""
    logs = np.log(colours + 0.004)
    light, red = logs.mean(-1), logs[..., 0] - logs[..., 1]
    fine = [(one - gaussian_filter(one, FINE_PX))[where] for one in (light, red)]
    return 1.0 if min(one.std() for one in fine) < 1e-4 else float(np.corrcoef(*fine)[0, 1])


def _long_mm(face: _Face, parts: FaceParts, hair: NDArray[np.bool_], shortest: float = SHORTEST_MM) -> float:
    """How long a beard is on the chin, mm, by how far its pixels (S, S) go on below it; 0 where too short for hair."""
    mm = AT_CHIN_MM + _hangs_mm(face, parts, hair)
    return round(mm, 1) if mm >= shortest else 0.0


def is_salted(image: NDArray[np.uint8] | Photo, parts: FaceParts, greyness: float) -> bool:
    """Whether the beard of a face that is old enough has grey hairs among dark ones; False without points."""
    if parts.points is None or greyness < SALTED_AGE:
        return False
    face = face_on_map(image, parts)
    if (regions := _chin_jaws_bare(face, parts)) is None:
        return False
    chin, jaws, bare = regions
    pale = _pale(face.colours, bare)
    greyer = max((chin, jaws), key=lambda where: float(pale[where].mean()))
    return bool(pale[greyer].mean() > SALTED and _goes_with_red(face.colours, greyer) < SALTED_GOES)


def below_chin_mm(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> float:
    """How far a beard that the network of parts sees goes on below the tip of the chin, mm; 0 without points."""
    if parts.points is None:
        return 0.0
    return _hangs_mm(face_on_map(image, parts), parts, parts.probabilities[..., BEARD] > SURE)


def _hangs_mm(face: _Face, parts: FaceParts, hair: NDArray[np.bool_]) -> float:
    """How far the pixels (S, S) of a beard go on below the tip of the chin, mm."""
    down = face.points[TIP] - face.points[TOP]
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    across = np.array([-down[1], down[0]])
    for mm in np.arange(STEP_MM, FURTHEST_MM, STEP_MM):
        middle = face.points[TIP] + mm * face.px_per_mm * down
        places = middle + np.outer(np.linspace(-10, 10, 7) * face.px_per_mm, across)
        at = np.rint(places).astype(int)
        if (at < 0).any() or (at >= MAP_PX).any() or not parts.seen[at[:, 1], at[:, 0]].all():
            return float(mm - STEP_MM)
        if hair[at[:, 1], at[:, 0]].mean() < 0.5:
            return float(mm - STEP_MM)
    return FURTHEST_MM
