"""`facegpt eval aflw2000` and `facegpt eval pts`: 68 annotated points on the user's own copies of published photo sets.

Protocol of AFLW2000-3D as 3DDFA reports it (Zhu et al. 2016): per photo the mean 2D error over √(w h) of the annotated
points' box; photos are binned by |yaw|, and the published mean is the mean of the three bins' means. The photos are
given to the detector whole: no crop is made from the truth. Beside it, the points that a user of MediaPipe would take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import loadmat

from facegpt.conventions import euler_deg_from_rotation
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.encode.identity import whole_look
from facegpt.fitting import FitError, fit_landmarks
from facegpt.fitting.contour import contour_landmarks
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.metrics import landmark_nme_percent
from facegpt.morphable.aflw68 import aflw68_embedding
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, FaceGPTError, FaceParams
from facegpt_lab.evaluate.judges.same_face import annotated_face
from facegpt_lab.evaluate.registry import Report, Row, figure, own_copy
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker

#: Upper ends of the bins by |yaw| in degrees.
BINS_DEG = (30.0, 60.0, 90.0)
AFLW2000_FROM = "the AFLW2000-3D archive on the page of 3DDFA (Zhu et al. 2016); unpack it to FOLDER/AFLW2000"
PTS_FROM = "any folder of photos with .pts files of 68 points beside them (300-W and others); name it FOLDER/pts"


@dataclass(frozen=True)
class Annotated:
    """One photo with points: path, points (68, 2) pixels by our convention, |yaw| in degrees or None if unknown."""

    path: Path
    points: Array
    yaw_deg: float | None


def read_aflw2000(folder: Path, reannotated: bool = False) -> Iterator[Annotated]:
    """Read image*.jpg with image*.mat (pt3d_68, Pose_Para); with `reannotated`, points of the .npy beside them.

    The re-annotation is 3DDFA's `AFLW2000-3D-Reannotated.pts68.npy`, (N, 68, 2) in the order of the file names.
    MATLAB counts pixels from 1, so 1 is taken off.

    Raises:
        FaceGPTError: if a file is missing or of another format.
    """
    photos = sorted(folder.glob("*.jpg"))
    if not photos:
        raise FaceGPTError(f"'{folder}' holds no .jpg files; get {AFLW2000_FROM}")
    other = _reannotation(folder, len(photos)) if reannotated else None
    for row, path in enumerate(photos):
        try:
            arrays = loadmat(path.with_suffix(".mat"))
            points = np.asarray(arrays["pt3d_68"], np.float64)[:2].T
            yaw = float(np.degrees(np.ravel(arrays["Pose_Para"])[1]))
        except (OSError, KeyError, IndexError, ValueError) as error:
            raise FaceGPTError(f"'{path.with_suffix('.mat')}' is no annotation of AFLW2000-3D ({error})") from None
        yield Annotated(path, (points if other is None else other[row]) - 1.0, abs(yaw))


def _reannotation(folder: Path, count: int) -> Array:
    found = sorted(folder.glob("*eannotated*.npy"))
    if not found:
        raise FaceGPTError(f"'{folder}' holds no *Reannotated*.npy (it comes with 3DDFA's test configurations)")
    points = np.load(found[0], allow_pickle=False).astype(np.float64)
    if points.shape[0] == count and points.shape[1:] == (2, 68):
        points = points.transpose(0, 2, 1)
    if points.shape != (count, 68, 2):
        raise FaceGPTError(f"'{found[0]}' has shape {points.shape}; {count} photos need ({count}, 68, 2)")
    return points


def read_pts(folder: Path) -> Iterator[Annotated]:
    """Read photos with a .pts file of the same name beside them, in all subfolders; iBUG counts pixels from 1.

    Raises:
        FaceGPTError: if there is none, or one is of another format.
    """
    files = sorted(folder.rglob("*.pts"))
    if not files:
        raise FaceGPTError(f"'{folder}' holds no .pts files; wanted: {PTS_FROM}")
    for file in files:
        photos = [
            path for path in file.parent.glob(f"{file.stem}.*") if path.suffix.lower() in (".jpg", ".png", ".jpeg")
        ]
        if photos:
            yield Annotated(photos[0], read_pts_file(file) - 1.0, None)


def read_pts_file(path: Path) -> Array:
    """Read the points (68, 2) of one .pts file as written: `n_points: 68`, then a pair of numbers a line in braces."""
    text = path.read_text(encoding="ascii", errors="replace")
    inside = text[text.find("{") + 1 : text.rfind("}")].split()
    try:
        points = np.array([float(word) for word in inside]).reshape(-1, 2)
    except ValueError:
        points = np.empty((0, 2))
    if points.shape != (68, 2):
        raise FaceGPTError(f"'{path}' is no .pts file of 68 points")
    return points


@dataclass(frozen=True)
class Errors:
    """NME in percent of one photo: of our head's points and of MediaPipe's; |yaw| in degrees."""

    ours: float
    detector: float
    yaw_deg: float


def measure(
    photos: Iterable[Annotated], detector: Detector, landmarker: Landmarker, model: MorphableModel, points: str
) -> tuple[list[Errors], int]:
    """Errors of the head fitted to each photo's annotated face, and how many faces were not found.

    points: what the annotations show: "aflw68", or "ibug68_contour" (the visible outline, as people annotate).
    """
    found, missed = [], 0
    for photo in photos:
        with Image.open(photo.path) as opened:
            image = np.asarray(opened.convert("RGB"))
        detection = annotated_face(detector.detect(image), photo.points)
        try:
            fit = None
            if detection is not None:
                dense = whole_look(landmarker, image, detection)
                fit = fit_landmarks(model, detection, image.shape[1], image.shape[0], dense=dense)
        except FitError:
            fit = None
        if fit is None or detection is None:
            missed += 1
            continue
        yaw = abs(euler_deg_from_rotation(fit.params.pose.rotation)[0]) if photo.yaw_deg is None else photo.yaw_deg
        ours = landmark_nme_percent(points_68(model, fit.params, points), photo.points)
        raw = landmark_nme_percent(detection.points[list(MEDIAPIPE_68), :2], photo.points)
        found.append(Errors(ours, raw, float(yaw)))
    return found, missed


def points_68(model: MorphableModel, params: FaceParams, name: str) -> Array:
    """The 68 points of a head in the photo, (68, 2) px: "aflw68" or "ibug68_contour"."""
    if name == "ibug68_contour":
        return params.camera.project(params.pose.apply(contour_landmarks(model, params)))
    points = aflw68_embedding(model)(head_vertices(model, params))  # type: ignore[arg-type]
    return params.camera.project(params.pose.apply(points))


def table(errors: list[Errors], missed: int, name: str) -> tuple[Row, ...]:
    """Sum up: per bin of |yaw|, the mean of the bins' means, and the faces not found."""
    rows, means = [], []
    for low, high in zip((-1.0, *BINS_DEG[:-1]), BINS_DEG, strict=True):
        inside = [error for error in errors if low < error.yaw_deg <= high]
        if inside:
            ours, raw = np.mean([error.ours for error in inside]), np.mean([error.detector for error in inside])
            means.append((ours, raw))
            rows.append(
                figure(f"{name}: NME, |yaw| {max(low, 0):.0f}-{high:.0f}° ({len(inside)} photos)", float(ours), "%")
            )
            rows.append(figure(f"{name}: NME of MediaPipe's points there", float(raw), "%"))
    if means:
        ours, raw = np.mean(means, axis=0)
        rows.append(figure(f"{name}: NME, mean of the bins", float(ours), "%", at_most=0.8 * float(raw)))
        rows.append(figure(f"{name}: NME of MediaPipe's points, mean of the bins", float(raw), "%"))
    return (*rows, figure(f"{name}: faces not found", missed, "photos"))


def aflw2000(quick: bool = False) -> Report:
    """Measure on AFLW2000-3D, by both annotations where both are there."""
    folder, count = own_copy("AFLW2000", AFLW2000_FROM), 30 if quick else None
    networks = detector(), landmarker()
    rows: list[Row] = []
    kinds = [("original", False)] + ([("re-annotated", True)] if list(folder.glob("*eannotated*.npy")) else [])
    for name, again in kinds:
        errors, missed = measure(list(read_aflw2000(folder, again))[:count], *networks, head(), points="aflw68")
        rows += table(errors, missed, name)
    return Report(
        "AFLW2000-3D, whole photos, our detector; our points by that set's convention (aflw68)",
        tuple(rows),
    )


def pts(quick: bool = False) -> Report:
    """Measure on a folder of photos with .pts files; the jaw is the visible outline, the yaw that of the fit."""
    photos = list(read_pts(own_copy("pts", PTS_FROM)))[: 30 if quick else None]
    errors, missed = measure(photos, detector(), landmarker(), head(), points="ibug68_contour")
    return Report(f"{len(photos)} photos with .pts files", table(errors, missed, "pts"))
