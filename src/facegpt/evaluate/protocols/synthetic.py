"""`facegpt eval synthetic`: heads of our own model whose truth is exact.

Without pixels: random people, expressions and views are projected to the detector's points, to which errors like the
real detector's are added: what the landmark fit can do at best. With pixels: pictures of the studio, through detector,
dense network and fit, and whether the confidence tells the error. Photos that the product did not make are in
out_of_model.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name, rotation_from_euler_deg
from facegpt.evaluate.judges.paired import interval, mean_of_picks, rank_correlation
from facegpt.evaluate.photo_processes import Kept, in_processes
from facegpt.evaluate.protocols.landmarks68 import annotated_face
from facegpt.evaluate.protocols.out_of_model import ALONE
from facegpt.evaluate.registry import Report, Row, figure
from facegpt.evaluate.shared_networks import detector, head, landmarker
from facegpt.evaluate.sheets.truth_sheet import WORST, Known, draw_truth_sheet
from facegpt.face import Face
from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.fitting.confidence import LIMIT_MM, region_rows
from facegpt.fitting.dense import without_irises
from facegpt.fitting.gauss_newton import FitError
from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.fitting.photo_fit import as_fit, refined_solution
from facegpt.metrics import (
    angle_between_deg,
    landmark_nme_percent,
    recovered_share,
    similarity_transform,
    vertex_error_mm,
    within_radius,
)
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.runtime.atomic_files import make_folder
from facegpt.types import Array, Camera, Detection, FaceParams, Pose

COUNT, QUICK_COUNT, SIZE_PX = 200, 24, 512
#: Seeds of the studio's pictures, far from those that the network was trained on, and their side in pixels.
STUDIO_SEED, STUDIO_PX = 910_000_000, 512
#: Share of the detector's error variance that neighbouring points have in common, and how far it reaches (mm).
SHARED, REACH_MM = 0.8, 30.0
#: Expressions that are drawn: groups of units that act together, left and right alike.
GROUPS = (
    *(("mouthSmileLeft", "cheekSquintLeft"), ("jawOpen",), ("browInnerUp", "browOuterUpLeft"), ("browDownLeft",)),
    *(("eyeBlinkLeft",), ("mouthPucker",), ("mouthFrownLeft",), ("mouthStretchLeft",), ("mouthUpperUpLeft",)),
    *(("mouthLowerDownLeft",), ("eyeWideLeft",), ("eyeSquintLeft",)),
)


def random_params(model: MorphableModel, seed: int) -> FaceParams:
    """Draw a person, an expression, a view (yaw to ±60°) and a camera (0.35 to 2.5 m)."""
    rng = np.random.default_rng([478, seed])
    expression = np.zeros(len(ARKIT_NAMES), np.float32)
    for k in rng.choice(len(GROUPS), rng.integers(0, 4), replace=False):
        for name in GROUPS[k]:
            for unit in {name, mirror_arkit_name(name)}:
                expression[ARKIT_NAMES.index(unit)] = rng.uniform(0.1, 0.8)
    rotation = rotation_from_euler_deg(rng.uniform(-60, 60), rng.normal(0, 9), rng.normal(0, 8))
    depth = float(np.exp(rng.uniform(np.log(350), np.log(2500))))
    focal = SIZE_PX / rng.uniform(260, 400) * depth
    return FaceParams(
        model_id=model.model_id,
        identity=np.clip(rng.normal(size=model.sizes.identity), -3, 3).astype(np.float32),
        expression=expression,
        joints=np.zeros((model.sizes.joints, 3), np.float32),
        pose=Pose(rotation, np.array([0.0, 0.0, depth]) - rotation @ np.array([0.0, -10.0, 60.0])),
        albedo=np.zeros(model.sizes.albedo, np.float32),
        lighting=np.zeros((9, 3), np.float32),
        camera=Camera(focal, ((SIZE_PX - 1) / 2, (SIZE_PX - 1) / 2), SIZE_PX, SIZE_PX),
    )


def noisy_detection(model: MorphableModel, params: FaceParams, seed: int) -> Detection:
    """Project the 478 points and add errors, mostly smooth over the face as real ones; scores are near the truth."""
    rng = np.random.default_rng([479, seed])
    points = model.embedding("mediapipe478")(head_vertices(model, params)).astype(np.float64)
    rest = model.embedding("mediapipe478")(model.mean_vertices).astype(np.float64)
    gaps = np.linalg.norm(rest[:, None] - rest[None], axis=2)
    smooth = np.linalg.cholesky(np.exp(-0.5 * (gaps / REACH_MM) ** 2) + 1e-6 * np.eye(len(rest)))
    sigma = np.concatenate([part_sigma_mm(), np.full(len(points) - SURFACE, 0.5)])[:, None]
    error = np.sqrt(SHARED) * smooth @ rng.normal(size=(len(points), 2)) + np.sqrt(1 - SHARED) * rng.normal(
        size=(len(points), 2)
    )
    camera_points = params.pose.apply(points)
    pixels = params.camera.project(camera_points) + sigma * error * params.camera.focal_px / camera_points[:, 2:]
    scores = np.clip(params.expression * rng.uniform(0.7, 1.2, len(ARKIT_NAMES)) + 0.02, 0, 1)
    return Detection(np.column_stack([pixels, np.zeros(len(pixels))]), scores, 1.0, params.pose.rotation)


@dataclass(frozen=True)
class Outcome:
    """One head: recovered shares (similarity, metric), errors in mm, NME in %, pose angle, log size error / SD."""

    share: float
    metric_share: float
    error_mm: float
    metric_error_mm: float
    nme_percent: float
    angle_deg: float
    scale_ratio: float


def face_region(model: MorphableModel) -> NDArray[np.int64]:
    """Give the skin vertices within 95 mm of the mean head's nose tip."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    nose_tip = model.embedding("ibug68")(model.mean_vertices)[30]
    return skin[within_radius(model.mean_vertices[skin], nose_tip)]


