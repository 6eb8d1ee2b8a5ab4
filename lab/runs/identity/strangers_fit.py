"""What another head model teaches the reader: `python -m lab.runs.identity.strangers_fit STRANGERS STUDIO PHOTOS`.

STRANGERS: readings of strangers.py; STUDIO: of readings.py, people whom `fit.py` has not seen; PHOTOS: of readings.py.
A ridge regression of what the reader leaves open of strangers, on the same features, corrects its weights. On pictures
of the studio, where the reader is right, and on photos as a whole the correction must say nothing; neither must it on
the mean stranger, whose head is not the population's. It is written into `networks/identity.npz`; the covariance stays.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from facegpt.assets import FOLDER, load_arrays, register
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.identity import ASSET
from facegpt.metrics import similarity_transform
from facegpt.morphable.base import face_region
from facegpt.types import Array
from facegpt_lab.evaluate.judges.ict_points import points_on_ict
from facegpt_lab.evaluate.several.photographed import ict_head
from facegpt_lab.evaluate.shared_networks import head

#: Ridge, how much a studio's picture counts beside a stranger's, and how much the mean photo; the ridge of targets.
RIDGE, STUDIO, PHOTO_MEAN, TARGET_RIDGE = 60.0, 1.0, 100.0, 0.5
#: Folds by portrait, for what is said of strangers in skins that taught nothing.
FOLDS = 5


class Shapes:
    """Where our head's dense points lie on a face, and what a similarity leaves of their moves."""

    def __init__(self) -> None:
        model, own = head(), head().embedding("dense")
        on_ict = points_on_ict(model, ict_head(), "dense")
        mean, region = own(np.asarray(model.mean_vertices, np.float64)), face_region(model)
        near = np.isin(own.corners, region).all(1)
        self.mean, basis = mean[near], own(model.identity_basis.astype(np.float64))[:, near]
        corners, weights = on_ict.corners[near], on_ict.weights[near]
        at = [np.einsum("...pkc,pk->...pc", one[..., corners, :], weights) for one in self._ict()]
        self.ict_mean, self.ict_basis = at
        offset = self.mean - self.mean.mean(0)
        turns = np.stack([np.cross(axis, offset) for axis in np.eye(3)], -1)
        similar = np.concatenate([np.broadcast_to(np.eye(3), turns.shape), turns, offset[..., None]], 2)
        self.similar = np.linalg.qr(similar.reshape(-1, 7))[0]
        self.moves = self.without_similarity(basis.reshape(len(basis), -1).T)
        self.mm2 = self.moves.T @ self.moves / len(self.mean)

    @staticmethod
    def _ict() -> tuple[Array, Array]:
        return ict_head().mean, ict_head().identity_basis.astype(np.float64)

    def without_similarity(self, moves: Array) -> Array:
        """Moves (3 P, …) less the similarity that explains most of them."""
        return moves - self.similar @ (self.similar.T @ moves)

    def deviation(self, identity: Array) -> Array:
        """How a stranger (100,) differs from our mean head: (3 P,) mm."""
        points = self.ict_mean + np.tensordot(identity, self.ict_basis, 1)
        scale, rotation, shift = similarity_transform(points, self.mean)
        return self.without_similarity((scale * points @ rotation.T + shift - self.mean).ravel())

    def nearest(self, deviation: Array) -> Array:
        """The identity (I,) of our head that is most like a deviation."""
        pull = TARGET_RIDGE / len(self.mm2) * np.eye(len(self.mm2))
        return np.linalg.solve(self.mm2 + pull, self.moves.T @ deviation / len(self.mean))


def features(file: Path | str) -> Array:
    """(N, I + 128) of what the networks say."""
    with np.load(file, allow_pickle=False) as arrays:
        return np.column_stack([arrays["said"], arrays["descriptor"]]).astype(np.float64)


def mirrored(rows: Array, signs: Array) -> Array:
    """The features of the mirror images; a descriptor is its own."""
    return np.column_stack([rows[:, : len(signs)] * signs, rows[:, len(signs) :]])


def correction(strangers: Array, left: Array, studio: Array, photos: Array) -> tuple[Array, Array]:
    """Weights (I + 128, I) and offset (I,) that add to the reader's. left: (N, I) what it leaves open of strangers."""
    count = left.shape[1]
    mean, scale = strangers.mean(0), strangers.std(0)
    scale[:count], scale[count:] = np.sqrt((scale[:count] ** 2).mean()), np.sqrt((scale[count:] ** 2).mean())
    x, silent, photo = ((rows - mean) / scale for rows in (strangers, studio, photos.mean(0)))
    gram = x.T @ x + STUDIO * silent.T @ silent + PHOTO_MEAN * np.outer(photo, photo) + RIDGE * np.eye(len(mean))
    weights = np.linalg.solve(gram, x.T @ (left - left.mean(0))) / scale[:, None]
    return weights, -mean @ weights


def both_ways(rows: Array, left: Array, signs: Array) -> tuple[Array, Array]:
    """Features and what is left open of pictures and of their mirror images."""
    return np.concatenate([rows, mirrored(rows, signs)]), np.concatenate([left, left * signs])


def main() -> None:
    """Learn the correction, say what it gives on people and portraits left out, and write it."""
    shapes, signs = Shapes(), np.asarray(DenseLandmarker().mirror.identity, np.float64)
    with np.load(sys.argv[1], allow_pickle=False) as arrays:
        people, portrait = arrays["ict"], arrays["portrait"]
    rows, studio, photos = (features(name) for name in sys.argv[1:4])
    deviation = np.stack([shapes.deviation(one) for one in people])
    true, shipped = np.stack([shapes.nearest(one) for one in deviation]), load_arrays(ASSET)
    weights, offset = (shipped[name].astype(np.float64) for name in ("weights", "offset"))
    told = rows @ weights + offset
    left, better = true - told, told.copy()
    fold = np.unique(portrait, return_inverse=True)[1] % FOLDS
    for k in range(FOLDS):
        more, shift = correction(*both_ways(rows[fold != k], left[fold != k], signs), studio, photos)
        better[fold == k] += rows[fold == k] @ more + shift
    of_mean = np.linalg.norm(deviation, axis=1)
    for name, found in (("as it was", told), ("corrected, portraits left out", better)):
        error = np.linalg.norm(found @ shapes.moves.T - deviation, axis=1)
        worse = np.mean(error > of_mean)
        print(f"strangers, {name}: share {1 - error.mean() / of_mean.mean():.3f}, worse than the mean head {worse:.3f}")
    more, shift = correction(*both_ways(rows, left, signs), studio, photos)
    moved = studio @ more + shift
    rms_mm = np.sqrt(np.trace(moved.T @ moved / len(moved) @ shapes.mm2))
    print(f"{len(rows)} strangers; what is believed of the studio's pictures moves by {rms_mm:.3f} mm RMS")
    changed = {"weights": weights + more, "offset": offset + shift}
    np.savez(FOLDER / ASSET, **shipped | {name: value.astype(np.float32) for name, value in changed.items()})
    print(register(ASSET))


if __name__ == "__main__":
    main()
