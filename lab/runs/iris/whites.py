"""What whites of eyes have beside the head model's: `python -m lab.runs.iris.whites`.

Heads are fitted to the training half of the photos and portraits; the whites that the detector's points leave open are
compared with the model's, in the skin's light and under the same lids. Faces whose whites are far off (dark glasses,
eyes in shadow) are left out. Prints USUAL, NASAL and TEMPORAL of appearance/eyes_and_teeth/usual_whites.py, and by how
much people differ. Needs FACEGPT_DATA; about 10 minutes of a core.
"""

from __future__ import annotations

import numpy as np

from facegpt.api import load
from facegpt.appearance.eyes_and_teeth.usual_whites import POLAR_DEG
from facegpt.appearance.eyes_and_teeth.whites import seen_whites
from facegpt.appearance.hiding import Hiding
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.resolution import iris_resolution
from facegpt.data.images import read_image
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.validation_photos import photos_of, read_photo

#: Log units of brightness and of hue from which on whites are something else.
FARTHEST, FARTHEST_HUE = 1.3, 0.6


def whites_of(name: str) -> tuple[Array, Array, Array] | None:
    """What `seen_whites` says of one photo."""
    model = load()
    seen = next(iter(faces_seen(model, read_image(read_photo(name)))), None)
    if seen is None or np.ptp(seen.photo.pixels.astype(int), axis=2).mean() < 3:
        return None
    try:
        face = bald_head(model, seen, "balanced")[0]
    except FaceGPTError:
        return None
    image, params = iris_resolution(seen.photo.pixels, face.params)
    hides = Hiding(face.params.camera, seen.dense, seen.parts)
    return seen_whites(image, pose_head(model.head, params), model.head, face.params.lighting, hides)


def main() -> None:
    """Read all, and print."""
    faces = [found for name, _ in photos_of("training") if (found := whites_of(name)) is not None]
    levels = np.array([np.median(apart, axis=0) for apart, _, _ in faces])
    hues = levels - levels.mean(1, keepdims=True)
    usual = (np.abs(levels.mean(1)) < FARTHEST) & (np.abs(hues).max(1) < FARTHEST_HUE)
    print(f"{usual.sum()} of {len(faces)} faces; mean {levels[usual].mean(0).round(2)}, SD of brightness")
    print(f"{levels[usual].mean(1).std():.2f}, of hue {hues[usual].std(0).round(2)}")
    kept = [(faces[k][0] - levels[k], *faces[k][1:]) for k in np.flatnonzero(usual)]
    apart, polar_deg, inward = (np.concatenate([one[part] for one in kept]) for part in range(3))
    edges = [0.0, *(np.add(POLAR_DEG[1:], POLAR_DEG[:-1]) / 2), 90.0]
    for side, here in (("NASAL", inward > 0.75), ("TEMPORAL", inward < 0.25)):
        for low, high, angle in zip(edges, edges[1:], POLAR_DEG, strict=False):
            bin_ = here & (polar_deg >= low) & (polar_deg < high)
            if bin_.any():
                print(side, angle, bin_.sum(), np.median(apart[bin_], axis=0).round(2))


if __name__ == "__main__":
    main()
