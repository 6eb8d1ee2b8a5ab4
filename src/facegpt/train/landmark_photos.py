"""Real photos as training crops, without anybody's labels: a head fitted to a photo says where its points lie.

Each face is fitted by landmarks and then by the photo's own pixels through the renderer (fitting/photo_fit.py); fits
that the photo does not bear out are dropped. Identity and expression are those of the fit: drawn towards the mean, so
narrower than the truth that renders have.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facegpt.data.images import read_image
from facegpt.detect.base import Detector
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.detect.windows import Photo
from facegpt.encode.base import Landmarker
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.fitting import FitError, fit_landmarks, fit_photo
from facegpt.morphable import makehuman
from facegpt.morphable.makehuman import MakeHumanHead
from facegpt.progress import Progress
from facegpt.train.landmark_photo_labels import Labels, photo_crop
from facegpt.train.landmarks_crops import DETECTED_PX, CropStore, write_crops
from facegpt.types import FaceGPTError, ImageError

#: Says of each row which photo it shows and how far its fit is trusted; and how many faces were dropped.
ROWS_FILE = "photos.json"
#: The figures by which a fit is trusted.
FIGURES = ("agreement", "confidence", "detector_mm", "face_px", "yaw_deg")


@dataclass(frozen=True)
class Trust:
    """Which fits are labels.

    Attributes:
        agreement: least share of the face whose colours agree with the fitted model.
        confidence: least probability that the fit is right within 3 mm on average (fitting/confidence.py).
        detector_mm: at most so far may the fitted points lie from the detector's, mean in mm: further off one of them
            has lost the face.
        face_px: least side of the face's box in the photo: a crop that is blown up teaches nothing.
    """

    agreement: float = 0.25
    confidence: float = 0.5
    detector_mm: float = 4.0
    face_px: float = 64.0

    def accepts(self, figures: dict[str, float]) -> bool:
        """Tell by its figures whether a face's labels are to be trusted."""
        enough = all(figures[name] >= getattr(self, name) for name in ("agreement", "confidence", "face_px"))
        return enough and figures["detector_mm"] <= self.detector_mm


@dataclass(frozen=True, eq=False)
class PhotoReader:
    """What finds and fits the faces of photos. The network looks at each face and its mirror image."""

    head: MakeHumanHead = field(default_factory=makehuman.load)
    detector: Detector = field(default_factory=MediaPipeDetector)
    landmarker: Landmarker = field(default_factory=DenseLandmarker)

    def faces(self, path: Path, quality: str) -> Iterator[Labels]:
        """Fit every face of a photo and give its crop with labels. quality: "fast" fits no colours."""
        photo = read_image(path)
        height, width = photo.pixels.shape[:2]
        for detection in self.detector.detect(photo.pixels):
            dense = self.landmarker.predict(photo.pixels, detection)
            try:
                if quality == "fast":
                    fit = fit_landmarks(self.head, detection, width, height, photo.focal_px, dense)
                else:
                    fit = fit_photo(self.head, detection, photo.pixels, photo.focal_px, dense)
            except FitError:
                continue
            labels = photo_crop(Photo(photo.pixels), detection, dense, self.head, fit.params)
            agreement = fit.info.get("agreement", 1.0)
            yield {**labels, "agreement": agreement, "confidence": fit.confidence.get("face", 0.0)}


def write_photo_crops(
    photos: Sequence[Path],
    folder: Path,
    quality: str = "balanced",
    trust: Trust = Trust(),
    reader: PhotoReader | None = None,
) -> CropStore:
    """Make a folder of training crops from photos; one that is complete is only opened, a stopped run goes on.

    Args:
        photos: files; those that cannot be read are named on stderr and left out.
        folder: made if need be. Beside the arrays of the studio's crops it gets DETECTED_PX and ROWS_FILE.
        quality: "balanced" fits the photo's colours, "fast" its points only.
        trust: which faces are kept.
        reader: what finds and fits faces; by default that of the package.

    Raises:
        FaceGPTError: if no face can be trusted.
    """
    if quality not in ("fast", "balanced"):
        raise FaceGPTError(f"quality is 'fast' or 'balanced' for training crops, not '{quality}'")
    fits = folder / "fits"
    if (folder / "crops.json").is_file() and DETECTED_PX in (store := CropStore(folder)).arrays:
        return store
    fits.mkdir(parents=True, exist_ok=True)
    with Progress("photos", len(photos)) as show:
        found = _fit_all(photos, fits, quality, reader or PhotoReader(), show)
        kept = [face for face in found if trust.accepts(face.figures)]
        show.note(f"{len(kept)} of {len(found)} faces are trusted, {len(found) - len(kept)} were dropped")
    if not kept:
        raise FaceGPTError(
            f"none of the {len(found)} faces in {len(photos)} photos is fitted well enough to learn from"
        )
    rows = [{"photo": face.photo.name, **face.figures} for face in kept]
    told = {"faces": len(found), "dropped": len(found) - len(kept), "quality": quality, "rows": rows}
    (folder / ROWS_FILE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    store = write_crops((face.labels() for face in kept), folder, len(kept))
    store.add(folder, DETECTED_PX, np.stack([face.labels()[DETECTED_PX] for face in kept]))
    shutil.rmtree(fits, ignore_errors=True)
    return store


@dataclass(frozen=True)
class _Fitted:
    """One face of a photo: where its labels lie, and the figures that decide whether they are trusted."""

    photo: Path
    file: Path
    number: int
    figures: dict[str, float]

    def labels(self) -> Labels:
        with np.load(self.file, allow_pickle=False) as arrays:
            return {name: arrays[name][self.number] for name in arrays.files}


def _fit_all(photos: Sequence[Path], fits: Path, quality: str, reader: PhotoReader, show: Progress) -> list[_Fitted]:
    """Fit the faces of all photos, those left that were fitted by a run before."""
    found = []
    for done, path in enumerate(photos, 1):
        try:
            file = _fitted(path, fits, quality, reader)
        except ImageError as error:
            show.note(f"left out: {error}")
            continue
        with np.load(file, allow_pickle=False) as arrays:
            columns = {name: arrays[name].tolist() for name in FIGURES} if arrays.files else {}
        for number in range(len(columns.get(FIGURES[0], ()))):
            found.append(_Fitted(path, file, number, {name: columns[name][number] for name in FIGURES}))
        show(done)
    return found


def _fitted(path: Path, folder: Path, quality: str, reader: PhotoReader) -> Path:
    """Fit a photo's faces into a file of their own, unless it is there from before; whole or not at all."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"'{path}' cannot be read ({error})") from None
    file = folder / f"{hashlib.sha256(content + quality.encode()).hexdigest()[:24]}.npz"
    if not file.is_file():
        faces = list(reader.faces(path, quality))
        part = file.with_suffix(".part.npz")
        columns: Labels = {name: np.stack([face[name] for face in faces]) for name in (faces[0] if faces else ())}
        np.savez(part, **columns)
        os.replace(part, file)
    return file
