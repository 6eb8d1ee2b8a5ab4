"""The three networks of MediaPipe's face landmarker as plain functions of arrays, run by onnxruntime.

Beside them the one of whole heads, asked where those see no face.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.detect import blazeface
from facegpt.detect.whole_head import WholeHead
from facegpt.runtime.start.kept_networks import open_kept

Array = NDArray[np.floating]

#: Edge of the landmark network's input, pixels.
LANDMARK_SIZE = 256
#: The points that the expression network reads, in its order (MediaPipe's face_blendshapes graph).
EXPRESSION_POINTS = np.concatenate(
    (
        [
            0,
            1,
            4,
            5,
            6,
            7,
            8,
            10,
            13,
            14,
            17,
            21,
            33,
            37,
            39,
            40,
            46,
            52,
            53,
            54,
            55,
            58,
            61,
            63,
            65,
            66,
            67,
            70,
            78,
            80,
        ],
        [81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152],
        [153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246],
        [249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312],
        [314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381],
        [382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466],
        range(468, 478),
    )
)


class FaceNetworks:
    """Holds the sessions. Safe to call from several threads at once."""

    def __init__(self, threads: int = 1, device: str = "cpu") -> None:
        """Load the networks; `threads` and `device` as in runtime.onnx_session.open_session."""
        names = ("face_detector.onnx", "face_landmarks.onnx", "face_expression.onnx")
        sessions = [open_kept(asset_path(name), threads, device) for name in names]
        self._finder, self._landmarker, self._expression = sessions
        self.whole_head = WholeHead(threads, device)

    def find(self, crops: Sequence[Array], least_score: float) -> list[blazeface.Boxes]:
        """Find faces in crops, each (3, 128, 128) in -1..1."""
        raw, logits = self._finder.run(None, {"image": np.stack(crops)})
        return [blazeface.decode(r, s, least_score) for r, s in zip(raw, logits, strict=True)]

    def landmarks(self, crops: Sequence[Array]) -> tuple[Array, Array]:
        """Locate the points in crops, each (3, 256, 256) in 0..1.

        Returns:
            points (N, 478, 3), corners of the crop (0, 0) and (1, 1), depth in the same unit; presence (N,) 0..1.
        """
        points, presence, _ = self._landmarker.run(None, {"image": np.stack(crops)})
        presence = 1.0 / (1.0 + np.exp(-presence[:, 0].astype(np.float64)))
        return points.reshape(-1, 478, 3).astype(np.float64) / LANDMARK_SIZE, presence

    def expression(self, points: Array) -> Array:
        """Score the expression of points (478, 2 or more) in any scale: (52,), ARKit order.

        The network's first output, `_neutral`, is dropped, and tongueOut, which it does not know, is 0.
        """
        chosen = points[None, EXPRESSION_POINTS, :2].astype(np.float32)
        (scores,) = self._expression.run(None, {"points": chosen})
        return np.append(scores[1:], 0.0).astype(np.float64)
