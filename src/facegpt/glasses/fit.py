"""Where a frame sits on one head: its size, its place before the eyes, and its way to the ears. Head frame, mm.

The front is a cylinder (face form) that leans towards the cheeks; on it, u runs to the subject's left and v up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.glasses.contour import contour_outline
from facegpt.glasses.frames import BRIDGE_MM, FRAMES, LENS_MM, TILT_DEG, VERTEX_MM, Frame, outline
from facegpt.glasses.skin import NearSkin
from facegpt.morphable.base import MorphableModel, joint_places
from facegpt.morphable.makehuman.cornea import CORNEA_MM, EYEBALL_MM, LIMBUS_MM
from facegpt.types import Array, Glasses

#: Radius of the front's curve, and of a lens' own, mm: 6 degrees of face form, and a base curve of 4 dioptres.
WRAP_MM, BULGE_MM = 300.0, 132.0
#: From the eyeball's middle to the front of the cornea, mm (morphable/makehuman/cornea.py).
CORNEA_AHEAD = np.sqrt(EYEBALL_MM**2 - LIMBUS_MM**2) - np.sqrt(CORNEA_MM**2 - LIMBUS_MM**2) + CORNEA_MM
#: The crease between the left ear and the head, from its front to behind the ear: vertices of the default head.
EAR_CREASE = (4282, 4294, 4283, 4285, 4275)
#: The front is this share of the head's width at the ears; a hinge lies this far outside its lens, mm, and of a fitted
#: frame at most so far outside its rim.
FRONT_SHARE, ENDPIECE_MM, BEYOND_RIM_MM = 0.945, (3.5, 9.0), 4.5
#: Rims of fitted contours are of wire below this width, mm; as deep as wire, or as acetate; and
#: their lenses have any width that is worn.
WIRE_MM, DEPTHS_MM, FITTED_LENS_MM = 1.7, (1.6, 3.2), (34.0, 68.0)
#: Where the upper corner towards the temple lies, of the lens' box (-1..1), and how far it reaches.
CORNER, CORNER_REACH = np.array([1.0, 0.75]), np.array([0.45, 0.5])
#: Gap between the lenses of a frame that is tried on a photo, mm.
TRIAL_BRIDGE_MM = 18.0
#: Frames that are worn lower than this, mm, stand farther out, mm for each mm: the slope of the nose.
LOW_MM, SLOPE = 6.0, 0.45
#: Room that rims leave to the skin, mm.
ROOM_MM = 0.1
#: Where the usual place is not free (deep eyes below a strong brow, full cheeks): others, and what each costs.
TILTS_DEG, VERTICES_MM, DROPS_MM = (
    (TILT_DEG, 10.0, 6.0, 4.0),
    (13.0, VERTEX_MM[1], 15.5, 17.0, 19.0),
    (0.0, 2.0, -2.0, 4.0, 6.0),
)


@dataclass(frozen=True, eq=False)
class Wearer:
    """What a frame is fitted to.

    Attributes:
        model, vertices: the head at rest (V, 3).
        pupils: (2, 3) middles of the pupils, left and right. cornea: z of the corneas' fronts, mm.
        creases: (2, K, 3) where the ears join the head, left and right, from the front backward.
    """

    model: MorphableModel
    vertices: Array
    pupils: Array
    cornea: float
    creases: Array

    @cached_property
    def wide(self) -> float:
        """How far from the middle hinges lie, mm."""
        return FRONT_SHARE * float(np.abs(self.creases[:, 1, 0]).mean())

    @cached_property
    def pupil(self) -> tuple[float, float]:
        """How far from the middle pupils lie, and how high, mm."""
        return float(np.abs(self.pupils[:, 0]).mean()), float(self.pupils[:, 1].mean())

    @cached_property
    def skin(self) -> NearSkin:
        """The skin around eyes, nose and ears."""
        return NearSkin(self.model, self.vertices)


def wearer_of(model: MorphableModel, identity: Array) -> Wearer:
    """The default head of a person (I,) at rest, as glasses see it."""
    identity = np.asarray(identity, np.float32)
    vertices = model.mean_vertices + np.tensordot(identity, model.identity_basis, 1)
    centres = joint_places(model, identity)
    eyes = np.stack([centres[model.joint_names.index(name)] for name in ("left_eye", "right_eye")])
    left = list(EAR_CREASE)
    creases = np.stack([vertices[left], vertices[model.mirror[left]]])
    ahead = eyes + np.array([0.0, 0.0, CORNEA_AHEAD])
    return Wearer(model, vertices, ahead, float(ahead[:, 2].mean()), creases)


@dataclass(frozen=True)
class Front:
    """A frame's front on a head.

    Attributes:
        style, lens_mm, height_mm, bridge_mm: in the terms of frames.py. half_mm: from the middle to a hinge.
        lens: a contour of its own, contour.py; () for the style's.
        rim_mm: below and above the lens. corner_mm: at its upper corner towards the temple, if that is wider.
        depth_mm: front to back.
        tilt_deg: pantoscopic. origin: (3,) the middle of the front, head frame.
    """

    style: str
    lens_mm: float
    height_mm: float
    bridge_mm: float
    half_mm: float
    rim_mm: tuple[float, float]
    depth_mm: float
    tilt_deg: float = TILT_DEG
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lens: tuple[float, ...] = ()
    corner_mm: float | None = None

    @property
    def metal(self) -> bool:
        """Whether it is of wire: as its style is, or as thin as its own rims are."""
        return max(self.rim_mm) < WIRE_MM if self.lens else self.frame.metal

    @property
    def wired(self) -> bool:
        """Whether bridge and pads are of wire, as of all frames of metal and of those with a bar above a wire."""
        return self.metal or self.style == "browline"

    @property
    def frame(self) -> Frame:
        """The kind of frame."""
        return FRAMES[self.style]

    @property
    def middle(self) -> float:
        """U of the middle of the left lens."""
        return (self.lens_mm + self.bridge_mm) / 2

    @cached_property
    def edge(self) -> Array:
        """(N, 2) the edge of the left lens on the front."""
        own = (
            contour_outline(self.lens, self.lens_mm) if self.lens else outline(self.style, self.lens_mm, self.height_mm)
        )
        return own + np.array([self.middle, 0.0])

    @cached_property
    def outward(self) -> Array:
        """(N, 2) unit, from the lens outward, at its edge."""
        ring = np.concatenate([self.edge[-1:], self.edge, self.edge[:1]])
        along = ring[2:] - ring[:-2]
        return np.asarray(along[:, ::-1] * [1.0, -1.0] / np.hypot(along[:, 0], along[:, 1])[:, None])

    @cached_property
    def rims(self) -> Array:
        """(N,) width of the rim at the edge, mm."""
        share = np.minimum(np.maximum(0.5 + self.edge[:, 1] / self.height_mm, 0), 1)
        if self.style == "browline" or not self.rim_mm[0]:  # the brow is a bar, the rest a wire
            share = np.minimum(np.maximum((share - 0.55) / 0.2, 0), 1)
        share = share * share * (3 - 2 * share)
        wide = self.rim_mm[0] + (self.rim_mm[1] - self.rim_mm[0]) * share
        if self.corner_mm is None:
            return np.asarray(wide)
        off = (self.edge - [self.middle, 0.0]) / [self.lens_mm / 2, self.height_mm / 2] - CORNER
        near = np.exp(-((off / CORNER_REACH) ** 2).sum(1))
        return np.asarray(wide + near * np.maximum(self.corner_mm - wide, 0.0))

    @property
    def corner(self) -> Array:
        """(2,) of the front, where the rim's outer edge turns from above to the temple, left."""
        off = (self.edge - [self.middle, 0.0]) / [self.lens_mm / 2, self.height_mm / 2] - CORNER
        k = int((off**2).sum(1).argmin())
        return np.asarray(self.edge[k] + self.outward[k] * self.rims[k])

    def place(self, uv: Array, deep: Array | float = 0.0, bulge: bool = True) -> Array:
        """Points (..., 2) of the front in the head frame (..., 3); `deep` mm are added along its outward normal."""
        at = np.asarray(uv, np.float64)
        u, v = at[..., 0], at[..., 1]
        sine, cosine = np.sin(u / WRAP_MM), np.cos(u / WRAP_MM)
        z = -WRAP_MM * (1 - cosine)
        if bulge:
            z = z - ((np.abs(u) - self.middle) ** 2 + v**2) / (2 * BULGE_MM)
        x, z = WRAP_MM * sine + deep * sine, z + deep * cosine
        lean, upright = math.sin(math.radians(self.tilt_deg)), math.cos(math.radians(self.tilt_deg))
        out = np.empty((*np.shape(x), 3))
        out[..., 0], out[..., 1], out[..., 2] = x, v * upright - z * lean, z * upright + v * lean
        return out + np.asarray(self.origin)


