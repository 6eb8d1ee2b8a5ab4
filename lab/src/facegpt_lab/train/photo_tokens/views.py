"""What the photo tokens learn from: crops of the studio with exact θ, and people's photos with none.

Each is looked at once by the detector and the landmark network (`PhotoView`) and kept in one file. Of a photo there are
several views, moved, turned, mirrored, recoloured and partly covered; what it must be drawn as is the uncovered crop.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from facegpt.data.images import read_image
from facegpt.detect import geometry as face_geometry
from facegpt.detect.locate import Locator, window_of
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.windows import Photo, Window
from facegpt.encode.dense_landmarks import CROP_PX, DenseLandmarker, crop_window
from facegpt.encode.photo_view import CropGeometry, PhotoView, Placing
from facegpt.language.model.photo_theta import SLICES, CropTheta, deviations
from facegpt.metrics import similarity_transform
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime.progress import Progress
from facegpt.types import Array, Camera, FaceGPTError, FaceParams, ImageError, Pose
from facegpt_lab.train.landmarks.crops import DETECTED_PX, CropStore
from facegpt_lab.train.landmarks.detected_points import FARTHEST_MM, PRESENCE, WINDOW_SD, moved
from facegpt_lab.train.photo_tokens.likeness import SMALL_PX, chip_square_of

#: Side of the pictures that a photo must be drawn as, pixels; faces smaller than this teach nothing.
TARGET_PX, LEAST_FACE_PX = 64, 48.0
_AT_ONCE = 32
_SKIN = 1


@dataclass(frozen=True)
class PhotoExamples:
    """N faces to learn from.

    Attributes:
        view: what the encoder saw.
        truth: (N, K) deviations from the first look and known: (N, K) 1 where there is a truth (none for photos).
        picture: (N, S, S, 3) uint8 sRGB of the crop and skin: (N, S, S) uint8 how surely a pixel shows bare skin
            (0 for the studio's crops, which have a truth instead).
        chip: (N, C, C, 3) uint8 sRGB of what the recognition network is shown (likeness.py; 0 for the studio's).
    """

    view: PhotoView
    truth: Tensor
    known: Tensor
    picture: Tensor
    skin: Tensor
    chip: Tensor

    def __len__(self) -> int:
        return len(self.truth)

    def rows(self, chosen: Tensor | Sequence[int]) -> PhotoExamples:
        """Take some of the faces."""
        index = torch.as_tensor(chosen, dtype=torch.long)
        others = (getattr(self, f.name)[index] for f in fields(self)[1:])
        return PhotoExamples(self.view.rows(index), *others)

    def save(self, path: Path) -> None:
        """Write to one file, whole or not at all."""
        from safetensors.torch import save_file

        own = {f.name: getattr(self, f.name) for f in fields(self)[1:]}
        seen = {f"view.{f.name}": getattr(self.view, f.name).contiguous() for f in fields(self.view)}
        part = path.with_name(path.name + ".part")
        save_file({**{name: value.contiguous() for name, value in own.items()}, **seen}, part)
        part.replace(path)

    @staticmethod
    def load(path: Path) -> PhotoExamples:
        """Read a file of `save`. Raises FaceGPTError if it is damaged."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            found = load_file(path)
            view = PhotoView(*(found[f"view.{f.name}"] for f in fields(PhotoView)))
            return PhotoExamples(view, *(found[f.name] for f in fields(PhotoExamples)[1:]))
        except (OSError, KeyError, SafetensorError) as error:
            raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run again") from None


@dataclass(frozen=True, eq=False)
class Encoder:
    """The networks that look at faces, and the head they speak of."""

    model: MakeHumanHead
    landmarker: DenseLandmarker = field(default_factory=DenseLandmarker)
    networks: FaceNetworks = field(default_factory=FaceNetworks)
    detector: MediaPipeDetector = field(default_factory=MediaPipeDetector)

    def view(self, crops: Array, detected: Array, optical: Array) -> tuple[PhotoView, Array]:
        """Look at crops (B, 3, 128, 128) sRGB 0..1 with points (B, 478, 2); gives skin (B, 32, 32) too."""
        found = self.landmarker.run(crops, detected)
        parts = np.exp(found["parts"] - found["parts"].max(1, keepdims=True))
        grid = found["grid"].reshape(*found["grid"].shape[:2], -1).transpose(0, 2, 1)
        arrays = (
            grid,
            found["points"],
            1 / (1 + np.exp(-found["visible"])),
            detected,
            found["identity"],
            np.exp(found["identity_log_sd"]),
            np.clip(found["expression"], 0, 1),
            optical,
        )
        view = PhotoView(*(torch.from_numpy(np.ascontiguousarray(a, np.float32)) for a in arrays))
        return view, (parts / parts.sum(1, keepdims=True))[:, _SKIN]


def studio_examples(
    samples: Iterable[Mapping[str, Any]], encoder: Encoder, count: int, geometry: CropGeometry, seed: int = 0
) -> PhotoExamples:
    """Look at up to `count` crops of the studio (synthesis.photo_shards.read_photo_shards).

    Raises:
        FaceGPTError: if there are none in which the detector finds the face.
    """
    rng = np.random.default_rng([seed, 11])
    waiting: list[dict[str, Any]] = []
    done: list[PhotoExamples] = []
    found = 0
    with Progress("studio crops", count) as show:
        for sample in samples:
            crop = _studio_crop(sample, encoder, rng)
            if crop is None:
                continue
            waiting.append(crop)
            found += 1
            if len(waiting) == _AT_ONCE or found == count:
                done.append(_studio_batch(waiting, encoder, geometry))
                waiting = []
                show(found)
            if found == count:
                break
    if waiting:
        done.append(_studio_batch(waiting, encoder, geometry))
    if not done:
        raise FaceGPTError("there are no crops to learn from; make some with facegpt synthesize photos")
    return joined(done)


def joined(examples: Sequence[PhotoExamples]) -> PhotoExamples:
    """Put sets of examples behind each other."""
    others = (torch.cat([getattr(e, f.name) for e in examples]) for f in fields(PhotoExamples)[1:])
    return PhotoExamples(PhotoView.joined([e.view for e in examples]), *others)


def _studio_crop(sample: Mapping[str, Any], encoder: Encoder, rng: np.random.Generator) -> dict[str, Any] | None:
    """Let the detector look at a crop and move the network's window in it; None where the face is not found."""
    image = np.ascontiguousarray(sample["image"])
    found = np.asarray(sample[DETECTED_PX] if DETECTED_PX in sample else _detected(image, sample, encoder, rng))
    if np.isnan(found).any():
        return None
    corner = rng.integers(0, image.shape[0] - CROP_PX + 1, 2)
    middle = corner + (CROP_PX - 1) / 2
    x, y = corner
    crop = image[y : y + CROP_PX, x : x + CROP_PX].transpose(2, 0, 1) / np.float32(255)
    return {"crop": crop, "detected": (found[:, :2] - middle) / (CROP_PX / 2), "middle": middle, "sample": sample}


def _detected(image: NDArray[np.uint8], sample: Mapping[str, Any], encoder: Encoder, rng: np.random.Generator) -> Array:
    """Find the detector's points (478, 2) in a crop, looking near the true place; NaN where it sees no face."""
    points = np.asarray(sample["points_px"], np.float64)
    locator = Locator(Photo(image), encoder.networks, PRESENCE, 1.0, refine=False, flip=False)
    found, presence = locator.landmarks(moved(window_of(points[:478]), rng, WINDOW_SD))
    off_mm = np.linalg.norm(found[:468, :2] - points[:468], axis=1).mean() / float(sample["px_per_mm"])
    return np.asarray(found[:, :2]) if presence >= PRESENCE and off_mm <= FARTHEST_MM else np.full((478, 2), np.nan)


def with_detections(samples: Iterable[Mapping[str, Any]], decoded: Path) -> Iterator[dict[str, Any]]:
    """Join the studio's samples with what the detector found in them in a run of `facegpt train landmarks`.

    Raises:
        FaceGPTError: if the folder of that run's crops is of other samples.
    """
    store = CropStore(decoded)
    for row, sample in enumerate(samples):
        if row >= len(store):
            return
        if not np.allclose(store.arrays["points_px"][row], sample["points_px"], atol=1e-3):
            raise FaceGPTError(f"'{decoded}' was not decoded from these crops: row {row} shows another face")
        yield {**sample, DETECTED_PX: store.arrays[DETECTED_PX][row]}


def _studio_batch(crops: Sequence[dict[str, Any]], encoder: Encoder, geometry: CropGeometry) -> PhotoExamples:
    samples = [crop["sample"] for crop in crops]
    middles = np.stack([crop["middle"] for crop in crops])
    optical = (np.stack([s["principal_px"] for s in samples]) - middles) / (CROP_PX / 2)
    view, _ = encoder.view(np.stack([c["crop"] for c in crops]), np.stack([c["detected"] for c in crops]), optical)
    theta = _truths(samples, view.optical, encoder.model, geometry)
    truth = deviations(theta, view, geometry.place(view))
    known = torch.ones_like(truth)
    known[:, SLICES["albedo"]] = (theta.albedo != 0).any(1, keepdim=True).float()  # skins of photos have no numbers
    known[:, SLICES["pose"].start + 6] = 0.5  # the distance hardly shows
    empty = torch.zeros(len(crops), TARGET_PX, TARGET_PX, dtype=torch.uint8)
    chip = torch.zeros(len(crops), SMALL_PX, SMALL_PX, 3, dtype=torch.uint8)
    return PhotoExamples(view, truth, known, empty[..., None].repeat(1, 1, 1, 3), empty, chip)


def _truths(
    samples: Sequence[Mapping[str, Any]], optical: Tensor, model: MakeHumanHead, geometry: CropGeometry
) -> CropTheta:
    """Say the studio's labels as θ without joints: a turned neck becomes a turned pose."""
    stacked = {
        name: torch.from_numpy(np.stack([np.asarray(s[name], np.float32) for s in samples]))
        for name in ("identity", "expression", "albedo", "lighting")
    }
    focal = torch.tensor([float(s["focal_px"]) / (CROP_PX / 2) for s in samples])
    rest = geometry.points(stacked["identity"], stacked["expression"]).double().numpy()
    rotations, anchors = [], []
    embedding = model.embedding("dense")
    for sample, own in zip(samples, rest, strict=True):
        params = _params(sample, model)
        placed = params.pose.apply(embedding(head_vertices(model, params)))
        _, rotation, shift = similarity_transform(own[:468], placed[:468], scale=False)
        rotations.append(rotation)
        anchors.append(rotation @ geometry.anchor.double().numpy() + shift)
    middle = torch.from_numpy(np.stack(anchors)).float()
    depth = middle[:, 2]
    centre = middle[:, :2] / depth[:, None] * focal[:, None] + optical
    turn = torch.from_numpy(np.stack(rotations)).float()
    return CropTheta(
        stacked["identity"],
        stacked["expression"],
        Placing(turn, centre, (focal / depth).log(), depth.log()),
        optical,
        stacked["albedo"],
        stacked["lighting"],
    )


def _params(sample: Mapping[str, Any], model: MakeHumanHead) -> FaceParams:
    return FaceParams(
        model_id=model.model_id,
        identity=sample["identity"],
        expression=sample["expression"],
        joints=sample["joints"],
        pose=Pose(np.asarray(sample["rotation"], np.float64), np.asarray(sample["translation"], np.float64)),
        albedo=sample["albedo"],
        lighting=sample["lighting"],
        camera=Camera(1.0, (0.0, 0.0), 1, 1),
    )


def photo_examples(path: Path, encoder: Encoder, views: int, rng: np.random.Generator) -> PhotoExamples:
    """Look at the faces of somebody's photo, each `views` times.

    Raises:
        ImageError: if it cannot be read, or shows no face that is large enough.
    """
    pixels = read_image(path).pixels
    faces = [f for f in encoder.detector.detect(pixels) if np.ptp(f.points[:, :2], 0).max() >= LEAST_FACE_PX]
    if not faces:
        raise ImageError(f"'{path.name}' shows no face that is large enough")
    return joined([_seen(Photo(pixels), face.points, encoder, views, rng) for face in faces])


def _seen(photo: Photo, points: Array, encoder: Encoder, views: int, rng: np.random.Generator) -> PhotoExamples:
    """Look at one face several times: the first time as it is in use, then changed at random."""
    drawn = [_draw_view(photo, points, rng, plain=k == 0) for k in range(views)]
    stacked = {name: np.stack([d[name] for d in drawn]) for name in drawn[0]}
    _, skin = encoder.view(stacked["plain"], stacked["detected"], stacked["optical"])
    view, _ = encoder.view(stacked["crop"], stacked["detected"], stacked["optical"])
    step = CROP_PX // TARGET_PX
    small = stacked["plain"].reshape(views, 3, TARGET_PX, step, TARGET_PX, step).mean((3, 5)).transpose(0, 2, 3, 1)
    cells = TARGET_PX // skin.shape[1]
    sure = np.kron(skin, np.ones((1, cells, cells))) * stacked["inside"]
    truth = torch.zeros(views, SLICES["light"].stop)
    return PhotoExamples(
        view,
        truth,
        torch.zeros_like(truth),
        torch.from_numpy(np.round(small * 255).astype(np.uint8)),
        torch.from_numpy(np.round(sure * 255).astype(np.uint8)),
        torch.from_numpy(np.round(stacked["chip"].transpose(0, 2, 3, 1) * 255).astype(np.uint8)),
    )


def _draw_view(photo: Photo, points: Array, rng: np.random.Generator, plain: bool) -> dict[str, Array]:
    """Cut a crop: moved, turned, mirrored, recoloured; "crop" is "plain" with something in front of it, at times."""
    spread = (0.0,) * 4 if plain else (0.05, 0.05, 0.06, 0.06)
    dx, dy, size, turn = rng.normal(0, spread)
    window = crop_window(points, (dx, dy, float(np.exp(size)), turn))
    crop = photo.crop(window, CROP_PX, repeat_border=True)
    detected, optical = _units(window, points[:, :2]), _units(window, np.array([photo.width - 1, photo.height - 1]) / 2)
    inside = _inside(window, photo)
    chip = photo.crop(_chip_window(window, detected), SMALL_PX, repeat_border=True)
    if not plain:
        if rng.random() < 0.5:
            crop, inside, chip = crop[:, :, ::-1].copy(), inside[:, ::-1].copy(), chip[:, :, ::-1]
            detected = detected[face_geometry.canonical_face().mirror] * (-1, 1)
            optical = optical * (-1, 1)
        gain = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.06, 3))[:, None, None]
        crop, chip = (np.clip(seen * gain, 0, 1).astype(np.float32) for seen in (crop, chip))
    covered = crop if plain else _covered(crop, rng)
    return {"plain": crop, "crop": covered, "chip": chip, "detected": detected, "optical": optical, "inside": inside}


