"""`facegpt eval out_of_model`: photos of people that the product did not make, with exact geometry.

Heads of the ICT model (the user's copy), painted per vertex, path traced by Mitsuba with cast shadows: neither shape,
texture nor renderer is the product's. It is another model, not another population: the people are drawn from ICT's
modes, and the covariance of our prior was learnt from the same modes (lab/runs/head). The error is scan-to-mesh over
the skin within 95 mm of the nose tip. Beards, make-up, hard shadows and other hard conditions, one at a time, are in
strata.py (`facegpt eval strata`). Photos that are done are kept (photo_processes.py), so that a run which was stopped
goes on.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.metrics import landmark_nme_percent, within_radius
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.cache import cache_folder
from facegpt.types import Array, Camera, FaceParams, Mesh, Pose
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.sheets.truth_sheet import WORST, Known, draw_truth_sheet
from facegpt_lab.synthesis.studio.ict_person import IctHead, IctPerson
from facegpt_lab.synthesis.studio.mitsuba_scene import LOOKS, random_look, render_photo

COUNT, QUICK_COUNT, SIZE_PX, VERSION = 200, 12, 384, 3
#: What each quality should reach on frontal faces.
TARGET_SHARE = {"fast": 0.33, "balanced": 0.40}
#: Appended to a quality: fitted to MediaPipe's points, without the network.
ALONE = " on MediaPipe's points"
#: What these photos are of, for reports.
PEOPLE = (
    "ICT heads path traced by Mitsuba, yaw to ±60°: another head model, skin and renderer, but not another population, "
    "since the shapes are drawn from ICT's modes, and these taught our prior its covariance"
)
# Eye corners, nose base and mouth corners among the 68 points: the seven marks of NoW.
_MARKS = (36, 39, 42, 45, 33, 48, 54)


@dataclass(frozen=True)
class Sample:
    """One made photo: image (H, W, 3) uint8, skin near the nose tip (N, 3) mm and 68 points, with expression.

    focal_px: what the photo says of its lens, as EXIF may; None where it says nothing.
    """

    image: NDArray[np.uint8]
    skin: Array
    marks68: Array
    marks68_px: Array
    yaw_deg: float
    focal_px: float | None = None


@dataclass(frozen=True)
class Scene:
    """What photo number `seed` shows: a person, the pose of the head, a camera; and where the draws go on from."""

    person: IctPerson
    pose: Pose
    camera: Camera
    yaw_deg: float
    rng: np.random.Generator


def make_scene(seed: int, ict: IctHead, data: Path) -> Scene:
    """Draw photo number `seed`: the same for the same seed, whatever runs beside it."""
    rng = np.random.default_rng([VERSION, seed])
    person = ict.person(rng.normal(0, 1, 100), _expression(data, rng), rng)
    yaw_deg = float(rng.uniform(-60, 60))
    rotation = rotation_from_euler_deg(yaw_deg, rng.normal(0, 9), rng.normal(0, 8))
    distance_mm = float(np.exp(rng.uniform(np.log(350), np.log(2500))))
    focal_px = SIZE_PX * rng.uniform(0.45, 0.62) * distance_mm / 150
    middle = person.landmarks68[[27, 30, 8]].mean(0)
    offset = np.array([*rng.normal(0, 0.04, 2) * SIZE_PX / focal_px, 1.0]) * distance_mm
    camera = Camera(focal_px, ((SIZE_PX - 1) / 2, (SIZE_PX - 1) / 2), SIZE_PX, SIZE_PX)
    return Scene(person, Pose(rotation, offset - rotation @ middle), camera, yaw_deg, rng)


def make_sample(seed: int, data: Path) -> Sample:
    """Make photo number `seed`."""
    ict = IctHead(data / "ict_facekit.npz")
    scene = make_scene(seed, ict, data)
    person, pose, camera, rng = scene.person, scene.pose, scene.camera, scene.rng
    image = render_photo(person.vertices, person.triangles, person.colours, pose, camera, random_look(rng), rng)
    skin = person.vertices[ict.face_vertices]
    near = within_radius(skin, person.landmarks68[30])
    return Sample(image, skin[near], person.landmarks68, camera.project(pose.apply(person.landmarks68)), scene.yaw_deg)


def make_missing(count: int, workers: int | None = None) -> Path:
    """Make the first photos of the fixed list that are not in the cache (about 2 s each)."""
    data, folder = optional_data(), sample_folder()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in range(count) if not _file(folder, seed).is_file()]
    if missing:
        print(f"making {len(missing)} photos with Mitsuba, once", file=sys.stderr)
        in_processes(partial(_make_file, data=data, folder=folder), missing, "photos made", workers)
    return folder


def sample_folder() -> Path:
    """Where the made photos are kept."""
    return cache_folder() / f"out_of_model_v{VERSION}_{LOOKS}"


def read_sample(seed: int) -> Sample:
    """Read photo number `seed`, which `make_missing` has made."""
    return kept_sample(_file(sample_folder(), seed))


def kept_sample(file: Path) -> Sample:
    """Read a photo that `keep_sample` wrote."""
    with np.load(file, allow_pickle=False) as arrays:
        values: dict[str, Any] = {name: arrays[name] for name in arrays.files}
    return Sample(**{name: value.item() if value.ndim == 0 else value for name, value in values.items()})


def keep_sample(sample: Sample, file: Path) -> None:
    """Write a photo and what is known of it, whole or not at all."""
    part = file.with_suffix(".part.npz")
    np.savez_compressed(part, **{name: value for name, value in vars(sample).items() if value is not None})
    part.replace(file)


@dataclass(frozen=True)
class Score:
    """How one photo went: errors in mm (similarity, metric) of the fit and of the mean head; NME in percent."""

    yaw_deg: float
    fit: tuple[float, float]
    mean: tuple[float, float]
    nme_fit: float
    nme_detector: float


def annotated_px(sample: Sample) -> Array:
    """The 68 points where annotators of photos put them (68, 2) px: off ICT's own vertices by some mm each."""
    with asset_path("tables/ibug68_convention.csv").open(newline="", encoding="utf-8") as file:
        moved = np.array([[float(row[f"d{axis}_mm"]) for axis in "xyz"] for row in csv.DictReader(file)])
    moved[17:27] = 0.0  # the brows were painted where they are
    return project_like(sample.marks68, sample.marks68_px, sample.marks68 + moved)