def fit_front(look: Glasses, wearer: Wearer) -> Front:
    """Size a frame for a head and set it on its nose: the usual place if that is free, else the nearest that is."""
    wide = wearer.wide
    bridges = np.arange(BRIDGE_MM[0] + 2, BRIDGE_MM[1] + 0.1, 1.0) if look.bridge_mm is None else [look.bridge_mm]
    fronts = [sized(look, bridge, wide) for bridge in bridges]
    usual = [front_at(front, wearer, look.drop_mm) for front in fronts]
    inside = _depths(usual, wearer.skin)
    if inside.min() <= 0:
        return usual[int(np.flatnonzero(inside <= 0)[0])]
    front = fronts[int(inside.argmin())]
    moved = [
        (
            1.5 * abs(tilt - TILT_DEG) + 4 * abs(vertex - 13.0) + abs(drop),
            front_at(turned, wearer, look.drop_mm + drop, vertex),
        )
        for tilt in TILTS_DEG
        for turned in [replace(front, tilt_deg=tilt)]
        for vertex in VERTICES_MM
        for drop in DROPS_MM
    ]
    inside = _depths([one for _, one in moved], wearer.skin)
    price = np.array([cost for cost, _ in moved])
    free = inside <= 0
    return moved[int(np.where(free, price, np.inf).argmin() if free.any() else inside.argmin())][1]


