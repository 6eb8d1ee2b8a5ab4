"""`facegpt eval photo_back`: is a changed photo what was asked for, and still a photo of the same person?

Photos of the validation half are changed by units that are set directly, not by words, and read again by two readers
that the change does not use: MediaPipe's blendshapes and the dense network. Readers miss much of a true change (half of
a raised brow), so each change is read a second time on the drawn head with the same units: the photo is to be read as
the head is; and a third figure takes the reader's own scale: full is what it reads at most on any true photo of the
optional data. Units of which it reads less than READABLE on all of those are not seen by it on anybody, and are left
out there. Readings of turned faces say little, so that faces FACING the camera are counted once more by themselves.
Turns are read by the detector's own rotation. About 40 s a photo on one core, most of it the fit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from facegpt.api import FaceGPT, load
from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.data.images import Photo
from facegpt.encode import parts as parts_seen
from facegpt.picture.kernels import EYE
from facegpt.picture.prepare import prepare
from facegpt.picture.rig import PhotoRig
from facegpt.picture.turning import turned
from facegpt.picture.wishes import as_shown
from facegpt.reconstruct.photo import looked_at
from facegpt.types import Array, Detection, FaceParams
from facegpt_lab.evaluate.changed_photos.photo_driven import Driven, drawn_head, driven, driver, mixed_up, rows_of
from facegpt_lab.evaluate.judges.likeness import describe_photo
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.validation_photos import read_photo, validation_photos

Pixels = NDArray[np.uint8]

#: Photos that are changed, and that are driven (the first ones facing the camera); of changed ones, these expressions.
COUNT, QUICK_COUNT, DRIVEN = 12, 1, 2
EXPRESSIONS = {
    "smile": {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8},
    "smile left": {"mouthSmileLeft": 0.8},
    "jaw open": {"jawOpen": 0.5},
    "brows up": {"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8},
    "brows down": {"browDownLeft": 0.9, "browDownRight": 0.9},
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "wink right": {"eyeBlinkRight": 1.0},
    "pucker": {"mouthPucker": 0.8},
    "eyes wide": {"eyeWideLeft": 0.8, "eyeWideRight": 0.8},
    "frown": {"mouthFrownLeft": 0.8, "mouthFrownRight": 0.8},
}
#: Those of a quick run.
QUICK = ("smile", "brows up", "blink")
TURNS = ((12.0, 0.0), (-12.0, 0.0), (0.0, 8.0))
#: Descriptors of one person are nearer than this (the recognition network's own bound).
SAME_PERSON = 0.6
#: Eyeball samples of a shut eye's drawing, of each eye, that are no strip.
NO_STRIP = 6


#: Readings below this on every true photo: the reader does not know the unit.
READABLE = 0.4
#: Hair is seen where the map of parts says so by this, and moves by so much of the face's height when a head turns.
HAIR_SHARE, HAIR_MOVES = 0.3, 0.12
#: Faces turned by less than this, degrees, face the camera.
FACING = 20.0
#: How far around the head, before and after, pixels count as moved, as a share of its height.
AROUND_HEAD = 0.12


@dataclass(frozen=True)
class Read:
    """What the readers say of a picture: MediaPipe's and the dense network's units (52,), yaw and pitch in degrees."""

    detector: Array
    dense: Array
    turn_deg: Array


def evaluate(quick: bool = False) -> Report:
    """Change photos, and read them again."""
    model, scale = load(), reader_scale()
    wanted = QUICK_COUNT if quick else COUNT
    rows: list[dict[str, float]] = []
    moved: list[Driven] = []
    photos: list[Pixels] = []
    used = 0
    for name, _ in (each for each in validation_photos() if each[0].startswith("photos/")):
        if used == wanted:
            break
        pixels = read_photo(name)
        faces = model.reconstruct(pixels)
        if not faces or faces[0].params.worn is None or faces[0].params.worn.glasses == "dark":
            continue
        rows += _of_photo(model, prepare(model, pixels, faces[0]), scale, QUICK if quick else tuple(EXPRESSIONS))
        turn = euler_deg_from_rotation(np.asarray(faces[0].params.pose.rotation))[:2]
        if len(moved) < DRIVEN and np.abs(turn).max() < FACING:
            photos.append(pixels)
            seen = [k for k, most in enumerate(scale) if most >= READABLE]
            moved.append(driven(model, pixels, faces[0], driver(), seen))
        used += 1
    own, other = mixed_up(model, *photos[:2]) if len(photos) > 1 else (np.zeros(0), np.zeros(0))
    data = f"{used} photos of the validation half, {len(EXPRESSIONS)} expressions and {len(TURNS)} turns each"
    return Report(data, (*_figures(rows), *rows_of(moved, own, other)))


def reader_scale() -> Array:
    """What the detector reads at most of each unit (52,) on the optional data's photos, with no change at all."""
    found = []
    for name in ("photos", "portraits"):
        with np.load(optional_data() / name / "landmarks.npz", allow_pickle=False) as kept:
            most = dict(zip(kept["blendshape_names"].tolist(), kept["blendshapes"].max(0).tolist(), strict=True))
        found.append([most.get(name, 0.0) for name in ARKIT_NAMES])
    return np.max(found, axis=0)


