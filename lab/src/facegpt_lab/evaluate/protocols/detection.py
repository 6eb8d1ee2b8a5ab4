"""Recall of face detectors on photos made hard in known ways: `facegpt eval detection`.

Truth are the points stored with the optional data, taken through each distortion. They come from MediaPipe itself, run
on larger originals of these photos, so errors under about 1.5 % of the face are agreement rather than accuracy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.assets import asset_path
from facegpt.types import Array
from facegpt_lab.evaluate.judges.distortions import Distortion, Picture, box_height, table
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data

#: A detector as this protocol needs it: a picture (H, W, 3) to the points (478, 2 or 3) of each face.
Find = Callable[[Picture], Sequence[Array]]

#: Photos whose stored points are poor, as the data's README says.
POOR = frozenset({"photo_002", "photo_008", "photo_043", "photo_055", "photo_063"})
#: A face counts as found if its points are off by less than this share of its size, on average. Upside down is 0.5.
FOUND_WITHIN = 0.2
#: Portraits with somebody else in the background, small: a face beside theirs is one.
ACCOMPANIED = frozenset({"female_055"})
#: Pictures without a face that are looked at.
FACELESS = 500
#: What we want of our own detector: recall by group of distortions, in %.
RECALL_TARGETS = {"plain": 100.0, "rotated": 98.0, "shrunk": 97.0, "grey": 98.0, "JPEG": 90.0, "dark": 95.0}


@dataclass(frozen=True)
class Truth:
    """A photo with the points (478, 3) of its one face, pixels."""

    name: str
    picture: Picture
    points: Array


@dataclass(frozen=True)
class Score:
    """How a detector did on one distortion.

    Attributes:
        recall: share of the faces found, 0..1.
        error: mean distance of the points of those found, as a share of the face's size.
        extra: faces reported where there is none, per picture.
    """

    distortion: Distortion
    recall: float
    error: float
    extra: float


def read_truths(every_photo: int = 1, every_portrait: int = 10) -> list[Truth]:
    """Read each n-th photo and portrait of the optional data, without those whose points are poor."""
    truths = []
    for folder, step in (("photos", every_photo), ("portraits", every_portrait)):
        place = optional_data() / folder
        with np.load(place / "landmarks.npz", allow_pickle=False) as arrays:
            names, points = arrays["names"], arrays["mediapipe_xyz"].astype(np.float64)
        for name, xyz in list(zip(names, points, strict=True))[::step]:
            stem = str(name).removesuffix(".jpg")
            if stem not in POOR:
                truths.append(Truth(stem, np.asarray(Image.open(place / str(name)).convert("RGB")), xyz))
    return truths


def judge(found: Sequence[Array], points: Array) -> tuple[float, int]:
    """Compare what was found with the truth: (error as a share of the face's size, inf if missed; faces too many)."""
    size = box_height(points)
    errors = [float(np.linalg.norm(f[:, :2] - points[:, :2], axis=1).mean()) / size for f in found]
    best = min(errors, default=np.inf)
    return (best, len(found) - 1) if best < FOUND_WITHIN else (np.inf, len(found))


def score(find: Find, truths: Sequence[Truth], distortion: Distortion) -> Score:
    """Run a detector on every photo, distorted."""
    judged = [
        judge(find(picture), points) for picture, points in (distortion.apply(t.picture, t.points) for t in truths)
    ]
    errors: NDArray[np.float64] = np.array([error for error, _ in judged])
    hit = np.isfinite(errors)
    mean_error = float(errors[hit].mean()) if hit.any() else float("nan")
    return Score(distortion, float(hit.mean()), mean_error, float(np.mean([extra for _, extra in judged])))


def recall_table(
    detectors: Mapping[str, Find], truths: Sequence[Truth], distortions: Sequence[Distortion]
) -> dict[str, list[Score]]:
    """Score several detectors on the same distorted photos."""
    return {name: [score(find, truths, distortion) for distortion in distortions] for name, find in detectors.items()}


def rows(scores: Sequence[Score], with_targets: bool = True) -> list[Row]:
    """Rows of one detector's scores: recall, error and false faces of each distortion, and recall by group."""
    out = []
    for one in scores:
        name = f"{one.distortion.group} {one.distortion.name}"
        out.append(figure(f"{name}: recall", 100 * one.recall, "%"))
        out.append(figure(f"{name}: mean error of the points", 100 * one.error, "% of the face"))
        out.append(figure(f"{name}: false faces", one.extra, "per photo"))
    for group in dict.fromkeys(one.distortion.group for one in scores):
        mean = 100 * float(np.mean([one.recall for one in scores if one.distortion.group == group]))
        out.append(figure(f"{group}: recall", mean, "%", at_least=RECALL_TARGETS.get(group) if with_targets else None))
    return out


def as_text(scores: Mapping[str, Sequence[Score]]) -> str:
    """Lay the scores of several detectors out side by side: recall %, error in % of the face, false faces a photo."""
    names = list(scores)
    lines = [" ".join([f"{'':34}", *(f"{name:>24}" for name in names)])]
    for line in zip(*scores.values(), strict=True):
        label = f"{line[0].distortion.group} {line[0].distortion.name}"
        cells = [f"{100 * one.recall:7.1f} {100 * one.error:6.2f} {one.extra:8.3f} " for one in line]
        lines.append(" ".join([f"{label:34}", *(f"{cell:>24}" for cell in cells)]))
    return "\n".join(lines)


def times_ms(detectors: Mapping[str, Find], pictures: Sequence[Picture], rounds: int) -> dict[str, list[float]]:
    """Time several detectors in turn on the same pictures, in one process: (pictures · rounds) wall times each, ms."""
    taken: dict[str, list[float]] = {name: [] for name in detectors}
    for find in detectors.values():
        find(pictures[0])  # loads and compiles: not part of the time
    for _ in range(rounds):
        for picture in pictures:
            for name, find in detectors.items():
                started = time.perf_counter()
                find(picture)
                taken[name].append(1e3 * (time.perf_counter() - started))
    return taken


def ours() -> dict[str, Find]:
    """Our own detector as it comes, and in its fastest setting."""
    from facegpt.detect.mediapipe import MediaPipeDetector, Settings

    careful, quick = (
        MediaPipeDetector(),
        MediaPipeDetector(Settings(refine=False, flip=False, retry=False, beside_portrait=1.0)),
    )
    return {
        "facegpt": lambda picture: [face.points for face in careful.detect(picture)],
        "facegpt, fast": lambda picture: [face.points for face in quick.detect(picture)],
    }


def speed(quick: bool = False) -> Report:
    """Time our detector on the bundled photo; beside MediaPipe's package it is timed by benchmarks/bench_detect.py."""
    picture = np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))
    taken = times_ms(ours(), [picture], 10 if quick else 50)
    rows = [figure(f"{name}: one face, 512 × 512 (median)", float(np.median(ms)), "ms") for name, ms in taken.items()]
    return Report("the bundled photo, one thread", tuple(rows))