def sized(look: Glasses, bridge_mm: float, wide: float) -> Front:
    """A front with a bridge, for a head on which hinges lie `wide` from the middle."""
    frame = FRAMES[look.style]
    usual = _usual_lens_mm(frame, bridge_mm, wide)
    narrowest, widest = FITTED_LENS_MM if look.lens else LENS_MM
    lens = float(min(max(usual * look.size, narrowest), widest))
    edge = lens + bridge_mm / 2
    below, above, *corner = look.rims_mm or frame.rim_mm
    rims = (below * look.thickness, above * look.thickness)
    most = max(ENDPIECE_MM[0], max(*rims, *corner) + BEYOND_RIM_MM) if look.lens else ENDPIECE_MM[1]
    half = float(min(max(wide, edge + ENDPIECE_MM[0]), edge + most))
    height, depth = frame.height, frame.depth_mm
    if look.lens:
        height, depth = look.lens[0], DEPTHS_MM[0] if max(rims) < WIRE_MM else DEPTHS_MM[1]
    return Front(
        look.style,
        lens,
        lens * height,
        bridge_mm,
        half,
        rims,
        depth,
        lens=look.lens,
        corner_mm=next(iter(corner), None),
    )


def usual_lens_mm(frame: Frame, bridge_mm: float, wearer: Wearer) -> float:
    """Width of a lens of size 1 for a head, mm."""
    return _usual_lens_mm(frame, bridge_mm, wearer.wide)


def _usual_lens_mm(frame: Frame, bridge_mm: float, wide: float) -> float:
    return (wide - bridge_mm / 2 - 6.0) * frame.lens_mm / 52.0


def front_at(front: Front, wearer: Wearer, drop_mm: float, vertex_mm: float = 13.0) -> Front:
    """The front with its lenses `vertex_mm` before the corneas, farther if worn low; their middles below the pupils."""
    pupil = wearer.pupil
    vertex_mm += SLOPE * max(drop_mm - LOW_MM, 0.0)
    below = front.frame.drop_mm + drop_mm
    bare = replace(front, origin=(0.0, 0.0, 0.0))
    seen = bare.place(np.array([pupil[0], below]), -front.depth_mm / 4)
    y = pupil[1] - float(seen[1])
    return replace(front, origin=(0.0, y, wearer.cornea + vertex_mm - float(seen[2])))


def trial_front(look: Glasses, wearer: Wearer, bridge_mm: float = TRIAL_BRIDGE_MM) -> Front:
    """A glasses frame at its usual place, with its own bridge if it has one; what it touches is not checked."""
    return front_at(sized(look, look.bridge_mm or bridge_mm, wearer.wide), wearer, look.drop_mm)


def _depths(fronts: list[Front], skin: NearSkin) -> Array:
    """How far the rims of each front come into the skin's room, summed, mm: 0 where they are free."""
    points = np.stack([back_of_rims(front) for front in fronts])
    away = skin.distance(points.reshape(-1, 3)).reshape(len(fronts), -1)
    return np.clip(ROOM_MM - away, 0, None).sum(1)


def back_of_rims(front: Front) -> Array:
    """Points (N, 3) at the back of both rims, where they may touch the skin."""
    edge, outward = front.edge[::3], front.outward[::3]
    rims = front.rims[::3, None] * (1.0 if max(front.rim_mm) else 0.0)
    found = [front.place(edge + outward * rims * share, -front.depth_mm / 2) for share in (0.0, 1.0)]
    points = np.concatenate(found)
    return np.concatenate([points, points * [-1.0, 1.0, 1.0]])


def pushed_out(skin: NearSkin, path: Array, room: Array | float, axis: NDArray[np.floating]) -> Array:
    """A path (N, 3) moved along `axis` (3,) until each point is `room` mm away from the skin, where that can be.

    Skin that looks the other way does not move it: behind an ear there is skin on both sides.
    """
    path = np.array(path, np.float64)
    for _ in range(12):
        away, normal = skin.look(path)
        along = normal @ axis
        short = np.where(along > 0.05, np.clip(np.asarray(room) - away, 0, None), 0.0)
        if not (short > 0.02).any():
            break
        path += (short / np.clip(along, 0.35, 1.0))[:, None] * axis
    return path
