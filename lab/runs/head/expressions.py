"""The 52 ARKit units: ICT-FaceKit's carried over, MakeHuman's where they are better, lids and lips solved to meet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from scipy.spatial import cKDTree

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from lab.runs.head.follow import Follow, part_vertices
from lab.runs.head.identity import ict_displacements
from lab.runs.head.parts import EYE_RADIUS_MM
from lab.runs.head.register import Registration
from lab.runs.head.rest import LID_CLEARANCE_MM, Rest
from lab.runs.head.template import PART_NAMES, Template
from lab.runs.shared.alignment import similarity
from lab.runs.shared.sources import Array, IctHead, data_folder, read_target
from lab.runs.shared.surface import Surface, edges_of, gradient, vertex_normals

#: Units taken from MakeHuman, with the weight at which they look right; all others come from ICT.
FROM_MAKEHUMAN = {"tongueOut": 1.0}
ICT_STRENGTH = {
    "browDown": 1.4,
    "noseSneer": 1.0,
    "mouthPucker": 1.1,
    "mouthRollUpper": 0.7,
    "mouthRollLower": 0.65,
    "mouth": 0.8,
}
#: Units of which the mouth takes a smaller share: ICT's sneer bares the teeth.
MOUTH_SHARE = {"noseSneer": 0.45}
#: Units that may move the lids' margin. It keeps still in all others, so that few units add up at the eye.
LIDS_MOVE = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide", "cheekSquint")
LIDS_STILL_MM, LIDS_FREE_MM = 1.0, 14.0
#: An open jaw pulls the upper lip down less than ICT's by this much (mm), around its middle: the incisors show.
UPPER_LIP_LIFT_MM, UPPER_LIP_REACH_MM = 1.7, (26.0, 16.0)
#: Air in the cheeks: where they bulge most (left, from the middle of the lips, mm), how far, and over which distance.
CHEEK_MM, PUFF_MM, PUFF_REACH_MM = (46.0, 16.0, -26.0), 7.0, 19.0
#: Lips stay this far in front of the teeth; deeper than the reach they are not looked for. How far the lips reach.
TEETH_CLEARANCE_MM, TEETH_REACH_MM, LIPS_MM, CLEARING_ROUNDS = 0.3, 6.0, 16.0, 2
#: Closing the lips and clearing the teeth disturb each other: how often both are done.
LIP_ROUNDS = 3
#: Rows of the teeth's grid up to the biting edge.
OUTER_FACE = 0.64
#: A tongue that comes out parts the lips by these shares of other units.
TONGUE_PARTS_LIPS = {
    "mouthLowerDownLeft": 0.6,
    "mouthLowerDownRight": 0.6,
    "mouthUpperUpLeft": 0.25,
    "mouthUpperUpRight": 0.25,
}
#: MakeHuman's tongue that is out, raised by this much: our teeth are elsewhere.
TONGUE_OVER_TEETH_MM = 2.0
#: Units that part the lips; all others leave them closed.
LIPS_PART = ("jawOpen", "mouthClose", "mouthFunnel", "mouthLowerDown", "mouthUpperUp", "tongueOut")
JAW_UNITS = ("jawForward", "jawLeft", "jawOpen", "jawRight")
#: Closed lids are this thick in front of the eyeball: a straight path from open to closed must clear it half-way;
#: they overlap a little, so that people with wide openings close theirs too.
CLOSED_LID_MM, CLOSED_MARGIN_MM, OVERLAP_MM = 2.1, 1.8, 0.3
#: The jaw's own turn is a little larger than the lips' motion: the share that teeth and tongue take.
JAW_SHARE = 0.86
DATA_WEIGHT, SMOOTHNESS = 3.0, 0.25


def _stem(name: str) -> str:
    return name.removesuffix("Left").removesuffix("Right")


@dataclass(frozen=True)
class Sources:
    """Units by name (V, 3) mm at weight 1: `ict` on our visible skin, `makehuman` on the whole head."""

    ict: dict[str, Array]
    makehuman: dict[str, Array]


def read_units(wheel: Path, template: Template, registration: Registration, ict: IctHead) -> Sources:
    """Read both sets of units onto our vertices."""
    folder = data_folder(wheel) / "faceunits01" / "targets" / "faceunits"
    ours = {n: registration.displacement(template.blend @ read_target(folder / f"{n}.target")) for n in ARKIT_NAMES}
    moved = ict_displacements(ict.expression, ict, registration)
    theirs = dict(zip(ict.expression_names, moved, strict=True))
    for name in ("browInnerUp", "cheekPuff"):  # ICT has these for each side
        theirs[name] = theirs[f"{name}Left"] + theirs[f"{name}Right"]
    return Sources(theirs, ours)


def smoothed(
    fields: dict[str, Array], template: Template, registration: Registration, visible: np.ndarray
) -> dict[str, Array]:
    """Smooth units on the visible skin; ears, back of the head and lower neck stay still."""
    mean = registration.mean
    count = len(mean)
    good = visible & (registration.match.distance < 1.2) & (mean[:, 1] > -110)
    still = registration.ear | (mean[:, 2] < -40) | (mean[:, 1] < -125)
    edges = edges_of(template.skin_quads)
    length = np.linalg.norm(mean[edges[:, 0]] - mean[edges[:, 1]], axis=1)
    step = gradient(edges, count, 1 / np.sqrt(np.maximum(length, 0.3)))
    weight = DATA_WEIGHT * good
    system = sp.diags(weight + DATA_WEIGHT * still + 1e-6) + SMOOTHNESS * (step.T @ step)
    solver = spl.splu(system.tocsc())
    return {n: solver.solve(weight[:, None] * f) for n, f in fields.items()}


def jaw_motion(name: str, ict: IctHead) -> tuple[Array, Array]:
    """Rigid motion of ICT's lower teeth at weight 1: (rotation, shift), x → rotation @ x + shift."""
    teeth = np.unique(ict.triangles[ict.part == ict.part_names.index("teeth")])
    field = ict.expression[ict.expression_names.index(name)][teeth].astype(np.float64)
    moving = np.linalg.norm(field, axis=1) > 0.5 * np.linalg.norm(field, axis=1).max()
    points = ict.vertices[teeth][moving]
    _, rotation, _ = similarity(points, points + field[moving], np.ones(len(points)))
    return rotation, (points + field[moving]).mean(0) - rotation @ points.mean(0)


