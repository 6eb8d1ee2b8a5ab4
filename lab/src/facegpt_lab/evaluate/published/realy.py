"""`facegpt eval realy`: the REALY benchmark (Chai et al. 2022) on the user's copy: nose, mouth, forehead and cheek.

Each region of the scan is aligned to the head on its own, first rigidly, then bent towards it to find out which point
belongs to which; the error is the mean distance of the region's vertices from their partners, in mm. (The benchmark
calls it NMSE.) Beyond the 68 points REALY knows 17 on the cheeks: the four of them that steady the rigid alignment of
nose and cheek (70, 71, 76, 77) are not on our head and left out. The head keeps the photo's expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.metrics import similarity_transform
from facegpt.morphable.base import head_vertices
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.judges.nonrigid import Stage, bend
from facegpt_lab.evaluate.judges.scan import Surface
from facegpt_lab.evaluate.published.fitted_photos import fitted, skin_triangles
from facegpt_lab.evaluate.registry import Report, Row, figure, own_copy
from facegpt_lab.evaluate.shared_networks import head

REALY_FROM = (
    "the REALY benchmark, which comes with the Headspace dataset (an agreement must be signed); unpack it to "
    "FOLDER/REALY, so that REALY_image, REALY_HIFI3D_keypoints and REALY_scan_region lie in it, and put "
    "metrical_scale.txt of the benchmark's repository beside them"
)
REGIONS = ("nose", "mouth", "forehead", "cheek")
KEYPOINTS = 85
#: Keypoints of the similarity alignment: eye corners, nose base, mouth corners (rows of the 68 points).
GLOBAL = (36, 39, 42, 45, 33, 48, 54)
#: Keypoints that take part in the alignment of each region, those on our head.
MARKS: dict[str, tuple[int, ...]] = {
    "nose": tuple(range(27, 36)),
    "mouth": (*range(48, 61), 64),
    "forehead": (*range(36, 48), *range(17, 27)),
    "cheek": (*range(48, 61), 64, *(36, 41, 40, 39, 42, 47, 46, 45, 7, 8, 9)),
}
#: Together the keypoints weigh as much as the region's vertices, on the cheek a quarter.
MARKS_SHARE = {"nose": 1.0, "mouth": 1.0, "forehead": 1.0, "cheek": 0.25}
RIGID_STEPS, RIGID_CHANGE = 100, 1e-6
#: How regions are bent: stiffness 50 e^(-k/2); with marks after a very stiff step that follows only these.
_SOFTER = tuple(50 * np.exp(-0.5 * k) for k in range(3))
WITHOUT_MARKS = tuple(Stage(stiffness, 0.5**k) for k, stiffness in enumerate(_SOFTER))
WITH_MARKS = (
    Stage(150.0, 2.0, (2.0, 2.0, 3.0, 2.0), marks=50.0, nearest=False, steps=1),
    *(Stage(stiffness, 0.5**k, marks=5.0, fading=True, steps=11) for k, stiffness in enumerate(_SOFTER)),
)


@dataclass(frozen=True)
class RealyPhoto:
    """One picture: its path, the set it belongs to ("frontal", …), and the number of its subject, from 1."""

    photo: Path
    group: str
    subject: int


@dataclass(frozen=True)
class Scan:
    """One subject's truth, in the benchmark's units.

    Attributes:
        keypoints: (85, 3). regions: vertices (N, 3) and triangles (F, 3) of each of REGIONS.
        mm: millimetres in one unit.
    """

    keypoints: Array
    regions: dict[str, tuple[Array, NDArray[np.int64]]]
    mm: float


def read_list(folder: Path) -> list[RealyPhoto]:
    """Find the cropped pictures: REALY_image/crop_image_GROUP_512x512/SUBJECT[_VIEW].jpg.

    Raises:
        FaceGPTError: if there are none, or a name has no number.
    """
    photos = []
    for path in sorted((folder / "REALY_image").glob("crop_image_*/*")):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            continue
        number = path.stem.split("_")[0]
        if not number.isdigit():
            raise FaceGPTError(f"'{path}' does not begin with the number of a subject")
        photos.append(RealyPhoto(path, path.parent.name.split("_")[2], int(number)))
    if not photos:
        raise FaceGPTError(f"there are no pictures in '{folder / 'REALY_image' / 'crop_image_…'}'; get {REALY_FROM}")
    return sorted(photos, key=lambda one: (one.group, one.subject, one.photo.name))


def read_obj(path: Path) -> tuple[Array, NDArray[np.int64]]:
    """Read vertices (N, 3) and triangles (F, 3) of an OBJ file; equal vertices become one, larger faces fans.

    Raises:
        FaceGPTError: if there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise FaceGPTError(f"'{path}' is missing; get {REALY_FROM}")
    places, faces = [], []
    try:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split()
            if words[:1] == ["v"]:
                places.append([float(word) for word in words[1:4]])
            elif words[:1] == ["f"]:
                corners = [int(word.split("/")[0]) - 1 for word in words[1:]]
                faces += [[corners[0], *corners[k : k + 2]] for k in range(1, len(corners) - 1)]
        vertices, triangles = np.array(places), np.array(faces, np.int64).reshape(-1, 3)
        if vertices.ndim != 2 or vertices.shape[1] != 3 or (len(triangles) and triangles.max() >= len(vertices)):
            raise ValueError("its vertices and faces do not fit")
    except (ValueError, IndexError) as error:
        raise FaceGPTError(f"'{path}' cannot be read as OBJ ({error})") from None
    return vertices, triangles