def recall(quick: bool = False) -> Report:
    """Measure our own detector; the table beside MediaPipe's package is benchmarks/bench_detect.py."""
    truths = read_truths(20, 100) if quick else read_truths()
    found = recall_table({"facegpt": ours()["facegpt"]}, truths, table())
    data = (
        f"{len(truths)} photos of the optional data, distorted; the truth are MediaPipe's points on larger originals, "
        "and our detector runs MediaPipe's networks: errors are agreement, recall is not"
    )
    return Report(data, tuple(rows(found["facegpt"])))


def false_faces(quick: bool = False) -> Report:
    """Count what our detector takes for faces in pictures without any, as `fast` and the better qualities look."""
    from facegpt_lab.evaluate.judges.people.faceless import backdrop, beside

    truths, count = (read_truths(10, 20), 40) if quick else (read_truths(every_portrait=1), FACELESS)
    alone = [truth for truth in truths if truth.name not in ACCOMPANIED]
    cut = [np.ascontiguousarray(one) for truth in alone for one in beside(truth.picture, truth.points)][:count]
    shown = [*cut, *map(backdrop, range(count - len(cut)))]
    found = {name: sum(len(find(picture)) for picture in shown) for name, find in ours().items()}
    rows = [figure(f"{name}: faces found where none is", number, "faces") for name, number in found.items()]
    data = f"{len(cut)} cuttings of photos and portraits beside their faces, {count - len(cut)} painted backdrops"
    return Report(data, tuple(rows))