def carried_by_jaw(points: Array, jaw: tuple[Array, Array]) -> Array:
    """Where the jaw's motion (rotation, shift) takes lower teeth and tongue."""
    rotation, shift = jaw
    return points + JAW_SHARE * (points @ rotation.T + shift - points)


def lash_motion(field: Array, follow: Follow) -> Array:
    """Lashes turn with the lid about the eyeball's centre: (n, 3) for `follow.lashes`."""
    roots = follow.lash_root
    moved = np.zeros((len(roots), 3))
    for side, centre in enumerate(follow.eye_centres):
        own = np.flatnonzero((follow.mean[roots, 0] > 0) == (side == 0))
        before = follow.mean[roots[own]] - centre
        after = before + field[roots[own]]
        a = before / np.linalg.norm(before, axis=1, keepdims=True)
        b = after / np.linalg.norm(after, axis=1, keepdims=True)
        axis = np.cross(a, b)
        cosine = (a * b).sum(1)[:, None]
        arm = follow.mean[follow.lashes[own]] - follow.mean[roots[own]]
        turned = arm * cosine + np.cross(axis, arm) + axis * (axis * arm).sum(1, keepdims=True) / (1 + cosine)
        moved[own] = field[roots[own]] + turned - arm
    return moved


def clear_eyeball(field: Array, follow: Follow, side: int, thickness: Array | None = None) -> Array:
    """Push skin that would enter the eyeball at weight 1 back out, by `thickness` (V,) mm where that is given."""
    cleared = field.copy()
    skin = part_vertices(follow.template, "skin")
    before = follow.mean[skin] - follow.eye_centres[side]
    after = before + field[skin]
    near = (np.linalg.norm(before, axis=1) < EYE_RADIUS_MM + 8) & (after[:, 2] > 0)
    length = np.linalg.norm(after[near], axis=1)
    floor = np.minimum(np.linalg.norm(before[near], axis=1), EYE_RADIUS_MM + LID_CLEARANCE_MM)
    if thickness is not None:
        floor = np.maximum(floor, EYE_RADIUS_MM + thickness[skin[near]])
    short = np.maximum(floor - length, 0)
    cleared[skin[near]] += after[near] / length[:, None] * short[:, None]
    return cleared


