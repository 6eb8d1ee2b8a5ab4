"""What a face does by itself: blinks, small turns of the head, glances. A seed decides; no two are alike.

Sources: rate of blinks at rest, 17 a minute (Bentivoglio et al. 1997); an eye closes in about 100 ms and opens in twice
that, as in Live Link Face takes of an actor (35 blinks a take: closing 100 ms, half closed for 110 ms, lids of both
eyes within 0.01 of each other); eyes jump in 21 ms + 2.2 ms a degree (Bahill et al. 1975).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from facegpt.animate.curves import Curves
from facegpt.animate.ease import eased
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array

#: A shift of gaze within 0.1 s that a blink may go along with, degrees.
LARGE_SHIFT_DEG = 8.0
_BLINK = [ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]


@dataclass(frozen=True)
class Idle:
    """How lively a face is; each figure is a median, a mean or an SD.

    Attributes:
        blink_every_s: median time between blinks, of a log-normal law with the SD blink_log_sd, at most longest_s.
        with_looks: share of large shifts of gaze that a blink goes along with (Evinger et al. 1994).
        closing_s, shut_s, opening_s: of one blink, each with the relative SD blink_spread.
        sides_sd: of the difference between both lids.
        partial: share of blinks that do not shut the eye.
        glance_every_s, glance_deg: median time between glances, SD of their directions (side, up).
        sway_deg: SD of yaw, pitch and roll of the head. sway_s: how slow they are.
        breath: relative SD by which an expression that is held comes and goes.
    """

    blink_every_s: float = 3.1
    blink_log_sd: float = 0.55
    longest_s: float = 6.5
    with_looks: float = 0.5
    closing_s: float = 0.10
    shut_s: float = 0.02
    opening_s: float = 0.22
    blink_spread: float = 0.2
    sides_sd: float = 0.01
    partial: float = 0.12
    glance_every_s: float = 1.7
    glance_deg: tuple[float, float] = (2.4, 1.3)
    sway_deg: tuple[float, float, float] = (1.3, 0.9, 0.8)
    sway_s: float = 0.55
    breath: float = 0.05


#: A face at rest.
CALM = Idle()


def enlivened(
    curves: Curves, seed: int, idle: Idle = CALM, least_blink: float = 0.5, wanted_s: Sequence[float] = ()
) -> Curves:
    """The same motion with what a face does by itself; the eyes make up for the head's sway.

    Args:
        curves: the motion.
        seed: decides about all of it.
        idle: how lively the face is.
        least_blink: where the motion shuts an eye by more than this no blink is added.
        wanted_s: when a blink is due, seconds.
    """
    rng, count, fps = np.random.default_rng(seed), len(curves), curves.fps
    whole = curves.complete()
    sway = _sway(rng, count, fps, idle)
    glance = _glances(rng, count, fps, idle) + np.stack([-sway[:, 0], sway[:, 1]], 1)
    weights = whole.weights * (1 + idle.breath * _slow(rng, count, fps, 0.8))[:, None]
    busy = whole.weights[:, _BLINK].max(1, initial=0.0) > least_blink
    shifts = [at for at in _shifts(whole.gaze.mean(1), fps) if rng.random() < idle.with_looks]
    weights[:, _BLINK] = np.maximum(whole.weights[:, _BLINK], blinks(rng, count, fps, idle, busy, [*shifts, *wanted_s]))
    moved = replace(whole, weights=np.clip(weights, 0, 1), turn_deg=whole.turns + sway)
    return replace(moved, gaze_deg=whole.gaze + glance[:, None, :]).complete()


def blinks(
    rng: np.random.Generator,
    count: int,
    fps: float,
    idle: Idle = CALM,
    busy: Array | None = None,
    wanted_s: Sequence[float] = (),
) -> Array:
    """Weights (T, 2) of both lids; none begins where `busy` (T,) says so, and one where it is wanted."""
    out, time_s, waiting = np.zeros((count, 2)), np.arange(count) / fps, sorted(wanted_s)
    begins = idle.blink_every_s * rng.uniform(0.25, 1.0)
    while begins < count / fps:
        if waiting and waiting[0] <= begins + 0.5:
            begins = waiting.pop(0)
        spread = np.exp(idle.blink_spread * rng.standard_normal(3))
        closing, shut, opening = np.array([idle.closing_s, idle.shut_s, idle.opening_s]) * spread
        height = rng.uniform(0.5, 0.8) if rng.random() < idle.partial else rng.uniform(0.93, 1.0)
        sides = np.clip(height + idle.sides_sd * rng.standard_normal(2), 0, 1)
        first, last = int(begins * fps), min(int((begins + closing + shut + opening) * fps) + 1, count)
        if busy is None or not busy[first:last].any():
            shape = blink_shape(time_s - begins, closing, shut, opening)
            out = np.maximum(out, shape[:, None] * sides)
        pause = min(idle.blink_every_s * np.exp(idle.blink_log_sd * rng.standard_normal()), idle.longest_s)
        begins += max(pause, 2 * (closing + shut + opening))
    return out


def _shifts(gaze_deg: Array, fps: float) -> list[float]:
    """When a large shift of gaze (T, 2) begins, seconds; one of each."""
    step = max(round(0.1 * fps), 1)
    far = np.linalg.norm(gaze_deg[step:] - gaze_deg[:-step], axis=1) > LARGE_SHIFT_DEG
    return [float(k / fps) for k in np.flatnonzero(far & ~np.r_[False, far[:-1]])]


def blink_shape(time_s: Array, closing_s: float, shut_s: float, opening_s: float) -> Array:
    """How far a lid is shut, 0..1, at times since a blink began: down at once, up with a slow end."""
    down = eased(time_s / closing_s)
    up = np.clip((time_s - closing_s - shut_s) / opening_s, 0, 1)
    return down * (1 - up) ** 2 * (1 + 2 * up)


def _glances(rng: np.random.Generator, count: int, fps: float, idle: Idle) -> Array:
    """Directions (T, 2) degrees: still, then a jump; every other one goes back to straight ahead."""
    out, at, back = np.zeros((count, 2)), idle.glance_every_s * rng.uniform(0.3, 1.2), True
    time_s = np.arange(count) / fps
    while at < count / fps:
        back = not back and rng.random() < 0.7
        goal = np.zeros(2) if back else rng.standard_normal(2) * idle.glance_deg
        now = out[min(int(at * fps), count - 1)].copy()
        jump_s = saccade_s(float(np.linalg.norm(goal - now)))
        out += (goal - now) * eased((time_s - at) / jump_s)[:, None]
        at += idle.glance_every_s * np.exp(0.5 * rng.standard_normal())
    return out


def saccade_s(degrees: float) -> float:
    """How long eyes take to jump so far."""
    return 0.021 + 0.0022 * degrees


def _sway(rng: np.random.Generator, count: int, fps: float, idle: Idle) -> Array:
    return np.stack([_slow(rng, count, fps, idle.sway_s) * sd for sd in idle.sway_deg], 1)


def _slow(rng: np.random.Generator, count: int, fps: float, smooth_s: float) -> Array:
    """Smooth noise (T,) of SD 1 in the long run; a Gaussian's width is smooth_s. It begins at 0."""
    width = max(smooth_s * fps, 1e-3)
    margin = int(4 * width) + 1
    noise = gaussian_filter1d(rng.standard_normal(count + 2 * margin), width)[margin : margin + count]
    noise = noise * np.sqrt(2 * width * np.sqrt(np.pi))
    begin = eased(np.arange(count) / fps / 1.0)
    return noise * begin
