"""Movements in curves: when each begins, is strongest and ends.

A curve is told from the person's own rest, a low quantile of it. A peak counts by its prominence; its movement begins
and ends where a tenth of its height is left, as onset and offset of expressions are coded (Ekman, Friesen and Hager
2002), or where it gives way to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.signal import find_peaks

from facegpt.types import Array

#: The quantile of a curve that is its rest. What is shown even there is shown all the time.
REST_QUANTILE = 0.15
#: What is left of a movement where it begins and ends, and the dip between two peaks that makes two movements of them.
EDGE, DIP = 0.1, 0.5
#: Weights from which a movement is seen; degrees of head and eyes.
SEEN, SEEN_HEAD_DEG, SEEN_EYES_DEG = 0.22, 8.0, 10.0
#: Movements that end sooner are noise, s; not blinks.
SHORTEST_S = 0.1
#: A blink lasts no longer, s (Caffier et al. 2003: 0.2 to 0.4), and shuts the eye at least so far.
BLINK_S, BLINK = 0.6, 0.5
#: A side of the face does something alone where the other has less than this share of it.
ALONE = 0.4
#: Nods and shakes: swings of so many degrees, to and fro within so many seconds, so many turning points at least.
SWING_DEG, SWING_S, SWINGS = 3.0, 1.0, 3
#: Speech: so many openings of the mouth, each of so much weight, no further apart than so many seconds.
OPENING, OPENINGS, BETWEEN_S = 0.04, 4, 0.7
#: Units of the mouth that speech moves; they are no movements of their own while it lasts, unless they last so long, s.
SPEAKING_UNITS, OWN_S = ("jaw", "mouth", "tongue"), 1.2
_SIDES = ("Left", "Right")


@dataclass(frozen=True)
class Movement:
    """One movement of a face or head.

    Attributes:
        name: of the unit without its side ("mouthSmile"), or of a movement of the head, the eyes or the lips: "blink",
            "wink", "turn", "tilt", "pitch", "nod", "shake", "look", "speech".
        onset_s, peak_s, end_s: seconds. peak: weight 0..1, or degrees.
        side: of the face or direction ("left", "right", "up", "down"), the subject's; "" for both.
        rise: of the peak over the rest.
        open_start, open_end: whether it was there when the clip began, or still was when it ended.
    """

    name: str
    onset_s: float
    peak_s: float
    end_s: float
    peak: float
    rise: float
    side: str = ""
    open_start: bool = False
    open_end: bool = False

    @property
    def lasts_s(self) -> float:
        """From onset to end."""
        return self.end_s - self.onset_s


def movements(
    weights: Mapping[str, Array], fps: float, turn_deg: Array | None = None, gaze_deg: Array | None = None
) -> list[Movement]:
    """All movements of a clip in the order of their onsets.

    Args:
        weights: ARKit name → curve (T,) 0..1.
        fps: frames a second.
        turn_deg: (T, 3) yaw, pitch and roll of the head (conventions.py), or None.
        gaze_deg: (T, 2, 2) both eyes' (to the subject's left, up) from straight ahead, or None.
    """
    found = list(_of_lids(weights, fps)) + list(_of_units(weights, fps))
    speech = _speech(weights, fps)
    found = [one for one in found if not _within_speech(one, speech)] + speech
    if turn_deg is not None:
        found += _of_head(np.asarray(turn_deg, np.float64), fps)
    if gaze_deg is not None:
        found += _of_eyes(np.asarray(gaze_deg, np.float64).mean(1), fps, weights)
    return sorted(_joined_brows(found), key=lambda one: (one.onset_s, one.peak_s, one.name))


def excursions(curve: Array, fps: float, name: str, seen: float = SEEN, rest: float | None = None) -> list[Movement]:
    """Where a curve (T,) leaves its rest by at least `seen`; without `rest`, that is a low quantile of the curve.

    A curve that is beyond `seen` at rest is one movement from the beginning to the end, beside those on top of it.
    """
    curve = np.asarray(curve, np.float64)
    if not len(curve):
        return []
    if rest is None:
        rest = float(np.quantile(curve, REST_QUANTILE))
    above = np.maximum(curve - rest, 0.0)
    padded = np.concatenate([[0.0], above, [0.0]])
    peaks, facts = find_peaks(padded, height=seen, prominence=0.6 * seen, plateau_size=1)
    kept = [int(p) - 1 for p, deep in zip(peaks, facts["prominences"], strict=True) if deep >= DIP * padded[p]]
    valleys = [-1, *(a + int(np.argmin(above[a:b])) for a, b in pairwise(kept)), len(above)]
    last = (len(curve) - 1) / fps
    held = Movement(name, 0.0, int(np.argmax(curve)) / fps, last, rest, rest, "", True, True)
    out = [held] if rest >= seen else []
    for peak, low, high in zip(kept, valleys, valleys[1:], strict=False):
        edge = EDGE * above[peak]
        left = np.flatnonzero(above[max(low, 0) : peak] <= edge)
        right = np.flatnonzero(above[peak:high] <= edge)
        begin = max(low, 0) + int(left[-1]) if len(left) else max(low, 0)
        end = peak + int(right[0]) if len(right) else min(high, len(above) - 1)
        open_ends = not len(left) and low < 0, not len(right) and high == len(above)
        one = Movement(name, begin / fps, peak / fps, end / fps, float(curve[peak]), float(above[peak]), "", *open_ends)
        if one.lasts_s >= SHORTEST_S or any(open_ends):
            out.append(one)
    return out


def _of_units(weights: Mapping[str, Array], fps: float) -> Iterable[Movement]:
    """Movements of all units but lids and gaze; the two sides of a unit together, with the side that is alone."""
    for base in dict.fromkeys(name.removesuffix("Left").removesuffix("Right") for name in weights):
        if base.startswith(("eyeBlink", "eyeLook", "jawLeft", "jawRight")) or base in ("jaw", "mouth", "mouthClose"):
            continue
        sides = [np.asarray(weights[base + side]) for side in _SIDES if base + side in weights]
        if len(sides) < 2:
            yield from excursions(np.asarray(weights.get(base, sides[0] if sides else ())), fps, base)
            continue
        for one in excursions(np.maximum(*sides), fps, base):
            yield replace(one, side=_side(sides, one, fps))


def _side(sides: list[Array], one: Movement, fps: float) -> str:
    """Which side does it alone, "" if both do: by how far each came from its own lowest about the peak."""
    place = round(one.peak_s * fps)
    always = one.open_start and one.open_end
    rises = [
        float(np.quantile(c, REST_QUANTILE) if always else c[place] - np.quantile(c, REST_QUANTILE)) for c in sides
    ]
    if min(rises) >= ALONE * max(rises):
        return ""
    return "left" if rises[0] > rises[1] else "right"


def _of_lids(weights: Mapping[str, Array], fps: float) -> Iterable[Movement]:
    """Blinks, winks, and eyes that stay shut."""
    lids = [np.asarray(weights[f"eyeBlink{side}"]) for side in _SIDES if f"eyeBlink{side}" in weights]
    if len(lids) < 2:
        return
    for moved in excursions(np.maximum(*lids), fps, "eyeBlink", BLINK):
        side = _side(lids, moved, fps)
        one = moved if moved.lasts_s <= BLINK_S else _while_shut(np.maximum(*lids), moved, fps)
        short = one.lasts_s <= BLINK_S
        yield replace(one, side=side, name="wink" if side else "blink" if short else "eyeBlink")


def _while_shut(lids: Array, one: Movement, fps: float) -> Movement:
    """A long movement of lids (T,) cut to where they are more than half as far down: lowered lids are no shut eyes."""
    peak = round(one.peak_s * fps)
    up = np.flatnonzero(lids < 0.5 * lids[peak])
    before, after = up[up < peak], up[up > peak]
    begin, end = int(before[-1]) + 1 if len(before) else 0, int(after[0]) - 1 if len(after) else len(lids) - 1
    onset_s, end_s = max(one.onset_s, begin / fps), min(one.end_s, end / fps)
    return replace(
        one, onset_s=onset_s, end_s=end_s, open_start=one.open_start and begin == 0,
        open_end=one.open_end and end == len(lids) - 1,
    )  # fmt: skip


def _speech(weights: Mapping[str, Array], fps: float) -> list[Movement]:
    """Where the mouth opens and closes again and again."""
    jaw = np.asarray(weights.get("jawOpen", ()), np.float64)
    if not len(jaw):
        return []
    peaks, _ = find_peaks(np.concatenate([[0.0], jaw, [0.0]]), prominence=OPENING)
    times = (peaks - 1) / fps
    out: list[Movement] = []
    for run in np.split(times, np.flatnonzero(np.diff(times) > BETWEEN_S) + 1) if len(times) else []:
        if len(run) >= OPENINGS:
            loudest = run[int(np.argmax(jaw[np.round(run * fps).astype(int)]))]
            height = float(jaw[round(loudest * fps)])
            begin, end = max(run[0] - 0.15, 0.0), min(run[-1] + 0.15, (len(jaw) - 1) / fps)
            out.append(Movement("speech", begin, float(loudest), end, height, height))
    return out


def _within_speech(one: Movement, speech: list[Movement]) -> bool:
    """Whether a movement of the mouth belongs to speech."""
    if not one.name.startswith(SPEAKING_UNITS) or one.name.startswith("mouthSmile"):
        return False
    return any(talk.onset_s <= one.peak_s <= talk.end_s and one.lasts_s < OWN_S for talk in speech)


def _of_head(turn: Array, fps: float) -> list[Movement]:
    """Turns, tilts, nods and shakes, from how the head is held most."""
    off = turn - np.median(turn, axis=0)
    out: list[Movement] = []
    ways = (("turn", ("left", "right"), "shake"), ("pitch", ("down", "up"), "nod"), ("tilt", ("right", "left"), ""))
    for axis, (name, sides, swing) in enumerate(ways):
        swings = _swings(off[:, axis], fps, swing) if swing else []
        out += swings
        for side, sign in zip(sides, (1.0, -1.0), strict=True):
            for one in excursions(sign * off[:, axis], fps, name, SEEN_HEAD_DEG, 0.0):
                if not any(s.onset_s <= one.peak_s <= s.end_s for s in swings):
                    out.append(replace(one, side=side))
    return out


def _swings(curve: Array, fps: float, name: str) -> list[Movement]:
    """Where a curve in degrees goes to and fro: turning points of SWING_DEG, each soon after the last."""
    peaks = [find_peaks(sign * curve, prominence=SWING_DEG)[0] for sign in (1, -1)]
    times = np.sort(np.concatenate(peaks)) / fps
    out = []
    for run in np.split(times, np.flatnonzero(np.diff(times) > SWING_S / 2) + 1) if len(times) else []:
        if len(run) >= SWINGS:
            heights = curve[np.round(run * fps).astype(int)]
            span = float(np.ptp(heights))
            place = float(run[int(np.argmax(np.abs(heights - heights.mean())))])
            out.append(Movement(name, float(run[0]), place, float(run[-1]), span, span))
    return out


def _of_eyes(look: Array, fps: float, weights: Mapping[str, Array]) -> list[Movement]:
    """Looks away from where the eyes look most, (T, 2) degrees to the left and up; not while they are shut."""
    off = look - np.median(look, axis=0)
    lids = [np.asarray(weights[name]) for name in ("eyeBlinkLeft", "eyeBlinkRight") if name in weights]
    if lids:
        off = np.where((np.maximum.reduce(lids) > BLINK)[:, None], 0.0, off)
    out = []
    for axis, sides in enumerate((("left", "right"), ("up", "down"))):
        for side, sign in zip(sides, (1.0, -1.0), strict=True):
            found = excursions(sign * off[:, axis], fps, "look", SEEN_EYES_DEG, 0.0)
            out += [replace(one, side=side) for one in found if one.lasts_s >= 2 * SHORTEST_S]
    return out


def _joined_brows(found: list[Movement]) -> list[Movement]:
    """Inner and outer brows that rise together are raised brows."""
    inner = [one for one in found if one.name == "browInnerUp"]
    outer = [one for one in found if one.name == "browOuterUp"]
    for one in outer:
        beside = next((two for two in inner if two.onset_s < one.end_s and one.onset_s < two.end_s), None)
        if beside is not None:
            inner.remove(beside)
            both = (one, beside)
            strongest = max(both, key=lambda each: each.peak)
            ends = min(each.onset_s for each in both), max(each.end_s for each in both)
            opens = any(each.open_start for each in both), any(each.open_end for each in both)
            whole = Movement(
                "browUp", ends[0], strongest.peak_s, ends[1], strongest.peak, strongest.rise, one.side, *opens
            )
            found = [each for each in found if each not in both] + [whole]
    return found