def outcome(model: MorphableModel, truth: FaceParams, seed: int, region: NDArray[np.int64]) -> Outcome:
    """Fit one made-up detection and compare with the truth, in the truth's expression."""
    fit = fit_landmarks(model, noisy_detection(model, truth, seed), SIZE_PX, SIZE_PX)
    found = fit.params
    shapes: list[Array] = [
        head_vertices(model, truth.replace(identity=identity))[region]
        for identity in (found.identity, truth.identity, np.zeros_like(truth.identity))
    ]
    guess, real, mean = shapes
    named = model.embedding("ibug68")
    seen = [p.camera.project(p.pose.apply(named(head_vertices(model, p)))) for p in (found, truth)]
    size = [np.linalg.norm(shape - shape.mean(0)) for shape in (guess, real)]
    return Outcome(
        share=recovered_share(guess, real, mean),
        metric_share=recovered_share(guess, real, mean, scale=False),
        error_mm=float(vertex_error_mm(guess, real).mean()),
        metric_error_mm=float(vertex_error_mm(guess, real, scale=False).mean()),
        nme_percent=landmark_nme_percent(seen[0], seen[1]),
        angle_deg=angle_between_deg(found.pose.rotation, truth.pose.rotation),
        scale_ratio=float(np.log(size[0] / size[1]) / fit.scale_sd),
    )


@dataclass(frozen=True)
class Studied:
    """One fit to a picture of the studio.

    Attributes:
        share, metric_share: of the deviation from the mean head. nme_percent: of the 68 points.
        angle_deg: of the turn of the face. yaw_deg: the true one. clear: nothing is worn or held before the face.
        shape_mm: error of the shape, of the mean head too; both after a similarity.
        error_mm, confidence: of the whole "face" and of each region.
        signs: (3,) of each, what the confidence is made of.
    """

    share: float
    metric_share: float
    nme_percent: float
    angle_deg: float
    yaw_deg: float
    clear: bool
    shape_mm: tuple[float, float]
    error_mm: dict[str, float]
    confidence: dict[str, float]
    signs: dict[str, list[float]]


def region_error_mm(model: MorphableModel, found: FaceParams, truth: FaceParams) -> dict[str, float]:
    """Give the mean distance of corresponding points, expression included, after one similarity over the face."""
    points = model.embedding("dense")
    guess, real = (without_irises(points(head_vertices(model, params))) for params in (found, truth))
    regions = region_rows(len(real))
    face = np.concatenate([rows for name, rows in regions.items() if name != "ears"])
    factor, rotation, shift = similarity_transform(guess[face], real[face])
    error = np.linalg.norm(factor * guess @ rotation.T + shift - real, axis=1)
    return {name: float(error[rows].mean()) for name, rows in {"face": face, **regions}.items()}


