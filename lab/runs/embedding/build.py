"""Build the points of photos on the default head (about two minutes): `python -m lab.runs.embedding.build DATA_FOLDER`.

DATA_FOLDER holds `photos` and `portraits` (CC0 pictures with landmarks.npz); only those marked "training" in
photo_split.csv are used. First the canonical face is bent onto the mean head, then each point is moved to where the
package's own detector sees it on real faces, and dropped on the skin again; lid points go to the margins. Run it anew
whenever the head changes.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from facegpt.assets import FOLDER, register
from facegpt.detect.geometry import canonical_face
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.fitting.embedded import embed_points
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import LandmarkEmbedding
from facegpt_lab.assets import PHOTO_SPLIT
from lab.runs.embedding.canonical import first_embedding, own_ibug68, skin_triangles, with_brows
from lab.runs.embedding.from_photos import LOWER_UNITS, UPPER_UNITS, Seen, calm, mean_offsets_mm, residuals_mm
from lab.runs.embedding.lids import on_lid_margins
from lab.runs.embedding.surface import closest_on_surface
from lab.runs.shared.surface import vertex_normals

ASSET = "makehuman_mediapipe478.npz"
ROUNDS = 4
#: Faces whose points lie further than this from the posed mean head, mm (median), are no use.
WORST_MM = 5.0
#: Height in the head frame above which a point belongs to the upper face, mm.
UPPER_FACE_MM = -5.0
#: Strength of the spring that keeps an offset small, in faces.
SPRING = 0.5


def training_pictures(data: Path) -> list[Path]:
    """List the pictures of the training half."""
    with PHOTO_SPLIT.open(encoding="utf-8") as file:
        return [data / row["name"] for row in csv.DictReader(file) if row["split"] == "training"]


def detect_all(pictures: list[Path]) -> Seen:
    """Run the package's detector; of several faces the largest counts."""
    detector = MediaPipeDetector()
    points, scores, sizes = [], [], []
    for path in pictures:
        image = np.asarray(Image.open(path).convert("RGB"))
        faces = detector.detect(image)
        if faces:
            points.append(faces[0].points[:, :2])
            scores.append(faces[0].scores)
            sizes.append(image.shape[1::-1])
    return Seen(np.array(points), np.array(scores), np.array(sizes, float))


def improved(model: MorphableModel, embedding: LandmarkEmbedding, seen: Seen) -> LandmarkEmbedding:
    """Move the skin points of an embedding to where they are seen on average, and drop them on the skin."""
    mean = np.asarray(model.mean_vertices, np.float64)
    corners, weights = embedding.corners[:SURFACE], embedding.weights[:SURFACE]
    points = embed_points(model, LandmarkEmbedding("skin", corners, weights))
    left, views = residuals_mm(points, seen)
    upper, lower = calm(seen.scores, UPPER_UNITS), calm(seen.scores, LOWER_UNITS)
    use = np.where((points.mean[:, 1] > UPPER_FACE_MM)[None], upper[:, None], lower[:, None])
    use &= np.isfinite(left).all(2) & (np.nanmedian(np.linalg.norm(left, axis=2), axis=1) < WORST_MM)[:, None]
    offsets = mean_offsets_mm(left, views, use, np.tile(SPRING * np.eye(3), (SURFACE, 1, 1)))
    offsets = 0.5 * (offsets + offsets[canonical_face().mirror[:SURFACE]] * (-1, 1, 1))
    normals = np.einsum("lcx,lc->lx", vertex_normals(mean, model.triangles)[corners], weights)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    found, shares, _ = closest_on_surface(points.mean + offsets, mean, skin_triangles(model), normals)
    moved, remaining = np.linalg.norm(offsets, axis=1).mean(), np.nanmedian(np.linalg.norm(left, axis=2))
    print(f"moved by {moved:.2f} mm; {remaining:.2f} mm left")
    return LandmarkEmbedding(
        embedding.name,
        np.concatenate([found, embedding.corners[SURFACE:]]).astype(np.int32),
        np.concatenate([shares, embedding.weights[SURFACE:]]).astype(np.float32),
    )


def main() -> None:
    """Build, save and register the asset."""
    model = makehuman.load()
    seen = detect_all(training_pictures(Path(sys.argv[1])))
    print(len(seen.points), "faces")
    embedding = first_embedding(model)
    for _ in range(ROUNDS):
        embedding = improved(model, embedding, seen)
    embedding = on_lid_margins(model, embedding)
    ibug68 = with_brows(own_ibug68(model), embedding)
    part = FOLDER / f"part-{ASSET}"
    np.savez(
        part,
        corners=embedding.corners,
        weights=embedding.weights,
        sigma_mm=part_sigma_mm().astype(np.float32),
        ibug68_corners=ibug68.corners.astype(np.uint16),
        ibug68_weights=ibug68.weights.astype(np.float32),
    )
    part.replace(FOLDER / ASSET)
    print(ASSET, register(ASSET))


if __name__ == "__main__":
    main()
