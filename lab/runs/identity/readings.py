"""What the networks say of faces: `python -m lab.runs.identity.readings studio|photos|ict FILE [FIRST COUNT]`.

studio: PHOTOS pictures of each of COUNT people from number FIRST on, who keep shape, skin, eyes and hair while all else
differs. Seven in ten have a smooth displacement of the whole head that no mode of the model is (`field`): people
outside differ from our heads in more than the modes. Their target is the nearest identity. The detector's networks look
at the face where the truth has it, its window a little off: its search is most of the time, and is no matter here.
Two pictures of each are looked at once more, one made small and one with a part of the face covered: how much less is
to be believed there, `doubt.py` learns; `fit.py` takes the pictures as they are.
photos: the training half of `photo_split.csv` and views of it. ict: path-traced heads of the tuning seeds
(lab/runs/landmarks/ict_tuning.py), at FOLDER = FILE's folder/ict. Both say only how far their descriptors lie from the
studio's as a whole. Needs FACEGPT_DATA for the last two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.locate import Locator, window_of
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.detect.windows import Photo
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.identity import IdentityReader, evidence
from facegpt.encode.recognition import FaceRecognition
from facegpt.morphable.base import face_region
from facegpt.types import Array, Detection
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.judges.distortions import resized
from facegpt_lab.evaluate.protocols.person import same_person
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.evaluate.validation_photos import read_photo
from facegpt_lab.synthesis.studio import studio_head
from facegpt_lab.synthesis.studio.sample import StudioPhoto, StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import draw_scene

FIRST_SEED, SIDE_PX, PHOTOS, TRIED = 700_000_000, 320, 4, 7
SETTINGS = StudioSettings("photo", SIDE_PX)
#: How many people have a field, the RMS of one in mm, and the ridge (per vertex, mm²) of its nearest identity.
WIDER, FIELD_MM, RIDGE_MM2 = 0.7, (0.2, 1.6), 0.003
#: Points further off than this share of the face's width are of no face.
LOST = 0.12
#: How a picture was made harder: not, small, covered. Faces of small ones are so many pixels wide; a straight cover
#: leaves this share of the face's box.
PLAIN, SMALL, COVERED = range(3)
SMALL_PX, LEFT_FREE = (15.0, 90.0), (0.3, 0.8)


class Looker:
    """The networks that look at a face."""

    def __init__(self) -> None:
        self.detector, self.landmarker = MediaPipeDetector(), DenseLandmarker()
        none = np.zeros((1, 1))
        self.reader = IdentityReader(none, none, none, none, none, FaceRecognition())

    def row(self, image: NDArray[np.uint8], detection: Detection) -> dict[str, Array]:
        """What they say of one face."""
        dense = self.landmarker.predict(image, detection)
        return {
            "said": np.asarray(dense.identity),
            "said_sd": np.asarray(dense.identity_sd),
            "descriptor": self.reader.describe(image, detection),
            "evidence": evidence(detection, dense),
        }

    def found(self, photo: StudioPhoto, rng: np.random.Generator) -> Detection | None:
        """The face where the truth has it, by the careful or the quick detector; None where they see none."""
        true = photo.points_px[:478].astype(float)
        detector = self.detector if rng.random() < 0.5 else self.detector.quick
        settings = detector.settings
        window = window_of(np.column_stack([true, np.zeros(len(true))]))
        dx, dy, grown, turned = rng.normal(0, (0.03, 0.03, 0.08, 0.08))
        window = replace(
            window,
            x=window.x + dx * window.side,
            y=window.y + dy * window.side,
            side=window.side * np.exp(grown),
            roll_rad=window.roll_rad + turned,
        )
        passes = (settings.refine, settings.flip)
        locator = Locator(Photo(photo.image), detector._networks, settings.presence, settings.most_doubt, *passes)
        face = locator.place(window, "truth")
        if face is None or face.doubt > settings.most_doubt:
            return None
        off = np.linalg.norm(face.points[:468, :2] - true[:468], axis=1).mean()
        return None if off > LOST * np.ptp(true[:, 0]) else detector._detection(face)


class Wider:
    """The studio's head with a displacement that the people of the model do not have."""

    def __init__(self) -> None:
        self.mean, self.region = head().mean_vertices.astype(float), face_region(head())
        self.basis = head().identity_basis[:, self.region].reshape(head().sizes.identity, -1).astype(float)
        self.now: Array | None = None
        plain = studio_head.StudioHead.neutral

        def neutral(studio: Any, identity: Array) -> Array:
            own = plain(studio, identity)
            return own if self.now is None else own + self.now

        studio_head.StudioHead.neutral = neutral  # type: ignore[method-assign]

    def field(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Bumps of 15 to 60 mm radius all over the face, nearly symmetric: (V, 3) mm."""
        out, flip = np.zeros_like(self.mean), np.array([-1.0, 1.0, 1.0])
        for _ in range(rng.integers(3, 9)):
            centre = self.mean[self.region[rng.integers(len(self.region))]]
            radius = np.exp(rng.uniform(np.log(15), np.log(60)))
            way = rng.normal(0, 1, 3) * (0.7, 0.7, 1.0)
            other = 1 - abs(np.tanh(rng.normal())) if rng.random() < 0.2 else 1.0
            for at, move in ((centre, way), (centre * flip, way * flip * other)):
                out += np.exp(-((self.mean - at) ** 2).sum(1) / (2 * radius**2))[:, None] * move
        size = np.sqrt((out[self.region] ** 2).sum(1).mean())
        return (out * rng.uniform(*FIELD_MM) / size).astype(np.float32)

    def nearest(self, field: Array) -> Array:
        """The identity (I,) that a field is most like."""
        ridge = RIDGE_MM2 * len(self.region) * np.eye(len(self.basis))
        return np.linalg.solve(self.basis @ self.basis.T + ridge, self.basis @ field[self.region].reshape(-1))


def harder(photo: StudioPhoto, kind: int, rng: np.random.Generator) -> StudioPhoto:
    """A picture made small, or with a straight cover of any colour over a part of the face."""
    points = photo.points_px.astype(float)
    low, high = points[:468].min(0), points[:468].max(0)
    if kind == SMALL:
        factor = min(np.exp(rng.uniform(*np.log(SMALL_PX))) / (high - low)[0], 1.0)
        flat = np.column_stack([points, np.zeros(len(points))])
        image, moved = resized(photo.image, flat, factor)
        return replace(photo, image=image, points_px=moved[:, :2])
    way = rng.normal(0, 1, 2)
    way /= np.linalg.norm(way)
    along = (np.stack(np.meshgrid(*map(np.arange, photo.image.shape[1::-1])), -1) - (low + high) / 2) @ way
    reach = np.abs(way) @ (high - low) / 2
    image = photo.image.copy()
    hidden = along > reach * (2 * rng.uniform(*LEFT_FREE) - 1)
    grain = rng.normal(0, rng.uniform(0, 12), (int(hidden.sum()), 1))
    image[hidden] = np.clip(rng.integers(0, 256, 3) + grain, 0, 255).astype(np.uint8)
    return replace(photo, image=image)


def studio(first: int, count: int) -> Iterator[dict[str, Any]]:
    """People of the studio, photo by photo."""
    looker, wider = Looker(), Wider()
    for person in range(first, first + count):
        rng, seed = np.random.default_rng([person, 99]), FIRST_SEED + 100 * person
        known, target = draw_scene(seed, "photo", SIDE_PX), None
        wider.now = wider.field(rng) if rng.random() < WIDER else None
        target = known.identity.astype(float) + (0 if wider.now is None else wider.nearest(wider.now))
        got = 0
        for number in range(seed, seed + TRIED):
            scene = same_person(draw_scene(number, "photo", SIDE_PX), known)
            upright = replace(scene.framing, roll_deg=float(np.clip(scene.framing.roll_deg, -25, 25)))
            photo = photograph(replace(scene, framing=upright), SETTINGS)
            detection = looker.found(photo, rng)
            if detection is None:
                continue
            known_of = {"person": person, "target": target, "wide": wider.now is not None, "seed": number}
            yield looker.row(photo.image, detection) | known_of | {"kind": PLAIN}
            got += 1
            if got <= COVERED:
                hard = harder(photo, got, rng)
                detection = looker.found(hard, rng)
                if detection is not None:
                    yield looker.row(hard.image, detection) | known_of | {"kind": got}
            if got == PHOTOS:
                break


def photos() -> Iterator[dict[str, Any]]:
    """The training half of the photos and portraits."""
    import csv

    looker = Looker()
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["split"] == "training"]
    for name in names:
        image = read_photo(name)
        for detection in looker.detector.detect(image)[:1]:
            yield looker.row(image, detection)


def ict(folder: Path) -> Iterator[dict[str, Any]]:
    """Path-traced heads of another model, as lab/runs/landmarks/ict_tuning.py makes them."""
    looker = Looker()
    for file in sorted(folder.glob("*.npz")):
        with np.load(file, allow_pickle=False) as arrays:
            image = arrays["image"]
        for detection in looker.detector.detect(image)[:1]:
            yield looker.row(image, detection)


def main() -> None:
    """Write the readings of one kind."""
    kind, file = sys.argv[1], Path(sys.argv[2])
    first, count = (int(word) for word in (sys.argv[3:5] if len(sys.argv) > 4 else ("0", "800")))
    rows = list(
        {"studio": lambda: studio(first, count), "photos": photos, "ict": lambda: ict(file.parent / "ict")}[kind]()
    )
    np.savez(file, **{key: np.stack([np.asarray(row[key]) for row in rows]) for key in rows[0]})
    print(f"{len(rows)} faces")


if __name__ == "__main__":
    main()
