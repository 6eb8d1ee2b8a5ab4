"""`facegpt eval photo`: heads that the language model sees in a photo, without fitting, beside fitted ones.

On pictures of the studio, whose truth is known, and on the validation half of the optional photos, where agreement with
the detector's points, with the photo's colours and in likeness is what can be told. "first look" is what the encoder
alone says: its identity and expression, placed in closed form, with the mean skin. "fit" is `balanced` with the skin of
the albedo model. About 1.5 s of one core a picture. `--model RUN` judges another run of `facegpt train photos`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.detect.base import Detector
from facegpt.encode.photo_view import photo_view
from facegpt.face import Face
from facegpt.fitting import FitError, fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.language import LanguageModel, load_language_model
from facegpt.language.model.photo_asset import PHOTO_TOKENS, load_photo_parts
from facegpt.language.model.photo_theta import NUMBERS, SLICES, params_of, theta_of
from facegpt.metrics import landmark_nme_percent
from facegpt.morphable.base import face_region
from facegpt.runtime.progress import Progress
from facegpt.types import Array, DensePoints, Detection, FaceGPTError, FaceParams
from facegpt_lab.evaluate.judges.known_shape import points68_px, region_error_mm, shapes_of, turn_deg
from facegpt_lab.evaluate.judges.likeness import describe_head, describe_photo, likeness_rows
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks
from facegpt_lab.evaluate.protocols.photos import drawn_in, sampled, skin_of
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker
from facegpt_lab.evaluate.studio_pictures import STUDIO_SEED, StudioPicture, picture
from facegpt_lab.evaluate.validation_photos import read_photo, some_validation_photos, validation_photos

PICTURES, QUICK_PICTURES, QUICK_PHOTOS = 60, 6, 10
FIRST, OURS, FIT = "first look", "ours, without fitting", "fit"
#: Added to sRGB levels before the log: noise and quantisation.
_FLOOR = 8.0


@dataclass(frozen=True)
class Seen:
    """One face of a picture as all methods see it; identity_sd: (I,) of ours; ms: of the language model's pass."""

    detection: Detection
    dense: DensePoints
    params: dict[str, FaceParams]
    identity_sd: Array
    ms: float


def see(image: NDArray[np.uint8], detection: Detection, language: LanguageModel) -> Seen | None:
    """Read one face by every method; None where the fit fails."""
    height, width = image.shape[:2]
    dense = landmarker().predict(image, detection)
    view = photo_view(dense, detection, width, height)
    started = time.perf_counter()
    theta, told = language.see([view])
    ms = 1000 * (time.perf_counter() - started)
    try:
        fit = fit_photo(head(), detection, image, dense=dense)
    except FitError:
        return None
    first = theta_of(torch.zeros(1, NUMBERS), view, language.geometry.place(view))
    size = (width, height)
    params = {
        FIRST: params_of(first, 0, head(), language.geometry, dense, size),
        OURS: params_of(theta, 0, head(), language.geometry, dense, size),
        FIT: fit.params,
    }
    return Seen(detection, dense, params, told.log_sd[0, SLICES["identity"]].exp().numpy(), ms)


# Against known truth


@dataclass(frozen=True)
class Scored:
    """One method on one picture of the studio: recovered shares, 68-point NME in %, turn in degrees, mm, weights."""

    share: float
    metric_share: float
    nme_percent: float
    angle_deg: float
    error_mm: float
    expression: float


def score(found: FaceParams, seen: StudioPicture) -> Scored:
    """Compare with the truth."""
    model, truth = head(), seen.photo.params
    shapes = shapes_of(model, truth, found.identity, face_region(model))
    return Scored(
        shapes.share(),
        shapes.share(scale=False),
        landmark_nme_percent(points68_px(model, found), seen.marks_px),
        turn_deg(model, found, truth),
        region_error_mm(model, found, truth)["face"],
        float(np.abs(np.asarray(found.expression) - truth.expression).mean()),
    )


def on_studio(seeds: Sequence[int], language: LanguageModel) -> tuple[list[dict[str, Scored]], list[Row]]:
    """See pictures of the studio; also how long a pass takes, and whether the spread of the identity is right."""
    found, ms, surprise = [], [], []
    with Progress("studio pictures", len(seeds)) as show:
        for done, seed in enumerate(seeds, 1):
            shown = picture(seed)
            seen = None if shown.detection is None else see(shown.photo.image, shown.detection, language)
            if seen is not None:
                found.append({name: score(params, shown) for name, params in seen.params.items()})
                ms.append(seen.ms)
                surprise.append((seen.params[OURS].identity - shown.photo.params.identity) / seen.identity_sd)
            show(done)
    return found, [
        figure("time of the language model's pass over a photo", float(np.median(ms)), "ms"),
        figure("identity: RMS of error over its own SD", float(np.sqrt(np.mean(np.square(surprise)))), "1"),
    ]