def project_like(points: Array, pixels: Array, others: Array) -> Array:
    """Project `others` (M, 3) by the camera that sees `points` (N, 3) at `pixels` (N, 2): direct linear transform.

    N must be 6 or more, not in one plane, without errors (Hartley and Zisserman 2004, sec. 7.1).
    """
    centre, size = points.mean(0), points.std()

    def homogeneous(values: Array) -> Array:
        return np.column_stack([(values - centre) / size, np.ones(len(values))])

    middle, spread = pixels.mean(0), pixels.std()
    known, (x, y) = homogeneous(points), ((pixels - middle) / spread).T
    none = np.zeros_like(known)
    rows = np.concatenate(
        [np.hstack([known, none, -x[:, None] * known]), np.hstack([none, known, -y[:, None] * known])]
    )
    camera = np.linalg.svd(rows)[2][-1].reshape(3, 4)
    seen = homogeneous(others) @ camera.T
    return seen[:, :2] / seen[:, 2:] * spread + middle


def score(sample: Sample, model: MorphableModel, params: FaceParams, detector68_px: Array) -> Score:
    """Compare one reconstruction with the truth, beside the mean head in the same pose and expression."""
    mean = params.replace(identity=np.zeros_like(params.identity))
    embedding = model.embedding("ibug68")
    found = params.camera.project(params.pose.apply(embedding(head_vertices(model, params))))
    truth = annotated_px(sample)
    return Score(
        sample.yaw_deg,
        _errors(sample, model, params),
        _errors(sample, model, mean),
        landmark_nme_percent(found, truth),
        landmark_nme_percent(detector68_px, truth),
    )


