"""Learn when to believe the second opinion on a box: `python -m lab.runs.detector.second_opinion FOLDER DATA`.

Windows of three kinds of pictures: the studio's people in profile and from behind, its backdrops without anybody, and
photos of the training half (DATA holds `photos` and `portraits`). Each window is what the finder boxes at a low score,
or put anywhere. Looked at as the detector does, its points came out right (nearer than RIGHT of the face's size), or
wrong (farther than WRONG); what lies between teaches nothing. A logistic rule on the signs of the look, fitted by
Newton's method, is written to the package's data. Ten minutes on one core, most of them for rendering.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.assets import FOLDER, register
from facegpt.detect import search
from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.whole_head import DETECTED, FIRST_SIDE, SIGNS, SIGNS_ASSET, WholeHead
from facegpt.detect.windows import Photo, Window
from facegpt.types import Array
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.synthesis.studio.backdrop import paint_backdrop
from facegpt_lab.synthesis.studio.sample import StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import draw_scene

PEOPLE, BACKDROPS, EVERY_PHOTO, SIDE_PX = 180, 120, 3, 320
PEOPLE_SEED, BACKDROP_SEED = 720_000_000, 730_000_000
#: Errors of the points, as a share of the face's size.
RIGHT, WRONG = 0.10, 0.16
#: The finder's boxes from this score on are looked at; so many windows a picture are put anywhere.
LEAST_SCORE, ANYWHERE = 0.2, 3
#: Strength of the prior on the rule's weights (of signs with unit SD); signs that hardly vary here count as varying so.
PULL, LEAST_SD = 1.0, 0.03

Example = tuple[NDArray[np.uint8], "Array | None"]


def studio_people(data: str) -> Iterator[Example]:
    """Pictures of people in profile with their points; every third is seen from behind and has none."""
    settings = StudioSettings("photo", SIDE_PX, skins=24, photos=data)
    for k in range(PEOPLE):
        rng = np.random.default_rng([PEOPLE_SEED + k, 99])
        scene = draw_scene(PEOPLE_SEED + k, "photo", SIDE_PX)
        behind = k % 3 == 2
        yaw = rng.choice([-1, 1]) * (rng.uniform(125, 180) if behind else rng.uniform(55, 90))
        photo = photograph(replace(scene, yaw_deg=float(yaw), pitch_deg=scene.pitch_deg * 0.6), settings)
        yield photo.image, None if behind else photo.points_px[:DETECTED].astype(np.float64)


def backdrops(data: str) -> Iterator[Example]:
    """Backdrops alone, as bright as photos are."""
    for k in range(BACKDROPS):
        scene = draw_scene(BACKDROP_SEED + k, "photo", SIDE_PX)
        light = np.asarray(paint_backdrop(scene.backdrop, SIDE_PX, data, 0.0))[..., :3]
        values = np.clip(light / max(float(np.percentile(light, 95)), 1e-6), 0.0, 1.0) ** (1 / 2.2)
        yield (255 * values).astype(np.uint8), None


def photos(data: str) -> Iterator[Example]:
    """Photos and portraits of the training half with MediaPipe's points."""
    with PHOTO_SPLIT.open() as file:
        names = [row["name"] for row in csv.DictReader(file) if row["split"] == "training"][::EVERY_PHOTO]
    points = {}
    for folder in ("photos", "portraits"):
        with np.load(Path(data) / folder / "landmarks.npz") as arrays:
            stored = zip(arrays["names"], arrays["mediapipe_xyz"], strict=True)
            points |= {f"{folder}/{name}": xyz[:, :2].astype(np.float64) for name, xyz in stored}
    for name in names:
        whole = Image.open(Path(data) / name).convert("RGB")
        image, factor = np.asarray(whole.resize((SIDE_PX, SIDE_PX))), SIDE_PX / whole.size[0]
        yield image, points[name] * factor


