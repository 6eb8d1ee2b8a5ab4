"""`facegpt eval landmarks`: the points of the dense landmark network beside MediaPipe's own, where the truth is exact.

Out of model: the path-traced ICT people of `eval out_of_model`, whose points are known through a fixed correspondence
(ict_points.py). In-model: pictures of the studio, which made the training data, of people it has not drawn before.
Errors are millimetres at the head, in the image plane. Out of model a constant offset of each point is taken off, of
both methods alike: two heads never agree on where exactly a landmark is. Then hard photos (robustness.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.mediapipe_points import MEDIAPIPE_68, SURFACE, parts
from facegpt.morphable.base import head_vertices
from facegpt.types import Array, Camera, DensePoints, Detection, Pose
from facegpt_lab.evaluate.judges.ict_points import points_on_ict, without_offset
from facegpt_lab.evaluate.judges.paired import interval, rank_correlation
from facegpt_lab.evaluate.judges.same_face import annotated_face
from facegpt_lab.evaluate.protocols import robustness
from facegpt_lab.evaluate.protocols.out_of_model import PEOPLE, make_missing, make_scene, read_sample
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker
from facegpt_lab.synthesis.studio.ict_person import IctHead

COUNT, QUICK_COUNT = 200, 12
#: Seeds of the studio's pictures, far from those that the network was trained on, and their side in pixels.
STUDIO_SEED, STUDIO_PX = 900_000_000, 512
YAW_BINS_DEG = ((0, 20), (20, 40), (40, 90))
#: Rows of the embedding "dense" that MediaPipe has no counterpart for.
IBUG, EARS, OUTER = slice(478, 546), slice(546, 578), slice(578, None)
TARGET_RATIO, TARGET_SHARE, SHARE_WITHIN = 0.65, 0.68, 0.07


@dataclass(frozen=True)
class Seen:
    """One face whose points are known.

    Attributes:
        truth_px: (P, 2) of the embedding "dense". px_per_mm: (P,) at each of them.
        truth68_px: (68, 2) where the truth has its own, else those of truth_px.
        rotation: (3, 3) head → camera. yaw_deg: of the head.
        detection: of MediaPipe. dense: what the network says.
    """

    truth_px: Array
    px_per_mm: Array
    truth68_px: Array
    rotation: Array
    yaw_deg: float
    detection: Detection
    dense: DensePoints


def seen_by(points: Array, pose: Pose, camera: Camera) -> tuple[Array, Array]:
    """Project points (P, 3) of the head: (P, 2) px, and (P,) px per mm there."""
    placed = pose.apply(points)
    return camera.project(placed), camera.focal_px / placed[:, 2]


def ict_faces(count: int) -> Iterator[Seen | None]:
    """Look at the photos of `eval out_of_model`; None where the face was not found."""
    data = optional_data()
    ict = IctHead(data / "ict_facekit.npz")
    embedding = points_on_ict(head(), ict)
    make_missing(count)
    for seed in range(count):
        sample = read_sample(seed)
        faces = detector().detect(sample.image)
        if not faces:
            yield None
            continue
        scene = make_scene(seed, ict, data)
        pixels, scale = seen_by(embedding(scene.person.vertices), scene.pose, scene.camera)
        dense = landmarker().predict(sample.image, faces[0])
        yield Seen(pixels, scale, sample.marks68_px, scene.pose.rotation, scene.yaw_deg, faces[0], dense)


def studio_faces(count: int) -> Iterator[Seen | None]:
    """Look at whole pictures of the studio; None where the face was not found."""
    from facegpt_lab.synthesis.studio.sample import StudioSettings, make_photo

    model, settings = head(), StudioSettings("photo", STUDIO_PX)
    embedding = model.embedding("dense")
    for seed in range(STUDIO_SEED, STUDIO_SEED + count):
        photo = make_photo(seed, settings)
        params = photo.params
        pixels, scale = seen_by(embedding(head_vertices(model, params)), params.pose, params.camera)
        found = annotated_face(detector().detect(photo.image), pixels[:SURFACE])
        if found is None:
            yield None
            continue
        dense = landmarker().predict(photo.image, found)
        yield Seen(pixels, scale, pixels[IBUG], params.pose.rotation, photo.yaw_deg, found, dense)


def residuals_mm(faces: list[Seen], found: Callable[[Seen], Array], truth: Callable[[Seen], Array]) -> Array:
    """Found minus true points (S, L, 2) in mm; both are functions of a face to (L, 2) px."""
    return np.stack([(found(f) - truth(f)) / f.px_per_mm[:SURFACE].mean() for f in faces])


def compare(
    faces: list[Seen],
    network: Callable[[Seen], Array],
    detector: Callable[[Seen], Array],
    truth: Callable[[Seen], Array],
    offset: bool,
) -> tuple[Array, Array]:
    """The errors (S, L) in mm of network and detector; with `offset` a constant offset is taken off both."""
    rotations = np.stack([f.rotation for f in faces])
    out = []
    for found in (network, detector):
        residual = residuals_mm(faces, found, truth)
        out.append(np.linalg.norm(without_offset(residual, rotations) if offset else residual, axis=2))
    return out[0], out[1]


def error_rows(name: str, faces: list[Seen], offset: bool) -> list[Row]:
    """Compare both on the 468 points they share, by yaw and part, and on the 68."""
    ours, raw = compare(
        faces,
        *(lambda f: f.dense.points_px[:SURFACE], lambda f: f.detection.points[:SURFACE, :2]),
        *(lambda f: f.truth_px[:SURFACE], offset),
    )
    rows = [
        figure(f"{name}: error of the 468 points, network", ours.mean(), "mm"),
        figure(f"{name}: error of the 468 points, MediaPipe", raw.mean(), "mm"),
        figure(f"{name}: network over MediaPipe", ours.mean() / raw.mean(), "ratio", at_most=TARGET_RATIO),
        *interval(f"{name}: network over MediaPipe", lambda k: ours[k].mean() / raw[k].mean(), len(ours), "ratio"),
    ]
    yaw = np.abs([f.yaw_deg for f in faces])
    for low, high in YAW_BINS_DEG:
        inside = (yaw >= low) & (yaw < high)
        if inside.any():
            rows += pair(f"{name}: |yaw| {low}-{high}° ({inside.sum()} photos)", ours[inside], raw[inside])
    for part, points in parts().items():
        rows += pair(f"{name}: {part}", ours[:, points], raw[:, points])
    ours68, raw68 = compare(
        faces,
        *(lambda f: f.dense.points_px[IBUG], lambda f: f.detection.points[list(MEDIAPIPE_68), :2]),
        *(lambda f: f.truth68_px, offset),
    )
    return rows + pair(f"{name}: the 68 points", ours68, raw68)


def pair(name: str, ours: Array, raw: Array) -> list[Row]:
    """The mean error of the network and its ratio to MediaPipe's."""
    return [
        figure(f"{name}: network", ours.mean(), "mm"),
        figure(f"{name}: over MediaPipe's {raw.mean():.2f} mm", ours.mean() / raw.mean(), "ratio"),
    ]


