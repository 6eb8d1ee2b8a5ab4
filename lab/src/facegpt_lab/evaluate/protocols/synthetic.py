"""`facegpt eval synthetic`: heads of our own model whose truth is exact.

Without pixels: random people, expressions and views are projected to the detector's points, to which errors like the
real detector's are added: what the landmark fit can do at best. With pixels: pictures of the studio, through detector,
dense network and fit, and whether the confidence tells the error. Photos that the product did not make are in
out_of_model.py; beards, make-up, hard shadows and other hard conditions, one at a time, in strata.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.face import Face
from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.fitting.confidence import LIMIT_MM
from facegpt.fitting.gauss_newton import FitError
from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.fitting.photo_fit import as_fit, refined_solution
from facegpt.metrics import angle_between_deg, landmark_nme_percent
from facegpt.morphable.base import MorphableModel, face_region
from facegpt.runtime.atomic_files import make_folder
from facegpt.types import FaceParams, Fit
from facegpt_lab.evaluate.judges.known_shape import points68_px, region_error_mm, shapes_of, turn_deg
from facegpt_lab.evaluate.judges.made_up_points import SIZE_PX, noisy_detection, random_params
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks, rank_correlation
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.out_of_model import ALONE
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import head, whole_look
from facegpt_lab.evaluate.sheets.truth_sheet import WORST, Known, draw_truth_sheet
from facegpt_lab.evaluate.studio_pictures import STUDIO_PX, STUDIO_SEED, StudioPicture, picture

COUNT, QUICK_COUNT = 200, 24


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


def outcome(model: MorphableModel, truth: FaceParams, seed: int, region: NDArray[np.int64]) -> Outcome:
    """Fit one made-up detection and compare with the truth, in the truth's expression."""
    fit = fit_landmarks(model, noisy_detection(model, truth, seed), SIZE_PX, SIZE_PX)
    shapes = shapes_of(model, truth, fit.params.identity, region)
    size = [np.linalg.norm(shape - shape.mean(0)) for shape in (shapes.found, shapes.true)]
    return Outcome(
        share=shapes.share(),
        metric_share=shapes.share(scale=False),
        error_mm=shapes.error_mm(),
        metric_error_mm=shapes.error_mm(scale=False),
        nme_percent=landmark_nme_percent(points68_px(model, fit.params), points68_px(model, truth)),
        angle_deg=angle_between_deg(fit.params.pose.rotation, truth.pose.rotation),
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


def study(seed: int) -> dict[str, Studied] | None:
    """Fit one picture of the studio by `fast` and `balanced`, with the network and without; None: no face found."""
    from facegpt_lab.synthesis.studio.scene import draw_scene

    model, seen, scene = head(), picture(seed), draw_scene(seed, "photo", STUDIO_PX)
    clear = scene.glasses is None and scene.hat is None and not scene.occluders
    if seen.detection is None:
        return None
    image = seen.photo.image
    out = {}
    for suffix, dense in (("", whole_look(image, seen.detection)), (ALONE, None)):
        start = landmark_solution(model, seen.detection, (image.shape[1], image.shape[0]), None, dense)
        fits = {"fast": start.as_fit(), "balanced": as_fit(start, refined_solution(model, start, image))}
        for quality, fit in fits.items():
            out[quality + suffix] = studied(seen, fit, clear)
    return out


def studied(seen: StudioPicture, fit: Fit, clear: bool) -> Studied:
    """One fit to a picture, compared with the truth."""
    model, truth = head(), seen.photo.params
    shapes = shapes_of(model, truth, fit.params.identity, face_region(model))
    return Studied(
        shapes.share(),
        shapes.share(scale=False),
        landmark_nme_percent(points68_px(model, fit.params), seen.marks_px),
        turn_deg(model, fit.params, truth),
        seen.photo.yaw_deg,
        clear,
        (shapes.error_mm(), shapes.deviation_mm()),
        region_error_mm(model, fit.params, truth),
        fit.confidence,
    )


def share_rows(own: list[Studied], name: str, wanted: float | None) -> list[Row]:
    """The recovered share of faces by yaw, and of those with nothing before them: one minus error over deviation.

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
    model, seen = head(), picture(seed)
    if seen.detection is None:
        raise FitError(f"the face of picture {seed}, once found, is not found again")
    truth, image = Face(model, seen.photo.params), seen.photo.image
    fit = fit_photo(model, seen.detection, image, dense=whole_look(image, seen.detection))
    title = f"picture {seed}, yaw {one.yaw_deg:.0f}: {one.shape_mm[0]:.2f} mm, the mean head {one.shape_mm[1]:.2f} mm"
    found = Face.fitted(model, fit, image, None)
    return Known(title, image, found, truth.mesh, truth.params.pose, truth.params.camera, seen.marks_px)


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
    data = (
        f"{count} random heads, yaw to ±60°, their points with made-up errors; {count} pictures of the studio; "
        "both are people of our own model, so the prior of the fit is the true one"
    )
    return Report(data, tuple(rows))