def studio_rows(scored: Sequence[dict[str, Scored]]) -> list[Row]:
    """Sum up the studio's pictures, each method, and what the language model gains over the first look."""
    measures = (
        ("share", "recovered share of the deviation from the mean head", "share"),
        ("metric_share", "recovered share, no alignment of scale", "share"),
        ("nme_percent", "68-point NME", "%"),
        ("angle_deg", "angle between found and true pose", "deg"),
        ("error_mm", "error of the face's points", "mm"),
        ("expression", "mean error of a blendshape", "weight"),
    )
    rows: list[Row] = []
    for key, text, unit in measures:
        values = {name: np.array([getattr(one[name], key) for one in scored]) for name in (FIRST, OURS, FIT)}
        rows += [figure(f"studio, {name}: {text}", float(own.mean()), unit) for name, own in values.items()]
        rows += interval(
            f"studio, {text}: ours less first look", mean_of_picks(values[OURS] - values[FIRST]), len(scored), unit
        )
    return rows


# On photos


@dataclass(frozen=True)
class Agreed:
    """One method on one photo: NME of 68 points to the detector's, %; |log ratio| of colours; descriptors (2, 128)."""

    nme_percent: float
    photometric: float
    looks: Array


def agree(image: NDArray[np.uint8], seen: Seen) -> dict[str, Agreed]:
    """Compare every method with a photo, where all of them and the photo show skin."""
    faces = {name: Face(head(), params) for name, params in seen.params.items()}
    dense, rows = seen.dense, list(MEDIAPIPE_68)
    drawn = {name: drawn_in(face, dense.crop, dense.crop_px) for name, face in faces.items()}
    common = np.logical_and.reduce([d[..., 3] > 250 for d in drawn.values()]) & (skin_of(dense) > 0.8)
    photo = sampled(image, dense.crop, dense.crop_px)
    out = {}
    for name, face in faces.items():
        logs = np.log((drawn[name][..., :3] + _FLOOR) / (photo + _FLOOR))[common]
        nme = landmark_nme_percent(face.landmarks("mediapipe478")[rows], seen.detection.points[rows, :2])
        out[name] = Agreed(nme, float(np.abs(logs).mean()) if len(logs) else np.nan, describe_head(face))
    return out


def on_photos(
    chosen: Sequence[tuple[str, int]], language: LanguageModel, find: Callable[[], Detector] = detector
) -> tuple[list[dict[str, Agreed]], Array, NDArray[np.integer]]:
    """See the largest face of each photo; also gives the photos' descriptors (N, 128) and persons (N,)."""
    found, looks, people = [], [], []
    with Progress("photos", len(chosen)) as show:
        for done, (name, person) in enumerate(chosen, 1):
            image = read_photo(name)
            detections = find().detect(image)
            seen = see(image, detections[0], language) if detections else None
            if seen is not None:
                found.append(agree(image, seen))
                looks.append(describe_photo(image, seen.detection.points[list(MEDIAPIPE_68), :2]))
                people.append(person)
            show(done)
    return found, np.stack(looks) if looks else np.empty((0, 128)), np.array(people)


def photo_rows(agreed: Sequence[dict[str, Agreed]], looks: Array, people: NDArray[np.integer]) -> list[Row]:
    """Sum up the photos."""
    rows: list[Row] = []
    for key, text, unit in (
        ("nme_percent", "NME of 68 points to the detector's", "%"),
        ("photometric", "photometric error, |log ratio|", "1"),
    ):
        values = {name: np.array([getattr(one[name], key) for one in agreed]) for name in (FIRST, OURS, FIT)}
        rows += [figure(f"photos, {name}: {text}", float(np.nanmean(own)), unit) for name, own in values.items()]
        rows += interval(
            f"photos, {text}: ours less first look", mean_of_picks(values[OURS] - values[FIRST]), len(agreed), unit
        )
    heads = {name: np.stack([one[name].looks for one in agreed]) for name in (FIRST, OURS, FIT)}
    return rows + likeness_rows(looks, heads, people, FIRST)


def evaluate(quick: bool = False, model: Path | None = None) -> Report:
    """See pictures of the studio and the validation half of the photos, without fitting and with it.

    Args:
        quick: fewer of both.
        model: run of `facegpt train photos`, or its file; by default the shipped photo tokens are used.
    """
    language = load_language_model()
    if not language.sees:
        raise FaceGPTError("this installation has no photo tokens (assets/photo_tokens.safetensors); train them first")
    if model is not None:
        load_photo_parts(language.model, model / PHOTO_TOKENS if model.is_dir() else model)
    pictures = QUICK_PICTURES if quick else PICTURES
    chosen = some_validation_photos(QUICK_PHOTOS) if quick else validation_photos()
    scored, told = on_studio(range(STUDIO_SEED, STUDIO_SEED + pictures), language)
    rows = [*told, *studio_rows(scored)]
    agreed, looks, people = on_photos(chosen, language)
    rows += [figure("photos in which a face was found", len(agreed) / len(chosen), "share")]
    rows += photo_rows(agreed, looks, people)
    data = (
        f"{pictures} pictures of the studio, people of our own model; {len(chosen)} photos and portraits of the "
        "validation half, without truth: agreement with the detector's points, which every method was given"
    )
    return Report(data, tuple(rows))