def _of_photo(model: FaceGPT, rig: PhotoRig, scale: Array, names: tuple[str, ...]) -> list[dict[str, float]]:
    before, drawn_before = _read(model, rig.photo, rig), _read(model, drawn_head(rig, rig.params), rig)
    if before is None:
        return []
    own, no_hair = describe_photo(rig.photo, _points68(rig, rig.params)), _no_hair(model, rig)
    rows = [{"identity": float((rig.changed(rig.params).picture != rig.photo).sum())}]
    for name in names:
        weights = EXPRESSIONS[name]
        params = as_shown(rig.params, weights)
        start = time.process_time()
        changed = rig.changed(params)
        row = {"seconds": time.process_time() - start}
        after, drawn = _read(model, changed.picture, rig), _read(model, drawn_head(rig, params), rig)
        if after is not None:
            row |= _units(weights, rig, before, after, scale)
            row[f"read {name}"] = row["read on its scale"]
            if np.abs(before.turn_deg).max() < FACING and "asked on its scale" in row:
                row["asked on its scale, facing"] = row["asked on its scale"]
            row["distance"] = float(np.linalg.norm(describe_photo(changed.picture, _points68(rig, params)) - own))
            if drawn is not None and drawn_before is not None:
                row |= _beside(list(weights), before, after, drawn_before, drawn)
        row["behind"] = _behind(rig, params, changed.picture, no_hair)
        if name == "blink":
            row["strip"] = float(_eye_samples(rig, params) > NO_STRIP)
        rows.append(row)
    for yaw, pitch in TURNS[: len(names) // 3]:
        params = turned(rig.params, yaw, pitch)
        picture = rig.changed(params).picture
        after = _read(model, picture, rig)
        if after is not None:
            off = np.abs(after.turn_deg - before.turn_deg - [yaw, pitch])
            rows.append({"turn": float(off.max()), "behind": _behind(rig, params, picture, no_hair)})
    return rows


def _no_hair(model: FaceGPT, rig: PhotoRig) -> NDArray[np.bool_]:
    """Where (H, W) no hair is, nor comes when the head turns: long hair moves along and is not behind the head."""
    size = rig.photo.shape[:2]
    one = _nearest(model, rig.photo, rig)
    told = None if one is None else looked_at(model, Photo(rig.photo, original_size=size[::-1]), one)
    if one is None or told is None:
        return np.ones(size, bool)
    rows, columns = np.indices(size)
    shown = parts_seen.parts(rig.photo, one.points, told.dense, model.device)
    hair = shown.at(np.column_stack([columns.ravel(), rows.ravel()]))[:, parts_seen.HAIR].reshape(size) > HAIR_SHARE
    return ~maximum_filter(hair, round(HAIR_MOVES * (rig.face.box[3] - rig.face.box[1])) * 2 + 1)


def _behind(rig: PhotoRig, params: FaceParams, picture: Pixels, no_hair: NDArray[np.bool_]) -> float:
    """PSNR, dB, of what lies outside the head and AROUND_HEAD around it, and is no hair; 99 where nothing differs."""
    camera = rig.params.camera
    free = no_hair.copy()
    for vertices in (rig.still.vertices, rig.placed(params)):
        low, high = (f(camera.project(vertices), 0) for f in (np.min, np.max))
        margin = AROUND_HEAD * float(high[1] - low[1])
        x0, y0, x1, y1 = np.clip([*(low - margin), *(high + margin)], 0, max(free.shape)).astype(int)
        free[y0:y1, x0:x1] = False
    if not free.any():
        return float("nan")
    error = float(((picture[free].astype(float) - rig.photo[free]) ** 2).mean())
    return min(99.0, 10 * np.log10(255.0**2 / max(error, 1e-9)))


def _units(weights: dict[str, float], rig: PhotoRig, before: Read, after: Read, scale: Array) -> dict[str, float]:
    asked = [ARKIT_NAMES.index(name) for name in weights]
    change = (np.array(list(weights.values())) - np.asarray(rig.params.expression)[asked]).mean()
    others = [k for k, name in enumerate(ARKIT_NAMES) if k not in asked and not name.startswith("eyeLook")]
    known = [k for k in asked if scale[k] >= READABLE]
    own = {"read on its scale": float("nan")}
    if known:
        wanted = np.array([weights[ARKIT_NAMES[k]] for k in known])
        read = np.minimum(after.detector[known] / scale[known], 1)
        own = {"asked on its scale": abs(float((read - wanted).mean())), "read on its scale": float(read.mean())}
    return own | {
        "asked detector": abs(float((after.detector - before.detector)[asked].mean() - change)),
        "asked dense": abs(float((after.dense - before.dense)[asked].mean() - change)),
        "others": float(np.abs(after.detector - before.detector)[others].mean()),
    }


def _beside(names: list[str], before: Read, after: Read, drawn_before: Read, drawn: Read) -> dict[str, float]:
    asked = [ARKIT_NAMES.index(name) for name in names]
    result = {}
    for reader in ("detector", "dense"):
        photo = (getattr(after, reader) - getattr(before, reader))[asked].mean()
        head = (getattr(drawn, reader) - getattr(drawn_before, reader))[asked].mean()
        result[f"head {reader}"] = abs(float(photo - head))
    return result


def _nearest(model: FaceGPT, pixels: Pixels, rig: PhotoRig) -> Detection | None:
    """The detection of the rig's face in a picture, or None."""
    middle = (rig.face.box[:2] + rig.face.box[2:]) / 2
    found = model.detector.detect(pixels)
    return min(found, key=lambda each: float(np.abs(each.points[:468, :2].mean(0) - middle).sum()), default=None)


def _read(model: FaceGPT, pixels: Pixels, rig: PhotoRig) -> Read | None:
    one = _nearest(model, pixels, rig)
    if one is None:
        return None
    dense = looked_at(model, Photo(pixels, original_size=pixels.shape[1::-1]), one).dense
    turn = np.array(euler_deg_from_rotation(one.rotation)[:2])
    return Read(one.scores, np.zeros(52) if dense is None else np.asarray(dense.expression), turn)


def _points68(rig: PhotoRig, params: FaceParams) -> Array:
    return params.camera.project(rig.model.embedding("ibug68")(rig.placed(params)))


def _eye_samples(rig: PhotoRig, params: FaceParams) -> int:
    image = rig.canvas.draw(rig.placed(params), rig.camera(2), params.lighting)
    kinds = rig.canvas.kinds[np.maximum(image.triangle, 0)]
    return int(((kinds == EYE) & (image.triangle >= 0)).sum()) // 2


def _figures(rows: list[dict[str, float]]) -> list[Row]:
    def of(name: str) -> Array:
        return np.array([row[name] for row in rows if name in row] or [np.nan])

    single = [
        figure(
            f"{name}: read on the detector's own scale, asked {max(weights.values()):g}", of(f"read {name}").mean(), ""
        )
        for name, weights in EXPRESSIONS.items()
        if any(f"read {name}" in row for row in rows)
    ]
    return [
        *single,
        figure("pixels that differ with no change asked", of("identity").max(), "values", at_most=0),
        figure("asked units, detector, off the change asked", of("asked detector").mean(), "", at_most=0.12),
        figure("asked units, dense network, off the change asked", of("asked dense").mean(), "", at_most=0.12),
        figure("asked units, detector, off the drawn head's", of("head detector").mean(), "", at_most=0.12),
        figure("asked units, dense network, off the drawn head's", of("head dense").mean(), "", at_most=0.12),
        figure("asked units, detector's own scale, off those asked", of("asked on its scale").mean(), "", at_most=0.12),
        figure(
            f"the same, faces turned by less than {FACING:g}°",
            of("asked on its scale, facing").mean(),
            "",
            at_most=0.12,
        ),
        figure("other units' change, detector", of("others").mean(), "", at_most=0.1),
        figure("blinks that leave a strip of the eye", of("strip").mean(), "share", at_most=0),
        figure("same person by the recogniser", float((of("distance") < SAME_PERSON).mean()), "share", at_least=0.95),
        figure("behind the head, lowest PSNR", float(np.nanmin(of("behind"))), "dB", at_least=35),
        figure("turns off what was asked, median", float(np.median(of("turn"))), "°", at_most=2.5),
        figure("a still beyond the fit, median", float(np.median(of("seconds"))), "s of a core", at_most=1),
    ]
