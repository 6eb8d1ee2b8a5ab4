"""The motion of one face made calm by windows that adapt (adaptive_window.py): pose, weights and gaze of each frame.

A fit that errs in the head's turn errs in the jaw the other way, so that the picture is met: what is calmed alone makes
the drawn face less calm than it was. So all curves are treated alike, and the six of the pose share one window.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES
from facegpt.video.adaptive_window import (
    HEARD,
    REACH,
    WINDOWS,
    WindowSettings,
    blended,
    chosen_width,
    heard_noise,
    noise_after,
    noise_around,
    window_weights,
)
from facegpt.video.observation import EXPRESSION, FOLLOWED, GAZE

Floats = NDArray[np.float64]

#: A gap longer than this many seconds ends a window.
LONGEST_GAP_S = 0.4
#: Noise that there is at least, SDs: turn (radians), place (share of the face's size), log scale, weights, gaze (°).
LEAST_NOISE = (0.0008, 0.0008, 0.0008, 0.004, 0.2)
#: Residues that a stream remembers to tell the noise.
REMEMBERED = 600
#: Curves that share a window, and how much sooner than others their windows are taken to disagree: the pose; the lids
#: of both eyes; both eyes' gaze; what tells plosives; each other weight its own.
POSE = slice(0, EXPRESSION.start)
_LIDS = tuple(EXPRESSION.start + ARKIT_NAMES.index("eyeBlink" + side) for side in ("Left", "Right"))
_FAST = tuple(
    EXPRESSION.start + ARKIT_NAMES.index(name)
    for name in ("jawOpen", "mouthClose", "mouthRollLower", "mouthRollUpper", "mouthPressLeft", "mouthPressRight")
)
POSE_SHARE, FAST_SHARE = 0.67, 0.75
GROUPS: dict[tuple[int, ...], float] = {
    tuple(range(POSE.stop)): POSE_SHARE,
    _LIDS: FAST_SHARE,
    tuple(range(GAZE.start, GAZE.stop)): 1.0,
    **{(k,): FAST_SHARE if k in _FAST else 1.0 for k in range(EXPRESSION.start, EXPRESSION.stop) if k not in _LIDS},
}
SETTINGS = WindowSettings()


@dataclass
class CurveNoise:
    """What was heard of the noise of one face's curves so far."""

    residues: deque[Floats] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    left: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    last_frame: int = -1

    def heard(self, rows: NDArray[np.void], residue: Floats, left: Floats, least: Floats) -> Floats:
        """SD (C,) of the noise, with residues (N, C) of records that were not heard before."""
        new = rows["frame"] > self.last_frame
        self.residues.extend(residue[new])
        self.left.extend(left[new])
        self.last_frame = int(rows["frame"].max())
        return heard_noise(np.array(self.residues), np.array(self.left), least)


def calmed_by_windows(rows: NDArray[np.void], lit: NDArray[np.void], noise: CurveNoise) -> NDArray[np.void]:
    """Records (N,) of one face with calm pose, weights and gaze; all else is that of `lit`.

    Args:
        rows: as measured, in the order of frames.
        lit: the same frames with what is not calmed here.
        noise: what was heard before; it hears more.
    """
    offsets, there, changes = _windows(rows)
    weights = window_weights(offsets, there)
    values = np.einsum("snw,nwc->snc", weights, changes)
    correlation = SETTINGS.correlation
    size = max(float(np.median(np.ptp(rows["box"].reshape(-1, 2, 2), axis=1).max(-1))), 1.0)
    left = noise_after(weights[HEARD] - weights[0], offsets, correlation)
    steady = noise.heard(rows, values[HEARD], left, _least(size))
    around = np.tile(steady, (len(rows), 1))
    around[:, POSE] = noise_around(values[HEARD][:, POSE], left, there, steady[POSE])
    count = len(WINDOWS)
    apart = np.zeros((count, count, len(rows)))
    for wide in range(count):
        for narrow in range(wide):
            apart[wide, narrow] = noise_after(weights[wide] - weights[narrow], offsets, correlation)
    place = chosen_width(values, apart, around, GROUPS, SETTINGS)
    return _changed(rows, lit, blended(values, place))


def _least(size_px: float) -> Floats:
    """(C,) SD of noise that is believed in any clip."""
    turn, place, scale, weight, gaze = LEAST_NOISE
    return np.repeat([turn, place * size_px, scale, weight, gaze], [3, 2, 1, 52, 4])


def _windows(rows: NDArray[np.void]) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Around each record: times in frames (N, W), which exist (N, W), and their difference from it (N, W, C)."""
    count, steps = len(rows), np.arange(-REACH, REACH + 1)
    index = np.arange(count)[:, None] + steps
    inside = (index >= 0) & (index < count)
    index = np.clip(index, 0, count - 1)
    time_s = np.asarray(rows["time_s"], np.float64)
    gaps = np.diff(time_s)
    broken = (gaps > LONGEST_GAP_S) | (np.diff(rows["cut"]) != 0)
    shot = np.concatenate([[0], np.cumsum(broken)])
    there = inside & (shot[index] == shot[:, None])
    frame_s = float(np.median(gaps[~broken])) if (~broken).any() else 1.0
    offsets = np.where(there, (time_s[index] - time_s[:, None]) / max(frame_s, 1e-3), steps.astype(float))
    curves = _curves(rows)
    changes = curves[index] - curves[:, None]
    turned = np.einsum("nwij,nkj->nwik", rows["rotation"][index], rows["rotation"])
    changes[..., :3] = Rotation.from_matrix(turned.reshape(-1, 3, 3)).as_rotvec().reshape(count, -1, 3)
    return offsets, there, changes * there[..., None]


def _curves(rows: NDArray[np.void]) -> Floats:
    """(N, C) zeros for the turn, place, log scale, weights, gaze."""
    gaze = rows["gaze"].reshape(len(rows), 4)
    turn = np.zeros((len(rows), 3))
    return np.hstack([turn, rows["place"], rows["log_scale"][:, None], rows["expression"], gaze]).astype(np.float64)


def _changed(rows: NDArray[np.void], lit: NDArray[np.void], change: Floats) -> NDArray[np.void]:
    """Records as measured, changed by (N, C), with the light of others."""
    out = lit.copy()
    values = _curves(rows) + change
    assert values.shape[1] == FOLLOWED
    out["rotation"] = np.einsum("nij,njk->nik", Rotation.from_rotvec(change[:, :3]).as_matrix(), rows["rotation"])
    out["place"], out["log_scale"] = values[:, 3:5], values[:, 5]
    out["log_depth"] = rows["log_depth"] + rows["log_scale"] - values[:, 5]  # the focal length stays
    out["expression"] = np.clip(values[:, EXPRESSION], 0.0, 1.0)
    out["gaze"] = values[:, GAZE].reshape(-1, 2, 2)
    return out