class LipsAndTeeth:
    """Keeps the lips in front of the teeth."""

    def __init__(self, rest: Rest, follow: Follow) -> None:
        template, lips = follow.template, np.unique(rest.lips.gap.indices)
        skin = np.unique(template.skin_quads)
        distance, _ = cKDTree(rest.mean[lips]).query(rest.mean[skin])
        skin = skin[distance < LIPS_MM]
        self.mean, self.skin = rest.mean, skin
        self.pushed = np.flatnonzero(follow.visible[skin] | (rest.mean[skin, 2] > rest.mean[lips, 2].min()))
        edges = edges_of(template.skin_quads)
        place = np.full(len(rest.mean), -1)
        place[skin] = np.arange(len(skin))
        edges = place[edges[np.isin(edges, skin).all(1)]]
        step = gradient(edges, len(skin))
        plain = step.T @ step
        self._smooth = 0.2 * plain + plain @ sp.diags(1 / plain.diagonal()) @ plain
        self._border = sp.diags(10.0 * smooth_step(distance[distance < LIPS_MM], 0.7 * LIPS_MM, LIPS_MM) + 1e-3)
        self.outer = []
        for name in ("upper_teeth", "lower_teeth"):
            part = template.triangles[template.part == PART_NAMES.index(name)]
            self.outer.append(part[(template.grid[part, 1] <= OUTER_FACE).all(1)])
        rest_ahead = [self._ahead(rest.mean, rest.mean, outer)[0] for outer in self.outer]
        self.usual = [np.minimum(ahead, TEETH_CLEARANCE_MM) for ahead in rest_ahead]  # what is behind at rest may stay

    def clear(self, field: Array, jaw: tuple[Array, Array] | None = None) -> Array:
        """Push lips that would enter the outer face of the teeth at weight 1 back in front of it, smoothly.

        `jaw` is the motion of the lower teeth: x → rotation @ x + shift.
        """
        points = self.mean + field
        for _ in range(CLEARING_ROUNDS):
            weight, push = np.zeros(len(self.skin)), np.zeros((len(self.skin), 3))
            for row, outer in enumerate(self.outer):
                teeth = carried_by_jaw(self.mean, jaw) if row and jaw else self.mean
                ahead, normal = self._ahead(points, teeth, outer)
                short = np.maximum(self.usual[row] - ahead, 0)
                weight[self.pushed[short > 0]] = 1
                push[self.pushed] += short[:, None] * normal
            if not weight.any():
                break
            system = (self._smooth + self._border + sp.diags(20.0 * weight)).tocsc()
            points[self.skin] += spl.spsolve(system, 20.0 * weight[:, None] * push)
        return points - self.mean

    def _ahead(self, points: Array, teeth: Array, outer: Array) -> tuple[Array, Array]:
        """How far lips are in front of the teeth, mm (infinite where not over their outer face), and normals."""
        surface = Surface(teeth, outer)
        lips = points[self.skin[self.pushed]]
        match = surface.closest(lips, k=12)
        normal = surface.normals[match.triangle]
        ahead = ((lips - match.point) * normal).sum(1)
        over = (match.distance < TEETH_REACH_MM) & (match.weights.min(1) > 1e-6)  # not beside the face's border
        return np.where(over, ahead, np.inf), normal


