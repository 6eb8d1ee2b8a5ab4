"""Local shapes: what one part of a face has beyond the identity, in mm. A hump, a cleft, ears that stand out.

Each shape is a sum of smooth bumps placed on the mean head, scaled so that 1 mm of it moves its farthest vertex 1 mm.
It depends on the place alone, so vertices that coincide stay together. Teeth and tongue never move, an eyeball only
where its eye moves whole. A head with local shapes is a head model of its own (`shaped`): everything that takes the
default head takes it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array, FaceGPTError

if TYPE_CHECKING:
    from facegpt.morphable.base import MorphableModel

Point = tuple[float, float, float]
M = TypeVar("M", bound="MorphableModel")


@dataclass(frozen=True)
class Bump:
    """One smooth displacement: full at `at`, zero from `reach` on.

    Attributes:
        at: its middle on the mean head, mm, midline or left. reach: radii along x, y, z, mm.
        by: direction at the middle, mm. stretch: growth along x, y, z away from the middle, shares of the reach.
        paired: whether the right side has its mirror image.
        flat: share of the reach within which the displacement is full.
    """

    at: Point
    reach: Point
    by: Point = (0.0, 0.0, 0.0)
    stretch: Point = (0.0, 0.0, 0.0)
    paired: bool = True
    flat: float = 0.0

    def field(self, places: Array) -> Array:
        """Displacements (N, 3) at places (N, 3) on the mean head."""
        if not self.paired:
            return self._own(places)
        flip = np.array([-1.0, 1.0, 1.0])
        return self._own(places) + self._own(places * flip) * flip

    def _own(self, places: Array) -> Array:
        away = (places - np.array(self.at)) / np.array(self.reach)
        far = np.linalg.norm(away, axis=1)
        share = np.clip(1 - (np.clip(far - self.flat, 0, None) / (1 - self.flat)) ** 2, 0, None) ** 3
        return share[:, None] * (np.array(self.by) + away * np.array(self.stretch))


@dataclass(frozen=True)
class LocalShape:
    """A shape with the range, mm, in which it looks like a face.

    lids: whether a blink takes it back. of_people: whether people have it, so that readings of faces may call for it.
    eye: the part and joint of the eyeball that moves by all of it; "" for none.
    """

    least: float
    most: float
    bumps: tuple[Bump, ...]
    lids: bool = False
    of_people: bool = True
    eye: str = ""


def _middle(at: Point, reach: Point, by: Point = (0.0, 0.0, 0.0), stretch: Point = (0.0, 0.0, 0.0)) -> Bump:
    return Bump(at, reach, by, stretch, paired=False)


def _whole_eye(side: int, name: str) -> LocalShape:
    """One eye with its lids, moved up or down: what stands still are brows and cheeks."""
    bump = Bump((side * 31, 15.3, 80), (30, 17.5, 26), (0, 1, 0), paired=False, flat=0.6)
    return LocalShape(-1.5, 1.5, (bump,), of_people=False, eye=name)


LOCAL_SHAPES: dict[str, LocalShape] = {
    "nose_hump": LocalShape(-4, 5, (_middle((0, 3, 104), (13, 17, 16), (0, 0.3, 1)),)),
    "nose_bend": LocalShape(
        -10, 10, (_middle((0, 8, 101), (16, 14, 22), (0.9, 0, 0)), _middle((0, -20, 110), (24, 20, 26), (-1, 0, 0)))
    ),
    "nose_drop": LocalShape(-6, 8, (_middle((0, -26, 104), (30, 26, 30), (0, -1, 0)),)),
    "nose_reach": LocalShape(-6, 8, (_middle((0, -18, 112), (22, 26, 26), (0, 0, 1)),)),
    "nose_wings": LocalShape(-4, 6, (Bump((16, -24, 91), (13, 14, 16), (1, 0, 0)),)),
    "nose_tip_breadth": LocalShape(-3, 5, (Bump((7, -17, 109), (10, 12, 13), (1, 0, 0.1)),)),
    "nose_tip_rise": LocalShape(-6, 6, (_middle((0, -19, 114), (17, 13, 17), (0, 1, 0.2)),)),
    "nostrils": LocalShape(-2, 3, (Bump((8, -30, 99), (10, 9, 13), stretch=(1, 0.5, 1)),)),
    "nose_bridge_breadth": LocalShape(-3, 4, (Bump((8, 5, 95), (10, 20, 14), (1, 0, 0.1)),)),
    "nose_root": LocalShape(-4, 5, (_middle((0, 22, 92), (15, 17, 16), (0, 0, 1)),)),
    "jaw_corners": LocalShape(-8, 10, (Bump((52, -68, 18), (30, 36, 42), (1, -0.3, 0)),)),
    "chin_drop": LocalShape(-8, 10, (_middle((0, -100, 82), (64, 40, 62), (0, -1, 0.1)),)),
    "chin_reach": LocalShape(-7, 8, (_middle((0, -88, 95), (36, 26, 36), (0, -0.1, 1)),)),
    "chin_breadth": LocalShape(-6, 7, (Bump((24, -88, 78), (24, 22, 30), (1, 0, 0)),)),
    "chin_cleft": LocalShape(
        -2,
        3.5,
        (_middle((0, -86, 97), (6, 12, 12), (0, 0, -1)), Bump((8, -86, 95), (8, 11, 11), (0, 0, 0.5))),
    ),
    "cheek_fill": LocalShape(-6, 6, (Bump((38, -42, 66), (26, 30, 32), (0.7, 0, 0.7)),)),
    "cheekbones": LocalShape(-4, 6, (Bump((49, -3, 62), (22, 17, 28), (0.8, 0.1, 0.6)),)),
    "under_chin": LocalShape(-5, 10, (_middle((0, -106, 52), (44, 24, 40), (0, -1, 0.15)),)),
    "ears_out": LocalShape(-6, 14, (Bump((90, 4, -34), (21, 52, 30), (1, 0, 0.35)),)),
    "ear_growth": LocalShape(-6, 8, (Bump((84, -5, -22), (20, 62, 40), stretch=(0.1, 1, 0.45)),)),
    "ear_points": LocalShape(
        0,
        22,
        (Bump((83, 23, -25), (13, 32, 22), (0.25, 1, -0.5)), Bump((83, 24, -26), (13, 17, 12), (0.3, 1, -0.6))),
        of_people=False,
    ),
    "brow_bone": LocalShape(-4, 6, (Bump((20, 31, 90), (27, 12, 18), (0, -0.15, 1)),)),
    "eye_opening": LocalShape(-2, 3, (Bump((31, 15.3, 80), (24, 14, 22), stretch=(0, 1, 0)),), lids=True),
    "eye_corners": LocalShape(-3, 4, (Bump((45, 14, 72), (20, 12, 20), (1, 0, -0.5)),)),
    "eye_slant": LocalShape(
        -4, 5, (Bump((45, 14, 72), (20, 13, 20), (0, 1, 0)), Bump((16, 12.5, 78), (12, 9, 13), (0, -0.5, 0)))
    ),
    "lid_hood": LocalShape(-2, 4, (Bump((35, 26, 80), (24, 7.5, 14), (0, -1, 0.5)),), lids=True),
    "eye_bags": LocalShape(-2, 4, (Bump((32, 1.5, 80), (18, 8, 11), (0, -0.3, 1)),)),
    "upper_lip": LocalShape(-3, 4, (_middle((0, -46.5, 102), (27, 7.5, 16), (0, 0.9, 0.6)),)),
    "lower_lip": LocalShape(-3, 4, (_middle((0, -63, 98), (26, 9.5, 16), (0, -0.8, 0.7)),)),
    "mouth_corners_out": LocalShape(-6, 7, (Bump((27, -54, 85), (18, 17, 20), (1, 0, -0.35)),)),
    "face_sides": LocalShape(-6, 8, (Bump((68, 0, 22), (26, 44, 50), (1, 0, 0)),)),
    "temples": LocalShape(-6, 7, (Bump((58, 42, 62), (24, 30, 36), (1, 0, 0.1)),)),
    "skull": LocalShape(-8, 12, (_middle((0, 62, -40), (120, 88, 118), stretch=(1, 0.7, 1)),)),
    "forehead_rise": LocalShape(-12, 14, (_middle((0, 112, 14), (104, 84, 122), (0, 1, 0)),)),
    "neck_breadth": LocalShape(-8, 12, (_middle((0, -124, -18), (96, 58, 98), stretch=(1, 0, 1)),)),
    "left_eye_height": _whole_eye(1, "left_eye"),
    "right_eye_height": _whole_eye(-1, "right_eye"),
    "adams_apple": LocalShape(0, 5, (_middle((0, -124, 46), (12, 16, 18), (0, -0.2, 1)),)),
}
#: Parts of the head that stand still but where a shape moves an eye whole.
RIGID = ("left_eye", "right_eye", "upper_teeth", "lower_teeth", "tongue")
#: What a head model loads once, for heads with local shapes too.
_SHARED = ("albedo", "landmarks", "axes", "controls", "ancestry")
_BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")


def takes_local_shapes(model: MorphableModel) -> bool:
    """Whether a head model has the mesh that local shapes are made for: only the default one and those made of it."""
    return model.model_id.startswith("makehuman-head/")


def unshaped(model: M) -> M:
    """The head model without its local shapes, which skins, scalps and populations do not know."""
    bare: M = getattr(model, "unshaped", model)
    return bare


def shaped(model: M, local_mm: Mapping[str, float] | None) -> M:
    """The head model with these local shapes and no others; the model itself where there are none.

    Everything else of it is the same: its identities move it by as much, its model_id stays. The last ones are kept.

    Raises:
        FaceGPTError: for a name that is none of LOCAL_SHAPES, or a model that takes none.
    """
    given = tuple(sorted((name, float(mm)) for name, mm in (local_mm or {}).items() if mm))
    if getattr(model, "local_mm", ()) == given:
        return model
    bare = unshaped(model)
    if not given:
        return bare
    if not takes_local_shapes(model):
        raise FaceGPTError(f"the head model '{model.model_id}' takes no local shapes")
    return _shaped(bare, given)  # type: ignore[arg-type, return-value]


@lru_cache(maxsize=12)
def _shaped(model: MorphableModel, local_mm: tuple[tuple[str, float], ...]) -> MorphableModel:
    for shared in _SHARED:
        getattr(model, shared, None)
    found = copy.copy(model)
    for cached in ("_tensors", "one_face"):  # made of what changes
        found.__dict__.pop(cached, None)
    moved, taken_back = offsets(model, dict(local_mm))
    found.mean_vertices = model.mean_vertices + moved
    found.expression_basis = model.expression_basis.copy()
    if any(LOCAL_SHAPES[name].eye for name, _ in local_mm):
        found.arrays = model.arrays | {"joint_centres": _joints(model, dict(local_mm))}  # type: ignore[attr-defined]
    side = model.mean_vertices[:, :1] > 0
    for name, own in zip(_BLINKS, (side, ~side), strict=True):
        found.expression_basis[ARKIT_NAMES.index(name)] -= taken_back * own
    found.__dict__.update(local_mm=local_mm, unshaped=model)
    return found


def _joints(model: MorphableModel, local_mm: Mapping[str, float]) -> Array:
    """The joints (J, 3) of the mean head, those of eyes moved with them."""
    joints = np.array(model.arrays["joint_centres"])  # type: ignore[attr-defined]
    for name, mm in local_mm.items():
        if eye := LOCAL_SHAPES[name].eye:
            joints[model.joint_names.index(eye)] += mm * np.array(LOCAL_SHAPES[name].bumps[0].by)
    return joints


def offsets(model: MorphableModel, local_mm: Mapping[str, float]) -> tuple[Array, Array]:
    """What local shapes add to each vertex (V, 3) mm, and what of it a full blink takes back (V, 3).

    Raises:
        FaceGPTError: for a name that is none of LOCAL_SHAPES.
    """
    if unknown := sorted(set(local_mm) - set(LOCAL_SHAPES)):
        raise FaceGPTError(f"there is no local shape '{unknown[0]}'; there are: {', '.join(LOCAL_SHAPES)}")
    fields = local_fields(model)
    amounts = np.array([local_mm.get(name, 0.0) for name in LOCAL_SHAPES], np.float32)
    lids = np.array([shape.lids for shape in LOCAL_SHAPES.values()])
    return np.tensordot(amounts, fields, 1), np.tensordot(amounts * lids, fields, 1)


def local_fields(model: MorphableModel) -> Array:
    """The fields (K, V, 3), mm per mm, in the order of LOCAL_SHAPES; the same for all heads of this mesh."""
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float64)
    rigid = np.full(len(mean), -1, np.int8)  # which of RIGID a vertex is of
    for k, part in enumerate(RIGID):
        rigid[model.triangles[model.part == model.part_names.index(part)]] = k
    return _fields(mean.tobytes(), rigid.tobytes())


@lru_cache(maxsize=2)
def _fields(mean: bytes, rigid: bytes) -> Array:
    places, part = np.frombuffer(mean).reshape(-1, 3), np.frombuffer(rigid, np.int8)
    fields = []
    for shape in LOCAL_SHAPES.values():
        field = np.sum([bump.field(places) for bump in shape.bumps], axis=0)
        field[part >= 0] = 0.0
        if shape.eye:
            field[part == RIGID.index(shape.eye)] = shape.bumps[0].by
        fields.append(field / np.linalg.norm(field, axis=1).max())
    return np.asarray(fields, np.float32)


def bounds() -> tuple[Array, Array]:
    """The least and the most of each local shape, (K,) mm, in the order of LOCAL_SHAPES."""
    both = np.array([(shape.least, shape.most) for shape in LOCAL_SHAPES.values()])
    return both[:, 0], both[:, 1]


def within_bounds(local_mm: Mapping[str, float]) -> dict[str, float]:
    """Local shapes drawn into their ranges; what is too small to be seen is left out."""
    found = {
        name: float(np.clip(mm, LOCAL_SHAPES[name].least, LOCAL_SHAPES[name].most)) for name, mm in local_mm.items()
    }
    return {name: round(mm, 3) for name, mm in found.items() if abs(mm) >= _SEEN_MM}


_SEEN_MM = 0.1


def local_from_json(content: object, source: str) -> dict[str, float]:
    """Local shapes of a file, {} where it has none; a file may hold half as much again as words give.

    Raises:
        FaceGPTError: for a name that is none of them, or a number far outside their ranges; `source` names the file.
    """
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise FaceGPTError(f"'{source}' is damaged: 'local_mm' does not hold names with numbers")
    for name, mm in content.items():
        if name not in LOCAL_SHAPES:
            raise FaceGPTError(f"'{source}' is damaged or of a later version: there is no local shape '{name}'")
        if isinstance(mm, bool) or not isinstance(mm, (int, float)):
            raise FaceGPTError(f"'{source}' is damaged: 'local_mm' of '{name}' is no number")
        shape = LOCAL_SHAPES[name]
        if not 1.5 * shape.least <= mm <= 1.5 * shape.most:
            raise FaceGPTError(f"'{source}' is damaged: 'local_mm' holds {mm:.4g} for '{name}', which no face has")
    return {name: float(mm) for name, mm in content.items()}