def _chip_window(window: Window, detected: Array) -> Window:
    """The window of the photo that is the chip of a crop."""
    x, y, side = chip_square_of(detected)
    middle = window.to_photo((x / 2 + 0.5, y / 2 + 0.5))
    return Window(float(middle[0]), float(middle[1]), side * window.side / 2, window.roll_rad)


def _units(window: Window, points: Array) -> Array:
    flat = np.reshape(points, (-1, 2)) - (window.x, window.y)
    return np.asarray(np.linalg.solve(window.axes(), flat.T).T * 2).reshape(np.shape(points))


def _inside(window: Window, photo: Photo) -> Array:
    """Which of the target's pixels lie in the photo: (S, S)."""
    middle = (np.arange(TARGET_PX) + 0.5) / TARGET_PX
    places = window.to_photo(np.stack(np.meshgrid(middle, middle), -1))
    inside = (places >= 0) & (places <= (photo.width - 1, photo.height - 1))
    return np.asarray(inside.all(-1), np.float64)


def _covered(crop: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Put a plain or noisy bar in front of a crop, blur it, or compress it; each now and then."""
    out = crop.copy()
    if rng.random() < 0.3:
        x, y = rng.integers(0, CROP_PX, 2)
        w, h = rng.integers(10, 50, 2)
        noise = rng.normal(0, 0.1, out[:, y : y + h, x : x + w].shape)
        out[:, y : y + h, x : x + w] = np.clip(rng.random((3, 1, 1)) + noise, 0, 1)
    if rng.random() < 0.3:
        picture = Image.fromarray(np.round(out.transpose(1, 2, 0) * 255).astype(np.uint8))
        buffer = io.BytesIO()
        small = int(CROP_PX / rng.uniform(1, 2.5))
        picture.resize((small, small), Image.Resampling.BOX).save(buffer, "JPEG", quality=int(rng.integers(30, 90)))
        again = Image.open(buffer).convert("RGB").resize((CROP_PX, CROP_PX), Image.Resampling.BICUBIC)
        out = np.asarray(again, np.float32).transpose(2, 0, 1) / np.float32(255)
    return out