def lid_thickness(rest: Rest, follow: Follow, side: int) -> Array:
    """How far (V,) skin must stay outside the closed eye: nothing at the inner border, most on the lids' faces."""
    thickness = np.full(len(rest.mean), CLOSED_LID_MM)
    thickness[np.unique(rest.lids[side].gap.indices)] = CLOSED_MARGIN_MM
    thickness[follow.rims[side]] = 0
    return thickness


def solve_blink(field: Array, rest: Rest, follow: Follow, side: int) -> Array:
    """Make the lids of one eye meet: the upper one does most of the way, both stay outside the eyeball."""
    seam = rest.lids[side]
    thickness = lid_thickness(rest, follow, side)
    for _ in range(4):
        opening = seam.opening(rest.mean + field)
        opening[:, 1] += OVERLAP_MM * np.sign(seam.opening(rest.mean)[:, 1])
        field = clear_eyeball(field + seam.closing(opening), follow, side, thickness)
    return tuck_lid_border(field, rest, follow, side)


def tuck_lid_border(field: Array, rest: Rest, follow: Follow, side: int) -> Array:
    """Lay what is inside the lids' margin behind it; the socket stays at its old place."""
    tucked = field.copy()
    socket = part_vertices(follow.template, ("left_socket", "right_socket")[side])
    tucked[socket] = 0
    margin = np.unique(rest.lids[side].gap.indices)
    centre = follow.eye_centres[side]
    inner = inside_margin(follow, margin, follow.rims[side])
    _, near = cKDTree(rest.mean[margin]).query(rest.mean[inner])
    closed = rest.mean[margin[near]] + field[margin[near]] - centre
    out = closed / np.linalg.norm(closed, axis=1, keepdims=True)
    reach = np.linalg.norm(rest.mean[inner] - centre, axis=1)
    reach = np.minimum(reach, np.linalg.norm(closed, axis=1) - 0.05)
    tucked[inner] = centre + out * reach[:, None] - rest.mean[inner]
    return tucked


def inside_margin(follow: Follow, margin: Array, rim: Array) -> Array:
    """Skin vertices between the lids' margin and their inner border, the latter included."""
    skin = follow.template.triangles[follow.template.part == 0]
    edges = edges_of(skin)
    found = set(map(int, rim))
    fence = set(map(int, margin))
    frontier = set(found)
    while frontier:
        touched = edges[np.isin(edges, list(frontier)).any(1)]
        frontier = set(map(int, touched.ravel())) - found - fence
        found |= frontier
    return np.array(sorted(found))


