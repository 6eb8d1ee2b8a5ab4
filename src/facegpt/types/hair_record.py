"""Records of hair: the numbers of a groom, and what a person wears. `facegpt.types` has them too."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Rows (elevation, from straight down to straight up) and columns (azimuth, from the face by the left, the back and the
#: right) of `Groom.bulge`.
BULGE_GRID = (6, 12)
#: Rows (height, from the throat to the temples) and columns (azimuth, from the right ear to the left) of
#: `Hair.beard_cover`.
BEARD_GRID = (13, 13)
#: Azimuths of `Groom.hairline`, degrees from the face, + to the left.
HAIRLINE_DEG = (-75, -60, -45, -30, -15, 0, 15, 30, 45, 60, 75)


@dataclass(frozen=True)
class SeenBare:
    """Where a photo shows no hair: bare skin of the head, and what is behind it (hair/lines/off_bare.py).

    Attributes:
        picture: two masks as the photo sees them, packed as text. size: their height and width, pixels.
        projection: (12,) rows of the 3 × 4 matrix from places of the head at rest, mm, to their pixels x and y, and 1.
        ways: which way hair that grows on the head lies off the photo's, packed as text; "" where it does not.
    """

    picture: str
    size: tuple[int, int]
    projection: tuple[float, ...]
    ways: str = ""


@dataclass(frozen=True)
class Groom:
    """Parametric hair: what grows where, how long, and how it falls. Left and right are the subject's.

    Lengths are mm along the strand, shares 0..1. Ranges: hair/groom.py. Regions blend smoothly over the scalp.

    Attributes:
        hairline_mm: how much higher the forehead is than usual (+), or lower (-).
        recession: 0 none … 1 bare temples. crown_thinning: 0 none … 1 a bald crown; both 1: only a wreath is left.
        density: 0 sparse … 1 full.
        top_mm, sides_mm, back_mm: lengths above the temples, over the ears and at the back of the head.
        fringe_mm: length of the front hair that falls on the forehead; 0 = none: it goes with the top.
        layers: 0 tips at one height … 1 every strand the same length, so tips lie as roots do.
        edge: 0 sides blend into the top … 1 a hard line between them (undercut).
        part: where, -1 left … 0 middle … 1 right. parted: 0 no visible part … 1 sharp.
        sweep_back: -1 combed forward … 1 combed back. sweep_side: -1 to the left … 1 to the right.
        fringe_sweep: the same sideways for the fringe.
        lift_mm: volume at the roots. stand: 0 lies and falls … 1 stands off the scalp.
        tips: -1 flipped outward … 1 turned inward.
        curl_radius_mm, curl_pitch_mm: radius of the helix of a strand and length of one turn; radius 0 = straight.
        curl_start: share of the strand that is straight before the curl is full.
        clump: 0 loose … 1 strands keep together in locks. frizz: 0 sleek … 1 every strand its own way.
        gather: how it is gathered, one of `hair.groom.GATHERS`. gather_mm: radius of a bun, a plait, a braid or a loc,
            0 the usual one.
        hairline: how much higher (+) the hairline is than all that says, mm, at azimuths HAIRLINE_DEG; () is none.
            Below it the forehead is bare, but where this is below -22: there hair falls over it.
        bulge: silhouette correction, outward mm by direction around the middle of the head, row by row of BULGE_GRID;
            () is none.
        bare: where a photo shows no hair: locks keep away from there; None where no photo tells.
        seed: which of the many heads of hair that these settings allow.
    """

    hairline_mm: float = 0.0
    recession: float = 0.0
    crown_thinning: float = 0.0
    density: float = 1.0
    top_mm: float = 60.0
    sides_mm: float = 40.0
    back_mm: float = 40.0
    fringe_mm: float = 0.0
    layers: float = 0.5
    edge: float = 0.0
    part: float = 0.0
    parted: float = 0.0
    sweep_back: float = 0.0
    sweep_side: float = 0.0
    fringe_sweep: float = 0.0
    lift_mm: float = 4.0
    stand: float = 0.0
    tips: float = 0.0
    curl_radius_mm: float = 0.0
    curl_pitch_mm: float = 40.0
    curl_start: float = 0.0
    clump: float = 0.4
    frizz: float = 0.15
    gather: str = "none"
    gather_mm: float = 0.0
    bulge: tuple[float, ...] = ()
    hairline: tuple[float, ...] = ()
    bare: SeenBare | None = None
    seed: int = 0


@dataclass(frozen=True)
class SeenLocks:
    """How the locks that a photo shows differ from the mean colour of its hair (hair/locks.py).

    Attributes:
        picture: logs of the ratios as the photo sees them, packed as text. size: its height and width, pixels.
        projection: (12,) rows of the 3 × 4 matrix from places of the head at rest, mm, to its pixels x and y, and 1.
        spread: SD of the log of how bright locks are, for those that the photo does not see.
    """

    picture: str
    size: tuple[int, int]
    projection: tuple[float, ...]
    spread: float = 0.0


@dataclass(frozen=True)
class Hair:
    """What grows on a head and is no part of its skin mesh. Lengths and amounts are looks, not measurements.

    Attributes:
        style: a preset's name ("bald", "cropped", "short", "bob", "long", "curly", …; hair/presets), or "custom".
        colour: (3,) linear RGB albedo of the hair, 0..1; brows and beard share it, and `grey`, where they have no own.
        grey: 0..1 share of grey and white hairs.
        beard: 0 none, 0.3 stubble, 1 a full beard on chin and jaw. moustache: the same for the upper lip.
        brow_thickness, brow_arch: SDs of the population; brows fade from a thickness of -3 and are gone at -5.
        groom: the settings that the hair grows by; None = those of the preset `style`.
        highlights: 0..1 share of strands of another colour, `highlight_colour` (linear RGB).
        roots: 0..1 how much darker the roots are, as of dyed hair.
        temples: 0..1 share of grey and white hairs at the temples, where it is more than `grey`.
        beard_shape: where a beard grows, one of `hair.whiskers.SHAPES`.
        beard_mm: how long it is on the chin, mm; 0 = as `beard` says.
        beard_cover: share 0..1 of beard's and moustache's full density by place, row by row of BEARD_GRID; () = all.
        brow_bridge: 0..1 hair between the brows: 1 as dense as they are, so that they meet.
        locks: how its locks differ from `colour` as a photo shows them; None where none does.
        brow_colour, beard_colour: (3,) linear RGB of all hairs of brows, of beard and moustache; None = as hair.
    """

    style: str = "bald"
    colour: tuple[float, float, float] = (0.045, 0.028, 0.018)
    grey: float = 0.0
    beard: float = 0.0
    moustache: float = 0.0
    brow_thickness: float = 0.0
    brow_arch: float = 0.0
    groom: Groom | None = None
    highlights: float = 0.0
    highlight_colour: tuple[float, float, float] = (0.36, 0.23, 0.11)
    roots: float = 0.0
    temples: float = 0.0
    beard_shape: str = "full"
    beard_mm: float = 0.0
    beard_cover: tuple[float, ...] = ()
    brow_bridge: float = 0.0
    locks: SeenLocks | None = None
    brow_colour: tuple[float, float, float] | None = None
    beard_colour: tuple[float, float, float] | None = None

    @property
    def of_brows(self) -> Hair:
        """The same with the colour and the grey of its brows."""
        return self if self.brow_colour is None else replace(self, colour=self.brow_colour, grey=0.0)

    @property
    def of_beard(self) -> Hair:
        """The same with the colour and the grey of its beard."""
        return self if self.beard_colour is None else replace(self, colour=self.beard_colour, grey=0.0)
