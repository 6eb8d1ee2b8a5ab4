"""`facegpt eval now`: the NoW challenge (Sanyal et al. 2019) on the user's copy of its validation set.

Scan-to-mesh distance over the scan around the nose, after similarity alignment, and the metrical variant without scale
(Zielonka et al. 2022). Where the published code refines by a dogleg solver we refine by iterative closest points.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegpt.morphable.base import at_rest, head_vertices
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm
from facegpt_lab.evaluate.published.fitted_photos import fitted, skin_triangles
from facegpt_lab.evaluate.registry import Report, Row, figure, own_copy
from facegpt_lab.evaluate.shared_networks import head

NOW_FROM = (
    "the NoW dataset and its validation scans from the challenge's page (an account is needed); unpack them to "
    "FOLDER/NoW, so that imagepathsvalidation.txt, iphone_pictures, scans and scans_lmks_onlypp lie in it"
)
#: The seven marks among the 68 points, in the order of NoW: eye corners from the right, nose bottom, mouth corners.
MARKS = (36, 39, 42, 45, 33, 48, 54)


@dataclass(frozen=True)
class NowPhoto:
    """One photo of the list: its path, its group ("selfie", …), the subject's scan and the file of its marks."""

    photo: Path
    group: str
    scan: Path
    marks: Path


def read_list(folder: Path) -> list[NowPhoto]:
    """Read the validation list: lines SUBJECT/GROUP/PHOTO.

    Raises:
        FaceGPTError: if a file of the set is missing.
    """
    listed = folder / "imagepathsvalidation.txt"
    if not listed.is_file():
        raise FaceGPTError(f"'{listed}' is missing; get {NOW_FROM}")
    photos = []
    for line in listed.read_text(encoding="utf-8").split():
        subject, group, name = Path(line).parts[-3:]
        photo = folder / "iphone_pictures" / subject / group / name
        scan = next(iter(sorted((folder / "scans" / subject).glob("*.obj"))), None)
        marks = next(iter(sorted((folder / "scans_lmks_onlypp" / subject).glob("*.pp"))), None)
        if scan is None or marks is None or not photo.is_file():
            raise FaceGPTError(f"NoW's '{line}' lacks its photo, scan or marks under '{folder}'; get {NOW_FROM}")
        photos.append(NowPhoto(photo, group, scan, marks))
    return photos


def read_picked_points(path: Path) -> Array:
    """Read the seven marks (7, 3) of a MeshLab .pp file, in the file's order."""
    try:
        points = [[float(p.attrib[k]) for k in "xyz"] for p in ElementTree.parse(path).iter("point")]
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise FaceGPTError(f"'{path}' is no file of picked points ({error})") from None
    if len(points) != len(MARKS):
        raise FaceGPTError(f"'{path}' has {len(points)} points; NoW's scans have {len(MARKS)}")
    return np.array(points)


def read_obj_vertices(path: Path) -> Array:
    """Read the vertices (N, 3) of an OBJ file."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    try:
        vertices = np.array([[float(word) for word in line.split()[1:4]] for line in lines if line.startswith("v ")])
    except ValueError:
        vertices = np.empty(0)
    if vertices.ndim != 2 or vertices.shape[1:] != (3,):
        raise FaceGPTError(f"'{path}' has no vertices that can be read")
    return vertices


def crop_scan(scan: Array, marks: Array) -> Array:
    """Keep the scan's vertices around the nose by NoW's rule (marks in the order of MARKS)."""
    bridge, bottom = marks[[1, 2]].mean(0), marks[4]
    centre = bottom + 0.3 * (bridge - bottom)
    radius = 1.4 * (np.linalg.norm(marks[0] - marks[3]) + np.linalg.norm(bridge - bottom)) / 2
    return scan[np.linalg.norm(scan - centre, axis=1) <= radius]


def distances(scan: Array, marks: Array, surface: Surface, own_marks: Array) -> tuple[Array, Array]:
    """The scan's distances in mm to a neutral head: after similarity, and after rigid alignment."""
    cropped = crop_scan(scan, marks)
    similar, metric = (scan_to_mesh_mm(cropped, surface, marks, own_marks, scale=scale) for scale in (True, False))
    return similar, metric


def _measured(photos: list[NowPhoto]) -> Iterator[tuple[str, Array, Array]]:
    model, skin = head(), skin_triangles()
    for one, params in fitted(photos):
        vertices = head_vertices(model, at_rest(model, params))
        own_marks = model.embedding("ibug68")(vertices)[list(MARKS)]
        marks = read_picked_points(one.marks)
        yield one.group, *distances(read_obj_vertices(one.scan), marks, Surface(vertices, skin), own_marks)


def evaluate(quick: bool = False) -> Report:
    """Measure the validation set at quality "balanced": pooled distances of all scan vertices, and by group."""
    photos = read_list(own_copy("NoW", NOW_FROM))
    photos = photos[:: max(1, len(photos) // 8)] if quick else photos
    found = list(_measured(photos))
    missed = len(photos) - len(found)
    rows: list[Row] = [figure("photos without a face (the rest is then not comparable)", missed, "photos")]
    for kind, column in (("NoW", 1), ("metrical NoW", 2)):
        for group in ("all", *sorted({one[0] for one in found})):
            pool = np.concatenate([one[column] for one in found if group in ("all", one[0])])
            for name, value in (("median", np.median(pool)), ("mean", pool.mean()), ("SD", pool.std())):
                rows.append(figure(f"{kind}, {group}: {name}", float(value), "mm"))
    return Report(f"{len(photos)} photos of NoW's validation set", tuple(rows))