def windows(photo: Photo, networks: FaceNetworks, rng: np.random.Generator) -> Iterator[tuple[Window, float, float]]:
    """What to look at in a picture: windows, each with the box's edge and the finder's score."""
    whole = [("direct", Window.around(photo.width, photo.height)), *search.padded(photo.width, photo.height)]
    for box in search.views(photo, whole, networks, LEAST_SCORE)[:8]:
        for roll in {0.0, box.window.roll_rad}:
            yield replace(box.window, side=box.size * FIRST_SIDE, roll_rad=roll), box.size, box.score
    for _ in range(ANYWHERE):
        size = photo.width * float(rng.uniform(0.2, 0.6))
        x, y = rng.uniform(0.15, 0.85, 2) * photo.width
        roll = float(rng.normal(0, 0.3) + (rng.random() < 0.3) * rng.uniform(-np.pi, np.pi))
        yield Window(float(x), float(y), size * FIRST_SIDE, roll), size, float(rng.uniform(LEAST_SCORE, 0.95))


def signs_of(examples: Iterator[Example], seed: int) -> tuple[Array, Array]:
    """Signs (N, S) and errors (N,) of the windows of pictures; infinite where there is no face at all."""
    networks, opinions, rng = FaceNetworks(), WholeHead(), np.random.default_rng(seed)
    signs, errors = [], []
    for image, truth in examples:
        photo = Photo(image)
        for window, size, score in windows(photo, networks, rng):
            seen = opinions.opinion(photo, window, size, score)
            signs.append(seen.signs)
            errors.append(np.inf if truth is None else error_of(seen.points, truth))
    return np.array(signs), np.array(errors)


def error_of(points: Array, truth: Array) -> float:
    """Mean distance of points (478, 2+) from the true ones, over the face's size."""
    face = truth[:FACE_POINTS]
    return float(np.linalg.norm(points[:FACE_POINTS, :2] - face, axis=1).mean() / np.ptp(face, axis=0).max())


def logistic(signs: Array, right: NDArray[np.bool_], steps: int = 30) -> tuple[Array, float]:
    """Weights (S,) and bias of the rule, by Newton's method, with right and wrong windows counting alike."""
    mean, sd = signs.mean(0), np.maximum(signs.std(0), LEAST_SD)
    whole = np.column_stack([(signs - mean) / sd, np.ones(len(signs))])
    share = np.where(right, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    weights, pull = np.zeros(whole.shape[1]), np.append(np.full(signs.shape[1], PULL), 0.0)
    for _ in range(steps):
        belief = 1 / (1 + np.exp(-np.clip(whole @ weights, -50, 50)))
        gradient = whole.T @ (share * (belief - right)) + pull * weights
        hessian = (whole * (share * belief * (1 - belief))[:, None]).T @ whole + np.diag(pull + 1e-6)
        weights -= np.linalg.solve(hessian, gradient)
    return weights[:-1] / sd, float(weights[-1] - (weights[:-1] / sd) @ mean)


def main() -> None:
    """Gather the signs, kept in FOLDER, fit, say how well it does on every fifth window left out, and write."""
    folder, data = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    signs, errors = [], []
    for k, kind in enumerate((studio_people, backdrops, photos)):
        kept = folder / f"{kind.__name__}.npz"
        if not kept.exists():
            found = signs_of(kind(data), k)
            np.savez(kept, signs=found[0], errors=found[1])
        with np.load(kept) as arrays:
            signs.append(arrays["signs"])
            errors.append(arrays["errors"])
            print(kind.__name__, len(signs[-1]), "windows,", int((errors[-1] < RIGHT).sum()), "right")
    every, error = np.concatenate(signs), np.concatenate(errors)
    clear = (error < RIGHT) | (error > WRONG)
    every, right = every[clear], error[clear] < RIGHT
    left_out = (np.arange(len(every)) // 20) % 5 == 0
    weights, bias = logistic(every[~left_out], right[~left_out])
    score, truth = every[left_out] @ weights + bias, right[left_out]
    for least in (0.0, 1.0, 2.0):
        passed = (score[truth] > least).mean(), (score[~truth] > least).mean()
        print(f"above {least}: {passed[0]:.3f} of the right, {passed[1]:.4f} of the wrong")
    weights, bias = logistic(every, right)
    print({name: round(float(w), 2) for name, w in zip(SIGNS, weights, strict=True)}, round(bias, 2))
    np.savez(FOLDER / SIGNS_ASSET, weights=weights.astype(np.float32), bias=np.float32(bias))
    print(register(SIGNS_ASSET))


if __name__ == "__main__":
    main()