def share(scores: list[Score], picks: NDArray[np.intp] | None = None, kind: int = 0) -> float:
    """The share of the deviation from the mean head that is recovered; kind 0: after similarity, 1: metric."""
    chosen = scores if picks is None else [scores[k] for k in picks]
    return float(1 - np.mean([s.fit[kind] for s in chosen]) / np.mean([s.mean[kind] for s in chosen]))


def rows(scores: list[Score], quality: str) -> list[Row]:
    """Sum up one way of fitting: recovered share and errors by yaw, landmark error beside the detector's own points."""
    table: list[Row] = []
    for name, group in (
        ("|yaw| < 30°", [s for s in scores if abs(s.yaw_deg) < 30]),
        ("|yaw| 30-60°", [s for s in scores if abs(s.yaw_deg) >= 30]),
    ):
        if not group:
            continue
        target = TARGET_SHARE.get(quality) if name == "|yaw| < 30°" else None
        fit, mean = (np.mean([getattr(s, key)[0] for s in group]) for key in ("fit", "mean"))
        table += [
            figure(f"{quality}: share of the deviation from the mean, {name}", share(group), "share", at_least=target),
            figure(f"{quality}: the same without alignment of scale, {name}", share(group, kind=1), "share"),
            figure(f"{quality}: surface error, {name}", fit, "mm"),
            figure(f"{quality}: surface error of the mean head, {name}", mean, "mm"),
        ]
    nme_fit, nme_detector = (np.mean([getattr(s, key) for s in scores]) for key in ("nme_fit", "nme_detector"))
    return [
        *table,
        figure(f"{quality}: 68-point NME", nme_fit, "%"),
        figure(
            f"{quality}: NME over that of MediaPipe's points ({nme_detector:.2f} %)",
            nme_fit / nme_detector,
            "ratio",
            at_most=0.5,
        ),
    ]


def gain_rows(ours: list[Score], other: list[Score], quality: str) -> list[Row]:
    """What the network adds to MediaPipe's points, photo by photo."""
    front = [k for k, s in enumerate(ours) if abs(s.yaw_deg) < 30]
    a, b = ([group[k] for k in front] for group in (ours, other))
    shares, nme = f"{quality}: share gained by the network, |yaw| < 30°", f"{quality}: NME changed by the network"

    def change(k: NDArray[np.intp]) -> float:
        return float(np.mean([ours[i].nme_fit - other[i].nme_fit for i in k]))

    return [
        figure(shares, share(a) - share(b), "share"),
        *interval(shares, lambda k: share(a, k) - share(b, k), len(a), "share"),
        figure(nme, change(np.arange(len(ours))), "%"),
        *interval(nme, change, len(ours), "%"),
    ]


def score_photo(seed: int) -> dict[str, Score] | None:
    """Fit one photo by `fast` and `balanced`, with the network and without; None where no face was found."""
    model, sample = head(), read_sample(seed)
    faces = detector().detect(sample.image)
    if not faces:
        return None
    points68 = faces[0].points[list(MEDIAPIPE_68), :2]
    height, width = sample.image.shape[:2]
    out = {}
    for suffix, dense in (("", whole_look(sample.image, faces[0])), (ALONE, None)):
        fast = fit_landmarks(model, faces[0], width, height, dense=dense)
        balanced = fit_photo(model, faces[0], sample.image, dense=dense)
        for quality, fit in (("fast", fast), ("balanced", balanced)):
            out[quality + suffix] = score(sample, model, fit.params, points68)
    return out


def read_scores(told: dict[str, Any] | None) -> dict[str, Score] | None:
    """Make the scores of one photo of their JSON."""
    return None if told is None else {key: Score(**one) for key, one in told.items()}