def turn_deg(model: MorphableModel, found: FaceParams, truth: FaceParams) -> float:
    """Give the angle between the two faces as the camera sees them; a turned neck counts like a turned pose."""
    points = model.embedding("mediapipe478")
    placed = [params.pose.apply(points(head_vertices(model, params))) for params in (found, truth)]
    return angle_between_deg(similarity_transform(*placed)[1], np.eye(3))


def study(seed: int) -> dict[str, Studied] | None:
    """Fit one picture of the studio by `fast` and `balanced`, with the network and without; None: no face found."""
    from facegpt.synthesis.studio.sample import StudioSettings, make_photo
    from facegpt.synthesis.studio.scene import draw_scene

    model, photo = head(), make_photo(seed, StudioSettings("photo", STUDIO_PX))
    named, truth, scene = model.embedding("ibug68"), photo.params, draw_scene(seed, "photo", STUDIO_PX)
    clear = scene.glasses is None and scene.hat is None and not scene.occluders
    pixels = truth.camera.project(truth.pose.apply(named(head_vertices(model, truth))))
    detection = annotated_face(detector().detect(photo.image), pixels)
    if detection is None:
        return None
    size, region = (photo.image.shape[1], photo.image.shape[0]), face_region(model)
    out = {}
    for suffix, dense in (("", landmarker().predict(photo.image, detection)), (ALONE, None)):
        fast = landmark_solution(model, detection, size, None, dense)
        start = landmark_solution(model, detection, size, None, dense)
        refined = as_fit(start, refined_solution(model, start, photo.image))
        for quality, fit in (("fast", fast.as_fit()), ("balanced", refined)):
            params = fit.params
            shapes = [
                head_vertices(model, truth.replace(identity=identity))[region]
                for identity in (params.identity, truth.identity, np.zeros_like(truth.identity))
            ]
            guess, real, mean = shapes
            found = params.camera.project(params.pose.apply(named(head_vertices(model, params))))
            out[quality + suffix] = Studied(
                recovered_share(*shapes),
                recovered_share(*shapes, scale=False),
                landmark_nme_percent(found, pixels),
                turn_deg(model, params, truth),
                photo.yaw_deg,
                clear,
                (float(vertex_error_mm(guess, real).mean()), float(vertex_error_mm(mean, real).mean())),
                region_error_mm(model, params, truth),
                fit.confidence,
                {name: list(one.row) for name, one in start.signs().items()},
            )
    return out


def share_rows(own: list[Studied], name: str, wanted: float | None) -> list[Row]:
    """Give the recovered share of faces by yaw, and of those with nothing before them: one minus error over deviation.

    wanted: of faces turned by less than 30°.
    """
    rows = []
    for text, group, target in (
        ("|yaw| < 30°", [one for one in own if abs(one.yaw_deg) < 30], wanted),
        ("|yaw| < 30°, nothing before the face", [one for one in own if abs(one.yaw_deg) < 30 and one.clear], None),
        ("|yaw| 30-60°", [one for one in own if 30 <= abs(one.yaw_deg) < 60], None),
    ):
        if group:
            error, deviation = np.mean([one.shape_mm for one in group], axis=0)
            text = f"{name}: share of the deviation from the mean, {text}"
            rows.append(figure(text, 1 - error / deviation, "share", at_least=target))
    return rows