def smooth_step(value: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, a cubic between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def adjusted(name: str, field: Array, follow: Follow, rest: Rest) -> Array:
    """Change a unit's motion of the visible skin where ICT's does not suit: lids, mouth, cheeks."""
    stem, points = _stem(name), rest.mean
    changed = field.copy()
    if stem not in LIDS_MOVE:
        margin = np.unique(np.concatenate([lid.gap.indices for lid in rest.lids]))
        distance, _ = cKDTree(points[margin]).query(points)
        changed *= smooth_step(distance, LIDS_STILL_MM, LIDS_FREE_MM)[:, None]
    lips = np.unique(rest.lips.gap.indices)
    if stem in MOUTH_SHARE:
        distance, _ = cKDTree(points[lips]).query(points)
        changed *= 1 - (1 - MOUTH_SHARE[stem]) * (1 - smooth_step(distance, 8, 26))[:, None]
    if stem == "jawOpen":
        away = (points - points[lips].mean(0))[:, :2] / UPPER_LIP_REACH_MM
        changed[:, 1] += UPPER_LIP_LIFT_MM * np.exp(-(away**2).sum(1)) * (points[:, 2] > 0)
    if stem == "cheekPuff":
        normals = vertex_normals(points, follow.template.triangles[follow.template.part <= 3])
        for side in (1, -1):
            middle = points[lips].mean(0) + np.array(CHEEK_MM) * [side, 1, 1]
            bulge = np.exp(-(((points - middle) ** 2).sum(1) / PUFF_REACH_MM**2))
            changed += PUFF_MM * bulge[:, None] * normals
    return changed


def finish(name: str, field: Array, follow: Follow, rest: Rest, ict: IctHead, teeth: LipsAndTeeth) -> Array:
    """Complete one unit: hidden skin, lips, lids, teeth, tongue, lashes; eyeballs never move."""
    whole = follow.hidden_skin(field[None])[0]
    for _ in range(LIP_ROUNDS):
        if _stem(name) not in LIPS_PART:
            opening = rest.lips.opening(whole)
            opening[:, [0, 2]] = 0
            whole = whole + rest.lips.closing(opening)
        whole = teeth.clear(whole, jaw_motion(name, ict) if name in JAW_UNITS else None)
    for side, suffix in enumerate(("Left", "Right")):
        whole = clear_eyeball(whole, follow, side)
        if name == f"eyeBlink{suffix}":
            whole = solve_blink(whole, rest, follow, side)
    lower = part_vertices(follow.template, "lower_teeth", "tongue")
    whole[part_vertices(follow.template, "upper_teeth", "lower_teeth", "tongue")] = 0
    if name in JAW_UNITS:
        whole[lower] = carried_by_jaw(rest.mean[lower], jaw_motion(name, ict)) - rest.mean[lower]
    for eye in follow.template.eye:
        whole[eye] = 0
    whole[follow.lashes] = lash_motion(whole, follow)
    return whole


def build_units(sources: Sources, follow: Follow, rest: Rest, registration: Registration, ict: IctHead) -> Array:
    """Build all units (52, V, 3) mm in the order of ARKIT_NAMES; each right one is the mirror image of its left."""
    template = follow.template
    chosen = {n: ICT_STRENGTH.get(_stem(n), 1.0) * f for n, f in sources.ict.items() if n in ARKIT_NAMES}
    chosen = smoothed(chosen, template, registration, follow.visible)
    units: dict[str, Array] = {}
    teeth = LipsAndTeeth(rest, follow)
    for name in ARKIT_NAMES:
        if _stem(name) in FROM_MAKEHUMAN:
            units[name] = FROM_MAKEHUMAN[_stem(name)] * sources.makehuman[name]
            tongue = part_vertices(template, "tongue")  # ours rests lower than MakeHuman's
            units[name][tongue] += registration.mean[tongue] - rest.mean[tongue] + [0, TONGUE_OVER_TEETH_MM, 0]
            for eye in template.eye:
                units[name][eye] = 0
        else:
            units[name] = finish(name, adjusted(name, chosen[name], follow, rest), follow, rest, ict, teeth)
    skin = np.unique(template.skin_quads)
    for name, share in TONGUE_PARTS_LIPS.items():
        units["tongueOut"][skin] += share * units[name][skin]
    shut = units["jawOpen"] + units["mouthClose"]
    opening = rest.lips.opening(shut)
    opening[:, 0] = 0
    units["mouthClose"] = units["mouthClose"] + rest.lips.closing(opening)
    for name in ARKIT_NAMES:
        twin = mirror_arkit_name(name)
        reflected = units[twin][template.mirror] * [-1, 1, 1]
        if twin == name:
            units[name] = 0.5 * (units[name] + reflected)
        elif name.endswith("Left"):
            units[twin] = units[name][template.mirror] * [-1, 1, 1]
    return np.stack([units[n] for n in ARKIT_NAMES])