def known_face(seed: int, one: Score) -> Known:
    """Fit a photo again by `balanced` and put the truth beside it, for a picture."""
    sample, data = read_sample(seed), optional_data()
    scene = make_scene(seed, IctHead(data / "ict_facekit.npz"), data)
    detection = detector().detect(sample.image)[0]
    fit = fit_photo(head(), detection, sample.image, dense=whole_look(sample.image, detection))
    triangles = scene.person.triangles
    mesh = Mesh(
        scene.person.vertices,
        triangles,
        np.zeros((1, 2)),
        np.zeros_like(triangles),
        np.zeros(len(triangles), np.uint8),
        ("skin",),
    )
    title = f"photo {seed}, yaw {one.yaw_deg:.0f}: {one.fit[0]:.2f} mm, the mean head {one.mean[0]:.2f} mm"
    found = Face.fitted(head(), fit, sample.image, None)
    return Known(title, sample.image, found, mesh, scene.pose, scene.camera, annotated_px(sample))


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Run the protocol with the fits of `fast` and `balanced`, and the same on MediaPipe's points alone.

    sheet: file for a picture of the worst faces of `balanced`.
    """
    count = QUICK_COUNT if quick else COUNT
    if sheet is not None:
        make_folder(sheet.parent)
    make_missing(count, workers)
    kept: Kept[int, dict[str, Score] | None] = Kept(f"out_of_model_v{VERSION}_{LOOKS}", read_scores)
    scored = in_processes(score_photo, range(count), "photos", workers, kept)
    found = [one for one in scored if one is not None]
    if sheet is not None:
        own = {seed: one["balanced"] for seed, one in enumerate(scored) if one is not None}
        worst = sorted(own, key=lambda seed: -own[seed].fit[0])[:WORST]
        draw_truth_sheet([known_face(seed, own[seed]) for seed in worst]).save(sheet)
    table = [figure("photos in which the face was found", len(found) / count, "share", at_least=0.97)]
    for quality in ("fast", "balanced") if found else ():
        ours, other = ([one[quality + suffix] for one in found] for suffix in ("", ALONE))
        table += [*rows(ours, quality), *rows(other, quality + ALONE), *gain_rows(ours, other, quality)]
    return Report(f"{count} {PEOPLE}", tuple(table))


def _errors(sample: Sample, model: MorphableModel, params: FaceParams) -> tuple[float, float]:
    vertices = head_vertices(model, params)
    outer = model.triangles[model.part == model.part_names.index("skin")]
    marks = model.embedding("ibug68")(vertices)[list(_MARKS)]
    surface = Surface(vertices, outer)
    truth_marks = sample.marks68[list(_MARKS)]
    similar, metric = (
        float(scan_to_mesh_mm(sample.skin[::4], surface, truth_marks, marks, scale=scale).mean())
        for scale in (True, False)
    )
    return similar, metric


def _expression(data: Path, rng: np.random.Generator) -> dict[str, float]:
    """Scores of a random portrait, scaled; the units that the detector cannot see are drawn now and then."""
    with np.load(data / "portraits" / "landmarks.npz", allow_pickle=False) as arrays:
        names, scores = [str(n) for n in arrays["blendshape_names"]], arrays["blendshapes"]
    row = np.clip(scores[rng.integers(len(scores))] * rng.uniform(0.3, 1.1), 0, 1)
    weights = {name: float(value) for name, value in zip(names, row, strict=True) if name != "_neutral"}
    if rng.random() < 0.25:
        weights["jawOpen"] = float(rng.uniform(0.1, 0.7))
    weights["mouthClose"] = min(weights.get("mouthClose", 0.0), 0.85 * weights.get("jawOpen", 0.0))
    return weights


def _file(folder: Path, seed: int) -> Path:
    return folder / f"{seed:04d}.npz"


def _make_file(seed: int, data: Path, folder: Path) -> None:
    keep_sample(make_sample(seed, data), _file(folder, seed))