def studio_rows(studied: list[dict[str, Studied]]) -> list[Row]:
    """Sum up the studio's pictures: shape with and without the network, and whether the confidence tells the error."""
    rows: list[Row] = []
    for quality in ("fast", "balanced"):
        for suffix in ("", ALONE):
            own, name = [one[quality + suffix] for one in studied], f"studio, {quality}{suffix}"
            for key, text, unit in (
                ("share", "recovered share of the deviation from the mean head", "share"),
                ("metric_share", "recovered share, no alignment of scale", "share"),
                ("nme_percent", "68-point NME", "%"),
                ("angle_deg", "angle between found and true pose", "deg"),
            ):
                rows.append(figure(f"{name}: {text}", float(np.mean([getattr(o, key) for o in own])), unit))
            rows += share_rows(own, name, 0.5 if name == "studio, balanced" else None)
            rows.append(
                figure(f"{name}: error of the face's points", float(np.mean([o.error_mm["face"] for o in own])), "mm")
            )
        gains = np.array([one[quality].share - one[quality + ALONE].share for one in studied])
        name = f"studio, {quality}: share gained by the network"
        rows.append(figure(name, gains.mean(), "share"))
        rows += interval(name, mean_of_picks(gains), len(gains), "share")
        own = [one[quality] for one in studied]
        for region in own[0].error_mm:
            told = rank_correlation(*np.array([(-o.confidence[region], o.error_mm[region]) for o in own]).T)
            target = 0.5 if region == "face" else None
            text = f"studio, {quality}: rank correlation of doubt and error, {region}"
            rows.append(figure(text, told, "1", at_least=target))
        right = [float(o.error_mm["face"] < LIMIT_MM) for o in own]
        rows.append(figure(f"studio, {quality}: faces right within {LIMIT_MM:.0f} mm", float(np.mean(right)), "share"))
        rows.append(
            figure(
                f"studio, {quality}: the same as their confidence says",
                float(np.mean([o.confidence["face"] for o in own])),
                "share",
            )
        )
    return rows


def read_studied(told: dict[str, Any] | None) -> dict[str, Studied] | None:
    """Make what was studied of one picture of its JSON."""
    return None if told is None else {key: Studied(**one) for key, one in told.items()}


def known_face(seed: int, one: Studied) -> Known:
    """Make and fit a picture again by `balanced` and put the truth beside it, for a picture."""
    from facegpt.synthesis.studio.sample import StudioSettings, make_photo

    model, photo = head(), make_photo(seed, StudioSettings("photo", STUDIO_PX))
    truth = Face(model, photo.params)
    marks = truth.landmarks("ibug68")
    detection = annotated_face(detector().detect(photo.image), marks)
    if detection is None:
        raise FitError(f"the face of picture {seed}, once found, is not found again")
    fit = fit_photo(model, detection, photo.image, dense=landmarker().predict(photo.image, detection))
    title = f"picture {seed}, yaw {one.yaw_deg:.0f}: {one.shape_mm[0]:.2f} mm, the mean head {one.shape_mm[1]:.2f} mm"
    found = Face.fitted(model, fit, photo.image, None)
    return Known(title, photo.image, found, truth.mesh, photo.params.pose, photo.params.camera, marks)


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Fit made-up detections of unseen heads: recovered share, errors and whether scale_sd tells the truth.

    sheet: file for a picture of the worst faces of `balanced` in the studio.
    """
    if sheet is not None:
        make_folder(sheet.parent)
    model, count = head(), QUICK_COUNT if quick else COUNT
    region = face_region(model)
    found = [outcome(model, random_params(model, seed), seed, region) for seed in range(count)]

    def mean_of(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in found]))

    rows: list[Row] = [
        figure("recovered share of the deviation from the mean head", mean_of("share"), "share"),
        figure("recovered share, no alignment of scale", mean_of("metric_share"), "share"),
        figure("vertex error within 95 mm of the nose tip", mean_of("error_mm"), "mm"),
        figure("vertex error, no alignment of scale", mean_of("metric_error_mm"), "mm"),
        figure("68-point NME", mean_of("nme_percent"), "%"),
        figure("angle between found and true pose", mean_of("angle_deg"), "deg"),
        figure("RMS of size error over scale_sd", float(np.sqrt(np.mean([o.scale_ratio**2 for o in found]))), "1"),
    ]
    pictures = range(STUDIO_SEED, STUDIO_SEED + count)
    studied = in_processes(study, pictures, "pictures", workers, Kept("synthetic", read_studied))
    if sheet is not None:
        own = {seed: one["balanced"] for seed, one in zip(pictures, studied, strict=True) if one is not None}
        worst = sorted(own, key=lambda seed: -own[seed].shape_mm[0])[:WORST]
        draw_truth_sheet([known_face(seed, own[seed]) for seed in worst]).save(sheet)
    found_there = [one for one in studied if one is not None]
    rows = [*rows, figure("studio: faces found", len(found_there) / count, "share")]
    rows += studio_rows(found_there) if found_there else []
    data = f"{count} random heads, yaw to ±60°, their points with made-up errors; {count} pictures of the studio"
    return Report(data, tuple(rows))
