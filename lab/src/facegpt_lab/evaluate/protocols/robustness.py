"""How far the dense network can be trusted on hard photos, beside MediaPipe's points: part of `facegpt eval landmarks`.

Pictures of the studio, whose points are exact, are turned, shrunk, darkened, covered and so on (distortions.py). The
face is found by our search around MediaPipe's networks; on what it finds, the network's points and MediaPipe's are
compared with the truth. Beside the share of faces found, that of MediaPipe's networks as its own pipeline runs them:
the finder once over the whole picture, the landmark network once in its best box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from facegpt.detect import search
from facegpt.detect.networks import LANDMARK_SIZE, FaceNetworks
from facegpt.detect.windows import Photo, Window
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.morphable.base import head_vertices
from facegpt.types import Array, Detection
from facegpt_lab.evaluate.judges.distortions import table
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.detection import judge
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker

COUNT, QUICK_COUNT = 40, 2
#: Seeds of the pictures, of people that neither training nor another evaluation draws, and their side in pixels.
SEED, SIDE_PX = 920_000_000, 512
#: The detector's points among those of the embedding "dense", irises included.
_DETECTED = slice(0, 478)
#: Least score of a box, and least belief of the landmark network, in MediaPipe's own pipeline as it comes.
_LEAST_SCORE = 0.5


@dataclass(frozen=True)
class Looked:
    """One distorted picture: whether the search found its face, and MediaPipe's own pipeline did; errors in mm.

    The errors are means over the 468 points that both have, in the image plane, at the head; nan where nothing was
    found.
    """

    found: bool
    found_once: bool
    network_mm: float
    mediapipe_mm: float


@cache
def _networks() -> FaceNetworks:
    return FaceNetworks()


def without_search(image: NDArray[np.uint8]) -> list[Array]:
    """Find the points (478, 3) px of at most one face, by one look of the finder and one of the landmark network."""
    photo = Photo(image)
    whole = Window.around(photo.width, photo.height)
    for candidate in search.views(photo, [("direct", whole)], _networks(), _LEAST_SCORE):
        crop = photo.crop(candidate.window, LANDMARK_SIZE, repeat_border=True)
        points, presence = _networks().landmarks([crop])
        return [candidate.window.to_photo(points[0])] if presence[0] >= _LEAST_SCORE else []
    return []


def look(seed: int) -> list[Looked]:
    """Make one picture and look at it in every distortion of the table."""
    from facegpt_lab.synthesis.studio.sample import StudioSettings, make_photo

    photo = make_photo(seed, StudioSettings("photo", SIDE_PX))
    params = photo.params
    placed = params.pose.apply(head().embedding("dense")(head_vertices(head(), params)))
    points = np.column_stack([params.camera.project(placed), np.zeros(len(placed))])
    px_per_mm = float((params.camera.focal_px / placed[:SURFACE, 2]).mean())
    out = []
    for distortion in table():
        picture, truth = distortion.apply(photo.image, points)
        scale = px_per_mm * size_of(truth) / size_of(points)
        out.append(looked_at(picture, truth, scale))
    return out


def looked_at(picture: NDArray[np.uint8], truth: Array, px_per_mm: float) -> Looked:
    """Find the face of a picture whose points are known (P, 3) px, and measure both kinds of points."""
    once = any(np.isfinite(judge([points], truth[_DETECTED])[0]) for points in without_search(picture))
    found = closest(detector().detect(picture), truth)
    if found is None:
        return Looked(False, once, np.nan, np.nan)
    dense = landmarker().predict(picture, found)
    ours, raw = (
        float(np.linalg.norm(points[:SURFACE, :2] - truth[:SURFACE, :2], axis=1).mean()) / px_per_mm
        for points in (dense.points_px, found.points)
    )
    return Looked(True, once, ours, raw)


def closest(detections: Sequence[Detection], truth: Array) -> Detection | None:
    """Pick the detection that `eval detection` takes for the face with points `truth`; None if there is none."""
    errors = [judge([one.points], truth[_DETECTED])[0] for one in detections]
    best = int(np.argmin(errors)) if errors else 0
    return detections[best] if errors and np.isfinite(errors[best]) else None


def size_of(points: Array) -> float:
    """The RMS distance of points (P, 2+) from their middle, pixels: what turning leaves alone."""
    return float(np.sqrt(np.asarray(points)[:SURFACE, :2].var(0).sum()))


def rows(looked: Sequence[Sequence[Looked]]) -> list[Row]:
    """Sum up pictures × distortions: each distortion, each group of them, and all but the unchanged one."""
    found, once, ours, raw = (
        np.array([[getattr(one, key) for one in line] for line in looked], np.float64)
        for key in ("found", "found_once", "network_mm", "mediapipe_mm")
    )
    out: list[Row] = []
    names = [(one.group, one.name) for one in table()]
    groups = {group: [k for k, (own, _) in enumerate(names) if own == group] for group, _ in names}
    for group, members in groups.items():
        chosen = [(f"{group} {names[k][1]}", [k]) for k in members]
        chosen += [(f"{group}, all", members)] if len(members) > 1 else []
        for name, columns in chosen:
            out += _rows_of(f"robustness, {name}", *(values[:, columns] for values in (found, once, ours, raw)))
    hard = [k for k, (group, _) in enumerate(names) if group != "plain"]
    out += _rows_of("robustness, all but unchanged", *(values[:, hard] for values in (found, once, ours, raw)))
    ours, raw = ours[:, hard], raw[:, hard]
    ratio = "robustness, all but unchanged: network over MediaPipe"
    return out + interval(ratio, lambda k: float(np.nanmean(ours[k]) / np.nanmean(raw[k])), len(ours), "ratio")


def _rows_of(name: str, found: Array, once: Array, ours: Array, raw: Array) -> list[Row]:
    out = [figure(f"{name}: faces found (MediaPipe's pipeline: {once.mean():.2f})", found.mean(), "share")]
    if not found.any():
        return out
    network, other = float(np.nanmean(ours)), float(np.nanmean(raw))
    return [
        *out,
        figure(f"{name}: error of the 468 points, network", network, "mm"),
        figure(f"{name}: over MediaPipe's {other:.2f} mm", network / other, "ratio"),
    ]


def read_looked(told: list[dict[str, float]]) -> list[Looked]:
    """Make what was seen of one picture of its JSON."""
    return [Looked(**one) for one in told]  # type: ignore[arg-type]


def evaluate(quick: bool, workers: int | None = None) -> list[Row]:
    """Look at all pictures; about 8 s of one core each."""
    seeds = range(SEED, SEED + (QUICK_COUNT if quick else COUNT))
    return rows(in_processes(look, seeds, "distorted pictures", workers, Kept("robustness", read_looked)))