def read_scan(folder: Path, subject: int) -> Scan:
    """Read the truth of one subject.

    Raises:
        FaceGPTError: if a file is missing or not as it should be.
    """
    keypoints = read_obj(folder / "REALY_HIFI3D_keypoints" / f"{subject}.obj")[0]
    if len(keypoints) != KEYPOINTS:
        raise FaceGPTError(f"subject {subject} of REALY has {len(keypoints)} keypoints instead of {KEYPOINTS}")
    regions = {
        name: _merged(*read_obj(folder / "REALY_scan_region" / str(subject) / f"{name}.obj")) for name in REGIONS
    }
    table = folder / "metrical_scale.txt"
    if not table.is_file():
        raise FaceGPTError(f"'{table}' is missing; get {REALY_FROM}")
    scales = np.loadtxt(table, ndmin=1)
    if not 1 <= subject <= len(scales):
        raise FaceGPTError(f"'{table}' has {len(scales)} lines, none for subject {subject}")
    return Scan(keypoints, regions, float(scales[subject - 1]))


def _merged(vertices: Array, triangles: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """Make equal vertices one, and leave out those that no triangle uses."""
    places, row = np.unique(vertices, axis=0, return_inverse=True)
    used, corners = np.unique(row.reshape(-1)[triangles], return_inverse=True)
    return places[used], corners.reshape(-1, 3)


def align_all(keypoints: Array, truth: Array) -> tuple[float, Array, Array]:
    """Align by the seven keypoints: scale, rotation (3, 3), shift (3,). keypoints (68, 3), truth (85, 3).

    The scale is REALY's, the ratio of summed absolute coordinates, not that of least squares.
    """
    own, aim = keypoints[list(GLOBAL)], truth[list(GLOBAL)]
    _, rotation, _ = similarity_transform(own, aim, scale=False)
    turned = (own - own.mean(0)) @ rotation.T
    scale = float(np.abs(aim - aim.mean(0)).sum() / np.abs(turned).sum())
    return scale, rotation, aim.mean(0) - scale * rotation @ own.mean(0)


def align_region(head: Surface, keypoints: Array, region: Array, truth: Array, share: float) -> tuple[Surface, Array]:
    """Move the head rigidly onto a region (N, 3) by closest points, its keypoints (K, 3) onto `truth` (K, 3).

    share: weight of all keypoints together against that of all vertices. Gives the moved head and keypoints.
    """
    repeat = max(int(share * len(region) / len(truth)), 1)
    aims = np.concatenate([region, np.repeat(truth, repeat, axis=0)])
    last = 0.0
    for _ in range(RIGID_STEPS):
        pairs = np.concatenate([head.closest(region), np.repeat(keypoints, repeat, axis=0)])
        _, rotation, shift = similarity_transform(pairs, aims, scale=False)
        error = float(((pairs @ rotation.T + shift - aims) ** 2).sum(1).mean())
        if abs(error - last) < RIGID_CHANGE:
            break
        last = error
        head = Surface(head.vertices @ rotation.T + shift, head.triangles)
        keypoints = keypoints @ rotation.T + shift
    return head, keypoints


def region_error(
    head: Surface, keypoints: Array, region: tuple[Array, NDArray[np.int64]], truth: Array | None
) -> float:
    """The mean distance of a region's vertices from their partners on the aligned head, in the scan's unit.

    The region is bent towards the head; the closest points of the bent vertices are the partners of the true ones.
    keypoints, truth: (K, 3) of head and scan; truth None bends without them.
    """
    vertices, triangles = region
    targets = head.closest(vertices)
    if truth is None:
        bent = bend(vertices, triangles, targets, WITHOUT_MARKS)
    else:
        bent = bend(vertices, triangles, targets, WITH_MARKS, cKDTree(vertices).query(truth)[1], keypoints)
    return float(np.linalg.norm(head.closest(bent) - vertices, axis=1).mean())


def errors_mm(vertices: Array, triangles: NDArray[np.integer], keypoints: Array, scan: Scan) -> dict[str, float]:
    """The error of each region in mm. vertices (V, 3), keypoints (68, 3): of the head, any unit and place."""
    scale, rotation, shift = align_all(keypoints, scan.keypoints)
    head = Surface(scale * vertices @ rotation.T + shift, triangles)
    moved = scale * keypoints @ rotation.T + shift
    found = {}
    for name in REGIONS:
        rows = list(MARKS[name])
        region, truth = scan.regions[name], scan.keypoints[rows]
        aligned, own = align_region(head, moved[rows], region[0], truth, MARKS_SHARE[name])
        found[name] = scan.mm * region_error(aligned, own, region, None if name == "cheek" else truth)
    return found


def _measured(folder: Path, photos: list[RealyPhoto]) -> Iterator[tuple[str, dict[str, float]]]:
    model, skin = head(), skin_triangles()
    for one, params in fitted(photos):
        vertices = head_vertices(model, params)
        keypoints = model.embedding("ibug68")(vertices)
        yield one.group, errors_mm(vertices, skin, keypoints, read_scan(folder, one.subject))


def table(found: list[tuple[str, dict[str, float]]]) -> list[Row]:
    """Sum up (group, errors of the regions): average, median and SD of each region; all is the mean of averages."""
    rows: list[Row] = []
    for group in sorted({name for name, _ in found}):
        pools = {name: np.array([errors[name] for one, errors in found if one == group]) for name in REGIONS}
        for name, pool in pools.items():
            spread = pool.std(ddof=1) if len(pool) > 1 else 0.0
            for word, value in (("average", pool.mean()), ("median", np.median(pool)), ("SD", spread)):
                rows.append(figure(f"{group}, {name}: {word}", float(value), "mm"))
        rows.append(figure(f"{group}, all: average", float(np.mean([pool.mean() for pool in pools.values()])), "mm"))
    return rows


def evaluate(quick: bool = False) -> Report:
    """Measure all cropped pictures at quality "balanced", frontal and side views apart."""
    folder = own_copy("REALY", REALY_FROM)
    photos = read_list(folder)
    photos = photos[:: max(1, len(photos) // 8)] if quick else photos
    found = list(_measured(folder, photos))
    missed = len(photos) - len(found)
    first = figure("photos without a face (the rest is then not comparable)", missed, "photos")
    return Report(f"{len(photos)} photos of REALY", (first, *table(found)))