def sigma_rows(name: str, faces: list[Seen], offset: bool) -> list[Row]:
    """The network's points that MediaPipe lacks, and whether its SDs are right."""
    residual = residuals_mm(faces, lambda f: f.dense.points_px, lambda f: f.truth_px)
    if offset:
        residual = without_offset(residual, np.stack([f.rotation for f in faces]))
    sigma = np.stack([f.dense.sigma_px / f.px_per_mm[:SURFACE].mean() for f in faces])
    within: NDArray[np.bool_] = np.abs(residual) < sigma[..., None]
    share = float(within[:, :SURFACE].mean())
    error = np.linalg.norm(residual, axis=2)
    told = rank_correlation(error[:, :SURFACE].mean(1), sigma[:, :SURFACE].mean(1))
    return [
        figure(f"{name}: ears, network", error[:, EARS].mean(), "mm"),
        figure(f"{name}: scalp and neck, network", error[:, OUTER].mean(), "mm"),
        figure(f"{name}: coordinates within one sigma", share, "share"),
        figure(f"{name}: the same, from {TARGET_SHARE:.2f}", abs(share - TARGET_SHARE), "share", at_most=SHARE_WITHIN),
        figure(f"{name}: rank correlation of sigma and error over faces", told, "1"),
    ]


def evaluate(quick: bool = False, workers: int | None = None) -> Report:
    """Run both protocols, and look at hard photos."""
    count = QUICK_COUNT if quick else COUNT
    rows: list[Row] = []
    for name, faces, offset in (("out of model", ict_faces, True), ("in-model", studio_faces, False)):
        looked = list(faces(count))
        found = [one for one in looked if one is not None]
        rows.append(figure(f"{name}: photos in which the face was found", len(found) / count, "share"))
        rows += [*error_rows(name, found, offset), *sigma_rows(name, found, offset)]
    rows += robustness.evaluate(quick, workers)
    hard = robustness.QUICK_COUNT if quick else robustness.COUNT
    data = (
        f"{count} {PEOPLE}; {count} pictures of the studio, of the kind that the network was trained on but of other "
        f"people; {hard} more of them in every distortion of `eval detection`"
    )
    return Report(data, tuple(rows))
