"""What stands in front of the face and moves with the skull, not with the skin: frames of glasses, hair over the face.

Where it stands, the skin's own motion is left out of the warp, so that rims and strands stay straight and sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

from facegpt.encode.parts import HAIR, HAND, HAT, FaceParts
from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS
from facegpt.morphable.proxies import Proxy
from facegpt.types import Array, Camera, Pose

Floats = NDArray[np.float32]

#: Side of the map, cells; the blur of rims, a share of the map; how much of a cell's fill counts as a rim.
CELLS, RIM_BLUR, RIM_GAIN = 256, 0.009, 4.0
#: Beside hair and hands skin follows them, so that nothing of them is drawn into the face: cells around, and a blur.
BESIDE, BESIDE_BLUR = 7, 4.0
#: Half axes of what counts as an eye with its lids, in widths of the eye.
EYE_WIDTHS = (0.6, 0.42)
#: Surfaces of glasses that one looks through, unless they are darker than this.
LENSES, DARK = "glasses_lenses", 0.4


def front_map(
    worn: Sequence[Proxy], pose: Pose, camera: Camera, shown: FaceParts | None, to_photo: Callable[[Array], Array]
) -> Floats:
    """How surely something stands in front, and rims of glasses only: (h, w, 2) 0..1, on a map of the window.

    Args:
        worn: what the head wears.
        pose: of the head.
        camera: of the map's pixels.
        shown: what the photo shows around the face, or None.
        to_photo: takes pixels (N, 2) of the map to those of the photo.
    """
    rims = np.zeros((camera.height, camera.width), np.float32)
    for proxy in worn:
        if proxy.surfaces:
            rims = np.maximum(rims, _rims(proxy, pose, camera))
    front = rims
    if shown is not None:
        rows, columns = np.indices(front.shape)
        places = to_photo(np.column_stack([columns.ravel(), rows.ravel()]))
        share = shown.at(places)
        on_eyes = np.zeros(len(places)) if shown.points is None else _on_eyes(places, shown.points)
        share[:, HAIR] *= 1 - on_eyes
        covered = share[:, [HAIR, HAT, HAND]].sum(1).reshape(front.shape)
        covered = np.clip(covered * 1.6 - 0.5, 0, 1)
        beside = gaussian_filter(maximum_filter(covered, BESIDE), BESIDE_BLUR) * (1 - on_eyes.reshape(front.shape))
        front = np.maximum(front, np.maximum(covered, beside))
    return np.stack([front, rims], -1).astype(np.float32)


def _on_eyes(places: Array, points: Array) -> Array:
    """1 on eyes and lids, 0 off them, of places (N, 2): what is taken for hair there is shadow more often than hair."""
    most: Array = np.zeros(len(places))
    for lids in (RIGHT_LIDS, LEFT_LIDS):
        rim = np.asarray(points)[lids, :2]
        middle, width = rim.mean(0), float(np.ptp(rim, axis=0).max())
        along = np.asarray(points)[[33, 263], :2]
        axis = (along[1] - along[0]) / max(float(np.linalg.norm(along[1] - along[0])), 1e-6)
        across = np.array([-axis[1], axis[0]])
        away = np.hypot((places - middle) @ axis / EYE_WIDTHS[0], (places - middle) @ across / EYE_WIDTHS[1]) / width
        most = np.maximum(most, np.clip((1.3 - away) / 0.3, 0, 1))
    return most


def _rims(proxy: Proxy, pose: Pose, camera: Camera) -> Floats:
    mesh = proxy.mesh
    clear = (surface.name == LENSES and surface.opacity < DARK for surface in proxy.surfaces)
    lenses = [k for k, is_clear in enumerate(clear) if is_clear]
    solid = mesh.triangles[~np.isin(mesh.part, lenses)]
    corners = pose.apply(mesh.vertices)[solid]
    shares = np.random.default_rng(0).dirichlet((1, 1, 1), 24)
    places = np.round(camera.project(np.einsum("sk,fkx->fsx", shares, corners).reshape(-1, 3))).astype(int)
    inside = ((places >= 0) & (places < (camera.width, camera.height))).all(1)
    filled = np.zeros((camera.height, camera.width), np.float32)
    filled[places[inside, 1], places[inside, 0]] = 1.0
    blurred = gaussian_filter(filled, RIM_BLUR * max(filled.shape))
    return np.asarray(np.clip(blurred * RIM_GAIN, 0, 1), np.float32)


def rigid_motion(before: Array, after: Array) -> tuple[Array, Array]:
    """Rotation (3, 3) and translation (3,) that take points `before` (N, 3) to `after` (Kabsch 1976)."""
    middles = before.mean(0), after.mean(0)
    u, _, vt = np.linalg.svd((before - middles[0]).T @ (after - middles[1]))
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T)) or 1.0])
    rotation = vt.T @ flip @ u.T
    return rotation, middles[1] - rotation @ middles[0]
